//! Values that people give in their sentences: `une latence ZooKeeper entre 3 et 14 ms`, `lag de 12 000 messages`.
//!
//! They are kept as declared, with what they are of and where, and never as measured. What stands in the place of a unit
//! and is none is said with what it would mean.

use super::{
    placed::{Part, Placed},
    words::Words,
};
use crate::record::{Arg, Reading, Said, event::NoteKind, messages};
use regex::Regex;
use std::sync::LazyLock;

/// A value that a person gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// The note that it stands in, by its index.
    pub note: usize,
    /// What it is of, in the words of the note; empty where those do not say.
    pub subject: String,
    /// Where it was seen, in the words of the note.
    pub place: Option<String>,
    /// The value, or the lower one of two.
    pub low: f64,
    /// The upper of two values, where a range was written.
    pub high: Option<f64>,
    /// Its unit; none of a bare number.
    pub unit: Option<&'static str>,
    /// Both as they were written.
    pub written: String,
    /// What is unclear about it.
    pub doubt: Option<Said>,
}

impl Declared {
    /// Whether it is of ZooKeeper, for which campaigns have an objective.
    pub fn is_of_zookeeper(&self) -> bool {
        self.subject.to_lowercase().contains("zookeeper")
    }
}

/// Units, each with the ways in which people write it, in lower case. Sizes and rates of bits are written apart from
/// those of bytes by their case, and looked up first.
const UNITS: &[(&str, &[&str])] = &[
    ("µs", &["us", "µs"]),
    ("ms", &["ms", "msec", "millis", "milliseconds", "millisecondes"]),
    ("s", &["s", "sec", "secs", "seconde", "secondes", "second", "seconds"]),
    ("min", &["min", "mn", "mins", "minute", "minutes"]),
    ("h", &["h", "heure", "heures", "hour", "hours"]),
    ("d", &["j", "d", "jour", "jours", "day", "days"]),
    ("%", &["%", "pct", "percent", "pourcent"]),
    ("B", &["b", "o", "byte", "bytes", "octet", "octets"]),
    ("kB", &["ko", "kb"]),
    ("KiB", &["kib", "kio"]),
    ("MB", &["mo", "mb"]),
    ("MiB", &["mib", "mio"]),
    ("GB", &["go", "gb"]),
    ("GiB", &["gib", "gio"]),
    ("TB", &["to", "tb"]),
    ("MB/s", &["mo/s", "mb/s", "mb/sec", "mo/sec", "mbps"]),
    ("MiB/s", &["mib/s", "mio/s"]),
    ("GB/s", &["go/s", "gb/s"]),
    (
        "records/s",
        &[
            "msg/s",
            "msgs/s",
            "message/s",
            "messages/s",
            "record/s",
            "records/s",
            "rec/s",
            "records/sec",
            "enr/s",
            "enr./s",
            "tps",
            "evt/s",
            "events/s",
        ],
    ),
    ("req/s", &["req/s", "requests/s", "rps"]),
    (
        "records",
        &[
            "message",
            "messages",
            "msg",
            "msgs",
            "record",
            "records",
            "enregistrement",
            "enregistrements",
            "events",
        ],
    ),
    ("partitions", &["partition", "partitions"]),
];

/// What a word in the place of a unit may be the beginning of, and the unit.
const BEGINNINGS: &[(&str, &str)] = &[
    ("bytes", "B"),
    ("octets", "B"),
    ("millisecondes", "ms"),
    ("milliseconds", "ms"),
    ("secondes", "s"),
    ("seconds", "s"),
    ("minutes", "min"),
    ("messages", "records"),
    ("records", "records"),
    ("enregistrements", "records"),
];

static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"-?(?:\d{1,3}(?:[ \u{a0}\u{202f}]\d{3})+|\d+)(?:[.,]\d+)?";
    let unit = r"[ \u{a0}\u{202f}]?(?P<unit>%|[A-Za-zµ]+\.?(?:/[a-z]+)?)?";
    Regex::new(&format!(
        r"(?:^|[^\w./:=-])(?P<whole>(?:(?i:entre|between|de|from)[ ]+)?(?P<low>{number})(?:[ ]?(?:-|–|(?i:et|and|à|a|to))[ ]?(?P<high>{number}))?{unit})"
    ))
    .ok()
});

