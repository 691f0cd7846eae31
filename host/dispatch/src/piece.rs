//! The part of a response that depends on the channel alone, rendered once per table.

use fanfare_core::{ChannelId, ChannelName};

/// One channel's part of the response to a publisher that does not wait, split around the time and the event's key.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) before_time: String,
    /// After the key, which is part of the delivery id.
    pub(crate) after_key: String,
}

impl Piece {
    pub(crate) fn new(name: &ChannelName, id: ChannelId) -> Self {
        // Names consist of letters, digits, `-` and `_`, so nothing has to be escaped.
        Self {
            before_time: format!(r#""{name}":{{"status":"pending","channel":"{name}","timestamp":""#),
            after_key: format!(r#"_{}","attempts":0}}"#, id.0),
        }
    }
}
