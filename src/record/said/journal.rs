//! Sentences in the journal: the event has their English texts where it always had them, and, under `said`, the message
//! behind each text. Older programs, and people with a text tool, read what they always read.

use super::{Message, Said};
use crate::record::{
    Event, Evidence, Value,
    event::{ActionResult, Operand},
};
use serde::{Deserialize, Serialize};

/// One message behind a text of the event.
#[derive(Debug, Serialize, Deserialize)]
struct Item {
    text: String,
    #[serde(flatten)]
    message: Message,
}

/// The part of an event's JSON that names messages.
#[derive(Debug, Default, Deserialize)]
struct Items {
    #[serde(default)]
    said: Vec<Item>,
}

/// What stands in the JSON of every event that has messages.
const KEY: &str = ",\"said\":[";

impl Said {
    /// The message behind it as JSON, for a file beside the journal; nothing where it is a text alone.
    pub fn message_json(&self) -> String {
        let message = self.message.as_deref().filter(|_| self.rendered().as_deref() == Some(&*self.text));
        message.and_then(|message| serde_json::to_string(message).ok()).unwrap_or_default()
    }

    /// The sentence `text`, with the message of that JSON where it can be read.
    pub fn of_json(text: &str, message: &str) -> Self {
        Self { message: serde_json::from_str(message).ok(), ..Self::verbatim(text) }
    }
}

/// The event as JSON with the messages behind its texts, each once.
///
/// # Errors
/// Where serde cannot write the event.
pub fn to_json(event: &mut Event) -> Result<String, serde_json::Error> {
    let mut json = serde_json::to_string(event)?;
    let mut items: Vec<Item> = Vec::new();
    visit(event, &mut |said| {
        if let Some(message) = &said.message
            && !items.iter().any(|item| said == &item.text)
        {
            items.push(Item { text: said.to_string(), message: (**message).clone() });
        }
    });
    if !items.is_empty() && json.pop() == Some('}') {
        json.push_str(",\"said\":");
        json.push_str(&serde_json::to_string(&items)?);
        json.push('}');
    }
    Ok(json)
}

/// The event of that JSON, its sentences with their messages.
///
/// # Errors
/// Where it is not an event.
pub fn from_json(json: &str) -> Result<Event, serde_json::Error> {
    let mut event: Event = serde_json::from_str(json)?;
    if memchr::memmem::find(json.as_bytes(), KEY.as_bytes()).is_some() {
        // What cannot be read of them costs the other languages, not the record.
        let Items { said: items } = serde_json::from_str(json).unwrap_or_default();
        visit(&mut event, &mut |said| {
            if let Some(item) = items.iter().find(|item| *said == item.text) {
                said.message = Some(Box::new(item.message.clone()));
            }
        });
    }
    Ok(event)
}

/// Lets go of each message that does not say what its text says. After masking an argument may still hold what its text
/// no longer shows.
pub fn keep_true(event: &mut Event) {
    visit(event, &mut |said| {
        if said.message.is_some() && said.rendered().as_deref() != Some(&*said.text) {
            said.message = None;
        }
    });
}