static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:data ?-?cent\w*|dacent\w*|site|dc|rack|baie|salle|room|zone|broker|brk|node|n[oœ]e?ud|worker|cluster)s?[ -]?[\w-]+").ok()
});

/// Every value that the notes of `reading` give.
pub fn declared(reading: &Reading, placed: &[Placed]) -> Vec<Declared> {
    let mut found: Vec<Declared> = Vec::new();
    for (note, (line, place)) in reading.notes.iter().zip(placed).enumerate() {
        if place.part == Part::Note {
            let of_above = |found: &[Declared]| {
                let above = place.under?;
                found.iter().rev().find(|d| d.note == above).map(|d| d.subject.clone())
            };
            let above = of_above(&found);
            found.extend(of_line(note, line.said()).into_iter().map(|mut value| {
                if value.subject.is_empty() {
                    value.subject = above.clone().unwrap_or_default();
                }
                value
            }));
        }
    }
    doubt(&mut found, placed);
    found
}

/// Runs that were noted and whose output is nowhere: the index of each note.
pub fn runs_without_output(reading: &Reading, placed: &[Placed]) -> Vec<usize> {
    let told = |at: usize| {
        let words = Words::of(reading.notes[at].said());
        placed[at].part == Part::Note
            && placed[at].reads_as.as_ref().is_some_and(|r| r.kind == NoteKind::Observation)
            && super::reading_as::tells_of_a_run(&words)
    };
    let ends = |at: usize| matches!(placed[at].part, Part::Heading | Part::Introduces(_)) || told(at);
    (0..placed.len())
        .filter(|at| told(*at))
        .filter(|at| {
            let first = reading.notes[*at].line;
            let next = (at + 1..placed.len())
                .find(|next| ends(*next))
                .map_or(u64::MAX, |next| reading.notes[next].line);
            !reading.scenarios.iter().any(|s| (first..next).contains(&s.lines.first))
        })
        .collect()
}

fn of_line(note: usize, text: &str) -> Vec<Declared> {
    let (Some(values), Some(places)) = (VALUE.as_ref(), PLACE.as_ref()) else { return Vec::new() };
    let place = places.find(text).map(|m| m.as_str().to_owned());
    let mut found = Vec::new();
    for of in values.captures_iter(text) {
        let (Some(all), Some(low)) = (of.name("whole"), of.name("low")) else { continue };
        // The digits of a name, a date, a version or a time are no value.
        let behind = &text[all.end()..];
        if behind.starts_with([':', '/', '=', '_']) || behind.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let Some(low_value) = super::super::text::number(&low.as_str().replace(['\u{a0}', '\u{202f}'], " "))
        else {
            continue;
        };
        let high = of
            .name("high")
            .and_then(|m| super::super::text::number(&m.as_str().replace(['\u{a0}', '\u{202f}'], " ")));
        let word = of.name("unit").map_or("", |m| m.as_str());
        let end = |known: bool| match of.name("unit") {
            Some(unit) if known => unit.end(),
            _ => of.name("high").map_or(low.end(), |m| m.end()),
        };
        let unit = unit(word);
        let meant = unit.is_none().then(|| meant(word)).flatten();
        // A bare number is a value where it is large, and all that the line says.
        let bare = unit.is_none() && meant.is_none();
        if bare
            && (low_value < 1000.0 || text[..low.start()].chars().filter(|c| c.is_alphabetic()).count() > 12)
        {
            continue;
        }
        found.push(Declared {
            note,
            subject: subject(&text[..all.start()], &text[end(!bare)..]),
            place: place.clone(),
            low: low_value,
            high,
            unit: unit.or(meant),
            written: text[all.start()..end(!bare)].trim().to_owned(),
            doubt: meant.map(|meant| not_a_unit(word, meant)),
        });
    }
    found
}

fn unit(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let lower = lower.trim_end_matches('.');
    UNITS.iter().find(|(_, written)| written.contains(&lower)).map(|(unit, _)| *unit)
}

