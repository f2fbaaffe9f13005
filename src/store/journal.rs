//! The journal: fsynced, hash-chained JSON lines. Records are staged in memory and written as one group by
//! `Journal::sync`; when that returned, they are on the disk.
//!
//! A line is `{"seq":…,"at":…,"event":…,"prev":…,"hash":…}`; `hash` is the SHA-256 of the line without it and `prev`
//! the hash of the line before (of the first one: `journal.head`, which stands beside it). A last line that a crash cut
//! short is set aside and reported; any other damage is an error that names the line.

mod ended;
mod error;
mod head;
mod scan;

pub use ended::has_ended;
pub use error::{JournalError, Tried};
pub use head::outside as head_outside;
pub(super) use head::{
    beside as head_of, folder_of_outside, had_records, put_outside, read as read_head, text as head_text,
};
pub(super) use scan::holds_evidence;
pub use scan::{Mark, scan};

use crate::{
    record::{Event, Record, said::journal as said},
    support::{files::Stamp, fingerprint, redact},
};
use jiff::Timestamp;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// The hash that a line ends with, as it stands there.
pub(super) fn hash_in(line: &str) -> &str {
    line.rsplit_once(",\"hash\":\"").map_or("", |(_, end)| end.trim_end_matches(['"', '}', '\n']))
}

/// An open journal. One process at a time writes one, by its [`Recorder`](super::Recorder), which holds the lock.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the lines that are on the disk.
    length: u64,
    /// Lines of the group that is not on the disk yet.
    staged: String,
    /// How many lines those are.
    count: u64,
    /// Number of the next record, behind the staged ones.
    next_seq: u64,
    last_hash: String,
    /// Hash of the last record that is on the disk.
    synced_hash: String,
    /// Whether bytes may stand behind `length`.
    half_written: bool,
    /// The file as this process left it.
    left: Option<Stamp>,
    /// Where the number and the hash of the last record stand once more.
    head: head::Writer,
}

/// A journal read from disk.
#[derive(Debug)]
pub struct Contents {
    /// Every whole record, oldest first, each checked against the hash chain.
    pub records: Vec<Record>,
    /// Bytes of an unfinished last line, as a crash leaves one.
    pub torn: Vec<u8>,
    length: u64,
    last_hash: String,
}

impl Journal {
    /// Makes a new journal; one that exists is an error.
    pub(super) fn create(path: &Path) -> Result<Self, JournalError> {
        let disk = |cause| JournalError::Disk { tried: Tried::Make, path: path.to_owned(), cause };
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(disk)?;
        file.sync_all().map_err(disk)?;
        let mut journal = Self::held(path, file)?;
        journal.begin()?;
        Ok(journal)
    }

