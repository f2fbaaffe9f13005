//! The [`Scenario`] that a run of a tool ends as.

use super::{checks, consumer::COLUMNS, messages, metrics, run::Run};
use crate::{
    record::{Said, Scenario, Tool},
    support::redact,
};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

impl Run {
    /// The scenario that it comes to.
    pub(super) fn finish(mut self, day: Option<Date>) -> Scenario {
        if self.failed_sends > 0 {
            self.say(messages::exceptions(self.failed_sends));
        }
        for warning in checks::contradictions(&self, day) {
            self.say(warning);
        }
        let mut warnings: Vec<Said> = self
            .said
            .iter()
            .map(
                |(warning, times)| {
                    if *times == 1 { warning.clone() } else { messages::times(times, warning) }
                },
            )
            .collect();
        if self.not_said > 0 {
            warnings.push(messages::more_warnings(self.not_said));
        }
        let option = |names: &[&str]| self.command.as_ref().and_then(|c| c.option(names));
        let mut scenario = Scenario {
            name: self.name(),
            tool: self.tool,
            command: self.command.as_ref().map(|c| redact::mask(&c.text).into_owned()),
            topic: option(&["topic", "include"]).map(|topic| redact::mask(topic).into_owned()),
            record_size_bytes: self.asked.record_size,
            target_rate: self.asked.target,
            properties: self.properties(),
            warnings,
            lines: self.lines,
            metrics: self
                .metrics
                .iter()
                .map(|(name, printed)| (name.clone(), metrics::value(printed)))
                .collect(),
            ..Scenario::default()
        };
        if let Some(total) = self.total {
            let [p50, p95, p99, p999] = total.percentiles.map(|p| total.avg_ms.map(|_| p));
            scenario.records = Some(total.records);
            scenario.achieved_records_per_s = Some(total.records_per_s);
            scenario.mb_per_s = Some(total.mb_per_s);
            (scenario.avg_ms, scenario.max_ms) =
                (total.avg_ms, total.max_ms.filter(|_| total.avg_ms.is_some()));
            (scenario.p50_ms, scenario.p95_ms, scenario.p99_ms, scenario.p999_ms) = (p50, p95, p99, p999);
        }
        if let Some(row) = &self.row {
            scenario.records = Some(row.values[2] as u64);
            let finite = |value: f64| Some(value).filter(|v| v.is_finite());
            // The rates of a detailed row are those of its interval.
            if !row.detailed {
                scenario.achieved_records_per_s = finite(row.values[3]);
                scenario.mb_per_s = finite(row.values[1]);
            }
            let places = COLUMNS.iter().zip(&row.values).enumerate();
            let extra = places.filter(|(i, _)| *i == 0 || (*i > 3 && !row.detailed));
            scenario.metrics.extend(extra.map(|(_, (name, value))| ((*name).to_owned(), json(*value))));
        }
        if self.tool == Some(Tool::EndToEnd) {
            scenario.avg_ms = self.latency.avg_ms;
            let [p50, p99, p999] = self.latency.percentiles.map_or([None; 3], |p| p.map(Some));
            (scenario.p50_ms, scenario.p99_ms, scenario.p999_ms) = (p50, p99, p999);
        }
        scenario.windows = self.windows.listed;
        scenario
    }

    fn properties(&self) -> BTreeMap<String, String> {
        let Some(command) = &self.command else { return BTreeMap::new() };
        let mut json: Value =
            command.properties.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
        redact::mask_json(&mut json);
        let Value::Object(masked) = json else { return BTreeMap::new() };
        masked.into_iter().map(|(k, v)| (k, v.as_str().unwrap_or_default().to_owned())).collect()
    }

    /// `produce orders, 1024 B at 1000/s`; without a command, the line where it begins.
    fn name(&self) -> String {
        let verb = self.tool.map_or("run", Tool::verb);
        let Some(topic) = self.command.as_ref().and_then(|c| c.option(&["topic", "include"])) else {
            return format!("{verb} of line {}", self.lines.first);
        };
        let mut name = format!("{verb} {topic}");
        if let Some(size) = self.asked.record_size {
            name.push_str(&format!(", {size} B"));
        }
        match self.asked.target {
            Some(rate) if rate < 0.0 => name.push_str(" unlimited"),
            Some(rate) => name.push_str(&format!(" at {rate}/s")),
            None => {}
        }
        if self.total.is_some_and(|t| t.steady) {
            name.push_str(", steady state");
        }
        redact::mask(&name).into_owned()
    }
}

/// A number as JSON: whole where it is, a text where it is none.
fn json(value: f64) -> Value {
    match value {
        v if v.is_finite() && v.fract() == 0.0 && v.abs() < 1e15 => Value::from(v as i64),
        v if v.is_finite() => v.into(),
        v if v.is_nan() => "NaN".into(),
        _ => "Infinity".into(),
    }
}
