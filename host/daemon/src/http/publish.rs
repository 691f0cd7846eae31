//! `POST /v1/events`: the hot path. The body is parsed once, the result is written once.

use std::{fmt, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_core::{Defaults, Event, EventResult, OverallStatus, ParseError};
use fanfare_dispatch::Published;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::{
    body,
    prefer::{PREFERENCE_APPLIED, Preferences},
    problem::{Kind, Problem},
};
use crate::daemon::Daemon;

/// The source of an event whose publisher named none.
const DEFAULT_SOURCE: &str = "/";

const CE_SPECVERSION: HeaderName = HeaderName::from_static("ce-specversion");

/// What RFC 3986 leaves unreserved stands in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) async fn publish(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let form = Form::of(&head.headers)?;
    let preferences = Preferences::read(&head.headers);
    let body = body::read(&head.headers, body, daemon.max_body).await?;
    let event = form.parse(&body, Defaults { now: daemon.clock.now(), id: Uuid::now_v7() })?;
    let location = HeaderValue::from_str(&Location { id: &event.id, source: &event.source }.to_string());

    let result = match daemon.dispatcher.publish(event, preferences.wait(daemon.wait)).await? {
        Published::Accepted(result) => *result,
        Published::Duplicate(offset) => match daemon.history.at(offset).await? {
            Some(original) => original.result(true),
            None => {
                let detail = format!("the event was recorded before, and its original at offset {offset} is gone");
                return Err(Problem::new(Kind::JournalUnavailable, detail));
            }
        },
    };
    let mut response = body::json(status(&result), &result)?;
    let headers = response.headers_mut();
    if let Ok(location) = location {
        headers.insert(LOCATION, location);
    }
    if let Some(applied) = preferences.applied() {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

fn status(result: &EventResult) -> StatusCode {
    if result.overall_status == OverallStatus::Pending { StatusCode::ACCEPTED } else { StatusCode::OK }
}

/// The forms of an event that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Simple,
    Structured,
}

const UNDERSTOOD: &str = "send `application/json` (an object with `type`) or `application/cloudevents+json` (CloudEvents \
                          1.0, structured)";

impl Form {
    /// Told apart by the content type. There is none by default: a web page can send a body without a type to any server,
    /// and must not be able to publish that way.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        if headers.contains_key(CE_SPECVERSION) {
            let detail = format!("binary CloudEvents (`ce-` headers) are not understood by this release; {UNDERSTOOD}");
            return Err(Problem::unsupported_media_type(detail));
        }
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Err(Problem::unsupported_media_type(format!("there is no Content-Type; {UNDERSTOOD}")));
        };
        let text = String::from_utf8_lossy(value.as_bytes());
        let (essence, parameters) = text.split_once(';').unwrap_or((&text, ""));
        let essence = essence.trim();
        let form = if essence.eq_ignore_ascii_case("application/json") {
            Self::Simple
        } else if essence.eq_ignore_ascii_case("application/cloudevents+json") {
            Self::Structured
        } else if essence.eq_ignore_ascii_case("application/cloudevents-batch+json") {
            let detail = format!("batches are not understood by this release; {UNDERSTOOD}, one event per request");
            return Err(Problem::unsupported_media_type(detail));
        } else {
            return Err(Problem::unsupported_media_type(format!("`{essence}` is not understood; {UNDERSTOOD}")));
        };
        match charset(parameters) {
            Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
                let detail = format!("the charset `{charset}` is not understood; JSON is UTF-8");
                Err(Problem::unsupported_media_type(detail))
            }
            _ => Ok(form),
        }
    }

    fn parse(self, body: &[u8], defaults: Defaults) -> Result<Event, ParseError> {
        match self {
            Self::Simple => Event::from_simple(body, defaults),
            Self::Structured => Event::from_structured(body, defaults),
        }
    }
}

fn charset(parameters: &str) -> Option<&str> {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// Where an event is found again.
struct Location<'a> {
    id: &'a str,
    source: &'a str,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/v1/events/{}", utf8_percent_encode(self.id, SEGMENT))?;
        if self.source != DEFAULT_SOURCE {
            write!(f, "?source={}", utf8_percent_encode(self.source, SEGMENT))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_decides_the_form() {
        let cases = [
            ("application/json", Some(Form::Simple)),
            ("Application/JSON; charset=UTF-8", Some(Form::Simple)),
            ("application/json;charset=\"utf-8\"", Some(Form::Simple)),
            ("application/cloudevents+json; charset=utf-8", Some(Form::Structured)),
            ("application/json; charset=latin1", None),
            ("application/jsonx", None),
            ("application/cloudevents-batch+json", None),
            ("text/plain", None),
            ("", None),
        ];
        for (content_type, want) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(Form::of(&headers).ok(), want, "{content_type}");
        }
        assert!(Form::of(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_location_is_percent_encoded_and_names_a_source_that_is_not_the_default() {
        let cases = [
            ("a-1_2.3~", "/", "/v1/events/a-1_2.3~"),
            ("a/b c?ü", "/", "/v1/events/a%2Fb%20c%3F%C3%BC"),
            ("1", "/shop?x=1&y", "/v1/events/1?source=%2Fshop%3Fx%3D1%26y"),
        ];
        for (id, source, want) in cases {
            assert_eq!(Location { id, source }.to_string(), want);
        }
    }
}
