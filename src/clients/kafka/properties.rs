//! A Java `client.properties` in the terms of an environment file: stores as PEM, secrets in files of their own.

use super::{
    config_def, jaas, names, prefixes,
    property_error::PropertyError,
    settings::{Defaults, Role, client_config_apart, refused_together},
    stores::{self, Part, Store},
    together, values,
};
use crate::{
    clients::{Cluster, SecretRef},
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{files, redact},
};
use std::{
    collections::BTreeMap,
    io::{self, Read},
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
pub enum PropertiesError {
    /// A line of it is not what it should be.
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with the line.
        why: Said,
    },
    /// It is the file of something else than one client.
    Prefixed {
        /// The first line with a prefix.
        line: usize,
        /// Which prefixes there are, and what the file looks like.
        why: Said,
        /// What to do.
        hint: String,
    },
    /// A property that cannot be used, and that nothing can be done without.
    Property {
        /// The line that it begins in, where it stands in the file.
        line: Option<usize>,
        /// Why the property cannot be used.
        #[source]
        error: PropertyError,
    },
    /// A key or trust store that cannot be turned into PEM.
    Store(#[from] stores::KeystoreError),
}

impl Speaks for PropertiesError {
    fn said(&self) -> Said {
        match self {
            Self::Line { line, why } | Self::Prefixed { line, why, .. } => at_line(*line, why),
            Self::Property { line: Some(line), error } => at_line(*line, error),
            Self::Property { line: None, error } => error.said(),
            Self::Store(error) => error.said(),
        }
    }
}

display_by_said!(PropertiesError);

impl PropertiesError {
    /// What to try.
    pub fn hint(&self) -> String {
        match self {
            Self::Line { .. } => "write each property on a line: `name=value`".to_owned(),
            Self::Prefixed { hint, .. } => hint.clone(),
            Self::Property { error: PropertyError::Malformed { .. } | PropertyError::Secret { .. }, .. } => {
                "correct the value in the file, then run the command again".to_owned()
            }
            Self::Property { .. } => {
                "jalon logs in with PLAIN, SCRAM, OAUTHBEARER (client credentials) or a client certificate; ask for such \
                 a user, or leave the file out and give `properties` of the cluster yourself"
                    .to_owned()
            }
            Self::Store(error) => error.hint(),
        }
    }
}

messages! {
    area "kafka-properties-file";
    at_line(line, said) => "line {line}: {said}" / "ligne {line} : {said}";
    left_out(cause) => "left out: {cause}" / "laissée de côté : {cause}";
    no_name() => "expected `name=value`" / "un `nom=valeur` est attendu";
    not_latin(line, property) => "line {line}: the value of `{property}` has characters that are not ASCII and is read as UTF-8; Java reads ISO-8859-1: write them as `\\u00e9`" / "ligne {line} : la valeur de `{property}` contient des lettres qui ne sont ni ASCII ni échappées ; elle est lue en UTF-8, là où Java lit de l'ISO-8859-1 : les écrire comme `\\u00e9`";
    of_no_client() => "this is not the file of a client: no property of a Kafka client is in it" / "ce n'est pas le fichier d'un client : il ne contient aucune propriété de client Kafka";
    store_unused(property, protocol, cause) => "`{property}` left out: `security.protocol` is {protocol}, which opens no store; {cause}" / "`{property}` laissée de côté : `security.protocol` vaut {protocol}, qui n'ouvre aucun magasin ; {cause}";
    too_large(limit) => "it is larger than {limit}, the limit for a properties file" / "il dépasse {limit}, ce qu'aucun fichier de propriétés n'atteint";
    unchecked(cause) => "the log-in is carried and was not tried: {cause}" / "la connexion est reprise sans avoir été essayée : {cause}";
    wrong_escape() => "`\\u` needs four hexadecimal digits" / "`\\u` demande quatre chiffres hexadécimaux";
}

/// The largest file that is read. One with a chain of certificates in it has a few KiB.
const MAX_FILE: u64 = 1 << 20;

/// The bytes of a properties file, which may be a pipe too (`<(…)` of a shell), or `/dev/null`, which sets nothing.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("/dev/null") {
        return Ok(bytes);
    }
    files::open_given(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_FILE {
        true => Err(io::Error::other(too_large(Arg::bytes(MAX_FILE)).to_string())),
        false => Ok(bytes),
    }
}

