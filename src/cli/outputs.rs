//! What commands print with `--json`: fields may be added, none changes. Each prints a value of the type that is named here.

use super::{
    bundle::{Bundled, Unbundled},
    check::Checked,
    doctor::Examined,
    dry_run::DryRun,
    explain::Explained,
    history,
    kinds::Kind,
    note::{Listed, Unclassified},
    perf::Perf,
    plan::PlanShow,
    prove,
    runs::Row,
    show::as_json::{One, Step},
};
use crate::{
    compare::Comparison, lab, plan::graph::Drawing, prove::Proof, record::Reading, report::StatusModel,
    store::verify::Verified, support::schema::of_output,
};
use schemars::Schema;

/// One command with `--json`: how it is called and the schema of what it prints.
pub(super) type Documented = (&'static str, fn() -> Schema);

/// Every command with `--json` but `log`, which prints the lines of the journal.
pub(super) const OUTPUTS: &[Documented] = &[
    ("actions KIND", of_output::<Kind>),
    ("bundle", of_output::<Bundled<'_>>),
    ("check", of_output::<Checked>),
    ("compare", of_output::<Comparison>),
    ("doctor", of_output::<Examined>),
    ("graph", of_output::<Drawing<'_>>),
    ("history", of_output::<Vec<history::Row>>),
    ("history STEP", of_output::<history::OfStep>),
    ("import", of_output::<Reading>),
    ("lab status", of_output::<lab::Status>),
    ("note --list", of_output::<Vec<Listed<'_>>>),
    ("note --unclassified", of_output::<Vec<Unclassified<'_>>>),
    ("perf", of_output::<Perf>),
    ("plan show", of_output::<PlanShow<'_>>),
    ("prove", of_output::<Proof>),
    ("prove --list", of_output::<Vec<prove::Listed>>),
    ("resume --explain", of_output::<Explained<'_>>),
    ("retry --explain", of_output::<Explained<'_>>),
    ("run --dry-run", of_output::<DryRun<'_>>),
    ("runs", of_output::<Vec<Row>>),
    ("show", of_output::<Step<'_>>),
    ("show STEP/ACTION", of_output::<One<'_>>),
    ("status", of_output::<StatusModel>),
    ("unbundle", of_output::<Unbundled<'_>>),
    ("verify", of_output::<Verified>),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Args;
    use clap::{Command, CommandFactory};

    fn with_json(command: &Command, path: &str, found: &mut Vec<String>) {
        if command.get_arguments().any(|a| a.get_id() == "json") {
            found.push(path.trim().to_owned());
        }
        for sub in command.get_subcommands() {
            with_json(sub, &format!("{path} {}", sub.get_name()), found);
        }
    }

    #[test]
    fn every_command_with_json_is_documented_and_no_other() {
        let mut found = Vec::new();
        with_json(&Args::command(), "", &mut found);
        found.retain(|path| path != "log" && path != "report");
        let documents = |name: &str, path: &str| {
            name == path || name.starts_with(&format!("{path} ")) || path.starts_with(&format!("{name} "))
        };
        for path in &found {
            assert!(
                OUTPUTS.iter().any(|(name, _)| documents(name, path)),
                "`{path} --json` is not documented"
            );
        }
        for (name, _) in OUTPUTS {
            assert!(found.iter().any(|path| documents(name, path)), "no command prints `{name}`");
        }
        assert!(OUTPUTS.is_sorted_by_key(|(name, _)| *name));
    }
}