/// Every sentence of an event.
fn visit(event: &mut Event, each: &mut dyn FnMut(&mut Said)) {
    match event {
        Event::ActionFinished { result, .. } => match result {
            ActionResult::Done(evidence) => visit_evidence(evidence, each),
            ActionResult::Failed { message, evidence, .. } => {
                each(message);
                visit_evidence(evidence, each);
            }
        },
        Event::ActionPassedOver { reason, .. }
        | Event::ActionRetried { reason, .. }
        | Event::CriterionPassedOver { reason, .. }
        | Event::StepFinished { reason, .. }
        | Event::StepNotApplicable { reason, .. }
        | Event::StepReset { reason, .. }
        | Event::StepSkipped { reason, .. } => each(reason),
        Event::ActionStarted { description, .. } => each(description),
        Event::QuestionAsked { question, .. } => each(question),
        Event::ActionUndone { failure, .. } | Event::NoticeSent { failure, .. } => {
            failure.iter_mut().for_each(each);
        }
        Event::CriterionJudged { judgement, .. } => {
            each(&mut judgement.reason);
            let operands = judgement.observed.iter_mut().chain(&mut judgement.limit);
            operands.for_each(|Operand { value, .. }| visit_value(value, each));
        }
        Event::ImportAdded(import) => {
            import.scenarios.iter_mut().flat_map(|scenario| &mut scenario.warnings).for_each(each);
        }
        Event::NoteAdded(note) => each(&mut note.text),
        Event::SnapshotTaken { remarks, .. } => remarks.iter_mut().for_each(each),
        Event::WatchFinished { evidence, .. } => visit_evidence(evidence, each),
        Event::ActionKept { .. }
        | Event::AnswerGiven { .. }
        | Event::ApprovalGiven { .. }
        | Event::ApprovalRequested { .. }
        | Event::ArtifactStored { .. }
        | Event::DecisionSigned { .. }
        | Event::ImportWithdrawn(_)
        | Event::RunFinished { .. }
        | Event::RunResumed { .. }
        | Event::RunStarted(_)
        | Event::StepStarted { .. }
        | Event::StepWaived { .. }
        | Event::WatchKept { .. } => {}
    }
}

fn visit_evidence(evidence: &mut Evidence, each: &mut dyn FnMut(&mut Said)) {
    evidence.values.values_mut().for_each(|measured| visit_value(&mut measured.value, each));
    evidence.remarks.iter_mut().for_each(each);
}

fn visit_value(value: &mut Value, each: &mut dyn FnMut(&mut Said)) {
    if let Value::Missing(said) | Value::Text(said) = value {
        each(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Attempt, Language, StepId};

    crate::record::messages! {
        area "test of the journal";
        sent(records, topic) => "{records} records sent to {topic}" / "{records} enregistrements envoyés vers {topic}";
        not_sent(why) => "not sent: {why}" / "non envoyé : {why}";
    }

    fn event() -> Event {
        let mut evidence = Evidence::default();
        evidence.remark(sent(12_000_u64, "t")).remark("printed by a tool");
        evidence.put("latency_ms.p99", Value::Missing(not_sent(sent(0_u64, "t"))));
        let result = ActionResult::Done(evidence);
        Event::ActionFinished { step: StepId(3), attempt: Attempt::FIRST, action: "a".into(), result }
    }

    fn french(event: &mut Event) -> Vec<String> {
        let mut found = Vec::new();
        visit(event, &mut |said| found.push(said.in_language(Language::Fr).into_owned()));
        found
    }

    #[test]
    fn messages_come_back_and_texts_are_where_they_were() {
        let mut written = event();
        let json = to_json(&mut written).unwrap();
        let plain: Event = serde_json::from_str(&json).unwrap();
        assert_eq!(plain, written, "a reader that knows no messages sees the same texts");
        let mut read = from_json(&json).unwrap();
        assert_eq!(
            french(&mut read),
            [
                "non envoyé : 0 enregistrements envoyés vers t",
                "12\u{202f}000 enregistrements envoyés vers t",
                "printed by a tool"
            ]
        );
        assert_eq!(to_json(&mut read).unwrap(), json);
    }

    #[test]
    fn a_message_that_says_something_else_than_its_text_is_let_go() {
        let json = to_json(&mut event()).unwrap().replacen("12000 records", "*** records", 1);
        let json = json.replacen("\"text\":\"12000", "\"text\":\"***", 1);
        let mut read = from_json(&json).unwrap();
        assert!(french(&mut read).contains(&"12\u{202f}000 enregistrements envoyés vers t".to_owned()));
        keep_true(&mut read);
        assert!(french(&mut read).contains(&"*** records sent to t".to_owned()), "{:?}", french(&mut read));
    }
}
