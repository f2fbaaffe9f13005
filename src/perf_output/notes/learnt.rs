//! Which sort of note a line most likely is, as learnt from notes that colleagues sorted by hand (`tests/notes/learnt`).
//!
//! A line has features: its words, pairs of words, its marks, what the rules make of it, the heading above it and the lines
//! around it. Each feature has a weight for each sort (`weights.txt`, which `trainer.rs` writes); their sums make the odds.

use super::{
    language,
    placed::{Part, Placed},
    reading_as::{ReadsAs, labelled},
    structure::{Shape, cells, is_name, shape},
    words::Words,
};
use crate::record::{Reading, event::NoteKind};
use std::{collections::BTreeMap, sync::LazyLock};

/// What a line can be: structure, or a note of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Title, heading, greeting, empty bullet.
    Structure,
    /// A note of that sort.
    Note(NoteKind),
}

/// How many sorts there are.
pub(super) const SORTS: usize = 1 + NoteKind::ALL.len();

impl Sort {
    /// Its place among the weights.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Structure => 0,
            Self::Note(kind) => 1 + NoteKind::ALL.iter().position(|known| *known == kind).unwrap_or(0),
        }
    }

    /// The sort at that place.
    pub(super) fn at(index: usize) -> Self {
        match index.checked_sub(1).and_then(|at| NoteKind::ALL.get(at)) {
            Some(kind) => Self::Note(*kind),
            None => Self::Structure,
        }
    }

    /// What the rules make of a line; none where it is open.
    pub(super) fn of(placed: &Placed) -> Option<Self> {
        match placed.is_structure() {
            true => Some(Self::Structure),
            false => placed.reads_as.as_ref().map(|reads| Self::Note(reads.kind)),
        }
    }
}

/// When the rules are left; both shares were chosen on notes that are learnt from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The share of the odds that a sort needs to win against the rules.
    pub(super) sure: f64,
    /// The share that what the rules say needs to stand. Between the two a line is left open, which costs a reader less
    /// than a line in the wrong place.
    pub(super) keep: f64,
}

const BOUNDS: Bounds = Bounds { sure: 0.65, keep: 0.3 };

/// Lines of which a text is weighed at all: the sorts of few lines say little of each other.
const LINES: usize = 5;

/// The weights of each feature, in hundredths.
pub(super) type Weights = BTreeMap<&'static str, [i16; SORTS]>;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| weights(include_str!("weights.txt")));

/// The weights in a file: a line a feature, a number a sort.
pub(super) fn weights(text: &'static str) -> Weights {
    let line = |line: &'static str| {
        let (feature, numbers) = line.split_once('\t')?;
        let mut weights = [0; SORTS];
        for (weight, number) in weights.iter_mut().zip(numbers.split(' ')) {
            *weight = number.parse().ok()?;
        }
        Some((feature, weights))
    };
    text.lines().filter_map(line).collect()
}

/// Takes each line for what it most likely is, where that is sure or the rules say it too; the others are left open.
pub(super) fn weigh(reading: &Reading, placed: &mut [Placed]) {
    weigh_by(&WEIGHTS, BOUNDS, reading, placed);
}

/// The same by these weights, within these bounds.
pub(super) fn weigh_by(weights: &Weights, bounds: Bounds, reading: &Reading, placed: &mut [Placed]) {
    if reading.notes.len() < LINES {
        return;
    }
    let lines = lines(reading, placed);
    let mut decided: Vec<Sort> = Vec::with_capacity(lines.len());
    for at in 0..lines.len() {
        let (line, rule) = (&lines[at], Sort::of(&placed[at]));
        // The head of its column says what a cell is, as a label does.
        let is_said = rule.is_some() && (cells(line.shape.said).is_some() || labelled(&line.plain).is_some());
        // A bare value goes with the line above it.
        let is_value = || {
            let starts = line.words.first().is_some_and(|word| word == "#");
            placed[at].under.is_some() && rule.is_some() && starts && line.words.len() <= 6
        };
        if is_said
            || is_value()
            || line.words.is_empty()
            || matches!(placed[at].part, Part::Introduces(_))
            || language::is_foreign([line.shape.said])
        {
            decided.push(rule.unwrap_or(Sort::Note(NoteKind::Observation)));
            continue;
        }
        let odds = Odds::of(weights, &lines, at, &decided);
        let best = odds.best();
        decided.push(best);
        if rule.is_some_and(|rule| rule == best || odds.share(rule) >= bounds.keep) {
            continue;
        }
        let sure = odds.share(best) >= bounds.sure;
        match best {
            Sort::Structure if sure => {
                placed[at] = Placed { part: Part::Frame, reads_as: None, under: None, ..placed[at] };
            }
            Sort::Note(kind) if sure => {
                placed[at].part = Part::Note;
                placed[at].reads_as = Some(ReadsAs::new(kind, &odds.words(best, line)));
            }
            _ => placed[at].reads_as = None,
        }
    }
}

