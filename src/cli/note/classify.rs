//! `jalon note --classify`: what the lines are that a person wrote into an imported file, in a dialogue or by rules.

use super::writing::{NoteArgs, add, usage, who};
use crate::{
    cli::{CommandError, Exit, output},
    history::notes::{self, ImportedNote},
    record::{
        Said,
        event::{Note, NoteKind},
    },
    report,
    store::Runs,
    support::{terminal, text},
};
use console::Key;
use std::io;

/// Asks of each line what it is.
pub(super) fn classify(runs: &Runs, args: &NoteArgs) -> Result<Exit, CommandError> {
    let open = notes::unclassified(runs)?;
    if open.is_empty() {
        output::print("every note of the imports is classified\n")?;
        return Ok(Exit::Passed);
    }
    if args.by_rules {
        return by_rules(runs, args, open);
    }
    if !terminal::has_keys() {
        return Err(usage(
            "standard input is not a terminal",
            "`jalon note --unclassified` lists the lines, `jalon note KIND --line IMPORT:LINE` classifies one, and \
             `--by-rules` those whose own words say what they are",
        ));
    }
    let count = open.len();
    let mut taken = 0;
    for (at, line) in open.into_iter().enumerate() {
        let place = format!("{}:{}", line.place.import, line.place.line);
        output::tell(&format!("[{}/{count}] {place}  {}", at + 1, line.text));
        match ask(line.reads_as.as_ref().map(|r| r.kind))? {
            Answer::Kind(kind) => take(runs, args, kind, line)?,
            Answer::Leave => continue,
            Answer::Quit => break,
        }
        taken += 1;
    }
    output::tell(&format!("{} classified, {} left", text::plural(taken, "line"), count - taken));
    Ok(Exit::Passed)
}

/// Takes the lines whose own words say what they are.
fn by_rules(runs: &Runs, args: &NoteArgs, open: Vec<ImportedNote>) -> Result<Exit, CommandError> {
    let count = open.len();
    let mut taken = Vec::new();
    for (line, reads_as) in
        open.into_iter().filter_map(|line| line.reads_as.clone().map(|reads_as| (line, reads_as)))
    {
        let place = format!("{}:{}", line.place.import, line.place.line);
        let text = text::one_line(&line.text).to_string();
        take(runs, args, reads_as.kind, line)?;
        taken.push(vec![place, format!("{} ({})", reads_as.kind.word(), reads_as.words), text]);
    }
    let left = count - taken.len();
    if !taken.is_empty() {
        output::print(&report::grid(&["line", "noted as", "text"], &taken, report::WIDTH))?;
    }
    output::tell(&format!(
        "{} classified, {left} left{}",
        text::plural(taken.len(), "line"),
        if left > 0 { ": `jalon note --classify` asks" } else { "" }
    ));
    Ok(Exit::Passed)
}

fn take(runs: &Runs, args: &NoteArgs, kind: NoteKind, line: ImportedNote) -> Result<(), CommandError> {
    let note = Note {
        day: Some(line.day),
        line: Some(line.place),
        ..Note::new(kind, who(args), Said::verbatim(line.text))
    };
    add(runs, args, note).map(drop)
}

enum Answer {
    Kind(NoteKind),
    Leave,
    Quit,
}

/// The key of a sort of note in the dialogue.
fn key(kind: NoteKind) -> char {
    match kind {
        // That of `decision`.
        NoteKind::Dashboard => 'b',
        kind => kind.word().chars().next().unwrap_or_default(),
    }
}

/// What a key says; none where it says nothing.
fn understood(pressed: &Key, reads_as: Option<NoteKind>) -> Option<Answer> {
    match pressed {
        Key::Enter => Some(reads_as.map_or(Answer::Leave, Answer::Kind)),
        Key::Escape => Some(Answer::Quit),
        Key::Char(pressed) => match pressed.to_ascii_lowercase() {
            'l' => Some(Answer::Leave),
            'q' => Some(Answer::Quit),
            pressed => NoteKind::ALL.into_iter().find(|kind| key(*kind) == pressed).map(Answer::Kind),
        },
        _ => None,
    }
}

/// Asks until a key is an answer; at the end of the input it is to quit.
fn ask(reads_as: Option<NoteKind>) -> Result<Answer, CommandError> {
    let sorts = NoteKind::ALL.map(|kind| format!("{} {}", key(kind), kind.word())).join(", ");
    let default = reads_as.map_or("leave", NoteKind::word);
    output::tell(&format!("  {sorts}, l leave, q quit, Enter {default}"));
    loop {
        let pressed = match terminal::key() {
            Ok(pressed) => pressed,
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Ok(Answer::Quit),
            Err(cause) => {
                return Err(CommandError::Disk { verb: "read", path: "standard input".into(), cause });
            }
        };
        let Some(answer) = understood(&pressed, reads_as) else { continue };
        output::tell(match &answer {
            Answer::Kind(kind) => kind.word(),
            Answer::Leave => "left",
            Answer::Quit => "quit",
        });
        return Ok(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_sort_has_a_key_of_its_own_and_nothing_means_what_the_words_say() {
        let keys: BTreeSet<char> = NoteKind::ALL.into_iter().map(key).chain(['l', 'q']).collect();
        assert_eq!(keys.len(), NoteKind::ALL.len() + 2);
        for kind in NoteKind::ALL {
            for pressed in [key(kind), key(kind).to_ascii_uppercase()] {
                assert!(matches!(understood(&Key::Char(pressed), None), Some(Answer::Kind(k)) if k == kind));
            }
        }
        assert!(matches!(understood(&Key::Enter, Some(NoteKind::Risk)), Some(Answer::Kind(NoteKind::Risk))));
        assert!(matches!(understood(&Key::Enter, None), Some(Answer::Leave)));
        assert!(matches!(understood(&Key::Escape, None), Some(Answer::Quit)));
        assert!(understood(&Key::Char('x'), Some(NoteKind::Risk)).is_none());
        assert!(understood(&Key::ArrowUp, Some(NoteKind::Risk)).is_none());
    }
}
