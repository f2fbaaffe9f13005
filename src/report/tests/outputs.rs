//! The outputs that the report asks for by name are outputs of the kinds that it means.

use crate::{
    action::KINDS,
    record::Family,
    report::build::{failover, scenarios},
};

#[test]
fn every_output_that_is_asked_for_by_name_is_promised_by_a_kind() {
    let promised = |output: &str, with: Option<Family>| {
        KINDS.iter().map(|kind| kind.promised()).any(|declared| {
            with.is_none_or(|family| declared.has(family)) && declared.family(output).is_some()
        })
    };
    for (family, _, outputs) in failover::TOLD {
        for (_, output) in outputs {
            assert!(promised(output, Some(family)), "no kind with {family:?} has the output `{output}`");
        }
    }
    for (output, _) in scenarios::FIGURES {
        assert!(promised(output, None), "no kind has the output `{output}`");
    }
    for (output, family) in [
        ("fresh", Family::PageTime),
        ("missing", Family::PageTime),
        ("up", Family::PageTime),
        ("targets_up", Family::TargetsDown),
    ] {
        assert!(promised(output, Some(family)), "no kind with {family:?} has the output `{output}`");
    }
}
