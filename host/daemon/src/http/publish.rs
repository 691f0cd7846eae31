//! `POST /v1/events`: the hot path. The body is parsed once, and the result is written once.

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use fanfare_core::{
    DELIVER_AT, Defaults, Event, EventResult, FieldError, Offset, OverallStatus, ParseError, SYSTEM_SOURCE,
    SYSTEM_TYPES, SpanId, Staged, TOO_LATE, TraceId, charset, essence,
};
use fanfare_dispatch::{AcceptError, Published};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    body, caller, idempotency,
    prefer::{PREFERENCE_APPLIED, Preferences},
    problem::{Kind, Problem},
    query::{Parameter, Takes},
    schemas, visible, waits,
};
use crate::{access::Caller, daemon::Daemon, text::percent_encoded, traces::RequestTrace};

/// The source of an event whose publisher named none.
const DEFAULT_SOURCE: &str = "/";

/// The prefix of a binary event's headers. One such header suffices to recognize the form; missing ones are reported by
/// the parser.
const CE: &str = "ce-";

/// The headers of W3C Trace Context, which the events of a request inherit.
pub(super) const TRACEPARENT: Parameter = Parameter {
    name: "traceparent",
    what: "With `[telemetry]`: the trace for events that have no `traceparent`. An invalid one is ignored.",
    takes: Takes::Text,
};
pub(super) const TRACESTATE: Parameter =
    Parameter { name: "tracestate", what: "The vendors' part of `traceparent`.", takes: Takes::Text };

/// The router's handler; [`hot`](super::hot) calls [`respond`] without it.
pub(super) async fn publish(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    respond(&daemon, request).await
}

/// Publishes the events of a request. What few requests need is boxed, so that the others do not carry its state.
pub(super) async fn respond(daemon: &Daemon, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let caller = caller::of(&head.extensions)?;
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
    let request = Asked { caller, trace, wait, later };

    let mut response = if form == Form::Batch {
        let events = Event::from_batch(&body, daemon.max_batch, defaults)?;
        Box::pin(batch(daemon, request, events, defaults.now)).await?
    } else {
        let event = form.parse(&head.headers, body, defaults)?;
        let prefix = if form == Form::Binary { CE } else { "" };
        single(daemon, request, event, (defaults.now, prefix)).await?
    };
    if let Some(applied) = preferences.applied() {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

/// What a request asks for, besides its events.
#[derive(Clone, Copy)]
struct Asked<'a> {
    caller: &'a Caller,
    trace: Option<&'a Arc<RequestTrace>>,
    /// How long the publisher waits for results.
    wait: Duration,
    /// Before that, the events are not delivered.
    later: Option<Timestamp>,
}

impl Asked<'_> {
    /// The request's place in a trace.
    fn place(&self) -> Option<(TraceId, SpanId)> {
        self.trace.map(|trace| trace.place())
    }
}

/// Checks events after the stages against the rules and against their schemas.
async fn admit(daemon: &Daemon, staged: &[Staged], at: impl Fn(usize) -> String) -> Result<(), Problem> {
    for (n, Staged { event, .. }) in staged.iter().enumerate().filter(|(_, staged)| staged.trail.is_some()) {
        if let Some(wrong) = too_late(event, daemon.clock.now(), || format!("{}/{DELIVER_AT}", at(n))) {
            return Err(ParseError::Invalid(vec![wrong]).into());
        }
    }
    schemas::admit(daemon, staged, at).await
}

/// Rejects forged events of the daemon, because operators act on those. Rejects times too far ahead, because a waiting
/// event keeps all later ones from being pruned.
fn refuse(events: &[Event], now: Timestamp, pointer: impl Fn(usize, &str) -> String) -> Result<(), ParseError> {
    let mut errors = vec![];
    for (n, event) in events.iter().enumerate() {
        if event.is_system() {
            let detail = format!("types that begin with `{SYSTEM_TYPES}` are reserved for the daemon; choose another");
            errors.push(FieldError { pointer: pointer(n, "type"), detail });
        }
        if event.source == SYSTEM_SOURCE {
            let detail = format!("`{SYSTEM_SOURCE}` is reserved for the daemon's own events; choose another");
            errors.push(FieldError { pointer: pointer(n, "source"), detail });
        }
        errors.extend(too_late(event, now, || pointer(n, DELIVER_AT)));
    }
    if errors.is_empty() { Ok(()) } else { Err(ParseError::Invalid(errors)) }
}

