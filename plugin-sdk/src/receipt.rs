//! Receipts: what a channel records about a delivery.

use serde::Serialize;

/// A JSON object that is stored with the delivery, such as the receiver's own id. Create it with `json!({ … }).into()`
/// or [`Receipt::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// An empty receipt.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A receipt from a value that serializes to a JSON object.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn of(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(Self)
    }

    /// A receipt from JSON text, such as the receiver's response. The host rejects text that is not a JSON object.
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
