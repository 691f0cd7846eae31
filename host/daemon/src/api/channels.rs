//! `/v1/channels`: what each channel is, does and has before it.

use std::collections::BTreeMap;

use fanfare_core::Class;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{
    config::Layer,
    metrics::{LastError, Latency},
    plugins::{Grants, Loaded},
    word::Word,
};

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ChannelState")]
pub enum State {
    Active,
    /// There is no plugin; deliveries are kept.
    Missing,
    /// There is one, and it could not be loaded, or does not take the channel's settings; deliveries are kept.
    Failed,
    /// By an operator; deliveries are kept.
    Paused,
    /// The receiver said that it is gone; deliveries are kept.
    Suspended,
    /// The breaker is open, or lets some attempts through to see; deliveries are kept.
    Open,
    /// A file that no channel names and that could only fail without: it gets no events.
    Unconfigured,
}

/// The channels that are configured, and those that have left something behind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Channels {
    pub channels: Vec<Channel>,
    /// Always `null`: all of them stand on one page.
    pub next: Option<()>,
}

/// A channel: its plugin and policy, how it is doing, and what it has before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Channel {
    pub name: String,
    pub state: Word<State>,
    /// Why nothing is attempted. Absent unless it is paused or suspended or its breaker is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// As the configuration names it: `webhook`, `builtin:webhook`. `null`, as `grants` and `policy`, when only a backlog or
    /// dead letters are left of a channel.
    pub plugin: Option<String>,
    #[serde(flatten)]
    pub loaded: Loaded,
    /// What to add to the configuration, for a file that waits for that. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    pub grants: Option<Grants>,
    pub policy: Option<Policy>,
    /// The layer that sets each key of the policy. Keys that are absent have their built-in values.
    pub policy_from: BTreeMap<String, Word<Layer>>,
    /// The keys of its settings; values may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// Whether its requests are signed.
    pub signed: bool,
    #[serde(flatten)]
    pub counts: Counts,
    /// What waits for its batch to be closed. Absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gathered: Option<Gathered>,
    /// Of this run's attempts; `null` before the first.
    pub latency: Option<Latency>,
    /// `null` where no attempt of this run has failed.
    pub last_error: Option<LastError>,
}

/// How much a channel has before and behind it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Counts {
    /// Deliveries that have not ended.
    pub pending: u64,
    /// Of those, how many are being attempted.
    pub in_flight: u64,
    /// Of those pending, how many wait for their time.
    pub waiting: u64,
    /// Of those waiting, how many are deferred, by what they wait for. Absent where none is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deferred: BTreeMap<String, u64>,
    /// When the oldest of those pending was recorded; `null` where none is.
    pub oldest_pending_at: Option<Timestamp>,
    /// Given up, since the journal was made.
    pub dead: u64,
    /// Of those, how many are kept.
    pub dead_letters: u64,
    /// Delivered, since the journal was made.
    pub delivered: u64,
    /// Ended without an attempt, as that was not wanted any more.
    pub skipped: u64,
    /// Attempts, since the journal was made.
    pub attempts: u64,
    /// Delivered, of those that reached their end, from 0 to 1; `null` before the first.
    pub success_rate: Option<f64>,
}

/// Why nothing is attempted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Hold {
    pub kind: Word<State>,
    /// What the operator or the receiver said; may be empty.
    pub reason: String,
    pub since: Timestamp,
    /// When the breaker lets an attempt through to see. Only of an open breaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A policy as the configuration writes it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// Of one attempt, wall clock.
    pub timeout: String,
    /// Further attempts after the first.
    pub retries: u32,
    /// The waits before the first further attempts, without jitter.
    pub waits: Vec<String>,
    /// Per attempt.
    pub fuel: u64,
    /// Bytes.
    pub memory: u64,
    /// Attempts in flight.
    pub concurrency: usize,
    /// Attempts that an instance serves; 0: each has a fresh one.
    pub reuse: u32,
    /// Absent where deliveries do not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// `none`, or the attribute whose values keep their order.
    pub order: String,
    /// Absent where the channel gets every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    pub priority: i8,
    /// The condition of what goes ahead of the backlog. Absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// `none`, or how long a delivery may be due before operators are told.
    pub lagging_after: String,
    /// Absent where deliveries go one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// How long every delivery waits first. Absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// Absent where there are no quiet hours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet: Vec<Quiet>,
    /// Absent where every event is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
    /// The channels that get what this one cannot deliver, in this order. Absent where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// After how long they get it, even before the delivery is dead. Absent where it has to be dead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_after: Option<String>,
}

/// A batch policy as the configuration writes it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BatchPolicy")]
pub struct Batch {
    /// Events in a batch at the most.
    pub max: usize,
    /// How long a batch waits for more.
    pub linger: String,
    /// Bytes in a batch at the most.
    pub bytes: u64,
    /// The attribute or the expression whose values have a batch each. Absent where there is one batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

/// What waits for its batch to be closed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Gathered {
    pub deliveries: usize,
    pub batches: usize,
    /// When the first of them is closed.
    pub until: Timestamp,
}

/// Quiet hours as the configuration writes them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Quiet {
    /// A time of day: `22:00`.
    pub from: String,
    pub to: String,
    /// `Europe/Berlin`.
    pub zone: String,
    /// `mon` to `sun`.
    pub days: Vec<String>,
    /// The condition of what is delivered all the same. Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except: Option<String>,
}

/// Of several events in a window one is delivered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Once {
    /// The attribute or the expression whose values have a window each.
    pub per: String,
    /// How long the window is.
    pub within: String,
    /// Whether the last event is delivered, and not the first.
    pub last: bool,
}

/// A rate as the configuration writes it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// `10/s`, `100/min`.
    pub limit: String,
    /// The attribute or the expression whose values have a rate each. Absent where it is the channel's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// Attempts that may be made at once.
    pub burst: u32,
}

/// A breaker as the configuration writes it. It opens after `failures` in a row, or at a `ratio` of the last `of`.
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
    /// Attempts that are let through to see.
    pub probes: u32,
}

/// A filter as the configuration writes it. Further members are filters in the CloudEvents dialects, by name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Filter {
    /// Types and patterns. Absent where every type passes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The condition, in CEL. Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(flatten)]
    pub dialects: Map<String, Value>,
}

/// Pauses a channel.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Why, for whoever looks later.
    #[serde(default)]
    pub reason: String,
}

/// How a test of a channel went. Nothing of it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    pub channel: String,
    pub delivery_id: String,
    /// `success` or `failed`.
    #[schemars(extend("enum" = ["success", "failed"]))]
    pub status: String,
    /// Milliseconds.
    pub duration_ms: f64,
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
    /// What the plugin noted. Only after a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<RawValue>>,
    /// How it failed. Absent after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word<Class>>,
    /// Beside `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Beside `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The guest's last log lines. Only after a failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<String>,
}

/// Ends what is pending for a channel that has left the configuration.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Only count. What cannot be undone has to be asked for, so the default is `true`.
    #[serde(default = "yes")]
    pub dry_run: bool,
}

fn yes() -> bool {
    true
}

/// What was left of a channel that has gone.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Forgotten {
    pub channel: String,
    pub dry_run: bool,
    /// Deliveries that were pending, and are dead letters now unless this was a dry run.
    pub pending: u64,
    /// How many were ended.
    pub ended: u64,
}
