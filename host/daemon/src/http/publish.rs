//! `POST /v1/events`: the hot path. The body is parsed once, the result is written once.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use fanfare_core::{
    DELIVER_AT, Defaults, Event, EventResult, FieldError, Offset, OverallStatus, ParseError, SYSTEM_SOURCE,
    SYSTEM_TYPES, SpanId, Staged, TraceId,
};
use fanfare_dispatch::{AcceptError, Published, Snapshot};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    body, idempotency,
    prefer::{LONGEST_DELAY, PREFERENCE_APPLIED, Preferences},
    problem::{Kind, Problem},
    schemas, waits,
};
use crate::{daemon::Daemon, traces::RequestTrace};

/// The source of an event whose publisher named none.
const DEFAULT_SOURCE: &str = "/";

/// What the headers of a binary event begin with. One of them is enough: what is missing is said then.
const CE: &str = "ce-";

/// What RFC 3986 leaves unreserved stands in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) async fn publish(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let trace = head.extensions.get::<Arc<RequestTrace>>();
    let form = Form::of(&head.headers)?;
    let preferences = Preferences::read(&head.headers);
    let key = idempotency::key(&head.headers)?;
    let body = body::read(&head.headers, body, daemon.max_body).await?;
    form.check(&body)?;
    let id = key.as_deref().map_or_else(Uuid::now_v7, idempotency::id);
    let defaults = Defaults { now: daemon.clock.now(), id };
    let wait = preferences.wait(daemon.wait);
    let later = preferences.delay()?.map(|delay| defaults.now.saturating_add(delay).unwrap_or(Timestamp::MAX));

    let mut response = if form == Form::Batch {
        let mut events = Event::from_batch(&body, daemon.max_batch, defaults)?;
        refuse(&events, defaults.now, |n, name| format!("/{n}/{name}"))?;
        if let Some(at) = later {
            events.iter_mut().for_each(|event| event.defer_to(at));
        }
        if let Some(trace) = trace {
            trace.join_all(&mut events);
        }
        let snapshot = daemon.dispatcher.snapshot()?;
        let staged = snapshot.stage_all(events).await.map_err(Problem::of_batch)?;
        admit(&daemon, &staged, |n| format!("/{n}")).await?;
        batch(&daemon, (&snapshot, trace.map(|trace| trace.place())), staged, wait).await?
    } else {
        let mut event = form.parse(&head.headers, body, defaults)?;
        let prefix = if form == Form::Binary { CE } else { "" };
        refuse(std::slice::from_ref(&event), defaults.now, |_, name| format!("/{prefix}{name}"))?;
        if let Some(at) = later {
            event.defer_to(at);
        }
        if let Some(trace) = trace {
            trace.join(&mut event);
        }
        let snapshot = daemon.dispatcher.snapshot()?;
        let published = snapshot.has_stages().then(|| event.clone());
        match (snapshot.stage(event).await, published) {
            (Ok(staged), _) => {
                admit(&daemon, std::slice::from_ref(&staged), |_| String::new()).await?;
                single(&daemon, (&snapshot, trace.map(|trace| trace.place())), staged, wait).await?
            }
            (Err(refused), Some(published)) => repeat(&daemon, published, wait).await?.ok_or(refused)?,
            (Err(refused), None) => return Err(refused.into()),
        }
    };
    if let Some(applied) = preferences.applied() {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

/// What the stages made of the events is held against the rules, and against the schemas.
async fn admit(daemon: &Daemon, staged: &[Staged], at: impl Fn(usize) -> String) -> Result<(), Problem> {
    for (n, Staged { event, .. }) in staged.iter().enumerate().filter(|(_, staged)| staged.trail.is_some()) {
        if let Some(wrong) = too_late(event, daemon.clock.now(), || format!("{}/{DELIVER_AT}", at(n))) {
            return Err(ParseError::Invalid(vec![wrong]).into());
        }
    }
    schemas::admit(daemon, staged, at).await
}

/// Events of the daemon's own cannot be forged: operators act on them. One for later than anybody means keeps all that
/// come after it from being pruned.
fn refuse(events: &[Event], now: Timestamp, pointer: impl Fn(usize, &str) -> String) -> Result<(), ParseError> {
    let mut errors = vec![];
    for (n, event) in events.iter().enumerate() {
        if event.is_system() {
            let detail = format!("types that begin with `{SYSTEM_TYPES}` are the daemon's own; choose another");
            errors.push(FieldError { pointer: pointer(n, "type"), detail });
        }
        if event.source == SYSTEM_SOURCE {
            let detail = format!("`{SYSTEM_SOURCE}` is the source of the daemon's own events; choose another");
            errors.push(FieldError { pointer: pointer(n, "source"), detail });
        }
        errors.extend(too_late(event, now, || pointer(n, DELIVER_AT)));
    }
    if errors.is_empty() { Ok(()) } else { Err(ParseError::Invalid(errors)) }
}

fn too_late(event: &Event, now: Timestamp, pointer: impl FnOnce() -> String) -> Option<FieldError> {
    let at = event.deliver_at()?;
    let latest = now.saturating_add(LONGEST_DELAY).unwrap_or(Timestamp::MAX);
    let detail = "is more than 10 years ahead; name an earlier time".to_owned();
    (at > latest).then(|| FieldError { pointer: pointer(), detail })
}

/// The one event that a request carries, in any of its forms but the batch.
pub(super) async fn event(daemon: &Daemon, request: Request) -> Result<Event, Problem> {
    let (head, body) = request.into_parts();
    let form = Form::of(&head.headers)?;
    if form == Form::Batch {
        return Err(Problem::unsupported_media_type("send one event, not a batch"));
    }
    let body = body::read(&head.headers, body, daemon.max_body).await?;
    form.check(&body)?;
    let defaults = Defaults { now: daemon.clock.now(), id: Uuid::now_v7() };
    Ok(form.parse(&head.headers, body, defaults)?)
}

/// The answer to an event that a stage refuses now, and that was recorded before: the stages have no say in it any more.
async fn repeat(daemon: &Daemon, published: Event, wait: Duration) -> Result<Option<Response>, Problem> {
    let location = located(&published);
    let Some(offset) = daemon.history.repeat_of(published).await? else { return Ok(None) };
    let mut response = known(daemon, offset, wait).await?;
    response.headers_mut().extend(location);
    Ok(Some(response))
}

async fn known(daemon: &Daemon, offset: Offset, wait: Duration) -> Result<Response, Problem> {
    let mut result = original(daemon, offset, wait).await?;
    waits::say(daemon, &mut result);
    body::json(status(&result), &result)
}

fn located(event: &Event) -> Option<(HeaderName, HeaderValue)> {
    let location = HeaderValue::from_str(&Location { id: &event.id, source: &event.source }.to_string());
    Some((LOCATION, location.ok()?))
}

/// What applies to a request, and its place in a trace.
type Asked<'a> = (&'a Snapshot, Option<(TraceId, SpanId)>);

