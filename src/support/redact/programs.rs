//! Programs that are given a secret as an argument: by an option, or by its place on the command line.

use super::{
    clear::{is_clear, is_prose},
    keys::is_secret_key,
    rules::{
        PROGRAMS,
        Place::{
            self, Account, Apart, Either, First, Grouped, Joined, Last, LastWith, Named, Nth, NthWith, Pairs,
            Share, Token,
        },
        Rule,
    },
    text::{closing, command_end, is_quote, joined, line_within, word_end},
};
use std::{collections::BTreeMap, ops::Range, sync::LazyLock};

/// More words are no command line.
const MOST_WORDS: usize = 256;
/// A line that has the name of its program more often is none of a command.
pub(super) const MOST_REPEATED: usize = 8;
/// A longer word is no program that is known.
const LONGEST_NAME: usize = 32;

static BY_NAME: LazyLock<BTreeMap<&str, Vec<&Rule>>> = LazyLock::new(|| {
    let mut rules: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in PROGRAMS {
        rules.entry(rule.0[0]).or_default().push(rule);
    }
    rules
});

/// The names of the programs.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

/// What is known of a program.
fn rules(name: &str) -> &'static [&'static Rule] {
    BY_NAME.get(name).or_else(|| BY_NAME.get(name.to_ascii_lowercase().as_str())).map_or(&[], Vec::as_slice)
}

/// The words of a command line, given as words, that are or hold a secret, and where in each.
pub(super) fn arguments(words: &[&str]) -> Vec<(usize, Range<usize>)> {
    let all: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    let mut found = BTreeMap::new();
    // `sudo`, `env` and their like may stand before the program.
    for (at, word) in words.iter().enumerate() {
        let own = word.rsplit('/').next().filter(|own| own.len() <= LONGEST_NAME).unwrap_or_default();
        let secrets = rules(own).iter().flat_map(|rule| secrets(rule, &all[at + 1..]));
        found.extend(secrets.map(|(word, range)| (at + 1 + word, range)));
    }
    found.into_iter().collect()
}

/// The secrets of a command line in a text that begins with the program: `docker login -p x`, `[sqlcmd, -P, "x"]`.
pub(super) fn find(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    // The trace has what ends the name.
    let ending = text[trace.clone()].iter().rev().take_while(|b| !b.is_ascii_alphanumeric()).count();
    let program = trace.start..trace.end - ending;
    let begins = text[..program.start]
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || b"/[($;|&,>".contains(b));
    let parts = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || matches!(b, b',' | b'[' | b']' | b'\\');
    if !begins || !text.get(program.end).is_some_and(parts) || is_usage(text, &program) {
        return Vec::new();
    }
    let behind = past_quote(text, program.end);
    let alone = matches!(text.get(behind), Some(b'\n' | b'\r'));
    let listed = alone.then(|| listed(text, program.start)).flatten();
    let places = listed.unwrap_or_else(|| words(text, &program));
    let all: Vec<&[u8]> = places.iter().map(|place| &text[place.clone()]).collect();
    let name = String::from_utf8_lossy(&text[program]);
    let found = rules(&name).iter().flat_map(|rule| secrets(rule, &all));
    found.map(|(at, range)| places[at].start + range.start..places[at].start + range.end).collect()
}

/// Past the quote that ends a word.
fn past_quote(text: &[u8], at: usize) -> usize {
    at + usize::from(text.get(at).is_some_and(|b| is_quote(*b)))
}

/// Whether a help text shows the program: `usage: kinit [-V] …`, `http [-a USER[:PASS]]`.
fn is_usage(text: &[u8], program: &Range<usize>) -> bool {
    let before = text[program.start.saturating_sub(8)..program.start].to_ascii_lowercase();
    let line = &text[program.end..command_end(text, program.end)];
    let is_choice = |part: &[u8]| {
        part[0] == b'[' && b"-:%".contains(&part[1]) && (part[2].is_ascii_alphabetic() || part[2] == b'-')
    };
    before.ends_with(b"usage: ") || line.windows(3).any(is_choice)
}

