//! The refusal of a stage.

use std::fmt;

use fanfare_core::{ChannelName, Class, StageFailure};

/// An event that was rejected because of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRefusal {
    /// The index of the event.
    pub entry: usize,
    pub stage: ChannelName,
    pub failure: StageFailure,
}

impl StageRefusal {
    /// Whether the same event may be accepted later: the host is at fault, or the stage says that the cause passes (a
    /// data file that is missing, for example).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.failure.class, Class::Host | Class::Retry | Class::Throttled)
    }
}

impl fmt::Display for StageRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, failure: StageFailure { class, code, reason }, .. } = self;
        match class {
            Class::Rejected => write!(f, "the stage `{stage}` rejected the event ({code}): {reason}"),
            Class::Host => write!(f, "the stage `{stage}` cannot run: {reason}"),
            _ => write!(f, "the stage `{stage}` failed with {class} ({code}): {reason}"),
        }
    }
}
