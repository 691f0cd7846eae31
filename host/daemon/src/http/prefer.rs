//! `Prefer` (RFC 7240): how long a publisher waits for the result.

use std::time::Duration;

use fanfare_core::LONGEST_DELAY;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    problem::{Kind, Problem},
    query::{Parameter, Takes},
};
use crate::config::units;

pub(super) const PREFER: HeaderName = HeaderName::from_static("prefer");
pub(super) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

pub(super) const PARAMETER: Parameter = Parameter {
    name: "Prefer",
    what: "How long to wait for the result (RFC 7240): `respond-async`, `wait=5`; or `delay=5m` to deliver later.",
    takes: Takes::Text,
};

/// The longest wait, in seconds.
const LONGEST_WAIT: u64 = 300;

/// A publisher's preferences. Unknown ones are ignored, as the RFC requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    respond_async: bool,
    /// Seconds, at most [`LONGEST_WAIT`].
    wait: Option<u64>,
    /// At most [`LONGEST_DELAY`]; `Some(None)` if the value is not a valid delay.
    delay: Option<Option<Duration>>,
}

impl Preferences {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for value in headers.get_all(PREFER) {
            let Ok(value) = value.to_str() else { continue };
            for preference in split_outside_quotes(value, ',') {
                preferences.add(preference);
            }
        }
        preferences
    }

    /// Adds one preference with its parameters. If a preference appears twice, the first one counts.
    fn add(&mut self, preference: &str) {
        let Some(bare) = split_outside_quotes(preference, ';').next() else { return };
        let (name, value) = bare.split_once('=').unwrap_or((bare, ""));
        let (name, value) = (name.trim(), value.trim());
        if name.eq_ignore_ascii_case("respond-async") {
            self.respond_async = true;
        } else if name.eq_ignore_ascii_case("wait") && self.wait.is_none() {
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
                // A number too large to parse is also too long to wait.
                self.wait = Some(value.parse().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
            }
        } else if name.eq_ignore_ascii_case("delay") && self.delay.is_none() {
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            self.delay = Some(units::duration(value).ok().filter(|delay| *delay <= LONGEST_DELAY));
        }
    }

    /// How much later an event is to be delivered.
    ///
    /// # Errors
    /// The value is not valid. Ignoring it, like other preferences, would deliver the event now.
    pub(super) fn delay(self) -> Result<Option<Duration>, Problem> {
        match self.delay {
            Some(None) => {
                let detail =
                    "`delay` in the Prefer header is not a duration of up to 10 years; write it like `delay=5m`";
                Err(Problem::new(Kind::Malformed, detail.to_owned()))
            }
            delay => Ok(delay.flatten()),
        }
    }

    /// How long to wait. With both preferences, the RFC means: up to `wait`, asynchronously after that.
    pub(super) fn wait(self, default: Duration) -> Duration {
        match (self.wait, self.respond_async) {
            (Some(seconds), _) => Duration::from_secs(seconds),
            (None, true) => Duration::ZERO,
            (None, false) => default,
        }
    }

    /// The value of `Preference-Applied`, if any preference was applied.
    pub(super) fn applied(self) -> Option<HeaderValue> {
        if self.delay.is_none() && self.wait.is_none() {
            return self.respond_async.then(|| HeaderValue::from_static("respond-async"));
        }
        let applied = [
            self.respond_async.then(|| "respond-async".to_owned()),
            self.wait.map(|seconds| format!("wait={seconds}")),
            self.delay.flatten().map(|delay| format!("delay=\"{}\"", units::show_duration(delay))),
        ];
        HeaderValue::from_str(&applied.into_iter().flatten().collect::<Vec<_>>().join(", ")).ok()
    }
}

/// Splits at separators outside quoted strings.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => return true,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_as_the_rfc_specifies() {
        let cases: [(&[&str], bool, Option<u64>); 14] = [
            (&[], false, None),
            (&["respond-async"], true, None),
            (&["Respond-Async"], true, None),
            (&["wait=10"], false, Some(10)),
            (&["wait = \"10\""], false, Some(10)),
            (&["respond-async, wait=10"], true, Some(10)),
            (&["respond-async", "wait=10"], true, Some(10)),
            (&["wait=10, wait=20"], false, Some(10)),
            (&["wait=999999999999999999999999"], false, Some(300)),
            (&["wait=301"], false, Some(300)),
            (&["wait=soon", "wait=-1", "wait="], false, None),
            (&["return=minimal; x=\"a, wait=3; b\", respond-async; y=1"], true, None),
            (&["note=\"a \\\", wait=3\", wait=4"], false, Some(4)),
            (&["handling=lenient"], false, None),
        ];
        for (values, respond_async, wait) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(PREFER, HeaderValue::from_static(value));
            }
            assert_eq!(Preferences::read(&headers), Preferences { respond_async, wait, delay: None }, "{values:?}");
        }
    }

    #[test]
    fn the_wait_follows_the_preferences_and_is_echoed() {
        let default = Duration::from_secs(30);
        let cases = [
            (false, None, 30, None),
            (true, None, 0, Some("respond-async")),
            (false, Some(0), 0, Some("wait=0")),
            (true, Some(5), 5, Some("respond-async, wait=5")),
        ];
        for (respond_async, wait, seconds, applied) in cases {
            let preferences = Preferences { respond_async, wait, delay: None };
            assert_eq!(preferences.wait(default), Duration::from_secs(seconds));
            assert_eq!(preferences.applied().as_ref().map(|value| value.to_str().unwrap()), applied);
        }
    }

    #[test]
    fn a_delay_that_is_not_a_duration_is_rejected() {
        let read = |value| Preferences::read(&HeaderMap::from_iter([(PREFER, HeaderValue::from_static(value))]));
        for (value, want) in [("delay=5m", 300), ("respond-async, delay=\"1h 30m\"", 5_400)] {
            let preferences = read(value);
            assert_eq!(preferences.delay().unwrap(), Some(Duration::from_secs(want)), "{value}");
            assert!(preferences.applied().unwrap().to_str().unwrap().contains("delay=\""), "{value}");
        }
        for value in ["delay=tomorrow", "delay", "delay=-5m", "delay=20000d"] {
            assert!(read(value).delay().is_err(), "{value}");
        }
        assert_eq!(read("wait=3").delay().unwrap(), None);
    }
}
