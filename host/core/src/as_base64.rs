//! Bytes within JSON, as base64 (`#[serde(with = "as_base64")]`).

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Writes bytes as a base64 string.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

/// Reads bytes from a base64 string.
///
/// # Errors
/// The value is not a string, or not base64.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    BASE64.decode(text.as_bytes()).map_err(|error| Error::custom(format!("a value is not base64: {error}")))
}
