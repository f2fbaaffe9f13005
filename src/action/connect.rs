//! `connect`: whether Kafka Connect answers, its version, its connectors and the classes that it can run.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, flag_output,
    mistakes, output,
    service::{self, endpoint, unless_cancelled},
    text_output,
};
use crate::{
    clients::{
        Environment, Workers, connect, http,
        mirror_flow::{CHECKPOINT_CLASS, HEARTBEAT_CLASS, SOURCE_CLASS},
    },
    record::{ActionRole, Evidence, Family, Said, Unit, Value, messages},
};
use serde::Deserialize;
use std::time::Duration;

/// The connectors that MirrorMaker 2 is made of.
const MIRROR_MAKER: [&str; 3] = [CHECKPOINT_CLASS, HEARTBEAT_CLASS, SOURCE_CLASS];

/// Parameters of `connect`: none. It asks the environment's `connect`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Connect {}

impl Kind for Connect {
    const SUMMARY: &'static str = "Asks Kafka Connect for its version, its connectors and its plugins.";
    const EXAMPLE: &'static str = "connect: {id: workers}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        flag_output("up", "Whether the worker answers with success."),
        text_output("version", "Version of the worker that answers."),
        output("connectors", Unit::Count, "Connectors that exist, whatever their state.")
            .of(Family::Connectors),
        output("plugins", Unit::Count, "Connector classes that the worker can run."),
        output(
            "mm2_plugins",
            Unit::Count,
            "How many of MirrorMaker 2's three connector classes are among them.",
        ),
        output("response_ms", Unit::Milliseconds, "Time that the worker took to answer the first request."),
    ];
}

#[async_trait::async_trait]
impl Action for Connect {
    fn describe(&self) -> Said {
        ask_connect()
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        mistakes::service(environment, "", "connect", &environment.connect).into_iter().collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let endpoint = endpoint(cx, "connect", |e| &e.connect)?;
        let asked = unless_cancelled(cx, async { Ok::<_, ActionError>(ask(cx, endpoint).await) }).await?;
        let Asked { root, names, plugins, answers, elapsed, moved } = match asked {
            Ok(asked) => asked,
            // A refusal is evidence: a worker that starts, or a login that is wrong. Only silence is an error.
            Err(
                error @ (connect::ConnectError::Http(
                    http::HttpError::Refused { .. } | http::HttpError::Unreadable { .. },
                )
                | connect::ConnectError::Rebalancing { .. }
                | connect::ConnectError::Refused { .. }),
            ) => {
                let mut evidence = down();
                evidence.remark(error);
                return Ok(evidence);
            }
            Err(error) => return Err(ActionError::from(error).with(down())),
        };
        let mirror_maker = plugins.iter().filter(|p| MIRROR_MAKER.contains(&p.class.as_str())).count();
        let files = ["root.json", "connectors.json", "plugins.json"];
        let mut evidence = Evidence::default();
        evidence
            .put_from("up", Value::Flag(true), files[0])
            .put_from("version", Value::text(Said::verbatim(root.version)), files[0])
            .put_from("connectors", Value::count(names.len() as u64), files[1])
            .put_from("plugins", Value::count(plugins.len() as u64), files[2])
            .put_from("mm2_plugins", Value::count(mirror_maker as u64), files[2])
            .put("response_ms", milliseconds(elapsed));
        evidence.remarks.extend(moved);
        if cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = None);
        } else {
            for (name, answer) in files.iter().zip(answers) {
                cx.artifacts.write(name, "application/json", &answer.body)?;
            }
        }
        Ok(evidence)
    }
}

struct Asked {
    root: connect::Root,
    names: Vec<String>,
    plugins: Vec<connect::Plugin>,
    answers: [http::Response; 3],
    elapsed: Duration,
    /// Which worker answered, where it was not the first.
    moved: Option<Said>,
}

async fn ask(cx: &ActionContext, workers: &Workers) -> Result<Asked, connect::ConnectError> {
    let connect = service::connect(cx, workers).await?;
    let (root, root_answer) = connect.root().await?;
    let (names, names_answer) = connect.names().await?;
    let (plugins, plugins_answer) = connect.plugins().await?;
    let elapsed = root_answer.elapsed;
    let answers = [root_answer, names_answer, plugins_answer];
    Ok(Asked { root, names, plugins, answers, elapsed, moved: connect.moved() })
}

fn down() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("up", Value::Flag(false));
    for name in ["version", "connectors", "plugins", "mm2_plugins", "response_ms"] {
        evidence.put(name, Value::missing(not_up()));
    }
    evidence
}

fn milliseconds(elapsed: Duration) -> Value {
    Value::number(elapsed.as_secs_f64() * 1000.0, Unit::Milliseconds)
}

messages! {
    area "connect";
    ask_connect() => "ask Kafka Connect for its version, connectors and plugins" / "demander à Kafka Connect sa version, ses connecteurs et ses plugins";
    not_up() => "Connect is not up" / "Connect ne répond pas";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, shown};
    use super::*;
    use serde_json::json;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{method, path},
    };

    #[tokio::test]
    async fn a_worker_with_mirror_maker_is_described() {
        let server = MockServer::start().await;
        for (at, body) in [
            ("/", json!({"version": "3.7.2", "commit": "x", "kafka_cluster_id": "k"})),
            ("/connectors", json!(["a", "b"])),
            (
                "/connector-plugins",
                json!([{"class": MIRROR_MAKER[0], "type": "source", "version": "3.7.2"}, {"class": "x.Y"}]),
            ),
        ] {
            Mock::given(path(at))
                .respond_with(ResponseTemplate::new(200).set_body_json(body))
                .mount(&server)
                .await;
        }
        let (_folder, mut cx) = context(&format!("connect: {{url: '{}'}}", server.uri()));
        let evidence = action("connect", "{}").run(&cx).await.unwrap();
        keeps_its_promises("connect", &evidence);
        assert_eq!(
            ["up", "version", "connectors", "plugins", "mm2_plugins"].map(|n| shown(&evidence, n)),
            ["yes", "3.7.2", "2", "2", "1"]
        );
        assert_eq!(artifact(&cx, "connectors.json"), r#"["a","b"]"#);
        cx.artifacts.take_stored();
        cx.sampling = true;
        let sample = action("connect", "{}").run(&cx).await.unwrap();
        keeps_its_promises("connect", &sample);
        assert!(cx.artifacts.take_stored().is_empty());
    }

    #[tokio::test]
    async fn a_worker_that_refuses_is_not_up_and_one_that_is_silent_cannot_be_reached() {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(401).set_body_string("User cannot access the resource."))
            .mount(&server)
            .await;
        let (_folder, cx) = context(&format!("connect: {{url: '{}'}}", server.uri()));
        let evidence = action("connect", "{}").run(&cx).await.unwrap();
        assert_eq!(shown(&evidence, "up"), "no");
        assert!(
            evidence.remarks[0].contains("401 Unauthorized: User cannot access"),
            "{:?}",
            evidence.remarks
        );
        let (_folder, cx) = context("connect: {url: 'http://127.0.0.1:1'}");
        let failure = action("connect", "{}").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Unreachable { .. }));
        assert_eq!(shown(&failure.evidence, "up"), "no");
    }
}
