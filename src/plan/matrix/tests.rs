//! What a matrix is written out to.

use super::*;

fn expanded(yaml: &str) -> (Vec<Entry>, Families, Vec<Problem>) {
    let source = Source::new("steps/05.md", yaml);
    let node = Node::parse(&source, 0, yaml.len()).unwrap();
    let Content::List(entries) = &node.content else { panic!("the test has a list") };
    let mut problems = Vec::new();
    let (entries, families) = expand(&source, entries, &mut problems);
    (entries, families, problems)
}

fn criterion(families: &Families, text: &str) -> Vec<String> {
    let yaml = format!("expect: {text}");
    let source = Source::new("steps/05.md", yaml.as_str());
    let node = Node::parse(&source, 0, yaml.len()).unwrap();
    let nodes = families.criterion(&source, &node, &mut Vec::new());
    nodes.iter().map(|n| n.get("expect").unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_action_is_written_once_for_every_combination() {
    let (entries, families, problems) = expanded(
        "- produce:
    id: size
    matrix: {record_size: [1 KiB, 10 KiB], acks: [all, 1], exclude: [{acks: 1, record_size: 10 KiB}], stop_when: size.saturated}
    record_size: '{{ matrix.record_size }}'
    topic: 'perf.{{ matrix.acks }}'
    properties: {acks: '{{ matrix.acks }}'}
",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let json: Vec<Value> = entries.iter().map(|e| e.node.to_json()["produce"].clone()).collect();
    let ids: Vec<_> = json.iter().map(|j| j["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["size_1kib_all", "size_1kib_1", "size_10kib_all"]);
    assert_eq!(json[1]["properties"]["acks"], 1, "a whole expression keeps its type");
    assert_eq!(json[1]["topic"], "perf.{{ 1 }}");
    assert_eq!(json[0]["topic"], "perf.{{ \"all\" }}");
    assert!(json.iter().all(|j| j.get("matrix").is_none()));
    let cells: Vec<_> = entries.iter().map(|e| e.cells[0].as_ref().unwrap()).collect();
    assert_eq!(cells[0].row, cells[1].row);
    assert_ne!(cells[1].row, cells[2].row);
    assert_eq!(cells[1].stop_when.as_ref().unwrap().text(), "size_1kib_1.saturated");
    assert_eq!(cells[2].scenario.values["record_size"], "10 KiB");
    assert_eq!(
        criterion(&families, "size.errors == 0 && size.name != 'size.x'"),
        [
            "size_1kib_all.errors == 0 && size_1kib_all.name != 'size.x'",
            "size_1kib_1.errors == 0 && size_1kib_1.name != 'size.x'",
            "size_10kib_all.errors == 0 && size_10kib_all.name != 'size.x'",
        ]
    );
    assert_eq!(
        criterion(&families, "size.p99 <= 2 * previous.size.p99")[0],
        "size_1kib_all.p99 <= 2 * previous.size_1kib_all.p99"
    );
    assert_eq!(criterion(&families, "other.size == 1"), ["other.size == 1"]);
    assert_eq!(families.artifacts("size/windows.csv").len(), 3);
    assert_eq!(families.artifacts("urp/samples.csv"), ["urp/samples.csv"]);
}

#[test]
fn a_group_is_written_with_its_own_ids() {
    let (entries, families, problems) = expanded(
        "- matrix:
    settings: {plain: {name: a, linger.ms: 0}, batched: {name: '{{ profile.name }}', linger.ms: 20, batch.size: '{{ profile.batch }}'}}
    actions:
      - topic: {id: t, name: 'perf.{{ matrix.settings.name }}'}
      - parallel:
          - produce: {id: p, topic: '{{ t.name }}', properties: '{{ matrix.settings }}'}
          - wait: {for: 1s}
",
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(entries.len(), 4);
    let group = entries[3].node.to_json();
    let produce = &group["parallel"][0]["produce"];
    assert_eq!(produce["id"], "p_batched");
    assert_eq!(produce["topic"], "{{ t_batched.name }}");
    assert_eq!(produce["properties"]["batch.size"], "{{ profile.batch }}");
    assert_eq!(entries[2].node.to_json()["topic"]["name"], "perf.{{ (profile.name) }}");
    assert_eq!(group["parallel"][1]["wait"]["id"], "wait_batched");
    assert_eq!(criterion(&families, "p.x < t.y"), ["p_plain.x < t_plain.y", "p_batched.x < t_batched.y"]);
}

#[test]
fn scenarios_inside_a_group_run_together() {
    let (entries, families, problems) = expanded(
        "- parallel:
    - scrape: {id: broker, matrix: {n: [1, 2]}, exporter: 'broker-{{ matrix.n }}'}
    - wait: {for: 1s}
",
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(entries.len(), 1);
    let group = entries[0].node.to_json();
    assert_eq!(group["parallel"][1]["scrape"]["id"], "broker_2");
    assert_eq!(group["parallel"][2]["wait"]["for"], "1s");
    assert_eq!(entries[0].cells.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(criterion(&families, "broker.up").len(), 2);
}

#[test]
fn what_makes_no_sense_is_told() {
    for (yaml, told) in [
        ("- wait: {for: 1s, matrix: {}}", "no axis"),
        ("- wait: {for: 1s, matrix: {a: []}}", "`a` has no values"),
        ("- wait: {for: 1s, matrix: {a.b: [1]}}", "letters, digits"),
        ("- wait: {for: '{{ matrix.b }}', matrix: {a: [1]}}", "`matrix` has no `b`"),
        ("- wait: {for: '{{ matrix.a.x }}', matrix: {a: [1]}}", "`matrix.a` has no `x`"),
        ("- wait: {for: 1s, matrix: {a: [1 s, 1s]}}", "both be called `wait_1s`"),
        ("- wait: {for: 1s, matrix: {a: [1, 2], exclude: [{a: 3}]}}", "no value `3`"),
        ("- wait: {for: 1s, matrix: {a: [1, 2], exclude: [{b: 3}]}}", "unknown key `b`"),
        ("- wait: {for: 1s, matrix: {a: [1, 2], exclude: [{a: 1}, {a: 2}]}}", "every scenario"),
        ("- wait: {for: 1s, matrix: {a: [1, 2, 3], limit: 2}}", "3 scenarios and the limit is 2"),
        ("- matrix: {a: [1, 2]}", "no actions"),
        (&huge(3, 100, "limit: 9999999"), "has 1000000 scenarios and the limit is 100000"),
        (&huge(4, 100, "limit: 999999999999"), "has 100000000 scenarios and the limit is 100000"),
        (&huge(3, 101, "limit: 5"), "has 1030301 scenarios and the limit is 5"),
        (&huge(12, 100, ""), "has 1000000000000000000000000 scenarios and the limit is 100"),
        (&huge(30, 100, ""), "has more than 340282366920938463463374607431768211455 scenarios"),
    ] {
        let (_, _, problems) = expanded(yaml);
        assert!(problems.iter().any(|p| p.message.contains(told)), "{yaml}: {problems:?}");
    }
}

/// A matrix of so many axes of so many values.
fn huge(axes: usize, values: usize, more: &str) -> String {
    let values: Vec<String> = (0..values).map(|value| value.to_string()).collect();
    let axes: Vec<String> = (0..axes).map(|axis| format!("a{axis}: [{}]", values.join(", "))).collect();
    format!("- wait: {{for: 1s, matrix: {{{}, {more}}}}}", axes.join(", "))
}

#[test]
fn exclusions_name_any_of_the_axes_by_name_or_by_value() {
    let (entries, _, problems) = expanded(
        "- wait: {id: w, for: 1s, matrix: {a: {one: 1, two: 2, uno: 1}, b: [x, y], exclude: [{a: 1, b: y}, {b: x, a: two}]}}",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let ids: Vec<_> =
        entries.iter().map(|e| e.node.to_json()["wait"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["w_one_x", "w_two_y", "w_uno_x"]);
}
