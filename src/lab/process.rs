//! Processes of the operating system: who they are, whether they live, and signals that reach no one else.

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::{fs, io};

/// One process for as long as the machine is up: a pid alone is given to another process later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    /// The process id.
    pub(super) pid: i32,
    /// When the kernel started it, in clock ticks since the boot.
    pub(super) start_ticks: u64,
}

/// What the kernel says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It runs or sleeps.
    Running,
    /// It was stopped by a signal.
    Frozen,
    /// It is gone, or a zombie that waits for its parent.
    Ended,
}

impl Identity {
    /// The process that has this pid now.
    pub(super) fn of(pid: i32) -> Option<Self> {
        stat(pid).map(|Stat { start_ticks, .. }| Self { pid, start_ticks })
    }

    /// Whether it lives.
    pub(super) fn life(self) -> Life {
        match stat(self.pid) {
            Some(stat) if stat.start_ticks == self.start_ticks => match stat.state {
                // The first thread of a killed process may be gone while another still holds its ports.
                'Z' if stat.threads > 1 => Life::Running,
                'Z' | 'X' | 'x' => Life::Ended,
                'T' | 't' => Life::Frozen,
                _ => Life::Running,
            },
            _ => Life::Ended,
        }
    }

    /// Sends a signal; `false` where the process has ended. The pid cannot be given to another one in between: the
    /// handle is opened first, and the process is looked at afterwards.
    pub(super) fn signal(self, signal: Signal) -> io::Result<bool> {
        let Some(pid) = Pid::from_raw(self.pid) else { return Ok(false) };
        let handle = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(handle) => handle,
            Err(rustix::io::Errno::SRCH) => return Ok(false),
            Err(e) => return Err(e.into()),
        };
        if self.life() == Life::Ended {
            return Ok(false);
        }
        match pidfd_send_signal(handle, signal) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::SRCH) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// Memory in bytes: its proportional share (PSS) where the kernel tells it, else the resident set.
    pub(super) fn memory_bytes(self) -> Option<u64> {
        let line = |file: &str, key: &str| {
            let text = fs::read_to_string(format!("/proc/{}/{file}", self.pid)).ok()?;
            let kibibytes = text.lines().find_map(|l| l.strip_prefix(key))?;
            kibibytes.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|n| n * 1024)
        };
        line("smaps_rollup", "Pss:")
            .or_else(|| line("status", "VmRSS:"))
            .filter(|_| self.life() != Life::Ended)
    }
}

/// The processes of this user whose environment holds `NAME=VALUE`.
pub(super) fn with_variable(assignment: &str) -> Vec<Identity> {
    pids()
        .filter(|pid| {
            fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|bytes| bytes.split(|b| *b == 0).any(|entry| entry == assignment.as_bytes()))
        })
        .filter_map(Identity::of)
        .filter(|identity| identity.life() != Life::Ended)
        .collect()
}

/// The ids of all processes that can be seen.
pub(super) fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
}

/// The id of this boot of the machine; empty where the kernel does not tell it.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// A part of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    /// The letter of the first thread's state.
    state: char,
    /// How many threads there are.
    threads: u32,
    /// When the process was started.
    start_ticks: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    read_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Fields 3, 20 and 22 of `/proc/PID/stat`. The second field, the name, may hold spaces and brackets.
fn read_stat(text: &str) -> Option<Stat> {
    let mut fields = text[text.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let threads = fields.nth(16)?.parse().ok()?;
    Some(Stat { state, threads, start_ticks: fields.nth(1)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let text = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 31 0 987654 11 12";
        assert_eq!(read_stat(text), Some(Stat { state: 'S', threads: 31, start_ticks: 987_654 }));
        assert_eq!(read_stat("garbage"), None);
    }

    #[test]
    fn a_child_is_followed_from_life_to_zombie() {
        let mut child = Command::new("sleep")
            .arg("60")
            .env("JALON_TEST_MARK", "a1b2")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let identity = Identity::of(i32::try_from(child.id()).unwrap()).unwrap();
        assert_eq!(identity.life(), Life::Running);
        // The kernel shows the environment a moment after the program was started.
        assert!(eventually(|| with_variable("JALON_TEST_MARK=a1b2").contains(&identity)));
        assert!(!with_variable("JALON_TEST_MARK=a1b").contains(&identity));

        let other = Identity { start_ticks: identity.start_ticks + 1, ..identity };
        assert_eq!(other.life(), Life::Ended);
        assert!(!other.signal(Signal::KILL).unwrap(), "another process of the same pid is left alone");
        assert_eq!(identity.life(), Life::Running);

        assert!(identity.signal(Signal::STOP).unwrap());
        assert!(eventually(|| identity.life() == Life::Frozen));
        assert!(identity.memory_bytes().unwrap() > 0);
        assert!(identity.signal(Signal::KILL).unwrap());
        // Nobody has waited for it yet: it is a zombie.
        assert!(eventually(|| identity.life() == Life::Ended));
        assert!(!identity.signal(Signal::KILL).unwrap());
        child.wait().unwrap();
        assert_eq!(identity.life(), Life::Ended);
    }

    fn eventually(holds: impl Fn() -> bool) -> bool {
        (0..200).any(|_| {
            holds() || {
                std::thread::sleep(std::time::Duration::from_millis(10));
                false
            }
        })
    }
}
