//! [`OAuth`]: a log-in by OAUTHBEARER with the credentials of a client (OIDC), from Kafka's properties and as Java's.

use super::{jaas, property_error::PropertyError, values::filled_in};
use crate::{
    clients::secret::SecretRef,
    record::{Said, messages},
    support::redact,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use url::Url;

/// The mechanism's name.
pub(super) const MECHANISM: &str = "OAUTHBEARER";
/// The property of librdkafka that carries the log-in to where a client is made; librdkafka does not read it itself.
pub(super) const CARRIER: &str = "sasl.oauthbearer.config";

const CLIENT_ID: &str = "sasl.oauthbearer.client.credentials.client.id";
const CLIENT_SECRET: &str = "sasl.oauthbearer.client.credentials.client.secret";
const ENDPOINT: &str = "sasl.oauthbearer.token.endpoint.url";
/// The property that names what a Java client logs in by.
pub(super) const HANDLER: &str = "sasl.login.callback.handler.class";
const JAAS: &str = "sasl.jaas.config";
const RETRIEVER: &str = "sasl.oauthbearer.jwt.retriever.class";
const SCOPE: &str = "sasl.oauthbearer.scope";
const URLENCODE: &str = "sasl.oauthbearer.header.urlencode";

/// The class of Java's client that fetches tokens, by this name from 3.4 to 4.x; up to 3.9 also below `secured`.
const JAVA_HANDLER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
const JAVA_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
/// Options of the login module, and what begins the name of an extension among them.
const MODULE_CA: &str = "ssl.truststore.location";
const EXTENSION: &str = "extension_";

/// How long the token endpoint may take for its answer, where nothing says so.
const LIMIT_MS: u64 = 10_000;

/// Where tokens come from, and for whom.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct OAuth {
    /// The token endpoint.
    pub(super) endpoint: Url,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) scope: Option<String>,
    /// SASL extensions that go to the broker beside the token.
    pub(super) extensions: BTreeMap<String, String>,
    /// PEM file of the authority that signed the endpoint's certificate, besides the system's.
    pub(super) ca_file: Option<PathBuf>,
    /// Encode id and secret before they become Basic authentication, as RFC 6749 says and Java does not unless told.
    pub(super) urlencode: bool,
    /// The claim that names the user; `sub` unless told otherwise.
    pub(super) principal_claim: String,
    limit_ms: u64,
}

/// Whether only a log-in by OAUTHBEARER looks at the property.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with("sasl.login.") || name.starts_with("sasl.oauthbearer.")
}

/// Whether these properties log in by OAUTHBEARER.
pub(super) fn is_used(given: &BTreeMap<String, String>) -> bool {
    let protocol = given.get("security.protocol").map_or("PLAINTEXT", String::as_str);
    let mechanism = given.get("sasl.mechanism").map_or("", String::as_str);
    protocol.to_ascii_uppercase().starts_with("SASL") && mechanism == MECHANISM
}

