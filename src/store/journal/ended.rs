//! [`has_ended`]: whether a run came to its end, by the last lines of its journal.

use super::{
    head,
    scan::{Line, hash_of},
};
use crate::support::files;
use std::{
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// So much of the end is looked at: room for what people decide and note of a run that has ended.
const TAIL: u64 = 64 << 10;

/// Whether the journal of a run ends with the run's end, apart from what people said of it since. `false` where only
/// reading all of it can tell.
pub fn has_ended(path: &Path) -> bool {
    let Ok(tail) = tail(path) else { return false };
    let Some(text) = tail.strip_suffix('\n') else { return false };
    let whole =
        |text| Line::cut(text).filter(|(line, body)| hash_of(body) == line.hash).map(|(line, _)| line);
    let mut lines = text.rsplit('\n').map_while(whole);
    let Some(last) = lines.next() else { return false };
    let cut = match head::read(path) {
        // Where it is gone, nothing of the run is left to be done all the same.
        Ok(head) => head.is_some_and(|head| head.seq > last.seq),
        Err(_) => true,
    };
    let is = |line: &Line<'_>, kind: &str| line.event.starts_with(&format!("{{\"type\":\"{kind}\""));
    let mut events = std::iter::once(last).chain(lines);
    let end = events.find(|line| is(line, "run-finished") || is(line, "run-resumed"));
    !cut && end.is_some_and(|line| is(&line, "run-finished"))
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = files::open_no_link(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
