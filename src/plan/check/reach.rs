//! Addresses and commands of an environment that are of the right type and could never work: a broker without a port, a URL
//! of no scheme that is spoken, a command without a program.

use crate::clients::{Endpoint, Environment, Workers};
use url::Url;

/// A value that cannot work: where it is, what is wrong with it, what to write.
pub(super) type Useless = (Vec<String>, String, String);

/// Every such value of an environment.
pub(super) fn useless(environment: &Environment) -> Vec<Useless> {
    let mut found = Vec::new();
    let mut add = |path: &[&str], message: String, hint: &str| {
        found.push((path.iter().map(|part| (*part).to_owned()).collect(), message, hint.to_owned()));
    };
    for (name, cluster) in &environment.clusters {
        let path = ["clusters", name, "bootstrap_servers"];
        let servers: Vec<&str> = cluster.bootstrap_servers.split(',').map(str::trim).collect();
        let hint = "write `host:port`, several with commas between them: `broker-1:9092,broker-2:9092`";
        match servers.iter().find_map(|server| no_address(server)) {
            _ if servers.iter().all(|server| server.is_empty()) => {
                add(&path, "`bootstrap_servers` is empty".to_owned(), hint);
            }
            Some(why) => add(&path, why, hint),
            None => {}
        }
        if cluster.brokers == Some(0) {
            let hint = "write how many brokers belong to it, or leave it out";
            add(&["clusters", name, "brokers"], "a cluster of 0 brokers".to_owned(), hint);
        }
        for (at, node) in cluster.zookeeper.iter().enumerate() {
            let at = at.to_string();
            if let Some(why) = no_address(node) {
                let hint =
                    "write `host:port` of each node, without a path: `zookeeper: [zk-1:2181, zk-2:2181]`";
                add(&["clusters", name, "zookeeper", &at], why, hint);
            }
        }
    }
    for (path, url) in urls(environment) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if !matches!(url.scheme(), "http" | "https") {
            let hint = "write it as `http://host:port/path` or `https://…`";
            add(&path, format!("`{url}` does not begin with `http://` or `https://`"), hint);
        }
    }
    for (path, endpoint) in endpoints(environment) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if endpoint.password.is_some() && endpoint.user.is_none() {
            add(&path, "there is a `password` and no `user`".to_owned(), "add `user: …`");
        }
        if endpoint.token.is_some() && (endpoint.user.is_some() || endpoint.password.is_some()) {
            add(
                &path,
                "`token` and `user` exclude each other".to_owned(),
                "leave out the `token`, or `user` and `password`",
            );
        }
        if endpoint.key_file.is_some() && endpoint.certificate_file.is_none() {
            add(
                &path,
                "there is a `key_file` and no `certificate_file`".to_owned(),
                "add the `certificate_file` that belongs to the key",
            );
        }
    }
    for (name, argv) in &environment.commands {
        if argv.first().is_none_or(|program| program.trim().is_empty()) {
            let hint = "write the program and its arguments: `stop: [/opt/bin/stop-broker, --now]`";
            add(&["commands", name], format!("command `{name}` has no program"), hint);
        }
    }
    if let Some(trogdor) = &environment.trogdor
        && trogdor.agents.is_empty()
    {
        let hint = "name at least one agent: `agents: {node0: http://agent-1:8888}`";
        add(&["trogdor", "agents"], "Trogdor without an agent runs no load".to_owned(), hint);
    }
    if let Some(tools) = &environment.kafka_tools {
        let hint = "write `bin: /opt/kafka/bin`, or `class_path: /opt/kafka/libs/*`";
        match (&tools.bin, &tools.class_path) {
            (None, None) => {
                add(&["kafka_tools"], "`kafka_tools` does not say where they are".to_owned(), hint)
            }
            (Some(_), Some(_)) => {
                let message = "`bin` and `class_path` exclude each other".to_owned();
                add(&["kafka_tools", "class_path"], message, "leave one of the two out");
            }
            _ => {}
        }
    }
    for flow in environment.mirror.keys() {
        if let Some((from, to)) = flow.split_once("->").filter(|(from, to)| from.trim() == to.trim()) {
            let message = format!("flow `{flow}` copies cluster `{}` to itself", from.trim());
            let hint = format!("name another target than `{}`: `source->target`", to.trim());
            found.push((vec!["mirror".to_owned(), flow.clone()], message, hint));
        }
    }
    found
}

/// Why a text is not `host:port`.
fn no_address(text: &str) -> Option<String> {
    // Kafka's clients pass over the name of a listener before it.
    let address = text.split_once("://").map_or(text, |(_, address)| address);
    let Some((host, port)) = address.rsplit_once(':').filter(|(host, _)| is_host(host)) else {
        return Some(match address.contains([':', '/']) {
            true => format!("`{text}` is not an address"),
            false => format!("`{text}` has no port"),
        });
    };
    match port.parse::<u16>() {
        Ok(1..) => None,
        _ if host.is_empty() => Some(format!("`{text}` has no host")),
        _ => Some(format!("`{text}`: the port `{port}` is not a number from 1 to 65535")),
    }
}