impl OAuth {
    /// The log-in that the properties describe, whose secrets are resolved. Those within the line of JAAS are resolved here.
    pub(super) fn of(given: &BTreeMap<String, String>) -> Result<Self, PropertyError> {
        let known = |property: &str, names: &[&str]| match given.get(property) {
            Some(class) if !names.contains(&class.rsplit('.').next().unwrap_or_default()) => {
                Err(PropertyError::value(property, other_class(class, names[0])))
            }
            _ => Ok(()),
        };
        known(HANDLER, &["OAuthBearerLoginCallbackHandler"])?;
        known(RETRIEVER, &["ClientCredentialsJwtRetriever", "DefaultJwtRetriever"])?;
        let given_url =
            given.get(ENDPOINT).ok_or_else(|| PropertyError::value(ENDPOINT, endpoint_missing()))?;
        let endpoint = Url::parse(given_url)
            .ok()
            .filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        let endpoint = endpoint.ok_or_else(|| malformed(ENDPOINT, not_a_url(given_url)))?;
        let options = match given.get(JAAS) {
            Some(line) => options(line)?,
            None => BTreeMap::new(),
        };
        // As Java does it: the property before the option.
        let one = |property: &str, option: &str| given.get(property).or_else(|| options.get(option)).cloned();
        let needed = |property: &str, option: &str| {
            one(property, option)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| PropertyError::value(property, credential_missing(option)))
        };
        let (client_id, client_secret) =
            (needed(CLIENT_ID, "clientId")?, needed(CLIENT_SECRET, "clientSecret")?);
        redact::learn(&client_secret);
        redact::learn(&format!("{client_id}:{client_secret}"));
        let extensions = options
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(EXTENSION)?.to_owned(), value.clone())))
            .collect();
        Ok(Self {
            endpoint,
            client_id,
            client_secret,
            scope: one(SCOPE, "scope").filter(|scope| !scope.is_empty()),
            extensions,
            ca_file: options.get(MODULE_CA).map(PathBuf::from),
            urlencode: given.get(URLENCODE).is_some_and(|value| value.eq_ignore_ascii_case("true")),
            principal_claim: given
                .get("sasl.oauthbearer.sub.claim.name")
                .map_or_else(|| "sub".to_owned(), Clone::clone),
            limit_ms: given
                .get("sasl.login.read.timeout.ms")
                .and_then(|limit| limit.parse().ok())
                .unwrap_or(LIMIT_MS),
        })
    }

    /// How long the token endpoint may take for its answer.
    pub(super) fn limit(&self) -> Duration {
        Duration::from_millis(self.limit_ms)
    }

    /// The log-in as the value of [`CARRIER`].
    pub(super) fn carried(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The log-in that a value of [`CARRIER`] holds.
    pub(super) fn carried_by(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }

    /// Puts the log-in as Java's clients of every version take it: credentials in the line of JAAS, which those before 4.1
    /// have alone.
    pub(super) fn put_java(&self, set: &mut BTreeMap<String, String>) {
        let mut line = format!(
            "{JAVA_MODULE} required clientId={} clientSecret={}",
            jaas::quoted(&self.client_id),
            jaas::quoted(&self.client_secret)
        );
        let mut option = |name: &str, value: &str| line.push_str(&format!(" {name}={}", jaas::quoted(value)));
        if let Some(scope) = &self.scope {
            option("scope", scope);
        }
        for (name, value) in &self.extensions {
            option(&format!("{EXTENSION}{name}"), value);
        }
        if let Some(file) = &self.ca_file {
            option(MODULE_CA, &file.display().to_string());
            option("ssl.truststore.type", "PEM");
        }
        line.push(';');
        [CLIENT_ID, CLIENT_SECRET, SCOPE].iter().for_each(|name| drop(set.remove(*name)));
        set.insert(JAAS.to_owned(), line);
        set.entry(HANDLER.to_owned()).or_insert_with(|| JAVA_HANDLER.to_owned());
    }
}

