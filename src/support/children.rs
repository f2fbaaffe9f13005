//! Child processes that must not outlive this one: bound to it by the system, and their process groups on record.
//!
//! The system kills a bound child when the *thread* that started it ends, so one thread starts them all. What such a
//! child started itself is not bound; its group stands in a file from before its program begins until it has ended, so
//! that whoever goes on after a kill can end the rest.

use super::files;
use rustix::process::{
    Pid, Signal, getppid, kill_process_group, set_parent_process_death_signal, test_kill_process_group,
};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, OnceLock, mpsc},
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// How long a group may take to end after SIGTERM before it gets SIGKILL.
pub const TERM_LIMIT: Duration = Duration::from_secs(5);
/// The variable of the environment that says whose child a process is: a number may belong to another one by now.
const MARK: &str = "JALON_CHILD_OF";

/// Starts children, and keeps the record of their groups.
#[derive(Debug, Default)]
pub struct Children {
    /// The record; none where nobody would look at it.
    path: Option<PathBuf>,
    file: OnceLock<Option<File>>,
    /// What was written there: the numbers of groups, and below zero those of groups that have ended.
    written: Mutex<BTreeSet<i32>>,
}

impl Children {
    /// Those of a run; the record of their groups stands in `path`.
    pub fn recorded_in(path: PathBuf) -> Self {
        // The mark of a child must be the same from whatever folder the campaign is named.
        let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
        let path = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name)).unwrap_or(path);
        Self { path: Some(path), ..Self::default() }
    }

    /// Whether a process of the groups on record lives.
    pub fn has_left_any(&self) -> bool {
        self.path.as_deref().is_some_and(|path| !left_of(path).is_empty())
    }

    /// Whether what was written to the record stands there.
    pub fn record_is_whole(&self) -> bool {
        let (Some(path), Some(Some(file))) = (&self.path, self.file.get()) else { return true };
        let there = path.symlink_metadata().and_then(|there| Ok((there, file.metadata()?)));
        let same = there.is_ok_and(|(there, ours)| (there.dev(), there.ino()) == (ours.dev(), ours.ino()));
        let Ok(written) = self.written.lock() else { return true };
        let read = || fs::read_to_string(path).unwrap_or_default();
        same && (written.is_empty() || {
            let lines: BTreeSet<i32> = read().lines().filter_map(|line| line.parse().ok()).collect();
            written.is_subset(&lines)
        })
    }

    fn note(&self, number: i32) {
        if let (Ok(mut written), Some(_)) = (self.written.lock(), self.file()) {
            written.insert(number);
        }
    }

    fn file(&self) -> Option<&File> {
        // A pipe in its place would be waited for.
        let strange = |path: &Path| path.symlink_metadata().is_ok_and(|there| !there.is_file());
        let open = |path: &PathBuf| OpenOptions::new().append(true).create(true).open(path).ok();
        let path = self.path.as_ref().filter(|path| !strange(path));
        self.file.get_or_init(|| path.and_then(open)).as_ref()
    }

    /// Starts `command` in a process group of its own, which dies with this process.
    ///
    /// # Errors
    /// What the system says of a program that cannot be started.
    pub fn spawn(&self, mut command: Command) -> io::Result<(Child, Group<'_>)> {
        command.process_group(0);
        if let Some(path) = &self.path {
            command.env(MARK, path);
        }
        let parent = rustix::process::getpid();
        let record = self.file().map(AsRawFd::as_raw_fd);
        // SAFETY: between fork and exec the closure makes system calls alone, and allocates nothing. The descriptor is
        // that of `self.file`, which lives as long as `self`.
        #[allow(unsafe_code, reason = "what a child does before its program begins has no other way")]
        unsafe {
            command.pre_exec(move || {
                set_parent_process_death_signal(Some(Signal::KILL))?;
                // It may have died before that was said.
                if getppid() != Some(parent) {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
                if let Some(record) = record {
                    let (line, length) = line_of(rustix::process::getpid());
                    rustix::io::write(BorrowedFd::borrow_raw(record), &line[..length])?;
                }
                Ok(())
            });
        }
        let child = start(command)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        group.into_iter().for_each(|group| self.note(group.as_raw_pid()));
        Ok((child, Group { group, of: self }))
    }

    /// Ends what is left of the groups on record, and forgets them. The answer is the names of their processes.
    pub async fn end_what_is_left(&self) -> Vec<String> {
        let Some(path) = &self.path else { return Vec::new() };
        let left = left_of(path);
        let names = left.iter().map(|process| process.name.clone()).collect();
        let groups: BTreeSet<i32> = left.iter().map(|process| process.group).collect();
        let groups: Vec<Pid> = groups.into_iter().filter_map(Pid::from_raw).collect();
        for (signal, limit) in [(Signal::TERM, TERM_LIMIT), (Signal::KILL, TERM_LIMIT)] {
            for group in &groups {
                let _ = kill_process_group(*group, signal);
            }
            let deadline = Instant::now() + limit;
            while Instant::now() < deadline && !left_of(path).is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        if let Some(file) = path.exists().then(|| self.file()).flatten() {
            // Where that fails, they are looked for again, and not found.
            let _ = file.set_len(0);
            if let Ok(mut written) = self.written.lock() {
                written.clear();
            }
        }
        names
    }
}

/// The process group of a child. Dropped before its end, it is killed: whoever waits no longer must leave nothing.
#[derive(Debug)]
pub struct Group<'a> {
    group: Option<Pid>,
    of: &'a Children,
}

