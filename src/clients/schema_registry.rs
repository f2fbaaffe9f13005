//! [`SchemaRegistry`]: the Confluent-compatible REST API of a schema registry, as far as a load needs it.

use super::{
    Endpoint,
    http::{self, Client, Method},
};
use crate::record::{Said, Speaks, display_by_said, messages};
use serde::Deserialize;

/// A schema registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SchemaRegistry(Client);

/// A schema as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id, which stands in front of every record.
    pub id: u32,
    /// Text of the schema.
    pub schema: String,
}

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry did not answer as it should.
    Http(#[from] http::HttpError),
    /// The schema is of another type than Avro.
    NotAvro {
        /// Subject whose schema was asked for, such as `orders-value`.
        subject: String,
        /// `JSON` or `PROTOBUF`.
        found: String,
    },
    /// The schema names schemas of other subjects.
    References(String),
    /// There is no such subject, or the subject has no such schema.
    Unknown(Said),
}

impl Speaks for RegistryError {
    fn said(&self) -> Said {
        match self {
            Self::Http(error) => error.said(),
            Self::NotAvro { subject, found } => not_avro(subject, found),
            Self::References(subject) => references(subject),
            Self::Unknown(said) => said.clone(),
        }
    }
}

display_by_said!(RegistryError);

/// What `GET /subjects/S/versions/latest` and `POST /subjects/S` answer.
#[derive(Debug, Deserialize)]
struct Version {
    id: u32,
    schema: String,
    /// Left out where it is Avro.
    #[serde(default, rename = "schemaType")]
    schema_type: Option<String>,
    #[serde(default)]
    references: Option<Vec<serde_json::Value>>,
}

impl SchemaRegistry {
    /// The registry at that endpoint.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, RegistryError> {
        Ok(Self(Client::open(the_registry(), endpoint).await?))
    }

    /// The newest schema of a subject.
    pub async fn latest(&self, subject: &str) -> Result<Registered, RegistryError> {
        let url = self.0.segments(&["subjects", subject, "versions", "latest"])?;
        let answer = self.0.send(self.0.request(Method::GET, url)).await?;
        if answer.status == 404 {
            return Err(RegistryError::Unknown(no_subject(subject)));
        }
        checked(subject, answer.accept()?.json()?)
    }

    /// The names of all subjects, sorted.
    ///
    /// # Errors
    /// If the registry does not answer with a list.
    pub async fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        let url = self.0.segments(&["subjects"])?;
        let mut names: Vec<String> = self.0.send(self.0.request(Method::GET, url)).await?.accept()?.json()?;
        names.sort();
        Ok(names)
    }

    /// How strictly new schemas of a subject are checked: its own level, or the registry's where it has none.
    ///
    /// # Errors
    /// If the registry does not answer with a level.
    pub async fn compatibility(&self, subject: &str) -> Result<String, RegistryError> {
        #[derive(Deserialize)]
        struct Level {
            #[serde(rename = "compatibilityLevel")]
            level: String,
        }
        // The answer of a registry without `defaultToGlobal` is 404 for a subject without a level of its own.
        let own = self.0.segments(&["config", subject])?;
        let request = self.0.request(Method::GET, own).query(&[("defaultToGlobal", "true")]);
        let answer = self.0.send(request).await?;
        if answer.status != 404 {
            return Ok(answer.accept()?.json::<Level>()?.level);
        }
        let global = self.0.segments(&["config"])?;
        Ok(self.0.send(self.0.request(Method::GET, global)).await?.accept()?.json::<Level>()?.level)
    }

    /// The newest schema of a subject, of any type, as the registry has it.
    ///
    /// # Errors
    /// If the subject is not there, or the registry does not answer.
    pub async fn newest_text(&self, subject: &str) -> Result<String, RegistryError> {
        #[derive(Deserialize)]
        struct Newest {
            schema: String,
        }
        let url = self.0.segments(&["subjects", subject, "versions", "latest"])?;
        let answer = self.0.send(self.0.request(Method::GET, url)).await?;
        if answer.status == 404 {
            return Err(RegistryError::Unknown(no_subject(subject)));
        }
        Ok(answer.accept()?.json::<Newest>()?.schema)
    }

    /// A schema that the subject already has.
    pub async fn find(&self, subject: &str, schema: &str) -> Result<Registered, RegistryError> {
        let url = self.0.segments(&["subjects", subject])?;
        let request = self.0.request(Method::POST, url).json(&serde_json::json!({ "schema": schema }));
        let answer = self.0.send(request).await?;
        if answer.status == 404 {
            return Err(RegistryError::Unknown(no_schema(subject)));
        }
        checked(subject, answer.accept()?.json()?)
    }

    /// Registers a schema under the subject; one that it already has keeps its id.
    pub async fn register(&self, subject: &str, schema: &str) -> Result<Registered, RegistryError> {
        #[derive(Deserialize)]
        struct Id {
            id: u32,
        }
        let url = self.0.segments(&["subjects", subject, "versions"])?;
        let request = self.0.request(Method::POST, url).json(&serde_json::json!({ "schema": schema }));
        let answer: Id = self.0.send(request).await?.accept()?.json()?;
        Ok(Registered { id: answer.id, schema: schema.to_owned() })
    }
}

