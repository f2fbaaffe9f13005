//! What can end a run or stand in the way of one: in both languages, as the console of a run is.

use crate::{
    doctor::Finding,
    engine::EngineError,
    record::{Arg, RunId, Said, messages},
    store::{
        journal::{self, JournalError},
        lock::LockError,
        own::is_own,
    },
    support::text,
};
use std::{ffi::OsStr, io, path::Path};

/// That a run is in progress, of which something was to be decided.
pub(super) fn busy(run: &RunId, owner: Option<u32>) -> Said {
    match owner {
        Some(pid) => in_progress_by(run.as_str(), pid),
        None => in_progress(run.as_str()),
    }
}

/// How many things are wrong with a platform; a line about the lab that says what the others have in common is none of them.
pub(super) fn platform(found: &[Finding]) -> Said {
    would_fail(found.iter().filter(|finding| !finding.sums_up).count().max(1))
}

/// What to try after an error of the engine.
pub(super) fn of_engine(error: &EngineError) -> Option<Said> {
    Some(match error {
        EngineError::NotUndone { .. } => undo_then_resume(),
        EngineError::Lost { .. } => files_back(),
        EngineError::Journal(JournalError::Replaced { .. })
        | EngineError::Left { cause: JournalError::Replaced { .. }, .. } => folder_back(),
        EngineError::Left { .. } => free_space(),
        EngineError::Journal(error) => return of_journal(error),
    })
}

/// What to try where a journal is damaged, in use or cannot be written.
pub(super) fn of_journal(error: &JournalError) -> Option<Said> {
    Some(match error {
        JournalError::Damaged { path, .. } => {
            let folder = path.parent().and_then(Path::file_name);
            let own = folder.and_then(OsStr::to_str).is_some_and(is_own);
            match journal::head_outside(path).map(|head| Arg::text(text::path(&head))) {
                Some(head) if own => restore_folder(head),
                Some(head) => restore_run(head),
                None => restore_file(),
            }
        }
        JournalError::Disk { .. } => free_space(),
        JournalError::Folder { path, cause } => of_folder(path, cause),
        JournalError::InUse { .. } => wait_for_it(),
        JournalError::Replaced { .. } => return None,
    })
}

/// What to try where a lock is held.
pub(super) fn of_lock(error: &LockError) -> Said {
    match error {
        LockError::Elsewhere { owner, .. } => check_there(owner.host.as_str(), owner.pid),
        LockError::Held { .. } => wait_for_it(),
        LockError::Disk { cause, .. } => of_disk(cause),
    }
}

/// What to do about a folder of the record that is none or cannot be read.
pub(super) fn of_folder(path: &Path, cause: &io::Error) -> Said {
    let head = journal::head_outside(&path.join("journal.jsonl")).filter(|head| head.exists());
    let path = Arg::text(text::path(path));
    match (is_misplaced(cause), head) {
        (true, Some(head)) => move_record_away(path, Arg::text(text::path(&head))),
        (true, None) => move_folder_away(path),
        (false, _) => correct_permissions(path),
    }
}

/// What to try when a file could not be read or written.
pub(super) fn of_disk(cause: &io::Error) -> Said {
    if is_misplaced(cause) { move_it_away() } else { free_space() }
}

/// Whether a file is where a folder should be, or the other way round, or something that is neither.
fn is_misplaced(cause: &io::Error) -> bool {
    use io::ErrorKind;
    // A link where none is followed.
    let is_link = cause.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    let misplaced = matches!(
        cause.kind(),
        ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
    );
    misplaced || is_link
}

