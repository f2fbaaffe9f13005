//! Texts that stand for a secret, or behind its name, without being one: references, placeholders, words that say how something is.

/// A reference tells where a secret is, and may be read by anybody.
pub fn is_reference(text: &str) -> bool {
    ["env:", "file:", "command:"].iter().any(|form| text.starts_with(form))
}

/// Whether a text may be a secret itself: no reference, no placeholder, no word that says whether there is one.
pub(super) fn is_clear(text: &str) -> bool {
    let text = text.trim();
    let placeholder = match text.as_bytes() {
        [b'$', b'{' | b'(', ..] | [b'{', b'{', ..] | [b'<', b'%', ..] | [b'<', .., b'>'] | [b'%', b's'] => {
            true
        }
        // A variable of a shell; a password may begin with a dollar too.
        [b'$', rest @ ..] => {
            let upper = rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
            let name = rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
            let lower = text.to_ascii_lowercase();
            upper || name && ["pass", "token", "secret", "pwd"].iter().any(|word| lower.contains(word))
        }
        _ => {
            text.chars().all(|c| "*.…•●∙·-–—_✓✔✗✘☑".contains(c))
                || (text.len() > 2 && text.chars().all(|c| matches!(c, 'x' | 'X')))
        }
    };
    !placeholder && !is_reference(text) && !is_status(text) && !is_hidden(text)
}

/// Whether a text was masked by the program that wrote it: `hmac=[*****]`.
fn is_hidden(text: &str) -> bool {
    let value = text.split_once('=').map(|(_, value)| value.trim_matches(['[', ']', '(', ')', '"']));
    value.is_some_and(|value| value.len() > 2 && value.bytes().all(|b| b == b'*'))
}

/// Whether a text says whether there is a secret, or how it is: `changed`, `expirée.`, `[hidden]`.
pub(super) fn is_status(text: &str) -> bool {
    // What an error, a form or a help text says there.
    const WORDS: &[&str] = &[
        "",
        "a",
        "absent",
        "absente",
        "accepted",
        "accepté",
        "aucun",
        "aucune",
        "caché",
        "changed",
        "changé",
        "configured",
        "configuré",
        "connection",
        "created",
        "créé",
        "blank",
        "denied",
        "disabled",
        "done",
        "défini",
        "empty",
        "enabled",
        "expired",
        "expiré",
        "failed",
        "fait",
        "faite",
        "failure",
        "false",
        "found",
        "generated",
        "généré",
        "good",
        "hidden",
        "identifier",
        "inchangé",
        "inconnu",
        "incorrect",
        "incorrecte",
        "invalid",
        "invalide",
        "ko",
        "locked",
        "manquant",
        "manquante",
        "masked",
        "masqué",
        "missing",
        "modifié",
        "n/a",
        "nil",
        "no",
        "non",
        "none",
        "not",
        "null",
        "obligatoire",
        "ok",
        "optional",
        "oui",
        "passed",
        "pending",
        "permission",
        "present",
        "prompt",
        "prompted",
        "protected",
        "présent",
        "présente",
        "redacted",
        "refused",
        "refusé",
        "rejected",
        "renouvelé",
        "required",
        "requis",
        "requise",
        "reset",
        "revoked",
        "révoqué",
        "rotated",
        "réinitialisé",
        "sensitive",
        "set",
        "skipped",
        "success",
        "successful",
        "tbd",
        "todo",
        "true",
        "unbound",
        "unchanged",
        "undefined",
        "unknown",
        "unlocked",
        "unset",
        "updated",
        "valid",
        "validé",
        "valide",
        "verified",
        "vide",
        "vérifié",
        "wrong",
        "yes",
    ];
    let brackets = [('[', ']'), ('(', ')')];
    let inner = brackets.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    let word = inner.unwrap_or(text).trim_end_matches(['.', '!', ',', ';']);
    // Of letters alone: what has another shape is no such word.
    if word.chars().count() > 13 || inner.is_some_and(str::is_empty) {
        return false;
    }
    let lower = word.to_lowercase();
    let stem = lower.strip_suffix('s').unwrap_or(&lower);
    let stem = stem.strip_suffix("ée").map(|stem| format!("{stem}é"));
    WORDS.contains(&lower.as_str()) || stem.is_some_and(|stem| WORDS.contains(&stem.as_str()))
}

/// Whether a text has the letters of a secret, and is no name with numbers: `orders-2`, `kafka_tls_1`.
pub(super) fn is_odd(text: &[u8]) -> bool {
    let has = |of: fn(&u8) -> bool| text.iter().any(of);
    let parted = has(|b| b"-_./:".contains(b));
    let of = |part: &[u8]| {
        let letters = part.iter().take_while(|b| b.is_ascii_lowercase()).count();
        part[letters..].iter().all(u8::is_ascii_digit)
    };
    let is_name = parted && text.split(|b| b"-_./:".contains(b)).all(of);
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let marked = has(|b| b"!#$&*+?^~@%=".contains(b));
    let cased = text.len() >= 12 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    !is_name && (mixed || marked || cased)
}

