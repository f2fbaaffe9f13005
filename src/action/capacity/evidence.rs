//! What a search came to, as evidence: a line of `probes.csv` for each probe, and the outputs.

use super::{super::ActionContext, probe::Probe};
use crate::{
    action::ActionError,
    load::search::{End, Search},
    record::{Evidence, Unit, Value, plain_number},
    store::artifacts::ArtifactWriter,
    support::text,
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
                Some((_, why)) => Value::text(why.clone()),
                None => Value::missing("every rate that was tried held".to_owned()),
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
        remark(&mut evidence, search, answer, &none, limiting.map(|(_, why)| why.as_str()));
        if let Some(worst) = worst {
            evidence.remark(format!("the latencies are those of probe {}, {}/s", worst.number, worst.rate));
            for said in &worst.evidence.remarks {
                evidence.remark(said.clone());
            }
        }
        Ok(evidence)
    }
}

fn lost(error: &io::Error) -> ActionError {
    ActionError::failed(format!("the probes cannot be written: {error}"))
}

/// Why there is no answer.
fn why_none(end: Option<End>, ended: Option<&Stopped>, search: &Search) -> String {
    match (end, ended) {
        (Some(End::Nothing), _) => match search.upper() {
            Some(upper) => format!("not even {upper} records/s, the lowest rate of interest, held"),
            None => "nothing held".to_owned(),
        },
        (Some(End::TooManyProbes), _) => "it gave up after too many probes".to_owned(),
        (_, Some(Stopped::OutOfTime(within))) => {
            format!("the time for the search ({}) was over before it was confirmed", text::duration(*within))
        }
        _ => "the search was stopped before it was confirmed".to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
fn put_rates(
    evidence: &mut Evidence,
    search: &Search,
    answer: Option<u64>,
    worst: Option<&Probe>,
    none: &str,
) {
    let per_s = |rate: Option<u64>, otherwise: &str| match rate {
        Some(rate) => Value::number(rate as f64, Unit::RecordsPerSecond),
        None => Value::missing(otherwise.to_owned()),
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
                None => Value::missing(none.to_owned()),
            },
            PROBES,
        )
        .put_from("lower.records_per_s", per_s(lower, "no rate held"), PROBES)
        .put_from("upper.records_per_s", per_s(upper, "every rate that was tried held"), PROBES)
        .put_from(
            "gap_ratio",
            match lower.zip(upper) {
                Some((lower, upper)) => {
                    Value::number((upper - lower) as f64 / lower.max(1) as f64, Unit::Ratio)
                }
                None => Value::missing("it has one end only".to_owned()),
            },
            PROBES,
        );
}

/// The figures of the probe that stands for the answer.
fn put_worst(evidence: &mut Evidence, worst: Option<&Probe>) {
    let stats = ["avg", "max", "p50", "p95", "p99", "p999"];
    let latencies = stats.map(|stat| (format!("latency_ms.{stat}"), "latency.hlog"));
    for (name, artifact) in latencies.into_iter().chain([("achieved_ratio".to_owned(), "windows.csv")]) {
        let value = worst.and_then(|probe| probe.evidence.get(&name).cloned());
        match (value, worst) {
            (Some(value), Some(probe)) => {
                evidence.put_from(name.as_str(), value, &format!("{}/{artifact}", probe.folder()))
            }
            _ => evidence.put(name.as_str(), Value::missing("no rate held".to_owned())),
        };
    }
}

fn remark(evidence: &mut Evidence, search: &Search, answer: Option<u64>, none: &str, limiting: Option<&str>) {
    match (answer, search.lower(), search.upper()) {
        (Some(rate), _, Some(upper)) => {
            evidence.remark(format!(
                "{rate} records/s held, {}; {upper} records/s did not: {}",
                again(search.confirmed()),
                limiting.unwrap_or("see probes.csv")
            ));
        }
        (Some(rate), _, None) => {
            evidence.remark(format!(
                "{rate} records/s, the highest rate of interest, held, {}: the limit is at least that, and was not found",
                again(search.confirmed())
            ));
        }
        (None, Some(lower), _) => {
            evidence.remark(format!("{none}; {lower} records/s is the highest rate that held until then"));
        }
        (None, None, _) => {
            evidence.remark(match limiting {
                Some(why) => format!("{none}: {why}"),
                None => none.to_owned(),
            });
        }
    }
    if search.falls() > 0 {
        evidence.remark(format!(
            "a rate that had held did not hold again, {}: near the limit chance decides, and the answer is on the \
             lower side",
            match search.falls() {
                1 => "once".to_owned(),
                falls => format!("{falls} times"),
            }
        ));
    }
}

fn again(times: u32) -> String {
    match times {
        0 => "and was not confirmed".to_owned(),
        1 => "and once again".to_owned(),
        times => format!("and {times} times again"),
    }
}
