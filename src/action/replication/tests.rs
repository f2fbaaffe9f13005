//! `replication` on two mock clusters.

use super::*;
use crate::{
    action::load_client::testing::{context, environment},
    load::MockCluster,
    record::Value,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_lost_and_every_output_is_there() {
    let (source, target) = (MockCluster::new(1).unwrap(), MockCluster::new(1).unwrap());
    source.create_topic("load", 2, 1).unwrap();
    target.create_topic("source.load", 2, 1).unwrap();
    let clusters = [("source", &*source.bootstrap_servers()), ("target", &*target.bootstrap_servers())];
    let root = tempfile::tempdir().unwrap();
    let (cx, _progress) = context(root.path(), environment(&clusters));
    let produce = serde_json::json!({"cluster": "source", "topic": "load", "records": 100, "record_size": 100,
        "rate": "unlimited", "sequence": true});
    let produce = (crate::action::kind("produce").unwrap().parse)(&produce).unwrap();
    let replication =
        serde_json::json!({"source": "source", "target": "target", "topic": "load", "within": "2s"});
    let replication: Replication = serde_json::from_value(replication).unwrap();

    let failure = replication.run(&cx).await.unwrap_err();
    assert!(failure.error.to_string().contains("holds no record"), "{}", failure.error);

    produce.run(&cx).await.unwrap();
    let evidence = replication.run(&cx).await.unwrap();
    for output in Replication::OUTPUTS {
        assert!(evidence.get(output.name).is_some(), "no {}", output.name);
    }
    assert_eq!(evidence.get("lost"), Some(&Value::count(100)));
    assert_eq!(evidence.get("complete"), Some(&Value::Flag(false)));
    assert!(matches!(evidence.get("catch_up_s"), Some(Value::Missing(why)) if why.contains("100 records")));
    assert!(evidence.remarks.iter().any(|r| r.contains("had not arrived within 2 s")), "{evidence:?}");
}
