//! What the parts of an environment are called in sentences.

use crate::record::messages;

messages! {
    area "part";
    cluster(name) => "cluster {name}" / "cluster {name}";
    connect() => "Connect" / "Connect";
    exporter(name) => "exporter {name}" / "exporteur {name}";
    grafana() => "Grafana" / "Grafana";
    prometheus() => "Prometheus" / "Prometheus";
    schema_registry() => "schema registry" / "registre de schémas";
    schema_registry_named(name) => "schema registry {name}" / "registre de schémas {name}";
    trogdor() => "Trogdor" / "Trogdor";
    zookeeper(cluster) => "ZooKeeper {cluster}" / "ZooKeeper {cluster}";
}