fn is_host(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains([':', '/', ' ', '@']),
    }
}

/// The services of an environment that are spoken to by HTTP, each with its place.
fn endpoints(environment: &Environment) -> Vec<(Vec<String>, &Endpoint)> {
    let path = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    let workers: Vec<&Endpoint> = environment.connect.iter().flat_map(Workers::all).collect();
    let mut all: Vec<(Vec<String>, &Endpoint)> = Vec::new();
    let several = workers.len() > 1;
    for (at, worker) in workers.into_iter().enumerate() {
        let at = at.to_string();
        all.push((if several { path(&["connect", &at]) } else { path(&["connect"]) }, worker));
    }
    for (key, endpoint) in [
        ("schema_registry", &environment.schema_registry),
        ("prometheus", &environment.prometheus),
        ("grafana", &environment.grafana),
    ] {
        all.extend(endpoint.iter().map(|endpoint| (path(&[key]), endpoint)));
    }
    for (name, registry) in &environment.schema_registries {
        all.push((path(&["schema_registries", name]), registry));
    }
    for (name, exporter) in &environment.exporters {
        all.push((path(&["exporters", name]), &exporter.0));
    }
    all
}

fn urls(environment: &Environment) -> Vec<(Vec<String>, &Url)> {
    let mut all: Vec<(Vec<String>, &Url)> =
        endpoints(environment).into_iter().map(|(path, endpoint)| (path, &endpoint.url)).collect();
    if let Some(trogdor) = &environment.trogdor {
        let path = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        all.push((path(&["trogdor", "url"]), &trogdor.url));
        all.extend(trogdor.agents.iter().map(|(name, url)| (path(&["trogdor", "agents", name]), url)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(yaml: &str) -> Vec<String> {
        let environment: Environment = serde_yaml::from_str(&format!("name: lab\n{yaml}")).unwrap();
        useless(&environment)
            .into_iter()
            .map(|(path, message, _)| format!("{}: {message}", path.join(".")))
            .collect()
    }

    #[test]
    fn what_cannot_work_is_told_and_what_can_is_not() {
        for (yaml, expected) in [
            ("clusters: {a: {bootstrap_servers: 'h:9092, [::1]:9092,SSL://k:1'}}", None),
            ("clusters: {a: {bootstrap_servers: h}}", Some("clusters.a.bootstrap_servers: `h` has no port")),
            (
                "clusters: {a: {bootstrap_servers: 'h:9092,k'}}",
                Some("clusters.a.bootstrap_servers: `k` has no port"),
            ),
            (
                "clusters: {a: {bootstrap_servers: 'h:99999'}}",
                Some(
                    "clusters.a.bootstrap_servers: `h:99999`: the port `99999` is not a number from 1 to 65535",
                ),
            ),
            (
                "clusters: {a: {bootstrap_servers: ''}}",
                Some("clusters.a.bootstrap_servers: `bootstrap_servers` is empty"),
            ),
            (
                "clusters: {a: {bootstrap_servers: 'h:1', zookeeper: ['z:2181/kafka']}}",
                Some(
                    "clusters.a.zookeeper.0: `z:2181/kafka`: the port `2181/kafka` is not a number from 1 to 65535",
                ),
            ),
            (
                "clusters: {a: {bootstrap_servers: 'h:1', brokers: 0}}",
                Some("clusters.a.brokers: a cluster of 0 brokers"),
            ),
            ("connect: {url: 'http://c:8083', user: u, password: 'env:P'}", None),
            (
                "prometheus: {url: 'localhost:9090'}",
                Some("prometheus: `localhost:9090` does not begin with `http://` or `https://`"),
            ),
            (
                "exporters: {e: 'ftp://h/metrics'}",
                Some("exporters.e: `ftp://h/metrics` does not begin with `http://` or `https://`"),
            ),
            (
                "grafana: {url: 'http://g', password: 'env:P'}",
                Some("grafana: there is a `password` and no `user`"),
            ),
            (
                "grafana: {url: 'http://g', user: u, token: 'env:P'}",
                Some("grafana: `token` and `user` exclude each other"),
            ),
            ("commands: {stop: []}", Some("commands.stop: command `stop` has no program")),
            ("kafka_tools: {}", Some("kafka_tools: `kafka_tools` does not say where they are")),
            (
                "clusters: {a: {bootstrap_servers: 'h:1'}}\nmirror: {'a->a': {}}",
                Some("mirror.a->a: flow `a->a` copies cluster `a` to itself"),
            ),
            (
                "trogdor: {url: 'http://t', agents: {}}",
                Some("trogdor.agents: Trogdor without an agent runs no load"),
            ),
        ] {
            assert_eq!(told(yaml).first().map(String::as_str), expected, "{yaml}");
        }
    }
}
