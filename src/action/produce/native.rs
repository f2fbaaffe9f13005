//! The driver `native`: this program's own load generator.

use super::{Produce, Transactions, messages};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, amount, latency, load_client, promise, service},
    clients::kafka::{Role, Settings},
    load::{
        self,
        latency::HistogramLog,
        outcome::{Outcome, SendEnd},
        pacing::Pacing,
        producer::{Load, Spec},
        statistics::StatisticsLog,
        transaction::Transaction,
        window::{Window, WindowsCsv},
    },
    record::{Evidence, Said, Unit, Value},
    store::ArtifactDir,
    support::redact,
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::{fmt::Write, num::NonZeroU64, time::SystemTime};

const WINDOWS: &str = "windows.csv";
const LATENCY: &str = "latency.hlog";
const ERRORS: &str = "errors.csv";
const SPREAD: &str = "spread.csv";
const STATISTICS: &str = "stats.jsonl";

impl Produce {
    /// Sends the load from this process and measures it; `look` sees every window.
    pub(in crate::action) async fn run_native(
        &self,
        cx: &ActionContext,
        look: impl FnMut(&Window<'_>) + Send + 'static,
    ) -> Result<Evidence, ActionFailure> {
        let mut properties = self.properties.clone();
        if self.transaction.is_some()
            && !service::cluster(cx, &self.cluster)?.properties.contains_key("transactional.id")
        {
            // Two runs at once must not fence each other off.
            properties.0.entry("transactional.id".to_owned()).or_insert_with(|| cx.name_on_cluster());
        }
        let mut settings =
            load_client::settings_with(cx, &self.cluster, Role::Producer, &properties, self.defaults).await?;
        let spec = self.spec(cx, &mut settings).await?;
        let about = serde_json::json!({
            "cluster": self.cluster, "topic": spec.topic, "records": spec.records,
            "duration_s": spec.duration.map(|d| d.as_secs_f64()), "record_size_bytes": spec.record_size,
            "rate": spec.pacing.to_string(), "clients": spec.clients, "catch_up": spec.catch_up,
            "payload": spec.content.to_string(), "keys": spec.keys.to_string(), "headers": spec.headers.len(),
            "warm_up_records": spec.warm_up, "defaults": self.defaults,
            "stamps": spec.token.map(|token| {
                let of_client = |k: u32| format!("{:016x}", token.wrapping_add(u64::from(k)));
                (0..spec.clients.get()).map(of_client).collect::<Vec<_>>()
            }),
        });
        let key_and_value = spec.record_size as f64;
        let (token, topic) = (spec.token, spec.topic.clone());
        let acks = spec.config.get("acks").map(str::to_owned);
        let cluster = self.cluster.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let load = Load::connect(spec, &cx.cancel).map_err(|e| load_client::fault(e, &cluster))?;
            record(&cx, &load, &cluster, look)
        })
        .await??;

