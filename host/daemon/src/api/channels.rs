//! `/v1/channels`: each channel with its state, its backlog and its numbers.

use std::collections::BTreeMap;

use fanfare_core::Class;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{
    metrics::{FilterErrors, LastError, Latency},
    plugins::{Grants, Loaded},
    word::Word,
};

/// The state of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ChannelState")]
pub enum State {
    Active,
    /// The plugin does not exist; deliveries are kept.
    Missing,
    /// The plugin could not be loaded, or rejects the channel's settings; deliveries are kept.
    Failed,
    /// Paused by an operator; deliveries are kept.
    Paused,
    /// The receiver reported that it is gone; deliveries are kept.
    Suspended,
    /// The breaker is open, or half-open and probing; deliveries are kept.
    Open,
    /// A file that no channel uses and that would fail without configuration. It gets no events.
    Unconfigured,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Active, Self::Missing, Self::Failed, Self::Paused, Self::Suspended, Self::Open, Self::Unconfigured];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Missing => "missing",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::Open => "open",
            Self::Unconfigured => "unconfigured",
        }
    }
}

/// The configured channels, and removed ones with a backlog or dead letters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Channels {
    pub channels: Vec<Channel>,
    /// Always `null`: there is only one page.
    pub next: Option<()>,
}

/// A channel: its plugin and policy, its state, and its backlog.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Channel {
    pub name: String,
    pub state: Word<State>,
    /// Why nothing is attempted. Absent unless the channel is paused, suspended or open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// As in the configuration: `webhook`, `builtin:webhook`. `null`, like `grants` and `policy`, for a removed channel
    /// of which only a backlog or dead letters are left.
    pub plugin: Option<String>,
    #[serde(flatten)]
    pub loaded: Loaded,
    /// What to add to the configuration, for an unconfigured file. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    /// What may be a mistake. Absent if there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    pub grants: Option<Grants>,
    pub policy: Option<Policy>,
    /// The layer that sets each key of the policy. Keys that are absent have their built-in values.
    pub policy_from: BTreeMap<String, Word<Layer>>,
    /// The keys of its settings, without their values, which may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// Whether its requests are signed.
    pub signed: bool,
    #[serde(flatten)]
    pub counts: Counts,
    /// Deliveries that wait for their batch. Absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gathered: Option<Gathered>,
    /// Of this run's attempts; `null` before the first.
    pub latency: Option<Latency>,
    /// `null` if no attempt of this run has failed.
    pub last_error: Option<LastError>,
    /// Absent if its filter could be evaluated for every event of this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_errors: Option<FilterErrors>,
}

/// A channel's backlog and totals.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Counts {
    /// The backlog: deliveries that have not settled.
    pub pending: u64,
    /// How many of the pending ones are in flight.
    pub in_flight: u64,
    /// How many of the pending ones wait for their time.
    pub waiting: u64,
    /// How many of the waiting ones are deferred, by what they wait for. Absent if there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deferred: BTreeMap<String, u64>,
    /// When the oldest pending delivery was recorded; `null` if there is none.
    pub oldest_pending_at: Option<Timestamp>,
    /// Deliveries that became dead letters since the journal was created.
    pub dead: u64,
    /// The dead letters that are kept.
    pub dead_letters: u64,
    /// Deliveries made since the journal was created.
    pub delivered: u64,
    /// Settled without an attempt, because they were no longer wanted.
    pub skipped: u64,
    /// Attempts since the journal was created.
    pub attempts: u64,
    /// The share of settled deliveries that were delivered, from 0 to 1; `null` before the first.
    pub success_rate: Option<f64>,
}

