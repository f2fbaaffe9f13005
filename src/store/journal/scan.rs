//! [`scan`]: reads a journal record by record, checks the chain, and holds no more than a block of it in memory.

use super::{
    error::{
        JournalError, Tried, all_missing, altered, another_record, does_not_follow, gone, gone_with_records,
        no_record, no_text, of_another_run, only_zeros, record_missing, too_long,
    },
    head,
};
use crate::{
    record::{Event, Record, Said},
    support::{files, fingerprint, text},
};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// How much is read at once: what a processor's own cache holds with everything made of it. A record may be longer.
const BLOCK: usize = 1 << 20;

/// The longest line that may be a record: what a plan of thousands of steps takes is a tenth of it.
const LONGEST: usize = 256 << 20;

/// What is worth a second thread.
const PIECE: usize = 128 << 10;

/// Where a reader has come to: what stands before it has been read and checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Length of what was read and checked, in bytes.
    pub offset: u64,
    /// Number of the record before it, 0 at the beginning.
    pub seq: u64,
    /// Hash of that record, empty at the beginning.
    pub hash: String,
}

/// Gives every whole record behind `mark` to `each`, with its line as it stands in the file, and moves the mark behind
/// the last one. What is left over is an unfinished last line. Works while another process writes the journal.
pub fn scan(
    path: &Path,
    mark: &mut Mark,
    mut each: impl FnMut(Record, &str),
) -> Result<Vec<u8>, JournalError> {
    let disk = |cause| JournalError::Disk { tried: Tried::Read, path: path.to_owned(), cause };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let no_folder = |cause| JournalError::Folder { path: folder.to_owned(), cause };
        files::is_folder(folder).map_err(no_folder)?;
    }
    // Read before the journal, which is never shorter than its head says.
    let mut head = head::read(path)?;
    let outside = head::read_outside(path)?;
    let mut file = files::open_no_link(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => JournalError::Damaged {
            path: path.to_owned(),
            line: 1,
            problem: match &outside {
                Some(head) => gone_with_records(cause.to_string(), head.seq),
                None => gone(cause.to_string()),
            },
        },
        _ => disk(cause),
    })?;
    file.seek(SeekFrom::Start(mark.offset)).map_err(disk)?;
    let mut held = Vec::new();
    loop {
        // What was held before has no end of a line.
        let before = held.len();
        let more = read_block(&mut file, &mut held).map_err(disk)?;
        let new = &held[before..];
        let whole = new.iter().rposition(|b| *b == b'\n').map_or(0, |at| before + at + 1);
        // A machine that lost its power leaves less than a block of them.
        let empty = new.len() == BLOCK && new.iter().all(|b| *b == 0);
        for parsed in parse(&held[..whole]) {
            let number = usize::try_from(mark.seq).unwrap_or(usize::MAX).saturating_add(1);
            let damaged = |problem| JournalError::Damaged { path: path.to_owned(), line: number, problem };
            let Parsed { text: as_read, line, event, whole } = parsed.map_err(damaged)?;
            let first = mark.seq == 0 && line.prev == head::FIRST;
            if first && head.is_none() {
                // It may have been made since it was looked for.
                head = Some(head::read(path)?.ok_or_else(|| head::missing(path))?);
            }
            if line.prev != mark.hash && !first {
                return Err(damaged(does_not_follow()));
            }
            if !whole {
                return Err(damaged(altered(line.seq)));
            }
            if line.seq != mark.seq + 1 {
                return Err(damaged(record_missing(number)));
            }
            if let Event::RunStarted(header) = &event
                && let Some(folder) = head::folder_below_artifacts(path)
                && header.run.as_str() != folder
            {
                return Err(damaged(of_another_run(header.run.as_str(), &*text::name(folder))));
            }
            let mut heads = head.iter().chain(&outside);
            if heads.any(|head| head.seq == line.seq && head.hash != line.hash) {
                return Err(damaged(another_record(line.seq)));
            }
            mark.offset += as_read.len() as u64 + 1;
            mark.seq = line.seq;
            line.hash.clone_into(&mut mark.hash);
            each(Record { seq: line.seq, at: line.at, event }, as_read);
        }
        held.drain(..whole);
        if held.len() > LONGEST || empty {
            let problem = match empty {
                true => only_zeros(),
                false => too_long(),
            };
            let line = usize::try_from(mark.seq).unwrap_or(usize::MAX).saturating_add(1);
            return Err(JournalError::Damaged { path: path.to_owned(), line, problem });
        }
        if !more {
            if mark.seq == 0 && held.is_empty() && head.is_none() && holds_evidence(path) {
                let problem = all_missing();
                return Err(JournalError::Damaged { path: path.to_owned(), line: 1, problem });
            }
            // A last record that a crash cut short is there in part.
            let there = mark.seq + u64::from(!held.is_empty());
            return match head.into_iter().chain(outside).find(|head| head.seq > there) {
                None => Ok(held),
                Some(head) => Err(JournalError::cut_off(path, mark.seq, head.seq)),
            };
        }
    }
}

/// Whether anything stands beside a journal that is written only once there is one.
pub(in crate::store) fn holds_evidence(journal: &Path) -> bool {
    let folder = journal.parent().and_then(|folder| fs::read_dir(folder).ok());
    let mut names = folder.into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.any(|name| {
        let head = head::beside(journal);
        let partial = head::partial(&head);
        let own =
            name == "lock" || [journal, &head, &partial].iter().any(|own| own.file_name() == Some(&name));
        !own && !name.as_encoded_bytes().starts_with(b".")
    })
}

