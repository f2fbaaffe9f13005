//! The plan that comes with the program.

use crate::support::Ran;
use std::{path::Path, process::Command};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn jalon(args: &[&str]) -> Ran {
    Ran::of(Command::new(env!("CARGO_BIN_EXE_jalon")).args(args).current_dir(root()).output().unwrap())
}

#[test]
fn the_plan_is_sound_in_every_environment_and_profile() {
    for environment in ["lab", "production-example"] {
        for profile in ["smoke", "nominal"] {
            let ran = jalon(&["check", "--env", environment, "--profile", profile]).exits(0);
            assert!(ran.stdout.contains("11 steps"), "{ran:?}");
        }
    }
}

#[test]
fn the_estimate_is_that_of_the_profile() {
    for (profile, told) in [("smoke", "estimated 4 min"), ("nominal", "estimated 34 h")] {
        let ran = jalon(&["check", "--profile", profile]).exits(0);
        assert!(ran.stdout.contains(told), "{ran:?}");
        let dry = jalon(&["run", "--dry-run", "--no-doctor", "--profile", profile]).exits(0);
        assert!(dry.stdout.contains("26 h") == (profile == "nominal"), "{dry:?}");
    }
}

#[test]
fn every_step_has_both_languages_and_leads_to_the_last_one() {
    let graph: serde_json::Value =
        serde_json::from_str(&jalon(&["graph", "--json"]).exits(0).stdout).unwrap();
    let nodes = graph["nodes"].as_array().unwrap();
    assert_eq!(
        nodes.iter().map(|n| n["step"].as_u64().unwrap()).collect::<Vec<_>>(),
        (0..=10).collect::<Vec<_>>()
    );
    for node in nodes {
        for language in ["en", "fr"] {
            assert!(!node["title"][language].as_str().unwrap().is_empty(), "{node}");
        }
        let leads_on = graph["edges"].as_array().unwrap().iter().any(|e| e["from"] == node["step"]);
        assert!(leads_on || node["step"] == 10, "step {} leads nowhere", node["step"]);
    }
}
