//! Whole numbers on the command line, with readable errors.

use std::str::FromStr;

/// Parses a whole number of this type.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    text.parse().map_err(|_| match (is_number, text.starts_with('-')) {
        (false, _) => "write a whole number".to_owned(),
        (true, true) => "write a whole number that is not negative".to_owned(),
        (true, false) => "the number is too large".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn invalid_and_too_large_numbers_have_different_errors() {
        assert_eq!((whole("7"), whole::<i64>("-7")), (Ok(7_u16), Ok(-7)));
        for (text, want) in [
            ("", "write a whole number"),
            ("many", "write a whole number"),
            ("-", "write a whole number"),
            ("1.5", "write a whole number"),
            ("70000", "the number is too large"),
            ("-1", "write a whole number that is not negative"),
        ] {
            assert_eq!(whole::<u16>(text), Err(want.to_owned()), "{text}");
        }
    }
}
