//! [`Notify`]: who is told what happens in a run (`notify:` of the campaign file).

use crate::{
    clients::secret::SecretRef,
    record::{Language, Refused, Said},
    support::{jinja, schema::by_hand},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};
use url::Url;

/// One receiver of notices: a web address, or a program.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Name in the record and in messages.
    pub name: String,
    /// Web address that notices are posted to: a URL, or a secret reference (`env:SLACK_URL`), as chat tools put a token into
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// Program that gets each notice on standard input, with its arguments; instead of `url`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// What is told. Default: everything.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub on: BTreeSet<Occasion>,
    /// How a notice is written.
    #[serde(default)]
    pub form: Form,
    /// Language of the notices: `en` or `fr`. Default: the language of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Language>,
    /// Further headers of the request; a value may be a secret reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// PEM file of the certificate authority that signed the receiver's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Template of the body, instead of a form: `{{ headline }}`, `{{ lines }}`, `{{ step.number }}`, … as in the form `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Body>,
}

/// What may be told.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A step ended, whatever its verdict.
    StepEnd,
    /// A step failed, is inconclusive or in error.
    Failure,
    /// A guard stopped a step.
    Guard,
    /// The run ended.
    RunEnd,
    /// A person must answer or approve.
    Waiting,
}

/// How a notice is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A JSON object with every field.
    #[default]
    Json,
    /// An e-mail: headers, a blank line, text.
    Mail,
    /// An incoming webhook of Mattermost.
    Mattermost,
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Microsoft Teams that posts an adaptive card.
    Teams,
    /// Plain text.
    Text,
}

/// A web address, or where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// The address itself.
    Plain(Url),
    /// A reference to it.
    Secret(SecretRef),
}

by_hand!(Address, "address", {"type": "string", "pattern": "^(https?://|env:|file:|command:)"});

impl TryFrom<String> for Address {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        if let Some(reference) = SecretRef::parse(&text) {
            return Ok(Self::Secret(reference));
        }
        web_address(&text).map(Self::Plain).ok_or_else(|| messages::not_an_address().into())
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        match address {
            Address::Plain(url) => url.into(),
            Address::Secret(reference) => reference.into(),
        }
    }
}

/// The address in a text, where it is one that can be posted to.
pub fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

/// A template of a notice's body, which was parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Body(String);

by_hand!(Body, "template", {"type": "string"});

/// Steps that a template may take, and 64 bytes each of what it makes.
const FUEL: u64 = 50_000;

impl TryFrom<String> for Body {
    type Error = Refused;

    fn try_from(text: String) -> Result<Self, Refused> {
        match jinja::environment(FUEL).template_from_str(&text) {
            Ok(_) => Ok(Self(text)),
            Err(error) => {
                Err(messages::not_a_template(error.kind().to_string(), error.line().unwrap_or(1)).into())
            }
        }
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.0
    }
}

impl Body {
    /// The body with these values; an error in the words of the template engine.
    pub fn filled(&self, values: &impl Serialize) -> Result<String, String> {
        let environment = jinja::environment(FUEL);
        let template = environment.template_from_str(&self.0);
        template
            .and_then(|template| template.render(minijinja::Value::from(minijinja::value::Serde(values))))
            .map_err(|error| error.to_string())
    }
}

impl Notify {
    /// What keeps anybody from being told, in a sentence.
    pub(super) fn mistake(&self) -> Option<Said> {
        match (&self.url, self.command.is_empty()) {
            (None, true) => Some(messages::no_receiver(&self.name)),
            (Some(_), false) => Some(messages::two_receivers(&self.name)),
            _ => None,
        }
    }

    /// Whether that is told.
    pub fn tells(&self, occasion: Occasion) -> bool {
        self.on.is_empty() || self.on.contains(&occasion)
    }
}

mod messages {
    crate::messages! {
        area "notify";
        no_receiver(name) => "`{name}` of `notify` needs `url` or `command`" / "`{name}` de `notify` a besoin de `url` ou de `command`";
        not_a_template(what, line) => "the template cannot be read: {what} in its line {line}" / "le modèle est illisible : {what} à sa ligne {line}";
        not_an_address() => "expected an address that begins with http:// or https://, or a reference such as env:NAME" / "adresse attendue, commençant par http:// ou https://, ou référence telle que env:NOM";
        two_receivers(name) => "`{name}` of `notify` has both `url` and `command`; write two entries" / "`{name}` de `notify` a à la fois `url` et `command` ; écrire deux entrées";
    }
}
