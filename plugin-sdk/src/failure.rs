//! How a delivery can fail, and what the host should do about it.

use std::time::{Duration, SystemTime};

use crate::{Disposition, EmitError, Failure, HttpError, Response, StateError};

/// The longest wait that a receiver can ask for: the host does not wait longer either.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

impl Failure {
    /// Try again, as the channel's policy has it. `code` is short and stable, for programs; `message` is for people.
    #[must_use]
    pub fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Retry, code: code.into(), message: message.into() }
    }

    /// Try again, but not before this long (at most 24 hours).
    #[must_use]
    pub fn retry_after(wait: Duration, code: impl Into<String>, message: impl Into<String>) -> Self {
        let wait = u32::try_from(wait.min(LONGEST_WAIT).as_millis()).unwrap_or(u32::MAX);
        Self { disposition: Disposition::RetryAfter(wait), code: code.into(), message: message.into() }
    }

    /// It will never work: straight to the dead letters.
    #[must_use]
    pub fn reject(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Reject, code: code.into(), message: message.into() }
    }

    /// The receiver is gone: stop the whole channel until an operator looks.
    #[must_use]
    pub fn suspend(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Suspend, code: code.into(), message: message.into() }
    }

    /// What a response that is not a success means. The code is `http_<status>`.
    ///
    /// | status | |
    /// |---|---|
    /// | 404 408 409 425 429 5xx | retry; not before what `Retry-After` says (seconds or a date), at most 24 hours |
    /// | 410 | suspend |
    /// | anything else | reject |
    #[must_use]
    pub fn from_status(response: &Response) -> Self {
        let code = format!("http_{}", response.status);
        let message = message(response);
        match response.status {
            404 | 408 | 409 | 425 | 429 | 500..=599 => match wanted_wait(response) {
                Some(wait) => Self::retry_after(wait, code, message),
                None => Self::retry(code, message),
            },
            410 => Self::suspend(code, message),
            _ => Self::reject(code, message),
        }
    }
}

/// The status, and the beginning of what the receiver says about it.
fn message(response: &Response) -> String {
    let mut message = format!("the receiver answered {}", response.status);
    let said = response.body.as_text().unwrap_or_default().trim();
    if !said.is_empty() {
        message.push_str(": ");
        message.extend(said.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }));
    }
    message
}

/// `Retry-After`, in seconds or as a date. A date is compared with the response's own `Date` if it has one, so that a
/// wrong clock does not make the wait longer or shorter.
#[allow(clippy::disallowed_methods, reason = "a guest has its own clock alone")]
fn wanted_wait(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that do not fit are a very long wait, not none.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let sent = response.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(until.duration_since(sent.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

impl From<serde_json::Error> for Failure {
    /// The same bytes are no better JSON next time.
    fn from(error: serde_json::Error) -> Self {
        Self::reject("invalid_json", error.to_string())
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Denied(why) => Self::reject("denied", why),
            HttpError::Invalid(why) => Self::reject("invalid_request", why),
            HttpError::Connection(why) => Self::retry("connection", why),
            HttpError::Timeout(why) => Self::retry("timeout", why),
            HttpError::TooLarge(why) => Self::reject("response_too_large", why),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::TooLarge(why) => Self::reject("state_too_large", why),
            StateError::NotANumber(why) => Self::reject("state_not_a_number", why),
            StateError::Unavailable(why) => Self::retry("state_unavailable", why),
        }
    }
}

impl From<EmitError> for Failure {
    fn from(error: EmitError) -> Self {
        match error {
            EmitError::Denied(why) => Self::reject("denied", why),
            EmitError::Invalid(why) => Self::reject("invalid_event", why),
            EmitError::TooMany(why) => Self::reject("too_many_events", why),
        }
    }
}

impl From<std::io::Error> for Failure {
    /// What was not granted, and what is not there, will not come by itself; a full disk may.
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{
            InvalidInput, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, Unsupported,
        };
        match error.kind() {
            NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem | Unsupported | InvalidInput => {
                Self::reject("io", error.to_string())
            }
            _ => Self::retry("io", error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Response { status, headers, body: Payload::Text(String::new()) }
    }

    #[test]
    fn a_status_says_whether_trying_again_can_help() {
        for status in [404, 408, 409, 425, 429, 500, 502, 503, 599] {
            assert_eq!(Failure::from_status(&response(status, &[])).disposition, Disposition::Retry, "{status}");
        }
        for status in [100, 301, 304, 400, 401, 403, 405, 413, 422, 451, 600] {
            assert_eq!(Failure::from_status(&response(status, &[])).disposition, Disposition::Reject, "{status}");
        }
        let gone = Failure::from_status(&response(410, &[("retry-after", "5")]));
        assert_eq!((gone.disposition, gone.code.as_str()), (Disposition::Suspend, "http_410"));
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_is_capped_at_a_day() {
        let day = 86_400_000;
        let sent = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let table = [
            ("120", Disposition::RetryAfter(120_000)),
            ("0", Disposition::RetryAfter(0)),
            (" 7 ", Disposition::RetryAfter(7_000)),
            ("86401", Disposition::RetryAfter(day)),
            ("99999999999999999999999", Disposition::RetryAfter(day)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Disposition::RetryAfter(60_000)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Disposition::RetryAfter(60_000)),
            ("Sun Nov  6 08:50:37 1994", Disposition::RetryAfter(60_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Disposition::RetryAfter(0)),
            ("Mon, 06 Nov 2034 08:00:00 GMT", Disposition::RetryAfter(day)),
            ("-1", Disposition::Retry),
            ("1.5", Disposition::Retry),
            ("soon", Disposition::Retry),
            ("", Disposition::Retry),
        ];
        for (value, expected) in table {
            let failure = Failure::from_status(&response(503, &[("Retry-After", value), sent]));
            assert_eq!(failure.disposition, expected, "{value:?}");
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "as in what is tested")]
    fn without_a_date_header_a_date_is_measured_from_now() {
        let until = httpdate::fmt_http_date(SystemTime::now() + Duration::from_mins(10));
        let failure = Failure::from_status(&response(429, &[("retry-after", &until)]));
        let Disposition::RetryAfter(wait) = failure.disposition else { panic!("{failure:?}") };
        assert!((590_000..=600_000).contains(&wait), "{wait}");
    }

    #[test]
    fn a_delay_outside_the_table_is_not_taken_from_a_status_that_will_never_work() {
        let failure = Failure::from_status(&response(400, &[("retry-after", "5")]));
        assert_eq!(failure.disposition, Disposition::Reject);
    }

    #[test]
    fn what_the_receiver_said_is_quoted_in_short() {
        let mut answer = response(500, &[]);
        answer.body = Payload::Text(format!("no\ndisk {}", "x".repeat(1000)));
        let failure = Failure::from_status(&answer);
        assert!(failure.message.starts_with("the receiver answered 500: no disk xxx"), "{}", failure.message);
        assert_eq!(failure.message.chars().count(), "the receiver answered 500: ".len() + 200);
    }
}
