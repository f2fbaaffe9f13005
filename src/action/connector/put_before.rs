//! The settings that an action of this run put before this one, to find out who else changed them since.

use super::{
    super::{ActionContext, ActionError},
    settings,
};
use crate::{
    clients::connect::Config,
    record::{Evidence, Said, Value, messages},
    support::redact,
};

/// The settings that were put, as a page of properties with secrets masked; the name of the connector among them.
pub(super) const PUT: &str = "settings.properties";

/// The output about settings that are others than those which were put before.
pub(super) fn compare(
    cx: &ActionContext,
    connector: &str,
    found: Option<&Config>,
    evidence: &mut Evidence,
) -> Result<(), ActionError> {
    match latest(cx, connector)? {
        Ok((by, put)) => {
            // As it was stored: secrets are masked wherever they stand.
            let now = settings::page(found.unwrap_or(&Config::new()));
            let now = settings::of_page(&String::from_utf8_lossy(&redact::mask_bytes(now.as_bytes())));
            let differ = settings::changes(Some(&now), &put);
            evidence.put("settings_differ", Value::count(differ.len() as u64));
            if !differ.is_empty() {
                evidence.remark(changed_since(by, Said::all(differ)));
            }
        }
        Err(why) => drop(evidence.put("settings_differ", Value::missing(why))),
    }
    Ok(())
}

/// The settings that were put last, and by which action. The inner error is why they are not known.
fn latest(cx: &ActionContext, connector: &str) -> Result<Result<(String, Config), Said>, ActionError> {
    for earlier in cx.earlier.iter().rev() {
        let Some(page) = earlier.artifacts.iter().find(|a| a.path.ends_with(&format!("/{PUT}"))) else {
            continue;
        };
        let bytes = cx.artifacts.read(page)?;
        let put = settings::of_page(&String::from_utf8_lossy(&bytes));
        if put.get("name").is_some_and(|name| name == connector) {
            return Ok(Ok((format!("{}/{}", earlier.step, earlier.action), put)));
        }
    }
    Ok(Err(never_put(connector)))
}

messages! {
    area "connector-put-before";
    changed_since(action, changes) => "Connect has other settings than `{action}` put; to get back to them: {changes}" / "Connect a d'autres paramètres que ceux envoyés par `{action}` ; pour y revenir : {changes}";
    never_put(connector) => "no action of this run put settings of `{connector}` before" / "aucune action de cette exécution n'a envoyé de paramètres de `{connector}` auparavant";
}
