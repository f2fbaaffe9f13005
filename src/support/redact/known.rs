//! Resolved secrets: what is known, and where it stands in a text, in whatever form.

use super::{
    decoded::{is_mark, may_surround, readings},
    encoded::{base64, whole},
    shapes,
    spellings::{self, encoded_within},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use foldhash::fast::RandomState;
use memchr::memmem;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    hash::BuildHasher,
    ops::Range,
    sync::{Arc, RwLock},
};

/// Shorter ones are no secrets: masking every `a` would destroy the evidence.
const SHORTEST: usize = 4;
/// A shorter line of a secret of several lines tells nothing.
const SHORTEST_LINE: usize = 8;

/// So many bytes of a form are searched, and the rest compared where they are: a token or a key has some sixty forms of
/// kilobytes, and an automaton of them all would take megabytes a secret.
const HEAD: usize = 32;
/// Up to so many bytes of heads are searched by a DFA. Beyond it an NFA takes its place: a DFA takes seconds to make for
/// a secret that repeats itself, and gains nothing by then.
const SHORT_HEADS: usize = 16 << 10;

/// A longer text is searched by pieces of this size, so that what is undone of its escapes takes little memory.
const PIECE: usize = 1 << 20;
/// So much of the next piece is searched with each: no secret is longer.
const SEAM: usize = 64 << 10;

static KNOWN: RwLock<Known> =
    RwLock::new(Known { secrets: BTreeSet::new(), forms: BTreeMap::new(), search: None });

struct Known {
    secrets: BTreeSet<String>,
    forms: BTreeMap<Arc<[u8]>, Form>,
    /// Made when it is first needed: secrets come several at a time.
    search: Option<Arc<Search>>,
}

/// What counts around a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain,
    /// A few digits: those of a longer number are others.
    Digits,
    /// What stands around it in Base64 belongs to it.
    Base64,
}

/// The heads of all forms, each with its whole form.
struct Search {
    automaton: AhoCorasick,
    forms: Vec<(Arc<[u8]>, Form)>,
}

/// The readings of a text that were searched: two escapes that are undone in either order lead to the same one.
#[derive(Default)]
struct Searched {
    hash: RandomState,
    texts: BTreeSet<(usize, u64)>,
}

impl Searched {
    fn is_new(&mut self, text: &[u8]) -> bool {
        self.texts.insert((text.len(), self.hash.hash_one(text)))
    }
}

/// Makes `secret` known, with its lines and the secrets in it, so that it is masked wherever it shows up from now on.
pub fn learn(secret: &str) {
    let mut parts = BTreeSet::new();
    take_apart(secret, &mut parts);
    let Ok(mut known) = KNOWN.write() else { return };
    for part in parts {
        if !known.secrets.contains(&part) {
            let mut new = Vec::new();
            for (form, kind) in forms(&part) {
                if let Entry::Vacant(entry) = known.forms.entry(form.into()) {
                    new.push(Arc::clone(entry.key()));
                    entry.insert(kind);
                }
            }
            LEARNT.with_borrow_mut(|learnt| {
                if let Some(learnt) = learnt {
                    learnt.push((part.clone(), new));
                }
            });
            known.secrets.insert(part);
            known.search = None;
        }
    }
}

/// A secret, and the forms that nothing else had.
type Learnt = (String, Vec<Arc<[u8]>>);

thread_local! {
    static LEARNT: RefCell<Option<Vec<Learnt>>> = const { RefCell::new(None) };
}

/// While it lives, what this thread learns is noted, and it is forgotten when it ends. For tests that make thousands of
/// secrets up: a program never forgets one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Forgetting(());

/// Begins to forget what this thread learns from here on.
#[doc(hidden)]
pub fn forgetting() -> Forgetting {
    LEARNT.with_borrow_mut(|learnt| *learnt = Some(Vec::new()));
    Forgetting(())
}

impl Drop for Forgetting {
    fn drop(&mut self) {
        let learnt = LEARNT.with_borrow_mut(Option::take).unwrap_or_default();
        let Ok(mut known) = KNOWN.write() else { return };
        for (part, forms) in learnt {
            known.secrets.remove(&part);
            known.forms.retain(|form, _| !forms.contains(form));
            known.search = None;
        }
    }
}

