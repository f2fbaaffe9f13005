//! A campaign from the file of a MirrorMaker 2 that runs by itself: both clusters, and the flow between them.

use crate::{
    cli::CommandError,
    clients::{
        kafka::properties::{self, PropertiesError, Translated},
        mirror_properties::{self, DedicatedFlow},
    },
    discover::draft::FoundFlow,
    record::Said,
    support::text,
};
use std::path::Path;

/// What a campaign takes from the file.
#[derive(Default)]
pub(super) struct Campaign {
    /// How clients log in to the source and to the target.
    pub(super) sides: [Translated; 2],
    /// The flows between them.
    pub(super) flows: Vec<FoundFlow>,
    /// What cannot be carried, but for the clusters'.
    pub(super) remarks: Vec<Said>,
}

/// What the file comes to. `wanted` names the flow; secrets go to files below `secrets`.
pub(super) fn read(file: &Path, wanted: Option<&str>, secrets: &str) -> Result<Campaign, CommandError> {
    let usage = |message: String, hint: &str| CommandError::Usage { message, hint: hint.to_owned() };
    let bytes = properties::read(file).map_err(|cause| {
        let hint = "give the file that `connect-mirror-maker` is started with";
        usage(format!("{} cannot be read: {cause}", text::path(file)), hint)
    })?;
    let in_file = |error: PropertiesError| CommandError::Usage {
        hint: error.hint(),
        message: format!("{}: {error}", text::path(file)),
    };
    let mut read = mirror_properties::read(&bytes).map_err(in_file)?;
    let named = |flow: &DedicatedFlow| format!("{}->{}", flow.source, flow.target);
    let names: Vec<String> = read.flows.iter().map(|flow| format!("`{}`", named(flow))).collect();
    // Both ways between the same two clusters are one campaign.
    let pairs_up = |a: &DedicatedFlow, b: &DedicatedFlow| a.source == b.target && a.target == b.source;
    let chosen = match (wanted, read.flows.as_slice()) {
        (_, []) => {
            let hint = "set `A->B.enabled = true` in it for the flow, by the aliases of `clusters`";
            return Err(usage(format!("{}: no flow is enabled", text::path(file)), hint));
        }
        (Some(wanted), flows) => flows.iter().find(|flow| named(flow) == wanted.replace(' ', "")).cloned(),
        (None, [one]) => Some(one.clone()),
        (None, [one, other]) if pairs_up(one, other) => Some(one.clone()),
        (None, _) => None,
    };
    let Some(chosen) = chosen else {
        let message = match wanted {
            Some(wanted) => format!("{}: flow `{wanted}` is not enabled", text::path(file)),
            None => format!("{}: several flows are enabled", text::path(file)),
        };
        return Err(usage(message, &format!("choose one with `--mirror-flow`: {}", names.join(", "))));
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    let side = |alias: &str, name: &str| read.cluster(alias, folder, name, secrets).map_err(in_file);
    let sides = [side(&chosen.source, "source")?, side(&chosen.target, "target")?];
    let origin = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut flows = Vec::new();
    for flow in read.flows {
        let reversed = pairs_up(&flow, &chosen);
        if reversed || flow == chosen {
            flows.push(found(flow, reversed, &origin));
        } else {
            read.remarks.push(another_flow(named(&flow)));
        }
    }
    Ok(Campaign { sides, flows, remarks: read.remarks })
}

fn found(mut flow: DedicatedFlow, reversed: bool, origin: &str) -> FoundFlow {
    let mut take = |name: &str| flow.settings.remove(name).unwrap_or_default();
    FoundFlow {
        reversed,
        topics: take("topics"),
        groups: take("groups"),
        policy: take("replication.policy.class"),
        separator: take("replication.policy.separator"),
        source_alias: Some(take("source.cluster.alias"))
            .filter(|alias| !alias.is_empty())
            .unwrap_or(flow.source),
        target_alias: Some(take("target.cluster.alias"))
            .filter(|alias| !alias.is_empty())
            .unwrap_or(flow.target),
        connectors: vec![origin.to_owned()],
        config: Some(flow.settings),
    }
}

crate::record::messages! {
    area "init-dedicated";
    another_flow(flow) => "flow `{flow}` is left out: a campaign is of two clusters" / "le flux `{flow}` est laissé de côté : une campagne porte sur deux clusters";
}
