//! `/v1/series`: how much happened lately, step by step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word::Word;

/// How far back a series goes.
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

/// What happened in each step of a window, as rates per second. It is kept in memory, so it begins with the daemon.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    pub window: Word<Window>,
    /// Seconds of one step.
    pub step_seconds: u32,
    /// When the last step ends, a multiple of the step. That of the day is still under way.
    pub until: Timestamp,
    /// Events recorded; `null` in steps before the start.
    pub accepted: Vec<Option<f64>>,
    /// Over all channels.
    #[serde(flatten)]
    pub totals: Rates,
    /// By channel, for those with an attempt since the start.
    pub channels: BTreeMap<String, Rates>,
}

/// Rates per second, oldest step first; `null` in steps before the start.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SeriesRates")]
pub struct Rates {
    /// Deliveries that were delivered.
    pub delivered: Vec<Option<f64>>,
    /// Attempts that failed.
    pub failed: Vec<Option<f64>>,
    /// Deliveries that were given up.
    pub dead: Vec<Option<f64>>,
}