/// A token may be bound to sources and types. What the stages make of an event is the operator's.
fn may_publish(caller: &Caller, events: &[Event], pointer: impl Fn(usize, &str) -> String) -> Result<(), Problem> {
    let Some(publisher) = caller.publisher() else { return Ok(()) };
    let mut errors = vec![];
    for (n, event) in events.iter().enumerate() {
        if !publisher.may_publish_from(&event.source) {
            let detail = format!("the token may not publish from the source `{}`", event.source);
            errors.push(FieldError { pointer: pointer(n, "source"), detail });
        }
        if !publisher.may_publish_type(&event.ty) {
            let detail = format!("the token may not publish the type `{}`", event.ty);
            errors.push(FieldError { pointer: pointer(n, "type"), detail });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::not_for_publisher(errors)) }
}

fn too_late(event: &Event, now: Timestamp, pointer: impl FnOnce() -> String) -> Option<FieldError> {
    event.is_too_late(now).then(|| FieldError { pointer: pointer(), detail: TOO_LATE.to_owned() })
}

/// The one event of a request, in any form but the batch.
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

/// The response for an event that a stage rejects now and that was recorded earlier. A repeat gets the original's
/// result, whatever the stages say today.
async fn repeat(
    daemon: &Daemon,
    caller: &Caller,
    published: Event,
    wait: Duration,
) -> Result<Option<Response>, Problem> {
    let location = located(&published);
    let Some(offset) = daemon.history.repeat_of(published).await? else { return Ok(None) };
    let mut response = known(daemon, caller, offset, wait).await?;
    response.headers_mut().extend(location);
    Ok(Some(response))
}

async fn known(daemon: &Daemon, caller: &Caller, offset: Offset, wait: Duration) -> Result<Response, Problem> {
    answer(daemon, caller, original(daemon, offset, wait).await?)
}

fn answer(daemon: &Daemon, caller: &Caller, mut result: EventResult) -> Result<Response, Problem> {
    waits::describe(daemon, &mut result);
    let status = status(&result);
    visible::narrow(&mut result, caller);
    body::json(status, &result)
}

fn located(event: &Event) -> Option<(HeaderName, HeaderValue)> {
    let location = HeaderValue::from_str(&Location { id: &event.id, source: &event.source }.to_string());
    Some((LOCATION, location.ok()?))
}

/// Publishes one event. `prefix` is what the names of its attributes have in the request's form.
async fn single(
    daemon: &Daemon,
    asked: Asked<'_>,
    mut event: Event,
    (now, prefix): (Timestamp, &str),
) -> Result<Response, Problem> {
    let Asked { caller, trace, wait, later } = asked;
    refuse(std::slice::from_ref(&event), now, |_, name| format!("/{prefix}{name}"))?;
    may_publish(caller, std::slice::from_ref(&event), |_, name| format!("/{prefix}{name}"))?;
    if let Some(at) = later {
        event.defer_to(at);
    }
    if let Some(trace) = trace {
        trace.join(&mut event);
    }
    let snapshot = daemon.dispatcher.snapshot()?;
    let published = snapshot.has_stages().then(|| event.clone());
    let staged = match (snapshot.stage(event).await, published) {
        (Ok(staged), _) => staged,
        (Err(refused), Some(published)) => {
            return Box::pin(repeat(daemon, caller, published, wait)).await?.ok_or_else(|| refused.into());
        }
        (Err(refused), None) => return Err(refused.into()),
    };
    admit(daemon, std::slice::from_ref(&staged), |_| String::new()).await?;
    let location = located(&staged.event);
    let started = Instant::now();
    let published = daemon.dispatcher.fan_out(&snapshot, vec![staged], wait, asked.place()).await?.pop();
    let unanswered = || AcceptError::Unavailable("the journal returned no result".to_owned());
    let mut response = match published.ok_or_else(unanswered)? {
        Published::Queued(queued) if caller.channels().is_some() => answer(daemon, caller, queued.result())?,
        Published::Queued(queued) => {
            let status = if queued.is_unrouted() { StatusCode::OK } else { StatusCode::ACCEPTED };
            body::json_text(status, queued.to_json())
        }
        Published::Accepted(result) => answer(daemon, caller, *result)?,
        Published::Duplicate(offset) => {
            Box::pin(known(daemon, caller, offset, wait.saturating_sub(started.elapsed()))).await?
        }
    };
    response.headers_mut().extend(location);
    Ok(response)
}

