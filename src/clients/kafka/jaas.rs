//! [`login`]: user and password in `sasl.jaas.config`, read as Kafka's `JaasConfig` reads it; [`options_of`]: the options
//! of another login module.

use super::{property_error::PropertyError, values::filled_in};
use crate::{
    clients::secret::SecretRef,
    record::{Said, messages},
    support::redact,
};
use regex::Regex;
use std::{iter::Peekable, str::Chars, sync::LazyLock};

const PROPERTY: &str = "sasl.jaas.config";

/// Who logs in.
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
    /// They are the id and the HMAC of a delegation token.
    pub(super) is_token: bool,
}

/// The log-in in a line of Kafka's `PlainLoginModule` or `ScramLoginModule`, or in the section `KafkaClient` of a file.
/// User and password may each be a reference to a secret.
pub(super) fn login(line: &str) -> Result<Login, PropertyError> {
    let wrong = |why: Said| PropertyError::Malformed { property: PROPERTY.to_owned(), why };
    let module = module(line).map_err(wrong)?;
    let short = module.rsplit('.').next().unwrap_or_default();
    if !["PlainLoginModule", "ScramLoginModule"].contains(&short) {
        // Not shown when it may be a password that somebody wrote in the wrong place.
        return Err(wrong(match short.ends_with("LoginModule") {
            true => module_unsupported(short),
            false => module_missing(),
        }));
    }
    let options = options(line).map_err(wrong)?;
    // As Java does it: the last of two counts.
    let option = |name: &str| options.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
    let resolve = |name: &str| {
        let text = option(name).ok_or_else(|| wrong(option_missing(name)))?;
        if text.is_empty() {
            return Err(wrong(option_empty(name)));
        }
        match SecretRef::parse(text) {
            Some(reference) => Ok(reference
                .resolve()
                .map_err(|cause| PropertyError::Secret { property: PROPERTY.to_owned(), cause })?
                .expose()
                .to_owned()),
            None => filled_in(PROPERTY, text).map(|()| text.clone()),
        }
    };
    let (user, password) = (resolve("username")?, resolve("password")?);
    redact::learn(&password);
    let is_token = option("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    Ok(Login { user, password, is_token })
}

/// The options of the login module in the line, which must be of that simple name; as Java does it, the last of two counts.
/// Values may be references to secrets.
pub(super) fn options_of(line: &str, module: &str) -> Result<Vec<(String, String)>, PropertyError> {
    let wrong = |why: Said| PropertyError::Malformed { property: PROPERTY.to_owned(), why };
    let found = self::module(line).map_err(wrong)?;
    match found.rsplit('.').next() == Some(module) {
        true => options(line).map_err(wrong),
        false => Err(wrong(module_other(module))),
    }
}

/// The entry of a client, at its login module.
fn entry(text: &str) -> Peekable<Chars<'_>> {
    static SECTION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bKafkaClient\s*\{").expect("the pattern is a constant"));
    let text = SECTION.find(text).map_or(text, |section| &text[section.end()..]);
    let mut rest = text.chars().peekable();
    skip_blanks(&mut rest);
    rest
}

/// The login module.
fn module(text: &str) -> Result<String, Said> {
    let mut rest = entry(text);
    match rest.peek().is_some_and(|c| is_quote(*c)) {
        true => Err(quoted_whole()),
        false => Ok(word(&mut rest)),
    }
}

/// The options of the login module, in their order.
fn options(text: &str) -> Result<Vec<(String, String)>, Said> {
    let mut rest = entry(text);
    word(&mut rest);
    let mut options = Vec::new();
    loop {
        skip_blanks(&mut rest);
        match rest.peek() {
            // Java refuses both, so that no other client would get in with it.
            None | Some('}') => return Err(unterminated()),
            Some(';') => {
                rest.next();
                skip_blanks(&mut rest);
                return match rest.peek() {
                    None | Some('}') => Ok(options),
                    Some(_) => Err(two_modules()),
                };
            }
            Some('=' | '{') => drop(rest.next()),
            Some(c) if is_quote(*c) => drop(value(&mut rest)?),
            Some(_) => {
                let name = word(&mut rest);
                skip_blanks(&mut rest);
                // `required` and the like have no value.
                if rest.next_if_eq(&'=').is_some() {
                    skip_blanks(&mut rest);
                    options.push((name, value(&mut rest)?));
                }
            }
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»')
}

fn skip_blanks(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn word(rest: &mut Peekable<Chars<'_>>) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '=' | ';' | '{' | '}');
    std::iter::from_fn(|| rest.next_if(|c| !ends(*c))).collect()
}

/// A value: in quotes of either kind, with Java's escapes, or up to the next blank.
fn value(rest: &mut Peekable<Chars<'_>>) -> Result<String, Said> {
    let Some(quote) = rest.next_if(|c| is_quote(*c)) else {
        return Ok(std::iter::from_fn(|| rest.next_if(|c| !c.is_whitespace() && *c != ';')).collect());
    };
    if !matches!(quote, '"' | '\'') {
        return Err(typographic(quote.to_string()));
    }
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => return Ok(text),
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some(digit @ '0'..='7') => {
                    let mut code = digit.to_digit(8).unwrap_or_default();
                    let most = if digit <= '3' { 2 } else { 1 };
                    for _ in 0..most {
                        let Some(next) = rest.next_if(|c| matches!(c, '0'..='7')) else { break };
                        code = code * 8 + next.to_digit(8).unwrap_or_default();
                    }
                    text.extend(char::from_u32(code));
                }
                Some(other) => text.push(other),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err(quote_open())
}

/// A text in double quotes, for a line of JAAS.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

messages! {
    area "kafka-jaas";
    module_missing() => "its first word is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "son premier mot n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    module_other(module) => "it begins with another login module than the mechanism's, `{module}`" / "elle commence par un autre module de connexion que celui du mécanisme, `{module}`";
    module_unsupported(module) => "`{module}` is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "`{module}` n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    option_empty(name) => "`{name}` is empty" / "son `{name}` est vide";
    option_missing(name) => "it has no `{name}=\"…\"`" / "elle n'a pas de `{name}=\"…\"`";
    quote_open() => "unclosed quote" / "un guillemet n'est pas fermé";
    quoted_whole() => "the whole value is in quotes; remove the outer quotes, so that it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "elle est entière entre guillemets ; retirer ceux de l'extérieur : elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    two_modules() => "it goes on behind its `;`: a client has one login module" / "elle continue après son `;` : un client n'a qu'un module de connexion";
    unterminated() => "it does not end with `;`, and Kafka's own clients refuse it" / "elle ne finit pas par `;`, et les clients de Kafka la refusent";
    typographic(quote) => "typographic quote `{quote}`; write `\"`" / "`{quote}` est un guillemet typographique ; écrire `\"`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(line: &str) -> String {
        let login = login(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(login.user, "admin", "{line}");
        login.password
    }

    #[test]
    fn user_and_password_are_read_as_java_reads_them() {
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required";
        for (options, expected) in [
            (r#"username="admin" password="plain\"text-1";"#, "plain\"text-1"),
            (r"username='admin' password='in-single-2';", "in-single-2"),
            (r#"username='admin' password='a"b;c=d';"#, "a\"b;c=d"),
            (r#"username="admin" password="it's-4";"#, "it's-4"),
            (r"username='admin' password='it\'s-5' ;", "it's-5"),
            (r#"username="admin" password="back\\slash-6";"#, "back\\slash-6"),
            (r#"username="admin" password="\d\101-7";"#, "dA-7"),
            ("username=admin password=plain=text-8;", "plain=text-8"),
            ("\n  username = \"admin\"\n  password = \"blank is-9\"\n;", "blank is-9"),
            (r#"username="x" username="admin" password="last-10";"#, "last-10"),
            (r#"username="admin" password="ü-12" tokenauth="false";"#, "ü-12"),
            (r#"user_admin="server's" username="admin" password="client's-13";"#, "client's-13"),
        ] {
            assert_eq!(password(&format!("{scram} {options}")), expected);
        }
        let file = "KafkaServer {\n  x.PlainLoginModule required username=\"broker\" password=\"b\";\n};\n\
            KafkaClient {\n  x.PlainLoginModule required\n  username=\"admin\"\n  password=\"section-14\";\n};\n";
        assert_eq!(password(file), "section-14");
    }

    #[test]
    fn a_token_is_told() {
        let line = "x.ScramLoginModule required username='id' password='hmac-of-token' tokenauth='true';";
        assert!(login(line).is_ok_and(|login| login.is_token));
    }

    #[test]
    fn what_cannot_be_read_is_told_without_a_password() {
        for (line, told) in [
            (
                "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;",
                "`Krb5LoginModule` is not supported",
            ),
            ("hunter2-in-the-wrong-place", "its first word is not supported"),
            ("x.PlainLoginModule required username=\"u\" password=\"hunter2\"", "does not end with `;`"),
            (
                "x.PlainLoginModule required username='u' password='hunter2'; y.PlainLoginModule required;",
                "one login module",
            ),
            ("x.PlainLoginModule required username=\"u\" password=\"hunter2", "unclosed quote"),
            ("x.PlainLoginModule required username=“u” password=“hunter2”;", "typographic quote"),
            ("\"x.PlainLoginModule required username='u' password='hunter2';\"", "remove the outer quotes"),
            ("x.PlainLoginModule required username=\"u\";", "it has no `password="),
            ("x.PlainLoginModule required username=\"\" password=\"hunter2\";", "`username` is empty"),
            ("x.PlainLoginModule required username=\"u\" password=\"${env:PW}\";", "write `env:PW`"),
        ] {
            let error = login(line).err().unwrap().to_string();
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