/// Whether a text is the name of a request of Kafka's protocol, or its number: `apiKey=LIST_OFFSETS`, `ApiVersions`.
pub(super) fn is_request_of_kafka(text: &str) -> bool {
    const REQUESTS: &[&str] = &[
        "apiversions",
        "controlledshutdown",
        "createacls",
        "createpartitions",
        "createtopics",
        "deleteacls",
        "deletegroups",
        "deleterecords",
        "deletetopics",
        "describeacls",
        "describecluster",
        "describeconfigs",
        "describegroups",
        "endtxn",
        "fetch",
        "findcoordinator",
        "heartbeat",
        "incrementalalterconfigs",
        "initproducerid",
        "joingroup",
        "leavegroup",
        "listgroups",
        "listoffsets",
        "metadata",
        "offsetcommit",
        "offsetfetch",
        "produce",
        "saslauthenticate",
        "saslhandshake",
        "syncgroup",
    ];
    let written = |c: char| c.is_ascii_uppercase() || c == '_';
    let number = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let lower = text.trim_end_matches("Request").replace('_', "").to_ascii_lowercase();
    number || text.chars().all(written) || REQUESTS.contains(&lower.as_str())
}

/// Whether a text says how something went, how much of it there is, of which type it is or where it stands.
pub(super) fn is_outcome(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "all",
        "any",
        "atteint",
        "conforme",
        "réussi",
        "tenu",
        "validé",
        "bool",
        "boolean",
        "both",
        "done",
        "each",
        "error",
        "errors",
        "fail",
        "failed",
        "failure",
        "first",
        "found",
        "green",
        "held",
        "inconclusive",
        "int",
        "integer",
        "ko",
        "last",
        "loaded",
        "new",
        "non",
        "number",
        "off",
        "ok",
        "on",
        "only",
        "oui",
        "partial",
        "pass",
        "passed",
        "tous",
        "tout",
        "toutes",
        "pending",
        "ready",
        "red",
        "running",
        "second",
        "skip",
        "skipped",
        "str",
        "string",
        "success",
        "text",
        "unknown",
        "waived",
        "warn",
        // Of a collector of garbage.
        "full",
        "major",
        "minor",
        "mixed",
        "old",
        "young",
    ];
    const UNITS: &[&str] = &[
        "", "%", "x", "b", "kb", "mb", "gb", "k", "m", "ns", "us", "ms", "s", "sec", "min", "h", "d", "st",
        "th",
    ];
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().trim_end_matches(['.', ',', '!', ';', ':', ')', ']']);
    let unit =
        first.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | '-' | '+'));
    let number = unit.len() < first.len() && UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known));
    // Digits alone may be a PIN; whoever asks knows what stands around them.
    let number = number && !text.bytes().all(|b| b.is_ascii_digit());
    let path = first.starts_with(['/', '~']) || first.get(1..3) == Some(":\\");
    let code = first.contains("::")
        || first.contains(['(', '[', '{'])
        || first.starts_with(['$', '&'])
        || first.starts_with("--");
    let marks = !text.contains(char::is_alphanumeric);
    // The name of a figure: `a.waited_s`.
    let figure =
        text.contains('.') && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_' | b'!'));
    number
        || path
        || code
        || marks
        || figure
        || words.count() >= 2
        || !is_clear(first)
        || WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// Whether a word goes on with a sentence: `--password is required`.
pub(super) fn is_prose(word: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"and",
        b"as",
        b"can",
        b"cannot",
        b"est",
        b"et",
        b"flag",
        b"for",
        b"from",
        b"in",
        b"is",
        b"may",
        b"must",
        b"n",
        b"needs",
        b"on",
        b"option",
        b"or",
        b"ou",
        b"requires",
        b"should",
        b"string",
        b"text",
        b"to",
        b"was",
        b"will",
        b"with",
        b"are",
        b"has",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for text in [
            "env:NAME",
            "${file:/a:b}",
            "$PASSWORD",
            "{{ vars.x }}",
            "***",
            "null",
            "<password>",
            "…",
            "••••",
            "[hidden]",
            "Changée.",
        ] {
            assert!(!is_clear(text), "{text}");
        }
        for text in ["hunter2", "$ecret", "xylophone", "123456", "[hunter2]", "()", "okapi"] {
            assert!(is_clear(text), "{text}");
        }
    }
}