/// The odds of each sort of a line.
struct Odds {
    shares: [f64; SORTS],
    /// Words and pairs of words with what they weigh.
    said: Vec<(String, [i16; SORTS])>,
}

impl Odds {
    fn of(weights: &Weights, lines: &[LineFeatures<'_>], at: usize, decided: &[Sort]) -> Self {
        let mut sums = [0_i32; SORTS];
        let mut said = Vec::new();
        features(lines, at, decided, &mut |feature| {
            let Some(weights) = weights.get(feature) else { return };
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += i32::from(*weight));
            if let Some(words) = feature.strip_prefix("w:").or_else(|| feature.strip_prefix("b:")) {
                said.push((words.to_owned(), *weights));
            }
        });
        Self { shares: shares(sums.map(|sum| f64::from(sum) / 100.0)), said }
    }

    fn best(&self) -> Sort {
        let best = (0..SORTS).max_by(|a, b| self.shares[*a].total_cmp(&self.shares[*b]));
        best.map_or(Sort::Structure, Sort::at)
    }

    fn share(&self, sort: Sort) -> f64 {
        self.shares[sort.index()]
    }

    /// The words of the line that say most for a sort.
    fn words(mut self, sort: Sort, line: &LineFeatures<'_>) -> String {
        let at = sort.index();
        self.said.retain(|(words, weights)| weights[at] > 0 && words.contains(char::is_alphabetic));
        self.said.sort_by_key(|(words, weights)| (std::cmp::Reverse(weights[at]), words.clone()));
        let words: Vec<&str> = self.said.iter().take(2).map(|(words, _)| words.as_str()).collect();
        if words.is_empty() { line.words[0].clone() } else { words.join(", ") }
    }
}

/// Shares that add up to 1.
pub(super) fn shares(sums: [f64; SORTS]) -> [f64; SORTS] {
    let most = sums.iter().copied().fold(f64::MIN, f64::max);
    let raised = sums.map(|sum| (sum - most).exp());
    let all: f64 = raised.iter().sum();
    raised.map(|one| one / all)
}

/// A line as the features see it.
pub(super) struct LineFeatures<'a> {
    shape: Shape<'a>,
    indent: usize,
    is_quoted: bool,
    /// In lower case, without accents; a number is `#`.
    words: Vec<String>,
    plain: String,
    first: String,
    rule: Option<Sort>,
    rule_words: String,
}

/// Every line of `reading`, with what the rules made of it.
pub(super) fn lines<'a>(reading: &'a Reading, placed: &[Placed]) -> Vec<LineFeatures<'a>> {
    let seen = |(line, placed): (&'a crate::record::Line, &Placed)| {
        let shape = shape(line.indent, &line.text);
        let words = Words::of(shape.said);
        LineFeatures {
            indent: line.indent,
            is_quoted: line.text.trim_start().starts_with('>'),
            words: tokens(&words.bare),
            plain: words.plain,
            first: words.first,
            rule: Sort::of(placed),
            rule_words: placed.reads_as.as_ref().map(|reads| reads.words.clone()).unwrap_or_default(),
            shape,
        }
    };
    reading.notes.iter().zip(placed).map(seen).collect()
}

/// Words and numbers apart: `60k` is a number and a letter.
fn tokens(bare: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in bare.split_whitespace() {
        let mut open = false;
        for c in word.chars() {
            match (c.is_ascii_digit(), found.last_mut().filter(|_| open)) {
                (true, Some(last)) if last == "#" => {}
                (true, _) => found.push("#".to_owned()),
                (false, Some(last)) if last != "#" => last.push(c),
                (false, _) => found.push(c.to_string()),
            }
            open = true;
        }
    }
    found
}

