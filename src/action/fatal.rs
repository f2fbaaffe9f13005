//! [`why`]: what the signal that ended a program says of it, and where to look.

use crate::record::{Said, messages};
use rustix::process::Signal;

/// A signal, its name, and what it says.
type Named = (Signal, &'static str, fn() -> Said);

/// The name of a signal that ends a program, and what it says; `None` of one that says nothing by itself.
pub(super) fn why(signal: i32) -> Option<(&'static str, Said)> {
    let named: [Named; 16] = [
        (Signal::ABORT, "SIGABRT", gave_up),
        (Signal::ALARM, "SIGALRM", own_clock),
        (Signal::BUS, "SIGBUS", no_memory_behind),
        (Signal::FPE, "SIGFPE", wrong_arithmetic),
        (Signal::HUP, "SIGHUP", session_closed),
        (Signal::ILL, "SIGILL", unknown_instruction),
        (Signal::INT, "SIGINT", interrupted),
        (Signal::KILL, "SIGKILL", killed),
        (Signal::PIPE, "SIGPIPE", no_reader),
        (Signal::QUIT, "SIGQUIT", asked_to_quit),
        (Signal::SEGV, "SIGSEGV", not_its_memory),
        (Signal::SYS, "SIGSYS", forbidden_call),
        (Signal::TERM, "SIGTERM", asked_to_end),
        (Signal::TRAP, "SIGTRAP", trapped),
        (Signal::XCPU, "SIGXCPU", too_long),
        (Signal::XFSZ, "SIGXFSZ", too_large),
    ];
    let found = named.into_iter().find(|(known, ..)| known.as_raw() == signal);
    found.map(|(_, name, why)| (name, why()))
}

messages! {
    area "fatal signal";
    asked_to_end() => "somebody, or a limit of the system, asked it to end" / "quelqu'un, ou une limite du système, lui a demandé de s'arrêter";
    asked_to_quit() => "somebody asked it to quit" / "quelqu'un lui a demandé de quitter";
    forbidden_call() => "it made a system call that is forbidden here; check the seccomp profile of the container" / "il a fait un appel système interdit ici ; vérifier le profil seccomp du conteneur";
    gave_up() => "it aborted itself; its last lines say why" / "il s'est interrompu lui-même ; ses dernières lignes disent pourquoi";
    interrupted() => "somebody interrupted it" / "quelqu'un l'a interrompu";
    killed() => "somebody killed it, or the system did for lack of memory; check `dmesg` and the memory limit" / "quelqu'un l'a tué, ou le système par manque de mémoire ; vérifier `dmesg` et la limite de mémoire";
    no_memory_behind() => "memory that it used is not there; check free disk space and `/dev/shm`, and files cut while it had them mapped" / "de la mémoire qu'il utilisait n'existe pas ; vérifier l'espace disque et `/dev/shm`, et les fichiers coupés pendant leur lecture";
    no_reader() => "the reader of its output had gone" / "le lecteur de sa sortie était parti";
    not_its_memory() => "a fault in it: it used memory that is not its own; check its version and its libraries" / "une faute du programme : il a utilisé une mémoire qui n'est pas la sienne ; vérifier sa version et ses bibliothèques";
    own_clock() => "an alarm that it had set went off" / "une alarme qu'il avait posée a sonné";
    session_closed() => "its terminal or session was closed" / "son terminal ou sa session a été fermé";
    too_large() => "it wrote a larger file than allowed; check `ulimit -f`" / "il a écrit un fichier plus grand que permis ; vérifier `ulimit -f`";
    too_long() => "it used more processor time than allowed; check `ulimit -t`" / "il a utilisé plus de temps processeur que permis ; vérifier `ulimit -t`";
    trapped() => "a check in it failed, or it ran under a debugger" / "une vérification interne a échoué, ou il était sous un débogueur";
    unknown_instruction() => "it met an instruction that this processor lacks; use a build for this machine" / "il a rencontré une instruction que ce processeur n'a pas ; utiliser une version pour cette machine";
    wrong_arithmetic() => "a fault in it: it divided by zero or overflowed; check its arguments and its version" / "une faute du programme : division par zéro ou dépassement ; vérifier ses arguments et sa version";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every signal whose default is to end the program, by the numbers of Linux, but those that say nothing by themselves.
    #[test]
    fn every_signal_that_ends_a_program_says_why() {
        for signal in [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 24, 25, 31] {
            let (name, why) = why(signal).unwrap_or_else(|| panic!("{signal}"));
            assert!(name.starts_with("SIG") && !why.to_string().is_empty(), "{signal}");
        }
        assert!([0, 10, 12, 17, 18, 28, 64].iter().all(|signal| why(*signal).is_none()));
    }
}
