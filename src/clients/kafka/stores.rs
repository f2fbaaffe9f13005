//! Java's key and trust stores (JKS, PKCS #12) as PEM, which is what librdkafka reads.

use crate::support::redact;
use openssl::{
    pkcs12::{ParsedPkcs12_2, Pkcs12},
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
    /// Its file.
    pub path: &'a Path,
    /// Its password.
    pub password: &'a str,
    /// The password of its key, where it is another one.
    pub key_password: Option<&'a str>,
}

/// A store that cannot be turned into PEM. No message shows a password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing of the kind in it.
    #[error("{} holds no {}", .path.display(), match .part { Part::Certificates => "certificate", Part::Key => "private key" })]
    Empty {
        /// The store.
        path: PathBuf,
        /// What was looked for.
        part: Part,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    File {
        /// The store.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Neither OpenSSL nor keytool could open it.
    #[error("{} cannot be opened: {cause}", .path.display())]
    Locked {
        /// The store.
        path: PathBuf,
        /// What was said.
        cause: String,
    },
    /// A Java tool is wanted that is not there.
    #[error("{} is a {form} store, and `keytool`, which reads it, is not on the PATH", .path.display())]
    NoKeytool {
        /// The store.
        path: PathBuf,
        /// `JKS`, `PKCS #12 (old encryption)`.
        form: &'static str,
    },
}

impl Error {
    /// What to try.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty { .. } => "look at what it holds with `keytool -list -keystore FILE`".to_owned(),
            Self::File { .. } => "look at the path, and at who may read the file".to_owned(),
            Self::Locked { .. } => "look at the store's password".to_owned(),
            Self::NoKeytool { path, .. } => format!(
                "install a Java runtime, or run this where there is one and name the new file instead: keytool \
                 -importkeystore -srckeystore {} -destkeystore {} -deststoretype PKCS12",
                path.display(),
                path.with_extension("p12").display()
            ),
        }
    }
}

/// The wanted part of a store, as PEM. A PEM file is taken as it is.
pub fn to_pem(store: Store<'_>, part: Part) -> Result<String, Error> {
    let file = |cause| Error::File { path: store.path.to_owned(), cause };
    let locked = |cause: String| Error::Locked { path: store.path.to_owned(), cause };
    let bytes = fs::read(store.path).map_err(file)?;
    let parsed = match bytes.as_slice() {
        [0xFE, 0xED, 0xFE, 0xED, ..] => by_keytool(store, "JKS")?,
        // A DER sequence.
        [0x30, ..] => {
            let container = Pkcs12::from_der(&bytes).map_err(|e| locked(e.to_string()))?;
            match container.parse2(store.password) {
                Ok(parsed) => parsed,
                Err(error) if error.to_string().contains("mac verify failure") => {
                    return Err(locked("its password is another one".to_owned()));
                }
                // Stores of old Java versions are encrypted as OpenSSL does not any more; Java still does.
                Err(_) => by_keytool(store, "PKCS #12 (old encryption)")?,
            }
        }
        _ => return String::from_utf8(bytes).map_err(|_| locked("it is of no known form".to_owned())),
    };
    let pem = as_pem(&parsed, part).map_err(|e| locked(e.to_string()))?;
    pem.ok_or_else(|| Error::Empty { path: store.path.to_owned(), part })
}

fn as_pem(parsed: &ParsedPkcs12_2, part: Part) -> Result<Option<String>, openssl::error::ErrorStack> {
    let mut pem = Vec::new();
    let chain = parsed.ca.iter().flatten();
    let mut add = |certificate: &X509| certificate.to_pem().map(|text| pem.extend(text));
    match (part, &parsed.pkey, &parsed.cert) {
        (Part::Key, Some(key), Some(certificate)) => {
            add(certificate)?;
            for certificate in chain {
                pem.extend(certificate.to_pem()?);
            }
            let key = String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?).into_owned();
            redact::learn(key.trim_end());
            pem.extend(key.into_bytes());
        }
        (Part::Key, ..) => return Ok(None),
        (Part::Certificates, _, own) => {
            if let Some(own) = own {
                add(own)?;
            }
            for certificate in chain {
                pem.extend(certificate.to_pem()?);
            }
        }
    }
    Ok(Some(String::from_utf8_lossy(&pem).into_owned()).filter(|text| !text.is_empty()))
}

/// Lets Java turn the store into a PKCS #12 one that OpenSSL reads. Passwords go by the environment, which only this
/// user sees; arguments are seen by everybody.
fn by_keytool(store: Store<'_>, form: &'static str) -> Result<ParsedPkcs12_2, Error> {
    let file = |cause| Error::File { path: store.path.to_owned(), cause };
    let locked = |cause: String| Error::Locked { path: store.path.to_owned(), cause };
    let folder = tempfile::tempdir().map_err(file)?;
    let made = folder.path().join("store.p12");
    let password = format!("{:032x}", rand::random::<u128>());
    let keytool = |args: &[&str]| -> Result<String, Error> {
        let mut command = Command::new("keytool");
        command
            .arg("-J-Duser.language=en")
            .args(args)
            .env("JALON_STORE_PASSWORD", store.password)
            .env("JALON_KEY_PASSWORD", store.key_password.unwrap_or(store.password))
            .env("JALON_NEW_PASSWORD", &password)
            .stdin(Stdio::null());
        let output = command.output().map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => Error::NoKeytool { path: store.path.to_owned(), form },
            _ => locked(format!("keytool cannot be started: {cause}")),
        })?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => {
                let line = said.lines().find(|l| l.contains("rror")).unwrap_or("keytool failed");
                Err(locked(line.trim_start_matches("keytool error: java.io.IOException: ").to_owned()))
            }
        }
    };
    let (from, to) = (store.path.to_string_lossy(), made.to_string_lossy());
    let mut args = vec!["-importkeystore", "-noprompt", "-srckeystore", &from, "-destkeystore", &to];
    args.extend(["-deststoretype", "PKCS12"]);
    args.extend(["-srcstorepass:env", "JALON_STORE_PASSWORD", "-deststorepass:env", "JALON_NEW_PASSWORD"]);
    let alias;
    if store.key_password.is_some_and(|key| key != store.password) {
        let listed = keytool(&["-list", "-keystore", &from, "-storepass:env", "JALON_STORE_PASSWORD"])?;
        alias = listed
            .lines()
            .find(|line| line.contains("PrivateKeyEntry"))
            .and_then(|line| line.split(", ").next())
            .map(str::to_owned)
            .ok_or_else(|| Error::Empty { path: store.path.to_owned(), part: Part::Key })?;
        args.extend(["-srcalias", &alias, "-srckeypass:env", "JALON_KEY_PASSWORD"]);
        args.extend(["-destkeypass:env", "JALON_NEW_PASSWORD"]);
    }
    keytool(&args)?;
    let bytes = fs::read(&made).map_err(file)?;
    Pkcs12::from_der(&bytes).and_then(|c| c.parse2(&password)).map_err(|e| locked(e.to_string()))
}
