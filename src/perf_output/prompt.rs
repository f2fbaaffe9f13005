//! What a shell or another program that takes commands writes before what is typed.

use super::stamps;
use regex::Regex;
use std::sync::LazyLock;

/// What a prompt may end with that no sentence has there: an arrow, a symbol, a sign of a terminal's own font.
fn is_glyph(c: char) -> bool {
    matches!(c, 'λ' | '»' | '›' | '⟩' | '\u{2190}'..='\u{21ff}' | '\u{25a0}'..='\u{27bf}' | '\u{e000}'..='\u{f8ff}')
}

/// Whether these words are a prompt: they end with its mark, or begin with an arrow and a folder.
pub(super) fn is_prompt(words: &[&str]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    if words.len() > 12 {
        return false;
    }
    let letters = |word: &&&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    // Behind another command it begins a comment.
    let is_comment = *last == "#"
        && words.len() > 1
        && !(words.len() <= 3 && (first.starts_with(['/', '~', '(']) || first.contains([':', '@', '['])));
    last.ends_with(['$', '#', '%', '>']) && !is_comment && words.iter().filter(letters).count() <= 3
        || last.ends_with(is_glyph)
        || first.starts_with(['➜', '╭', '╰', '┌', '└']) && words.len() <= 6
}

/// Length of the prompt at the start of a line, the time before it included; 0 where there is none.
pub(super) fn length(line: &str) -> usize {
    let words: Vec<&str> = line.split(' ').collect();
    let (count, _) = stamps::stamp(&words);
    let stamped: usize = words[..count].iter().map(|word| word.len() + 1).sum();
    if count == 0 || stamped >= line.len() {
        return plain(line);
    }
    let behind = &line[stamped..];
    let mark = behind.split(' ').next().unwrap_or_default();
    match (mark, plain(behind)) {
        ("$" | "#" | "%" | ">" | "❯" | "λ" | "»", _) => stamped + mark.len(),
        (_, 0) => 0,
        (_, length) => stamped + length,
    }
}

/// Prompts that are known by their whole form: of a shell that names user and machine, or the folder of Windows; of IPython;
/// of a program that takes commands (`mysql>`, `>>>`, `db=#`, `127.0.0.1:6379>`, ZooKeeper's).
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        ^(?:
            \[ [\w.-]+ @ [^\]]* \] [$\#]
          | [\w.-]+ @ [\w.-]+ : [~/] [^\s$\#>]* [$\#]
          | (?: PS \s+ )? [A-Za-z] : \\ [^<>]* >
          | (?:
                In \s \[ \d+ \] :
              | \[ zk: [^\]]* \] (?: \s \d+ )?
              | PS (?: \s [^<>]+ )? >
              | [A-Za-z] [\w.-]{0,40} (?: \( [\w.-]* \) | @ [\w.-]+ )? (?: \s \[ [^\]]* \] )? >
              | [\w.-]+ : \d+ >
              | [A-Za-z_] \w* [=-] [\#>]
              | >>>
              | [λ»›⟩]
            ) (?: \s | $ )
        )",
    )
    .expect("the pattern is a constant")
});