async fn single(
    daemon: &Daemon,
    (snapshot, place): Asked<'_>,
    staged: Staged,
    wait: Duration,
) -> Result<Response, Problem> {
    let location = located(&staged.event);
    let started = Instant::now();
    let published = daemon.dispatcher.fan_out(snapshot, vec![staged], wait, place).await?.pop();
    let unanswered = || AcceptError::Unavailable("the journal gave no answer".to_owned());
    let mut response = match published.ok_or_else(unanswered)? {
        Published::Queued(queued) => {
            let status = if queued.is_unrouted() { StatusCode::OK } else { StatusCode::ACCEPTED };
            body::json_text(status, queued.to_json())
        }
        Published::Accepted(mut result) => {
            waits::say(daemon, &mut result);
            body::json(status(&result), &result)?
        }
        Published::Duplicate(offset) => known(daemon, offset, wait.saturating_sub(started.elapsed())).await?,
    };
    response.headers_mut().extend(location);
    Ok(response)
}

/// All or none; the results stand in the order of the events.
async fn batch(
    daemon: &Daemon,
    (snapshot, place): Asked<'_>,
    events: Vec<Staged>,
    wait: Duration,
) -> Result<Response, Problem> {
    if events.is_empty() {
        return body::json(StatusCode::OK, &[(); 0]);
    }
    let started = Instant::now();
    let mut results = Vec::with_capacity(events.len());
    let published = daemon.dispatcher.fan_out(snapshot, events, wait, place).await.map_err(Problem::of_batch)?;
    for published in published {
        let mut result = match published {
            Published::Accepted(result) => *result,
            Published::Queued(queued) => queued.result(),
            Published::Duplicate(offset) => original(daemon, offset, wait.saturating_sub(started.elapsed())).await?,
        };
        waits::say(daemon, &mut result);
        results.push(result);
    }
    let pending = results.iter().any(|result| status(result) == StatusCode::ACCEPTED);
    body::json(if pending { StatusCode::ACCEPTED } else { StatusCode::OK }, &results)
}