/// The text, and whether letters that are not ASCII are other ones to Java. Java reads ISO-8859-1; editors write UTF-8.
fn decoded(bytes: &[u8]) -> (String, bool) {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        (String::from_utf16_lossy(&units), false)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return utf_16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return utf_16(rest, u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.trim_start_matches('\u{feff}').to_owned(), true),
        Err(_) => (bytes.iter().map(|byte| char::from(*byte)).collect(), false),
    }
}

const KEY_PASSWORD: &str = "ssl.key.password";

/// What tells of a store, and the properties that are of no use beside the PEM that is made of it.
const STORES: [(&str, &[&str]); 2] = [
    (
        "ssl.truststore.location",
        &["ssl.truststore.location", "ssl.truststore.password", "ssl.truststore.type"],
    ),
    (
        "ssl.keystore.location",
        &["ssl.keystore.location", "ssl.keystore.password", "ssl.keystore.type", KEY_PASSWORD],
    ),
];

/// Translates a file in `folder`, as its bytes. `prefix` (`source`) begins the names of the files that it needs, which
/// are to stand below `secrets`.
pub fn translate(
    bytes: impl AsRef<[u8]>,
    folder: &Path,
    prefix: &str,
    secrets: &str,
) -> Result<Translated, PropertiesError> {
    let (entries, is_utf_8) = entries(bytes.as_ref())?;
    if let Some(found) = prefixes::found(entries.iter().map(|(name, entry)| (name.as_str(), entry.line))) {
        let line = entries.get(&found.name).map_or(1, |entry| entry.line);
        return Err(PropertiesError::Prefixed { line, why: found.why, hint: found.hint });
    }
    if !entries.is_empty() && !entries.keys().any(|name| names::belongs_to_clients(name)) {
        return Err(PropertiesError::Prefixed {
            line: entries.values().map(|entry| entry.line).min().unwrap_or(1),
            why: of_no_client(),
            hint: "give the file that a client of Kafka is started with, with its `bootstrap.servers` and log-in"
                .to_owned(),
        });
    }
    translated(entries, is_utf_8, folder, (prefix, secrets), false)
}

/// The properties of a file, and whether letters that are not ASCII are other ones to Java.
pub(in crate::clients) fn entries(bytes: &[u8]) -> Result<(BTreeMap<String, Entry>, bool), PropertiesError> {
    let (text, is_utf_8) = decoded(bytes);
    Ok((parse(&text)?, is_utf_8))
}

/// As [`translate`], of properties that were read from a file. A secret that cannot be had here is a remark: the file may be
/// another machine's.
pub(in crate::clients) fn translate_entries(
    entries: BTreeMap<String, Entry>,
    is_utf_8: bool,
    folder: &Path,
    prefix: &str,
    secrets: &str,
) -> Result<Translated, PropertiesError> {
    translated(entries, is_utf_8, folder, (prefix, secrets), true)
}