impl Group<'_> {
    /// The child has ended by itself: what it left running, it left on purpose. The answer is the names of those processes.
    pub fn release(&mut self) -> Vec<String> {
        let group = self.group.filter(|group| test_kill_process_group(*group).is_ok());
        let left = group.map(living).unwrap_or_default();
        if let (Some(group), Some(mut file)) = (self.group.take(), self.of.file()) {
            // Where that fails, the group counts as left if this process is killed.
            if file.write_all(format!("-{}\n", group.as_raw_pid()).as_bytes()).is_ok() {
                self.of.note(-group.as_raw_pid());
            }
        }
        left
    }

    /// SIGTERM, a bounded wait, SIGKILL. A member that was stopped (SIGSTOP) sees only the last one.
    pub async fn end(&mut self, child: &mut Child) {
        let Some(group) = self.group else { return };
        let _ = kill_process_group(group, Signal::TERM);
        let gone = async {
            let _ = child.wait().await;
            while test_kill_process_group(group).is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(TERM_LIMIT, gone).await.is_err() {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = tokio::time::timeout(TERM_LIMIT, child.wait()).await;
        }
        self.release();
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The thread that starts every child, and ends with this process.
static STARTER: LazyLock<Mutex<mpsc::Sender<Job>>> = LazyLock::new(|| {
    let (jobs, asked) = mpsc::channel::<Job>();
    std::thread::spawn(move || asked.into_iter().for_each(|job| job()));
    Mutex::new(jobs)
});

fn start(mut command: Command) -> io::Result<Child> {
    let runtime = tokio::runtime::Handle::current();
    let (started, answer) = mpsc::sync_channel(1);
    let job: Job = Box::new(move || {
        let _in_runtime = runtime.enter();
        // Nobody may wait for the answer any more; the child then ends with the drop.
        let _ = started.send(command.spawn());
    });
    let gone = || io::Error::other("the thread that starts children has ended");
    STARTER.lock().map_err(|_| gone())?.send(job).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

/// The number and a line end, without an allocation.
fn line_of(pid: Pid) -> ([u8; 12], usize) {
    let (mut digits, mut rest, mut at) = ([b'\n'; 12], pid.as_raw_pid().unsigned_abs(), 10);
    loop {
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
        at -= 1;
    }
    digits.copy_within(at.., 0);
    (digits, 12 - at)
}

/// A process of a group on record.
struct Process {
    group: i32,
    name: String,
}

/// The processes of the groups that stand in `path` and did not end. Zombies are none.
fn left_of(path: &Path) -> Vec<Process> {
    let mut groups = BTreeSet::new();
    for line in files::read_text(path).unwrap_or_default().lines() {
        match line.strip_prefix('-') {
            Some(ended) => drop(ended.parse().is_ok_and(|group: i32| groups.remove(&group))),
            None => drop(line.parse().is_ok_and(|group: i32| groups.insert(group))),
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let mark = format!("{MARK}={}", path.display());
    let ours = |folder: &Path| {
        let environment = fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    let processes = processes().filter(|(folder, process)| groups.contains(&process.group) && ours(folder));
    processes.map(|(_, process)| process).collect()
}

/// The names of the processes of a group.
fn living(group: Pid) -> Vec<String> {
    let members = processes().filter(|(_, process)| process.group == group.as_raw_pid());
    members.map(|(_, process)| process.name).collect()
}

/// Every process of the machine with its folder below `/proc`. Zombies are none.
fn processes() -> impl Iterator<Item = (PathBuf, Process)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // `pid (name) state ppid pgrp …`; the name may hold anything.
        let (name, fields) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = fields.split_whitespace();
        let (state, group) = (fields.next()?, fields.nth(1)?.parse().ok()?);
        (state != "Z").then(|| (entry.path(), Process { group, name: name.to_owned() }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Whether a process of the group is there that is more than a zombie.
    fn lives(group: Pid) -> bool {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok()).any(|stat| {
            let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
            let state = fields.next();
            state != Some("Z") && fields.nth(1) == Some(group.as_raw_pid().to_string().as_str())
        })
    }

    #[tokio::test]
    async fn what_is_left_of_a_group_is_ended_and_what_was_left_on_purpose_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("groups");
        let children = Children::recorded_in(path.clone());
        // It ends, and what it started is its own affair.
        let is_begun = "while ! grep -q sleep /proc/$!/comm; do :; done";
        let (mut ended, mut group) = children.spawn(sh(&format!("sleep 60 & {is_begun}; exit 0"))).unwrap();
        let daemon = group.group.unwrap();
        ended.wait().await.unwrap();
        assert_eq!(group.release(), ["sleep"]);
        // As after a kill: nobody ends these two, one of which ignores SIGTERM.
        let ready = folder.path().join("ready");
        let two = format!("sleep 60 & {is_begun}; sleep 60 & {is_begun}");
        let script = format!("trap '' TERM; {two}; touch {}; wait", ready.display());
        let (mut killed, mut forgotten) = children.spawn(sh(&script)).unwrap();
        while !ready.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        killed.start_kill().unwrap();
        killed.wait().await.unwrap();
        let orphans = forgotten.group.take().unwrap();
        assert!(lives(orphans), "its children live");
        let names = Children::recorded_in(path.clone()).end_what_is_left().await;
        assert!(!names.is_empty() && names.iter().all(|name| name == "sleep"), "{names:?}");
        assert!(!lives(orphans) && lives(daemon));
        kill_process_group(daemon, Signal::KILL).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(children.end_what_is_left().await, Vec::<String>::new());
    }

    #[test]
    fn a_number_is_written_as_it_is() {
        for number in [1, 7, 42, 4_194_304, i32::MAX] {
            let (line, length) = line_of(Pid::from_raw(number).unwrap());
            assert_eq!(std::str::from_utf8(&line[..length]).unwrap(), format!("{number}\n"));
        }
    }
}
