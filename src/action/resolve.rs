//! `resolve`: asks the machine's resolver for the addresses of a host.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output, output,
    service::unless_cancelled,
};
use crate::record::{ActionRole, Evidence, Said, Unit, Value, messages};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeSet, time::Instant};

/// Parameters of `resolve`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolve {
    /// Name of the host, without a port.
    host: String,
}

impl Kind for Resolve {
    const SUMMARY: &'static str = "Asks the machine's resolver for the addresses of a host.";
    const EXAMPLE: &'static str = "resolve: {id: broker_name, host: localhost}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output("addresses", Unit::Count, "Addresses of the host, each once; 0 where the name is not known."),
        output("resolve_ms", Unit::Milliseconds, "Time until the resolver answered."),
    ];
}

#[async_trait::async_trait]
impl Action for Resolve {
    fn describe(&self) -> Said {
        ask(self.host.as_str())
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let start = Instant::now();
        let found = unless_cancelled(cx, async {
            Ok::<_, ActionError>(tokio::net::lookup_host((self.host.as_str(), 0)).await)
        })
        .await?;
        let took = start.elapsed().as_secs_f64() * 1000.0;
        let mut evidence = Evidence::default();
        let addresses: BTreeSet<String> = match found {
            Ok(found) => found.map(|address| address.ip().to_string()).collect(),
            Err(error) => {
                evidence.remark(unknown(self.host.as_str(), error.to_string()));
                BTreeSet::new()
            }
        };
        let artifact = "addresses.json";
        cx.artifacts.write_json(artifact, &json!({ "host": self.host, "addresses": addresses }))?;
        evidence.put_from("addresses", Value::count(addresses.len() as u64), artifact);
        evidence.put_from("resolve_ms", Value::number(took, Unit::Milliseconds), artifact);
        Ok(evidence)
    }
}

messages! {
    area "resolve";
    ask(host) => "ask for the addresses of `{host}`" / "demander les adresses de `{host}`";
    unknown(host, cause) => "`{host}` was not resolved: {cause}" / "`{host}` n'a pas été résolu : {cause}";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, context, shown};

    #[tokio::test]
    async fn a_known_name_has_addresses_and_an_unknown_one_has_none() {
        let (_folder, cx) = context("");
        let known = action("resolve", "{host: localhost}").run(&cx).await.unwrap();
        assert_ne!(shown(&known, "addresses"), "0");
        let unknown = action("resolve", "{host: nobody.invalid}").run(&cx).await.unwrap();
        assert_eq!(shown(&unknown, "addresses"), "0");
        assert!(
            unknown.remarks.iter().any(|said| said.to_string().contains("`nobody.invalid` was not resolved"))
        );
    }
}
