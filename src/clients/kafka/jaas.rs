//! [`login`]: user and password in `sasl.jaas.config`, read as Kafka's `JaasConfig` reads it; [`options_of`]: the options
//! of another login module.
//!
//! `JaasConfig` lets a `StreamTokenizer` make words: blanks are what is not above U+0020, `//`, `/* */` and a `/` alone begin
//! comments, quotes of either kind hold a text with Java's escapes that ends in its line, `;` and `=` stand for themselves,
//! and all else is a word. An entry is a module, a flag (`required` or the like), `name=value` pairs and `;`.

use super::{property_error::PropertyError, values::filled_in};
use crate::{
    clients::secret::SecretRef,
    record::{Said, messages},
    support::redact,
};
use regex::Regex;
use std::{iter::Peekable, str::Chars, sync::LazyLock};

pub(super) const PROPERTY: &str = "sasl.jaas.config";

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
    let entry = entry(line).map_err(wrong)?;
    let short = entry.short_name();
    if !["PlainLoginModule", "ScramLoginModule"].contains(&short) {
        // Not shown when it may be a password that somebody wrote in the wrong place.
        return Err(wrong(match short.ends_with("LoginModule") {
            true => module_unsupported(short),
            false => module_missing(),
        }));
    }
    let options = entry.options().map_err(wrong)?;
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
    let found = entry(line).map_err(wrong)?;
    match found.short_name() == module {
        true => found.options().map_err(wrong),
        false => Err(wrong(module_other(module))),
    }
}

/// Refuses a `sasl.jaas.config` of a client's file that Kafka's clients refuse: there it is one entry, not a whole file.
pub(super) fn of_a_property(line: &str) -> Result<(), PropertyError> {
    let wrong = |why: Said| PropertyError::Malformed { property: PROPERTY.to_owned(), why };
    if section(line).is_some() {
        return Err(wrong(whole_file()));
    }
    let entry = entry(line).map_err(wrong)?;
    // What is no login module at all is told with those that are supported.
    match entry.short_name().ends_with("LoginModule") {
        true => entry.options().map(drop).map_err(wrong),
        false => Ok(()),
    }
}

/// The entry of a client: its module, and what is behind it.
struct Entry<'a> {
    module: String,
    rest: Peekable<Chars<'a>>,
    in_section: bool,
}

/// Where the entry begins in the section of clients of a whole file.
fn section(text: &str) -> Option<usize> {
    static SECTION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bKafkaClient\s*\{").expect("the pattern is a constant"));
    SECTION.find(text).map(|section| section.end())
}

fn entry(text: &str) -> Result<Entry<'_>, Said> {
    let section = section(text);
    let mut rest = text[section.unwrap_or(0)..].chars().peekable();
    let module = match token(&mut rest)? {
        Some(Token::Quoted(text)) if text.contains(char::is_whitespace) => return Err(quoted_whole()),
        Some(Token::Quoted(text) | Token::Word(text)) => text,
        Some(Token::Sign(_)) | None => String::new(),
    };
    Ok(Entry { module, rest, in_section: section.is_some() })
}

impl Entry<'_> {
    fn short_name(&self) -> &str {
        self.module.rsplit('.').next().unwrap_or_default()
    }

    /// The options of the login module, in their order.
    fn options(mut self) -> Result<Vec<(String, String)>, Said> {
        const FLAGS: [&str; 4] = ["required", "requisite", "sufficient", "optional"];
        match token(&mut self.rest)? {
            Some(Token::Word(flag) | Token::Quoted(flag))
                if FLAGS.iter().any(|known| flag.eq_ignore_ascii_case(known)) => {}
            _ => return Err(flag_missing()),
        }
        let mut options = Vec::new();
        loop {
            let name = match token(&mut self.rest)? {
                Some(Token::Sign(';')) => break,
                Some(Token::Word(word)) if self.in_section && word.starts_with('}') => {
                    return Err(unterminated());
                }
                Some(Token::Word(name) | Token::Quoted(name)) => name,
                // A name or a value could be a part of a password, and neither is shown.
                Some(Token::Sign(_)) => return Err(no_pair()),
                // Java refuses it, so that no other client would get in with it.
                None => return Err(unterminated()),
            };
            match (token(&mut self.rest)?, token(&mut self.rest)?) {
                (Some(Token::Sign('=')), Some(Token::Word(value) | Token::Quoted(value))) => {
                    options.push((name, value));
                }
                (Some(_), Some(_)) => return Err(no_pair()),
                _ => return Err(unterminated()),
            }
        }
        match token(&mut self.rest)? {
            None => Ok(options),
            Some(Token::Word(word)) if self.in_section && word.starts_with('}') => Ok(options),
            Some(_) => Err(two_modules()),
        }
    }
}

/// A token as `StreamTokenizer` makes it with `JaasConfig`'s settings.
enum Token {
    Quoted(String),
    Sign(char),
    Word(String),
}

