//! Words as people in a hurry type them: case, accents, doubled letters and punctuation make no difference.

/// A line in the form in which cues are looked for.
#[derive(Debug)]
pub(super) struct Words {
    /// In lower case, without accents, punctuation as it is.
    pub(super) plain: String,
    /// The words alone, each with one blank before and behind, no letter twice in a row.
    pub(super) bare: String,
    /// The first word as it was typed, in lower case.
    pub(super) first: String,
    /// Whether that word has a capital.
    pub(super) is_named: bool,
}

impl Words {
    pub(super) fn of(line: &str) -> Self {
        let plain = plain(line);
        let bare = bare(&plain);
        let first = line.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or_default();
        Self { plain, bare, first: first.to_lowercase(), is_named: first.starts_with(char::is_uppercase) }
    }

    /// How many words there are.
    pub(super) fn count(&self) -> usize {
        self.bare.split_whitespace().count()
    }

    /// Where a cue stands: at the beginning of a word; with a blank at its end it is whole words. It is written as
    /// [`Words::bare`] has it.
    pub(super) fn find(&self, cue: &str) -> Option<usize> {
        self.bare.match_indices(cue).map(|(at, _)| at).find(|at| self.bare[..*at].ends_with(' '))
    }

    /// Whether the line begins with a cue.
    pub(super) fn begins(&self, cue: &str) -> bool {
        self.bare[1..].starts_with(cue)
    }
}

/// The words of a plain text, each with one blank before and behind, no letter twice in a row.
pub(super) fn bare(plain: &str) -> String {
    let mut bare = String::with_capacity(plain.len() + 2);
    bare.push(' ');
    for c in plain.chars() {
        let c = if c.is_alphanumeric() { c } else { ' ' };
        // A number may have the same digit twice.
        if !bare.ends_with(c) || c.is_ascii_digit() {
            bare.push(c);
        }
    }
    if !bare.ends_with(' ') {
        bare.push(' ');
    }
    bare
}

/// In lower case, without accents, with plain apostrophes and single blanks.
pub(super) fn plain(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    for c in line.chars().flat_map(char::to_lowercase) {
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