/// The words of a command line that stand below the program, each in a line of a list of YAML.
fn listed(text: &[u8], program: usize) -> Option<Vec<Range<usize>>> {
    let line = text[program.saturating_sub(64)..program].rsplit(|b| *b == b'\n').next()?;
    let dash = line.iter().position(|b| *b != b' ').filter(|at| line[*at..].starts_with(b"- "))?;
    let is_edge = |b: &u8| b.is_ascii_whitespace() || is_quote(*b);
    let mut words = Vec::new();
    let mut end = line_within(text, program, 1024);
    while words.len() < MOST_WORDS {
        let start = (end + 1).min(text.len());
        end = line_within(text, start, 1024);
        let line = &text[start..end];
        let indent = line.iter().take_while(|b| **b == b' ').count();
        let Some(item) = line[indent..].strip_prefix(b"- ").filter(|_| indent == dash) else { break };
        let from = item.iter().take_while(|b| is_edge(b)).count();
        let to = item.iter().rev().take_while(|b| is_edge(b)).count();
        words.push(end - item.len() + from..(end - to).max(end - item.len() + from));
    }
    Some(words)
}

/// Where the words of a command line are, without the quotes around them.
fn words(text: &[u8], program: &Range<usize>) -> Vec<Range<usize>> {
    let (program, from) = (&text[program.clone()], program.end);
    let mut repeated = 0;
    let text = &text[..command_end(text, from)];
    let quoted = |at: usize| {
        let slashes = text[at..].iter().take_while(|b| **b == b'\\').count();
        text.get(at + slashes).copied().filter(|b| is_quote(*b)).map(|quote| (quote, slashes))
    };
    let mut words = Vec::new();
    // `["docker", "login"]`: the quote behind the program closes.
    let listed = quoted(from).map(|(_, slashes)| slashes + 1);
    let mut at = from + listed.unwrap_or(0);
    while at < text.len() && words.len() < MOST_WORDS {
        if text[at].is_ascii_whitespace() || matches!(text[at], b',' | b'[' | b']') {
            at += 1;
            continue;
        }
        // The command goes on in the next line.
        if matches!(&text[at..], [b'\\' | b'^' | b'`', b'\n', ..]) {
            at += 2;
            continue;
        }
        if let Some((quote, slashes)) = quoted(at) {
            let start = at + slashes + 1;
            let Some(end) = closing(text, start, quote, slashes) else { break };
            let next = (end + slashes + 1).min(text.len());
            let whole = joined(text, end, next, slashes);
            words.push(if whole > end { at..whole } else { start..end });
            at = next.max(whole);
            continue;
        }
        let end = word_end(text, at);
        let word = &text[at..end];
        let is_end =
            matches!(word, b"" | b"|" | b"||" | b"&" | b"&&") || matches!(word, [b'>', ..] | [_, b'>', ..]);
        if is_end && text[at] != b'\\' {
            break;
        }
        if end == at {
            at += 1;
            continue;
        }
        words.push(at..end);
        at = end;
        repeated += usize::from(word == program);
        if repeated > MOST_REPEATED {
            break;
        }
        // `-p'a b'`; another quote behind a word closes what the whole command stands in.
        if let Some((quote, slashes)) = quoted(end) {
            let start = end + slashes + 1;
            let holds = matches!(word, [b'-', _]) || word.ends_with(b"=") || word.ends_with(b"/");
            let opens =
                holds && text.get(start).is_some_and(|b| !b.is_ascii_whitespace() && !b",]}".contains(b));
            let Some(end) = closing(text, start, quote, slashes).filter(|_| opens) else { break };
            let next = (end + slashes + 1).min(text.len());
            let whole = joined(text, end, next, slashes);
            if let Some(last) = words.last_mut() {
                last.end = whole;
            }
            at = next.max(whole);
        }
    }
    words
}