fn checked(subject: &str, version: Version) -> Result<Registered, RegistryError> {
    match version.schema_type.as_deref() {
        None | Some("AVRO" | "") => {}
        Some(other) => {
            return Err(RegistryError::NotAvro { subject: subject.to_owned(), found: other.to_owned() });
        }
    }
    if version.references.is_some_and(|references| !references.is_empty()) {
        return Err(RegistryError::References(subject.to_owned()));
    }
    Ok(Registered { id: version.id, schema: version.schema })
}

messages! {
    area "schema-registry";
    no_schema(subject) => "subject `{subject}` has no such schema in the registry" / "le sujet `{subject}` n'a pas ce schéma dans le registre";
    no_subject(subject) => "the schema registry has no subject `{subject}`" / "le registre de schémas n'a pas de sujet `{subject}`";
    not_avro(subject, found) => "the schema of subject `{subject}` is {found}, not Avro" / "le schéma du sujet `{subject}` est du {found} et non de l'Avro";
    references(subject) => "the schema of subject `{subject}` refers to schemas of other subjects, which are not fetched" / "le schéma du sujet `{subject}` renvoie à des schémas d'autres sujets, qui ne sont pas lus";
    the_registry() => "the schema registry" / "le registre de schémas";
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_partial_json, method, path},
    };

    #[tokio::test]
    async fn a_schema_is_found_registered_or_missing() {
        let server = MockServer::start().await;
        let answers = [
            (
                "GET",
                "/api/subjects/orders%2Fa-value/versions/latest",
                200,
                serde_json::json!({"id": 7, "schema": "\"int\"", "version": 1}),
            ),
            (
                "GET",
                "/api/subjects/none/versions/latest",
                404,
                serde_json::json!({"error_code": 40401, "message": "No"}),
            ),
            (
                "GET",
                "/api/subjects/proto/versions/latest",
                200,
                serde_json::json!({"id": 7, "schema": "x", "schemaType": "PROTOBUF"}),
            ),
            (
                "GET",
                "/api/subjects/far/versions/latest",
                200,
                serde_json::json!({"id": 7, "schema": "x", "references": [{"name": "y"}]}),
            ),
            ("POST", "/api/subjects/a/versions", 200, serde_json::json!({"id": 8})),
            ("POST", "/api/subjects/a", 200, serde_json::json!({"id": 9, "schema": "\"int\"", "version": 2})),
            ("POST", "/api/subjects/b", 404, serde_json::json!({"error_code": 40403})),
        ];
        for (verb, at, status, body) in answers {
            let mut mock = Mock::given(method(verb)).and(path(at));
            if verb == "POST" {
                mock = mock.and(body_partial_json(serde_json::json!({"schema": "\"int\""})));
            }
            mock.respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
        }
        let endpoint: Endpoint =
            serde_json::from_value(serde_json::json!({"url": format!("{}/api", server.uri())})).unwrap();
        let registry = SchemaRegistry::open(&endpoint).await.unwrap();
        assert_eq!(registry.latest("orders/a-value").await.unwrap().id, 7);
        for (subject, said) in
            [("none", "no subject `none`"), ("proto", "PROTOBUF"), ("far", "other subjects")]
        {
            let error = registry.latest(subject).await.unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        assert_eq!(registry.register("a", "\"int\"").await.unwrap().id, 8);
        assert_eq!(registry.find("a", "\"int\"").await.unwrap().id, 9);
        assert!(matches!(registry.find("b", "\"int\"").await, Err(RegistryError::Unknown(_))));
    }
}
