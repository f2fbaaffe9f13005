//! Command lines that say a secret: the option of a program whose value is one, and what is written to a program that
//! asks for one.

use super::{
    keys::is_clear,
    text::{Finder, is_quote, line_end, value},
};
use memchr::memmem;
use std::ops::Range;

/// How the value of an option is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// `-pVALUE`: what is apart from it is something else.
    Joined,
    /// `-p VALUE`.
    Apart,
    /// Both.
    Either,
}

/// A program and its subcommand, the option whose value is a secret, and how that is written.
const PROGRAMS: &[(&[&str], &str, Written)] = &[
    (&["7z"], "-p", Written::Joined),
    (&["7za"], "-p", Written::Joined),
    (&["az", "login"], "-p", Written::Either),
    (&["clickhouse-client"], "--password", Written::Either),
    (&["cqlsh"], "-p", Written::Apart),
    (&["curl"], "--pass", Written::Apart),
    (&["docker", "login"], "-p", Written::Either),
    (&["helm", "registry", "login"], "-p", Written::Either),
    (&["ksql"], "-p", Written::Apart),
    (&["ldapadd"], "-w", Written::Either),
    (&["ldapdelete"], "-w", Written::Either),
    (&["ldapmodify"], "-w", Written::Either),
    (&["ldapsearch"], "-w", Written::Either),
    (&["ldapwhoami"], "-w", Written::Either),
    (&["mariadb"], "-p", Written::Joined),
    (&["mariadb-dump"], "-p", Written::Joined),
    (&["mongo"], "-p", Written::Apart),
    (&["mongodump"], "-p", Written::Apart),
    (&["mongoexport"], "-p", Written::Apart),
    (&["mongoimport"], "-p", Written::Apart),
    (&["mongorestore"], "-p", Written::Apart),
    (&["mongosh"], "-p", Written::Apart),
    (&["mysql"], "-p", Written::Joined),
    (&["mysqladmin"], "-p", Written::Joined),
    (&["mysqlcheck"], "-p", Written::Joined),
    (&["mysqldump"], "-p", Written::Joined),
    (&["mysqlimport"], "-p", Written::Joined),
    (&["nerdctl", "login"], "-p", Written::Either),
    (&["oc", "login"], "-p", Written::Either),
    (&["openssl"], "-k", Written::Apart),
    (&["podman", "login"], "-p", Written::Either),
    (&["rabbitmqadmin"], "-p", Written::Either),
    (&["redis-cli"], "-a", Written::Apart),
    (&["skopeo", "login"], "-p", Written::Either),
    (&["sqlcmd"], "-P", Written::Either),
    (&["sshpass"], "-p", Written::Either),
    (&["unzip"], "-P", Written::Either),
    (&["zip"], "-P", Written::Either),
];

/// Programs that read a secret from their standard input.
const READERS: &[&[u8]] = &[
    b"--password-stdin",
    b"--stdin",
    b"chpasswd",
    b"cryptsetup",
    b"kinit",
    b"--with-token",
    b"pass:stdin",
    b"passwd",
    b"sudo -s",
    b"--secret-stdin",
    b"--token-stdin",
];

/// How far a command line is followed.
const REACH: usize = 1 << 10;

/// What the shapes look for, and where the secret is then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    // Of curl there is more to look at.
    let programs = PROGRAMS.iter().filter(|(program, ..)| program[0] != "curl");
    let programs = programs.map(|(program, ..)| (program[0].to_owned(), option as Finder));
    let inputs =
        [("<<", here as Finder), ("echo ", piped), ("printf ", piped), ("yes ", piped), ("curl", curl)];
    programs.chain(inputs.map(|(trace, finder)| (trace.to_owned(), finder)))
}

/// The word of a command line, given as words, that is or holds a secret, and where in it.
pub(super) fn argument(words: &[&str]) -> Option<(usize, Range<usize>)> {
    PROGRAMS.iter().find_map(|(program, option, written)| {
        // `sudo`, `env` and their like may stand before it.
        let is_it =
            |word: &&str| word.rsplit('/').next().is_some_and(|own| own.eq_ignore_ascii_case(program[0]));
        let at = words.iter().position(is_it)? + 1;
        let first = match &program[1..] {
            [] => at,
            // Other options may stand before a subcommand.
            more => at + more.len() + words[at..].windows(more.len()).position(|words| words == more)?,
        };
        words.iter().enumerate().skip(first).find_map(|(at, word)| {
            let rest = word.strip_prefix(option)?;
            let found = match rest {
                "" if *written != Written::Joined => (at + 1, 0..words.get(at + 1)?.len()),
                "" => return None,
                _ if *written != Written::Apart => {
                    let start = option.len() + usize::from(rest.starts_with('='));
                    (at, start..word.len())
                }
                _ => return None,
            };
            let (at, range) = found;
            is_secret(words[at][range.clone()].as_bytes()).then_some((at, range))
        })
    })
}