/// The words behind the program that are or hold its secret, and where in each.
fn secrets((program, place, before): &Rule, words: &[&[u8]]) -> Vec<(usize, Range<usize>)> {
    let more = &program[1..];
    let is_more = |words: &[&[u8]]| words.iter().zip(more).all(|(a, b)| a.eq_ignore_ascii_case(b.as_bytes()));
    // Other options may stand before a subcommand.
    let first = match more.len() {
        0 => Some(0),
        length => words.windows(length).position(is_more).map(|at| at + length),
    };
    let Some(first) = first else { return Vec::new() };
    let places = (first..words.len()).filter(|at| !words[*at].starts_with(b"-"));
    let values: Vec<(usize, usize)> = match place {
        Apart(option) | Joined(option) | Either(option) | Grouped(option) => {
            (first..words.len()).filter_map(|at| value_of(option, *place, words, at)).collect()
        }
        First | Token => {
            // The value of another option may stand before it.
            let leading = places.scan(false, |done, at| {
                let shown = !*done;
                *done = at == first || !words[at - 1].starts_with(b"-");
                shown.then_some((at, 0))
            });
            leading.filter(|(at, _)| !matches!(place, Token) || is_token(words[*at])).collect()
        }
        Nth(number) => nth(words, first, *number).into_iter().collect(),
        NthWith(number, option) => {
            let given = words.contains(&option.as_bytes());
            nth(words, first, *number).into_iter().filter(|_| given).collect()
        }
        Named => {
            let is_named = |at: &usize| {
                let name = String::from_utf8_lossy(words[*at]);
                let last = name.rsplit(['/', ':']).next().unwrap_or_default();
                !name.contains([' ', '$', '"'])
                    && is_secret_key(last)
                    && words.get(at + 1).is_some_and(|next| !next.starts_with(b"-"))
            };
            places.filter(is_named).map(|at| (at + 1, 0)).collect()
        }
        Last => places.skip(1).last().map(|at| (at, 0)).into_iter().collect(),
        LastWith(letter) => {
            let is_flag =
                |word: &&[u8]| word.starts_with(b"-") && !word.starts_with(b"--") && word.contains(letter);
            let flagged = words.iter().any(is_flag);
            places.skip(1).last().filter(|_| flagged).map(|at| (at, 0)).into_iter().collect()
        }
        Pairs => places.filter(|at| !words[*at].contains(&b'@')).map(|at| (at, 0)).collect(),
        Share => {
            let is_share = |word: &&[u8]| word.starts_with(b"\\\\");
            let is_other = |word: &[u8]| {
                is_share(&word) || word == b"*" || word.starts_with(b"/") || word.ends_with(b":")
            };
            let shared = words[first..].iter().any(is_share);
            places.filter(|at| shared && !is_other(words[*at])).map(|at| (at, 0)).take(1).collect()
        }
        Account => {
            let is_odd =
                |word: &[u8]| word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
            let changed = words[first..].iter().any(|word| word.eq_ignore_ascii_case(b"/add"))
                || matches!(&words[first..], [_, word] if is_odd(word));
            places
                .filter(|at| changed && !words[*at].starts_with(b"/"))
                .skip(1)
                .map(|at| (at, 0))
                .take(1)
                .collect()
        }
    };
    let found = values.into_iter().filter_map(|(at, start)| Some((at, secret_in(words[at], start, before)?)));
    found.collect()
}

/// The word of that number, from 0, among those that are no option and no value of one; where there are too few of them,
/// options before them may have had no value.
fn nth(words: &[&[u8]], first: usize, number: usize) -> Option<(usize, usize)> {
    let is_option = |at: usize| words[at].starts_with(b"-") && !words[at].contains(&b'=');
    let own = |at: &usize| !words[*at].starts_with(b"-");
    let free = (first..words.len()).filter(own).filter(|at| *at == first || !is_option(at - 1));
    let at = free.clone().nth(number).or_else(|| (first..words.len()).filter(own).nth(number))?;
    // `set A=x B=y` has pairs.
    let in_pairs = number == 1 && (first..words.len()).find(own).is_some_and(|at| words[at].contains(&b'='));
    (!in_pairs).then_some((at, 0))
}

