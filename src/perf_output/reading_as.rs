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

/// Beginnings of words that say the sort wherever they stand in the line. They count only where nothing above says one.
const STEMS: &[(NoteKind, &[&str])] = &[
    (
        NoteKind::Action,
        &[
            "a planifier",
            "a prevoir",
            "a refaire",
            "a relancer",
            "a corriger",
            "a mettre en place",
            "doit etre",
            "doivent etre",
            "il faudrait",
            "needs to be",
            "need to be",
            "must be ",
            "should be ",
            "to be done",
            "est a faire",
            "demander a ",
        ],
    ),
    (
        NoteKind::Decision,
        &[
            "decid",
            "on garde ",
            "on part sur",
            "on retient",
            "nous retenons",
            "we keep ",
            "agreed",
            "go with ",
        ],
    ),
    (
        NoteKind::Hypothesis,
        &[
            "semble",
            "on dirait",
            "pourrait",
            "serait ",
            "a confirmer",
            "a valider",
            "a verifier",
            "seems",
            "looks like",
            "could be ",
            "to be confirmed",
            "tbc",
            "suspect",
            "soupconn",
        ],
    ),
    (
        NoteKind::Risk,
        &[
            "risque",
            "risk",
            "spof",
            "single point of failure",
            "expir",
            "danger",
            "va saturer",
            "will fill",
            "runs out",
        ],
    ),
    (
        NoteKind::Observation,
        &[
            "constat",
            "observ",
            "remarqu",
            "mesur",
            "releve",
            "a baisse",
            "a augmente",
            "a chute",
            "a double",
            "est montee",
            "est monte",
            "passe de ",
            "passee de ",
            "went from",
            "dropped",
            "increased",
            "decreased",
            "rose ",
            "fell ",
            "keeps growing",
            "est stable",
            "is stable",
            "lag de ",
            "latence de ",
            "latency of ",
            "echec",
            "echoue",
            "failed",
            "erreur",
            "error",
            "timeout",
            "redemarr",
            "restarted",
            "crash",
            "plante",
        ],
    ),
];

/// What a line about a load begins with, and what it is about: it tells what was run.
const RUNS: (&[&str], &[&str]) = (
    &[
        "lanc",
        "relanc",
        "relance",
        "demarr",
        "redemarr",
        "execut",
        "fait ",
        "refait ",
        "re-run",
        "rerun of",
        "ran ",
        "started ",
        "launched ",
        "run of",
        "fin d",
        "debut d",
        "end of",
        "start of",
        "tir ",
        "test ",
    ],
    &[
        "tir",
        "tirs",
        "test",
        "tests",
        "bench",
        "benchs",
        "benchmark",
        "perf",
        "charge",
        "load",
        "injection",
        "scenario",
        "campagne",
        "baseline",
    ],
);

/// What a task begins with: a verb as an order or an infinitive.
const TASKS: &[&str] = &[
    "verifier ",
    "relancer ",
    "refaire ",
    "demander ",
    "ajouter ",
    "mettre ",
    "remettre ",
    "prevoir ",
    "planifier ",
    "augmenter ",
    "reduire ",
    "diminuer ",
    "passer ",
    "tester ",
    "voir avec ",
    "ouvrir ",
    "contacter ",
    "valider ",
    "mesurer ",
    "comparer ",
    "corriger ",
    "documenter ",
    "analyser ",
    "expliquer ",
    "installer ",
    "configurer ",
    "activer ",
    "desactiver ",
    "supprimer ",
    "creer ",
    "finir ",
    "terminer ",
    "continuer ",
    "rejouer ",
    "joindre ",
    "envoyer ",
    "surveiller ",
    "changer ",
    "remplacer ",
    "renouveler ",
    "ask ",
    "check ",
    "rerun ",
    "re-run ",
    "retry ",
    "increase ",
    "reduce ",
    "schedule ",
    "investigate ",
    "compare ",
    "measure ",
    "open a ",
    "raise ",
    "explain ",
    "validate ",
    "verify ",
    "need to ",
    "follow up ",
];