/// The result of an event that was there before, once it has settled or the wait is over.
async fn original(daemon: &Daemon, offset: Offset, wait: Duration) -> Result<EventResult, Problem> {
    let gone = || {
        let detail = format!("the event was recorded before, and its original at offset {offset} is gone");
        Problem::new(Kind::JournalUnavailable, detail)
    };
    let found = daemon.history.at(offset).await?.ok_or_else(gone)?;
    let mut result = found.result(true);
    if wait.is_zero() || status(&result) == StatusCode::OK {
        return Ok(result);
    }
    let watch = daemon.dispatcher.watch(found.key);
    let settled = async {
        loop {
            // Begun before the look, so that nothing is missed in between.
            let changed = watch.changed();
            result = daemon.history.at(offset).await?.ok_or_else(gone)?.result(true);
            if status(&result) == StatusCode::OK {
                return Ok(());
            }
            changed.await;
        }
    };
    tokio::select! {
        settled = settled => settled.map(|()| result),
        () = tokio::time::sleep(wait) => Ok(daemon.history.at(offset).await?.ok_or_else(gone)?.result(true)),
    }
}

fn status(result: &EventResult) -> StatusCode {
    if result.overall_status == OverallStatus::Pending { StatusCode::ACCEPTED } else { StatusCode::OK }
}

/// The forms of an event that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Simple,
    Structured,
    Binary,
    Batch,
}

const BATCH: &str = "application/cloudevents-batch+json";

const UNDERSTOOD: &str = "send `application/json` (an object with `type`), or a CloudEvent: `application/cloudevents+json`, \
                          `application/cloudevents-batch+json`, or any type with `ce-` headers";

impl Form {
    /// Told apart by the content type. There is none by default: a web page can send a body without a type to any server,
    /// and must not be able to publish that way. The `ce-specversion` header cannot be sent by a page unasked.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let value = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let (essence, parameters) =
            value.as_deref().map_or(("", ""), |text| text.split_once(';').unwrap_or((text, "")));
        let essence = essence.trim();
        let form = if essence.eq_ignore_ascii_case("application/cloudevents+json") {
            Self::Structured
        } else if essence.eq_ignore_ascii_case(BATCH) {
            Self::Batch
        } else if essence.get(..23).is_some_and(|start| start.eq_ignore_ascii_case("application/cloudevents")) {
            // The binding reserves the prefix for event formats; one that is not known must not be taken for data.
            return Err(Problem::unsupported_media_type(format!(
                "the event format `{essence}` is not understood; {UNDERSTOOD}"
            )));
        } else if headers.keys().any(|name| name.as_str().starts_with(CE)) {
            return Ok(Self::Binary);
        } else if essence.eq_ignore_ascii_case("application/json") {
            Self::Simple
        } else if value.is_none() {
            return Err(Problem::unsupported_media_type(format!("there is no Content-Type; {UNDERSTOOD}")));
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

    /// Whether the body could be of this form.
    fn check(self, body: &[u8]) -> Result<(), Problem> {
        if matches!(self, Self::Simple | Self::Structured) && body.trim_ascii_start().starts_with(b"[") {
            let detail = format!("the body is a JSON list, which is not one event; send several events as `{BATCH}`");
            return Err(Problem::unsupported_media_type(detail));
        }
        Ok(())
    }

    fn parse(self, headers: &HeaderMap, body: Bytes, defaults: Defaults) -> Result<Event, ParseError> {
        match self {
            Self::Simple => Event::from_simple(&body, defaults),
            Self::Structured | Self::Batch => Event::from_structured(&body, defaults),
            Self::Binary => {
                let content_type = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
                let attributes = headers
                    .iter()
                    .filter_map(|(name, value)| Some((name.as_str().strip_prefix(CE)?, value.as_bytes())));
                Event::from_binary(attributes, content_type.as_deref(), body, defaults)
            }
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
    use http::HeaderName;

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
            ("application/cloudevents-batch+json", Some(Form::Batch)),
            ("application/cloudevents+avro", None),
            ("text/plain", None),
            ("", None),
        ];
        for (content_type, want) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(Form::of(&headers).ok(), want, "{content_type}");
        }
        assert!(Form::of(&HeaderMap::new()).is_err());
        let binary = |content_type: Option<&'static str>| {
            let mut headers =
                HeaderMap::from_iter([(HeaderName::from_static("ce-specversion"), HeaderValue::from_static("1.0"))]);
            headers.extend(content_type.map(|value| (CONTENT_TYPE, HeaderValue::from_static(value))));
            Form::of(&headers).ok()
        };
        assert_eq!(binary(None), Some(Form::Binary));
        assert_eq!(binary(Some("application/json; charset=latin1")), Some(Form::Binary));
        assert_eq!(binary(Some("application/cloudevents+json")), Some(Form::Structured), "an event format comes first");
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
