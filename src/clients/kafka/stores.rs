//! Java's key and trust stores (JKS, PKCS #12) as PEM, which is what librdkafka reads.

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{files, inherited, redact, text},
};
use jks::{KeyStore, KeyStoreError, KeyStoreOptions};
use openssl::{
    error::ErrorStack,
    pkcs12::{ParsedPkcs12_2, Pkcs12},
    pkey::{PKey, Private},
    sha::Sha1,
    x509::X509,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What is wanted of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The certificates that are trusted.
    Certificates,
    /// The private key and its certificate chain.
    Key,
}

/// A store and what opens it.
#[derive(Clone, Copy)]
pub struct Store<'a> {
    /// Path of the store.
    pub path: &'a Path,
    /// Password of the store in clear, as `ssl.keystore.password` or `ssl.truststore.password` has it.
    pub password: &'a str,
    /// The password of its key, where it is another one.
    pub key_password: Option<&'a str>,
}

/// A store that cannot be turned into PEM. No message shows a password.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// There is nothing of the kind in it.
    Empty {
        /// Path of the store.
        path: PathBuf,
        /// The part that was looked for: a certificate or a key.
        part: Part,
    },
    /// The file cannot be read.
    File {
        /// Path of the store.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// Neither OpenSSL nor keytool could open it.
    Locked {
        /// Path of the store.
        path: PathBuf,
        /// A wrong password, an unknown form of file, or what OpenSSL or keytool reported.
        cause: Said,
    },
    /// A Java tool is wanted that is not there.
    NoKeytool {
        /// Path of the store.
        path: PathBuf,
        /// What kind of store it is.
        form: Said,
    },
}

impl Speaks for KeystoreError {
    fn said(&self) -> Said {
        let path = |path: &Path| Arg::text(text::path(path));
        match self {
            Self::Empty { path: of, part: Part::Certificates } => no_certificate(path(of)),
            Self::Empty { path: of, part: Part::Key } => no_key(path(of)),
            Self::File { path: of, cause } => unreadable(path(of), Arg::text(cause)),
            Self::Locked { path: of, cause } => locked(path(of), cause),
            Self::NoKeytool { path: of, form } => no_keytool(path(of), form),
        }
    }
}

display_by_said!(KeystoreError);

messages! {
    area "kafka-store";
    damaged() => "wrong password, or the file is damaged" / "mot de passe incorrect, ou fichier abîmé";
    key_locked(alias) => "wrong password of the key `{alias}`" / "mot de passe de la clé `{alias}` incorrect";
    keytool_failed(cause) => "keytool cannot be started: {cause}" / "keytool ne peut pas être lancé : {cause}";
    keytool_silent() => "keytool failed and did not say why" / "keytool a échoué sans dire pourquoi";
    locked(path, cause) => "{path} cannot be opened: {cause}" / "{path} ne s'ouvre pas : {cause}";
    no_certificate(path) => "{path} contains no certificate" / "{path} ne contient pas de certificat";
    no_key(path) => "{path} contains no private key" / "{path} ne contient pas de clé privée";
    no_keytool(path, form) => "{path} is a {form} store, and `keytool`, which reads it, is not on the PATH" / "{path} est un magasin {form}, et `keytool`, qui le lit, n'est pas dans le PATH";
    odd_jks() => "JKS (with a name that is not UTF-8)" / "JKS (avec un nom qui n'est pas en UTF-8)";
    old_pkcs12() => "PKCS #12 (old encryption)" / "PKCS #12 (ancien chiffrement)";
    unknown_form() => "its format is unknown" / "son format est inconnu";
    unreadable(path, cause) => "{path} cannot be read: {cause}" / "{path} est illisible : {cause}";
    wrong_password() => "wrong password" / "mot de passe incorrect";
}

impl KeystoreError {
    /// Returns what to try, as a hint.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty { .. } => "list its entries with `keytool -list -keystore FILE`".to_owned(),
            Self::File { .. } => "check the path and the permissions of the file".to_owned(),
            Self::Locked { .. } => "check the store's password".to_owned(),
            Self::NoKeytool { path, .. } => format!(
                "install a Java runtime, or run this where there is one and name the new file instead: keytool \
                 -importkeystore -srckeystore {} -destkeystore {} -deststoretype PKCS12",
                path.display(),
                path.with_extension("p12").display()
            ),
        }
    }
}

/// What was wanted of a store.
struct Opened {
    key: Option<PKey<Private>>,
    /// Those of the key come first, its own before those that signed it.
    certificates: Vec<X509>,
}

impl From<ParsedPkcs12_2> for Opened {
    fn from(parsed: ParsedPkcs12_2) -> Self {
        let chain = parsed.ca.into_iter().flatten();
        // The certificate of the key, where there is one, is what makes the key of use.
        let key = parsed.pkey.filter(|_| parsed.cert.is_some());
        Self { key, certificates: parsed.cert.into_iter().chain(chain).collect() }
    }
}

