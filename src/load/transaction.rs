//! Transactions of a producing load: when they are committed, and what a commit takes.
//!
//! A commit is what `commitTransaction` is in Java: everything that was sent is waited for, then the coordinator ends
//! the transaction. The client sends nothing meanwhile, and the schedule goes on: what a commit costs the records behind
//! it is in their latency from the intended time.

use super::{
    client::{LoadError, is_refusal},
    latency::Latency,
    raw::Client,
};
use crate::record::Said;
use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode as Code},
    producer::Producer,
};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// When a transaction is committed: what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction {
    /// After so many records of one client.
    pub records: Option<u64>,
    /// Time after which a transaction is committed; absent where only the number of records decides.
    pub every: Option<Duration>,
}

/// How long the coordinator may take for its first answer, and for an end.
const ANSWER: Duration = Duration::from_secs(30);

/// Makes every client known to its coordinator, which ends what an earlier one of the same id left open.
pub(super) fn prepare(clients: &[Client], cancel: &CancellationToken) -> Result<(), LoadError> {
    let deadline = Instant::now() + ANSWER;
    for client in clients {
        loop {
            if cancel.is_cancelled() {
                return Err(LoadError::Cancelled);
            }
            client.serve(Duration::ZERO);
            match client.producer().init_transactions(Duration::from_millis(500)) {
                Ok(()) => break,
                Err(error) if is_refusal(code(&error)) => {
                    return Err(LoadError::Refused(Said::verbatim(error.to_string())));
                }
                Err(error) if !retriable(&error) || Instant::now() >= deadline => {
                    return Err(LoadError::Refused(no_transactions(error.to_string())));
                }
                Err(_) => {}
            }
        }
    }
    Ok(())
}

fn code(error: &KafkaError) -> Code {
    error.rdkafka_error_code().unwrap_or(Code::Unknown)
}

fn retriable(error: &KafkaError) -> bool {
    matches!(error, KafkaError::Transaction(error) if error.is_retriable())
}

/// The open transaction of one client, and how its commits went.
#[derive(Debug)]
pub(super) struct Open {
    rule: Transaction,
    begun: Option<Instant>,
    records: u64,
    /// Records of all transactions so far.
    all: u64,
    pub(super) commits: Latency,
    pub(super) aborted: u64,
}

impl Open {
    pub(super) fn new(rule: Transaction) -> Self {
        Self { rule, begun: None, records: 0, all: 0, commits: Latency::default(), aborted: 0 }
    }

    /// Sees to it that a transaction is open before a record is sent.
    pub(super) fn before_record(&mut self, client: &Client, stopped: &dyn Fn() -> bool) -> Result<(), Code> {
        let full = self.rule.records.is_some_and(|records| self.records >= records);
        let old = self.rule.every.zip(self.begun).is_some_and(|(every, begun)| begun.elapsed() >= every);
        if full || old {
            self.end(client, stopped)?;
        }
        if self.begun.is_none() {
            client.producer().begin_transaction().map_err(|e| code(&e))?;
            (self.begun, self.records) = (Some(Instant::now()), 0);
        }
        self.records += 1;
        self.all += 1;
        Ok(())
    }

    /// Commits what is open; what cannot be committed is aborted.
    pub(super) fn end(&mut self, client: &Client, stopped: &dyn Fn() -> bool) -> Result<(), Code> {
        if self.begun.take().is_none() {
            return Ok(());
        }
        let began = Instant::now();
        // What the client says of itself stands in the same queue as the answers: it may be a moment behind.
        while !client.flush(Duration::from_millis(100)) || client.queued() > 0 {
            if stopped() {
                break;
            }
            thread::sleep(Duration::from_micros(100));
        }
        let mut answer = match client.queued() {
            // `rdkafka` flushes again, which has nothing left to do.
            0 => client.producer().commit_transaction(ANSWER),
            _ => return self.abort(client, Code::PurgeQueue),
        };
        while let Err(error) = &answer
            && retriable(error)
            && began.elapsed() < ANSWER
            && !stopped()
        {
            answer = client.producer().commit_transaction(ANSWER);
        }
        match answer {
            Ok(()) => {
                client.deliveries().transaction_ended(self.all, true);
                self.commits.record(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
                Ok(())
            }
            Err(error) => self.abort(client, code(&error)),
        }
    }

    fn abort(&mut self, client: &Client, why: Code) -> Result<(), Code> {
        self.aborted += 1;
        client.deliveries().transaction_ended(self.all, false);
        client.producer().abort_transaction(ANSWER).map_err(|_| why)
    }
}

crate::record::messages! {
    area "load transaction";
    no_transactions(cause) => "could not begin transactions: {cause}" / "impossible de commencer des transactions : {cause}";
}
