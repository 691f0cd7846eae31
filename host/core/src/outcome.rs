//! How an attempt ended. A plugin's failure is a value, never an `Err` that propagates.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Why an attempt failed, in the one word that an operator reads first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The guest, the network or the receiver asks for a retry.
    Retry,
    /// Like `Retry`, but not before a given delay.
    Throttled,
    /// It can never succeed: dead at once.
    Rejected,
    /// The receiver is gone. The channel stops until an operator resumes it.
    Suspended,
    /// The guest trapped: a panic, an out-of-bounds access, an `unreachable`.
    Trap,
    /// The guest ran out of fuel.
    Fuel,
    /// The attempt exceeded its wall-clock limit, in the guest or in a host call.
    Timeout,
    /// The guest exceeded its memory limit and did not survive the failed allocation.
    Memory,
    /// The guest used a capability that the operator has not granted.
    Denied,
    /// A fault of the host. Not counted as an attempt.
    Host,
    /// Not delivered within the channel's `expires`. No attempt is made, so no attempt has this class.
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

    /// The class with this name.
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

/// A failed attempt, described for people (`message`) and for programs (`class`, `code`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub class: Class,
    /// Stable and short: `http_503`, `connection_refused`, `panic`.
    pub code: String,
    pub message: String,
    /// The minimum wait before the next attempt; used with [`Class::Throttled`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// The receipt is a JSON object as text, validated by the runtime; `None` if the guest returned none.
    Delivered {
        receipt: Option<String>,
    },
    Failed(Fault),
}