    /// Opens a journal to go on with it. A torn last line is moved into a file beside it, and its path returned.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Record>, Option<PathBuf>), JournalError> {
        let disk = |tried| move |cause| JournalError::Disk { tried, path: path.to_owned(), cause };
        if !path.symlink_metadata().is_ok_and(|there| there.is_file()) {
            // Says what stands there instead.
            read(path)?;
        }
        let file = OpenOptions::new().append(true).open(path).map_err(disk(Tried::Open))?;
        let mut journal = Self::held(path, file)?;
        let contents = read(path)?;
        let mut aside = None;
        if !contents.torn.is_empty() {
            let beside = path.with_extension(format!("torn-after-{}", contents.records.len()));
            fs::write(&beside, &contents.torn).map_err(disk(Tried::SetAside))?;
            journal.file.set_len(contents.length).map_err(disk(Tried::CutTorn))?;
            journal.file.sync_all().map_err(disk(Tried::Sync))?;
            aside = Some(beside);
        }
        journal.length = contents.length;
        journal.next_seq = contents.records.len() as u64 + 1;
        journal.synced_hash.clone_from(&contents.last_hash);
        journal.last_hash = contents.last_hash;
        journal.left = journal.stamp();
        if contents.records.is_empty() {
            journal.begin()?;
        }
        Ok((journal, contents.records, aside))
    }

    /// A journal without a record, whose file is this process's alone from here on, whatever becomes of the lock beside it.
    fn held(path: &Path, file: File) -> Result<Self, JournalError> {
        let journal = Self {
            path: path.to_owned(),
            file,
            length: 0,
            staged: String::new(),
            count: 0,
            next_seq: 1,
            last_hash: String::new(),
            synced_hash: String::new(),
            half_written: false,
            left: None,
            head: head::Writer::new(path),
        };
        // Who only asks whether it is held holds it for a moment.
        for _ in 0..20 {
            match journal.file.try_lock() {
                Ok(()) => return Ok(journal),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::Error(cause)) => return Err(journal.disk(Tried::Lock, cause)),
            }
        }
        Err(JournalError::InUse { path: journal.path })
    }

    /// Makes the head of a journal without a record: one that has lost its head is known from here on.
    fn begin(&mut self) -> Result<(), JournalError> {
        let made = head::Writer::create(&self.path).and_then(|head| {
            self.path.parent().map_or(Ok(()), super::artifacts::sync_dir)?;
            Ok(head)
        });
        self.head = made.map_err(|cause| self.disk(Tried::MakeHead, cause))?;
        head::FIRST.clone_into(&mut self.last_hash);
        self.left = self.stamp();
        Ok(())
    }

    /// Number and hash of the last record, staged ones included.
    pub(super) fn last(&self) -> (u64, &str) {
        (self.next_seq - 1, &self.last_hash)
    }

    fn stamp(&self) -> Option<Stamp> {
        self.file.metadata().ok().map(|file| Stamp::of(&file))
    }

    /// Writes `events` as one group and syncs once. On an error nothing of the group counts as written.
    #[cfg(test)]
    pub(super) fn append(&mut self, at: Timestamp, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        let records = events.into_iter().map(|e| self.stage(at, e)).collect::<Result<_, _>>()?;
        self.sync()?;
        Ok(records)
    }

    /// Adds a record to the group that the next [`Journal::sync`] writes. Until then it is in memory only: nobody may
    /// be told of it, and nothing that it announces may be done.
    pub(super) fn stage(&mut self, at: Timestamp, event: Event) -> Result<Record, JournalError> {
        let seq = self.next_seq;
        let (line, hash, event) = line(seq, at, event, &self.last_hash)
            .map_err(|e| self.disk(Tried::Write, io::Error::other(e)))?;
        self.staged.push_str(&line);
        self.staged.push('\n');
        self.count += 1;
        self.next_seq += 1;
        self.last_hash = hash;
        Ok(Record { seq, at, event })
    }

    /// Makes the staged records durable, with one write and one sync. After an error none of them counts as written;
    /// they stay staged, and the next sync tries again.
    pub(super) fn sync(&mut self) -> Result<(), JournalError> {
        if self.staged.is_empty() {
            return Ok(());
        }
        #[cfg(debug_assertions)]
        self.die_if_asked();
        // Half a line of an earlier try must not stand before the next one.
        match self.half_written {
            true => self.file.set_len(self.length).map_err(|cause| self.disk(Tried::CutHalf, cause))?,
            false => self.is_untouched()?,
        }
        self.half_written = true;
        if let Err(cause) = self.write_staged() {
            // If even this fails, the next sync or the next open cuts it.
            self.half_written = self.file.set_len(self.length).is_err();
            self.left = self.stamp();
            return Err(self.disk(Tried::Write, cause));
        }
        self.is_in_place(self.length + self.staged.len() as u64)?;
        self.head.write(self.next_seq - 1, &self.last_hash);
        self.left = self.stamp();
        self.half_written = false;
        tracing::trace!(
            records = self.count,
            last = self.next_seq - 1,
            bytes = self.staged.len(),
            "journal synced"
        );
        self.length += self.staged.len() as u64;
        self.synced_hash.clone_from(&self.last_hash);
        self.staged.clear();
        self.count = 0;
        Ok(())
    }

    /// Whether what this process wrote still stands there: cheap where nobody touched the file since, else by reading it.
    pub(super) fn is_untouched(&self) -> Result<(), JournalError> {
        self.is_in_place(self.length)?;
        if !self.head.is_in_place() {
            return Err(JournalError::Replaced { path: head_of(&self.path) });
        }
        if self.left == self.stamp() { Ok(()) } else { self.reread() }
    }

    /// Reads all that is on the disk and compares it with what was written.
    pub(super) fn reread(&self) -> Result<(), JournalError> {
        let mut mark = Mark::default();
        let torn = scan(&self.path, &mut mark, |_, _| ()).map_err(|error| match error {
            JournalError::Damaged { path, .. } => JournalError::Replaced { path },
            error => error,
        })?;
        let hash = if mark.seq == 0 { "" } else { self.synced_hash.as_str() };
        match torn.is_empty() && mark.offset == self.length && mark.hash == hash {
            true => Ok(()),
            false => Err(JournalError::Replaced { path: self.path.clone() }),
        }
    }

    /// Whether what is written can be found, `length` bytes of it: somebody may have removed, renamed or replaced the file or
    /// its folder.
    fn is_in_place(&self, length: u64) -> Result<(), JournalError> {
        use std::os::unix::fs::MetadataExt;
        let file = self.file.metadata().map_err(|cause| self.disk(Tried::Look, cause))?;
        match fs::symlink_metadata(&self.path) {
            // Its length is that of the lines that this process wrote: nobody cut it, and nobody else wrote to it.
            Ok(there)
                if (there.dev(), there.ino(), there.nlink()) == (file.dev(), file.ino(), 1)
                    && there.len() == length =>
            {
                Ok(())
            }
            _ => Err(JournalError::Replaced { path: self.path.clone() }),
        }
    }

    fn write_staged(&mut self) -> io::Result<()> {
        #[cfg(debug_assertions)]
        if let Some((bytes, fault)) = self.fault_if_asked() {
            self.file.write_all(&self.staged.as_bytes()[..bytes])?;
            return Err(fault);
        }
        self.file.write_all(self.staged.as_bytes())?;
        // The size is all of the file's metadata that reading it back needs, and this syncs it.
        self.file.sync_data()
    }

    /// Where in the staged lines a test wants something to happen: at the end of record N (`N`), B bytes behind it
    /// (`N+B`) or before it (`N-B`).
    #[cfg(debug_assertions)]
    fn place(&self, asked: &str) -> Option<usize> {
        let at = asked.find(['+', '-']).unwrap_or(asked.len());
        let (seq, bytes) = (asked[..at].parse::<u64>().ok()?, asked[at..].parse::<isize>().unwrap_or(0));
        let first = self.next_seq - self.count;
        if !(first..self.next_seq).contains(&(seq + u64::from(bytes > 0))) {
            return None;
        }
        let lines = usize::try_from(seq + 1 - first).ok()?;
        let whole: usize = self.staged.split_inclusive('\n').take(lines).map(str::len).sum();
        Some(whole.saturating_add_signed(bytes).min(self.staged.len()))
    }

    /// For the crash tests, in debug builds only: with `JALON_TEST_KILL_AFTER=N` the process is killed when record N is
    /// durable and nothing behind it is; with `N+B` or `N-B`, when the bytes up to there are.
    #[cfg(debug_assertions)]
    fn die_if_asked(&mut self) {
        let Some(end) = std::env::var("JALON_TEST_KILL_AFTER").ok().and_then(|asked| self.place(&asked))
        else {
            return;
        };
        let _ = self.file.write_all(&self.staged.as_bytes()[..end]).and_then(|()| self.file.sync_data());
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }

    /// For the tests of a failing disk, in debug builds only: with `JALON_TEST_FAULT=E@N` writing fails with the system's
    /// error number E once record N is written; `N+B` and `N-B` are places inside a record.
    #[cfg(debug_assertions)]
    fn fault_if_asked(&self) -> Option<(usize, io::Error)> {
        let asked = std::env::var("JALON_TEST_FAULT").ok()?;
        let (number, place) = asked.split_once('@')?;
        Some((self.place(place)?, io::Error::from_raw_os_error(number.parse().ok()?)))
    }

    fn disk(&self, tried: Tried, cause: io::Error) -> JournalError {
        JournalError::Disk { tried, path: self.path.clone(), cause }
    }
}

