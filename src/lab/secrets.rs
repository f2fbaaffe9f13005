//! [`Secrets`]: the passwords and certificates of a secure lab, made afresh with it and kept in its folder `secrets`.
//!
//! No password is ever part of a command line: programs are given the names of files, which only their owner can read.

use super::{
    Error, helper,
    members::{Member, Role},
    state::Lab,
    tools::Tools,
};
use crate::{
    clients::{Endpoint, SecretRef},
    support::redact,
};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// The folder of the secrets, below the lab's.
pub(super) const FOLDER: &str = "secrets";

/// The user of brokers and Connect, to whom no ACL applies.
pub(super) const ADMIN: &str = "admin";

/// The user of campaigns, and of Connect's and the registry's APIs.
pub(super) const CAMPAIGN: &str = "campaign";

/// The mechanism of every log-in to a broker.
pub(super) const MECHANISM: &str = "SCRAM-SHA-512";

/// The certificate authority as a PEM file, which every client of the lab trusts.
pub(super) const CA: &str = "secrets/ca.pem";

/// The servers' key and certificate.
pub(super) const KEY_STORE: &str = "secrets/server.p12";

/// The log-in module of Connect's API, for Java's own property.
pub(super) const CONNECT_JAAS: &str = "secrets/connect-jaas.conf";

/// The user of the registry, in the terms of its configuration.
pub(super) const REGISTRY: &str = "secrets/registry.properties";

/// How long one call of keytool may take.
const KEYTOOL_LIMIT: Duration = Duration::from_secs(60);

/// The steps of keytool: an authority signs the servers' certificate, and its key is thrown away. They do without
/// `-signer`, which Java 11 does not know.
const CERTIFICATES: [&[&str]; 7] = [
    &[
        "-genkeypair",
        "-alias",
        "ca",
        "-keyalg",
        "EC",
        "-keysize",
        "256",
        "-dname",
        "CN=jalon lab",
        "-validity",
        "365",
        "-ext",
        "bc:c=ca:true",
        "-ext",
        "ku:c=keyCertSign",
    ],
    &[
        "-genkeypair",
        "-alias",
        "server",
        "-keyalg",
        "EC",
        "-keysize",
        "256",
        "-dname",
        "CN=localhost",
        "-validity",
        "365",
    ],
    &["-certreq", "-alias", "server", "-file", "secrets/server.csr"],
    &[
        "-gencert",
        "-alias",
        "ca",
        "-infile",
        "secrets/server.csr",
        "-outfile",
        "secrets/server.pem",
        "-rfc",
        "-validity",
        "365",
        "-ext",
        "san=dns:localhost,ip:127.0.0.1",
    ],
    &["-importcert", "-noprompt", "-alias", "server", "-file", "secrets/server.pem"],
    &["-exportcert", "-rfc", "-alias", "ca", "-file", CA],
    &["-delete", "-alias", "ca"],
];

/// The passwords of a secure lab, for the configuration files of its processes.
pub(super) struct Secrets {
    /// Of the user [`ADMIN`].
    pub(super) admin: String,
    /// Of the user [`CAMPAIGN`].
    pub(super) campaign: String,
    /// Of the key store.
    pub(super) store: String,
}

