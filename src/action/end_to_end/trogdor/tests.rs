//! Statuses as agents of Kafka 3.7.2 told them.

use super::*;
use crate::clients::{Environment, trogdor::Task};

fn action(params: &str) -> EndToEnd {
    let all = format!("{{cluster: s, topic: t, record_size: 100, driver: trogdor, {params}}}");
    serde_yaml::from_str(&all).unwrap()
}

#[test]
fn what_trogdor_cannot_do_is_refused_with_the_reason() {
    for (params, expected) in [
        ("rate: 1000/s", "no end"),
        ("records: 9, rate: 1000/s, target: other", "reads where it sends"),
        ("records: 9, rate: 1000/s, target_topic: u", "reads where it sends"),
        ("records: 9, rate: 1000/s, warm_up: 5", "no warm-up"),
        ("records: 9, rate: 1000/s, within: 2s", "5s or more"),
        ("records: 9, rate: 1000/s, payload: letters", "random bytes or zeros"),
        ("records: 9, rate: 1000/s, consumer: {enable.auto.commit: false}", "commit"),
        ("records: 9, rate: 1005/s", "ask for 1010/s"),
        ("records: 9, rate: {burst: {records: 500, every: 1s}}", "one rate for the whole load"),
        ("duration: 9s, rate: unlimited", "a number of records"),
        ("records: 9, duration: 9s, rate: unlimited", "ends with its records"),
        ("records: 3000000000, rate: 1000/s", "cannot distinguish 3000000000 records"),
    ] {
        let ActionError::Misconfigured { message, hint } = action(params).trogdor_load().unwrap_err() else {
            panic!("{params}")
        };
        assert!(format!("{message}; {hint}").contains(expected), "{params}: {message}; {hint}");
    }
    let load = action("duration: 3s, rate: 1000/s, target_topic: t").trogdor_load().unwrap();
    assert_eq!((load.records, load.duration), (Some(3000), None));
}

/// 20,000 records at 1000/s by two agents, seen every second; the last are read `behind` seconds after they were sent.
fn course(grown: u64, read: u64, behind: u64) -> Course {
    let mut course =
        Course { sent: Growth::from(500), read: Growth::from(500), grown: Some(grown), late: false };
    for s in 0..=40_u64 {
        course.sent.see(Duration::from_secs(s), 500 + (s * 1000).min(grown));
        course.read.see(Duration::from_secs(s), 500 + (s.saturating_sub(behind) * 1000).min(read));
    }
    course
}

fn figures(statuses: &[Json], course: &Course) -> Evidence {
    let load =
        Load { records: Some(20_000), duration: None, rate: Some(1000), size: 1_048_576, zeros: false };
    let outcomes = statuses
        .iter()
        .enumerate()
        .map(|(agent, status)| {
            let task =
                json!({"state": "DONE", "startedMs": 1, "doneMs": 2, "cancelled": false, "status": status});
            let raw = task.to_string().into_bytes();
            (agent.to_string(), (serde_json::from_value::<Task>(task).unwrap(), raw))
        })
        .collect();
    evidence(&load, statuses.len(), &outcomes, course)
}

fn told(sent: u64, received: u64) -> Json {
    json!({"totalUniqueSent": sent, "totalReceived": received})
}

fn missing(evidence: &Evidence, name: &str) -> String {
    match evidence.get(name).unwrap() {
        Value::Missing(why) => why.to_string(),
        other => panic!("{name}: {other}"),
    }
}

#[test]
fn a_load_of_which_all_came_back_has_lost_nothing_and_has_no_latency() {
    let evidence = figures(&[told(10_000, 10_000), told(10_000, 10_000)], &course(20_000, 20_000, 2));
    for (name, expected) in [
        ("records_asked", 20_000),
        ("records_sent", 20_000),
        ("records_failed", 0),
        ("records_arrived", 20_000),
        ("lost", 0),
        ("duplicated", 0),
    ] {
        assert_eq!(evidence.get(name), Some(&Value::count(expected)), "{name}");
    }
    assert_eq!(evidence.get("complete"), Some(&Value::Flag(true)));
    for name in ["throughput.records_per_s", "throughput.mb_per_s"] {
        let rate = evidence.get(name).unwrap().as_f64().unwrap();
        assert!((rate - 1000.0).abs() < 1e-9, "{name}: {rate}");
    }
    assert!((evidence.get("achieved_ratio").unwrap().as_f64().unwrap() - 1.0).abs() < 1e-9);
    for name in ["latency_ms.p99", "send_latency_ms.max", "ack_latency_ms.avg", "catch_up_s"] {
        assert!(missing(&evidence, name).contains("keeps no times"), "{name}");
    }
    for output in EndToEnd::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no {}", output.name);
    }
}

#[test]
fn a_topic_that_grew_by_more_than_arrived_does_not_tell_what_was_repeated() {
    let evidence = figures(&[told(20_000, 20_000)], &course(20_017, 20_000, 0));
    assert!(missing(&evidence, "duplicated").contains("sent again"));
    assert_eq!(evidence.get("lost"), Some(&Value::count(0)));
}

#[test]
fn what_agents_read_with_a_group_of_their_own_does_not_count_as_arrived() {
    for late in [false, true] {
        let mut course = course(20_000, 0, 0);
        course.late = late;
        let evidence = figures(&[told(10_000, 10_000), told(10_000, 10_000)], &course);
        for name in ["records_arrived", "records_sent", "lost", "duplicated", "complete"] {
            assert!(missing(&evidence, name).contains("a group of their own"), "{name}");
        }
    }
    let of = |version: &str| -> Environment {
        let agents = format!("agents: {{a: 'http://a:8888'}}, version: '{version}'");
        serde_yaml::from_str(&format!("name: lab\ntrogdor: {{url: 'http://c:8889', {agents}}}")).unwrap()
    };
    for (version, refused) in
        [("3.9.1", false), ("4.0.0", true), ("4.2", true), ("v4.1", true), ("trunk", false)]
    {
        assert_eq!(has_own_group(&of(version)), refused, "{version}");
    }
}

#[test]
fn of_a_load_that_was_stopped_the_old_figures_of_its_agents_count_for_nothing() {
    // 30 s old, of an agent that went on since; and of one that never began.
    for statuses in [[told(10_000, 10_000), told(8000, 7900)], [told(10_000, 10_000), Json::Null]] {
        let mut course = course(19_000, 18_950, 0);
        course.late = true;
        let late = figures(&statuses, &course);
        for name in ["records_sent", "records_failed", "records_arrived", "lost", "duplicated"] {
            assert!(missing(&late, name).contains("stopped before"), "{name}");
        }
        assert_eq!(
            late.get("complete"),
            Some(&Value::Flag(false)),
            "what the topic has did not arrive in time"
        );
        let said = late.remarks.join("; ");
        assert!(said.contains("topic grew by 19000") && said.contains("cover 18950"), "{said}");
        course.late = false;
        assert!(missing(&figures(&statuses, &course), "complete").contains("stopped before"));
    }
}

#[test]
fn the_tool_of_kafka_is_no_driver_and_the_reason_is_told_before_a_run() {
    let action: EndToEnd = serde_yaml::from_str(
        "{cluster: s, topic: t, record_size: 100, rate: 10/s, records: 9, driver: kafka-tools}",
    )
    .unwrap();
    let told = action.mistakes(&crate::action::load_client::testing::environment(&[("s", "s:9092")]));
    assert!(told.len() == 1 && format!("{told:?}").contains("puts no load"), "{told:?}");
}
