//! A lab without ZooKeeper, on the newest Kafka, secure: what a campaign does there, and what belongs to the other mode.

use crate::support::lab::{Lab, has_kafka};
use std::fs;

const STEP: &str = "actions:
  - cluster: {id: nodes, cluster: source}
  - kraft: {id: quorum, cluster: source}
  - certificates: {id: tls}
  - topic: {id: made, cluster: source, name: orders, partitions: 2, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: orders, records: 100, record_size: 100 B, rate: 1000/s}
  - consume: {id: read, cluster: source, topic: orders, group: readers, records: 100, idle_timeout: 20s}
  - config-audit:
      id: audit
      cluster: source
      brokers:
        - {setting: auto.create.topics.enable, expected: false}
        - {setting: zookeeper.session.timeout.ms, expected: '<= 18000'}
criteria:
  - expect: nodes.brokers == 1 && quorum.voters == 1 && quorum.max_voter_lag <= 1000
  - expect: quorum.leader == 1 && quorum.epoch >= 1
  - expect: tls.servers == 1 && tls.unread == 0 && tls.expired == 0 && tls.days_left > 30
  - expect: load.records_failed == 0 && read.records == 100
  - expect: audit.deviations == 0 && audit.not_found == 0 && audit.settings_checked == 1";

#[test]
fn a_campaign_runs_on_kafka_4_without_zookeeper() {
    if !has_kafka("a_campaign_runs_on_kafka_4_without_zookeeper") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    let up =
        ["up", "--kafka=4.3.1", "--secure", "--brokers=1", "--no-target", "--no-connect", "--no-registry"];
    lab.lab(&[&up[..], &["--no-prometheus", "--within=4m", &base]].concat()).exits(0);
    let environment = lab.lab(&["environment"]).exits(0).stdout;
    assert!(
        environment.contains("--kafka 4.3.1 --secure") && !environment.contains("zookeeper"),
        "{environment}"
    );
    // A second start of the broker finds its data as they are.
    lab.lab(&["fault", "kill", "source-broker-1"]).exits(0);
    lab.lab(&["fault", "start", "source-broker-1"]).exits(0);
    let project = &lab.project;
    project.file("plan/environments/lab.yaml", &environment).step(0, STEP);
    let ran =
        crate::support::Ran::of(project.command(&["run"]).env_remove("JALON_NO_DOCTOR").output().unwrap());
    ran.exits(0);
    let folder = project.path().join(".jalon/lab/secrets/campaign.password");
    let password = fs::read_to_string(folder).unwrap();
    let log = fs::read_to_string(project.path().join(".jalon/lab/logs/source-broker-1.log")).unwrap();
    assert!(!log.contains(password.trim()), "the password is in the broker's log");
    let told = project.jalon(&["doctor", "--write-probe"]).exits(0).stdout;
    assert!(told.contains("with KRaft") && told.contains("write probe: a record was written"), "{told}");
    lab.lab(&["down", "--purge"]).exits(0);
}