fn meant(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let begins = |whole: &str| {
        lower == "by" && whole == "bytes" || lower.len() >= 3 && whole.starts_with(lower.as_str())
    };
    BEGINNINGS.iter().find(|(whole, _)| begins(whole)).map(|(_, unit)| *unit)
}

/// What a value is of: the words before it, or behind it, that are no small words.
fn subject(before: &str, behind: &str) -> String {
    const SMALL: &[&str] = &[
        "a",
        "à",
        "au",
        "aux",
        "aussi",
        "autour",
        "about",
        "alors",
        "an",
        "and",
        "around",
        "at",
        "avec",
        "between",
        "by",
        "ce",
        "cet",
        "cette",
        "constate",
        "constater",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "en",
        "entre",
        "environ",
        "est",
        "et",
        "for",
        "from",
        "is",
        "il",
        "l",
        "la",
        "le",
        "les",
        "mais",
        "me",
        "mesure",
        "mesuré",
        "mesurée",
        "monte",
        "monté",
        "montée",
        "n",
        "observe",
        "observer",
        "of",
        "on",
        "ont",
        "par",
        "ailleurs",
        "passe",
        "passé",
        "passée",
        "plus",
        "pour",
        "que",
        "qu",
        "qui",
        "remarque",
        "s",
        "sa",
        "se",
        "son",
        "sont",
        "sur",
        "that",
        "the",
        "to",
        "un",
        "une",
        "up",
        "was",
        "we",
        "went",
        "were",
        "with",
        "y",
        "~",
        "≈",
        "<",
        ">",
        "=",
        "nous",
        "now",
        "then",
        "puis",
        "still",
        "toujours",
        "vers",
    ];
    let small = |word: &&str| {
        SMALL.contains(&word.to_lowercase().as_str()) || word.chars().all(|c| c.is_ascii_digit())
    };
    let split = |text: &str| -> Vec<String> {
        text.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c)))
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    // Only of the same clause.
    let clause = before
        .rsplit([',', ';', ':', '(', '.'])
        .next()
        .filter(|c| c.chars().any(char::is_alphabetic))
        .unwrap_or(before);
    let words = split(clause);
    let mut taken: Vec<&str> = Vec::new();
    for word in words.iter().rev().map(String::as_str) {
        match small(&word) {
            true if taken.is_empty() => {}
            true => break,
            false => taken.insert(0, word),
        }
        if taken.len() == 4 {
            break;
        }
    }
    if taken.is_empty() {
        let words = split(behind.split([',', ';', '(']).next().unwrap_or_default());
        return words
            .iter()
            .map(String::as_str)
            .skip_while(|w| small(w))
            .take_while(|w| !small(w))
            .take(3)
            .collect::<Vec<_>>()
            .join(" ");
    }
    taken.join(" ")
}

/// Says of a doubtful size what all records of its run would come to.
fn doubt(found: &mut [Declared], placed: &[Placed]) {
    let run = |d: &Declared| placed[d.note].under.unwrap_or(d.note);
    for at in 0..found.len() {
        if found[at].doubt.is_none() || found[at].unit != Some("B") {
            continue;
        }
        let of_run = run(&found[at]);
        let mut counts = found
            .iter()
            .filter(|d| run(d) == of_run && (d.unit.is_none() || d.unit == Some("records")) && d.low > 0.0);
        if let (Some(records), None) = (counts.next(), counts.next()) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "shown to three digits"
            )]
            let total = (records.low * found[at].low) as u64;
            let said =
                not_a_unit_of_records(found[at].written.clone(), records.written.clone(), Arg::bytes(total));
            found[at].doubt = Some(said);
        }
    }
}

messages! {
    area "notes";
    not_a_unit(word, meant) => "`{word}` is not a unit; {meant} may be meant" / "« {word} » n'est pas une unité ; il s'agit peut-être de {meant}";
    not_a_unit_of_records(written, records, total) => "`{written}` has no valid unit; if bytes are meant, {records} records of that size are {total}" / "l'unité de « {written} » n'en est pas une ; s'il s'agit d'octets, {records} enregistrements de cette taille font {total}";
}
