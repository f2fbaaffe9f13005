//! Which sort of note a line that a person wrote is, where its own words say so.
//!
//! Nothing is guessed: a rule is a few words that people begin such a note with, or a deed and its object. A line whose
//! words say two sorts, or none, is left to a person.

use crate::record::event::NoteKind;

/// The sort that a line reads as, and the words that say so, in lower case and without accents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadsAs {
    /// The sort.
    pub kind: NoteKind,
    /// The words.
    pub words: &'static str,
}

/// Labels: they count with a colon, a dash or a bracket behind them (`Risque : …`, `[TODO] …`).
const LABELS: &[(NoteKind, &[&str])] = &[
    (NoteKind::Action, &["a faire", "action", "actions", "prochaine etape", "next step", "todo", "to do"]),
    (NoteKind::Dashboard, &["dashboard", "dashboards", "tableau de bord", "tableaux de bord"]),
    (NoteKind::Decision, &["decision"]),
    (NoteKind::Hypothesis, &["a verifier", "hypothese", "hypothesis", "to verify"]),
    (NoteKind::Observation, &["constat", "constate", "obs", "observation", "observe", "observed"]),
    (NoteKind::Risk, &["point d'attention", "risk", "risque"]),
    (NoteKind::Security, &["securite", "security"]),
];

/// What a note of that sort begins with, whatever follows; beginnings of words, so that each form of a verb is one.
const BEGINNINGS: &[(NoteKind, &[&str])] = &[
    (
        NoteKind::Action,
        &[
            "il faut ",
            "il faudra ",
            "il reste a ",
            "reste a ",
            "penser a ",
            "to do ",
            "todo ",
            "we must ",
            "we need to ",
        ],
    ),
    (
        NoteKind::Decision,
        &["decide de ", "il a ete decide", "nous avons decide", "on a decide", "we decided", "decided to "],
    ),
    (
        NoteKind::Hypothesis,
        &[
            "hypothese d",
            "il est possible qu",
            "nous supposons",
            "on soupconn",
            "on suppos",
            "we suppose",
            "we suspect",
        ],
    ),
    (
        NoteKind::Observation,
        &[
            "il a ete constate",
            "il a ete observe",
            "nous avons constate",
            "nous avons observe",
            "nous constat",
            "nous observ",
            "nous remarqu",
            "on a constate",
            "on a observe",
            "on a remarque",
            "on constat",
            "on observ",
            "on remarqu",
            "we notice",
            "we observe",
            "we saw ",
            "we see ",
        ],
    ),
    (NoteKind::Risk, &["risk of ", "risk that ", "risque d", "risque qu"]),
];

/// Words that make a sentence a supposition wherever they stand.
const DOUBTS: &[&str] = &[
    "maybe",
    "might",
    "perhaps",
    "peut etre",
    "possibly",
    "probable",
    "probablement",
    "probably",
    "sans doute",
];

/// Deeds that a note of work begins with; what they were done to says which sort it is.
const DEEDS: &[&str] = &[
    "activat",
    "add",
    "ajout",
    "build",
    "built",
    "configur",
    "correct",
    "corrig",
    "cree",
    "creat",
    "fix",
    "install",
    "mise a jour",
    "mise en place",
    "modif",
    "rajout",
    "refonte",
    "repar",
    "renouvel",
    "replac",
    "revoc",
    "rotat",
    "set up",
    "updat",
];

/// Objects of a deed, as whole words.
const OBJECTS: &[(NoteKind, &[&str])] = &[
    (NoteKind::Dashboard, &["dashboard", "dashboards", "grafana", "tableau de bord", "tableaux de bord"]),
    (
        NoteKind::Security,
        &[
            "acl",
            "acls",
            "certificat",
            "certificate",
            "certificates",
            "certificats",
            "keystore",
            "mot de passe",
            "mots de passe",
            "mtls",
            "password",
            "passwords",
            "sasl",
            "scram",
            "ssl",
            "tls",
            "truststore",
        ],
    ),
];

