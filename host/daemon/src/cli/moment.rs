//! Times on the command line: RFC 3339, or how long ago.

use std::str::FromStr;

use fanfare_dispatch::{Clock as _, SystemClock};
use jiff::{SignedDuration, Timestamp};

/// A moment, as a user wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self(time));
        }
        let ago: SignedDuration = text.parse().map_err(|_| {
            format!("`{text}` is no time; write it like 2026-11-20T10:30:00Z, or how long ago: 2h, 90m, 7d")
        })?;
        let then = SystemClock.now().checked_sub(ago).map_err(|_| format!("`{text}` ago is before all time"))?;
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
        let ago = SystemClock.now().duration_since("2h".parse::<Moment>().unwrap().0);
        assert!((ago.as_secs() - 7_200).abs() < 60, "{ago:?}");
        assert!("soon".parse::<Moment>().is_err());
    }
}
