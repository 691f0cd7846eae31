//! Reading what the daemon answers. An event may have 128 levels of JSON and stands some levels deep in an answer,
//! which is more than the parser allows unless it is told otherwise.

use fanfare_core::check_nesting;
use serde::{de::DeserializeOwned, de::Error as _};
use serde_json::{Deserializer, de::SliceRead};

/// Levels of what is read: the deepest event, and room for what it stands in.
const DEEPEST: usize = 2 * fanfare_core::DEEPEST;

/// A parser that takes so many levels and no more.
///
/// # Errors
/// It is nested deeper than any answer.
pub(super) fn deserializer(json: &[u8]) -> serde_json::Result<Deserializer<SliceRead<'_>>> {
    check_nesting(json, DEEPEST).map_err(serde_json::Error::custom)?;
    let mut deserializer = Deserializer::from_slice(json);
    deserializer.disable_recursion_limit();
    Ok(deserializer)
}

/// # Errors
/// It is not JSON, or not what is asked for.
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
    fn the_deepest_event_can_be_read_in_a_page_and_nothing_overflows_the_stack() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let page = |levels| format!(r#"{{"events":[{{"event":{{"data":{}}}}}]}}"#, nested(levels));
        assert!(read::<Value>(page(fanfare_core::DEEPEST).as_bytes()).is_ok());
        assert!(super::super::output::pretty(page(fanfare_core::DEEPEST).as_bytes()).is_ok());
        assert!(read::<Value>(nested(400_000).as_bytes()).is_err());
        assert!(read::<Value>(b"{} {}").is_err());
    }
}
