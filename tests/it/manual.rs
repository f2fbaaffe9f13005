//! What a reader writes a plan of their own from: `jalon actions`, the examples of the kinds, and `--help`.

use crate::support::Project;

/// An environment in which every name stands that an example uses.
const ENVIRONMENT: &str = "\
name: lab
clusters:
  source: {bootstrap_servers: '127.0.0.1:1', brokers: 3, zookeeper: ['127.0.0.1:1']}
  target: {bootstrap_servers: '127.0.0.1:1'}
connect: {url: 'http://127.0.0.1:1'}
prometheus: {url: 'http://127.0.0.1:1'}
schema_registry: {url: 'http://127.0.0.1:1'}
exporters: {source-broker-1: 'http://127.0.0.1:1/metrics'}
commands: {stop-broker: ['true'], start-broker: ['true'], broker-is-up: ['true']}
";

#[test]
fn the_example_of_every_kind_is_a_sound_step_as_it_is_printed() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", ENVIRONMENT);
    let list = project.jalon(&["actions", "--json"]).exits(0).stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let kinds = list.as_array().or_else(|| list["kinds"].as_array()).unwrap();
    assert!(kinds.len() >= 18, "{}", kinds.len());
    for (kind, number) in kinds.iter().zip(0..) {
        let kind = kind["kind"].as_str().or_else(|| kind["name"].as_str()).unwrap();
        let shown = project.jalon(&["actions", kind]).exits(0).stdout;
        let example = shown.split_once("\nExample\n").unwrap().1;
        let id = example.split_once("id: ").unwrap().1.split([',', '}', '\n']).next().unwrap();
        let outputs = shown.split_once("\nOutputs").unwrap().1;
        // A number with a unit is above nothing, or it is not; an output without one may be a flag or a text.
        let measured = outputs.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let (name, unit) = (words.next()?, words.next()?);
            ["count", "ms", "s", "B"].contains(&unit).then_some(name)
        });
        let criterion = match (kind, measured) {
            (_, Some(name)) => format!("{id}.{name} > 1"),
            ("manual", None) => format!("{id}.yes"),
            (_, None) => format!("{id}.value > 1"),
        };
        project.step(number, &format!("actions:\n{example}\ncriteria:\n  - expect: {criterion}"));
    }
    project.jalon(&["check"]).exits(0);
}

#[test]
fn the_examples_of_help_fit_80_columns() {
    let project = Project::new();
    let commands = |args: &[&str]| -> Vec<String> {
        let help = project.jalon(&[args, &["--help"]].concat()).exits(0).stdout;
        let Some((_, list)) = help.split_once("Commands:\n") else { return vec![] };
        list.lines()
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .filter(|command| command != "help")
            .collect()
    };
    let mut all: Vec<Vec<String>> = vec![vec![]];
    for command in commands(&[]) {
        all.extend(commands(&[&command]).into_iter().map(|sub| vec![command.clone(), sub]));
        all.push(vec![command]);
    }
    assert!(all.len() > 30, "{all:?}");
    for command in all {
        let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        // Wider than any line, so that nothing is wrapped.
        let output = project.command(&args).env("COLUMNS", "400").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let Some((_, examples)) = help.split_once("\nExample") else { continue };
        for line in examples.lines() {
            assert!(line.chars().count() <= 80, "`jalon {}`: {line}", args.join(" "));
        }
    }
}
