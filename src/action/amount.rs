//! How much a load sends or reads: in the words of a description, and checked before it is run.

use super::{ActionError, Param, Size, Span};
use crate::{
    load::payload::Stamp,
    record::{Said, messages},
};
use std::time::Duration;

/// `3000 records of 1.0 KiB for 2 s`, as far as it is given; `size` as [`of_size`] or [`of_own_sizes`] say it, or nothing.
pub(super) fn said(records: Option<&Param<u64>>, size: Said, duration: Option<&Param<Span>>) -> Said {
    let records = records.map_or_else(some_records, so_many_records);
    amount(records, size, duration.map(during).unwrap_or_default())
}

/// Records and duration, of a load that has something to do. One that `ends` by itself may go without both.
pub(super) fn checked(
    kind: &str,
    records: Option<&Param<u64>>,
    duration: Option<&Param<Span>>,
    ends: bool,
) -> Result<(Option<u64>, Option<Duration>), ActionError> {
    let records = records.map(Param::get).transpose()?.copied();
    let duration = duration.map(Param::get).transpose()?.map(|span| span.0);
    if records.is_none() && duration.is_none() && !ends {
        return Err(endless(kind));
    }
    if records == Some(0) || duration == Some(Duration::ZERO) {
        return Err(nothing(kind));
    }
    Ok((records, duration))
}

/// The error of a load without an end.
pub(super) fn endless(kind: &str) -> ActionError {
    ActionError::misconfigured(no_end(kind), give_an_end())
}

/// The error of a load that would do nothing.
pub(super) fn nothing(kind: &str) -> ActionError {
    ActionError::misconfigured(nothing_to_do(kind), ask_for_records())
}

/// The size of a record, where it is given and is not 0.
pub(super) fn size(kind: &str, size: Option<&Param<Size>>) -> Result<u64, ActionError> {
    match size.map(Param::get).transpose()? {
        None => Err(ActionError::misconfigured(needs_size(kind), give_size())),
        Some(Size(0)) => Err(ActionError::misconfigured(empty_records(), make_size_larger())),
        Some(Size(size)) => Ok(*size),
    }
}

/// That many bytes as the size of a buffer.
pub(super) fn buffer(size: u64) -> Result<usize, ActionError> {
    usize::try_from(size).map_err(|_| ActionError::misconfigured(too_large(size), make_size_smaller()))
}

/// Whether a record of that size has room for its stamp.
pub(super) fn stampable(size: u64) -> Result<(), ActionError> {
    match size < Stamp::LEN as u64 {
        true => Err(ActionError::misconfigured(no_room_for_stamp(size, Stamp::LEN), make_room())),
        false => Ok(()),
    }
}

messages! {
    area "amount";
    amount(records, size, time) => "{records}{size}{time}" / "{records}{size}{time}";
    ask_for_records() => "ask for one record or more" / "demander un enregistrement ou plus";
    during(length) => " for {length}" / " pendant {length}";
    empty_records() => "records of 0 bytes measure nothing" / "des enregistrements de 0 octet ne mesurent rien";
    give_an_end() => "give `records`, `duration`, or both" / "donner `records`, `duration` ou les deux";
    give_size() => "such as `record_size: 1024 B`" / "par exemple `record_size: 1024 B`";
    make_room() => "make `record_size` larger" / "augmenter `record_size`";
    make_size_larger() => "give a `record_size` of 1 or more" / "donner un `record_size` de 1 ou plus";
    make_size_smaller() => "make `record_size` smaller" / "réduire `record_size`";
    needs_size(kind) => "`{kind}` needs a `record_size`" / "`{kind}` demande un `record_size`";
    no_end(kind) => "`{kind}` has no end" / "`{kind}` n'a pas de fin";
    no_room_for_stamp(size, stamp) => "a record of {size} bytes has no room for its stamp of {stamp} bytes" / "un enregistrement de {size} octets n'a pas de place pour sa marque de {stamp} octets";
    nothing_to_do(kind) => "`{kind}` would do nothing: 0 records or no time" / "`{kind}` ne ferait rien : 0 enregistrement ou aucun temps";
    of_own_sizes() => " of their own sizes" / " de leurs propres tailles";
    of_size(size) => " of {size}" / " de {size}";
    so_many_records(records) => "{records} {records|record|records}" / "{records} {records|enregistrement|enregistrements}";
    some_records() => "records" / "des enregistrements";
    too_large(size) => "a record of {size} bytes is too large" / "un enregistrement de {size} octets est trop grand";
}
