//! Parses the daemon's responses. An event may have 128 levels of JSON, and a response nests it in further levels,
//! which is more than the parser allows by default.

use fanfare_core::check_nesting;
use serde::{de::DeserializeOwned, de::Error as _};
use serde_json::{Deserializer, de::SliceRead};

/// The most levels: the deepest event, with room for the response around it.
const DEEPEST: usize = 2 * fanfare_core::DEEPEST;

/// A parser with this limit of levels.
///
/// # Errors
/// The JSON is nested deeper than any response.
pub(super) fn deserializer(json: &[u8]) -> serde_json::Result<Deserializer<SliceRead<'_>>> {
    check_nesting(json, DEEPEST).map_err(serde_json::Error::custom)?;
    let mut deserializer = Deserializer::from_slice(json);
    deserializer.disable_recursion_limit();
    Ok(deserializer)
}

/// # Errors
/// It is not JSON, or not of this type.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let mut deserializer = deserializer(json)?;
    let read = T::deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_deepest_event_can_be_read_and_nothing_overflows_the_stack() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let page = |levels| format!(r#"{{"events":[{{"event":{{"data":{}}}}}]}}"#, nested(levels));
        assert!(read::<Value>(page(fanfare_core::DEEPEST).as_bytes()).is_ok());
        assert!(super::super::output::pretty(page(fanfare_core::DEEPEST).as_bytes()).is_ok());
        assert!(read::<Value>(nested(400_000).as_bytes()).is_err());
        assert!(read::<Value>(b"{} {}").is_err());
    }
}
