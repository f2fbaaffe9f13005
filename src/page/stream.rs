//! The stream of server-sent events that an open page reads.
//!
//! Nothing is queued for a reader: each is given what is new since what it has, when it takes it. A reader that does not
//! read is dropped by the connection's own limit and goes on where it was, by the number of its last record.

use super::{
    follow::{Cursor, Follower},
    hub::Hub,
};
use crate::record::Language;
use futures_util::{Stream, stream};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{sync::watch, time};

/// Records in one piece.
const PIECE: usize = 300;
/// The shortest time between two pieces.
const REST: Duration = Duration::from_millis(40);
/// After so long without anything new, a sign of life.
const QUIET: Duration = Duration::from_secs(10);

/// What a page has, and where it reads on.
struct Reader {
    hub: Arc<Hub>,
    /// Whether it goes over to the newest run when another begins.
    newest: Option<watch::Receiver<Option<Arc<Follower>>>>,
    now: Option<(Arc<Follower>, watch::Receiver<u64>)>,
    cursor: Cursor,
    language: Language,
    begun: bool,
    _looking: super::desk::Looking,
}

/// The events of a run, or of the newest; `since` is the run and the number of the last record that the page has.
pub(super) fn events(
    hub: Arc<Hub>,
    run: Option<Arc<Follower>>,
    since: Option<(String, u64)>,
    language: Language,
) -> impl Stream<Item = Result<String, Infallible>> + Send + 'static {
    let mut newest = run.is_none().then(|| hub.newest());
    let follower = run.or_else(|| newest.as_mut().and_then(|newest| newest.borrow_and_update().clone()));
    let same =
        |follower: &Arc<Follower>| since.as_ref().is_some_and(|(run, _)| run == follower.dir.run.as_str());
    let seq = match &follower {
        Some(follower) if same(follower) => since.as_ref().map_or(0, |(_, seq)| *seq),
        _ => 0,
    };
    let looking = hub.desk.look();
    let now = follower.map(|follower| {
        let changes = follower.changes();
        (follower, changes)
    });
    let reader =
        Reader { hub, newest, now, cursor: Cursor::at(seq), language, begun: false, _looking: looking };
    stream::unfold(reader, |mut reader| async move {
        let piece = reader.next().await;
        Some((Ok(piece), reader))
    })
}

impl Reader {
    /// The next piece, when there is something, or a sign of life.
    async fn next(&mut self) -> String {
        if !self.begun {
            self.begun = true;
            // A page begins anew, unless it goes on with the same run.
            return format!("retry: 1000\n\n{}", self.opening());
        }
        time::sleep(REST).await;
        let quiet = time::sleep(QUIET);
        tokio::pin!(quiet);
        loop {
            if let Some((follower, changes)) = &mut self.now {
                changes.mark_unchanged();
                let new = follower.new_for(&mut self.cursor, self.language, PIECE);
                if !new.is_empty() {
                    // What did not fit comes with the next piece.
                    changes.mark_changed();
                    return new;
                }
            }
            let changed = async {
                match &mut self.now {
                    Some((_, changes)) => drop(changes.changed().await),
                    None => std::future::pending().await,
                }
            };
            let another = async {
                match &mut self.newest {
                    Some(newest) => newest.changed().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = changed => {}
                is_there = another => {
                    if is_there {
                        self.go_over();
                        return self.opening();
                    }
                    self.newest = None;
                }
                () = &mut quiet => return ": quiet\n\n".to_owned(),
            }
        }
    }

    /// Goes over to the run that is the newest now.
    fn go_over(&mut self) {
        let follower = self.hub.run(None);
        self.cursor = Cursor::default();
        self.now = follower.map(|follower| {
            let changes = follower.changes();
            (follower, changes)
        });
    }

    /// Which run what follows is of, and from which record on.
    fn opening(&self) -> String {
        let run = self.now.as_ref().map(|(follower, _)| follower.dir.run.as_str());
        let opening = serde_json::json!({
            "run": run,
            "since": self.cursor.seq,
            "now": jiff::Timestamp::now(),
            "lang": self.language.code(),
        });
        format!("event: opening\ndata: {opening}\n\n")
    }
}