fn translated(
    entries: BTreeMap<String, Entry>,
    is_utf_8: bool,
    folder: &Path,
    (prefix, secrets): (&str, &str),
    lenient: bool,
) -> Result<Translated, PropertiesError> {
    let mut done = Translated::default();
    for (name, entry) in entries.iter().filter(|(_, entry)| is_utf_8 && entry.is_raw) {
        done.remarks.push(not_latin(entry.line, name));
    }
    let lines: BTreeMap<&str, usize> = entries.iter().map(|(name, e)| (name.as_str(), e.line)).collect();
    let in_line = |error: PropertyError| {
        let line = lines.get(error.property()).copied();
        PropertiesError::Property { line, error }
    };
    let mut given: BTreeMap<String, String> =
        entries.iter().map(|(name, entry)| (name.clone(), entry.value.clone())).collect();
    done.bootstrap_servers = given.remove("bootstrap.servers");
    if let Some(servers) = &mut done.bootstrap_servers {
        values::filled_in("bootstrap.servers", servers).map_err(in_line)?;
        *servers = values::servers(servers).map_err(in_line)?;
    }
    for (name, value) in &mut given {
        *value = as_kafka_reads(name, value).map_err(in_line)?;
    }
    together::stores(&given).map_err(in_line)?;
    // A store takes what belongs to it; the password of a key is that of an inline key where there is no store of keys.
    let taken: BTreeMap<String, String> = STORES
        .iter()
        .filter(|(store, _)| given.contains_key(*store))
        .flat_map(|(_, names)| *names)
        .collect::<Vec<_>>()
        .into_iter()
        .filter_map(|name| Some(((*name).to_owned(), given.remove(*name)?)))
        .collect();
    let plain = given
        .get("security.protocol")
        .map(|protocol| protocol.to_ascii_uppercase())
        .filter(|protocol| protocol.ends_with("PLAINTEXT"));
    checked(&mut given, &mut done.remarks, lenient).map_err(in_line)?;
    for (name, value) in given {
        done.put(prefix, secrets, name, value);
    }
    for (what, part, file) in
        [("truststore", Part::Certificates, "ca.pem"), ("keystore", Part::Key, "client.pem")]
    {
        let key = |end: &str| format!("ssl.{what}.{end}");
        let Some(location) = taken.get(&key("location")) else { continue };
        let pem = || -> Result<String, PropertiesError> {
            let secret = |name: &str| -> Result<Option<String>, PropertiesError> {
                let Some(value) = taken.get(name) else { return Ok(None) };
                match SecretRef::parse(value) {
                    Some(reference) => match reference.resolve() {
                        Ok(secret) => Ok(Some(secret.expose().to_owned())),
                        Err(cause) => {
                            Err(in_line(PropertyError::Secret { property: name.to_owned(), cause }))
                        }
                    },
                    None => {
                        values::filled_in(name, value).map_err(in_line)?;
                        redact::learn(value);
                        Ok(Some(value.clone()))
                    }
                }
            };
            values::filled_in(&key("location"), location).map_err(in_line)?;
            let password = secret(&key("password"))?.unwrap_or_default();
            let key_password = if part == Part::Key { secret(KEY_PASSWORD)? } else { None };
            // Java takes it from the folder that it runs in; people mean the file beside this one just as often.
            let beside = folder.join(location);
            let path = if Path::new(location).exists() { PathBuf::from(location) } else { beside };
            let store = Store { path: &path, password: &password, key_password: key_password.as_deref() };
            Ok(stores::to_pem(store, part)?)
        };
        let pem = match (pem(), plain.as_deref()) {
            // Kafka does not open it either.
            (
                Err(
                    error @ (PropertiesError::Store(_)
                    | PropertiesError::Property { error: PropertyError::Secret { .. }, .. }),
                ),
                Some(protocol),
            ) => {
                done.remarks.push(store_unused(key("location"), protocol, &error));
                continue;
            }
            (pem, _) => pem?,
        };
        // A PEM store is taken as it is, its key encrypted where it was.
        if let Some(value) =
            taken.get(KEY_PASSWORD).filter(|_| part == Part::Key && pem.contains("ENCRYPTED"))
        {
            done.put(prefix, secrets, KEY_PASSWORD.to_owned(), value.clone());
        }
        let path = format!("{secrets}/{prefix}-{file}");
        done.files.push((path.clone().into(), pem));
        done.properties.insert(key("location"), path);
        done.properties.insert(key("type"), "PEM".to_owned());
    }
    Ok(done)
}

/// A value as `ConfigDef.parseType` of Kafka trims it (see [`config_def`]), where Kafka takes it. A reference is judged
/// where it is resolved.
fn as_kafka_reads(name: &str, value: &str) -> Result<String, PropertyError> {
    let text = config_def::trimmed(value);
    if names::belongs_to_clients(name) && SecretRef::parse(text).is_none() {
        values::filled_in(name, text)?;
        values::in_file(name, text)?;
        if name == jaas::PROPERTY {
            jaas::of_a_property(text)?;
        }
    }
    Ok(text.to_owned())
}

impl Translated {
    /// Adds a property, by a reference to a file of its own where it is secret.
    fn put(&mut self, prefix: &str, secrets: &str, name: String, value: String) {
        let value = match redact::is_secret_key(&name) && SecretRef::parse(&value).is_none() {
            true => {
                let path = format!("{secrets}/{prefix}-{name}");
                self.files.push((path.clone().into(), value + "\n"));
                format!("file:{path}")
            }
            false => value,
        };
        self.properties.insert(name, value);
    }
}