        cx.artifacts.write_json("settings.json", &load_client::settings_json(&settings, about))?;
        if !outcome.failures.is_empty() || !outcome.client_errors.is_empty() {
            cx.artifacts.write(ERRORS, "text/csv", errors_csv(&outcome).as_bytes())?;
        }
        promise::keep(cx, &self.cluster, &topic, acks.as_deref(), &outcome.acknowledged)?;
        cx.artifacts.write(SPREAD, "text/csv", spread_csv(&outcome).as_bytes())?;
        let mut evidence = evidence(&outcome, key_and_value);
        evidence.put("stamps", promise::token(token));
        evidence.remark_all(settings.remarks);
        self.conclude(cx, outcome, evidence)
    }

    /// What to send, checked.
    async fn spec(&self, cx: &ActionContext, settings: &mut Settings) -> Result<Spec, ActionError> {
        let pacing = self.rate.get()?.clone();
        let ends_by_itself = matches!(pacing, Pacing::Ramp { .. } | Pacing::Steps(_));
        let (records, duration) =
            amount::checked("produce", self.records.as_ref(), self.duration.as_ref(), ends_by_itself)?;
        let (content, size) = self.content(cx).await?;
        let transaction = match &self.transaction {
            Some(Transactions { records: None, every: None }) => {
                return Err(ActionError::misconfigured(
                    messages::transaction_endless(),
                    messages::give_transaction_end(),
                ));
            }
            Some(Transactions { every: Some(span), .. }) if span.0.is_zero() => {
                return Err(ActionError::misconfigured(
                    messages::transaction_of_no_time(),
                    messages::make_every_longer(),
                ));
            }
            Some(rule) => Some(Transaction {
                records: rule.records.map(NonZeroU64::get),
                every: rule.every.map(|span| span.0),
            }),
            None => None,
        };
        if transaction.is_none() && settings.config.get("transactional.id").is_some() {
            return Err(ActionError::misconfigured(
                messages::transactional_id_alone(),
                messages::give_transaction("{records: 1000}"),
            ));
        }
        // What is asked for decides; otherwise once a second, as the windows.
        if settings.config.get("statistics.interval.ms").is_none() {
            settings.config.set("statistics.interval.ms", "1000");
        }
        Ok(Spec {
            catch_up: *self.catch_up.get()?,
            clients: *self.clients.get()?,
            config: settings.config.clone(),
            content,
            duration,
            headers: self.headers.clone().into_iter().collect(),
            keys: self.keys,
            pacing,
            record_size: amount::buffer(size)?,
            records,
            token: self.sequence.get()?.then(rand::random),
            topic: self.topic.clone(),
            transaction,
            warm_up: *self.warm_up.get()?,
        })
    }

    /// A failed delivery is evidence; an error is only that nothing could be delivered, or that it was stopped.
    fn conclude(
        &self,
        cx: &ActionContext,
        outcome: Outcome,
        evidence: Evidence,
    ) -> Result<Evidence, ActionFailure> {
        let nothing = outcome.delivered + outcome.warm_up.0 == 0;
        let error = match outcome.ended {
            SendEnd::Cancelled => ActionError::Cancelled,
            SendEnd::Refused(why) if nothing => {
                let hint = load_client::refused_hint(&why);
                ActionError::misconfigured(messages::refuses_records(&self.cluster, &self.topic, why), hint)
            }
            SendEnd::Refused(why) => ActionError::failed(load_client::of_cluster(&self.cluster, why)),
            SendEnd::Unreachable(cause) if nothing => load_client::unreachable(cx, &self.cluster, cause),
            SendEnd::Finished | SendEnd::Unreachable(_) => return Ok(evidence),
        };
        Err(error.with(evidence))
    }
}

