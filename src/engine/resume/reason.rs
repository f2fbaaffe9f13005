//! [`Reason`]: why a step is kept or done again, as data and as a sentence.

use crate::record::{Said, Speaks, StepId, StepState, changes::shown, display_by_said, messages};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Why a step is kept or done again.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Reason {
    /// The operator asks for it.
    Asked {
        /// Who asks for what, in words.
        text: Said,
    },
    /// Its criteria, its expected artifacts or its approval changed; what it does did not.
    Criteria {
        /// Path of the step file in the campaign's folder.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// A person waived or skipped the step.
    Decision {
        /// The decision: `waived` or `skipped`.
        what: Decided,
        /// Person who decided: the name given with `--by`, or `user@host`.
        by: String,
        /// Reason that the person gave with `--reason`, or that the program had.
        reason: Said,
        /// Expiry of the waiver; absent where it has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The environment file changed.
    Environment {
        /// Path of the environment file in the campaign's folder.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// An artifact is not what was stored.
    Evidence(Unlike),
    /// What the step file says of actions or watches changed.
    File {
        /// Path of the step file in the campaign's folder.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// A step that it needs is done again.
    Need {
        /// Number of the step that is done again.
        step: StepId,
    },
    /// Only its criteria changed, and they cannot be judged on what was kept.
    NotJudgeable {
        /// What is missing to judge them, in a sentence.
        text: Said,
    },
    /// No attempt at the step has begun.
    NotRunYet,
    /// The profile, the SLOs or the variables changed, in a run whose journal does not say which of them a step uses.
    Parameters,
    /// It was set back and not done again since.
    SetBack {
        /// Why it was reset, in a sentence.
        text: Said,
    },
    /// The state that the latest attempt left.
    State {
        /// That state, as `jalon status` shows it.
        state: StepState,
    },
    /// Nothing that it depends on changed.
    Unchanged,
    /// A value of the plan that it uses changed.
    Value {
        /// Dotted name of the value, such as `profile.rate`.
        name: String,
        /// The value before; absent where it was not set.
        old: Option<Value>,
        /// The value now; absent where it is no longer set.
        new: Option<Value>,
    },
    /// A waiver let others go on, and holds no longer.
    WaiverExpired {
        /// Person who gave the waiver.
        by: String,
        /// Expiry of the waiver.
        until: Timestamp,
    },
    /// A waiver let others go on, and what it was given for changed since.
    WaiverOutlived {
        /// Person who gave the waiver.
        by: String,
    },
}

/// What a person decided on a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// It is passed over.
    Skipped,
    /// Others go on in spite of its verdict.
    Waived,
}

/// An artifact that is not what the journal says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Unlike {
    /// Its path below the run's folder.
    pub path: String,
    /// The SHA-256 in the journal.
    pub expected: String,
    /// That of the file, or `another size`; `null` where there is no file.
    pub found: Option<Said>,
}

impl Reason {
    /// The file that changed, and how.
    pub fn diff(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Criteria { file, diff } | Self::Environment { file, diff } | Self::File { file, diff } => {
                Some((file, diff.as_deref()))
            }
            _ => None,
        }
    }
}

impl Speaks for Reason {
    fn said(&self) -> Said {
        match self {
            Self::Asked { text } | Self::NotJudgeable { text } => text.clone(),
            Self::Criteria { .. } => criteria_changed(),
            Self::Decision { what, by, reason, until } => {
                let decided = match what {
                    Decided::Waived => waived(by, reason),
                    Decided::Skipped => skipped(by, reason),
                };
                until.map_or(decided.clone(), |until| until_then(decided, until.to_string()))
            }
            Self::Environment { .. } => environment_changed(),
            Self::Evidence(unlike) => unlike.said(),
            Self::File { .. } => file_changed(),
            Self::Need { step } => need_runs_again(step.0),
            Self::NotRunYet => not_run_yet(),
            Self::Parameters => parameters_changed(),
            Self::SetBack { text } => set_back(text),
            Self::State { state: StepState::AwaitingApproval } => waits_for_approval(),
            Self::State { state: StepState::Error } => ended_in_an_error(),
            Self::State { state: StepState::Failed } => failed(),
            Self::State { state: StepState::Inconclusive } => inconclusive(),
            Self::State { state: StepState::Interrupted } => interrupted(),
            Self::State { state: StepState::NotApplicable } => not_applicable(),
            Self::State { state: StepState::Locked } => is_locked(),
            Self::State { state: StepState::Ready } => is_ready(),
            Self::State { state: StepState::Running } => is_running(),
            Self::State { state: StepState::Passed } => has_passed(),
            Self::State { state: StepState::Waived | StepState::Skipped } => was_decided(),
            Self::Unchanged => unchanged(),
            Self::Value { name, old, new } => value_changed(name, shown(old.as_ref()), shown(new.as_ref())),
            Self::WaiverExpired { by, until } => waiver_expired(by, until.to_string()),
            Self::WaiverOutlived { by } => waiver_outlived(by),
        }
    }
}

impl Speaks for Unlike {
    fn said(&self) -> Said {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        match &self.found {
            Some(found) => {
                let found = if found.id().is_some() { found.clone() } else { Said::verbatim(short(found)) };
                artifact_changed(&self.path, short(&self.expected), found)
            }
            None => artifact_missing(&self.path),
        }
    }
}

display_by_said!(Reason, Unlike);

messages! {
    area "resume";
    another_size() => "another size" / "une autre taille";
    artifact_changed(path, expected, found) => "artifact {path} changed after it was stored (expected SHA-256 {expected}, found {found})" / "l'artefact {path} a été modifié après son enregistrement (SHA-256 attendu {expected}, trouvé {found})";
    artifact_missing(path) => "artifact {path} is missing" / "l'artefact {path} est absent";
    asked_from_here(by) => "{by} resumes from this step" / "{by} reprend à partir de cette étape";
    criteria_changed() => "its criteria changed, its actions did not" / "ses critères ont changé, ses actions non";
    ended_in_an_error() => "it ended in an error" / "elle s'est terminée en erreur";
    environment_changed() => "the environment file changed" / "le fichier d'environnement a changé";
    failed() => "it failed" / "elle a échoué";
    file_changed() => "its file changed" / "son fichier a changé";
    has_passed() => "it has passed" / "elle est réussie";
    inconclusive() => "it was inconclusive" / "elle n'a pas été concluante";
    interrupted() => "it was interrupted" / "elle a été interrompue";
    is_locked() => "it is locked" / "elle est verrouillée";
    is_ready() => "it is ready" / "elle est prête";
    is_running() => "it runs" / "elle est en cours";
    need_runs_again(step) => "step {step}, which it needs, runs again" / "l'étape {step}, dont elle dépend, est refaite";
    no_evidence(action) => "`{action}` has no evidence to judge" / "`{action}` n'a aucune preuve à juger";
    not_applicable() => "it does not apply" / "elle est sans objet";
    not_run_yet() => "it has not run yet" / "elle n'a pas encore été exécutée";
    parameters_changed() => "the profile, the SLOs or the variables changed" / "le profil, les SLO ou les variables ont changé";
    retried(by) => "retried by {by}" / "relancé par {by}";
    samples_unreadable(watch, why) => "the samples of `{watch}` cannot be read: {why}" / "les échantillons de `{watch}` sont illisibles : {why}";
    set_back(text) => "it was reset ({text})" / "elle est à refaire ({text})";
    skipped(by, reason) => "skipped by {by}: {reason}" / "sautée par {by} : {reason}";
    unchanged() => "its file, the parameters, the environment and its evidence are unchanged" / "son fichier, les paramètres, l'environnement et ses preuves sont inchangés";
    until_then(decided, until) => "{decided} (until {until})" / "{decided} (jusqu'au {until})";
    value_changed(name, old, new) => "{name}: {old} → {new}" / "{name} : {old} → {new}";
    waits_for_approval() => "it waits for an approval" / "elle attend une approbation";
    waived(by, reason) => "waived by {by}: {reason}" / "sous dérogation de {by} : {reason}";
    waiver_expired(by, until) => "the waiver of {by} expired at {until}" / "la dérogation de {by} a expiré le {until}";
    waiver_outlived(by) => "the waiver of {by} was given before the step changed" / "la dérogation de {by} a été accordée avant le changement de l'étape";
    was_decided() => "a person decided on it" / "une personne en a décidé";
}
