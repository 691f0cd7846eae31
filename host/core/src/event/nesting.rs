//! How deep JSON may be nested. Our own parser walks raw values without recursion and would take any depth, but what is
//! accepted here is read again by clients and receivers, and most of them give up somewhere between 100 and 1,000
//! levels.

/// Levels of arrays and objects in one event, the event's own object included.
pub const DEEPEST: usize = 128;

/// JSON nested deeper than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the JSON is nested deeper than {most} levels: the array or object at byte {at} is one level too deep; flatten it"
)]
pub struct TooDeep {
    pub most: usize,
    /// Where the first level that is too deep begins, in bytes from the start.
    pub at: usize,
}

/// Checks that arrays and objects are nested at most `most` levels deep. It reads brackets and strings alone, in one
/// pass and in constant space; what is not JSON is for the parser to refuse.
///
/// # Errors
/// [`TooDeep`], with the place.
pub fn check_nesting(json: &[u8], most: usize) -> Result<(), TooDeep> {
    // Nearly every body ends here: a count is a fraction of the price of following the strings.
    if json.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() <= most {
        return Ok(());
    }
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = json.get(at) {
        match byte {
            b'[' | b'{' if depth == most => return Err(TooDeep { most, at }),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => at = end_of_string(json, at),
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// The closing quote of the string that begins at `start`; beyond the end where there is none.
fn end_of_string(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = json.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn levels_are_counted_and_the_first_one_too_deep_is_named() {
        assert_eq!(check_nesting(nested(128).as_bytes(), DEEPEST), Ok(()));
        assert_eq!(check_nesting(nested(129).as_bytes(), DEEPEST), Err(TooDeep { most: 128, at: 128 }));
        assert_eq!(check_nesting(nested(400_000).as_bytes(), DEEPEST), Err(TooDeep { most: 128, at: 128 }));
        let side_by_side = format!("[{}]", vec![nested(2); 1_000].join(","));
        assert_eq!(check_nesting(side_by_side.as_bytes(), 3), Ok(()));
        assert_eq!(check_nesting(br#"{"a":[{"b":[1]}]}"#, 3), Err(TooDeep { most: 3, at: 11 }));
    }

    #[test]
    fn brackets_in_strings_count_for_nothing() {
        let text = format!(r#"{{"a\"{}\\":"{}\\","b":[1]}}"#, "[".repeat(500), "{".repeat(500));
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        assert_eq!(check_nesting(text.as_bytes(), 2), Ok(()));
        assert!(check_nesting(text.as_bytes(), 1).is_err());
    }

    #[test]
    fn what_is_not_json_ends_like_anything_else() {
        for text in ["]]]]", "\"", "\"\\", "[\"\\", "[[[[\"", ""] {
            assert_eq!(check_nesting(text.as_bytes(), 4), Ok(()), "{text}");
        }
    }
}
