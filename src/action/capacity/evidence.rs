//! What a search came to, as evidence: a line of `probes.csv` for each probe, and the outputs.

use super::{messages, probe::Probe};
use crate::{
    action::{ActionContext, ActionError},
    load::search::{End, Search},
    record::{Evidence, STATISTICS, Said, Unit, Value, plain_number},
    store::artifacts::ArtifactWriter,
};
use std::{
    io::{self, Write},
    time::Duration,
};

pub(super) const PROBES: &str = "probes.csv";
const HEADER: &str = "probe,phase,asked_records_per_s,held,why,records_asked,records,failed,unsent,\
     records_per_s,mb_per_s,achieved_ratio,latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_p999,\
     latency_ms_max,send_latency_ms_p99,backlog_max,saturated,generator_late_ms_p99,started_s,took_s";

/// What ended a search that was not stopped from outside.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stopped {
    Done(End),
    OutOfTime(Duration),
}

/// The probes so far.
pub(super) struct Book<'a> {
    csv: ArtifactWriter<'a>,
    probes: Vec<Probe>,
}

impl<'a> Book<'a> {
    pub(super) fn begin(cx: &'a ActionContext) -> Result<Self, ActionError> {
        let mut csv = cx.artifacts.create(PROBES, "text/csv")?;
        writeln!(csv, "{HEADER}").map_err(|e| lost(&e))?;
        Ok(Self { csv, probes: Vec::new() })
    }

    pub(super) fn next_number(&self) -> u32 {
        u32::try_from(self.probes.len()).unwrap_or(u32::MAX - 1) + 1
    }

    pub(super) fn add(&mut self, probe: Probe) -> Result<(), ActionError> {
        self.line(&probe).map_err(|e| lost(&e))?;
        self.probes.push(probe);
        Ok(())
    }

    fn line(&mut self, probe: &Probe) -> io::Result<()> {
        let why = probe.failed.as_deref().unwrap_or_default().replace('"', "\"\"");
        let held = if probe.failed.is_none() { "yes" } else { "no" };
        write!(self.csv, "{},{},{},{held},\"{why}\"", probe.number, probe.phase.word(), probe.rate)?;
        for output in [
            "records_asked",
            "records_sent",
            "records_failed",
            "records_unsent",
            "throughput.records_per_s",
            "throughput.mb_per_s",
            "achieved_ratio",
            "latency_ms.p50",
            "latency_ms.p95",
            "latency_ms.p99",
            "latency_ms.p999",
            "latency_ms.max",
            "send_latency_ms.p99",
            "backlog_max",
            "saturated",
            "generator_late_ms.p99",
        ] {
            match probe.evidence.get(output) {
                Some(Value::Number(number, _)) => write!(self.csv, ",{}", plain_number(*number))?,
                Some(Value::Flag(flag)) => write!(self.csv, ",{}", if *flag { "yes" } else { "no" })?,
                _ => write!(self.csv, ",")?,
            }
        }
        writeln!(self.csv, ",{:.3},{:.3}", probe.started.as_secs_f64(), probe.took.as_secs_f64())?;
        self.csv.flush()
    }

    /// Keeps the file, and draws up what the search came to. `ended` is missing where it was stopped.
    pub(super) fn close(
        self,
        search: &Search,
        took: Duration,
        ended: Option<&Stopped>,
    ) -> Result<Evidence, ActionError> {
        self.csv.finish()?;
        let probes = self.probes;
        let end = match ended {
            Some(Stopped::Done(end)) => Some(*end),
            _ => None,
        };
        let mut evidence = Evidence::default();
        let answer = matches!(end, Some(End::Found | End::AtLeast)).then(|| search.lower()).flatten();
        let none = why_none(end, ended, search);
        // Of the probes at the answer's rate, the one in which a record waited longest at the 99th percentile.
        let at_it = probes.iter().filter(|p| Some(p.rate) == search.lower() && p.failed.is_none());
        let worst = at_it.max_by(|a, b| {
            let p99 = |p: &Probe| p.number("latency_ms.p99").unwrap_or(f64::INFINITY);
            p99(a).total_cmp(&p99(b))
        });
        put_rates(&mut evidence, search, answer, worst, &none);
        let limiting = probes
            .iter()
            .filter(|p| Some(p.rate) == search.upper())
            .filter_map(|p| p.failed.as_ref().map(|why| (p, why)))
            .next_back();
        evidence.put_from(
            "limited_by",
            match limiting {
                Some((_, why)) => Value::text(why),
                None => Value::missing(messages::all_held()),
            },
            PROBES,
        );
        let held = probes.iter().filter(|p| p.failed.is_none()).count() as u64;
        let errors: f64 = probes.iter().filter_map(|p| p.number("errors")).sum();
        evidence
            .put_from("probes", Value::count(probes.len() as u64), PROBES)
            .put_from("probes_held", Value::count(held), PROBES)
            .put_from("confirmations", Value::count(u64::from(search.confirmed())), PROBES)
            .put_from("falls", Value::count(u64::from(search.falls())), PROBES)
            .put_from("errors", Value::number(errors, Unit::Count), PROBES)
            .put("duration_s", Value::number(took.as_secs_f64(), Unit::Seconds))
            .put("confirmed", Value::Flag(answer.is_some() && search.confirmed() > 0))
            .put("at_least", Value::Flag(end == Some(End::AtLeast)));
        put_worst(&mut evidence, worst);
        remark(&mut evidence, search, answer, none, limiting.map(|(_, why)| why));
        if let Some(worst) = worst {
            evidence
                .remark(messages::latencies_of(worst.number, worst.rate))
                .remark_all(&worst.evidence.remarks);
        }
        Ok(evidence)
    }
}

