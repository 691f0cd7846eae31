//! Finds tokens in text.

use super::PREFIX;

/// What replaces a token.
const MASK: &str = "ff_[masked]";

/// Tokens have 43 characters after the prefix. Most of one is masked too, in case it was cut; no name is this long.
const LEAST: usize = 24;

/// The text with a mask for everything that looks like a token of ours.
#[must_use]
pub fn without_tokens(text: String) -> String {
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let (mut masked, mut rest) = (String::new(), &*text);
    while let Some(start) = rest.find(PREFIX) {
        let (before, found) = rest.split_at(start);
        let length = found.bytes().take_while(is_of_token).count();
        masked += before;
        if length >= PREFIX.len() + LEAST {
            masked += MASK;
            rest = &found[length..];
        } else {
            masked += PREFIX;
            rest = &found[PREFIX.len()..];
        }
    }
    if masked.is_empty() { text } else { masked + rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked_wherever_they_are_and_names_are_left_alone() {
        let token = "ff_mJ3kXv0-Qw9_aZbYcXdWeVfUgThSiRjQkPlOmNnMoLp";
        assert_eq!(token.len(), 46);
        for (text, want) in [
            (token.to_owned(), "ff_[masked]"),
            (format!(r#"{{"reason":"{token}, twice: {token}"}}"#), r#"{"reason":"ff_[masked], twice: ff_[masked]"}"#),
            (format!("/v1/events/{token}?source=%2Fa"), "/v1/events/ff_[masked]?source=%2Fa"),
            (format!("Bearer%20{token}&"), "Bearer%20ff_[masked]&"),
            (format!("ff_{token}"), "ff_[masked]"),
            (token[..30].to_owned(), "ff_[masked]"),
            (format!("ä{token}ö"), "äff_[masked]ö"),
            ("/v1/channels/ff_backup/pause, diff_of ff_".to_owned(), "/v1/channels/ff_backup/pause, diff_of ff_"),
            (String::new(), ""),
        ] {
            assert_eq!(without_tokens(text.clone()), want, "{text}");
        }
    }
}