/// Why nothing is attempted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Hold {
    pub kind: Word<State>,
    /// The reason that the operator or the receiver gave; may be empty.
    pub reason: String,
    pub since: Timestamp,
    /// When the breaker becomes half-open. Only for an open breaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A policy, as in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// For one attempt, wall clock.
    pub timeout: String,
    /// Attempts after the first.
    pub retries: u32,
    /// The first waits between attempts, without jitter.
    pub waits: Vec<String>,
    /// Per attempt.
    pub fuel: u64,
    /// In bytes.
    pub memory: u64,
    /// Attempts in flight.
    pub concurrency: usize,
    /// How many attempts an instance serves; 0: each attempt has a fresh one.
    pub reuse: u32,
    /// Absent if deliveries do not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// `none`, or the attribute whose values keep their order.
    pub order: String,
    /// Absent if the channel gets every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    pub priority: i8,
    /// The condition for going ahead of the backlog. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// `none`, or how long a delivery may be due before operators are notified.
    pub lagging_after: String,
    /// Absent if every delivery has its own call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// How long every delivery waits first. Absent if deliveries do not wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// Absent if there are no quiet hours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet: Vec<Quiet>,
    /// Absent if every event is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
    /// The channels that get what this one cannot deliver, in this order. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// After this long, the fallback gets the event even if the delivery is not dead. Absent if it has to be dead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_after: Option<String>,
}

/// A batch policy, as in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BatchPolicy")]
pub struct Batch {
    /// The most events in a batch.
    pub max: usize,
    /// How long a batch waits for more events.
    pub linger: String,
    /// The most bytes in a batch.
    pub bytes: u64,
    /// The attribute or expression whose values have separate batches. Absent if there is one batch for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

/// Deliveries that wait for their batch.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Gathered {
    pub deliveries: usize,
    pub batches: usize,
    /// When the first of the batches is due.
    pub until: Timestamp,
}

/// Quiet hours, as in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Quiet {
    /// A time of day: `22:00`.
    pub from: String,
    pub to: String,
    /// `Europe/Berlin`.
    pub zone: String,
    /// `mon` to `sun`.
    pub days: Vec<String>,
    /// The condition for delivery in quiet hours. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except: Option<String>,
}

/// One of several events in a window is delivered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Once {
    /// The attribute or expression whose values have separate windows.
    pub per: String,
    /// The length of the window.
    pub within: String,
    /// Whether the last event is delivered instead of the first.
    pub last: bool,
}

/// A rate, as in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// `10/s`, `100/min`.
    pub limit: String,
    /// The attribute or expression whose values have separate rates. Absent if the rate is for the channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// How many attempts may be made at once.
    pub burst: u32,
}

/// A breaker, as in the configuration. It opens after `failures` in a row, or at a `ratio` of the last `of` attempts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Breaker {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    /// How long it stays open.
    pub open: String,
    /// How many attempts it lets through while it is half-open.
    pub probes: u32,
}

/// A filter, as in the configuration. Further members are filters in the CloudEvents dialects, by name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Filter {
    /// Types and type patterns. Absent if every type passes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The condition, in CEL. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(flatten)]
    pub dialects: Map<String, Value>,
}

/// Pauses a channel.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The reason, for the record.
    #[serde(default)]
    pub reason: String,
}

/// The outcome of a test of a channel. Nothing of it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    pub channel: String,
    pub delivery_id: String,
    /// `success` or `failed`.
    #[schemars(extend("enum" = ["success", "failed"]))]
    pub status: String,
    /// In milliseconds.
    pub duration_ms: f64,
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
    /// The plugin's receipt. Only after a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<RawValue>>,
    /// The class of the failure. Absent after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word<Class>>,
    /// Only with `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Only with `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The guest's last log lines. Only after a failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<String>,
}

/// Ends the backlog of a removed channel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Only count. Because this cannot be undone, the default is `true`.
    #[serde(default = "yes")]
    pub dry_run: bool,
}

fn yes() -> bool {
    true
}

/// What was left of a removed channel.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Forgotten {
    pub channel: String,
    pub dry_run: bool,
    /// The backlog; dead letters now, unless this was a dry run.
    pub pending: u64,
    /// How many deliveries were ended.
    pub ended: u64,
}

/// A layer of the configuration that can set a key of a policy. Each overrides those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "PolicyLayer")]
pub enum Layer {
    /// `[defaults]`.
    Defaults,
    /// The plugin's sidecar.
    Sidecar,
    /// `[channels.<name>]`.
    Channel,
}
