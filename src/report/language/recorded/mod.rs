//! What kinds, drivers, importers and comparisons record in English, in French: descriptions of actions and watches,
//! remarks, why a value is missing, and why an action could not be carried out.
//!
//! The journal keeps these as sentences, old ones too, so that they are known by their form. `{}` is a piece that is
//! carried over, put into French itself where it can be; `{#}` in the French form is a number. A test reads the sources
//! and finds what has no form here.

mod by_hand;
mod compared;
mod faults;
mod load;
mod platform;

/// English and French. The first form that fits counts, so that those with more of their own words come first.
pub(in crate::report) fn forms() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [platform::FORMS, load::FORMS, by_hand::FORMS, compared::FORMS, faults::FORMS].into_iter().flatten()
}

/// Pieces of the others: too short to be told from an operator's words where they stand alone.
pub(super) const PIECES: &[(&str, &str)] = &[
    ("sent and read", "envoyé et lu"),
    ("sent", "envoyé"),
    ("read", "lu"),
    ("one of {}", "l'un de {}"),
    ("own loop", "sa propre boucle"),
    ("rate", "son débit"),
    ("once", "une fois"),
    ("repeated", "répétés"),
    ("out of order", "dans le désordre"),
    ("corrupt", "corrompus"),
    ("without a stamp", "sans marque"),
    ("see probes.csv", "voir probes.csv"),
    ("and was not confirmed", "sans confirmation"),
    ("and once again", "et une fois de plus"),
    ("line {}: {}", "ligne {} : {}"),
    ("line {}", "ligne {}"),
    ("lines {}", "lignes {}"),
    ("from {} to {} over {}", "de {} à {} en {}"),
    ("{} places, first in line {}", "{} endroits, le premier ligne {}"),
    ("and {} times again", "et {} fois de plus"),
    ("unlimited rate", "débit illimité"),
    ("at most {} ahead of it", "au plus en avance de {}"),
    ("behind it by {} or more", "en retard de {} ou plus"),
    ("for {} of their own sizes", "pendant {}, à leurs propres tailles"),
    ("{} records of their own sizes", "{#} enregistrements de leurs propres tailles"),
    ("{} records for {} of {}", "{#} enregistrements en {}, de {}"),
    ("{} records of {}", "{#} enregistrements de {}"),
    ("{} records for {}", "{#} enregistrements en {}"),
    ("for {} of {}", "pendant {}, des enregistrements de {}"),
    ("for {}", "pendant {}"),
    ("{} records/s", "{#} enr./s"),
    ("{} records/min", "{#} enr./min"),
    ("{} records", "{#} enregistrements"),
    ("1 record", "1 enregistrement"),
    ("{} partitions", "{} partitions"),
    ("1 partition", "1 partition"),
    ("{} members", "{} membres"),
    ("1 member", "1 membre"),
    ("{} exceptions", "{} exceptions"),
    ("1 exception", "1 exception"),
    ("{} times: {}", "{} fois : {}"),
    ("{} times", "{} fois"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::language::{Language, reasons::translated};
    use regex::Regex;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") => {
                    found.push(path)
                }
                false => {}
            }
        }
    }

    /// The texts in quotation marks from the bracket that `code` begins with to the one that closes it, with `{}` for
    /// each place.
    fn literals(code: &str) -> Vec<String> {
        let (mut found, mut depth) = (Vec::new(), 0_usize);
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                '"' => {
                    let mut text = String::new();
                    while let Some(c) = chars.next().filter(|c| *c != '"') {
                        match (c, chars.peek()) {
                            ('\\', Some('\n')) => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                            ('\\', _) => text.extend(chars.next()),
                            _ => text.push(c),
                        }
                    }
                    found.push(text);
                }
                _ => {}
            }
        }
        let places = Regex::new(r"\{[^{}]*\}").unwrap();
        found.into_iter().map(|text| places.replace_all(&text, "{}").into_owned()).collect()
    }

    #[test]
    fn every_remark_of_the_sources_has_a_form() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        for folder in ["action", "clients", "load"] {
            sources(&root.join(folder), &mut files);
        }
        let calls =
            Regex::new(r"(?:remarks?\.push|\.remark|not_measured|found\.push|Value::Missing|absent|(?:self|run)\.say|#\[error|ActionError::Failed)\(")
                .unwrap();
        let words = Regex::new("[a-z]{2,}").unwrap();
        let known: Vec<&str> = forms().chain(PIECES).map(|(english, _)| *english).collect();
        // Sentences with a piece that is there or not: a form for each.
        let composed = [
            "it ended after {}{} records because none came for {}",
            "the command asks for {} records, the total says {}{}",
        ];
        let mut unknown = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            for call in calls.find_iter(code) {
                for literal in literals(&code[call.end() - 1..]) {
                    // A word alone is a piece of something, and a name in backticks is what the platform calls it.
                    if words.find_iter(&literal).count() < 3 {
                        continue;
                    }
                    if !known.contains(&literal.as_str()) && !composed.contains(&literal.as_str()) {
                        unknown.push(format!("{}: {literal}", file.strip_prefix(&root).unwrap().display()));
                    }
                }
            }
        }
        assert!(unknown.is_empty(), "they have no French form in report/recorded:\n{}", unknown.join("\n"));
    }

    #[test]
    fn what_kinds_record_is_put_into_french_to_its_last_word() {
        for (english, french) in [
            (
                "produce 3000 records of 1.0 KiB to `t` of cluster `source` at 200 records/s",
                "produire 3\u{202f}000 enregistrements de 1.0 KiB vers `t` du cluster `source` à 200 enr./s",
            ),
            (
                "produce for 2 s of 1.0 KiB to `t` of cluster `source` at unlimited rate by 4 clients",
                "produire pendant 2 s, des enregistrements de 1.0 KiB vers `t` du cluster `source` à débit illimité par 4 clients",
            ),
            (
                "consume 3000 records of `t` of cluster `source` with 3 members",
                "consommer 3\u{202f}000 enregistrements de `t` du cluster `source` avec 3 membres",
            ),
            (
                "622.255077 records/s of the 1000/s asked for: the rate was not reached, and the latencies are those of an \
                 overloaded client",
                "622,255077 enr./s sur les 1\u{202f}000/s demandés : le débit n'a pas été atteint, et les latences sont celles \
                 d'un client surchargé",
            ),
            (
                "cluster `source`: no broker of h:9092 answers: timed out",
                "cluster `source` : aucun broker de h:9092 ne répond : timed out",
            ),
            // What a person wrote or a tool printed is left as it is.
            ("two records of a test topic", "two records of a test topic"),
            (
                "WARN [Producer clientId=p] Error: {t=LEADER_NOT_AVAILABLE}",
                "WARN [Producer clientId=p] Error: {t=LEADER_NOT_AVAILABLE}",
            ),
        ] {
            assert_eq!(translated(Language::Fr, &english.into()), french);
            assert_eq!(translated(Language::En, &english.into()), english);
        }
    }
}
