//! What each line that a person wrote is to the ones around it: a title, a heading, the name of the run below it, a detail
//! of the line above it, or a note of its own.
//!
//! A line says first by its own words which sort of note it is ([`reads_as`]); where they do not say, a detail goes with
//! the line that it belongs to, and a note with the heading above it.

use super::reading_as::{ReadsAs, plain, reads_as};
use crate::record::{Line, Reading, event::NoteKind};

/// A line of the text in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Whether it says nothing of the platform: a title, a heading, an empty bullet, the words of a mail.
    pub is_structure: bool,
    /// Which sort of note it is, where that can be told.
    pub reads_as: Option<ReadsAs>,
}

/// Headings that say which sort of note stands below them, by the beginnings of their first words.
const SORTS: &[(NoteKind, &[&str])] = &[
    (
        NoteKind::Action,
        &[
            "recommandation",
            "recommendation",
            "action",
            "a faire",
            "reste a faire",
            "todo",
            "to do",
            "prochaine",
            "next",
            "suite a donner",
            "suivi",
            "follow-up",
            "follow up",
            "plan d'action",
        ],
    ),
    (
        NoteKind::Dashboard,
        &["dashboard", "tableaux de bord", "tableau de bord", "supervision", "monitoring", "grafana"],
    ),
    (NoteKind::Decision, &["decision"]),
    (
        NoteKind::Hypothesis,
        &[
            "a verifier",
            "a valider",
            "a confirmer",
            "hypothes",
            "question",
            "to validate",
            "to check",
            "to verify",
        ],
    ),
    (
        NoteKind::Observation,
        &[
            "constat",
            "observation",
            "observe",
            "probleme",
            "incident",
            "issue",
            "problem",
            "resultat",
            "result",
            "findings",
        ],
    ),
    (
        NoteKind::Risk,
        &["risque", "risk", "point d'attention", "points d'attention", "attention", "alerte", "warning"],
    ),
    (NoteKind::Security, &["securite", "security"]),
];

/// Headings that name a part of the day or of the text.
const PERIODS: &[&str] = &[
    "matin",
    "matinee",
    "apres midi",
    "apres-midi",
    "midi",
    "soir",
    "soiree",
    "nuit",
    "journee",
    "aujourd'hui",
    "hier",
    "demain",
    "morning",
    "afternoon",
    "evening",
    "night",
    "today",
    "yesterday",
    "tomorrow",
    "am",
    "pm",
    "contexte",
    "context",
    "resume",
    "summary",
    "synthese",
    "notes",
    "divers",
    "misc",
    "conclusion",
    "annexe",
    "appendix",
    "tests",
    "test",
    "travaux",
    "work done",
    "environnement",
    "environment",
    "setup",
];

/// Words that a title, a mail or a signature begins with.
const FRAMES: &[&str] = &[
    "notes de travail",
    "compte rendu",
    "compte-rendu",
    "journal du",
    "rapport du",
    "rapport journalier",
    "cr du",
    "notes du",
    "notes of",
    "daily report",
    "daily notes",
    "work log",
    "worklog",
    "report of",
    "minutes of",
    "from:",
    "de :",
    "de:",
    "to:",
    "a :",
    "cc:",
    "cc :",
    "subject:",
    "objet :",
    "objet:",
    "sent:",
    "envoye :",
    "envoye:",
    "date:",
    "date :",
    "on behalf of",
    "-----",
];

/// Words of a greeting or of the end of a mail, where the line has few others.
const GREETINGS: &[&str] = &[
    "bonjour",
    "bonsoir",
    "salut",
    "hello",
    "hi,",
    "hi all",
    "hi team",
    "dear",
    "cordialement",
    "bien a vous",
    "bonne journee",
    "merci",
    "regards",
    "best regards",
    "kind regards",
    "thanks",
    "thank you",
    "cheers",
];

