//! [`Load`]: what the workloads that send have in common, `ProduceBench` and `RoundTrip`: how they pace, and with what they
//! fill records. An agent of either paces by whole records in every 100 ms (`Throttle`, Kafka 3.7).

use super::messages;
use crate::{
    action::{ActionError, Param, Size, Span, amount, filling::Filling, load_client::Driver, refusals},
    load::pacing::Pacing,
};
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, time::Duration};

/// An agent's pace goes in steps of so many records a second.
const STEP: u64 = 10;

/// What a step asks to be sent.
#[derive(Debug)]
pub(in crate::action) struct Asked<'a> {
    pub(in crate::action) records: Option<&'a Param<u64>>,
    pub(in crate::action) duration: Option<&'a Param<Span>>,
    pub(in crate::action) record_size: Option<&'a Param<Size>>,
    pub(in crate::action) rate: &'a Param<Pacing>,
    pub(in crate::action) payload: &'a Filling,
}

/// What is to be sent, checked.
#[derive(Debug, PartialEq)]
pub(in crate::action) struct Load {
    pub(in crate::action) records: Option<u64>,
    /// Ends the load; only where nothing else does.
    pub(in crate::action) duration: Option<Duration>,
    /// Records a second; `None`: as fast as the agents can.
    pub(in crate::action) rate: Option<u64>,
    /// Bytes of a record.
    pub(in crate::action) size: u64,
    /// Whether records are zeros, and not random bytes.
    pub(in crate::action) zeros: bool,
}

impl Load {
    /// What an action of this kind asks for, or what Trogdor cannot do of it.
    pub(in crate::action) fn new(kind: &str, asked: &Asked<'_>) -> Result<Self, ActionError> {
        let size = amount::size(kind, asked.record_size)?;
        let (records, duration) = amount::checked(kind, asked.records, asked.duration, false)?;
        if size > i32::MAX as u64 {
            return Err(ActionError::misconfigured(amount::too_large(size), messages::give_size_in_range()));
        }
        let pacing = asked.rate.get()?;
        refusals::check(
            Driver::Trogdor,
            &[
                ("payload", !matches!(asked.payload, Filling::Random | Filling::Zeros)),
                ("rate", !matches!(pacing, Pacing::Rate(_) | Pacing::Unlimited)),
            ],
        )?;
        let schedule = pacing.schedule(size, 0);
        let rate = schedule.records_per_s().map(whole_steps).transpose()?;
        let within = |length: Duration| schedule.before(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX));
        let by_time = duration.and_then(within);
        Ok(Self {
            records: records.into_iter().chain(by_time).min(),
            duration: duration.filter(|_| rate.is_none()),
            rate,
            size,
            zeros: *asked.payload == Filling::Zeros,
        })
    }

    /// Rate and records of each agent, so that all end at the same time; fewer than `agents` where there is not enough
    /// for all of them. 2147483647 a second is more than any agent sends.
    pub(in crate::action) fn shares(&self, agents: usize) -> Vec<(u64, u64)> {
        let agents = agents as u64;
        let parts = match self.rate {
            Some(rate) => split(rate / STEP, agents),
            None => vec![1; agents as usize],
        };
        let all: u64 = parts.iter().sum();
        let mut before = (0, 0);
        parts
            .iter()
            .map(|part| {
                let through = before.0 + part;
                let records = self.records.map_or(u64::MAX >> 1, |records| {
                    let until = u64::try_from(u128::from(records) * u128::from(through) / u128::from(all));
                    let until = until.unwrap_or(records);
                    let own = until - before.1;
                    before.1 = until;
                    own
                });
                before.0 = through;
                (self.rate.map_or(i32::MAX as u64, |_| part * STEP), records)
            })
            .filter(|(_, records)| *records > 0)
            .collect()
    }

    /// What fills the records of the agent of that number; each has bytes of its own.
    pub(in crate::action) fn value(&self, agent: usize) -> Json {
        match self.zeros {
            true => json!({"type": "constant", "size": self.size}),
            false => json!({"type": "uniformRandom", "size": self.size, "padding": 0,
                "seed": agent as u64 * 1_000_000_007}),
        }
    }

    /// MB a second (1024 × 1024 bytes) of that many records a second.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub(in crate::action) fn mb_per_s(&self, records_per_s: f64) -> f64 {
        records_per_s * self.size as f64 / 1_048_576.0
    }
}

/// What the client needs with which an agent looks at the topic first: how to reach the cluster.
pub(in crate::action) fn admin_properties(
    properties: &BTreeMap<String, String>,
) -> BTreeMap<&String, &String> {
    let reaches = |name: &str| ["sasl.", "security.", "ssl.", "config."].iter().any(|p| name.starts_with(p));
    properties.iter().filter(|(name, _)| reaches(name)).collect()
}

/// The rate, where an agent can keep it.
fn whole_steps(per_s: f64) -> Result<u64, ActionError> {
    let steps = (per_s / STEP as f64).round();
    if steps < 1.0
        || steps > f64::from(i32::MAX) / STEP as f64
        || (per_s - steps * STEP as f64).abs() > 1e-6 * per_s
    {
        let near = (steps.max(1.0) * STEP as f64).min(f64::from(i32::MAX / 10 * 10));
        return Err(ActionError::misconfigured(
            messages::paces_in_steps(STEP, per_s),
            messages::give_near_rate(near),
        ));
    }
    Ok(steps as u64 * STEP)
}

/// `whole` in `parts` parts as equal as can be, without those of nothing.
fn split(whole: u64, parts: u64) -> Vec<u64> {
    (0..parts).map(|i| whole / parts + u64::from(i < whole % parts)).filter(|part| *part > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_and_every_step_of_the_rate_goes_to_some_agent() {
        for (rate, records, agents) in [
            (Some(1000), 10_000, 3),
            (Some(1010), 7, 2),
            (Some(10), 5, 4),
            (None, 1, 3),
            (None, 1_000_003, 2),
        ] {
            let load = Load { records: Some(records), duration: None, rate, size: 1, zeros: true };
            let shares = load.shares(agents);
            assert_eq!(shares.iter().map(|(_, records)| records).sum::<u64>(), records, "{load:?}");
            if let Some(rate) = rate.filter(|_| shares.len() == agents) {
                assert_eq!(shares.iter().map(|(rate, _)| rate).sum::<u64>(), rate);
                let times: Vec<f64> = shares.iter().map(|(rate, n)| *n as f64 / *rate as f64).collect();
                assert!(times.iter().all(|t| (t - times[0]).abs() < 1.0 / 10.0 + 1e-9), "{times:?}");
            }
        }
        let one = Load { records: Some(5), duration: None, rate: Some(10), size: 1, zeros: true };
        assert_eq!(one.shares(4), [(10, 5)], "an agent cannot send less than 10 a second");
    }
}