messages! {
    area "ended";
    answer_there(command) => "answer at its terminal where it asks there; else wait for its end, or end it with Ctrl-C, and `jalon {command}` again; `jalon note` works at any time" / "répondre dans son terminal si elle y pose une question ; sinon attendre sa fin, ou l'arrêter par Ctrl-C, puis refaire `jalon {command}` ; `jalon note` reste possible à tout moment";
    check_everything() => "run `jalon doctor` to check everything; `--no-doctor` starts without this check" / "lancer `jalon doctor` pour tout contrôler ; `--no-doctor` démarre sans ce contrôle";
    check_there(host, pid) => "check on {host} that process {pid} has ended, then use `--take-over`" / "vérifier sur {host} que le processus {pid} est terminé, puis utiliser `--take-over`";
    correct_permissions(path) => "correct the permissions of {path}, and try again" / "corriger les droits de {path}, et réessayer";
    files_back() => "put the files back as they were; else `jalon resume` does again what they belong to" / "remettre les fichiers en place ; sinon `jalon resume` refait ce à quoi ils appartiennent";
    folder_back() => "put the run's folder back as it was, then `jalon resume`; else start a new run" / "remettre le dossier de l'exécution en place, puis `jalon resume` ; sinon lancer une nouvelle exécution";
    free_space() => "free some space or correct the permissions, then `jalon resume`: what was recorded is safe" / "libérer de l'espace ou corriger les droits, puis `jalon resume` : ce qui est enregistré n'est pas perdu";
    hint_line(hint) => "hint: {hint}" / "conseil : {hint}";
    in_progress(run) => "the run {run} is in progress, and writes its own record" / "l'exécution {run} est en cours et écrit son propre journal";
    in_progress_by(run, pid) => "the run {run} is in progress (process {pid}), and writes its own record" / "l'exécution {run} est en cours (processus {pid}) et écrit son propre journal";
    label() => "error:" / "erreur :";
    move_folder_away(path) => "something else is in the place of a folder of jalon; move {path} away, or put the folder back from a copy, and try again" / "autre chose occupe la place d'un dossier de jalon ; déplacer {path}, ou remettre le dossier depuis une copie, et réessayer";
    move_it_away() => "something else is in the place of a file or folder of jalon; move it away, and try again" / "autre chose occupe la place d'un fichier ou dossier de jalon ; la déplacer et réessayer";
    move_record_away(path, head) => "something else is in the place of a folder of jalon; put the folder back from a copy, or move {path} away, and {head} too, and try again" / "autre chose occupe la place d'un dossier de jalon ; remettre le dossier depuis une copie, ou déplacer {path}, ainsi que {head}, et réessayer";
    not_ended(run, why) => "the earlier run {run} in this environment has not come to an end: {why}" / "l'exécution précédente {run} dans cet environnement n'est pas terminée : {why}";
    restore_file() => "restore the file from a copy of the run; else move the run's folder out of `artifacts` and start a new run. The records before that line are intact" / "restaurer le fichier depuis une copie de l'exécution ; sinon sortir son dossier de `artifacts` et lancer une nouvelle exécution. Les enregistrements avant cette ligne sont intacts";
    restore_folder(head) => "restore the folder from a copy; to continue without what is in it, move it out of `artifacts`, and {head} too" / "restaurer le dossier depuis une copie ; pour continuer sans son contenu, le sortir de `artifacts`, ainsi que {head}";
    restore_or_move(run) => "restore its folder from a copy (`jalon verify --run {run}` checks it); else make sure that nothing of what it did is left on the platform, and move its folder out of `artifacts`, `artifacts/.{run}.head` too" / "restaurer son dossier depuis une copie (`jalon verify --run {run}` le contrôle) ; sinon s'assurer que rien de ce qu'elle a fait ne reste sur la plateforme, et sortir son dossier de `artifacts`, ainsi que `artifacts/.{run}.head`";
    restore_run(head) => "restore the file from a copy of the run; else move the run's folder out of `artifacts`, {head} too, and start a new run. The records before that line are intact" / "restaurer le fichier depuis une copie de l'exécution ; sinon sortir son dossier de `artifacts`, ainsi que {head}, et lancer une nouvelle exécution. Les enregistrements avant cette ligne sont intacts";
    undo_then_resume() => "undo it by hand, or make the service answer again, then `jalon resume`: it tries again before anything else" / "l'annuler à la main, ou rétablir le service, puis `jalon resume` : il réessaie avant toute autre chose";
    undo_then_run(run) => "undo it by hand, or make the service answer again; then `jalon run`, or `jalon resume --run {run}`: both try again before anything else" / "l'annuler à la main, ou rétablir le service ; puis `jalon run`, ou `jalon resume --run {run}` : les deux réessaient avant toute autre chose";
    wait_for_it() => "wait for it, or end that process; the lock frees itself with its owner" / "attendre sa fin, ou terminer ce processus ; le verrou se libère avec lui";
    would_fail(faults) => "the platform has {faults} {faults|fault|faults} that would make the run fail; nothing was started" / "la plateforme a {faults} {faults|défaut qui ferait|défauts qui feraient} échouer l'exécution ; rien n'a été lancé";
}