/// Takes out what no client here can use. What concerns the log-in or TLS is an error instead: without it nothing works.
fn checked(
    given: &mut BTreeMap<String, String>,
    remarks: &mut Vec<Said>,
    lenient: bool,
) -> Result<(), PropertyError> {
    let of = |properties: &BTreeMap<String, String>| Cluster {
        bootstrap_servers: "localhost:9092".to_owned(),
        brokers: None,
        properties: properties.clone(),
        site: None,
        zookeeper: Vec::new(),
    };
    let whole = of(given);
    for role in [Role::Admin, Role::Consumer, Role::Producer] {
        // Of the whole file: what is taken out below would leave its defaults to be judged.
        if let Some(refused) = refused_together(Some(&whole), role, &BTreeMap::new(), Defaults::Java) {
            return Err(refused);
        }
        loop {
            let error = match client_config_apart(&of(given), role) {
                Ok(_) => break,
                Err(error @ PropertyError::Secret { .. }) if lenient => {
                    let said = unchecked(&error);
                    if !remarks.contains(&said) {
                        remarks.push(said);
                    }
                    break;
                }
                Err(error) => error,
            };
            let name = match &error {
                PropertyError::Foreign { property, .. } => property.clone(),
                PropertyError::Unknown { property, .. } | PropertyError::Refused { property, .. }
                    if !["sasl.", "security.", "ssl."].iter().any(|p| property.starts_with(p)) =>
                {
                    property.clone()
                }
                _ => return Err(error),
            };
            if given.remove(&name).is_none() {
                return Err(error);
            }
            remarks.push(left_out(&error));
        }
    }
    Ok(())
}

/// A property of a file.
#[derive(Clone)]
pub(in crate::clients) struct Entry {
    pub(in crate::clients) value: String,
    /// The line that it begins in, from 1.
    pub(in crate::clients) line: usize,
    /// It holds letters that are not ASCII, and not as escapes.
    is_raw: bool,
}

/// Reads Java's properties format: `=`, `:` or a blank between name and value, `#` and `!` before a comment, a
/// backslash at the end of a line that goes on.
fn parse(text: &str) -> Result<BTreeMap<String, Entry>, PropertiesError> {
    const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];
    let mut found = BTreeMap::new();
    // Java ends a line at a carriage return too.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text.split('\n').enumerate();
    while let Some((number, line)) = lines.next() {
        let mut whole = line.trim_start_matches(BLANKS).to_owned();
        if whole.is_empty() || whole.starts_with(['#', '!']) {
            continue;
        }
        while whole.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
            whole.pop();
            match lines.next() {
                Some((_, next)) => whole.push_str(next.trim_start_matches(BLANKS)),
                None => break,
            }
        }
        let line = number + 1;
        let Some((name, value)) = pair(&whole) else {
            return Err(PropertiesError::Line { line, why: wrong_escape() });
        };
        if name.is_empty() {
            return Err(PropertiesError::Line { line, why: no_name() });
        }
        found.insert(name, Entry { value, line, is_raw: !whole.is_ascii() });
    }
    Ok(found)
}

/// Name and value, `None` where an escape is none.
fn pair(line: &str) -> Option<(String, String)> {
    let mut name = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next_if(|c| !matches!(c, '=' | ':' | ' ' | '\t' | '\u{c}')) {
        unescaped(c, &mut chars, &mut name)?;
    }
    let mut separated = false;
    while let Some(c) =
        chars.next_if(|c| matches!(c, ' ' | '\t' | '\u{c}') || (matches!(c, '=' | ':') && !separated))
    {
        separated |= matches!(c, '=' | ':');
    }
    let mut value = Vec::new();
    while let Some(c) = chars.next() {
        unescaped(c, &mut chars, &mut value)?;
    }
    Some((String::from_utf16_lossy(&name), String::from_utf16_lossy(&value)))
}

