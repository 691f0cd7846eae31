//! How an attempt ended. A plugin's failure is a value here, never an `Err` that travels.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Event, Staged};

/// Why an attempt failed: the word an operator reads first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The guest, the network or the receiver says: try again.
    Retry,
    /// As `Retry`, but not before a named delay.
    Throttled,
    /// It will never work: dead at once.
    Rejected,
    /// The receiver is gone; the channel stops until someone looks.
    Suspended,
    /// The guest trapped: a panic, an out-of-bounds access, an unreachable.
    Trap,
    /// The guest spent its fuel.
    Fuel,
    /// The attempt ran past its wall clock, in the guest or in a host call.
    Timeout,
    /// The guest asked for more memory than it may have, and did not survive the refusal.
    Memory,
    /// A capability that the operator has not granted.
    Denied,
    /// Our own fault. Not counted as an attempt.
    Host,
    /// Not delivered within the channel's `expires`. No attempt is made for it, so none has this class.
    Expired,
}

impl Class {
    pub const ALL: [Self; 11] = [
        Self::Retry,
        Self::Throttled,
        Self::Rejected,
        Self::Suspended,
        Self::Trap,
        Self::Fuel,
        Self::Timeout,
        Self::Memory,
        Self::Denied,
        Self::Host,
        Self::Expired,
    ];

    /// The class of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Throttled => "throttled",
            Self::Rejected => "rejected",
            Self::Suspended => "suspended",
            Self::Trap => "trap",
            Self::Fuel => "fuel",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Denied => "denied",
            Self::Host => "host",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed attempt, in words for people (`message`) and for programs (`class`, `code`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub class: Class,
    /// Stable and short: `http_503`, `connection_refused`, `panic`.
    pub code: String,
    pub message: String,
    /// The least wait before the next attempt; meant for [`Class::Throttled`].
    pub retry_after: Option<Duration>,
}

impl Fault {
    #[must_use]
    pub fn new(class: Class, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class, code: code.into(), message: message.into(), retry_after: None }
    }
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receipt is a JSON object as text, checked by the runtime; `None` when the guest gave none.
    Delivered {
        receipt: Option<String>,
    },
    Failed(Fault),
}

/// What one attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub duration: Duration,
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
}

/// A change to the channel's own key-value state, committed together with the settle of the attempt that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateWrite {
    Set {
        key: String,
        value: Vec<u8>,
        ttl: Option<Duration>,
    },
    /// The same, unless what is there compares as greater: of those who write without knowing of each other, the last
    /// to decide counts, and not the last to be recorded.
    SetNewer {
        key: String,
        value: Vec<u8>,
        ttl: Duration,
    },
    Delete {
        key: String,
    },
    /// Adds to a whole number kept as decimal text (absent counts as 0). Kept as a difference, so that two attempts at once add up.
    Increment {
        key: String,
        by: i64,
    },
}

/// A number the guest measured; applied when the attempt has settled as delivered, so that a retry does not count twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// As the guest gave it, checked to be `[a-z][a-z0-9_]*`; exported under `fanfare_plugin_`.
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: SampleValue,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SampleValue {
    Count(f64),
    Gauge(f64),
    Observation(f64),
}

/// One of the last lines a guest logged or printed; kept only with a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine(pub String);

/// Everything one attempt leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub outcome: Outcome,
    pub cost: Cost,
    pub writes: Vec<StateWrite>,
    pub samples: Vec<Sample>,
    /// New events, published in the commit that records the delivery.
    pub emits: Vec<Staged>,
    /// The guest's last log lines, for a failed attempt.
    pub trace: Vec<TraceLine>,
}

impl Report {
    /// A failure with nothing else to report.
    #[must_use]
    pub fn failed(fault: Fault, cost: Cost) -> Self {
        Self { outcome: Outcome::Failed(fault), cost, writes: vec![], samples: vec![], emits: vec![], trace: vec![] }
    }
}

/// Everything one call of a stage leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct StageReport {
    /// The event that goes on; none where the stage dropped it.
    pub outcome: Result<Option<Event>, Fault>,
    pub cost: Cost,
    pub samples: Vec<Sample>,
    /// The guest's last log lines, where it failed.
    pub trace: Vec<TraceLine>,
}

impl StageReport {
    /// A failure with nothing else to report.
    #[must_use]
    pub fn failed(fault: Fault, cost: Cost) -> Self {
        Self { outcome: Err(fault), cost, samples: vec![], trace: vec![] }
    }
}

/// Everything one call for several deliveries leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReport {
    /// One for each delivery, in their order. `None`: nothing is known of this one, which is to be attempted alone.
    pub outcomes: Vec<Option<Outcome>>,
    /// Why nothing is known of some.
    pub fault: Option<Fault>,
    /// The whole call's.
    pub cost: Cost,
    pub writes: Vec<StateWrite>,
    pub samples: Vec<Sample>,
    pub emits: Vec<Staged>,
    /// The guest's last log lines, where not all are delivered.
    pub trace: Vec<TraceLine>,
}

impl BatchReport {
    /// Every one of `count` deliveries ends in this fault.
    #[must_use]
    pub fn failed(count: usize, fault: &Fault, cost: Cost) -> Self {
        let outcomes = vec![Some(Outcome::Failed(fault.clone())); count];
        Self { outcomes, fault: None, cost, writes: vec![], samples: vec![], emits: vec![], trace: vec![] }
    }

    /// The report of a batch of one.
    #[must_use]
    pub fn into_single(mut self) -> Report {
        let Self { fault, cost, writes, samples, emits, trace, .. } = self;
        let outcome = self.outcomes.pop().flatten().unwrap_or_else(|| {
            Outcome::Failed(fault.unwrap_or_else(|| Fault::new(Class::Host, "no_result", "the batch has no result")))
        });
        Report { outcome, cost, writes, samples, emits, trace }
    }
}
