//! Times on the command line: RFC 3339, or how long ago.

use std::str::FromStr;

use fanfare_dispatch::{Clock as _, SystemClock};
use jiff::{Span, SpanRelativeTo, Timestamp};

/// A time that a user wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self(time));
        }
        // A day has 24 hours, as in the configuration. Months and years have no fixed length.
        let ago = text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
        let ago = ago.map_err(|_| {
            format!("`{text}` is not a time; write it like 2026-11-20T10:30:00Z, or how long ago: 90s, 15m, 2h, 7d")
        })?;
        if ago.is_negative() {
            return Err(format!("`{text}` is in the future; write how long ago, such as 2h, or the time itself"));
        }
        let then = SystemClock.now().checked_sub(ago).map_err(|_| format!("`{text}` is too long ago"))?;
        Ok(Self(then))
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_how_long_ago() {
        assert_eq!("2026-11-20T10:30:00Z".parse::<Moment>().unwrap().to_string(), "2026-11-20T10:30:00Z");
        for (text, seconds) in
            [("2h", 7_200), ("7d", 7 * 86_400), ("1w", 7 * 86_400), ("1d 12h", 36 * 3_600), ("90s", 90)]
        {
            let ago = SystemClock.now().duration_since(text.parse::<Moment>().unwrap().0);
            assert!((ago.as_secs() - seconds).abs() < 60, "{text}: {ago:?}");
        }
        for bad in ["soon", "7", "1mo", "1y", "-2h", "", "99999999999999d"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