/// The sort that the words of a line say.
pub fn reads_as(line: &str) -> Option<ReadsAs> {
    let text = plain(line);
    // Word's second bullet arrives as a letter of its own.
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let text = text.strip_prefix("o ").unwrap_or(text);
    let label = |word: &&&str| {
        text.strip_prefix(**word)
            .is_some_and(|rest| rest.trim_start().starts_with([':', '-', '–', '—', ']', ')']))
    };
    // A label is what the author called it.
    if let Some(found) = first(LABELS, label) {
        return Some(found);
    }
    let mut found: Vec<ReadsAs> = first(BEGINNINGS, |word| text.starts_with(**word)).into_iter().collect();
    let words = format!(" {} ", text.replace(|c: char| !c.is_alphanumeric(), " "));
    let there = |word: &&&str| words.contains(&format!(" {word} "));
    if let Some(words) = DOUBTS.iter().find(there) {
        found.push(ReadsAs { kind: NoteKind::Hypothesis, words });
    }
    if DEEDS.iter().any(|deed| text.starts_with(deed)) {
        found.extend(OBJECTS.iter().filter_map(|of| first(std::slice::from_ref(of), there)));
    }
    let one = *found.first()?;
    found.iter().all(|other| other.kind == one.kind).then_some(one)
}

fn first(
    table: &'static [(NoteKind, &'static [&'static str])],
    is: impl Fn(&&&'static str) -> bool,
) -> Option<ReadsAs> {
    table.iter().find_map(|(kind, words)| words.iter().find(&is).map(|words| ReadsAs { kind: *kind, words }))
}

/// In lower case, without accents, with plain apostrophes and single blanks.
fn plain(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    for c in line.to_lowercase().chars() {
        match c {
            'à' | 'â' | 'ä' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' => folded.push('i'),
            'ô' | 'ö' => folded.push('o'),
            'ù' | 'û' | 'ü' => folded.push('u'),
            'œ' => folded.push_str("oe"),
            // Accents that stand by themselves, as macOS writes them.
            '\u{300}'..='\u{36f}' => {}
            '’' | 'ʼ' => folded.push('\''),
            other => folded.push(other),
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_what_its_own_words_say() {
        for (line, kind, words) in [
            ("Risque : un seul broker", NoteKind::Risk, "risque"),
            ("- [TODO] demander un disque", NoteKind::Action, "todo"),
            ("o   On constate aussi par ailleurs une latence de 14 ms", NoteKind::Observation, "on constat"),
            ("-       On observer que la latence a baissé", NoteKind::Observation, "on observ"),
            ("Réparation des dashboards de MM2", NoteKind::Dashboard, "dashboards"),
            ("Mise à jour du tableau de bord ZooKeeper", NoteKind::Dashboard, "tableau de bord"),
            ("Renouvellement des certificats des brokers", NoteKind::Security, "certificats"),
            ("Il faut relancer le test à vide", NoteKind::Action, "il faut "),
            ("La latence vient peut-être du GC", NoteKind::Hypothesis, "peut etre"),
            ("Point d’attention : l'espace disque", NoteKind::Risk, "point d'attention"),
            ("We decided to keep linger.ms", NoteKind::Decision, "we decided"),
        ] {
            assert_eq!(reads_as(line), Some(ReadsAs { kind, words }), "{line}");
        }
    }

    #[test]
    fn what_says_nothing_or_two_things_is_left_to_a_person() {
        for line in [
            "Matinée :",
            "1 800 000",
            "Lancement d’un tir de perf avec réplication en continu",
            "On constate une latence de 14 ms, probablement un GC",
            "Ajout du TLS sur les dashboards",
            "Les dashboards sont lents",
            "Actionner le test",
            "mighty broker",
            "",
        ] {
            assert_eq!(reads_as(line), None, "{line}");
        }
    }
}
