//! A Java `client.properties` in the terms of an environment file: stores as PEM, secrets in files of their own.

use super::{
    property_error::PropertyError,
    settings::{Role, client_config},
    stores::{self, Part, Store},
};
use crate::{
    clients::{Cluster, SecretRef},
    record::{Said, Speaks, display_by_said, messages},
    support::redact,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What a properties file came to.
#[derive(Default)]
pub struct Translated {
    /// `bootstrap.servers`, where the file has it.
    pub bootstrap_servers: Option<String>,
    /// Properties of the cluster in the environment file; secrets are references to `files`.
    pub properties: BTreeMap<String, String>,
    /// Files that must be written where only their owner can read them: path below the campaign's folder, and content.
    pub files: Vec<(PathBuf, String)>,
    /// Properties that were left out, and why.
    pub remarks: Vec<Said>,
}

/// A properties file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line of it is not what it should be.
    Line(usize),
    /// A property that cannot be used, and that nothing can be done without.
    Property(#[from] PropertyError),
    /// A store.
    Store(#[from] stores::Error),
}

impl Speaks for Error {
    fn said(&self) -> Said {
        match self {
            Self::Line(number) => not_a_property(*number),
            Self::Property(error) => error.said(),
            Self::Store(error) => error.said(),
        }
    }
}

display_by_said!(Error);

messages! {
    area "kafka-properties-file";
    left_out(cause) => "left out: {cause}" / "laissée de côté : {cause}";
    not_a_property(line) => "line {line} is not a `name=value`" / "la ligne {line} n'est pas de la forme `nom=valeur`";
}

const STORES: [&str; 7] = [
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.key.password",
];

/// Translates the text of a file in `folder`. `prefix` (`source`) begins the names of the files that it needs, which
/// are to stand below `secrets`.
pub fn translate(text: &str, folder: &Path, prefix: &str, secrets: &str) -> Result<Translated, Error> {
    let mut given = parse(text)?;
    let mut done =
        Translated { bootstrap_servers: given.remove("bootstrap.servers"), ..Translated::default() };
    let stores = given.contains_key("ssl.truststore.location") || given.contains_key("ssl.keystore.location");
    let taken: BTreeMap<String, String> = match stores {
        true => STORES.iter().filter_map(|name| Some(((*name).to_owned(), given.remove(*name)?))).collect(),
        false => BTreeMap::new(),
    };
    checked(&mut given, &mut done.remarks)?;
    for (name, value) in given {
        let secret = name.ends_with("password") || name.ends_with(".key") || name == "sasl.jaas.config";
        let value = match secret && SecretRef::parse(&value).is_none() {
            true => {
                let path = format!("{secrets}/{prefix}-{name}");
                done.files.push((path.clone().into(), value + "\n"));
                format!("file:{path}")
            }
            false => value,
        };
        done.properties.insert(name, value);
    }
    for (what, part, file) in
        [("truststore", Part::Certificates, "ca.pem"), ("keystore", Part::Key, "client.pem")]
    {
        let key = |end: &str| format!("ssl.{what}.{end}");
        let Some(location) = taken.get(&key("location")) else { continue };
        let secret = |name: &str| -> Result<Option<String>, Error> {
            let Some(value) = taken.get(name) else { return Ok(None) };
            match SecretRef::parse(value) {
                Some(reference) => match reference.resolve() {
                    Ok(secret) => Ok(Some(secret.expose().to_owned())),
                    Err(cause) => Err(PropertyError::Secret { property: name.to_owned(), cause }.into()),
                },
                None => {
                    redact::learn(value);
                    Ok(Some(value.clone()))
                }
            }
        };
        let password = secret(&key("password"))?.unwrap_or_default();
        let key_password = if part == Part::Key { secret("ssl.key.password")? } else { None };
        // Java takes it from the folder that it runs in; people mean the file beside this one just as often.
        let beside = folder.join(location);
        let path = if Path::new(location).exists() { PathBuf::from(location) } else { beside };
        let store = Store { path: &path, password: &password, key_password: key_password.as_deref() };
        let path = format!("{secrets}/{prefix}-{file}");
        done.files.push((path.clone().into(), stores::to_pem(store, part)?));
        done.properties.insert(key("location"), path);
        done.properties.insert(key("type"), "PEM".to_owned());
    }
    Ok(done)
}

/// Takes out what no client here can use. What concerns the log-in or TLS is an error instead: without it nothing works.
fn checked(given: &mut BTreeMap<String, String>, remarks: &mut Vec<Said>) -> Result<(), Error> {
    for role in [Role::Admin, Role::Consumer, Role::Producer] {
        loop {
            let cluster = Cluster {
                bootstrap_servers: "localhost:9092".to_owned(),
                brokers: None,
                properties: given.clone(),
                zookeeper: Vec::new(),
            };
            let error = match client_config(&cluster, role, &BTreeMap::new()) {
                Ok(_) => break,
                Err(error) => error,
            };
            let name = match &error {
                PropertyError::Unknown { property, .. }
                | PropertyError::Refused { property, .. }
                | PropertyError::Foreign { property, .. }
                    if !["sasl.", "security.", "ssl."].iter().any(|p| property.starts_with(p)) =>
                {
                    property.clone()
                }
                _ => return Err(error.into()),
            };
            if given.remove(&name).is_none() {
                return Err(error.into());
            }
            remarks.push(left_out(&error));
        }
    }
    Ok(())
}

/// Reads Java's properties format: `=`, `:` or a blank between name and value, `#` and `!` before a comment, a
/// backslash at the end of a line that goes on.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let mut whole = line.trim_start().to_owned();
        if whole.is_empty() || whole.starts_with(['#', '!']) {
            continue;
        }
        while whole.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
            whole.pop();
            match lines.next() {
                Some((_, next)) => whole.push_str(next.trim_start()),
                None => break,
            }
        }
        let (name, value) = pair(&whole);
        if name.is_empty() {
            return Err(Error::Line(number + 1));
        }
        found.insert(name, value);
    }
    Ok(found)
}

