//! `manual`: asks a person, and takes the answer as evidence.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output, flag_output,
    service::unless_cancelled, text_output,
};
use crate::record::{ActionRole, Evidence, Said, Value, messages};
use serde::Deserialize;
use std::time::Duration;

/// Parameters of `manual`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Manual {
    /// A question that is answered by yes or no. Where no person can be asked, the run waits for the answer, and
    /// goes on when it is resumed.
    question: String,
}

impl Kind for Manual {
    const SUMMARY: &'static str =
        "Asks a person a question; a no is evidence like a yes, and criteria judge it.";
    const EXAMPLE: &'static str = "manual: {id: dashboards, question: Do all panels show data?}";
    const ROLE: ActionRole = ActionRole::Wait;
    const OUTPUTS: &'static [Output] = &[
        flag_output("yes", "Whether the answer was yes."),
        text_output("by", "Who answered."),
        text_output("comment", "What they added; missing where they added nothing."),
    ];
}

#[async_trait::async_trait]
impl Action for Manual {
    fn describe(&self) -> Said {
        ask(&self.question)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        // A person may sleep over it.
        Duration::MAX
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let answer = match cx.answers.last() {
            Some(answer) => Some(answer.clone()),
            None => {
                let asked = async { Ok::<_, ActionError>(cx.operator.ask(&self.question).await) };
                unless_cancelled(cx, asked).await?
            }
        };
        let Some(answer) = answer else {
            return Err(ActionError::NeedsAnswer { question: self.question.clone() }.into());
        };
        let comment = if answer.comment.trim().is_empty() {
            Value::missing(nothing_added())
        } else {
            Value::text(Said::verbatim(answer.comment))
        };
        let mut evidence = Evidence::default();
        evidence
            .put("yes", Value::Flag(answer.yes))
            .put("by", Value::text(Said::verbatim(answer.by)))
            .put("comment", comment);
        Ok(evidence)
    }
}

messages! {
    area "manual";
    ask(question) => "ask: {question}" / "demander : {question}";
    nothing_added() => "nothing was added" / "rien n'a été ajouté";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{Always, action, context, keeps_its_promises, shown};
    use super::*;
    use crate::record::Answer;
    use std::sync::Arc;

    fn answer(yes: bool, comment: &str) -> Answer {
        Answer { yes, by: "ada".to_owned(), comment: comment.to_owned() }
    }

    #[tokio::test]
    async fn the_last_answer_counts_and_a_no_is_evidence() {
        let (_folder, mut cx) = context("");
        cx.answers = vec![answer(true, ""), answer(false, "two panels are empty")];
        cx.operator = Arc::new(Always(Some(answer(true, ""))));
        let evidence = action("manual", "question: Is it so?").run(&cx).await.unwrap();
        keeps_its_promises("manual", &evidence);
        assert_eq!(
            ["yes", "by", "comment"].map(|n| shown(&evidence, n)),
            ["no", "ada", "two panels are empty"]
        );
        cx.answers.clear();
        let evidence = action("manual", "question: Is it so?").run(&cx).await.unwrap();
        assert_eq!(
            ["yes", "comment"].map(|n| shown(&evidence, n)),
            ["yes", "not measured (nothing was added)"]
        );
    }

    #[tokio::test]
    async fn where_nobody_can_be_asked_the_question_stays_open() {
        let (_folder, cx) = context("");
        let failure = action("manual", "question: Is it so?").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::NeedsAnswer { question } if question == "Is it so?"));
    }
}
