//! Asks the person at the terminal, where there is one.

use crate::{
    action::Operator,
    engine::Stop,
    record::{Answer, Language, messages},
    support::host,
};
use std::io::{self, BufRead, IsTerminal};
use tokio::sync::oneshot;

/// The person at the terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Ends the waiting for an answer.
    pub stop: Stop,
    /// The language in which they are asked.
    pub language: Language,
}

#[async_trait::async_trait]
impl Operator for Terminal {
    async fn ask(&self, question: &str) -> Option<Answer> {
        if !io::stdin().is_terminal() || !super::output::is_watched() {
            return None;
        }
        let language = self.language;
        super::output::tell(&format!("\n{question}\n  {}", how_to_answer().in_language(language)));
        let (answered, answer) = oneshot::channel();
        // A thread of its own, which nothing waits for: a read of the terminal cannot be ended, and the run can.
        std::thread::spawn(move || answered.send(read(language)));
        tokio::select! {
            answer = answer => answer.ok().flatten(),
            () = self.stop.gently.cancelled() => None,
        }
    }
}

/// The first line that is an answer; `None` at the end of the input.
fn read(language: Language) -> Option<Answer> {
    for line in io::stdin().lock().lines() {
        let line = line.ok()?;
        let (word, comment) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let yes = match word.to_lowercase().as_str() {
            "y" | "yes" | "o" | "oui" => true,
            "n" | "no" | "non" => false,
            _ => {
                super::output::tell(&format!("  {}", yes_or_no().in_language(language)));
                continue;
            }
        };
        return Some(Answer { yes, by: host::operator(), comment: comment.trim().to_owned() });
    }
    None
}

messages! {
    area "operator";
    how_to_answer() => "answer `yes` or `no`, and a comment behind it if you like; Ctrl-C leaves it open:" / "répondez `oui` ou `non`, suivi d'un commentaire si vous le souhaitez ; Ctrl-C laisse la question ouverte :";
    yes_or_no() => "`yes` or `no`:" / "`oui` ou `non` :";
}