/// The option of a JVM by which Java's client of 4.0 and later may ask the token endpoint; without it, it refuses to.
pub fn allowed_url(properties: &BTreeMap<String, String>) -> Option<String> {
    let url = properties.get(ENDPOINT)?;
    Some(format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={url}"))
}

/// The options of the login module, secrets resolved.
fn options(line: &str) -> Result<BTreeMap<String, String>, PropertyError> {
    let mut found = BTreeMap::new();
    for (name, value) in jaas::options_of(line, "OAuthBearerLoginModule")? {
        let value = match SecretRef::parse(&value) {
            Some(reference) => reference
                .resolve()
                .map_err(|cause| PropertyError::Secret { property: JAAS.to_owned(), cause })?
                .expose()
                .to_owned(),
            None => {
                filled_in(JAAS, &value)?;
                value
            }
        };
        found.insert(name, value);
    }
    let is_pem = |file: &String| {
        crate::support::files::read_text(file.as_ref()).is_ok_and(|text| text.contains("-----BEGIN"))
    };
    match found.get(MODULE_CA) {
        Some(file) if !is_pem(file) => Err(malformed(JAAS, not_pem(MODULE_CA, file))),
        _ => Ok(found),
    }
}

fn malformed(property: &str, why: Said) -> PropertyError {
    PropertyError::Malformed { property: property.to_owned(), why }
}

messages! {
    area "kafka-oauth";
    credential_missing(option) => "OAUTHBEARER needs the credentials of a client; give it here, or `{option}` of `OAuthBearerLoginModule` in `sasl.jaas.config`; best as `env:NAME` or `file:PATH`" / "OAUTHBEARER demande l'identifiant et le secret d'un client ; le donner ici, ou comme `{option}` d'`OAuthBearerLoginModule` dans `sasl.jaas.config`, de préférence comme `env:NAME` ou `file:PATH`";
    endpoint_missing() => "it is not given, and OAUTHBEARER fetches its tokens there; give the token endpoint of the identity provider" / "il n'est pas donné, et OAUTHBEARER y demande ses jetons ; donner l'adresse des jetons du fournisseur d'identité";
    not_a_url(url) => "`{url}` is not the address of a token endpoint; write `https://HOST/…/token`" / "`{url}` n'est pas l'adresse d'un fournisseur de jetons ; écrire `https://HOST/…/token`";
    not_pem(option, file) => "its `{option}`, `{file}`, is not a readable PEM file; give the certificate authority of the token endpoint in PEM" / "son `{option}`, `{file}`, n'est pas un fichier PEM lisible ; donner en PEM l'autorité du fournisseur de jetons";
    other_class(class, known) => "`{class}` is Java code, which this client cannot run; only `{known}` is supported (client credentials)" / "`{class}` est du code Java, que ce client ne peut pas exécuter ; seul `{known}` est pris en charge (identifiant et secret d'un client)";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn both_forms_of_java_come_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret-of-it\n").unwrap();
        let line = format!(
            "org.x.OAuthBearerLoginModule required clientId=\"jalon\" clientSecret=\"file:{}\" scope=\"kafka\" extension_logicalCluster=\"lkc-1\";",
            secret.display()
        );
        let jaas = OAuth::of(&given(&[(ENDPOINT, "https://id.example/token"), (JAAS, &line)])).unwrap();
        let line = "x.OAuthBearerLoginModule required extension_logicalCluster='lkc-1';";
        let properties = OAuth::of(&given(&[
            (ENDPOINT, "https://id.example/token"),
            (CLIENT_ID, "jalon"),
            (CLIENT_SECRET, "s3cret-of-it"),
            (SCOPE, "kafka"),
            (JAAS, line),
            (HANDLER, "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler"),
        ]))
        .unwrap();
        assert!(jaas == properties);
        assert!(OAuth::carried_by(&jaas.carried()).unwrap() == jaas);

        let mut java = given(&[(ENDPOINT, "https://id.example/token"), (CLIENT_SECRET, "s3cret-of-it")]);
        properties.put_java(&mut java);
        assert_eq!(
            java[JAAS],
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"jalon\" \
             clientSecret=\"s3cret-of-it\" scope=\"kafka\" extension_logicalCluster=\"lkc-1\";"
        );
        assert_eq!(java[HANDLER], JAVA_HANDLER);
        assert!(!java.contains_key(CLIENT_SECRET));
        assert!(allowed_url(&java).unwrap().ends_with("allowed.urls=https://id.example/token"));
    }

    #[test]
    fn what_is_missing_or_another_grant_is_told_without_the_secret() {
        let whole = "x.OAuthBearerLoginModule required clientId='i' clientSecret='hunter2-secret';";
        let url = (ENDPOINT, "https://id.example/token");
        for (pairs, told) in [
            (&[(JAAS, whole)][..], "the token endpoint"),
            (&[(ENDPOINT, "id.example/token"), (JAAS, whole)], "is not the address"),
            (&[url, (JAAS, "x.OAuthBearerLoginModule required clientId='i';")], "`clientSecret` of"),
            (&[url], "`clientId` of"),
            (&[url, (JAAS, whole), (HANDLER, "io.x.OwnHandler")], "`io.x.OwnHandler` is Java code"),
            (&[url, (JAAS, whole), (RETRIEVER, "a.JwtBearerJwtRetriever")], "`a.JwtBearerJwtRetriever`"),
            (
                &[url, (JAAS, "x.PlainLoginModule required username='u' password='hunter2';")],
                "OAuthBearerLoginModule",
            ),
            (
                &[
                    url,
                    (
                        JAAS,
                        "x.OAuthBearerLoginModule required clientId='i' clientSecret='hunter2-secret' ssl.truststore.location='/nowhere.pem';",
                    ),
                ],
                "not a readable PEM file",
            ),
        ] {
            let error = OAuth::of(&given(pairs)).err().unwrap().to_string();
            assert!(error.contains(told) && !error.contains("hunter2"), "{error}");
        }
    }
}
