//! `/healthz` and `/readyz`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{plugins::ReloadReport, word::Word};

/// The process answers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Alive {
    /// `ok`.
    pub status: String,
}

/// Whether events are taken.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    pub status: Word<Readiness>,
    /// Absent for a caller whose token may not read, or is bound to channels.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub details: Option<ReadyDetails>,
}

/// Why events are taken or not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReadyDetails {
    pub journal: JournalHealth,
    pub table: Table,
    pub channels: ChannelStates,
    /// Absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<StageStates>,
    /// What should be watched for changes and is not, with the reason. Absent when everything is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwatched: Vec<String>,
    /// Absent when the last reload took everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_reload: Option<ReloadReport>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// Events are taken.
    Ready,
    /// Events are taken; a part of the journal cannot be read, or a stage has no plugin.
    Degraded,
    /// Events are refused.
    Unavailable,
    /// The daemon stops.
    Draining,
}

/// Whether the journal can write, and what it holds can be read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalHealth {
    pub status: Word<JournalStatus>,
    /// What is wrong. Absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Reads that met damage since the start. Absent where none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JournalStatus {
    Ok,
    /// A part of it cannot be read.
    Degraded,
    /// It cannot be written.
    Failing,
}

/// Whether events go to the channels that are configured.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    pub status: Word<TableStatus>,
    /// What is wrong. Absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TableStatus {
    Ok,
    /// They go to the channels that were configured before.
    Behind,
    /// They go nowhere.
    Missing,
}

/// How many channels there are, by state.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChannelStates {
    pub active: usize,
    pub missing: usize,
    pub failed: usize,
    pub paused: usize,
    pub suspended: usize,
    pub open: usize,
    pub unconfigured: usize,
}

/// How many stages there are, by state.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StageStates {
    pub active: usize,
    pub missing: usize,
    pub failed: usize,
}