/// Every note of `reading` in its place, in their order.
pub fn outline(reading: &Reading) -> Vec<Placed> {
    let mut heading: Option<ReadsAs> = None;
    // The bullets that are open above this line, each with its depth and sort.
    let mut open: Vec<(usize, Option<ReadsAs>)> = Vec::new();
    let mut placed = Vec::with_capacity(reading.notes.len());
    for (at, line) in reading.notes.iter().enumerate() {
        let (depth, said) = bullet(&line.text);
        let text = plain(said);
        if is_frame(&text, at) {
            (heading, open) = (None, Vec::new());
            placed.push(Placed { is_structure: true, reads_as: None });
            continue;
        }
        if let Some(sort) = heading_of(&text, depth, &line.text) {
            (heading, open) = (sort, Vec::new());
            placed.push(Placed { is_structure: true, reads_as: sort });
            continue;
        }
        if introduces(reading, at, line, &text) {
            open.clear();
            placed.push(Placed { is_structure: true, reads_as: None });
            continue;
        }
        open.retain(|(above, _)| *above < depth);
        let above = open.last().and_then(|(_, sort)| *sort);
        // A bare value goes with the line before it, however it is set in.
        let before = is_value(&text).then(|| placed.last().and_then(|p: &Placed| p.reads_as)).flatten();
        let sort = reads_as(said).or(above).or(heading).or(before);
        open.push((depth, sort));
        placed.push(Placed { is_structure: text.is_empty(), reads_as: sort });
    }
    placed
}

/// How deep a line is set in, by its mark and the blanks before it, and what stands behind the mark.
fn bullet(text: &str) -> (usize, &str) {
    let mut text = text.trim_start_matches(['>', '|']).trim_end();
    let indent =
        text.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
    text = text.trim_start();
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    let is_mark = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let rank = match first {
        Some('-' | '*' | '•' | '–' | '—' | '·' | '►' | '➢' | '✓') if is_mark(second) => 1,
        Some('o' | '◦' | '+' | '‣' | '▪' | '○') if is_mark(second) => 2,
        Some('§' | '■' | '▫') if is_mark(second) => 3,
        _ => 0,
    };
    let said = match rank {
        0 => text.trim_start_matches('#').trim_start(),
        _ => text[first.map_or(0, char::len_utf8)..].trim_start(),
    };
    // Boxes of a list of tasks.
    let said = ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| said.strip_prefix(mark)).unwrap_or(said);
    (rank * 100 + indent.min(99), said)
}

/// Whether the line is a title, or the words of a mail around its content.
fn is_frame(text: &str, at: usize) -> bool {
    let rule = !text.is_empty() && text.chars().all(|c| "-=_*~#".contains(c));
    let quoted = text.starts_with("le ") && (text.ends_with("a ecrit :") || text.ends_with("ecrit:"))
        || text.starts_with("on ") && text.ends_with("wrote:");
    let days = [
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let first_word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let dated = text.len() < 60
        && text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count() >= 2
        && (days.contains(&first_word) || at == 0 && text.chars().filter(|c| "/-".contains(*c)).count() >= 2);
    let greets = text.split_whitespace().count() <= 4 && GREETINGS.iter().any(|word| text.starts_with(word));
    rule || quoted || dated || greets || FRAMES.iter().any(|frame| text.starts_with(frame))
}

/// The sort that a heading gives to what stands below it; the outer one is none where the line is no heading.
fn heading_of(text: &str, depth: usize, raw: &str) -> Option<Option<ReadsAs>> {
    let bare = text
        .trim_end_matches([':', '.', ' '])
        .trim_start_matches(|c: char| c.is_ascii_digit() || ".) ".contains(c));
    let words = bare.split_whitespace().count();
    let marked = raw.trim_start().starts_with('#') || text.ends_with(':') || depth < 100;
    if !marked || words == 0 || words > 5 || text.contains(": ") && !text.ends_with(':') {
        return None;
    }
    // Without a colon, a heading is its name and nothing else.
    let alone = !text.ends_with(':') && !raw.trim_start().starts_with('#');
    let ends = ["", "s", "s etapes", " steps", " items", " d'action"];
    let of = |names: &[&'static str]| {
        let mut names = names.iter().copied();
        names.find(|name| bare.strip_prefix(name).is_some_and(|rest| !alone || ends.contains(&rest)))
    };
    let sort = SORTS.iter().find_map(|(kind, names)| of(names).map(|words| ReadsAs { kind: *kind, words }));
    let named = |name: &str| {
        bare == name
            || !alone && bare.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') && words <= 3)
    };
    // Few words that name a sort, or a part of the day, and nothing that happened.
    match sort {
        Some(sort)
            if words <= 4 && reads_as(text).is_none_or(|own| own.kind == sort.kind) && !has_verb(bare) =>
        {
            Some(Some(sort))
        }
        _ if PERIODS.iter().any(|name| named(name)) && !has_verb(bare) => Some(None),
        _ if raw.trim_start().starts_with("## ") || raw.trim_start().starts_with("# ") => Some(None),
        _ => None,
    }
}

/// Words that make a line tell of something, and no heading.
fn has_verb(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "est", "sont", "a", "ont", "is", "are", "was", "were", "has", "have", "ok", "ko", "faut", "must",
        "should",
    ];
    text.split(|c: char| !c.is_alphanumeric()).any(|word| VERBS.contains(&word)) && !text.starts_with("a ")
}