/// Runs the load and keeps every window; what was kept stays, whatever ends it.
fn record(
    cx: &ActionContext,
    load: &Load,
    cluster: &str,
    mut look: impl FnMut(&Window<'_>),
) -> Result<Outcome, ActionError> {
    let artifacts: &ArtifactDir = &cx.artifacts;
    let mut csv = WindowsCsv::begin(artifacts.create(WINDOWS, "text/csv")?).map_err(load_client::lost)?;
    let mut hlog = artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log =
        HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(load_client::lost)?;
    let mut stats = StatisticsLog::begin(artifacts.create(STATISTICS, "application/x-ndjson")?);
    let outcome = load.run(
        &mut |window| {
            csv.write(window)?;
            for json in window.statistics {
                stats.write(window.start, &redact::mask(json))?;
            }
            log.interval("intended", window.intended, window.start, window.length)?;
            log.interval("send", window.send, window.start, window.length)?;
            cx.progress.update(&cx.action, window.answered, window.total, seen(window));
            look(window);
            Ok(())
        },
        &cx.cancel,
    );
    csv.into_inner().finish()?;
    hlog.finish()?;
    stats.into_inner().0.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}

/// A window in a few words: the rate, the latency and what failed.
fn seen(window: &Window<'_>) -> Said {
    let per_s = (window.delivered + window.warm_up) as f64 / window.length.as_secs_f64().max(1e-3);
    load_client::seen(load_client::per_s(per_s), window.intended, window.failed)
}

/// Where the records went: one line a partition and a broker.
fn spread_csv(outcome: &Outcome) -> String {
    let mut csv = "destination,id,records,bytes,failed\n".to_owned();
    let partitions =
        outcome.partitions.iter().enumerate().map(|(id, share)| ("partition", id.to_string(), share));
    let brokers = outcome.brokers.iter().map(|(id, share)| ("broker", id.to_string(), share));
    for (destination, id, share) in partitions.chain(brokers) {
        let _ = writeln!(csv, "{destination},{id},{},{},{}", share.delivered, share.bytes, share.failed);
    }
    csv
}

/// What partitions and brokers got, and what the client's library says of itself.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
fn put_spread(evidence: &mut Evidence, outcome: &Outcome, record_bytes: f64) {
    let largest = |shares: &mut dyn Iterator<Item = u64>| {
        let (most, all) = shares.fold((0, 0), |(most, all), n| (n.max(most), n + all));
        match all {
            0 => Value::missing(messages::none_delivered()),
            _ => Value::number(most as f64 / all as f64, Unit::Ratio),
        }
    };
    let used = outcome.partitions.iter().filter(|share| share.delivered > 0).count();
    evidence
        .put_from("partitions_used", Value::count(used as u64), SPREAD)
        .put_from(
            "largest_partition_ratio",
            largest(&mut outcome.partitions.iter().map(|share| share.delivered)),
            SPREAD,
        )
        .put_from(
            "largest_broker_ratio",
            largest(&mut outcome.brokers.values().map(|share| share.delivered)),
            SPREAD,
        );
    let said = &outcome.statistics;
    let retries = said.retries().map(|n| n as f64);
    for (name, value, unit) in [
        ("rtt_ms.avg", said.rtt.avg(), Unit::Milliseconds),
        ("rtt_ms.max", said.rtt.max(), Unit::Milliseconds),
        ("queue_ms.avg", said.queue.avg(), Unit::Milliseconds),
        ("queue_ms.max", said.queue.max(), Unit::Milliseconds),
        ("retries", retries, Unit::Count),
        ("batch_bytes.avg", said.batch_bytes.avg(), Unit::Bytes),
        ("batch_records.avg", said.batch_records.avg(), Unit::Count),
        ("compression_ratio", said.compression_ratio(record_bytes), Unit::Ratio),
        // Brokers report it with every answer; none is no wait.
        ("throttled_ms.max", retries.map(|_| said.throttle.max().unwrap_or(0.0)), Unit::Milliseconds),
    ] {
        let value = load_client::number(value, unit, &messages::statistics_missing());
        evidence.put_from(name, value, STATISTICS);
    }
}

fn put_commits(evidence: &mut Evidence, outcome: &Outcome) {
    let none = messages::nothing_committed();
    let count = match outcome.commits.len() {
        0 => Value::missing(&none),
        commits => Value::count(commits),
    };
    evidence.put("commits", count);
    latency::put(evidence, "commit_latency_ms", &outcome.commits, LATENCY, &none);
}

fn evidence(outcome: &Outcome, record_bytes: f64) -> Evidence {
    let mut evidence = Evidence::default();
    let (asked, achieved) = (outcome.asked_per_s, outcome.records_per_s());
    let failed_in_all: u64 = outcome.failures.values().map(|f| f.records).sum();
    evidence
        .put("records_asked", Value::count(outcome.asked))
        .put_from("records_sent", Value::count(outcome.delivered), WINDOWS)
        .put_from("records_failed", Value::count(outcome.failed), WINDOWS)
        .put("records_unsent", Value::count(outcome.unsent))
        .put_from(
            "achieved_ratio",
            match asked {
                Some(asked) => {
                    Value::number(if outcome.delivered == 0 { 0.0 } else { achieved / asked }, Unit::Ratio)
                }
                None => load_client::ratio_unknown(),
            },
            WINDOWS,
        )
        .put("duration_s", Value::number(outcome.elapsed.as_secs_f64(), Unit::Seconds))
        .put("errors", Value::count(failed_in_all + outcome.unanswered))
        .put_from("saturated", Value::Flag(!outcome.blocked.is_zero()), WINDOWS)
        .put(
            "generator_late_ms.p99",
            match outcome.lag.summary() {
                Some(lag) => Value::number(lag.p99, Unit::Milliseconds),
                None => Value::missing(messages::none_due()),
            },
        )
        .put_from("backlog_max", Value::count(outcome.backlog_max), WINDOWS);
    let seconds = outcome.elapsed.as_secs_f64();
    let none = messages::none_delivered();
    load_client::put_throughput(&mut evidence, outcome.delivered, outcome.bytes, seconds, &none);
    latency::put(&mut evidence, "latency_ms", &outcome.intended, LATENCY, &none);
    latency::put(&mut evidence, "send_latency_ms", &outcome.send, LATENCY, &none);
    put_spread(&mut evidence, outcome, record_bytes);
    put_commits(&mut evidence, outcome);
    evidence.remark(messages::by_own_generator(load::client::name()));
    evidence.remark_all(outcome.remarks());
    evidence
}

/// One line a kind of failure: of records, with the time since the start, and of the client's connections.
fn errors_csv(outcome: &Outcome) -> String {
    let mut csv = "kind,scope,times,first_s,last_s,says\n".to_owned();
    for (kind, failure) in &outcome.failures {
        let _ = writeln!(
            csv,
            "{kind},record,{},{:.3},{:.3},\"{}\"",
            failure.records,
            failure.first.as_secs_f64(),
            failure.last.as_secs_f64(),
            failure.says.replace('"', "\"\"")
        );
    }
    for (kind, times) in &outcome.client_errors {
        let _ = writeln!(csv, "{kind},client,{times},,,");
    }
    csv
}