/// The word that is the value of an option, and where it begins in it.
fn value_of(option: &str, place: Place, words: &[&[u8]], at: usize) -> Option<(usize, usize)> {
    // `-xw VALUE`
    let letter = option.strip_prefix('-').filter(|_| matches!(place, Grouped(_)));
    if let Some(letter) = letter
        && let [b'-', letters @ ..] = words[at]
        && letters.len() > 1
        && letters.ends_with(letter.as_bytes())
        && letters.iter().all(u8::is_ascii_alphabetic)
    {
        return words.get(at + 1).map(|_| (at + 1, 0));
    }
    // A word that is no option is one of a language, in any case.
    let (begin, rest) = words[at].split_at_checked(option.len())?;
    let same = if option.starts_with('-') {
        begin == option.as_bytes()
    } else {
        begin.eq_ignore_ascii_case(option.as_bytes())
    };
    if !same {
        return None;
    }
    match (rest, place) {
        ([], Joined(_)) => None,
        ([], _) => words.get(at + 1).map(|_| (at + 1, 0)),
        ([b'=', ..], _) => Some((at, option.len() + 1)),
        (_, Joined(_) | Either(_) | Grouped(_)) if !option.starts_with("--") => Some((at, option.len())),
        _ => None,
    }
}

/// The secret in a word of a command line: what stands behind a user, or all of it.
fn secret_in(word: &[u8], start: usize, before: &str) -> Option<Range<usize>> {
    let quotes = |at: usize| word[at..].iter().take_while(|b| is_quote(**b) || **b == b'\\').count();
    let start = start + quotes(start);
    let Some(mark) = before.bytes().next() else {
        return is_secret(&word[start..]).then_some(start..word.len());
    };
    let user = word[start..].iter().position(|b| *b == mark).filter(|length| *length > 0)?;
    let is_user = |b: &u8| !b.is_ascii_whitespace() && (mark != b'/' || !matches!(b, b'.' | b'@'));
    if !word[start..start + user].iter().all(is_user) || word[start..].starts_with(b"and/") {
        return None;
    }
    let behind = start + user + 1;
    let opened = quotes(behind);
    let secret = behind + opened..word.len();
    // `scott/tiger@db`
    let host = match before {
        "/" if opened == 0 => word[secret.clone()].iter().position(|b| *b == b'@'),
        ":@" => Some(word[secret.clone()].iter().rposition(|b| *b == b'@')?),
        _ => None,
    };
    let secret = secret.start..host.map_or(secret.end, |at| secret.start + at);
    let shown = &word[secret.clone()];
    let other = shown.starts_with(b"//") || mark == b'=' && shown.starts_with(b"@");
    let owner = word[..secret.end].iter().all(|b| b.is_ascii_digit() || *b == mark);
    (!other && !owner && is_clear(&String::from_utf8_lossy(shown))).then_some(secret)
}

/// Whether what an option is given may be a secret: a number is a port, and a sentence may name the option; `public` is what
/// everybody may read of SNMP.
fn is_secret(value: &[u8]) -> bool {
    !is_prose(value)
        && value != b"public"
        && is_clear(&String::from_utf8_lossy(value))
        && !value.iter().all(u8::is_ascii_digit)
}

/// Whether a word may be a token: no word of a sentence, and no setting of its own.
fn is_token(word: &[u8]) -> bool {
    let inner = word.strip_suffix(b".").or_else(|| word.strip_suffix(b",")).unwrap_or(word);
    inner.len() >= 6
        && !inner.iter().all(u8::is_ascii_lowercase)
        && !inner.iter().any(|b| matches!(b, b'=' | b':' | b'/' | b'(' | b')'))
}
