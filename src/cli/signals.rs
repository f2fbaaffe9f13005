//! The signals by which people and the system ask a process to end, for commands that end what they do before they leave.

use super::output;
use crate::{
    engine::Stop,
    record::{Language, messages},
};
use rustix::process::Signal;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

/// Listens until it is dropped.
pub(super) struct Listening {
    _tasks: JoinSet<()>,
}

/// Calls `each` whenever the process is asked to end. Without it that would end the process: the terminal is closed or
/// the connection lost (SIGHUP), Ctrl-C, Ctrl-\, `kill`, a time limit of the shell (`ulimit -t`). What was set to be
/// ignored when the process began, as `nohup` does, is ignored.
///
/// A lost terminal is told by the system and by the shell, so that a SIGHUP behind another signal says nothing new.
pub(super) fn on_each(each: impl Fn() + Send + Sync + 'static) -> Listening {
    let kinds = [
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        SignalKind::terminate(),
        SignalKind::alarm(),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
    ];
    let others = OTHERS.map(|signal| signal.as_raw()).into_iter().chain(REAL_TIME);
    let kinds = kinds.into_iter().chain(others.map(SignalKind::from_raw));
    let (ignored, each) = (ignored(), Arc::new(each));
    let asked = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for kind in kinds.filter(|kind| ignored & (1 << (kind.as_raw_value() - 1)) == 0) {
        let Ok(mut signals) = signal(kind) else { continue };
        let (each, asked) = (Arc::clone(&each), Arc::clone(&asked));
        tasks.spawn(async move {
            while signals.recv().await.is_some() {
                if !asked.swap(true, Ordering::Relaxed) || kind != SignalKind::hangup() {
                    each();
                }
            }
        });
    }
    // With a handler, a file that grows beyond `ulimit -f` is an error of the write, and not the end of the process.
    drop(signal(SignalKind::from_raw(XFSZ)));
    Listening { _tasks: tasks }
}

/// Turns what would end the process into a graceful end of its run.
pub(super) fn end_gently(stop: Stop, language: Language) -> Listening {
    on_each(move || {
        let again = stop.asked();
        stop.signal();
        let said = if again { leaving() } else { stopping() };
        output::tell(&said.in_language(language));
    })
}

messages! {
    area "signal";
    leaving() => "leaving: undoing faults and writing the record" / "sortie : les pannes sont annulées et le journal est écrit";
    stopping() => "stopping: the action in progress ends, faults are undone; press Ctrl-C again not to wait for it" / "arrêt : l'action en cours se termine, les pannes sont annulées ; Ctrl-C une seconde fois pour ne pas l'attendre";
}

/// What else ends a process that does not listen: limits and timers of the system, a power failure, `abort`.
const OTHERS: [Signal; 9] = [
    Signal::ABORT,
    Signal::IO,
    Signal::POWER,
    Signal::PROF,
    Signal::STKFLT,
    Signal::SYS,
    Signal::TRAP,
    Signal::VTALARM,
    Signal::XCPU,
];
/// The signals without a meaning of their own that programs may send (`signal(7)`: the first two are the threads').
const REAL_TIME: std::ops::RangeInclusive<i32> = 34..=64;
const XFSZ: i32 = Signal::XFSZ.as_raw();

/// The signals that this process ignores, a bit each from the lowest on, as the system shows them.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
