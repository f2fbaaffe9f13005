//! `certificates`: when the TLS certificates of brokers and services expire.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output,
    kafka_access::Access, output, service::unless_cancelled, text_output,
};
use crate::{
    clients::{
        Environment,
        certificates::{self, Certificate, SOON},
        part,
    },
    record::{ActionRole, Evidence, Family, Said, Speaks, Unit, Value, messages},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many are named in remarks.
const NAMED: usize = 10;

/// Parameters of `certificates`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificates {
    /// Further servers that speak TLS, as `host:port`: a load balancer, a proxy.
    #[serde(default)]
    addresses: Vec<String>,
}

/// One server and what it showed.
#[derive(Debug, Serialize)]
struct Row {
    part: Said,
    server: String,
    #[serde(flatten)]
    certificate: Option<Certificate>,
    error: Option<Said>,
}

impl Kind for Certificates {
    const SUMMARY: &'static str = "Reads the TLS certificates of the brokers and of the services with `https`, and when \
        each one expires. It does not check trust: the actions that log in do.";
    const EXAMPLE: &'static str = "certificates: {id: certificates, addresses: ['kafka.example.com:9093']}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output("servers", Unit::Count, "Servers that were asked."),
        output(
            "unread",
            Unit::Count,
            "Of them those that showed no certificate. Missing where no server was asked.",
        ),
        output("expired", Unit::Count, "Certificates that have expired. Missing where none was read."),
        output(
            "days_left",
            Unit::None,
            "Days until the first certificate expires; below 0 where one has. Missing where none was read.",
        )
        .signed()
        .of(Family::CertificateDays),
        text_output("first", "Server whose certificate expires first."),
    ];
}

#[async_trait::async_trait]
impl Action for Certificates {
    fn describe(&self) -> Said {
        read_certificates()
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, _environment: &Environment) -> Vec<Mistake> {
        let has_port = |server: &str| {
            server
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        let wrong = self.addresses.iter().filter(|server| !server.contains("{{") && !has_port(server));
        let mistake = |server: &String| {
            Mistake::new(
                "addresses",
                format!("`{server}` is not `host:port`"),
                "add the port: `kafka.example.com:9093`",
            )
        };
        wrong.map(mistake).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut evidence = Evidence::default();
        let mut asked: BTreeMap<String, Said> = BTreeMap::new();
        for (part, servers) in certificates::places(&cx.environment) {
            asked.extend(servers.into_iter().map(|server| (server, part.clone())));
        }
        for (name, cluster) in cx.environment.clusters.iter().filter(|(_, c)| certificates::speaks_tls(c)) {
            // Beside those that clients begin with, every broker.
            match brokers(cx, name).await {
                Ok(brokers) => {
                    asked.extend(brokers.into_iter().map(|server| (server, part::cluster(name))));
                }
                Err(why) => {
                    evidence.remark(brokers_unknown(name, &cluster.bootstrap_servers, why.said()));
                }
            }
        }
        asked.extend(self.addresses.iter().map(|server| (server.clone(), Said::verbatim("addresses"))));
        let answers = unless_cancelled(cx, async {
            Ok::<_, ActionError>(certificates::of_servers(asked.keys().cloned().collect()).await)
        })
        .await?;
        let rows: Vec<Row> = answers
            .into_iter()
            .zip(asked.into_values())
            .map(|((server, answer), part)| match answer {
                Ok(certificate) => Row { part, server, certificate: Some(certificate), error: None },
                Err(why) => Row { part, server, certificate: None, error: Some(why) },
            })
            .collect();
        tell(&mut evidence, &rows);
        if !cx.sampling {
            cx.artifacts.write_json("certificates.json", &rows)?;
            evidence
                .values
                .values_mut()
                .for_each(|measured| measured.from = Some("certificates.json".to_owned()));
        }
        Ok(evidence)
    }
}

/// Every broker that the cluster names.
async fn brokers(cx: &ActionContext, name: &str) -> Result<Vec<String>, ActionError> {
    let access = Access::to(cx, name).await?;
    let topology = access.ask(cx, access.admin.topology()).await?;
    Ok(topology.brokers.into_iter().map(|broker| format!("{}:{}", broker.host, broker.port)).collect())
}

fn tell(evidence: &mut Evidence, rows: &[Row]) {
    let mut read: Vec<(&Certificate, &Row)> =
        rows.iter().filter_map(|row| Some((row.certificate.as_ref()?, row))).collect();
    read.sort_by_key(|(certificate, _)| certificate.valid_until);
    let none = || Value::missing(if rows.is_empty() { no_tls() } else { none_read() });
    let or_none = |value: Option<Value>| value.unwrap_or_else(none);
    let first = read.first();
    let expired = read.iter().filter(|(certificate, _)| certificate.days_left < 0).count();
    evidence
        .put("servers", Value::count(rows.len() as u64))
        .put("unread", or_none((!rows.is_empty()).then(|| Value::count((rows.len() - read.len()) as u64))))
        .put("expired", or_none(first.map(|_| Value::count(expired as u64))))
        .put("days_left", or_none(first.map(|(certificate, _)| days(certificate.days_left))))
        .put("first", or_none(first.map(|(_, row)| Value::text(Said::verbatim(row.server.clone())))));
    let ending = read.iter().filter(|(certificate, _)| certificate.days_left < SOON);
    for (certificate, row) in ending.take(NAMED) {
        let day = certificate.valid_until.strftime("%Y-%m-%d").to_string();
        evidence.remark(match certificate.days_left {
            left if left < 0 => expired_since(&row.part, &row.server, day),
            left => expires(&row.part, &row.server, day, left),
        });
    }
    for row in rows.iter().filter(|row| row.error.is_some()).take(NAMED) {
        let why = row.error.clone().unwrap_or_else(none_read);
        evidence.remark(shows_none(&row.part, &row.server, why));
    }
}

#[expect(clippy::cast_precision_loss, reason = "days of a certificate are below 2^53")]
fn days(left: i64) -> Value {
    Value::number(left as f64, Unit::None)
}

messages! {
    area "certificates-kind";
    brokers_unknown(cluster, servers, why) => "the brokers of cluster `{cluster}` are not known ({why}): only {servers} were asked" / "les brokers du cluster `{cluster}` ne sont pas connus ({why}) : seuls {servers} ont été interrogés";
    expired_since(part, server, day) => "{part}: the certificate of {server} expired on {day}" / "{part} : le certificat de {server} a expiré le {day}";
    expires(part, server, day, left) => "{part}: the certificate of {server} expires on {day}, in {left} {left|day|days}" / "{part} : le certificat de {server} expire le {day}, dans {left} {left|jour|jours}";
    no_tls() => "nothing in the environment speaks TLS" / "rien dans l'environnement ne parle TLS";
    none_read() => "no certificate could be read" / "aucun certificat n'a pu être lu";
    read_certificates() => "read the certificates of brokers and services" / "lire les certificats des brokers et des services";
    shows_none(part, server, why) => "{part}: {server}: {why}" / "{part} : {server} : {why}";
}
