//! Asks the person at the terminal, where there is one, and those who have the page open.

use crate::{
    action::Operator,
    engine::Stop,
    page::Desk,
    record::{Answer, Language, messages},
    support::host,
};
use std::{
    io::{self, BufRead, IsTerminal},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::{Mutex, mpsc};

/// Whoever can be asked: the person at the terminal, and those who have the page open.
#[derive(Debug)]
pub(super) struct People {
    /// Ends the waiting for an answer.
    pub stop: Stop,
    /// Where the page finds the question, where there is a page.
    pub desk: Option<Arc<Desk>>,
    /// The language in which they are asked.
    pub language: Language,
}

#[async_trait::async_trait]
impl Operator for People {
    async fn ask(&self, question: &str) -> Option<Answer> {
        let is_terminal = io::stdin().is_terminal() && super::output::is_watched();
        let on_page = async {
            match &self.desk {
                Some(desk) => desk.ask(question).await,
                None => std::future::pending().await,
            }
        };
        // Without a terminal, somebody must have the page open, or nobody is asked.
        let nobody = async {
            match &self.desk {
                _ if is_terminal => std::future::pending().await,
                None => {}
                Some(desk) => gone(desk).await,
            }
        };
        tokio::select! {
            answer = at_terminal(question, self.language), if is_terminal => answer,
            answer = on_page => answer,
            () = nobody => None,
            () = self.stop.gently.cancelled() => None,
        }
    }
}

/// How long a page may be away before nobody is there: a browser that lost the connection is back by then.
const AWAY: Duration = Duration::from_secs(15);

/// Waits until no page has been open for a while.
async fn gone(desk: &Desk) {
    let mut since = tokio::time::Instant::now();
    while since.elapsed() < AWAY {
        if desk.viewers() > 0 {
            since = tokio::time::Instant::now();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The first line that is an answer; `None` at the end of the input.
async fn at_terminal(question: &str, language: Language) -> Option<Answer> {
    // What was typed for a question that the page answered first is no answer to this one.
    forget().await;
    super::output::tell(&format!("\n{question}\n  {}", how_to_answer().in_language(language)));
    loop {
        let line = line().await?;
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
}

/// The lines of the terminal, from the first time on that one is wanted.
static LINES: OnceLock<Mutex<mpsc::UnboundedReceiver<String>>> = OnceLock::new();

/// Lets go of what was typed and nobody took.
async fn forget() {
    if let Some(lines) = LINES.get() {
        let mut lines = lines.lock().await;
        while lines.try_recv().is_ok() {}
    }
}

/// The next line of the terminal; `None` at the end of the input.
///
/// One thread of its own reads them all, and nothing waits for it: a read of the terminal cannot be ended, and the run
/// can. A question that was answered on the page leaves no reader behind who takes the answer to the next one.
pub(super) async fn line() -> Option<String> {
    let lines = LINES.get_or_init(|| {
        let (sender, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let all = io::stdin().lock().lines();
            all.map_while(Result::ok).take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
        });
        Mutex::new(lines)
    });
    lines.lock().await.recv().await
}

messages! {
    area "operator";
    how_to_answer() => "answer `yes` or `no`, and a comment behind it if you like; Ctrl-C leaves it open:" / "répondez `oui` ou `non`, suivi d'un commentaire si vous le souhaitez ; Ctrl-C laisse la question ouverte :";
    yes_or_no() => "`yes` or `no`:" / "`oui` ou `non` :";
}