/// Calls `each` with every feature of the line at `at`; `decided` is what the lines before it were taken for.
pub(super) fn features(lines: &[LineFeatures<'_>], at: usize, decided: &[Sort], each: &mut dyn FnMut(&str)) {
    let line = &lines[at];
    let words = &line.words;
    let start = |word: &str, letters: usize| word.chars().take(letters).collect::<String>();
    for word in words {
        each(&format!("w:{word}"));
        if word.chars().count() > 5 {
            each(&format!("s:{}", start(word, 5)));
        }
    }
    for pair in words.windows(2) {
        each(&format!("b:{} {}", pair[0], pair[1]));
    }
    if let Some(first) = words.first() {
        each(&format!("f:{first}"));
        let letters = first.chars().count();
        if letters > 4 {
            each(&format!("e:{}", first.chars().skip(letters - 2).collect::<String>()));
        }
    }
    if let [first, second, ..] = words.as_slice() {
        each(&format!("d:{first} {second}"));
    }
    marks(lines, at, each);
    around(lines, at, decided, each);
}

/// The features of a line's marks and of its place in the text.
fn marks(lines: &[LineFeatures<'_>], at: usize, each: &mut dyn FnMut(&str)) {
    const UNITS: [&str; 14] =
        ["ms", "s", "min", "mb", "mo", "go", "gb", "kb", "to", "tb", "k", "msg", "rec", "h"];
    let line = &lines[at];
    let (said, plain) = (line.shape.said, line.plain.as_str());
    let end = plain.trim_end_matches([' ', ')', '!', '"', '*', '|']);
    let measured = line.words.windows(2).any(|pair| pair[0] == "#" && UNITS.contains(&pair[1].as_str()));
    let accented = ["é", "ée", "és", "ées"].iter().any(|ending| line.first.ends_with(ending));
    let upper = said.chars().any(char::is_alphabetic) && !said.chars().any(char::is_lowercase);
    let flags = [
        ("asks", end.ends_with('?')),
        ("asks within", plain.contains('?')),
        ("leads", end.ends_with(':')),
        ("label", said.contains(": ") || said.contains(" : ")),
        ("item", line.shape.is_item),
        ("heading", line.shape.is_heading),
        ("set in", line.indent > 0),
        ("quoted", line.is_quoted),
        ("number", line.words.iter().any(|word| word == "#")),
        ("measured", measured || plain.contains('%')),
        ("row", cells(said).is_some()),
        ("upper", upper),
        ("name", is_name(said)),
        ("arrow", ["->", "=>", "→"].iter().any(|arrow| said.contains(arrow))),
        ("accented", accented),
    ];
    for (flag, holds) in flags {
        if holds {
            each(flag);
        }
    }
    each(&format!("words {}", line.words.len().min(8)));
    each(&format!("line {}", at.min(3)));
    each(&format!("left {}", (lines.len() - 1 - at).min(2)));
    if let Some(next) = lines.get(at + 1) {
        each(&format!("next {} {}", next.shape.is_item, line.shape.is_item));
        if next.indent > line.indent || next.shape.depth > line.shape.depth {
            each("next set in");
        }
        if next.words.is_empty() {
            each("next empty");
        }
    }
}

/// The features of what the rules say and of the lines around.
fn around(lines: &[LineFeatures<'_>], at: usize, decided: &[Sort], each: &mut dyn FnMut(&str)) {
    let line = &lines[at];
    let name = |sort: Option<Sort>| sort.map_or("open", word);
    each(&format!("rule {}", name(line.rule)));
    if !line.rule_words.is_empty() {
        each(&format!("rule {}: {}", name(line.rule), line.rule_words));
    }
    if let Some(next) = lines.get(at + 1) {
        each(&format!("rule next {}", name(next.rule)));
    }
    let before = at.checked_sub(1).map(|before| (&lines[before], decided[before]));
    let Some((above, sort)) = before else { return each("first") };
    each(&format!("rule before {}", name(above.rule)));
    each(&format!("before {}", word(sort)));
    if line.indent > above.indent {
        each(&format!("below {}", word(sort)));
    }
    let heading = (0..at).rev().find(|up| decided[*up] == Sort::Structure && !lines[*up].words.is_empty());
    if let Some(heading) = heading {
        for of in lines[heading].words.iter().take(6) {
            each(&format!("h:{}", of.chars().take(6).collect::<String>()));
        }
        each(&format!("heading {} up", (at - heading).min(4)));
    }
    let parent = (0..at).rev().find(|up| lines[*up].indent < line.indent && decided[*up] != Sort::Structure);
    if let Some(parent) = parent {
        each(&format!("parent {}", word(decided[parent])));
    }
}

fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Structure => "structure",
        Sort::Note(kind) => kind.word(),
    }
}
