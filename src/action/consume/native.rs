//! The driver `native`: this program's own group of readers.

use super::{Consume, From, messages};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, amount, load_client},
    clients::kafka::Role,
    load::{
        ClientConfig,
        consumer::{Outcome, ReadEnd, Reader, Spec, fetches, rebalances, window},
        latency::HistogramLog,
    },
    record::Evidence,
};
use evidence::{FETCHES, LATENCY, MEMBERS, REBALANCES, WINDOWS};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::time::{Duration, SystemTime};

mod evidence;

const STATISTICS: &str = "statistics.json";

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
        rebalances::write_csv(&mut csv, &outcome.changes).map_err(load_client::lost)?;
        cx.artifacts.write(REBALANCES, "text/csv", &csv)?;
        if let Some(said) = evidence::statistics(&outcome) {
            cx.artifacts.write(STATISTICS, "application/json", said.as_bytes())?;
        }
        let statistics = settings.config.get("statistics.interval.ms") != Some("0");
        let mut evidence = evidence::of(&outcome, statistics);
        evidence.remark_all(outcome.remarks(asked, idle_timeout)).remark_all(settings.remarks);
        match outcome.ended {
            ReadEnd::Cancelled => Err(ActionError::Cancelled.with(evidence)),
            ReadEnd::Refused(why) => {
                let hint = load_client::refused_hint(&why);
                let said = messages::refuses_reading(&self.cluster, &self.topic, why);
                Err(ActionError::misconfigured(said, hint).with(evidence))
            }
            ReadEnd::Finished | ReadEnd::Idle => Ok(evidence),
        }
    }

    fn spec(&self, cx: &ActionContext, mut config: ClientConfig) -> Result<Spec, ActionError> {
        let (records, duration) =
            amount::checked("consume", self.records.as_ref(), self.duration.as_ref(), true)?;
        let idle_timeout = self.idle_timeout.get()?.0;
        let members = match *self.members.get()? {
            0 => {
                return Err(ActionError::misconfigured(messages::no_members(), messages::give_members()));
            }
            members if members > MEMBERS_MAX => {
                return Err(ActionError::misconfigured(
                    messages::members_too_many(members, MEMBERS_MAX),
                    messages::one_member_per_partition(),
                ));
            }
            members => usize::try_from(members).unwrap_or(usize::MAX),
        };
        if idle_timeout < Duration::from_secs(1) {
            return Err(ActionError::misconfigured(
                messages::idle_timeout_too_short(),
                messages::give_idle_timeout(),
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

/// Reads and keeps every window; what was kept stays, whatever ends it.
fn record(
    cx: &ActionContext,
    reader: &Reader,
    asked: Option<u64>,
    cluster: &str,
) -> Result<Outcome, ActionError> {
    let mut csv = cx.artifacts.create(WINDOWS, "text/csv")?;
    window::csv_header(&mut csv).map_err(load_client::lost)?;
    let mut reports = cx.artifacts.create(FETCHES, "text/csv")?;
    fetches::csv_header(&mut reports).map_err(load_client::lost)?;
    let mut hlog = cx.artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log =
        HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(load_client::lost)?;
    let outcome = reader.run(
        &mut |window| {
            window::csv_line(&mut csv, window)?;
            log.interval("end-to-end", window.end_to_end, window.start, window.length)?;
            window.reports.iter().try_for_each(|report| fetches::csv_line(&mut reports, report))?;
            let per_s = window.records as f64 / window.length.as_secs_f64().max(1e-3);
            let said = load_client::seen(load_client::per_s(per_s), window.end_to_end, 0);
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