/// Reads the next block behind what is held; false at the end of the file.
fn read_block(file: &mut File, held: &mut Vec<u8>) -> io::Result<bool> {
    let before = held.len();
    let read = file.take(BLOCK as u64).read_to_end(held)?;
    debug_assert_eq!(held.len(), before + read);
    Ok(read == BLOCK)
}

/// One line as it stands in the file.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Line<'b> {
    pub(super) seq: u64,
    at: Timestamp,
    #[serde(borrow, deserialize_with = "as_it_stands")]
    pub(super) event: &'b str,
    prev: &'b str,
    pub(super) hash: &'b str,
}

fn as_it_stands<'b, D: Deserializer<'b>>(deserializer: D) -> Result<&'b str, D::Error> {
    Ok(<&RawValue>::deserialize(deserializer)?.get())
}

impl<'b> Line<'b> {
    /// A line cut where this program puts its keys, without a look into the event, and the part of it that its hash is
    /// of; `None` where they stand otherwise. It holds for a line whose hash is right: that one is as it was written.
    pub(super) fn cut(text: &'b str) -> Option<(Self, &'b str)> {
        let (rest, hash) = text.strip_suffix("\"}")?.rsplit_once('"')?;
        let body = rest.strip_suffix(",\"hash\":")?;
        let (rest, prev) = body.strip_suffix('"')?.rsplit_once('"')?;
        let rest = rest.strip_suffix(",\"prev\":")?;
        let (seq, rest) = rest.strip_prefix("{\"seq\":")?.split_once(',')?;
        let (at, rest) = rest.strip_prefix("\"at\":\"")?.split_once('"')?;
        let event = rest.strip_prefix(",\"event\":")?;
        Some((Self { seq: seq.parse().ok()?, at: at.parse().ok()?, event, prev, hash }, body))
    }
}

/// One line that could be read.
struct Parsed<'b> {
    text: &'b str,
    line: Line<'b>,
    event: Event,
    /// Whether its hash is that of its text.
    whole: bool,
}

/// What a line holds, or what is wrong with it.
type Checked<'b> = Result<Parsed<'b>, Said>;

/// Every line; on all cores, because hashing and parsing need no neighbour.
fn parse(whole: &[u8]) -> Vec<Checked<'_>> {
    let pieces = pieces(whole, rayon::current_num_threads().min(whole.len() / PIECE + 1));
    pieces.into_par_iter().flat_map_iter(|piece| lines(piece).map(parse_line)).collect()
}

/// The lines of `piece` without their ends; the last one has an end too.
fn lines(mut piece: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (line, rest) = piece.split_at(memchr::memchr(b'\n', piece)?);
        piece = &rest[1..];
        Some(line)
    })
}

fn parse_line(line: &[u8]) -> Checked<'_> {
    let event = crate::record::said::journal::from_json;
    let text = std::str::from_utf8(line).map_err(|_| no_text())?;
    // What a parser says of it counts from the line's own beginning.
    let unreadable = |_: serde_json::Error| no_record();
    if let Some((line, body)) = Line::cut(text)
        && hash_of(body) == line.hash
    {
        return Ok(Parsed { text, event: event(line.event).map_err(unreadable)?, line, whole: true });
    }
    let line: Line<'_> = serde_json::from_str(text).map_err(unreadable)?;
    // To the byte: a line end of another system is not what was written.
    let end = format!(",\"hash\":\"{}\"}}", line.hash);
    let whole = text.strip_suffix(end.as_str()).is_some_and(|body| hash_of(body) == line.hash);
    Ok(Parsed { text, event: event(line.event).map_err(unreadable)?, line, whole })
}

/// The hash that a line must carry: that of itself without its last key.
pub(super) fn hash_of(body: &str) -> String {
    fingerprint::hex(&Sha256::new().chain_update(body).chain_update("}").finalize())
}

/// `whole` in at most `count` pieces of whole lines.
fn pieces(whole: &[u8], count: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = whole;
    for left in (1..=count).rev() {
        let about = rest.len() / left;
        let end = rest[about..].iter().position(|b| *b == b'\n').map_or(rest.len(), |at| about + at + 1);
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind;
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_cut_is_the_line_that_is_parsed() {
        for line in include_str!("../../../tests/journals/v1.jsonl").lines() {
            let parsed: Line<'_> = serde_json::from_str(line).unwrap();
            let (cut, body) = Line::cut(line).unwrap();
            assert_eq!(cut, parsed);
            assert_eq!(hash_of(body), cut.hash);
        }
        let odd = r#"{"seq":1,"at":"2025-12-18T00:00:00Z","prev":"","event":{},"hash":"a"}"#;
        assert_eq!(Line::cut(odd), None);
    }

    #[test]
    fn pieces_are_whole_lines_and_lose_nothing() {
        let text = "a\nbb\n\nccc\ndddd\n".as_bytes();
        for count in 1..9 {
            let pieces = pieces(text, count);
            assert_eq!(pieces.concat(), text, "{count}");
            assert!(pieces.iter().all(|p| p.ends_with(b"\n")), "{count}");
        }
        assert!(pieces(b"", 4).is_empty());
    }
}