fn lost(error: &io::Error) -> ActionError {
    ActionError::failed(messages::probes_unwritable(error.to_string()))
}

/// Why there is no answer.
fn why_none(end: Option<End>, ended: Option<&Stopped>, search: &Search) -> Said {
    match (end, ended) {
        (Some(End::Nothing), _) => match search.upper() {
            Some(upper) => messages::not_even(upper),
            None => messages::nothing_held(),
        },
        (Some(End::TooManyProbes), _) => messages::too_many_probes(),
        (_, Some(Stopped::OutOfTime(within))) => messages::out_of_time(*within),
        _ => messages::stopped(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
fn put_rates(
    evidence: &mut Evidence,
    search: &Search,
    answer: Option<u64>,
    worst: Option<&Probe>,
    none: &Said,
) {
    let per_s = |rate: Option<u64>, otherwise: &Said| match rate {
        Some(rate) => Value::number(rate as f64, Unit::RecordsPerSecond),
        None => Value::missing(otherwise),
    };
    let record_mb = worst.and_then(|probe| {
        Some(probe.number("throughput.mb_per_s")? / probe.number("throughput.records_per_s")?)
    });
    let (lower, upper) = (search.lower(), search.upper());
    evidence
        .put_from("rate.records_per_s", per_s(answer, none), PROBES)
        .put_from(
            "rate.mb_per_s",
            match answer.zip(record_mb) {
                Some((rate, mb)) => Value::number(rate as f64 * mb, Unit::MbPerSecond),
                None => Value::missing(none),
            },
            PROBES,
        )
        .put_from("lower.records_per_s", per_s(lower, &messages::no_rate_held()), PROBES)
        .put_from("upper.records_per_s", per_s(upper, &messages::all_held()), PROBES)
        .put_from(
            "gap_ratio",
            match lower.zip(upper) {
                Some((lower, upper)) => {
                    Value::number((upper - lower) as f64 / lower.max(1) as f64, Unit::Ratio)
                }
                None => Value::missing(messages::one_end_only()),
            },
            PROBES,
        );
}

/// The figures of the probe that stands for the answer.
fn put_worst(evidence: &mut Evidence, worst: Option<&Probe>) {
    let latencies = STATISTICS.map(|stat| (format!("latency_ms.{stat}"), "latency.hlog"));
    for (name, artifact) in latencies.into_iter().chain([("achieved_ratio".to_owned(), "windows.csv")]) {
        let value = worst.and_then(|probe| probe.evidence.get(&name).cloned());
        match (value, worst) {
            (Some(value), Some(probe)) => {
                evidence.put_from(name.as_str(), value, &format!("{}/{artifact}", probe.folder()))
            }
            _ => evidence.put(name.as_str(), Value::missing(messages::no_rate_held())),
        };
    }
}

fn remark(
    evidence: &mut Evidence,
    search: &Search,
    answer: Option<u64>,
    none: Said,
    limiting: Option<&Said>,
) {
    let again = match search.confirmed() {
        0 => messages::not_confirmed(),
        times => messages::and_confirmed(times),
    };
    evidence.remark(match (answer, search.lower(), search.upper()) {
        (Some(rate), _, Some(upper)) => {
            let why = limiting.cloned().unwrap_or_else(messages::see_probes);
            messages::held_and_not(rate, again, upper, why)
        }
        (Some(rate), _, None) => messages::highest_held(rate, again),
        (None, Some(lower), _) => messages::highest_until_then(none, lower),
        (None, None, _) => match limiting {
            Some(why) => messages::why_none(none, why),
            None => none,
        },
    });
    if search.falls() > 0 {
        evidence.remark(messages::falls(search.falls()));
    }
}