/// Whether the line names the run that begins in the next lines.
fn introduces(reading: &Reading, at: usize, line: &Line, text: &str) -> bool {
    let next = reading.notes.get(at + 1).map_or(u64::MAX, |next| next.line);
    let begins = reading
        .scenarios
        .iter()
        .any(|s| s.lines.first > line.line && s.lines.first < next && s.lines.first - line.line <= 4);
    let words = text.split_whitespace().count();
    begins && words <= 20 && reads_as(text).is_none_or(|own| own.kind == NoteKind::Observation)
}

/// Whether the line is nothing but a value: a number with a unit, a setting and its value.
fn is_value(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.split_whitespace().count() <= 5 && digits > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(text: &str) -> Vec<(String, Placed)> {
        let (reading, _) = super::super::read(text.as_bytes(), None).unwrap();
        let texts = reading.notes.iter().map(|line| line.said().to_owned());
        texts.zip(outline(&reading)).collect()
    }

    /// Each line with the first letters of what it is: `-` for structure, `?` where it is open.
    fn told(text: &str) -> Vec<String> {
        let word = |p: &Placed| match (p.is_structure, p.reads_as) {
            (true, _) => "-".to_owned(),
            (false, Some(r)) => r.kind.word()[..3].to_owned(),
            (false, None) => "?".to_owned(),
        };
        placed(text).iter().map(|(_, p)| word(p)).collect()
    }

    #[test]
    fn notes_of_a_day_in_french_are_read_with_their_structure() {
        let text = "Notes de travail : jeudi 18/12/2025\nMatinee :\n-       Lancement  d’un tir de perf avec replication en continue\n\
                    o   Througput -1\no   1 800 000\n-       On observer que la latence a baissé sur les envois\n\
                    o   Cette latence de 14ms est remarquee  sur des datacenter north\nReparation des dashboards de mm2\n\
                    Apres midi :\nRecommandations :\n- augmenter batch.size à 64 KiB\n- refaire le tir A\n-\n\
                    Risques\n- un seul broker par site\nSécurité :\n- les mots de passe sont en clair dans le script\n";
        assert_eq!(
            told(text),
            [
                "-", "-", "obs", "obs", "obs", "obs", "obs", "das", "-", "-", "act", "act", "-", "-", "ris",
                "-", "sec"
            ]
        );
    }

    #[test]
    fn terse_english_notes_are_read_too() {
        let text = "Daily notes 2026-03-02\n\nMorning\n* ran the baseline test twice\n* p99 went from 35 ms to 90 ms after lunch\n\
                    * maybe GC on broker 2?\n\nNext steps\n* rerun with acks=1\n* ask ops for a bigger disk\n\nIssues:\n\
                    * consumer lag keeps growing\n\nSecurity:\n* ACLs missing for the mm2 user\n";
        assert_eq!(told(text), ["-", "-", "obs", "obs", "hyp", "-", "act", "act", "-", "obs", "-", "sec"]);
    }

    #[test]
    fn a_mail_with_quotes_and_a_signature_is_read() {
        let text = "Bonjour,\nLe 3 mars, Ana a écrit :\n> On constate un lag de 12 000 messages sur la cible\n\
                    > Il faut relancer le connecteur\nDécision : on garde linger.ms=5\nÀ vérifier : la version de MM2\nCordialement,\nLéa\n";
        assert_eq!(told(text)[..5], ["-", "obs", "act", "dec", "hyp"]);
    }

    #[test]
    fn the_line_above_a_command_names_its_run() {
        let text = "- Relance du premier test de perf avec le parametrage initial\n$ kafka-producer-perf-test --topic t --num-records 10 \
                    --record-size 100 --throughput -1\n10 records sent, 9.9 records/sec (0.00 MB/sec), 1.00 ms avg latency, 2.00 ms max \
                    latency, 1 ms 50th, 2 ms 95th, 2 ms 99th, 2 ms 99.9th.\n- On constate 2 ms\n";
        assert_eq!(told(text), ["-", "obs"]);
    }
}