/// Adds the character that begins with `c`, in the units of UTF-16 that Java's `\u` counts in.
fn unescaped(c: char, rest: &mut impl Iterator<Item = char>, to: &mut Vec<u16>) -> Option<()> {
    let c = match c {
        '\\' => match rest.next() {
            None => return Some(()),
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('f') => '\u{c}',
            Some('u') => {
                let code: String = rest.take(4).filter(char::is_ascii_hexdigit).collect();
                to.push(u16::from_str_radix(&code, 16).ok().filter(|_| code.len() == 4)?);
                return Some(());
            }
            Some(other) => other,
        },
        c => c,
    };
    to.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn javas_format_is_read_as_java_reads_it() {
        let text =
            "# a comment\n! another\n\n a = 1\nb:2\nc 3\nd=x\\\n   y\ne=p\\=q\\u0041\\\\\nf\ng=a = b\n";
        let found = parse(text).unwrap();
        let expected =
            [("a", "1"), ("b", "2"), ("c", "3"), ("d", "xy"), ("e", "p=qA\\"), ("f", ""), ("g", "a = b")];
        assert_eq!(found.iter().map(|(k, v)| (k.as_str(), v.value.as_str())).collect::<Vec<_>>(), expected);
        let found = parse("a=1\r\n\u{c}b\u{c}2\rc=\\ud83d\\ude00 \\u00e9\\\r\n  !x\r\n").unwrap();
        let expected = [("a", "1", 1), ("b", "2", 2), ("c", "😀 é!x", 3)];
        let found: Vec<_> = found.iter().map(|(k, v)| (k.as_str(), v.value.as_str(), v.line)).collect();
        assert_eq!(found, expected);
        for (text, told) in
            [("a=1\n=1", "line 2: expected `name=value`"), ("a=\\u12", "line 1: `\\u` needs four")]
        {
            let error = parse(text).err().unwrap().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_judged_by_its_default() {
        let translated = |text: &str| translate(text.as_bytes(), Path::new("."), "source", "secrets");
        for taken in [
            "delivery.timeout.ms=5\nrequest.timeout.ms=1\nlinger.ms=0\n",
            "heartbeat.interval.ms=3600001\nsession.timeout.ms=7200000\n",
            "linger.ms=900001\n",
        ] {
            let done = translated(taken);
            assert!(done.is_ok(), "{taken}: {:?}", done.err().map(|error| error.to_string()));
        }
        let refused = translated("delivery.timeout.ms=5\nlinger.ms=0\n").err().unwrap().to_string();
        assert!(refused.contains("(30000)"), "{refused}");
    }

    #[test]
    fn a_file_may_be_latin_1_utf_8_or_utf_16() {
        let translated = |bytes: &[u8]| translate(bytes, Path::new("."), "source", "secrets").unwrap();
        let text = "# é\nclient.id=café\n";
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let little: Vec<u8> =
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for bytes in [&latin, &little, &big] {
            let done = translated(bytes);
            assert_eq!((done.properties["client.id"].as_str(), done.remarks.len()), ("café", 0));
        }
        let done = translated(format!("\u{feff}{text}").as_bytes());
        assert_eq!(done.properties["client.id"], "café");
        assert!(done.remarks[0].contains("line 2: the value of `client.id`"), "{:?}", done.remarks);
        assert!(translated(b"client.id=caf\\u00e9\n").remarks.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            ("# x\nbatch.size: 64KB\n", "line 2: `batch.size`: `64KB` is not a whole number of bytes"),
            ("acks=all\nlinger.ms=5   # wait\n", "line 2: `linger.ms`: `5   # wait` is not"),
            (
                "request.timeout.ms=30s",
                "line 1: `request.timeout.ms`: `30s` is not a whole number of milliseconds; write `30000`",
            ),
            ("compression.type=lz4 # fast", "line 1: `compression.type`"),
            (
                "security.protocol=SSL\n\nssl.keystore.key=/etc/client.key",
                "line 3: `ssl.keystore.key` cannot be used: `/etc/client.key` is a path",
            ),
            (
                "ssl.keystore.location=a.jks\nssl.keystore.password=${file:/etc/pw.properties:ks}",
                "line 2: `ssl.keystore.password`",
            ),
            ("bootstrap.servers=${env:BROKERS}", "line 1: `bootstrap.servers`"),
            ("bootstrap.servers=b", "line 1: `bootstrap.servers`: `b` is not `host:port`"),
            ("acks=2", "line 1: `acks`: `2` is not `all`, `1` or `0`"),
            ("acks=all\u{a0}", "line 1: `acks`"),
            ("compression.type=GZIP", "line 1: `compression.type`: `GZIP` is not one of `none`, `gzip`"),
            ("linger.ms=5.0", "line 1: `linger.ms`: `5.0` is not a whole number of milliseconds; write `5`"),
            ("linger.ms=0.5", "line 1: `linger.ms`: `0.5` is not a whole number"),
            ("\nenable.idempotence=1", "line 2: `enable.idempotence`: `1` is neither"),
            ("retries=-1", "line 1: `retries`: `-1` is below 0"),
            (
                "sasl.login.refresh.window.factor=2",
                "line 1: `sasl.login.refresh.window.factor`: `2` is above 1",
            ),
            ("metrics.recording.level=info", "line 1: `metrics.recording.level`: `info` is not one of"),
            (
                "partition.assignment.strategy=range",
                "line 1: `partition.assignment.strategy`: `range` is librdkafka's word",
            ),
            (
                "auto.offset.reset=smallest",
                "line 1: `auto.offset.reset`: `smallest` is not one of `earliest`",
            ),
            (
                "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=KafkaClient { \\\n\
                 x.PlainLoginModule required username='u' password='p'; };",
                "line 3: `sasl.jaas.config` cannot be used: it is a whole JAAS file",
            ),
            (
                "producer.bootstrap.servers=b:1\nproducer.acks=all",
                "line 1: this is not the file of one client: 2 client properties have the prefix `producer.`",
            ),
        ] {
            let error = translate(text, Path::new("."), "source", "secrets").err().unwrap().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn values_are_kept_as_kafka_trims_them() {
        let text = "bootstrap.servers=a:1 , b:2,  \nacks= all \t\nlinger.ms=05 \nclient.id=one two \nenable.idempotence=TRUE \n\
            security.protocol=SASL_SSL \nsasl.mechanism=PLAIN \nsasl.jaas.config=x.PlainLoginModule required /* a */ \
            username='u' password='p-of-trim ' ; \n";
        let done = translate(text, Path::new("."), "source", "secrets").unwrap();
        assert_eq!(done.bootstrap_servers.as_deref(), Some("a:1,b:2"));
        let value = |name: &str| done.properties[name].as_str();
        assert_eq!(
            ["acks", "linger.ms", "client.id", "security.protocol"].map(value),
            ["all", "05", "one two", "SASL_SSL"]
        );
        assert!(done.files[0].1.ends_with("password='p-of-trim ' ;\n"), "{:?}", done.files);
    }

    #[test]
    fn what_belongs_to_brokers_or_workers_is_left_out_aloud() {
        let text = "broker.id=1\nadvertised.listeners=PLAINTEXT://b:9092\nlog.dirs=/data\nnum.io.threads=8\n\
            ssl.client.auth=required\nsasl.enabled.mechanisms=PLAIN\nkey.converter=x.Y\nclient.id=c\n";
        let done = translate(text, Path::new("."), "source", "secrets").unwrap();
        assert_eq!(done.properties.len(), 1, "{:?}", done.properties);
        let said = done.remarks.iter().map(|r| r.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(said.matches("is a property of brokers").count(), 6, "{said}");
        assert!(said.contains("`key.converter` is a property of Connect's workers"), "{said}");
    }

    #[test]
    fn a_number_that_librdkafka_does_not_take_is_left_out_under_its_own_name() {
        let told = |text: &str| {
            let done = translate(text, Path::new("."), "source", "secrets").unwrap();
            let remarks: Vec<String> = done.remarks.iter().map(|said| said.to_string()).collect();
            (done.properties.into_keys().collect::<Vec<_>>().join(" "), remarks.join("\n"))
        };
        for value in ["305000", "900000", "2147483647", "0"] {
            let (kept, told) = told(&format!("client.id=c\nrequest.timeout.ms={value}\n"));
            assert_eq!(kept, "client.id", "{value}");
            assert!(told.starts_with("left out: `request.timeout.ms`: "), "{told}");
        }
        for (codec, level) in [("zstd", "22"), ("zstd", "-5"), ("lz4", "17")] {
            let text = format!(
                "compression.gzip.level=3\ncompression.type={codec}\ncompression.{codec}.level={level}"
            );
            let (kept, told) = told(&text);
            assert_eq!(kept, "compression.gzip.level compression.type", "{told}");
            assert!(told.starts_with(&format!("left out: `compression.{codec}.level`: ")), "{told}");
        }
    }

    #[test]
    fn a_store_that_kafka_would_not_open_need_not_be_there() {
        let text = |protocol: &str| {
            format!(
                "bootstrap.servers=b:1\nsecurity.protocol={protocol}\nssl.truststore.location=no-such.jks\n"
            )
        };
        let done = translate(text("PLAINTEXT"), Path::new("."), "source", "secrets").unwrap();
        assert_eq!(done.properties.keys().collect::<Vec<_>>(), ["security.protocol"]);
        assert!(done.remarks[0].contains("`ssl.truststore.location` left out"), "{:?}", done.remarks);
        assert!(translate(text("SSL"), Path::new("."), "source", "secrets").is_err());
    }

    #[test]
    fn a_file_without_one_property_of_a_client_is_refused() {
        for text in [
            "{\n  \"bootstrap.servers\": \"b:9092\"\n}\n",
            "# log4j\nlog4j.rootLogger=INFO, stdout\n",
            "dataDir=/tmp/zookeeper\nclientPort=2181\nmaxClientCnxns=0\n",
            "name=sink\nconnector.class=FileStreamSink\ntasks.max=1\ntopics=t\n",
        ] {
            let error = translate(text, Path::new("."), "source", "secrets").err().unwrap();
            let told = error.to_string();
            assert!(told.contains("not the file of a client"), "{told}");
            assert!(error.hint().contains("bootstrap.servers"));
        }
        for text in ["", "# nothing\n", "client.id=c\nx=y\n"] {
            assert!(translate(text, Path::new("."), "source", "secrets").is_ok(), "{text}");
        }
    }

    #[test]
    fn the_password_of_an_encrypted_key_is_kept() {
        let key = openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        let pem = key
            .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"key-pass-2")
            .unwrap();
        let pem = String::from_utf8(pem).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("ca.pem"),
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        fs::write(folder.path().join("client.pem"), &pem).unwrap();
        let inline =
            format!("ssl.keystore.type=PEM\nssl.keystore.key={}\n", pem.trim_end().replace('\n', "\\n"));
        for key in [inline.as_str(), "ssl.keystore.location=client.pem\n"] {
            let text = format!(
                "security.protocol=SSL\nssl.truststore.location=ca.pem\n{key}ssl.key.password=key-pass-2\n"
            );
            let done = translate(&text, folder.path(), "source", "secrets").unwrap();
            assert_eq!(done.properties["ssl.key.password"], "file:secrets/source-ssl.key.password");
            let kept = done.files.iter().find(|(path, _)| path.ends_with("source-ssl.key.password"));
            assert_eq!(kept.unwrap().1, "key-pass-2\n");
        }
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
    fn what_kafka_refuses_together_is_refused_at_its_line_and_an_empty_list_is_none() {
        let of = |text: &str| translate(text, Path::new("."), "source", "secrets");
        for (text, told) in [
            (
                "acks=1\nenable.idempotence=true\n",
                "line 2: `enable.idempotence`: it is not possible with `acks=1`",
            ),
            ("linger.ms=5\ndelivery.timeout.ms=30004\n", "line 2: `delivery.timeout.ms`: 30004 is less than"),
            ("session.timeout.ms=3000\n", "line 1: `session.timeout.ms`: `heartbeat.interval.ms` is 3000"),
            (
                "client.id=x\npartition.assignment.strategy=\n",
                "line 2: `partition.assignment.strategy`: the value is empty",
            ),
            ("group.instance.id=a b\n", "line 1: `group.instance.id`: `a b` is not a name"),
            ("partitioner.class=\n", "line 1: `partitioner.class`: the value is empty"),
            (
                "security.protocol=SSL\nssl.truststore.password=changeit\n",
                "line 2: `ssl.truststore.password` cannot be used: `ssl.truststore.location` is missing",
            ),
        ] {
            let error = of(text).err().unwrap_or_else(|| panic!("{text}"));
            assert!(error.to_string().starts_with(told), "{error}");
        }
        let done = of("acks=1\nssl.cipher.suites=\ninterceptor.classes=\nmetric.reporters=\n").unwrap();
        assert!(done.remarks.is_empty(), "{:?}", done.remarks);
        // Of what librdkafka alone refuses, it does without.
        let done = of("max.poll.interval.ms=20000\n").unwrap();
        assert!(done.remarks[0].contains("librdkafka refuses"), "{:?}", done.remarks);
    }

    #[test]
    fn a_log_in_that_is_not_supported_is_refused() {
        let text = "security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n";
        let error = translate(text, Path::new("."), "source", "secrets").err().unwrap().to_string();
        assert!(error.contains("GSSAPI") && error.contains("OAUTHBEARER"), "{error}");
    }
}
