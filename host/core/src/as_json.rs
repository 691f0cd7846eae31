//! Text that is JSON, within other JSON: included as it is, neither quoted nor rewritten
//! (`#[serde(with = "as_json")]`).

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;

/// Writes a JSON text as it is.
///
/// # Errors
/// The text is not valid JSON.
pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(text).map_err(Error::custom)?.serialize(serializer)
}

/// Reads any JSON value as its text.
///
/// # Errors
/// The deserializer's.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(|raw| Box::<str>::from(raw).into_string())
}

/// The same for a text that may be absent. Such a field needs `default` and `skip_serializing_if`.
pub mod optional {
    use serde::{Deserializer, Serializer};

    /// Writes a JSON text as it is, or `null`.
    ///
    /// # Errors
    /// The text is not valid JSON.
    #[allow(clippy::ref_option, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
        match text {
            Some(text) => super::serialize(text, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads any JSON value as its text.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}
