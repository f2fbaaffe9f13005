//! Command lines that say a secret: what is written to a program that asks for one, and what belongs to no single option.

use super::{
    clear::is_clear,
    keys, programs, scripts,
    text::{Finder, command_end, in_name, is_quote, line_end, value},
};
use memchr::memmem;
use std::ops::Range;

/// Programs that read a secret from their standard input.
const READERS: [&[u8]; 6] = [b"chpasswd", b"cryptsetup", b"kinit", b"kpasswd", b"passwd", b"smbpasswd"];

/// Programs that start another one.
const STARTERS: [&[u8]; 11] = [
    b"docker", b"doas", b"env", b"kubectl", b"nerdctl", b"nohup", b"podman", b"ssh", b"su", b"sudo",
    b"timeout",
];

/// Options by which a program reads a secret from its standard input.
const FROM_INPUT: [&[u8]; 7] = [
    b"--data-file=-",
    b"--passphrase-fd",
    b"--password-stdin",
    b"--secret-stdin",
    b"--token-stdin",
    b"--with-token",
    b"pass:stdin",
];

/// Programs and their subcommands that read a secret from their standard input, where no option says so.
const COMMANDS: &[&[&[u8]]] = &[
    &[b"ansible-vault", b"encrypt_string"],
    &[b"docker", b"secret", b"create"],
    &[b"elasticsearch-keystore", b"add"],
    &[b"filebeat", b"keystore", b"add"],
    &[b"fly", b"secrets", b"import"],
    &[b"gh", b"secret", b"set"],
    &[b"htpasswd", b"-i"],
    &[b"kubeseal"],
    &[b"logstash-keystore", b"add"],
    &[b"pass", b"insert"],
    &[b"podman", b"secret", b"create"],
    &[b"rclone", b"obscure"],
    &[b"secret-tool", b"store"],
    &[b"systemd-creds", b"encrypt"],
    &[b"vault", b"login", b"-"],
    &[b"vercel", b"env", b"add"],
    &[b"vncpasswd"],
    &[b"wrangler", b"secret", b"put"],
];

/// So many commands of a pipe are looked at.
const MOST_COMMANDS: usize = 16;

/// How much of a command and of a document for it is looked at.
const HERE: usize = 1 << 10;

/// What the shapes look for, and where the secrets are then.
pub(super) fn traces() -> impl Iterator<Item = (String, Finder)> {
    // Of curl there is more to look at. A name is a word: `oc` is in many others.
    let names = programs::names().filter(|name| *name != "curl");
    let ends = [" ", "\t", ",", "\"", "'", "\\", "\n"];
    let programs =
        names.flat_map(move |name| ends.map(|end| (format!("{name}{end}"), Finder::All(programs::find))));
    let inputs = [
        ("<<", Finder::One(here)),
        ("echo ", Finder::One(piped)),
        ("printf ", Finder::One(piped)),
        ("yes ", Finder::One(piped)),
        ("curl", Finder::All(curl)),
        ("setuser ", Finder::All(of_redis)),
    ];
    programs.chain(inputs.map(|(trace, finder)| (trace.to_owned(), finder))).chain(scripts::traces())
}

/// Whether a command, or one that it is piped into, reads a secret from its standard input.
fn reads_secret(command: &[u8]) -> bool {
    command.split(|b| matches!(b, b'|' | b';' | b'&')).take(MOST_COMMANDS).any(|command| {
        let mut words = command
            .split(|b| b.is_ascii_whitespace() || is_quote(*b))
            .filter(|word| !word.is_empty())
            .map(|word| word.rsplit(|b| *b == b'/').next().unwrap_or_default());
        let all: Vec<&[u8]> = words.clone().take(16).collect();
        let reads = |known: &&[&[u8]]| {
            let at = all.iter().position(|word| *word == known[0]);
            at.is_some_and(|at| {
                let mut rest = all[at + 1..].iter();
                known[1..].iter().all(|word| rest.any(|other| other == word))
            })
        };
        let Some(program) = words.next().filter(|program| !is_search(program)) else { return false };
        COMMANDS.iter().any(reads)
            || READERS.contains(&program)
            || words.any(|word| {
                FROM_INPUT.contains(&word)
                    || STARTERS.contains(&program) && READERS.contains(&word)
                    || program == b"sudo" && word.starts_with(b"-") && word.contains(&b'S')
                    || program == b"read" && is_asked(word)
            })
    })
}

/// Whether a word of `read` says that it reads a secret: by its option, or the name of its variable.
fn is_asked(word: &[u8]) -> bool {
    let silent = word.starts_with(b"-") && word.contains(&b's');
    silent || std::str::from_utf8(word).is_ok_and(keys::may_name)
}

/// Whether a program looks for words in a text.
fn is_search(program: &[u8]) -> bool {
    const SEARCHES: [&[u8]; 11] = [
        b"awk",
        b"egrep",
        b"fgrep",
        b"findstr",
        b"gawk",
        b"grep",
        b"rg",
        b"sed",
        b"select-string",
        b"zgrep",
        b"zipgrep",
    ];
    SEARCHES.iter().any(|search| program.eq_ignore_ascii_case(search))
}

/// Whether what stands there is what a program looks for in a text.
pub(super) fn is_searched(text: &[u8], at: usize) -> bool {
    let near = &text[at.saturating_sub(256)..at];
    let line = near.rsplit(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let begin = [&b" | "[..], b"; ", b"&& ", b"$("].iter().filter_map(|mark| memmem::rfind(line, mark)).max();
    let words = line[begin.unwrap_or(0)..].split(|b| !in_name(b)).filter(|word| !word.is_empty());
    words.take(4).any(is_search)
}

/// `kinit ana <<< x`, and the lines of `kinit ana <<EOF`.
fn here(text: &[u8], trace: Range<usize>) -> Option<Range<usize>> {
    let from = trace.start.saturating_sub(HERE);
    let line = text[from..trace.start].iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
    // `cat <<EOF | kinit ana`
    let behind = &text[trace.end..command_end(text, trace.end)];
    let piped = || memchr::memchr(b'|', behind).is_some() && reads_secret(behind);
    if !reads_secret(&text[line..trace.start]) && !piped() {
        return None;
    }
    if text.get(trace.end) == Some(&b'<') {
        let said = value(text, trace.end + 1, false)?;
        return is_clear(&String::from_utf8_lossy(&text[said.clone()])).then_some(said);
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
    while end < text.len().min(start + HERE) {
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
fn curl(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    let mut found = programs::find(text, trace.clone());
    let end = command_end(text, trace.end);
    let (mut at, mut repeated) = ((trace.end + 1).min(text.len()), 0);
    while at < end {
        let word = &text[at..end][..text[at..end].iter().take_while(|b| !b.is_ascii_whitespace()).count()];
        let next = at + word.len() + 1;
        repeated += usize::from(word == b"curl");
        if repeated > programs::MOST_REPEATED {
            break;
        }
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
            found.push(said.start + behind + 1..said.end);
        }
        at = next;
    }
    found
}

/// `ACL SETUSER ana on >x ~* +@all`.
fn of_redis(text: &[u8], trace: Range<usize>) -> Vec<Range<usize>> {
    let line = trace.end..command_end(text, trace.end);
    let words = text[line.clone()].split(|b| b.is_ascii_whitespace() || is_quote(*b)).take(32);
    let mut at = line.start;
    let places = words.map(|word| {
        let start = at;
        at += word.len() + 1;
        start..start + word.len()
    });
    let secret = places.filter(|word| word.len() > 1 && text[word.start] == b'>');
    secret.map(|word| word.start + 1..word.end).collect()
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
