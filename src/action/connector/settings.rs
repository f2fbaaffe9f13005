//! A connector's settings: from the step file to what Connect wants, and what differs from what it has.

use super::super::{ActionError, service::exposed};
use crate::{
    clients::connect::Config,
    record::{Said, messages},
    support::{redact, text},
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The settings as Connect wants them: texts, with secrets in the place of their references.
pub(super) async fn resolve(config: &BTreeMap<String, Json>) -> Result<Config, ActionError> {
    let config = config.clone();
    let resolved = tokio::task::spawn_blocking(move || {
        config
            .iter()
            .map(|(name, value)| match plain(value) {
                Some(text) => Ok((name.clone(), exposed(&text)?)),
                None => Err(ActionError::misconfigured(not_a_setting(name), setting_form())),
            })
            .collect()
    });
    resolved.await.map_err(|e| ActionError::failed(Said::verbatim(e.to_string())))?
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Array(items) => {
            items.iter().map(plain).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        Json::Null | Json::Object(_) => None,
    }
}

/// What must change for the connector to have exactly `wanted`; a sentence each, secrets masked. Connect adds the
/// name to the settings by itself.
pub(super) fn changes(found: Option<&Config>, wanted: &Config) -> Vec<Said> {
    let empty = Config::new();
    let found = found.unwrap_or(&empty);
    let names = found.keys().chain(wanted.keys()).filter(|n| *n != "name");
    let names: std::collections::BTreeSet<_> = names.collect();
    names
        .into_iter()
        .filter_map(|name| match (found.get(name), wanted.get(name)) {
            (was, is) if was == is => None,
            (Some(was), Some(is)) => Some(set(masked(name, is), shown(name, was))),
            (None, Some(is)) => Some(added(masked(name, is))),
            (Some(was), None) => Some(removed(name, shown(name, was))),
            (None, None) => None,
        })
        .collect()
}

/// The settings as a page of properties.
pub(super) fn page(config: &Config) -> String {
    config
        .iter()
        .fold(String::new(), |page, (name, value)| page + &masked(name, value).replace('\n', "\\n") + "\n")
}

/// The settings of such a page. Those that were put before, and what Connect has now, are compared in this form: secrets
/// are masked in both.
pub(super) fn of_page(page: &str) -> Config {
    let lines = page.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn masked(name: &str, value: &str) -> String {
    format!("{name}={}", redact::mask_setting(name, value))
}

fn shown(name: &str, value: &str) -> String {
    format!("`{}`", text::cut(&redact::mask_setting(name, value), 80))
}

messages! {
    area "connector-settings";
    added(line) => "{line} (was not set)" / "{line} (n'était pas donné)";
    not_a_setting(name) => "setting `{name}` is neither a text nor a number nor a list of them" / "le paramètre `{name}` n'est ni un texte, ni un nombre, ni une liste de ceux-ci";
    removed(name, before) => "`{name}` removed (was {before})" / "`{name}` retiré (valait {before})";
    set(line, before) => "{line} (was {before})" / "{line} (valait {before})";
    setting_form() => "write settings as Connect knows them: `name: value`" / "écrire les paramètres comme Connect les connaît : `nom: valeur`";
}
