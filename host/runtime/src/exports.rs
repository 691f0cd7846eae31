//! The kinds of plugin, and the exports that tell them apart.

use std::fmt;

pub(crate) const HANDLER: &str = "fanfare:channel/handler@0.1.0";
pub(crate) const EXCHANGE: &str = "fanfare:channel/exchange@0.1.0";
pub(crate) const BATCH_HANDLER: &str = "fanfare:channel/batch-handler@0.1.0";
pub(crate) const BATCH_EXCHANGE: &str = "fanfare:channel/batch-exchange@0.1.0";
pub(crate) const STAGE: &str = "fanfare:channel/stage@0.1.0";
/// This name matches any 0.2.
pub(crate) const INCOMING_HANDLER: &str = "wasi:http/incoming-handler@0.2.0";
pub(crate) const RUN: &str = "wasi:cli/run@0.2.0";
pub(crate) const START: &str = "_start";

/// The kind of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Makes the delivery itself.
    Channel,
    /// Composes a request, which the host sends.
    HttpChannel,
    /// Any `wasi:http` server: an event is a request to it.
    IncomingHandler,
    /// Any program: an event is its standard input.
    Command,
    /// Processes events before they go to channels.
    Stage,
}

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::HttpChannel => "http-channel",
            Self::IncomingHandler => "incoming-handler",
            Self::Command => "command",
            Self::Stage => "stage",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
