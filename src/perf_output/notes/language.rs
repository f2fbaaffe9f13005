//! Whether a text is in French or English, the two languages whose notes are read.

use super::words::plain;

/// Words of French and English that no sentence goes without.
const READ: &[&str] = &[
    "the", "and", "is", "are", "was", "were", "of", "to", "with", "on", "for", "not", "this", "that", "from",
    "we", "it", "at", "by", "after", "but", "still", "le", "les", "des", "du", "et", "est", "sont", "avec",
    "pour", "pas", "sur", "dans", "au", "aux", "une", "ce", "cette", "ete", "ont", "nous", "il", "faut",
    "apres", "qui", "par", "ne", "mais", "plus", "fait", "vers", "sans", "toujours",
];

/// Words of other languages that are no words of those two.
const OTHERS: &[&str] = &[
    "el", "los", "las", "del", "con", "para", "por", "una", "ha", "esta", "muy", "hay", "pero", "como",
    "desde", "hasta", "mas", "sin", "al", "lo", "su", "han", "fue", "queda", "der", "das", "und", "ist",
    "nicht", "mit", "auf", "ein", "eine", "den", "dem", "wir", "noch", "nach", "bei", "zu", "im", "von",
    "che", "di", "della", "delle", "il", "gli", "sono", "stato", "dopo", "nel", "alla", "nao", "os", "uma",
    "foi", "em", "ao", "da", "het", "een", "niet", "van", "met", "zijn", "werd", "op", "voor",
];

/// Whether the lines are in another language than these two, as far as their small words tell.
pub(super) fn is_foreign<'a>(lines: impl IntoIterator<Item = &'a str>) -> bool {
    let (mut read, mut others, mut odd) = (0_usize, 0_usize, 0_usize);
    for line in lines {
        odd += line.chars().filter(|c| c.is_alphabetic() && !is_latin(*c)).count();
        let text = plain(line);
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
            read += usize::from(READ.contains(&word));
            others += usize::from(OTHERS.contains(&word));
        }
    }
    others > read + 1 || odd > 20 && read == 0
}

fn is_latin(c: char) -> bool {
    c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c) || matches!(c, '\u{300}'..='\u{36f}')
}
