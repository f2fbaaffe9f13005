//! The driver `native`: this program's own group of readers.

use super::{Consume, From};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, Param, load_client},
    clients::kafka::Role,
    load::{
        ClientConfig,
        consumer::{Ended, Outcome, Reader, Spec, fetches, rebalances, window},
        latency::HistogramLog,
    },
    record::{Evidence, Said, plain_number},
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::{
    io,
    time::{Duration, SystemTime},
};

mod evidence;

const FETCHES: &str = "fetches.csv";
const LATENCY: &str = "latency.hlog";
const MEMBERS: &str = "members.csv";
const REBALANCES: &str = "rebalances.csv";
const STATISTICS: &str = "statistics.json";
const WINDOWS: &str = "windows.csv";

/// A group has a connection to each broker and some threads for each member.
const MEMBERS_MAX: u64 = 200;

/// How often the client reports its statistics, where nobody says otherwise, in milliseconds.
const STATISTICS_EVERY: &str = "500";

impl Consume {
    /// Reads in this process and measures it.
    pub(super) async fn run_native(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut settings = load_client::settings(cx, &self.cluster, Role::Consumer, &self.properties).await?;
        let spec = self.spec(cx, settings.config.clone())?;
        settings.config = spec.config.clone();
        let about = serde_json::json!({
            "cluster": self.cluster, "topic": spec.topic, "records": spec.records, "members": spec.members,
            "duration_s": spec.duration.map(|d| d.as_secs_f64()),
            "idle_timeout_s": spec.idle_timeout.as_secs_f64(),
        });
        let (asked, idle_timeout) = (spec.records, spec.idle_timeout);
        let cluster = self.cluster.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let reader = Reader::connect(spec, &cx.cancel).map_err(|e| load_client::fault(e, &cluster))?;
            record(&cx, &reader, asked, &cluster)
        })
        .await??;

        cx.artifacts.write_json("settings.json", &load_client::settings_json(&settings, about))?;
        cx.artifacts.write(MEMBERS, "text/csv", evidence::members_csv(&outcome).as_bytes())?;
        let mut csv = Vec::new();
        rebalances::write_csv(&mut csv, &outcome.changes).map_err(lost)?;
        cx.artifacts.write(REBALANCES, "text/csv", &csv)?;
        if let Some(said) = evidence::statistics(&outcome) {
            cx.artifacts.write(STATISTICS, "application/json", said.as_bytes())?;
        }
        let statistics = settings.config.get("statistics.interval.ms") != Some("0");
        let mut evidence = evidence::of(&outcome, statistics);
        for remark in outcome.remarks(asked, idle_timeout).into_iter().map(Said::from).chain(settings.remarks)
        {
            evidence.remark(remark);
        }
        match outcome.ended {
            Ended::Cancelled => Err(ActionError::Cancelled.with(evidence)),
            Ended::Refused(why) => Err(ActionError::misconfigured(
                format!("cluster `{}` refuses to let `{}` be read: {why}", self.cluster, self.topic),
                load_client::REFUSED_HINT.to_owned(),
            )
            .with(evidence)),
            Ended::Finished | Ended::Idle => Ok(evidence),
        }
    }

    fn spec(&self, cx: &ActionContext, mut config: ClientConfig) -> Result<Spec, ActionError> {
        let records = self.records.as_ref().map(Param::get).transpose()?.copied();
        let duration = self.duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let idle_timeout = self.idle_timeout.get()?.0;
        if records == Some(0) || duration == Some(Duration::ZERO) {
            return Err(ActionError::misconfigured(
                "`consume` is to read nothing",
                "ask for one record or more",
            ));
        }
        let members = match *self.members.get()? {
            0 => {
                return Err(ActionError::misconfigured(
                    "a group of 0 members reads nothing",
                    "give `members` 1 or more",
                ));
            }
            members if members > MEMBERS_MAX => {
                return Err(ActionError::misconfigured(
                    format!(
                        "{members} members are more than the {MEMBERS_MAX} that one machine is asked to run"
                    ),
                    "a partition has one member; more than the topic has partitions read nothing",
                ));
            }
            members => usize::try_from(members).unwrap_or(usize::MAX),
        };
        if idle_timeout < Duration::from_secs(1) {
            return Err(ActionError::misconfigured(
                "an `idle_timeout` below one second ends before a group can form",
                "give 5s or more",
            ));
        }
        match &self.group {
            Some(group) => config.set("group.id", group),
            None => config.set("group.id", self.group_name(cx)).set("enable.auto.commit", "false"),
        };
        if !self.properties.0.contains_key("auto.offset.reset") {
            let from = match self.from {
                From::Earliest => "earliest",
                From::Latest => "latest",
            };
            config.set("auto.offset.reset", from);
        }
        if config.get("statistics.interval.ms").is_none() {
            config.set("statistics.interval.ms", STATISTICS_EVERY);
        }
        Ok(Spec { config, duration, idle_timeout, members, records, topic: self.topic.clone() })
    }
}

fn lost(error: io::Error) -> ActionError {
    ActionError::failed(format!("the windows cannot be written: {error}"))
}

/// Reads and keeps every window; what was kept stays, whatever ends it.
fn record(
    cx: &ActionContext,
    reader: &Reader,
    asked: Option<u64>,
    cluster: &str,
) -> Result<Outcome, ActionError> {
    let mut csv = cx.artifacts.create(WINDOWS, "text/csv")?;
    window::csv_header(&mut csv).map_err(lost)?;
    let mut reports = cx.artifacts.create(FETCHES, "text/csv")?;
    fetches::csv_header(&mut reports).map_err(lost)?;
    let mut hlog = cx.artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log = HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(lost)?;
    let outcome = reader.run(
        &mut |window| {
            window::csv_line(&mut csv, window)?;
            log.interval("end-to-end", window.end_to_end, window.start, window.length)?;
            window.reports.iter().try_for_each(|report| fetches::csv_line(&mut reports, report))?;
            let per_s = window.records as f64 / window.length.as_secs_f64().max(1e-3);
            let said = match window.end_to_end.summary() {
                Some(latency) => format!("{per_s:.0} records/s, P99 {} ms", plain_number(latency.p99)),
                None => format!("{per_s:.0} records/s"),
            };
            cx.progress.update(&cx.action, window.read, asked, said);
            Ok(())
        },
        &cx.cancel,
    );
    csv.finish()?;
    hlog.finish()?;
    reports.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}