fn pair(line: &str) -> (String, String) {
    let mut name = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next_if(|c| !matches!(c, '=' | ':' | ' ' | '\t')) {
        name.extend(unescaped(c, &mut chars));
    }
    let mut separated = false;
    while let Some(c) = chars.next_if(|c| matches!(c, ' ' | '\t') || (matches!(c, '=' | ':') && !separated)) {
        separated |= matches!(c, '=' | ':');
    }
    let mut value = String::new();
    while let Some(c) = chars.next() {
        value.extend(unescaped(c, &mut chars));
    }
    (name, value)
}

fn unescaped(c: char, rest: &mut impl Iterator<Item = char>) -> Option<char> {
    if c != '\\' {
        return Some(c);
    }
    match rest.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'f' => Some('\u{c}'),
        'u' => {
            let code: String = rest.take(4).collect();
            u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_format_is_read_as_java_reads_it() {
        let text =
            "# a comment\n! another\n\n a = 1\nb:2\nc 3\nd=x\\\n   y\ne=p\\=q\\u0041\\\\\nf\ng=a = b\n";
        let found = parse(text).unwrap();
        let expected =
            [("a", "1"), ("b", "2"), ("c", "3"), ("d", "xy"), ("e", "p=qA\\"), ("f", ""), ("g", "a = b")];
        assert_eq!(found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
        assert!(parse("=1").is_err());
    }

    #[test]
    fn passwords_go_to_files_and_what_no_client_knows_is_left_out() {
        let text = "bootstrap.servers=k:9093\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nacks=all\n\
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" \\\n  \
            password=\"pa55word\";\nclient.dns.lookup=use_all_dns_ips\nno.such.property=1\n";
        let done = translate(text, Path::new("."), "source", "secrets").unwrap();
        assert_eq!(done.bootstrap_servers.as_deref(), Some("k:9093"));
        assert_eq!(done.properties["sasl.jaas.config"], "file:secrets/source-sasl.jaas.config");
        assert_eq!(done.properties["acks"], "all");
        assert!(!done.properties.values().any(|v| v.contains("pa55word")));
        assert_eq!(done.files.len(), 1);
        assert!(done.files[0].1.contains("password=\"pa55word\";"));
        assert!(
            done.remarks.len() == 1 && done.remarks[0].contains("no.such.property"),
            "{:?}",
            done.remarks
        );
    }

    #[test]
    fn a_log_in_that_is_not_supported_is_refused() {
        let text = "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\n";
        let error = translate(text, Path::new("."), "source", "secrets").err().unwrap().to_string();
        assert!(error.contains("OAUTHBEARER") && error.contains("SCRAM-SHA-512"), "{error}");
    }
}
