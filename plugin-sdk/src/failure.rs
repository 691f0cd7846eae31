//! How a delivery can fail, and what the host should do about it.

use std::time::{Duration, SystemTime};

use crate::{Disposition, EmitError, Failure, HttpError, Response, StateError};

/// The longest wait that a receiver can ask for. The host caps it too.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

impl Failure {
    /// Retry by the channel's policy. `code` is short and stable, for programs. `message` is for people.
    #[must_use]
    pub fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Retry, code: code.into(), message: message.into() }
    }

    /// Retry, but not before this time has passed (at most 24 hours).
    #[must_use]
    pub fn retry_after(wait: Duration, code: impl Into<String>, message: impl Into<String>) -> Self {
        let wait = u32::try_from(wait.min(LONGEST_WAIT).as_millis()).unwrap_or(u32::MAX);
        Self { disposition: Disposition::RetryAfter(wait), code: code.into(), message: message.into() }
    }

    /// Do not retry: the delivery becomes a dead letter.
    #[must_use]
    pub fn reject(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Reject, code: code.into(), message: message.into() }
    }

    /// The receiver is gone: suspend the whole channel until an operator resumes it.
    #[must_use]
    pub fn suspend(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { disposition: Disposition::Suspend, code: code.into(), message: message.into() }
    }

    /// The failure for a response that is not a success. The code is `http_<status>`.
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

/// The status, and the beginning of the receiver's response.
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
        // A number that is too large means a very long wait, not none.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let sent = response.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(until.duration_since(sent.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

impl From<serde_json::Error> for Failure {
    /// A retry would get the same bytes.
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
    /// A missing grant or file needs an operator. A full disk may get room again.
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
    fn the_status_decides_whether_to_retry() {
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
    fn retry_after_is_ignored_for_a_status_that_is_not_retried() {
        let failure = Failure::from_status(&response(400, &[("retry-after", "5")]));
        assert_eq!(failure.disposition, Disposition::Reject);
    }

    #[test]
    fn the_receiver_s_response_is_quoted_and_truncated() {
        let mut answer = response(500, &[]);
        answer.body = Payload::Text(format!("no\ndisk {}", "x".repeat(1000)));
        let failure = Failure::from_status(&answer);
        assert!(failure.message.starts_with("the receiver answered 500: no disk xxx"), "{}", failure.message);
        assert_eq!(failure.message.chars().count(), "the receiver answered 500: ".len() + 200);
    }
}
