//! Measurements of channels.

use fanfare_core::Class;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word::Word;

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Latency {
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
}

/// How an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LastError {
    /// When the attempt ended.
    pub at: Timestamp,
    pub class: Word<Class>,
    /// What failed, for programs; for example, `http_503`.
    pub code: String,
    /// What failed, for people.
    pub error: String,
}

/// Events that a channel did not get because its filter's condition could not be evaluated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FilterErrors {
    /// How many since the start.
    pub events: u64,
    /// When the last one was published.
    pub at: Timestamp,
    /// The `id` of the last one.
    pub event_id: String,
    /// Why the condition could not be evaluated for it.
    pub error: String,
}

/// One of the last failed attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecentFailure {
    pub channel: String,
    pub delivery_id: String,
    /// The number of the attempt: 1 for the first.
    pub attempt: u32,
    #[serde(flatten)]
    pub error: LastError,
}