/// The wanted part of a store, as PEM. A PEM file is taken as it is.
pub fn to_pem(store: Store<'_>, part: Part) -> Result<String, KeystoreError> {
    let file = |cause| KeystoreError::File { path: store.path.to_owned(), cause };
    let locked = |cause: Said| KeystoreError::Locked { path: store.path.to_owned(), cause };
    let bytes = files::read(store.path, files::LARGEST_TEXT).map_err(file)?;
    let opened = match bytes.as_slice() {
        [0xFE, 0xED, 0xFE, 0xED, ..] => java_store(store, &bytes, part)?,
        // A DER sequence.
        [0x30, ..] => {
            let container = Pkcs12::from_der(&bytes).map_err(|e| locked(Said::verbatim(e.to_string())))?;
            match container.parse2(store.password) {
                Ok(parsed) => parsed.into(),
                Err(error) if error.to_string().contains("mac verify failure") => {
                    return Err(locked(wrong_password()));
                }
                // Stores of old Java versions are encrypted as OpenSSL does not any more; Java still does.
                Err(_) => by_keytool(store, old_pkcs12())?,
            }
        }
        _ => return String::from_utf8(bytes).map_err(|_| locked(unknown_form())),
    };
    let pem = as_pem(&opened, part).map_err(|e| locked(Said::verbatim(e.to_string())))?;
    pem.ok_or_else(|| KeystoreError::Empty { path: store.path.to_owned(), part })
}

fn as_pem(opened: &Opened, part: Part) -> Result<Option<String>, ErrorStack> {
    let mut pem = Vec::new();
    for certificate in &opened.certificates {
        pem.extend(certificate.to_pem()?);
    }
    if part == Part::Key {
        let Some(key) = &opened.key else { return Ok(None) };
        let key = String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?).into_owned();
        redact::learn(key.trim_end());
        pem.extend(key.into_bytes());
    }
    Ok(Some(String::from_utf8_lossy(&pem).into_owned()).filter(|text| !text.is_empty()))
}

/// Reads a JKS store. Certificates are not encrypted in it, each private key is, with a password of its own.
fn java_store(store: Store<'_>, bytes: &[u8], part: Part) -> Result<Opened, KeystoreError> {
    let locked = |cause: Said| KeystoreError::Locked { path: store.path.to_owned(), cause };
    if !is_whole(bytes, store.password) {
        return Err(locked(damaged()));
    }
    let options = KeyStoreOptions {
        case_exact_aliases: true,
        ordered_aliases: true,
        password_bytes: |utf_8| java_password(&String::from_utf8_lossy(utf_8)),
        ..KeyStoreOptions::default()
    };
    let mut entries = KeyStore::with_options(options);
    match entries.load(bytes, store.password.as_bytes()) {
        // The crate takes a byte of the password for a character; the digest has been checked above.
        Ok(()) | Err(KeyStoreError::InvalidDigest) => {}
        Err(_) => return by_keytool(store, odd_jks()),
    }
    let unreadable = |e: ErrorStack| locked(Said::verbatim(e.to_string()));
    let x509 = |c: &jks::Certificate| X509::from_der(&c.content).map_err(unreadable);
    let (mut key, mut certificates) = (None, Vec::new());
    for alias in entries.aliases() {
        match part {
            Part::Certificates => {
                let chain = entries.get_private_key_entry_certificate_chain(&alias).or_else(|_| {
                    entries.get_trusted_certificate_entry(&alias).map(|entry| vec![entry.certificate])
                });
                for certificate in chain.into_iter().flatten() {
                    certificates.push(x509(&certificate)?);
                }
            }
            Part::Key if key.is_none() && entries.is_private_key_entry(&alias) => {
                let password = store.key_password.unwrap_or(store.password);
                let entry = entries
                    .get_private_key_entry(&alias, password.as_bytes())
                    .map_err(|_| locked(key_locked(alias.as_str())))?;
                key = Some(PKey::private_key_from_pkcs8(&entry.private_key).map_err(unreadable)?);
                certificates = entry.certificate_chain.iter().map(x509).collect::<Result<_, _>>()?;
            }
            Part::Key => {}
        }
    }
    Ok(Opened { key, certificates })
}

/// Whether the digest at the end of a JKS store is that of what stands before it, and of the password.
fn is_whole(bytes: &[u8], password: &str) -> bool {
    let Some((body, digest)) = bytes.split_last_chunk::<20>() else { return false };
    let mut sha1 = Sha1::new();
    for part in [&java_password(password)[..], b"Mighty Aphrodite", body] {
        sha1.update(part);
    }
    sha1.finish() == *digest
}

