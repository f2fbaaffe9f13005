//! [`make`]: the passwords and certificates of a secure lab, created with it and kept in its folder `secrets`.

use super::{
    LabError, conf, programs,
    release::Release,
    secrets::{ADMIN, CAMPAIGN, CONNECTOR, FOLDER, MECHANISM, PASSWORD, Secrets, jaas, scram_file},
    state::Lab,
    tools::Tools,
};
use crate::support::redact;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long one call of keytool may take.
const KEYTOOL_LIMIT: Duration = Duration::from_secs(60);

/// The steps of keytool: an authority signs the servers' certificate, and its key is thrown away. They do without
/// `-signer`, which Java 11 does not know.
const CERTIFICATES: [&str; 7] = [
    "-genkeypair -alias ca -keyalg EC -keysize 256 -dname CN=jalon-lab -validity 365 -ext bc:c=ca:true \
     -ext ku:c=keyCertSign",
    "-genkeypair -alias server -keyalg EC -keysize 256 -dname CN=localhost -validity 365",
    "-certreq -alias server -file secrets/server.csr",
    "-gencert -alias ca -infile secrets/server.csr -outfile secrets/server.pem -rfc -validity 365 \
     -ext san=dns:localhost,ip:127.0.0.1",
    "-importcert -noprompt -alias server -file secrets/server.pem",
    "-exportcert -rfc -alias ca -file secrets/ca.pem",
    "-delete -alias ca",
];

/// What every step says besides.
const EVERY_STEP: &str = "-keystore secrets/server.p12 -storetype PKCS12 -storepass:file secrets/store.password \
                          -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC";

/// Invents the passwords and writes everything that is neither a process's own configuration nor Kafka's users.
pub(super) async fn make(lab: &Lab, tools: &Tools, kafka: Release) -> Result<Secrets, LabError> {
    let folder = lab.folder.join(FOLDER);
    fs::set_permissions(&folder, Permissions::from_mode(0o700))
        .map_err(LabError::io("set the permissions of", &folder))?;
    let password = || {
        let password = format!("{:032x}", rand::random::<u128>());
        redact::learn(&password);
        password
    };
    let secrets = Secrets { admin: password(), campaign: password(), store: password() };
    for (path, text) in files(&secrets) {
        conf::write(&lab.folder.join(path), &text)?;
    }
    certificates(lab, tools, kafka).await?;
    // Keytool makes files that everybody may read.
    for entry in fs::read_dir(&folder).map_err(LabError::io("read", &folder))?.flatten() {
        let path = entry.path();
        fs::set_permissions(&path, Permissions::from_mode(0o600))
            .map_err(LabError::io("set the permissions of", &path))?;
    }
    Ok(secrets)
}

/// The files of the passwords.
fn files(Secrets { admin, campaign, store }: &Secrets) -> [(String, String); 5] {
    let scram = |user, password| (scram_file(user), format!("{MECHANISM}=password={password}\n"));
    [
        scram(ADMIN, admin),
        scram(CAMPAIGN, campaign),
        (PASSWORD.to_owned(), format!("{campaign}\n")),
        ("secrets/store.password".to_owned(), format!("{store}\n")),
        (CONNECTOR.to_owned(), format!("jaas={}\n", jaas(CAMPAIGN, campaign))),
    ]
}

async fn certificates(lab: &Lab, tools: &Tools, kafka: Release) -> Result<(), LabError> {
    let keytool = keytool(&tools.java(&kafka.runtime().java)).display().to_string();
    for step in CERTIFICATES {
        let words = step.split(' ').chain(EVERY_STEP.split(' '));
        let argv: Vec<String> = [keytool.as_str()].into_iter().chain(words).map(str::to_owned).collect();
        programs::run("create the lab's certificates", "keytool", &mut lab.command(&argv), KEYTOOL_LIMIT)
            .await?;
    }
    Ok(())
}

/// The keytool of a Java, which stands beside it.
fn keytool(java: &Path) -> PathBuf {
    let real = fs::canonicalize(java).unwrap_or_else(|_| java.to_owned());
    real.with_file_name("keytool")
}
