//! Patterns for event types: tokens separated by dots. `*` matches one token, a final `>` matches one or more.

use super::SYSTEM_TYPES;

/// Whether any of the patterns matches the type. An empty list matches every type except those of system events. They
/// match only a pattern that begins with their prefix.
#[must_use]
pub fn any_type_matches(patterns: &[String], ty: &str) -> bool {
    let mut matching = patterns.iter().filter(|pattern| type_matches(pattern, ty));
    if ty.starts_with(SYSTEM_TYPES) {
        return matching.any(|pattern| pattern.starts_with(SYSTEM_TYPES));
    }
    patterns.is_empty() || matching.next().is_some()
}

/// Whether `pattern` matches the type.
#[must_use]
pub fn type_matches(pattern: &str, ty: &str) -> bool {
    let (mut wanted, mut have) = (pattern.split('.').peekable(), ty.split('.'));
    loop {
        match (wanted.next(), have.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) if wanted.peek().is_none() => return true,
            (Some("*"), Some(_)) => {}
            (Some(token), Some(other)) if token == other => {}
            _ => return false,
        }
    }
}

/// Checks that a pattern can match at all.
///
/// # Errors
/// What is wrong with it.
pub fn check_type_pattern(pattern: &str) -> Result<(), &'static str> {
    let mut tokens = pattern.split('.').peekable();
    while let Some(token) = tokens.next() {
        match token {
            "" => return Err("has an empty part between its dots"),
            ">" if tokens.peek().is_some() => return Err("has a `>` that is not its last part"),
            ">" | "*" => {}
            other if other.contains(['*', '>']) => return Err("has a `*` or `>` next to other characters in a part"),
            _ => {}
        }
    }
    Ok(())
}

/// A sort key for patterns, most specific first: part by part, literal text before `*` before `>`. Two different
/// patterns that match the same type never compare as equal.
#[must_use]
pub fn type_pattern_rank(pattern: &str) -> Vec<u8> {
    let rank = |part: &str| match part {
        ">" => 2,
        "*" => 1,
        _ => 0,
    };
    pattern.split('.').map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::{type_matches, type_pattern_rank};

    #[test]
    fn the_first_part_that_differs_says_which_pattern_is_more_specific() {
        let mut patterns =
            [">", "*.created", "order.>", "order.created", "*.*", "order.*", "order.created.>", "*.>", "order.*.eu"];
        patterns.sort_by_key(|pattern| type_pattern_rank(pattern));
        let of = |ty: &str| patterns.into_iter().filter(|pattern| type_matches(pattern, ty)).collect::<Vec<_>>();
        assert_eq!(of("order.created"), ["order.created", "order.*", "order.>", "*.created", "*.*", "*.>", ">"]);
        assert_eq!(of("order.created.eu"), ["order.created.>", "order.*.eu", "order.>", "*.>", ">"]);
    }

    #[test]
    fn a_star_is_one_token_and_a_last_arrow_is_one_or_more() {
        for (pattern, ty, want) in [
            ("order.created", "order.created", true),
            ("order.created", "order", false),
            ("order", "order.created", false),
            ("order.*", "order.created", true),
            ("order.*", "order.created.eu", false),
            ("*.created", "order.created", true),
            ("order.>", "order.created.eu", true),
            ("order.>", "order", false),
            (">", "anything", true),
            (">.created", "order.created", false),
        ] {
            assert_eq!(type_matches(pattern, ty), want, "{pattern} {ty}");
        }
    }
}