/// The bytes that Java makes of a password: two for each unit of UTF-16.
fn java_password(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Lets Java turn the store into a PKCS #12 one that OpenSSL reads. Passwords go by the environment, which only this
/// user sees; arguments are seen by everybody.
fn by_keytool(store: Store<'_>, form: Said) -> Result<Opened, KeystoreError> {
    let file = |cause| KeystoreError::File { path: store.path.to_owned(), cause };
    let locked = |cause: Said| KeystoreError::Locked { path: store.path.to_owned(), cause };
    let folder = tempfile::tempdir().map_err(file)?;
    let made = folder.path().join("store.p12");
    let password = format!("{:032x}", rand::random::<u128>());
    let mut command = Command::new("keytool");
    command
        .env_clear()
        .envs(inherited::variables())
        .args(["-J-Duser.language=en", "-importkeystore", "-noprompt", "-srckeystore"])
        .arg(store.path)
        .arg("-destkeystore")
        .arg(&made)
        .args(["-deststoretype", "PKCS12"])
        .args(["-srcstorepass:env", "JALON_STORE_PASSWORD", "-deststorepass:env", "JALON_NEW_PASSWORD"])
        .env("JALON_STORE_PASSWORD", store.password)
        .env("JALON_NEW_PASSWORD", &password)
        .stdin(Stdio::null());
    let output = command.output().map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => KeystoreError::NoKeytool { path: store.path.to_owned(), form },
        _ => locked(keytool_failed(Arg::text(cause))),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said
            .lines()
            .find(|l| l.contains("rror"))
            .map(|line| Said::verbatim(line.trim_start_matches("keytool error: java.io.IOException: ")));
        return Err(locked(line.unwrap_or_else(keytool_silent)));
    }
    let bytes = fs::read(&made).map_err(file)?;
    let opened = Pkcs12::from_der(&bytes).and_then(|c| c.parse2(&password));
    Ok(opened.map_err(|e| locked(Said::verbatim(e.to_string())))?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that keytool of that Java made: a key with its certificate, and the certificate of an authority.
    fn kept(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores").join(name)
    }

    fn subjects(pem: &str) -> Vec<String> {
        let stack = X509::stack_from_pem(pem.as_bytes()).unwrap();
        let name = |c: &X509| c.subject_name().entries().next().unwrap().data().as_slice().to_vec();
        stack.iter().map(|c| String::from_utf8(name(c)).unwrap()).collect()
    }

    #[test]
    fn what_keytool_writes_is_read_without_java() {
        for java in [11, 17, 21, 25] {
            for (form, key_password) in
                [("same", None), ("same", Some("storepass")), ("own", Some("keypass1"))]
            {
                let path = kept(&format!("keytool-{java}-{form}.jks"));
                let store = Store { path: &path, password: "storepass", key_password };
                let trusted = to_pem(Store { key_password: None, ..store }, Part::Certificates).unwrap();
                assert_eq!(subjects(&trusted), [format!("authority-{java}"), format!("client-{java}")]);
                let own = to_pem(store, Part::Key).unwrap();
                assert_eq!(subjects(&own), [format!("client-{java}")]);
                let key = PKey::private_key_from_pem(own.as_bytes()).unwrap();
                let certificate = X509::from_pem(own.as_bytes()).unwrap();
                assert!(certificate.public_key().unwrap().public_eq(&key), "{java} {form}");
                let armour = own.lines().find(|line| line.contains("PRIVATE KEY")).unwrap();
                let body = own.split(armour).nth(1).unwrap().lines().nth(1).unwrap();
                assert!(!redact::mask(&own).contains(body), "the key is masked wherever it shows up");
            }
        }
    }

    #[test]
    fn a_password_is_taken_as_java_takes_it() {
        for (name, password) in
            [("keytool-21-latin-1.jks", "clé-de-Zoë"), ("keytool-21-beyond-latin-1.jks", "пароль-ключ")]
        {
            let path = kept(name);
            let store = Store { path: &path, password, key_password: None };
            assert_eq!(subjects(&to_pem(store, Part::Key).unwrap()), ["client"]);
        }
    }

    #[test]
    fn a_wrong_password_a_damaged_store_and_one_without_a_key_are_told_apart() {
        let path = kept("keytool-17-own.jks");
        let read = |path: &Path, password, key_password, part| {
            to_pem(Store { path, password, key_password }, part).unwrap_err().to_string()
        };
        for (password, key_password, told) in [
            ("storepaß", Some("keypass1"), "wrong password"),
            ("storepass", None, "wrong password of the key `client`"),
            ("storepass", Some("storepass"), "wrong password of the key `client`"),
        ] {
            let error = read(&path, password, key_password, Part::Key);
            assert!(error.contains(told), "{error}");
            assert!(!error.contains(password), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read(&path).unwrap();
        let damaged = folder.path().join("damaged.jks");
        for at in (4..bytes.len()).step_by(3) {
            let mut bad = bytes.clone();
            bad[at] ^= 0x80;
            fs::write(&damaged, &bad).unwrap();
            assert!(
                read(&damaged, "storepass", Some("keypass1"), Part::Key).contains("damaged"),
                "byte {at}"
            );
            fs::write(&damaged, &bytes[..at]).unwrap();
            assert!(read(&damaged, "storepass", None, Part::Certificates).contains("damaged"), "cut at {at}");
        }
    }
}
