//! What an HTTP status means for a delivery, where the host judges it.

use fanfare_core::{Class, Fault, retry_after};
use http::{HeaderMap, header};
use jiff::Timestamp;

/// The fault for a status; `None` for a success. `said` is the beginning of the body.
pub(super) fn fault(status: u16, headers: &HeaderMap, said: &str, now: Timestamp) -> Option<Fault> {
    if (200..300).contains(&status) {
        return None;
    }
    let said = said.trim();
    let message = match said.is_empty() {
        true => format!("the handler answered {status}"),
        false => format!("the handler answered {status}: {}", said.chars().take(200).collect::<String>()),
    };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let wait = || retry_after(text(header::RETRY_AFTER)?, text(header::DATE), now);
    let fault = |class| Fault::new(class, format!("http_{status}"), crate::convert::clean(&message, 1024));
    Some(match status {
        404 | 408 | 409 | 425 | 429 | 500..=599 => match wait() {
            Some(wait) => Fault { retry_after: Some(wait), ..fault(Class::Throttled) },
            None => fault(Class::Retry),
        },
        410 => fault(Class::Suspended),
        _ => fault(Class::Rejected),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, after: Option<&str>, want: Option<(Class, Option<u64>)>) {
        let headers = after.map(|after| (header::RETRY_AFTER, after.parse().unwrap())).into_iter().collect();
        let now = "1994-11-06T08:49:30Z".parse().unwrap();
        let got = fault(status, &headers, " no\n", now);
        assert_eq!(got.map(|fault| (fault.class, fault.retry_after.map(|wait| wait.as_secs()))), want, "{status}");
    }

    #[test]
    fn a_status_has_the_class_that_the_contract_gives_it() {
        check(204, None, None);
        for status in [404, 408, 409, 425, 429, 500, 503, 599] {
            check(status, None, Some((Class::Retry, None)));
        }
        check(429, Some("7"), Some((Class::Throttled, Some(7))));
        check(503, Some("Sunday, 06-Nov-94 08:49:37 GMT"), Some((Class::Throttled, Some(7))));
        check(503, Some("soon"), Some((Class::Retry, None)));
        check(410, None, Some((Class::Suspended, None)));
        for status in [100, 301, 400, 401, 422] {
            check(status, None, Some((Class::Rejected, None)));
        }
    }
}
