//! What a channel wants remembered of a delivery.

use serde::Serialize;

/// A JSON object that is kept with the delivery and shown to whoever asks: the receiver's own id, for one. Made by
/// `json!({ … }).into()` or by [`Receipt::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// Nothing worth remembering.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A receipt of a value's JSON. The value must be one that JSON writes as an object.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn of(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(Self)
    }

    /// A receipt that is JSON text already, such as what the receiver answered. The host refuses what is not a JSON
    /// object.
    #[must_use]
    pub fn from_json_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The JSON text; empty for none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<serde_json::Value> for Receipt {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

impl From<Receipt> for String {
    fn from(receipt: Receipt) -> Self {
        receipt.0
    }
}