/// The sort that the words of a line say: what it calls itself, what it begins with, and then single words in it.
pub fn reads_as(line: &str) -> Option<ReadsAs> {
    let text = plain(line);
    // Word's second bullet arrives as a letter of its own.
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let text = text.strip_prefix("o ").unwrap_or(text);
    match strongly(text) {
        Strong::Says(found) => Some(found),
        Strong::TwoThings => None,
        Strong::Nothing => weakly(text),
    }
}

/// What single words say. An observation gives way to what was made of it; a task to nothing.
fn weakly(text: &str) -> Option<ReadsAs> {
    let words = format!(" {} ", text.replace(|c: char| !c.is_alphanumeric(), " "));
    let begins = |stem: &&&str| {
        text.match_indices(**stem).any(|(at, _)| at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric())
    };
    if text.ends_with('?') {
        return Some(ReadsAs { kind: NoteKind::Hypothesis, words: "?" });
    }
    if let Some(words) = TASKS.iter().find(|task| text.starts_with(**task)) {
        return Some(ReadsAs { kind: NoteKind::Action, words });
    }
    let mut found: Vec<ReadsAs> =
        STEMS.iter().filter_map(|of| first(std::slice::from_ref(of), begins)).collect();
    let there = |word: &&&str| words.contains(&format!(" {word} "));
    if RUNS.0.iter().any(|start| text.starts_with(start))
        && let Some(words) = RUNS.1.iter().find(there)
    {
        found.push(ReadsAs { kind: NoteKind::Observation, words });
    }
    let made_of_it = |r: &&ReadsAs| r.kind != NoteKind::Observation;
    if found.iter().any(|r| made_of_it(&r)) {
        found.retain(|r| made_of_it(&r));
    }
    let one = match found.first() {
        Some(one) => *one,
        // What is said of security or of dashboards, and nothing else, belongs there.
        None => OBJECTS.iter().find_map(|of| first(std::slice::from_ref(of), there))?,
    };
    found.iter().all(|other| other.kind == one.kind).then_some(one)
}

/// What a line calls itself or begins with.
enum Strong {
    Says(ReadsAs),
    TwoThings,
    Nothing,
}

fn strongly(text: &str) -> Strong {
    let label = |word: &&&str| {
        text.strip_prefix(**word)
            .is_some_and(|rest| rest.trim_start().starts_with([':', '-', '–', '—', ']', ')']))
    };
    // A label is what the author called it.
    if let Some(found) = first(LABELS, label) {
        return Strong::Says(found);
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
    match found.first() {
        None => Strong::Nothing,
        Some(one) if found.iter().all(|other| other.kind == one.kind) => Strong::Says(*one),
        Some(_) => Strong::TwoThings,
    }
}

fn first(
    table: &'static [(NoteKind, &'static [&'static str])],
    is: impl Fn(&&&'static str) -> bool,
) -> Option<ReadsAs> {
    table.iter().find_map(|(kind, words)| words.iter().find(&is).map(|words| ReadsAs { kind: *kind, words }))
}

/// In lower case, without accents, with plain apostrophes and single blanks.
pub(super) fn plain(line: &str) -> String {
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
            ("Lancement d’un tir de perf avec réplication en continu", NoteKind::Observation, "tir"),
            ("Cette latence de 14ms est remarquee sur north", NoteKind::Observation, "remarqu"),
            ("Les dashboards sont lents", NoteKind::Dashboard, "dashboards"),
            ("Relancer le tir A avec acks=1", NoteKind::Action, "relancer "),
            ("Le certificat du broker 3 expire en mars", NoteKind::Risk, "expir"),
            ("Mots de passe en clair dans le script", NoteKind::Security, "mots de passe"),
            ("Le GC serait en cause", NoteKind::Hypothesis, "serait "),
            ("On garde linger.ms=5", NoteKind::Decision, "on garde "),
            ("is the disk full?", NoteKind::Hypothesis, "?"),
        ] {
            assert_eq!(reads_as(line), Some(ReadsAs { kind, words }), "{line}");
        }
    }

    #[test]
    fn what_says_nothing_or_two_things_is_left_to_a_person() {
        for line in [
            "Matinée :",
            "1 800 000",
            "On constate une latence de 14 ms, probablement un GC",
            "Ajout du TLS sur les dashboards",
            "Actionner le test",
            "mighty broker",
            "",
        ] {
            assert_eq!(reads_as(line), None, "{line}");
        }
    }
}
