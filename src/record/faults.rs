//! What a library says of a value that it cannot read, in this program's own sentences.

use super::{Arg, Said, Speaks, display_by_said};
use crate::support::text::{NotADuration, NotASize};
use serde_json::error::Category;
use std::error::Error;

/// What is wrong with a text that is no JSON.
pub fn json(error: &serde_json::Error) -> Said {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof if line <= 1 && column == 0 => json_empty(),
        Category::Eof => json_cut(line, column),
        Category::Syntax | Category::Io => json_wrong(line, column),
        Category::Data => json_other(Arg::text(error)),
    }
}

/// What is wrong with a text that is no regular expression, in one line.
pub fn pattern(error: &regex::Error) -> Said {
    match error {
        regex::Error::CompiledTooBig(_) => pattern_too_large(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            Said::verbatim(last.trim_start_matches("error: "))
        }
    }
}

/// What is wrong with an address.
pub fn url(error: url::ParseError) -> Said {
    use url::ParseError;
    match error {
        ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase => {
            url_without_scheme()
        }
        ParseError::EmptyHost => url_without_host(),
        ParseError::InvalidPort => url_port(),
        ParseError::InvalidIpv4Address | ParseError::InvalidIpv6Address => url_ip(),
        _ => url_host(),
    }
}

impl Speaks for NotADuration {
    fn said(&self) -> Said {
        match self {
            Self::OutOfRange(text) => duration_out_of_range(text),
            Self::Unreadable(text) => no_duration(text),
        }
    }
}

impl Speaks for NotASize {
    fn said(&self) -> Said {
        match self {
            Self::TooLarge(text) => size_too_large(text),
            Self::Unreadable(text) => no_size(text),
        }
    }
}

display_by_said!(NotADuration, NotASize);

impl Error for NotADuration {}

impl Error for NotASize {}

/// What Rust says of numbers and flags, and what is said instead.
const WORDS: [(&str, &str); 10] = [
    ("invalid digit found in string", "not a whole number"),
    ("cannot parse integer from empty string", "empty, where a whole number was expected"),
    ("number too large to fit in target type", "a number that is too large"),
    ("number too small to fit in target type", "a number that is too small"),
    ("number would be zero for non-zero type", "0, which is not allowed here"),
    ("invalid float literal", "not a number"),
    ("cannot parse float from empty string", "empty, where a number was expected"),
    ("provided string was not `true` or `false`", "neither `true` nor `false`"),
    ("relative URL without a base", "an address without `http://` or `https://`"),
    ("invalid port number", "an address with a wrong port"),
];

/// A sentence of a library with what it says of a value in our words.
pub fn plain(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (theirs, ours)| match text.contains(theirs) {
        true => text.replace(theirs, ours),
        false => text,
    })
}

super::messages! {
    area "fault-in-text";
    duration_out_of_range(text) => "`{text}` is not a duration: it is negative, or too long" / "`{text}` n'est pas une durée : elle est négative ou trop longue";
    json_cut(line, column) => "it ends in the middle, at line {line}, column {column}" / "il s'interrompt à la ligne {line}, colonne {column}";
    json_empty() => "it is empty" / "il est vide";
    json_other(cause) => "{cause}" / "{cause}";
    json_wrong(line, column) => "line {line}, column {column} is not JSON" / "la ligne {line}, colonne {column}, n'est pas du JSON";
    no_duration(text) => "`{text}` is not a duration; write it as `500ms`, `30s`, `2m`, `1h 30m` or `PT24H`" / "`{text}` n'est pas une durée ; l'écrire comme `500ms`, `30s`, `2m`, `1h 30m` ou `PT24H`";
    no_size(text) => "`{text}` is not a size; write it as `1024 B`, `64 KiB` or `1 MiB`" / "`{text}` n'est pas une taille ; l'écrire comme `1024 B`, `64 KiB` ou `1 MiB`";
    pattern_too_large() => "it is too large" / "elle est trop grande";
    size_too_large(text) => "`{text}` is too large" / "`{text}` est trop grand";
    url_host() => "its host is not one" / "l'hôte n'en est pas un";
    url_ip() => "its IP address is not one" / "l'adresse IP n'en est pas une";
    url_port() => "its port is not a number from 0 to 65535" / "le port n'est pas un nombre de 0 à 65535";
    url_without_host() => "it has no host" / "l'hôte manque";
    url_without_scheme() => "it does not begin with `http://` or `https://`" / "elle ne commence pas par `http://` ou `https://`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_say_is_said_in_our_words() {
        for (text, says) in [
            ("", "it is empty"),
            ("{\"a\": [1, 2", "it ends in the middle, at line 1, column 11"),
            ("{\n<html>", "line 2, column 1 is not JSON"),
            ("1 2", "line 1, column 3 is not JSON"),
        ] {
            assert_eq!(json(&serde_json::from_str::<serde_json::Value>(text).unwrap_err()), says, "{text}");
        }
        for (text, says) in [
            ("localhost:9090/x y", "host"),
            ("prometheus", "does not begin with"),
            ("http://", "no host"),
            ("http://a:99999", "port"),
            ("http://[::1", "IP address"),
        ] {
            let said = url::Url::parse(text).map_or_else(url, |url| format!("host {url}").into());
            assert!(said.contains(says), "{text}: {said}");
        }
        // In variables: a literal that is no pattern is refused when it is compiled.
        for (text, said) in [("(a", "unclosed group"), ("((a{999}){999}){999}", "it is too large")] {
            assert_eq!(pattern(&regex::Regex::new(text).unwrap_err()), said);
        }
        assert_eq!(plain(&"x".parse::<u8>().unwrap_err().to_string()), "not a whole number");
        assert_eq!(plain(&"x".parse::<f64>().unwrap_err().to_string()), "not a number");
    }
}
