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
    /// Events recorded; `null` in steps before the start. For a token bound to channels, the sum over them, like
    /// `totals.accepted` of `/v1/stats`.
    pub accepted: Vec<Option<f64>>,
    /// Over all channels.
    #[serde(flatten)]
    pub totals: Rates,
    /// By channel. Channels without an event or an attempt since the start are absent.
    pub channels: BTreeMap<String, Rates>,
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
