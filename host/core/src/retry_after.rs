//! `Retry-After` (RFC 9110, section 10.2.3): how long a server asks its clients to wait.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::delivery::LONGEST_THROTTLE;

/// The wait that `Retry-After` asks for, in seconds or as a date, at most 24 hours. `None` if the value is neither.
///
/// A date is compared with the response's own `Date` if it has one, so that a wrong clock does not make the wait longer
/// or shorter.
#[must_use]
pub fn retry_after(value: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that overflow mean a very long wait, not none.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        let sent = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
        until.duration_since(sent.unwrap_or_else(|| SystemTime::from(now))).unwrap_or_default()
    };
    Some(wait.min(LONGEST_THROTTLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same table as in the SDK for guests, which cannot use this crate.
    #[test]
    fn it_is_read_as_seconds_or_as_a_date_and_is_capped_at_a_day() {
        let day = 86_400;
        let table = [
            ("120", Some(120)),
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("86401", Some(day)),
            ("99999999999999999999999", Some(day)),
            // The three forms of a date: RFC 9110, section 5.6.7.
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Mon, 06 Nov 2034 08:00:00 GMT", Some(day)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        let sent = "Sun, 06 Nov 1994 08:49:37 GMT";
        let now = "1994-11-06T08:49:37Z".parse().unwrap();
        for (value, want) in table {
            let want = want.map(Duration::from_secs);
            assert_eq!(retry_after(value, Some(sent), Timestamp::UNIX_EPOCH), want, "{value:?}, by the server's clock");
            assert_eq!(retry_after(value, None, now), want, "{value:?}, by this machine's clock");
            assert_eq!(retry_after(value, Some("yesterday"), now), want, "{value:?}, with an unusable `Date`");
        }
    }

    /// RFC 9110, section 10.2.3.
    #[test]
    fn the_examples_of_the_specification_are_read() {
        let now = "1999-12-31T23:58:59Z".parse().unwrap();
        assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT", None, now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("120", None, now), Some(Duration::from_secs(120)));
    }
}
