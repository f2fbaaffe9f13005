//! Services that only have to answer: ZooKeeper nodes, the schema registry, Grafana.

use super::{clocks, finding::Finding};
use crate::{
    clients::{
        Endpoint, connect,
        http::{self, Client, Method, Response},
        part, prometheus, zookeeper,
    },
    record::{Said, Speaks, messages},
};
use std::time::Duration;
use url::Url;

/// What was found of a ZooKeeper node.
pub(super) async fn zookeeper(part: &Said, address: &str, limit: Duration) -> Vec<Finding> {
    match zookeeper::read(address, limit).await {
        Ok(reading) => {
            let version = reading.stats.version.split(['-', ',']).next().unwrap_or_default().to_owned();
            vec![Finding::fine(part, node(address, version, reading.stats.mode))]
        }
        Err(zookeeper::ZooKeeperError::Unreachable { cause, .. }) => {
            vec![Finding::fault(part, of(address, cause)).remedy(check_node()).silent()]
        }
        Err(error) => {
            vec![Finding::fault(part, error.said()).remedy(allow_words())]
        }
    }
}

/// What was found of an HTTP service.
pub(super) async fn http(part: &Said, endpoint: &Endpoint, path: &str) -> Vec<Finding> {
    let asked = async { Client::open(part, endpoint).await?.get(path).await };
    match asked.await {
        Ok(answer) => {
            let fine = Finding::fine(part, answers(&answer.address));
            [fine].into_iter().chain(clocks::of_answer(part, &answer)).collect()
        }
        Err(error) => vec![refused(part, &error)],
    }
}

/// The page of an exporter, or why there is none.
pub(super) async fn page(part: &Said, endpoint: &Endpoint) -> Result<Response, Finding> {
    let asked = async {
        let client = Client::open(part, endpoint).await?;
        client.send(client.request(Method::GET, endpoint.url.clone())).await?.accept()
    };
    asked.await.map_err(|error: http::HttpError| refused(part, &error))
}

/// What was found of a coordinator or an agent of Trogdor.
pub(super) async fn trogdor(url: Url, path: &str) -> Vec<Finding> {
    http(&part::trogdor(), &Endpoint::at(url), path).await
}

/// Why Connect has no usable answer.
pub(super) fn of_connect(error: connect::ConnectError) -> Finding {
    match error {
        connect::ConnectError::Http(error) => refused(&part::connect(), &error),
        error => Finding::fault(part::connect(), error.said()),
    }
}

/// Why Prometheus has no usable answer.
pub(super) fn of_prometheus(error: prometheus::PrometheusError) -> Finding {
    match error {
        prometheus::PrometheusError::Http(error) => refused(&part::prometheus(), &error),
        error => Finding::fault(part::prometheus(), error.said()),
    }
}

/// Why there is no usable answer, and what to do.
pub(super) fn refused(part: &Said, error: &http::HttpError) -> Finding {
    let what = match error {
        http::HttpError::Unreachable { address, cause, .. } => of(address, cause),
        other => other.said(),
    };
    let finding = Finding::fault(part, what);
    match error {
        http::HttpError::Refused { status: 401, .. } => finding.remedy(fill_in_user()),
        http::HttpError::Refused { status: 403, .. } => finding.remedy(user_lacks_right()),
        http::HttpError::Refused { .. } | http::HttpError::Unreadable { .. } => {
            finding.remedy(something_else_there())
        }
        http::HttpError::CaFile { .. } | http::HttpError::Invalid { .. } => finding.remedy(correct_service()),
        http::HttpError::Secret(_) => finding.remedy(set_secret()),
        http::HttpError::Unreachable { obstacle: http::Obstacle::Certificate, .. } => {
            finding.remedy(give_authority()).blaming_certificate()
        }
        http::HttpError::Unreachable { .. } => finding.remedy(check_path()).silent(),
    }
}

messages! {
    area "doctor-services";
    allow_words() => "allow `mntr` and `srvr` with `4lw.commands.whitelist` on the node" / "permettre `mntr` et `srvr` par `4lw.commands.whitelist` sur le nœud";
    answers(address) => "{address} answers" / "{address} répond";
    check_node() => "check `zookeeper` of the cluster and the network path: name, port, firewall" / "vérifier `zookeeper` du cluster et le chemin réseau : nom, port, pare-feu";
    check_path() => "check the address and the network path: name, port, proxy, firewall" / "vérifier l'adresse et le chemin réseau : nom, port, proxy, pare-feu";
    correct_service() => "correct the service in the environment's file" / "corriger le service dans le fichier de l'environnement";
    fill_in_user() => "fill in `user` and `password` of the service in the environment's file" / "renseigner `user` et `password` du service dans le fichier de l'environnement";
    give_authority() => "give the authority that signed it with `ca_file`, or have the certificate renewed" / "donner par `ca_file` l'autorité qui l'a signé, ou faire renouveler le certificat";
    node(address, version, mode) => "{address}: version {version}, {mode}" / "{address} : version {version}, {mode}";
    of(address, cause) => "{address}: {cause}" / "{address} : {cause}";
    set_secret() => "set the variable or create the file that the reference names" / "définir la variable ou créer le fichier que la référence nomme";
    something_else_there() => "is there something else at this address, such as a proxy or a log-in page?" / "y a-t-il autre chose à cette adresse, comme un proxy ou une page de connexion ?";
    user_lacks_right() => "the user of the service lacks this right" / "l'utilisateur du service n'a pas ce droit";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[tokio::test]
    async fn a_service_that_nobody_listens_at_is_named_in_both_languages() {
        let endpoint = Endpoint::at("http://127.0.0.1:1/".parse().unwrap());
        let found = http(&part::schema_registry(), &endpoint, "subjects").await;
        let [silence] = &found[..] else { panic!("{found:?}") };
        assert!(silence.is_fault() && silence.is_silence);
        assert_eq!(silence.part.in_language(Language::Fr), "registre de schémas");
        assert!(silence.what.ends_with(": connection refused: nothing listens there"), "{}", silence.what);
        let french = silence.what.in_language(Language::Fr);
        assert!(french.ends_with(" : connexion refusée : rien n'écoute à cette adresse"), "{french}");
        assert_eq!(
            silence.remedy.as_ref().unwrap().in_language(Language::Fr),
            "vérifier l'adresse et le chemin réseau : nom, port, proxy, pare-feu"
        );
    }
}
