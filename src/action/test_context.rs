//! A context for the tests of kinds that talk to services or start processes.

use super::{ActionContext, Operator, Progress, kind};
use crate::{
    clients::Environment,
    record::{Answer, Attempt, Evidence, StepId},
    store::ArtifactDir,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// An operator who always gives the same answer, or none.
#[derive(Debug)]
pub(super) struct Always(pub(super) Option<Answer>);

#[async_trait::async_trait]
impl Operator for Always {
    async fn ask(&self, _question: &str) -> Option<Answer> {
        self.0.clone()
    }
}

/// A context with that environment, in YAML, and a folder of its own, which lives as long as the first part.
pub(super) fn context(environment: &str) -> (tempfile::TempDir, ActionContext) {
    let folder = tempfile::tempdir().unwrap();
    let environment: Environment = serde_yaml::from_str(&format!("name: test\n{environment}")).unwrap();
    let context = ActionContext {
        action: "a".into(),
        answers: Vec::new(),
        artifacts: Arc::new(ArtifactDir::new(folder.path(), "00/1/a")),
        attempt: Attempt::FIRST,
        cancel: CancellationToken::new(),
        children: Arc::default(),
        deadline: None,
        earlier: Arc::default(),
        environment: Arc::new(environment),
        operator: Arc::new(Always(None)),
        progress: Progress::default(),
        run: "run".into(),
        sampling: false,
        step: StepId(0),
        work_dir: folder.path().to_owned(),
    };
    (folder, context)
}

/// The action of that kind with parameters in YAML.
pub(super) fn action(name: &str, params: &str) -> Arc<dyn super::Action> {
    let params = serde_yaml::from_str(params).unwrap();
    (kind(name).unwrap().parse)(&params).unwrap_or_else(|e| panic!("{} {:?}", e.message, e.path))
}

/// Why parameters in YAML are not accepted.
pub(super) fn refusal(name: &str, params: &str) -> String {
    let params = serde_yaml::from_str(params).unwrap();
    (kind(name).unwrap().parse)(&params).map(drop).unwrap_err().message.into()
}

/// What is shown for the value of that name.
pub(super) fn shown(evidence: &Evidence, name: &str) -> String {
    evidence.get(name).unwrap_or_else(|| panic!("no `{name}` in {evidence:?}")).to_string()
}

/// Every output that the kind promises is there, with a value that it may have.
pub(super) fn keeps_its_promises(name: &str, evidence: &Evidence) {
    let kind = kind(name).unwrap();
    for output in kind.outputs {
        assert!(evidence.get(output.name).is_some(), "`{name}` promised `{}`", output.name);
    }
    assert_eq!(kind.outside(evidence), None);
}

/// The text of an artifact.
pub(super) fn artifact(cx: &ActionContext, name: &str) -> String {
    std::fs::read_to_string(cx.artifacts.path().join(name)).unwrap()
}
