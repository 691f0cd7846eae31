//! The channel's key-value state. Reads see committed values and this attempt's own writes. Writes are kept only if the
//! attempt delivers, in the same commit.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, StateError, host};

/// Reads a value; `None` when there is none.
///
/// # Errors
/// [`StateError::Unavailable`] when the store cannot be read.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, StateError> {
    host::state::get(key)
}

/// Stores a value permanently.
///
/// # Errors
/// [`StateError::TooLarge`] when the key, the value or the number of writes is past the host's bounds.
pub fn set(key: &str, value: &[u8]) -> Result<(), StateError> {
    host::state::set(key, value, 0)
}

/// Stores a value for a number of seconds, at least 1.
///
/// # Errors
/// As [`set`].
pub fn set_for(key: &str, value: &[u8], seconds: u32) -> Result<(), StateError> {
    host::state::set(key, value, seconds.max(1))
}

/// Deletes a value.
///
/// # Errors
/// As [`set`].
pub fn delete(key: &str) -> Result<(), StateError> {
    host::state::delete(key)
}

/// Adds to an integer (0 if absent) and returns the sum as this attempt sees it. Concurrent additions all count.
///
/// # Errors
/// [`StateError::NotANumber`] when the stored value is not an integer.
pub fn increment(key: &str, by: i32) -> Result<i64, StateError> {
    host::state::increment(key, by)
}

/// Reads a value that [`set_json`] stored.
///
/// # Errors
/// A [`Failure`] when the store cannot be read, or when the value is not such JSON.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Failure> {
    get(key)?.map(|value| serde_json::from_slice(&value)).transpose().map_err(Failure::from)
}

/// Stores a value as JSON.
///
/// # Errors
/// A [`Failure`] when the value cannot be written as JSON, or as [`set`].
pub fn set_json(key: &str, value: &impl Serialize) -> Result<(), Failure> {
    Ok(set(key, &serde_json::to_vec(value)?)?)
}
