//! What an attempt leaves behind: how it ended, what it cost, and what the guest wrote and emitted.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Class, Event, Fault, Outcome, Sent, Staged, as_base64};

/// What one attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub duration: Duration,
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
}

/// A change to the channel's own key-value state. It is committed together with the settlement of the attempt that made
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateWrite {
    Set {
        key: String,
        #[serde(with = "as_base64")]
        value: Vec<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl: Option<Duration>,
    },
    /// Sets the value unless the stored one compares as greater. Among concurrent writers the latest decision wins, not
    /// the latest commit.
    SetNewer {
        key: String,
        #[serde(with = "as_base64")]
        value: Vec<u8>,
        ttl: Duration,
    },
    Delete {
        key: String,
    },
    /// Adds to an integer stored as decimal text (absent counts as 0). Recorded as a difference, so that concurrent
    /// attempts add up.
    Increment {
        key: String,
        by: i64,
    },
}

/// A number that the guest measured. It is applied when the attempt settles as delivered, so that a retry does not
/// count twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The guest's name for it, validated as `[a-z][a-z0-9_]*`; exported with the prefix `fanfare_plugin_`.
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: SampleValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleValue {
    Count(#[serde(serialize_with = "write_float", deserialize_with = "read_float")] f64),
    Gauge(#[serde(serialize_with = "write_float", deserialize_with = "read_float")] f64),
    Observation(#[serde(serialize_with = "write_float", deserialize_with = "read_float")] f64),
}

/// As text: a guest may measure what JSON has no number for.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn write_float<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn read_float<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a number")))
}

/// One of the last lines that a guest logged or printed; kept only for a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine(pub String);

/// The result of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub outcome: Outcome,
    pub cost: Cost,
    pub writes: Vec<StateWrite>,
    pub samples: Vec<Sample>,
    /// Emitted events, published in the commit that records the delivery.
    pub emits: Vec<Staged>,
    /// The guest's last log lines, if the attempt failed or was sampled.
    pub trace: Vec<TraceLine>,
    /// The guest's requests, if the attempt was sampled.
    pub sent: Vec<Sent>,
}

impl Report {
    /// A failure with nothing else to report.
    #[must_use]
    pub fn failed(fault: Fault, cost: Cost) -> Self {
        Self {
            outcome: Outcome::Failed(fault),
            cost,
            writes: vec![],
            samples: vec![],
            emits: vec![],
            trace: vec![],
            sent: vec![],
        }
    }
}

/// The result of one call of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageReport {
    /// The event that continues; `None` if the stage dropped it.
    pub outcome: Result<Option<Event>, Fault>,
    pub cost: Cost,
    pub samples: Vec<Sample>,
    /// The guest's last log lines, if it failed.
    pub trace: Vec<TraceLine>,
    /// The guest's requests, if the event is sampled.
    pub sent: Vec<Sent>,
}

impl StageReport {
    /// A failure with nothing else to report.
    #[must_use]
    pub fn failed(fault: Fault, cost: Cost) -> Self {
        Self { outcome: Err(fault), cost, samples: vec![], trace: vec![], sent: vec![] }
    }
}

/// The result of one call for several deliveries.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReport {
    /// One per delivery, in order. `None`: the call reported no outcome for it, so it is attempted alone.
    pub outcomes: Vec<Option<Outcome>>,
    /// Why some deliveries have no outcome.
    pub fault: Option<Fault>,
    /// The cost of the whole call.
    pub cost: Cost,
    pub writes: Vec<StateWrite>,
    pub samples: Vec<Sample>,
    pub emits: Vec<Staged>,
    /// The guest's last log lines, unless every delivery succeeded.
    pub trace: Vec<TraceLine>,
    /// The guest's requests, if the call was sampled.
    pub sent: Vec<Sent>,
}

impl BatchReport {
    /// Each of `count` deliveries ends in this fault.
    #[must_use]
    pub fn failed(count: usize, fault: &Fault, cost: Cost) -> Self {
        let outcomes = vec![Some(Outcome::Failed(fault.clone())); count];
        let (writes, samples, emits, trace, sent) = (vec![], vec![], vec![], vec![], vec![]);
        Self { outcomes, fault: None, cost, writes, samples, emits, trace, sent }
    }

    /// The report of a batch of one.
    #[must_use]
    pub fn into_single(mut self) -> Report {
        let Self { fault, cost, writes, samples, emits, trace, sent, .. } = self;
        let outcome = self.outcomes.pop().flatten().unwrap_or_else(|| {
            Outcome::Failed(
                fault.unwrap_or_else(|| Fault::new(Class::Host, "no_result", "the batch call returned no result")),
            )
        });
        Report { outcome, cost, writes, samples, emits, trace, sent }
    }
}