impl Secrets {
    /// Invents the passwords and writes everything that is neither a process's own configuration nor Kafka's users.
    pub(super) async fn make(lab: &Lab, tools: &Tools) -> Result<Self, Error> {
        let folder = lab.folder.join(FOLDER);
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(Error::io("protect", &folder))?;
        let password = || {
            let password = format!("{:032x}", rand::random::<u128>());
            redact::learn(&password);
            password
        };
        let secrets = Self { admin: password(), campaign: password(), store: password() };
        for (name, text) in secrets.files() {
            write(&folder.join(name), &text)?;
        }
        certificates(lab, tools).await?;
        // Keytool makes files that everybody may read.
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))?.flatten() {
            let path = entry.path();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(Error::io("protect", &path))?;
        }
        Ok(secrets)
    }

    /// The files below [`FOLDER`], certificates apart.
    fn files(&self) -> Vec<(String, String)> {
        let Self { admin, campaign, store } = self;
        let scram = |user: &str, password: &str| {
            (file_name(&scram_file(user)), format!("{MECHANISM}=password={password}\n"))
        };
        vec![
            scram(ADMIN, admin),
            scram(CAMPAIGN, campaign),
            ("campaign.password".to_owned(), format!("{campaign}\n")),
            ("store.password".to_owned(), format!("{store}\n")),
            // A connector's settings take this by `${file:…}`, so that they need not hold the password themselves.
            ("connector.properties".to_owned(), format!("jaas={}\n", jaas(CAMPAIGN, campaign))),
            (
                file_name(CONNECT_JAAS),
                "KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule \
                 required\n  file=\"secrets/connect-users.properties\";\n};\n"
                    .to_owned(),
            ),
            ("connect-users.properties".to_owned(), format!("{CAMPAIGN}={campaign}\n")),
            (
                file_name(REGISTRY),
                format!(
                    "quarkus.security.users.embedded.enabled=true\n\
                     quarkus.security.users.embedded.plain-text=true\n\
                     quarkus.security.users.embedded.users.{CAMPAIGN}={campaign}\n\
                     quarkus.security.users.embedded.roles.{CAMPAIGN}=sr-admin\n"
                ),
            ),
        ]
    }

    /// The log-in of the brokers to one another and of Connect to them, as Kafka's properties take it.
    pub(super) fn admin_jaas(&self) -> String {
        jaas(ADMIN, &self.admin)
    }
}

/// The file with the password of a user of Kafka, in the form that Kafka's own tool reads.
pub(super) fn scram_file(user: &str) -> String {
    format!("{FOLDER}/{user}.scram.properties")
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn jaas(user: &str, password: &str) -> String {
    format!(
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"{user}\" password=\"{password}\";"
    )
}

/// What a client of a secure cluster sets; `folder` is the lab's, absolute. The password is a reference to its file.
pub(super) fn client_properties(folder: &Path) -> BTreeMap<String, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    [
        ("security.protocol", "SASL_SSL".to_owned()),
        ("sasl.mechanism", MECHANISM.to_owned()),
        ("sasl.username", CAMPAIGN.to_owned()),
        ("sasl.password", format!("file:{}", path("secrets/campaign.password"))),
        ("ssl.truststore.type", "PEM".to_owned()),
        ("ssl.truststore.location", path(CA)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// What a Java client sets that must not carry the password itself: it reads it from a file. `folder` is the lab's.
pub(super) fn agent_properties(folder: &Path) -> BTreeMap<String, String> {
    let jaas = folder.join(FOLDER).join("connector.properties");
    let mut properties = client_properties(folder);
    properties.retain(|name, _| !matches!(name.as_str(), "sasl.username" | "sasl.password"));
    properties.insert("sasl.jaas.config".to_owned(), format!("${{file:{}:jaas}}", jaas.display()));
    properties
}

/// Where a service is reached, and with which log-in.
pub(super) fn endpoint(member: &Member, folder: &Path) -> Option<Endpoint> {
    let url = Url::parse(&member.address()).ok()?;
    if !member.secure || !matches!(member.role, Role::Connect | Role::Registry) {
        return Some(Endpoint { url, user: None, password: None, ca_file: None });
    }
    let password = format!("file:{}", folder.join("secrets/campaign.password").display());
    Some(Endpoint {
        ca_file: (url.scheme() == "https").then(|| folder.join(CA)),
        url,
        user: Some(CAMPAIGN.to_owned()),
        password: SecretRef::parse(&password),
    })
}

/// Writes a file that only its owner can read.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::io("write", path))
}

async fn certificates(lab: &Lab, tools: &Tools) -> Result<(), Error> {
    let keytool = keytool(&tools.java).display().to_string();
    for step in CERTIFICATES {
        let store =
            ["-keystore", KEY_STORE, "-storetype", "PKCS12", "-storepass:file", "secrets/store.password"];
        let quick = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];
        let argv: Vec<String> = [keytool.as_str()]
            .iter()
            .chain(&quick)
            .chain(step)
            .chain(&store)
            .map(|w| (*w).to_owned())
            .collect();
        helper::run(lab, "make the lab's certificates", "keytool", &argv, KEYTOOL_LIMIT).await?;
    }
    Ok(())
}

/// The keytool of a Java, which stands beside it.
fn keytool(java: &Path) -> PathBuf {
    let real = fs::canonicalize(java).unwrap_or_else(|_| java.to_owned());
    real.with_file_name("keytool")
}
