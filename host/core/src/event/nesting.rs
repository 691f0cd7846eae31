//! How deeply JSON may be nested. Our parser walks raw values without recursion and could accept any depth. But clients
//! and receivers read the same events, and most of them fail somewhere between 100 and 1,000 levels.

/// Levels of arrays and objects in one event, including the event's own object.
pub const DEEPEST: usize = 128;

/// The JSON is nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the JSON is nested deeper than {most} levels: the array or object at byte {at} is one level too deep; flatten it"
)]
pub struct TooDeep {
    pub most: usize,
    /// The byte position of the first level that is too deep.
    pub at: usize,
}

/// Checks that arrays and objects are nested at most `most` levels deep. It looks only at brackets and strings, in one
/// pass and constant space. Invalid JSON is left to the parser.
///
/// # Errors
/// [`TooDeep`], with the position.
pub fn check_nesting(json: &[u8], most: usize) -> Result<(), TooDeep> {
    // A fast path that nearly every body takes: counting brackets is much cheaper than tracking strings.
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

/// The closing quote of the string that begins at `start`; past the end if it is unterminated.
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
