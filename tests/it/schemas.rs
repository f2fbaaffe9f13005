//! What `jalon schema` says, against the files and the outputs that it is about.

use crate::support::Project;
use serde_json::Value;
use std::{fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn printed(project: &Project, args: &[&str]) -> Value {
    let ran = project.jalon(args);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {ran:?}"))
}

/// What a schema finds wrong with a value, with its places.
fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn front_matter(text: &str) -> Value {
    yaml(text.split("\n---\n").next().unwrap().trim_start_matches("---\n"))
}

#[test]
fn every_shipped_file_is_as_its_schema_says() {
    let project = Project::new();
    let files = |folder: &str, extension: &str| {
        let mut paths: Vec<_> =
            fs::read_dir(root().join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == extension));
        paths
    };
    for (kind, paths) in [
        ("step", files("steps", "md")),
        ("campaign", vec![root().join("plan/campaign.yaml")]),
        ("environment", files("plan/environments", "yaml")),
    ] {
        let schema = printed(&project, &["schema", kind]);
        assert!(!paths.is_empty());
        for path in paths {
            let text = fs::read_to_string(&path).unwrap();
            let value = if kind == "step" { front_matter(&text) } else { yaml(&text) };
            let mistakes = mistakes(&schema, &value);
            assert!(mistakes.is_empty(), "{}: {mistakes:#?}", path.display());
        }
    }
}

#[test]
fn a_schema_finds_the_mistakes_that_check_finds() {
    let project = Project::new();
    let schema = printed(&project, &["schema"]);
    let sound = "step: 1\ntitle: One\nactions: [{wait: {for: 1s}}]\ncriteria: [{expect: wait.waited_s > 0}]";
    assert!(mistakes(&schema, &yaml(sound)).is_empty());
    for (was, is) in [
        ("title: One", "titel: One"),
        ("wait: {for: 1s}", "wiat: {for: 1s}"),
        ("{for: 1s}", "{fro: 1s}"),
        ("{for: 1s}", "{for: [1s]}"),
        ("{for: 1s}", "{for: 1s, id: 7}"),
        ("expect: wait", "expects: wait"),
        ("expect: wait.waited_s > 0", "expect: a, always: b"),
        ("criteria: [{expect: wait.waited_s > 0}]", "criteria: []"),
    ] {
        let wrong = sound.replacen(was, is, 1);
        assert!(!mistakes(&schema, &yaml(&wrong)).is_empty(), "{wrong}");
        project.file("steps/01-one.md", &format!("---\n{wrong}\n---\n"));
        project.jalon(&["check"]).exits(3);
    }
}

#[test]
fn what_the_read_commands_print_is_what_is_documented() {
    let project = Project::new();
    project
        .step(0, "watch:\n  - shell: {id: w, argv: [echo]}\ncriteria: [{expect: w.samples > 0}]")
        .step(1, "actions:\n  - wait: {for: 1ms}\ncriteria: [{expect: wait.waited_s > 5}]")
        .step(2, "needs: [1]\nactions: [{wait: {for: 1ms}}]\ncriteria: [{expect: wait.waited_s > 0}]");
    let documented = printed(&project, &["schema", "--output"]);
    let check = |command: &str, args: &[&str]| {
        let schema = &documented[command];
        assert!(schema.is_object(), "{command} is not documented");
        let mut schema = schema.clone();
        close(&mut schema);
        let mistakes = mistakes(&schema, &printed(&project, args));
        assert!(mistakes.is_empty(), "{args:?}, see src/cli/outputs.rs: {mistakes:#?}");
    };
    check("check", &["check", "--json"]);
    fs::remove_file(project.path().join("steps/00-step.md")).unwrap();
    project.jalon(&["run"]).exits(1);
    check("check", &["check", "--json"]);
    check("graph", &["graph", "--json"]);
    check("plan show", &["plan", "show", "1", "--resolved", "--json"]);
    check("actions KIND", &["actions", "produce", "--json"]);
    check("runs", &["runs", "--json"]);
    check("status", &["status", "--json"]);
    check("show", &["show", "1", "--json"]);
    check("show", &["show", "2", "--json"]);
    check("show STEP/ACTION", &["show", "1/wait", "--json"]);
    check("history", &["history", "--json"]);
    check("history STEP", &["history", "1", "--json"]);
    check("run --dry-run", &["run", "--dry-run", "--json"]);
    check("resume --explain", &["resume", "--explain", "--json"]);
    check("retry --explain", &["retry", "1", "--explain", "--json"]);
    check("bundle", &["bundle", "--out", "b.tar.gz", "--json"]);
    check("unbundle", &["unbundle", "b.tar.gz", "--into", "other", "--json"]);
    project.file("notes.txt", crate::import::NOTES);
    check("import", &["import", "notes.txt", "--day", "2026-03-02", "--json"]);
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    project.jalon(&["note", "risk", "a full disk", "--step", "1"]).exits(0);
    check("note --list", &["note", "--list", "--json"]);
    check("note --unclassified", &["note", "--unclassified", "--json"]);
    check("verify", &["verify", "--json"]);
    check("lab status", &["lab", "status", "--json"]);
    for output in ["verify", "actions", "show STEP/ACTION", "history STEP"] {
        project.jalon(&["schema", "--output", output]).exits(0);
    }
    project.jalon(&["schema", "--output", "verfy"]).exits(2).says(&["did you mean `verify`?"]);
}

/// Lets no field pass that is not described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if entries.contains_key("properties") && !entries.contains_key("additionalProperties") {
                entries.insert("additionalProperties".to_owned(), false.into());
            }
            entries.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn the_schemas_are_written_where_editors_look() {
    let project = Project::new();
    let ran = project.jalon(&["schema", "--write"]).exits(0);
    assert!(ran.stdout.contains("# yaml-language-server: $schema=../.jalon/schema/campaign.json"), "{ran:?}");
    for kind in ["step", "campaign", "environment"] {
        let path = project.path().join(format!(".jalon/schema/{kind}.json"));
        let written: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(written, printed(&project, &["schema", kind]));
    }
}