/// As [`length`], of a line without a time before the prompt.
fn plain(line: &str) -> usize {
    let marked = |at: usize| line[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    // With one blank it marks an item of a list.
    if line.starts_with("➜  ") {
        return '➜'.len_utf8();
    }
    // The first line of two: `┌──(kali㉿kali)-[~/kafka]`.
    if line.starts_with(['┌', '╭']) && line.contains(['(', '[', '@', '~']) && !line.contains(['┬', '┐'])
    {
        return line.len();
    }
    if let Some(found) = WHOLE.find(line) {
        return found.as_str().trim_end().len();
    }
    for (at, mark) in line.match_indices(['$', '#', '%', '>', '❯', 'λ']) {
        // zsh puts a blank before its mark.
        let before = if mark == "%" { line[..at].trim_end() } else { &line[..at] };
        let behind = &line[marked(at)..];
        if !(behind.is_empty() || behind.starts_with(' ')) {
            continue;
        }
        let words = before.split_ascii_whitespace().count();
        let path = before.trim_end();
        let user = before.contains('@') && words <= 4 && !before.ends_with(' ');
        let shell = before.is_empty() && !line.starts_with(['>', '%', '#'])
            || ["bash-", "sh-", "zsh-"].iter().any(|s| before.starts_with(s))
            || before.starts_with(['└', '╰']) && words <= 2;
        // `/ #`, `~/kafka $`, `broker-1:/opt/kafka #`, `mac:dir alice$`, `[appuser ~]$`.
        let folder =
            (path.starts_with(['/', '~']) && words == 1 || path.contains(":/") || path.contains(":~"))
                && words <= 2;
        let mac = words == 2
            && before.starts_with(|c: char| c.is_ascii_alphabetic())
            && before.split(' ').next().is_some_and(|host| host.contains(':') && !host.ends_with(':'));
        let bracketed = before.starts_with('[') && before.ends_with(']') && words <= 3;
        let posix = matches!(mark, "$" | "#")
            && (folder || !before.ends_with(' ') && (mac || bracketed))
            && !path.contains("://");
        let root = posix || matches!(mark, "❯" | "λ");
        if user || shell || root {
            return marked(at);
        }
        if before.len() > 80 {
            break;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_shells_and_of_programs_are_known() {
        for prompt in [
            "$",
            "17:45 $",
            "17:45:31 ana@bench:~$",
            "[17:45] $",
            "2024-02-22T17:44:31Z $",
            "2024-02-22T17:44:31.123+01:00 >",
            "2024-02-22 17:44:31 #",
            "17h44 >",
            "17h44 $",
            "λ",
            "~/kafka λ",
            "C:\\kafka λ",
            "»",
            "PS C:\\>",
            "PS C:\\Program Files\\kafka>",
            "PS /home/ana>",
            "C:\\kafka>",
            "In [1]:",
            "In [12]:",
            "└─$",
            "└─#",
            "╰─❯",
            "mysql>",
            "MariaDB [(none)]>",
            "ksql>",
            "postgres=#",
            "db=>",
            "127.0.0.1:6379>",
            "[zk: localhost:2181(CONNECTED) 0]",
            "scala>",
            ">>>",
            "[ana@host ~]#",
            "[ana@host kafka]$",
            "host:~ #",
            "ana@host:~/kafka$",
            "ana@host:/opt>",
        ] {
            assert_eq!(length(prompt), prompt.len(), "{prompt}");
            assert_eq!(length(&format!("{prompt} ls -l")), prompt.len(), "{prompt}");
        }
        for (line, prompt) in [
            ("┌──(kali㉿kali)-[~/kafka]", "┌──(kali㉿kali)-[~/kafka]"),
            ("╭─ana@bench ~/kafka", "╭─ana@bench ~/kafka"),
            ("[ana@host ~]#ls", "[ana@host ~]#"),
            ("C:\\kafka>dir", "C:\\kafka>"),
        ] {
            assert_eq!(&line[..length(line)], prompt);
        }
        for line in [
            "latency > 10 ms",
            "➜ Restart of the brokers",
            "14:05 80% CPU",
            "14:05 restart of broker 2",
            "┌──────┬─────┐",
            "└──────┘",
            "In [1] we saw it",
            "« cela » et »",
            "> quoted",
            "a -> b",
        ] {
            assert_eq!(length(line), 0, "{line}");
        }
    }

    #[test]
    fn what_stands_behind_a_command_is_a_comment() {
        for words in [&["vi", "run-perf.sh", "#"][..], &["./run.sh", "#"], &["ls", "-l", "#"]] {
            assert!(!is_prompt(words), "{words:?}");
        }
        for words in
            [&["#"][..], &["/", "#"], &["broker-1:~", "#"], &["[ana@b", "~]#"], &["(venv)", "/opt", "#"]]
        {
            assert!(is_prompt(words), "{words:?}");
        }
    }
}
