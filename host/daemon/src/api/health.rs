//! `/healthz` and `/readyz`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{plugins::ReloadReport, word::Word};

/// The process responds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Alive {
    /// `ok`.
    pub status: String,
}

/// Whether events are accepted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    pub status: Word<Readiness>,
    /// Absent for a caller whose token may not read, or is bound to channels.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub details: Option<ReadyDetails>,
}

/// Why events are accepted or not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReadyDetails {
    pub journal: JournalHealth,
    pub table: Table,
    pub channels: ChannelStates,
    /// Absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<StageStates>,
    /// What should be watched for changes and is not, with the reason. Absent if everything is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwatched: Vec<String>,
    /// The server's certificate. Absent without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Where traces are sent. Absent without `[telemetry]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector: Option<Collector>,
    /// Absent if the last reload applied everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_reload: Option<ReloadReport>,
}

/// The certificate that the server presents.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    pub status: Word<CertificateStatus>,
    /// From then on it is valid.
    pub not_before: Timestamp,
    /// Until then it is valid.
    pub not_after: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
    Ok,
    /// It expires within 14 days.
    Expiring,
    /// Clients refuse it.
    Expired,
    /// Clients refuse it.
    NotYetValid,
}

/// Whether the collector accepts spans.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Collector {
    pub status: Word<CollectorStatus>,
    /// Why it did not accept the last ones. Absent if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CollectorStatus {
    /// It accepted the last spans, or none have been sent yet.
    Ok,
    /// The last spans could not be sent.
    Failing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// Events are accepted.
    Ready,
    /// Events are accepted; a part of the journal cannot be read, or a stage has no plugin.
    Degraded,
    /// Events are rejected.
    Unavailable,
    /// The daemon is stopping.
    Draining,
}

/// Whether the journal can write, and whether its content can be read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalHealth {
    pub status: Word<JournalStatus>,
    /// What is wrong. Absent if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many reads found damage since the start. Absent if none did.
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

/// Whether events go to the channels in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    pub status: Word<TableStatus>,
    /// What is wrong. Absent if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TableStatus {
    Ok,
    /// They go to the channels of an earlier configuration.
    Behind,
    /// They are rejected.
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
