//! `/v1/series`: recent rates, for charts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word::Word;

/// The period that a series covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SeriesWindow")]
pub enum Window {
    /// The last hour, in steps of ten seconds.
    #[default]
    Hour,
    /// The last day, in steps of five minutes.
    Day,
}

/// Rates per second in each step of a window. They are kept in memory, so they begin with the daemon.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    pub window: Word<Window>,
    /// Length of a step in seconds.
    pub step_seconds: u32,
    /// The end of the last step, a multiple of the step. The last step of `day` is still in progress.
    pub until: Timestamp,
    /// Events recorded; `null` in steps before the start, and for a token that is bound to channels.
    pub accepted: Vec<Option<f64>>,
    /// Over all channels.
    #[serde(flatten)]
    pub totals: Rates,
    /// By channel. Channels without an attempt since the start are absent.
    pub channels: BTreeMap<String, Rates>,
}

impl Series {
    /// Leaves only some channels, as if there were no others.
    pub fn keep(&mut self, sees: impl Fn(&str) -> bool) {
        self.accepted.fill(None);
        self.channels.retain(|channel, _| sees(channel));
        let known = &self.totals.delivered;
        let none = || known.iter().map(|rate| rate.map(|_| 0.0)).collect::<Vec<_>>();
        let mut totals = Rates { delivered: none(), failed: none(), dead: none() };
        for rates in self.channels.values() {
            totals.add(rates);
        }
        self.totals = totals;
    }
}

impl Rates {
    fn add(&mut self, other: &Self) {
        let tracks =
            [(&mut self.delivered, &other.delivered), (&mut self.failed, &other.failed), (&mut self.dead, &other.dead)];
        for (sums, rates) in tracks {
            for (sum, rate) in sums.iter_mut().zip(rates) {
                *sum = sum.map(|sum| sum + rate.unwrap_or_default());
            }
        }
    }
}

/// Rates per second, oldest step first; `null` in steps before the start.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SeriesRates")]
pub struct Rates {
    /// Successful deliveries.
    pub delivered: Vec<Option<f64>>,
    /// Failed attempts.
    pub failed: Vec<Option<f64>>,
    /// Deliveries that ended as dead letters.
    pub dead: Vec<Option<f64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_that_sees_some_channels_gets_their_sums() {
        let rates = |delivered: f64| Rates {
            delivered: vec![None, Some(delivered)],
            failed: vec![None, Some(0.0)],
            dead: vec![None, Some(1.0)],
        };
        let mut series = Series {
            window: Window::Hour.into(),
            step_seconds: 10,
            until: Timestamp::UNIX_EPOCH,
            accepted: vec![None, Some(9.0)],
            totals: rates(6.0),
            channels: [("a", 1.0), ("b", 2.0), ("c", 3.0)].map(|(name, rate)| (name.to_owned(), rates(rate))).into(),
        };
        series.keep(|channel| channel != "c");
        assert_eq!(series.accepted, [None, None]);
        assert_eq!(series.totals.delivered, [None, Some(3.0)]);
        assert_eq!(series.totals.dead, [None, Some(2.0)]);
        assert_eq!(series.channels.keys().collect::<Vec<_>>(), ["a", "b"]);
    }
}
