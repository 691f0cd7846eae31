//! Converts between core's types and the generated ones. An event is lent to the guest's call without a copy.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use fanfare_core::{Attribute, Class, Event, Fault, Payload};

use crate::{
    bindings::fanfare::channel::{
        events::{Delivery, Disposition, EventParam as GuestEvent, EventResult, Failure, PayloadParam, PayloadResult},
        http_types::{Request, ResponseParam, ResponseResult},
    },
    limits,
    message::{Outgoing, Received},
};

/// The extension attributes as text, for the record to borrow.
pub(crate) fn extensions(event: &Event) -> Vec<(&str, Cow<'_, str>)> {
    event.extensions.iter().map(|(name, value)| (name.as_str(), value.as_text())).collect()
}

/// Lends pairs in the form of the generated records.
pub(crate) fn lend<'a>(pairs: &'a [(&'a str, Cow<'a, str>)]) -> Vec<(&'a str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, &**value)).collect()
}

pub(crate) fn event<'a>(event: &'a Event, extensions: &'a [(&'a str, &'a str)]) -> GuestEvent<'a> {
    GuestEvent {
        id: &event.id,
        source: &event.source,
        type_: &event.ty,
        subject: event.subject.as_deref(),
        time: &event.time,
        data_content_type: event.data_content_type.as_deref(),
        data_schema: event.data_schema.as_deref(),
        extensions,
        data: event.data.as_ref().map(payload),
    }
}

pub(crate) fn delivery<'a>(
    id: &'a str,
    channel: &'a str,
    attempt: &fanfare_dispatch::Attempt,
    event: GuestEvent<'a>,
) -> Delivery<'a> {
    Delivery { id, channel, attempt: attempt.number, replayed: attempt.replayed, event }
}

fn payload(payload: &Payload) -> PayloadParam<'_> {
    match payload {
        Payload::Text(text) => PayloadParam::Text(text),
        Payload::Binary(bytes) => PayloadParam::Binary(bytes),
    }
}

/// The event that a stage returns, unchecked.
pub(crate) fn returned(event: EventResult) -> Event {
    let extensions = event.extensions.into_iter().map(|(name, value)| (name, Attribute::String(value)));
    Event {
        id: event.id,
        source: event.source,
        ty: event.type_,
        subject: event.subject,
        time: event.time,
        data_content_type: event.data_content_type,
        data_schema: event.data_schema,
        extensions: extensions.collect(),
        data: event.data.map(|data| match data {
            PayloadResult::Text(text) => Payload::Text(text),
            PayloadResult::Binary(bytes) => Payload::Binary(bytes.into()),
        }),
    }
}

/// The size in bytes of data passed to or from a guest.
pub(crate) fn size(payload: &PayloadResult) -> usize {
    match payload {
        PayloadResult::Text(text) => text.len(),
        PayloadResult::Binary(bytes) => bytes.len(),
    }
}

/// A guest's own failure, truncated to our limits.
pub(crate) fn fault(failure: Failure) -> Fault {
    let (class, retry_after) = match failure.disposition {
        Disposition::Retry => (Class::Retry, None),
        Disposition::RetryAfter(millis) => (Class::Throttled, Some(Duration::from_millis(millis.into()))),
        Disposition::Reject => (Class::Rejected, None),
        Disposition::Suspend => (Class::Suspended, None),
    };
    let code = if failure.code.trim().is_empty() { "failed" } else { failure.code.trim() };
    Fault { retry_after, ..Fault::new(class, clean(code, limits::CODE), clean(&failure.message, limits::MESSAGE)) }
}

/// Cleans text for logs and terminals: truncates it, and replaces control characters that could rewrite surrounding
/// text.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let clean = limits::cut(text, limit).replace(control, "\u{fffd}");
    // The replacement of a control character is longer than the character.
    if clean.len() <= limit { clean } else { limits::cut(&clean, limit).to_owned() }
}

pub(crate) fn outgoing(request: Request) -> Outgoing {
    let body = match request.body {
        PayloadResult::Text(text) => Bytes::from(text),
        PayloadResult::Binary(bytes) => Bytes::from(bytes),
    };
    Outgoing { method: request.method, url: request.url, headers: request.headers, body, own: vec![] }
}

/// A response passed to a guest's export.
pub(crate) fn response<'a>(received: &'a Received, headers: &'a [(&'a str, &'a str)]) -> ResponseParam<'a> {
    ResponseParam { status: received.status, headers, body: payload(&received.body) }
}

pub(crate) fn headers(received: &Received) -> Vec<(&str, &str)> {
    received.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A response returned to a guest's import.
pub(crate) fn response_result(received: Received) -> ResponseResult {
    let body = match received.body {
        Payload::Text(text) => PayloadResult::Text(text),
        Payload::Binary(bytes) => PayloadResult::Binary(bytes.into()),
    };
    ResponseResult { status: received.status, headers: received.headers, body }
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disposition_has_its_class() {
        let failure = |disposition| Failure { disposition, code: "c".to_owned(), message: "m".to_owned() };
        assert_eq!(fault(failure(Disposition::Retry)), Fault::new(Class::Retry, "c", "m"));
        assert_eq!(fault(failure(Disposition::Reject)), Fault::new(Class::Rejected, "c", "m"));
        assert_eq!(fault(failure(Disposition::Suspend)), Fault::new(Class::Suspended, "c", "m"));
        let throttled = fault(failure(Disposition::RetryAfter(1500)));
        assert_eq!((throttled.class, throttled.retry_after), (Class::Throttled, Some(Duration::from_millis(1500))));
    }

    #[test]
    fn a_failure_s_code_and_message_are_cut_and_cleaned() {
        let failure = Failure { disposition: Disposition::Retry, code: "x".repeat(1000), message: "y".repeat(1 << 20) };
        let kept = fault(failure);
        assert_eq!((kept.code.len(), kept.message.len()), (limits::CODE, limits::MESSAGE));
        let odd =
            Failure { disposition: Disposition::Retry, code: " ".to_owned(), message: "a\x1b[2J\r\nb".to_owned() };
        let kept = fault(odd);
        assert_eq!((kept.code.as_str(), kept.message.as_str()), ("failed", "a\u{fffd}[2J\u{fffd}\nb"));
    }
}