/// The secret and what else must not be seen of it.
fn take_apart(secret: &str, parts: &mut BTreeSet<String>) {
    let mut add = |part: &str| {
        if part.len() >= SHORTEST && !part.chars().all(|c| c == '*') && parts.insert(part.to_owned()) {
            return Some(part.to_owned());
        }
        None
    };
    add(secret);
    let Some(trimmed) = add(secret.trim()).or_else(|| Some(secret.trim().to_owned())) else { return };
    for line in lines(&trimmed) {
        add(line);
    }
    let mut inner: Vec<String> = shapes::find(trimmed.as_bytes())
        .into_iter()
        .filter_map(|range| trimmed.get(range).map(str::to_owned))
        .collect();
    if let Some((scheme, rest)) = trimmed.split_once(' ')
        && ["basic", "bearer"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        inner.push(rest.trim().to_owned());
        inner.extend(STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
    }
    // `user:password`, as for Basic.
    if let Some((user, password)) = trimmed.split_once(':')
        && password.len() >= 6
        && !user.is_empty()
        && !trimmed.contains(char::is_whitespace)
        && !password.starts_with("//")
    {
        inner.push(password.to_owned());
    }
    for part in inner {
        if part != trimmed && !parts.contains(&part) {
            take_apart(&part, parts);
        }
    }
}

/// The lines of a secret of several lines; of PEM those of private keys alone, as certificates may be seen.
fn lines(secret: &str) -> Vec<&str> {
    const BEGIN: &str = "-----BEGIN ";
    if !secret.contains(BEGIN) {
        let lines = secret.split(['\n', '\r']).flat_map(|line| line.split("\\n")).map(str::trim);
        return lines.filter(|line| line.len() >= SHORTEST_LINE && *line != secret).collect();
    }
    let blocks = secret
        .split(BEGIN)
        .skip(1)
        .filter(|block| block.split_once("-----").is_some_and(|(label, _)| label.contains("PRIVATE KEY")));
    let bodies = blocks.filter_map(|block| block.split_once("-----")?.1.split("-----END").next());
    let words = bodies.flat_map(|body| body.split_whitespace()).flat_map(|word| word.split("\\n"));
    words.filter(|word| word.len() >= SHORTEST_LINE).collect()
}

/// The forms that no decoding leads to.
fn forms(part: &str) -> Vec<(Vec<u8>, Form)> {
    let few_digits = part.len() < 8 && part.bytes().all(|b| b.is_ascii_digit());
    let plain = if few_digits { Form::Digits } else { Form::Plain };
    let mut forms = vec![(part.as_bytes().to_vec(), plain)];
    for (at, bytes) in spellings::of(part).into_iter().enumerate() {
        for inner in encoded_within(&bytes) {
            // Encoded once more, as the log-in of a registry in a secret of Kubernetes.
            if at == 0 {
                forms
                    .extend(encoded_within(inner.as_bytes()).map(|twice| (twice.into_bytes(), Form::Base64)));
            }
            let of_addresses = inner.replace('+', "-").replace('/', "_");
            forms.push((of_addresses.into_bytes(), Form::Base64));
            forms.push((inner.into_bytes(), Form::Base64));
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // Digits alone may be a number.
        if hex.len() >= 12 || hex.bytes().any(|b| b.is_ascii_alphabetic()) {
            forms.push((hex.to_uppercase().into_bytes(), Form::Plain));
            forms.push((hex.into_bytes(), Form::Plain));
        }
        if at > 0 {
            forms.push((bytes, Form::Plain));
        }
    }
    forms.extend(spellings::damaged(part).into_iter().map(|bytes| (bytes, Form::Plain)));
    forms.extend(spellings::listed(part).into_iter().map(|bytes| (bytes, Form::Plain)));
    forms.push((STANDARD.encode(part).into_bytes(), Form::Plain));
    forms
}

/// The search for what is known, where anything is.
fn search() -> Option<Arc<Search>> {
    {
        let known = KNOWN.read().ok()?;
        if known.forms.is_empty() {
            return None;
        }
        if let Some(search) = &known.search {
            return Some(Arc::clone(search));
        }
    }
    let mut known = KNOWN.write().ok()?;
    let forms: Vec<(Arc<[u8]>, Form)> = known.forms.iter().map(|(f, kind)| (Arc::clone(f), *kind)).collect();
    let search = Arc::new(Search { automaton: automaton(&forms).ok()?, forms });
    known.search = Some(Arc::clone(&search));
    Some(search)
}

fn automaton(forms: &[(Arc<[u8]>, Form)]) -> Result<AhoCorasick, BuildError> {
    let heads = || forms.iter().map(|(form, _)| &form[..form.len().min(HEAD)]);
    let long = heads().map(<[u8]>::len).sum::<usize>() > SHORT_HEADS;
    let kind = long.then_some(AhoCorasickKind::ContiguousNFA);
    AhoCorasick::builder().match_kind(MatchKind::Standard).kind(kind).build(heads())
}

/// How many escapes of different kinds one within another are undone: an address in JSON.
pub(super) const ESCAPES: u32 = 2;
/// How often the same escape is undone once more: JSON in JSON in JSON.
const AGAIN: u32 = 3;
/// How often text in Base64 is looked for within another.
const ENCODED: u32 = 2;

/// How much is undone of a text.
#[derive(Clone, Copy)]
struct Depth {
    escapes: u32,
    /// The escape that was undone last, and how often it may be undone again.
    last: Option<(usize, u32)>,
    /// Whether what stands between letters was left out.
    is_bare: bool,
    encoded: u32,
    /// So many escapes may stand around Base64.
    around: u32,
}

impl Depth {
    fn new(escapes: u32, encoded: u32) -> Self {
        let around = escapes.saturating_sub(ESCAPES) + 2;
        Self { escapes, last: None, is_bare: false, encoded, around }
    }

    /// What is left behind that escape.
    fn below(self, escape: usize) -> Option<Self> {
        if is_mark(escape) {
            return (!self.is_bare).then_some(Self { is_bare: true, ..self });
        }
        let around = if may_surround(escape) { self.around.saturating_sub(1) } else { 0 };
        match self.last {
            Some((last, times)) if last == escape && times > 0 => {
                Some(Self { last: Some((escape, times - 1)), around, ..self })
            }
            _ => {
                let escapes = self.escapes.checked_sub(1)?;
                Some(Self { escapes, last: Some((escape, AGAIN)), around, ..self })
            }
        }
    }
}

/// Where known secrets stand in a text, in clear or behind so many escapes; some of the parts may overlap.
pub(super) fn find(text: &[u8], escapes: u32) -> Vec<Range<usize>> {
    let Some(search) = search() else { return Vec::new() };
    let pieces = (0..text.len()).step_by(PIECE);
    let found = pieces.flat_map(|start| {
        let piece = &text[start..text.len().min(start + PIECE + SEAM)];
        let parts = search.within(piece, Depth::new(escapes, ENCODED), &[], &mut Searched::default());
        parts.into_iter().map(move |part| start + part.start..start + part.end)
    });
    found.collect()
}

/// Whether a text is a known secret, letter by letter.
pub(super) fn is_known(text: &str) -> bool {
    KNOWN.read().is_ok_and(|known| known.secrets.contains(text))
}

/// Whether a word holds a known secret: it is one, ends with one behind `=` or `:`, or has a long one in it.
pub fn holds_secret(word: &str) -> bool {
    let end = word.rsplit(['=', ':']).next().unwrap_or_default();
    let Ok(known) = KNOWN.read() else { return false };
    known.secrets.contains(word)
        || known.secrets.contains(end)
        || known.secrets.iter().any(|s| s.len() >= 8 && memmem::find(word.as_bytes(), s.as_bytes()).is_some())
}

impl Search {
    /// `joins` are the places where something was left out of the text, a line break.
    fn within(
        &self,
        text: &[u8],
        depth: Depth,
        joins: &[usize],
        searched: &mut Searched,
    ) -> Vec<Range<usize>> {
        let mut found = if searched.is_new(text) { self.plain(text, joins) } else { Vec::new() };
        found.extend(self.encoded(text, depth, joins));
        for (below, reading) in readings(text, |escape| depth.below(escape)) {
            let mut joins: Vec<usize> =
                joins.iter().map(|at| reading.place(*at)).chain(reading.joins()).collect();
            joins.sort_unstable();
            let parts = self.within(&reading.bytes, below, &joins, searched);
            found.extend(parts.iter().map(|part| reading.range(part)));
        }
        found
    }

    /// The words of Base64 that have a text with a secret in it, whose escapes are its own.
    fn encoded(&self, text: &[u8], depth: Depth, joins: &[usize]) -> Vec<Range<usize>> {
        let Some(encoded) = depth.encoded.checked_sub(1).filter(|_| depth.around > 0) else {
            return Vec::new();
        };
        let inner = base64(text);
        let parts = self.within(&inner.bytes, Depth::new(ESCAPES, encoded), &[], &mut Searched::default());
        parts.iter().map(|part| whole(text, &inner.range(part), joins)).collect()
    }

    fn plain(&self, text: &[u8], joins: &[usize]) -> Vec<Range<usize>> {
        if !self.automaton.is_match(text) {
            return Vec::new();
        }
        let parts = self.automaton.find_overlapping_iter(text).filter_map(|found| {
            let start = found.start();
            let (form, kind) = &self.forms[found.pattern().as_usize()];
            let end = start + form.len();
            if !text[start..].starts_with(form) {
                return None;
            }
            match kind {
                Form::Plain => Some(start..end),
                Form::Digits => {
                    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
                    let longer = digit(start.checked_sub(1).and_then(|at| text.get(at)));
                    (!longer && !digit(text.get(end))).then_some(start..end)
                }
                Form::Base64 => Some(whole(text, &(start..end), joins)),
            }
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automaton_of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> AhoCorasick {
        let forms: BTreeMap<Arc<[u8]>, Form> =
            secrets.into_iter().flat_map(forms).map(|(form, kind)| (form.into(), kind)).collect();
        automaton(&forms.into_iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn many_secrets_make_no_dfa() {
        assert_eq!(automaton_of(["correct-horse-battery"]).kind(), AhoCorasickKind::DFA);
        let many: Vec<String> = (0..50).map(|n| format!("correct-horse-{n}-battery")).collect();
        assert_eq!(automaton_of(many.iter().map(String::as_str)).kind(), AhoCorasickKind::ContiguousNFA);
    }

    #[test]
    fn a_long_secret_takes_no_more_room_than_a_short_one() {
        let token: String = (0..1500_u32).map(|n| char::from(b'a' + (n * n / 7 % 26) as u8)).collect();
        for long in [&token, &"p:w d=x; token ".repeat(300)] {
            let used = automaton_of([long.as_str()]).memory_usage();
            assert!(used < 2 << 20, "{used}");
        }
    }
}