fn token(rest: &mut Peekable<Chars<'_>>) -> Result<Option<Token>, Said> {
    loop {
        while rest.next_if(|c| *c <= ' ').is_some() {}
        let Some(c) = rest.next() else { return Ok(None) };
        match c {
            '/' => comment(rest),
            '"' | '\'' => return quoted_text(rest, c).map(|text| Some(Token::Quoted(text))),
            _ if is_typographic(c) => return Err(typographic(c.to_string())),
            _ if is_sign(c) => return Ok(Some(Token::Sign(c))),
            _ => {
                let mut word = String::from(c);
                let within = |c: &char| *c > ' ' && !matches!(c, '/' | '"' | '\'') && !is_sign(*c);
                word.extend(std::iter::from_fn(|| rest.next_if(within)));
                return Ok(Some(Token::Word(word)));
            }
        }
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, ';' | '=' | '\u{81}'..='\u{9f}')
}

fn is_typographic(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‘' | '’' | '«' | '»')
}

/// Passes over a comment whose first `/` was read: up to `*/`, or to the end of the line.
fn comment(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'*').is_none() {
        while rest.next_if(|c| !matches!(c, '\n' | '\r')).is_some() {}
        return;
    }
    let mut before = ' ';
    for c in rest.by_ref() {
        if (before, c) == ('*', '/') {
            return;
        }
        before = c;
    }
}

/// The text up to the quote that closes it, with Java's escapes. It ends in its line.
fn quoted_text(rest: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, Said> {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => return Ok(text),
            '\n' | '\r' => break,
            '\\' => match rest.next() {
                Some('a') => text.push('\u{7}'),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('v') => text.push('\u{b}'),
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
    flag_missing() => "`required` is expected behind the login module" / "`required` est attendu après le module de connexion";
    module_missing() => "its first word is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "son premier mot n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    module_other(module) => "it begins with another login module than the mechanism's, `{module}`" / "elle commence par un autre module de connexion que celui du mécanisme, `{module}`";
    module_unsupported(module) => "`{module}` is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "`{module}` n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    no_pair() => "expected `name=\"value\"` pairs and `;` behind `required`; a value with a blank or one of `= ; / ' \"` needs quotes" / "des paires `nom=\"valeur\"` et `;` sont attendus après `required` ; une valeur avec un blanc ou l'un de `= ; / ' \"` demande des guillemets";
    option_empty(name) => "`{name}` is empty" / "son `{name}` est vide";
    option_missing(name) => "it has no `{name}=\"…\"`" / "elle n'a pas de `{name}=\"…\"`";
    quote_open() => "unclosed quote" / "un guillemet n'est pas fermé";
    quoted_whole() => "the whole value is in quotes; remove the outer quotes, so that it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "elle est entière entre guillemets ; retirer ceux de l'extérieur : elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    two_modules() => "it goes on behind its `;`: a client has one login module" / "elle continue après son `;` : un client n'a qu'un module de connexion";
    typographic(quote) => "typographic quote `{quote}`; write `\"`" / "`{quote}` est un guillemet typographique ; écrire `\"`";
    unterminated() => "it does not end with `;`, and Kafka's own clients refuse it" / "elle ne finit pas par `;`, et les clients de Kafka la refusent";
    whole_file() => "it is a whole JAAS file, with the section `KafkaClient`, and Kafka refuses that here; write only what is between the braces, from the login module to its `;`" / "c'est un fichier JAAS entier, avec la section `KafkaClient`, que Kafka refuse ici ; n'écrire que ce qui est entre les accolades, du module de connexion à son `;`";
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
            ("username=admin password=plain-text-8;", "plain-text-8"),
            (
                "/* a /* note */ username='admin' // who\n password='http://not-a-comment-15';",
                "http://not-a-comment-15",
            ),
            ("username='admin' / to the end\n password='in-single-16'; // end", "in-single-16"),
            ("'username'='admin' password='\\a\\v-17';", "\u{7}\u{b}-17"),
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
            ("x.PlainLoginModule required username=u password=hunter2=x;", "needs quotes"),
            ("x.PlainLoginModule required username=u password=hunter2/x;", "does not end with `;`"),
            ("x.PlainLoginModule required username=u debug password=hunter2;", "needs quotes"),
            ("x.PlainLoginModule required username='u' # hunter2\n password='p';", "needs quotes"),
            ("x.PlainLoginModule required username=u password=;", "needs quotes"),
            ("x.PlainLoginModule required username='u' password='hunter2\n';", "unclosed quote"),
            ("x.PlainLoginModule username='u' password='hunter2';", "`required` is expected"),
            ("x.PlainLoginModule required username='u' password='hunter2';;", "one login module"),
            ("x.PlainLoginModule required username=\"u\" password=\"${env:PW}\";", "write `env:PW`"),
        ] {
            let error = login(line).err().unwrap().to_string();
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_whole_file_is_not_the_property_of_a_client() {
        let entry = "x.PlainLoginModule required username='u' password='hunter2';";
        for line in [format!("KafkaClient {{ {entry} }};"), format!("/* x */ KafkaClient{{\n{entry}\n}};")] {
            assert!(login(&line).is_ok(), "{line}");
            let error = of_a_property(&line).unwrap_err().to_string();
            assert!(error.contains("a whole JAAS file") && !error.contains("hunter2"), "{error}");
        }
        assert!(of_a_property(entry).is_ok());
    }
}
