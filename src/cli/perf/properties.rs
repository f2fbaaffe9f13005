//! Client properties of a `jalon perf`: `name=value` on the command line, and Java's properties files.

use crate::{
    cli::{CommandError, output},
    clients::{SecretRef, kafka::properties},
    record::{Arg, Said, messages},
    support::redact,
};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// Properties as `name=value`.
#[derive(Debug, Default)]
pub(super) struct Given(BTreeMap<String, String>);

/// A properties file, read. Its secrets are in files that only this user can read, until it is dropped.
pub(super) struct ConfigFile {
    pub(super) bootstrap_servers: Option<String>,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) remarks: Vec<Said>,
    /// Kept while the load runs.
    _secrets: tempfile::TempDir,
}

/// `name=value`, as an argument.
pub(super) fn name_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}

impl Given {
    /// Takes the properties of the command line. Says so where one holds a secret: everybody on this machine can read a
    /// command line.
    pub(super) fn of(properties: &[(String, String)]) -> Self {
        for (name, value) in properties {
            if redact::is_secret_key(name) && SecretRef::parse(value).is_none() {
                redact::learn(value);
                output::tell(&format!(
                    "warning: everybody on this machine can read `{name}` in the list of processes; write \
                     `{name}=env:NAME` or `{name}=file:PATH`, or put it into a file"
                ));
            }
        }
        Self(properties.iter().cloned().collect())
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Sets what another option stands for; both at once are one too many.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: impl Into<String>,
        option: &str,
    ) -> Result<(), CommandError> {
        match self.0.insert(name.to_owned(), value.into()) {
            None => Ok(()),
            Some(_) => Err(CommandError::Usage {
                message: format!("`{option}` and the property `{name}` set the same value"),
                hint: "remove one of them".to_owned(),
            }),
        }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

impl ConfigFile {
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let disk = |verb: &'static str, path: &Path| {
            let path = path.to_owned();
            move |cause| CommandError::Disk { verb, path, cause }
        };
        let bytes = properties::read(path).map_err(|cause| CommandError::Usage {
            message: format!("cannot read {}: {cause}", path.display()),
            hint: "give a properties file of a Java client".to_owned(),
        })?;
        let temporary = tempfile::Builder::new().prefix("jalon-perf-").tempdir();
        let secrets = temporary.map_err(disk("make", &std::env::temp_dir()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let below = secrets.path().to_string_lossy();
        let done = properties::translate(bytes, folder, "client", &below).map_err(|error| {
            CommandError::Usage { message: format!("{}: {error}", path.display()), hint: error.hint() }
        })?;
        for (file, content) in &done.files {
            redact::learn(content.trim());
            if let Some(folder) = file.parent() {
                let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(disk("make", folder))?;
            }
            let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
            opened.and_then(|mut f| f.write_all(content.as_bytes())).map_err(disk("write", file))?;
        }
        Ok(Self {
            bootstrap_servers: done.bootstrap_servers,
            properties: done.properties,
            remarks: done.remarks.into_iter().map(|r| of_file(Arg::text(path.display()), r)).collect(),
            _secrets: secrets,
        })
    }
}

messages! {
    area "perf-properties";
    of_file(path, remark) => "{path}: {remark}" / "{path} : {remark}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_name() {
        assert_eq!(name_value("acks = all").unwrap(), ("acks".to_owned(), "all".to_owned()));
        let jaas = name_value("sasl.jaas.config=a.B required username=\"u\";").unwrap();
        assert_eq!(jaas.1, "a.B required username=\"u\";");
        for bad in ["acks", "=all", ""] {
            assert!(name_value(bad).unwrap_err().contains("NAME=VALUE"), "{bad}");
        }
    }

    #[test]
    fn what_is_said_twice_is_refused() {
        let mut given = Given::of(&[("acks".to_owned(), "all".to_owned())]);
        let error = given.set("acks", "1", "--producer-acks").unwrap_err().to_string();
        assert!(error.contains("`--producer-acks` and the property `acks`"), "{error}");
        given.set("linger.ms", "5", "--linger").unwrap();
        assert_eq!(given.json()["linger.ms"], "5");
    }

    #[test]
    fn what_is_in_the_place_of_a_file_is_named_and_dev_null_sets_nothing() {
        let nothing = ConfigFile::read(Path::new("/dev/null")).unwrap();
        assert!(nothing.properties.is_empty() && nothing.bootstrap_servers.is_none());
        let folder = tempfile::tempdir().unwrap();
        for place in [Path::new("/dev/zero"), folder.path()] {
            let Err(CommandError::Usage { message, hint }) = ConfigFile::read(place) else { panic!() };
            assert!(
                message.contains("not a file") && hint.contains("a properties file"),
                "{message}: {hint}"
            );
        }
    }

    #[test]
    fn secrets_of_a_file_are_in_files_of_their_own_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.properties");
        let text = "bootstrap.servers=b:9092\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=\
            org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"pa55\";\n";
        fs::write(&path, text).unwrap();
        let file = ConfigFile::read(&path).unwrap();
        assert_eq!(file.bootstrap_servers.as_deref(), Some("b:9092"));
        let reference = file.properties["sasl.jaas.config"].strip_prefix("file:").unwrap().to_owned();
        assert!(fs::read_to_string(&reference).unwrap().contains("pa55"));
        drop(file);
        assert!(!Path::new(&reference).exists());
    }
}