/// Reads a journal without changing it; works while another process writes it.
pub fn read(path: &Path) -> Result<Contents, JournalError> {
    let mut mark = Mark::default();
    let mut records = Vec::new();
    let torn = scan(path, &mut mark, |record, _| records.push(record))?;
    Ok(Contents { records, torn, length: mark.offset, last_hash: mark.hash })
}

/// The line of one event, its hash, and the event as it will be read back, secrets masked.
fn line(
    seq: u64,
    at: Timestamp,
    event: Event,
    prev: &str,
) -> Result<(String, String, Event), serde_json::Error> {
    let mut event = event;
    let mut text = said::to_json(&mut event)?;
    // `null` may stand for a number that no JSON can hold, and then reading it back fails here and not in a year.
    if redact::may_mask(&text) || text.contains("null") {
        let masked = |mask: fn(&mut serde_json::Value)| {
            let mut value = serde_json::from_str(&text)?;
            mask(&mut value);
            said::from_json(&value.to_string())
        };
        // A secret may be a word of the record's own form, or a number of it.
        event = masked(redact::mask_record).or_else(|_| masked(redact::mask_prose))?;
        said::keep_true(&mut event);
        text = said::to_json(&mut event)?;
    }
    let at = serde_json::to_string(&at)?;
    // Room for the rest, so that it never moves.
    let mut line = String::with_capacity(text.len() + prev.len() + 160);
    line.extend(["{\"seq\":", &seq.to_string(), ",\"at\":", &at, ",\"event\":", &text]);
    line.extend([",\"prev\":\"", prev, "\"}"]);
    let hash = fingerprint::of_bytes(&line);
    line.truncate(line.len() - 1);
    line.extend([",\"hash\":\"", &hash, "\"}"]);
    Ok((line, hash, event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Attempt, StepId};

    fn started(step: u32) -> Event {
        Event::StepStarted { step: StepId(step), attempt: Attempt::FIRST }
    }

    fn sample(folder: &Path) -> (PathBuf, Vec<Record>) {
        let path = folder.join("journal.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        let mut records = journal.append(Timestamp::now(), vec![started(0), started(1)]).unwrap();
        records.extend(journal.append(Timestamp::now(), vec![started(2)]).unwrap());
        (path, records)
    }

    #[test]
    fn what_was_appended_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, records) = sample(folder.path());
        let (mut journal, read, torn) = Journal::open(&path).unwrap();
        assert_eq!(read, records);
        assert!(torn.is_none());
        let more = journal.append(Timestamp::now(), vec![started(3)]).unwrap();
        assert_eq!(more[0].seq, 4);
        assert_eq!(super::read(&path).unwrap().records.len(), 4);
    }

    #[test]
    fn a_journal_cut_at_any_byte_opens_with_the_whole_records_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, records) = sample(folder.path());
        let bytes = fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            let cut_path = folder.path().join(format!("cut-{cut}.jsonl"));
            fs::write(&cut_path, &bytes[..cut]).unwrap();
            // The head may be behind, and is never before the journal.
            fs::write(head_of(&cut_path), head_text(0, "")).unwrap();
            let whole = bytes[..cut].iter().filter(|b| **b == b'\n').count();
            let (mut journal, read, torn) = Journal::open(&cut_path).unwrap();
            assert_eq!(read, records[..whole], "cut at {cut}");
            let tail = bytes[..cut].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            assert_eq!(torn.map(|p| fs::read(p).unwrap()).unwrap_or_default(), &bytes[tail..cut]);
            journal.append(Timestamp::now(), vec![started(9)]).unwrap();
            assert_eq!(super::read(&cut_path).unwrap().records.len(), whole + 1);
        }
    }

    /// As after `truncate -s 1T`: what is read is bounded, and told.
    #[test]
    fn a_journal_that_goes_on_with_nothing_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let (path, records) = sample(folder.path());
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(1 << 40).unwrap();
        let begun = std::time::Instant::now();
        let error = super::read(&path).unwrap_err().to_string();
        let line = records.len() + 1;
        assert!(error.contains(&format!(":{line}:")) && error.contains("zero bytes"), "{error}");
        assert!(begun.elapsed().as_secs() < 20);
    }

    #[test]
    fn a_flipped_bit_is_an_error_that_names_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = sample(folder.path());
        let good = fs::read(&path).unwrap();
        let lines: Vec<usize> =
            good.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i).collect();
        for at in 0..lines[1] {
            let mut bad = good.clone();
            bad[at] ^= 0x02;
            fs::write(&path, &bad).unwrap();
            let line = if at <= lines[0] { 1 } else { 2 };
            match super::read(&path) {
                Err(JournalError::Damaged { line: named, .. }) => {
                    assert!(named == line || named == line + 1, "byte {at}")
                }
                other => panic!("byte {at} flipped unseen: {other:?}"),
            }
        }
    }

    #[test]
    fn a_journal_that_was_taken_away_is_an_error() {
        type Change = fn(&Path) -> io::Result<()>;
        let changes: [Change; 4] = [
            |path| fs::remove_file(path),
            |path| fs::rename(path, path.with_extension("old")),
            |path| {
                fs::copy(path, path.with_extension("new"))
                    .and_then(|_| fs::rename(path.with_extension("new"), path))
            },
            |path| fs::rename(path.parent().unwrap(), path.parent().unwrap().with_extension("old")),
        ];
        for change in changes {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("run/journal.jsonl");
            fs::create_dir(path.parent().unwrap()).unwrap();
            let mut journal = Journal::create(&path).unwrap();
            journal.append(Timestamp::now(), vec![started(0)]).unwrap();
            change(&path).unwrap();
            let error = journal.append(Timestamp::now(), vec![started(1)]).unwrap_err();
            assert!(matches!(&error, JournalError::Replaced { path: named } if *named == path), "{error}");
        }
    }

    #[test]
    fn a_journal_or_head_that_is_altered_in_place_is_an_error() {
        type Change = fn(&Path) -> io::Result<()>;
        let changes: [(Change, bool); 4] = [
            (|path| fs::write(path, fs::read_to_string(path)?.replace("\"step\":0", "\"step\":7")), false),
            (|path| fs::write(path, fs::read(path)?), true),
            (|path| fs::remove_file(head_of(path)), false),
            (
                |path| {
                    fs::write(
                        head_of(path),
                        fs::read_to_string(head_of(path))?.replace("\"seq\":1", "\"seq\":0"),
                    )
                },
                false,
            ),
        ];
        for (number, (change, same)) in changes.into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal.jsonl");
            let mut journal = Journal::create(&path).unwrap();
            journal.append(Timestamp::now(), vec![started(0)]).unwrap();
            // Times of files are as exact as the system's tick.
            std::thread::sleep(Duration::from_millis(20));
            change(&path).unwrap();
            let next = journal.append(Timestamp::now(), vec![started(1)]);
            assert_eq!(next.is_ok(), same, "{number}: {next:?}");
            assert!(same || matches!(next, Err(JournalError::Replaced { .. })), "{number}: {next:?}");
        }
    }

    #[test]
    fn a_journal_has_one_writer_also_where_its_lock_was_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let first = Journal::create(&path).unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })));
        drop(first);
        Journal::open(&path).unwrap();
    }

    #[test]
    fn a_head_that_is_missing_or_garbled_is_damage_and_an_older_journal_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = sample(folder.path());
        let head = head_of(&path);
        let good = fs::read(&head).unwrap();
        let damaged =
            || matches!(super::read(&path), Err(JournalError::Damaged { path, .. }) if path == head);
        fs::remove_file(&head).unwrap();
        assert!(damaged(), "missing");
        for bad in [&b""[..], b"{", &good[..good.len() / 2]] {
            fs::write(&head, bad).unwrap();
            assert!(damaged(), "{bad:?}");
        }
        fs::remove_file(&head).unwrap();
        std::os::unix::fs::symlink("elsewhere", &head).unwrap();
        assert!(damaged(), "a link");
        fs::remove_file(&head).unwrap();
        fs::create_dir(&head).unwrap();
        assert!(damaged(), "a folder");
        let older = folder.path().join("older/journal.jsonl");
        fs::create_dir(older.parent().unwrap()).unwrap();
        fs::write(&older, include_str!("../../tests/journals/v1.jsonl")).unwrap();
        assert!(!super::read(&older).unwrap().records.is_empty());
    }

    #[test]
    fn the_end_of_a_run_is_seen_from_the_end_of_its_journal() {
        use crate::record::event::{Note, NoteKind, Outcome};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        let mut append = |event| {
            journal.append(Timestamp::now(), vec![event]).unwrap();
            has_ended(&path)
        };
        assert!(!append(started(0)));
        assert!(append(Event::RunFinished { outcome: Outcome::Passed }));
        assert!(append(Event::NoteAdded(Note::new(NoteKind::Risk, "ana", "x"))));
        drop(journal);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        assert!(!has_ended(&path), "its end is cut off");
    }

    #[test]
    fn a_missing_line_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = sample(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        let without_second: Vec<&str> =
            text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| l).collect();
        fs::write(&path, without_second.join("\n") + "\n").unwrap();
        let error = super::read(&path).unwrap_err().to_string();
        assert!(error.contains(":2:"), "{error}");
    }

    #[test]
    fn no_secret_reaches_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        let params =
            serde_json::json!({"ssl.key.password": "hunter22", "argv": ["x", "--url=http://u:hunter22@h/"]});
        let event = Event::ActionStarted {
            step: StepId(1),
            attempt: Attempt::FIRST,
            action: "a".into(),
            kind: "shell".into(),
            declared: None,
            description: "sasl.jaas.config=m required password=\"hunter22\";".into(),
            params,
            undo: None,
            scenario: None,
        };
        journal.append(Timestamp::now(), vec![event]).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("hunter22"), "{text}");
        assert_eq!(super::read(&path).unwrap().records.len(), 1);
    }
}