/// Publishes all events or none. The results are in the order of the events.
async fn batch(daemon: &Daemon, asked: Asked<'_>, mut events: Vec<Event>, now: Timestamp) -> Result<Response, Problem> {
    let Asked { caller, trace, wait, later } = asked;
    refuse(&events, now, |n, name| format!("/{n}/{name}"))?;
    may_publish(caller, &events, |n, name| format!("/{n}/{name}"))?;
    if let Some(at) = later {
        events.iter_mut().for_each(|event| event.defer_to(at));
    }
    if let Some(trace) = trace {
        trace.join_all(&mut events);
    }
    let snapshot = daemon.dispatcher.snapshot()?;
    let events = snapshot.stage_all(events).await.map_err(Problem::of_batch)?;
    admit(daemon, &events, |n| format!("/{n}")).await?;
    if events.is_empty() {
        return body::json(StatusCode::OK, &[(); 0]);
    }
    let started = Instant::now();
    let mut results = Vec::with_capacity(events.len());
    let published =
        daemon.dispatcher.fan_out(&snapshot, events, wait, asked.place()).await.map_err(Problem::of_batch)?;
    for published in published {
        let mut result = match published {
            Published::Accepted(result) => *result,
            Published::Queued(queued) => queued.result(),
            Published::Duplicate(offset) => original(daemon, offset, wait.saturating_sub(started.elapsed())).await?,
        };
        waits::describe(daemon, &mut result);
        results.push(result);
    }
    let pending = results.iter().any(|result| status(result) == StatusCode::ACCEPTED);
    results.iter_mut().for_each(|result| visible::narrow(result, caller));
    body::json(if pending { StatusCode::ACCEPTED } else { StatusCode::OK }, &results)
}

/// The result of an earlier event, once it has settled or the wait is over.
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
            // Subscribes before it reads, so that no change is missed in between.
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

/// The supported forms of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Simple,
    Structured,
    Binary,
    Batch,
}

const BATCH: &str = "application/cloudevents-batch+json";

const SUPPORTED: &str = "send `application/json` (an object with `type`), or a CloudEvent: \
                         `application/cloudevents+json`, `application/cloudevents-batch+json`, or any type with \
                         `ce-` headers";

impl Form {
    /// The content type decides. There is no default: a web page can send a body without a content type to any server,
    /// and must not be able to publish that way. It cannot send `ce-` headers without asking first.
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let value = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let essence = value.as_deref().map(essence).unwrap_or_default();
        let form = if essence.eq_ignore_ascii_case("application/cloudevents+json") {
            Self::Structured
        } else if essence.eq_ignore_ascii_case(BATCH) {
            Self::Batch
        } else if essence.get(..23).is_some_and(|start| start.eq_ignore_ascii_case("application/cloudevents")) {
            // The binding reserves the prefix for event formats. An unknown format must not be taken for data.
            return Err(Problem::unsupported_media_type(format!(
                "the event format `{essence}` is not supported; {SUPPORTED}"
            )));
        } else if headers.keys().any(|name| name.as_str().starts_with(CE)) {
            return Ok(Self::Binary);
        } else if essence.eq_ignore_ascii_case("application/json") {
            Self::Simple
        } else if value.is_none() {
            return Err(Problem::unsupported_media_type(format!("there is no Content-Type; {SUPPORTED}")));
        } else {
            return Err(Problem::unsupported_media_type(format!(
                "the Content-Type `{essence}` is not supported; {SUPPORTED}"
            )));
        };
        match value.as_deref().and_then(charset) {
            Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
                let detail = format!("the charset `{charset}` is not supported; send JSON in UTF-8");
                Err(Problem::unsupported_media_type(detail))
            }
            _ => Ok(form),
        }
    }

    /// Rejects a body that cannot have this form.
    fn check(self, body: &[u8]) -> Result<(), Problem> {
        if matches!(self, Self::Simple | Self::Structured) && body.trim_ascii_start().starts_with(b"[") {
            let detail = format!("the body is a JSON list, not one event; send several events as `{BATCH}`");
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

/// The path of an event.
struct Location<'a> {
    id: &'a str,
    source: &'a str,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/v1/events/{}", percent_encoded(self.id))?;
        if self.source != DEFAULT_SOURCE {
            write!(f, "?source={}", percent_encoded(self.source))?;
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
    fn a_location_is_percent_encoded_and_names_any_source_but_the_default() {
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