/// The value of a program's option in a text: `docker login -p x`, `mysql -px`, `[sqlcmd, -P, "x"]`.
fn option(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let begins = text[..trace.start]
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || b"/[($;|&,>".contains(b));
    let parts = |b: &u8| b.is_ascii_whitespace() || is_quote(*b) || matches!(b, b',' | b'[' | b']');
    if !begins || !text.get(trace.end).is_some_and(parts) {
        return None;
    }
    let name = String::from_utf8_lossy(&text[trace.clone()]).to_ascii_lowercase();
    let (program, option, written) = PROGRAMS.iter().find(|(program, ..)| program[0] == name)?;
    let mut subcommand = program[1..].iter();
    let mut wanted = subcommand.next();
    let end = command_end(text, trace.end);
    let mut at = trace.end;
    while at < end {
        at += text[at..end].iter().take_while(|b| parts(b)).count();
        let word = text[at..end].iter().take_while(|b| !parts(b)).count();
        let found = &text[at..at + word];
        // Another command begins there.
        if matches!(found, b"|" | b"||" | b"&&" | b";" | b"&") {
            return None;
        }
        if let Some(word) = wanted {
            if found.eq_ignore_ascii_case(word.as_bytes()) {
                wanted = subcommand.next();
            }
            at += found.len().max(1);
            continue;
        }
        let secret = match found.strip_prefix(option.as_bytes()) {
            Some([]) if *written != Written::Joined => {
                let blanks = text[at + word..end]
                    .iter()
                    .take_while(|b| matches!(b, b' ' | b'\t' | b',') || is_quote(**b));
                // The quote that opens the value is read with it.
                let next = at + word + blanks.count();
                let opening = text.get(next - 1).is_some_and(|b| is_quote(*b));
                value(text, next - usize::from(opening), false)
            }
            Some([]) if text.get(at + word).is_some_and(|b| is_quote(*b)) && *written != Written::Apart => {
                value(text, at + word, false)
            }
            Some([first, ..]) if *written != Written::Apart => {
                value(text, at + option.len() + usize::from(*first == b'='), false)
            }
            _ => None,
        };
        if let Some(secret) = secret.filter(|range| is_secret(&text[range.clone()])) {
            return Some(secret);
        }
        at += word.max(1);
    }
    None
}

/// Whether what an option is given may be a secret: a number is a port, and a comma begins another word of a sentence.
fn is_secret(value: &[u8]) -> bool {
    is_clear(&String::from_utf8_lossy(value)) && !value.iter().all(u8::is_ascii_digit)
}

/// Where a command line ends, or is followed no further.
fn command_end(text: &[u8], at: usize) -> usize {
    line_end(&text[..text.len().min(at + REACH)], at)
}

/// Whether a command reads a secret from its standard input.
fn reads_secret(command: &[u8]) -> bool {
    let lower = command.to_ascii_lowercase();
    READERS.iter().any(|reader| memmem::find(&lower, reader).is_some())
}

/// `kinit ana <<< x`, and the lines of `kinit ana <<EOF`.
fn here(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let from = trace.start.saturating_sub(REACH);
    let line = text[from..trace.start].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    // `cat <<EOF | kinit ana`
    let behind = &text[trace.end..command_end(text, trace.end)];
    if !reads_secret(&text[line..trace.start]) && !reads_secret(behind) {
        return None;
    }
    if text.get(trace.end) == Some(&b'<') {
        return value(text, trace.end + 1, false);
    }
    let rest = behind;
    let word: Vec<u8> = rest
        .iter()
        .skip_while(|b| matches!(b, b'-' | b' ') || is_quote(**b))
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .copied()
        .collect();
    let start = (line_end(text, trace.end) + 1).min(text.len());
    let mut end = start;
    while end < text.len().min(start + REACH) {
        let next = line_end(text, end);
        if text[end..next].trim_ascii() == word {
            break;
        }
        end = (next + 1).min(text.len());
    }
    let shown = text[start..end].trim_ascii_end().len();
    (!word.is_empty()).then_some(start..start + shown)
}

/// Options of curl that come together (`-sku ana:x`), its cookies and the password of its certificate.
fn curl(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let end = command_end(text, trace.end);
    let mut at = (trace.end + 1).min(text.len());
    while at < end {
        let word = &text[at..end][..text[at..end].iter().take_while(|b| !b.is_ascii_whitespace()).count()];
        let next = at + word.len() + 1;
        let together =
            word.len() > 2 && word.starts_with(b"-") && !word.starts_with(b"--") && word.ends_with(b"u");
        let separator = match word {
            _ if together => b':',
            b"-E" | b"--cert" | b"--proxy-cert" => b':',
            b"-b" | b"--cookie" => b'=',
            _ => 0,
        };
        if separator != 0
            && let Some(said) = value(text, next.min(text.len()), false)
            && let Some(behind) = memchr::memchr(separator, &text[said.clone()])
        {
            return Some(said.start + behind + 1..said.end);
        }
        at = next;
    }
    None
}

/// `echo x | docker login --password-stdin`.
fn piped(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let line = &text[trace.end..command_end(text, trace.end)];
    let pipe = memchr::memchr(b'|', line)?;
    if !reads_secret(&line[pipe..]) {
        return None;
    }
    let mut at = trace.end;
    // `echo -n`, `printf '%s'`
    let forms: [&[u8]; 11] = [
        b"-n ",
        b"-e ",
        b"-ne ",
        b"-en ",
        b"'%s' ",
        b"\"%s\" ",
        b"%s ",
        b"'%s\\n' ",
        b"\"%s\\n\" ",
        b"%s\\n ",
        b"-- ",
    ];
    while let Some(skipped) = forms.iter().find(|form| text[at..].starts_with(form)) {
        at += skipped.len();
    }
    let said = value(text, at, false)?;
    is_clear(&String::from_utf8_lossy(&text[said.clone()])).then_some(said)
}
