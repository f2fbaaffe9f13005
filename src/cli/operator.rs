//! Asks the person at the terminal, where there is one.

use crate::{action::Operator, engine::Stop, record::Answer, support::host};
use std::io::{self, BufRead, IsTerminal};
use tokio::sync::oneshot;

/// The person at the terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Ends the waiting for an answer.
    pub stop: Stop,
}

#[async_trait::async_trait]
impl Operator for Terminal {
    async fn ask(&self, question: &str) -> Option<Answer> {
        if !io::stdin().is_terminal() || !super::output::is_watched() {
            return None;
        }
        super::output::tell(&format!(
            "\n{question}\n  answer `yes` or `no`, and a comment behind it if you like; Ctrl-C leaves it open:"
        ));
        let (answered, answer) = oneshot::channel();
        // A thread of its own, which nothing waits for: a read of the terminal cannot be ended, and the run can.
        std::thread::spawn(move || answered.send(read()));
        tokio::select! {
            answer = answer => answer.ok().flatten(),
            () = self.stop.gently.cancelled() => None,
        }
    }
}

/// The first line that is an answer; `None` at the end of the input.
fn read() -> Option<Answer> {
    for line in io::stdin().lock().lines() {
        let line = line.ok()?;
        let (word, comment) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let yes = match word.to_lowercase().as_str() {
            "y" | "yes" | "o" | "oui" => true,
            "n" | "no" | "non" => false,
            _ => {
                super::output::tell("  `yes` or `no`:");
                continue;
            }
        };
        return Some(Answer { yes, by: host::operator(), comment: comment.trim().to_owned() });
    }
    None
}
