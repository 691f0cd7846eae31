//! Pure functions that turn events and settlements into spans. Names and attributes follow OpenTelemetry's semantic
//! conventions for messaging, HTTP and CloudEvents where they exist, and begin with `fanfare.` otherwise.
//!
//! A span identifies an event and never contains its content: no data, no subject, no extension attribute, no URL of a
//! receiver.

use std::time::Duration;

use fanfare_core::{
    AttemptRecord, ChannelName, Event, RoundId, Sent, SpanId, StageRecord, TraceContext,
    delivery::{Next, Trigger},
};
use fanfare_dispatch::{Emitted, Recorded, Settlement, Traced};
use jiff::{SignedDuration, Timestamp};

use super::otlp::{Code, Kind, Link, Span, SpanEvent, Status, attribute, link};

/// The most lines of a guest per span, and the longest line in bytes.
const MOST_LINES: usize = 32;
const LONGEST_LINE: usize = 512;

/// The "sampled" bit in a span's flags.
const SAMPLED: u32 = 1;

/// A span with this context.
pub(super) fn span(
    context: &TraceContext,
    parent: Option<SpanId>,
    (kind, name): (Kind, String),
    (from, to): (Timestamp, Timestamp),
) -> Span {
    Span {
        trace_id: context.trace.0.to_vec(),
        span_id: context.span.0.to_vec(),
        trace_state: context.state.clone().unwrap_or_default(),
        parent_span_id: parent.map(|parent| parent.0.to_vec()).unwrap_or_default(),
        name,
        kind: kind.into(),
        start_time_unix_nano: nanos(from),
        // If the clock was set back, the span must not end before it begins.
        end_time_unix_nano: nanos(to.max(from)),
        attributes: vec![],
        events: vec![],
        links: vec![],
        status: None,
        flags: SAMPLED,
    }
}

pub(super) fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}

pub(super) fn failed(message: &str) -> Option<Status> {
    Some(Status { message: message.to_owned(), code: Code::Error.into() })
}

fn after(at: Timestamp, duration: Duration) -> Timestamp {
    at.saturating_add(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)).unwrap_or(at)
}

/// The spans of an event that was published and recorded by `now`, and of its stages.
pub(super) fn of_recorded(recorded: &Recorded<'_>, now: Timestamp, share: f64) -> Vec<Span> {
    let context = TraceContext::of(recorded.event, recorded.key, share);
    if !context.is_sampled() {
        return vec![];
    }
    let carried = TraceContext::carried_by(recorded.event);
    // An event of a batch may have had a context of its own. Its trace is then not the request's.
    let (beside, below): (Vec<_>, Vec<_>) =
        recorded.request.into_iter().partition(|(trace, _)| carried.as_ref().is_some_and(|own| own.trace != *trace));
    let parent = below.first().map(|(_, span)| *span).or(carried.map(|carried| carried.span));
    let mut event = event_span(&context, parent, recorded.event, (recorded.at, now));
    event.links.extend(beside.into_iter().map(|(trace, span)| link(trace, span, "request")));
    event.attributes.push(attribute("fanfare.offset", recorded.offset.0));
    event.attributes.push(channels(recorded.channels.iter().copied()));
    with_stages(event, &context, &recorded.stages, recorded.at)
}

/// The span of an event, and those of its stages: they ran one after another and ended at this time.
fn with_stages(mut event: Span, context: &TraceContext, stages: &[StageRecord], mut end: Timestamp) -> Vec<Span> {
    let mut below = vec![];
    for stage in stages.iter().rev() {
        let start = end - millis(stage.duration_ms);
        below.extend(stage_spans(context, stage, (start, end)));
        end = start;
    }
    // A parent must not begin after its children.
    event.start_time_unix_nano = event.start_time_unix_nano.min(nanos(end));
    [vec![event], below].concat()
}

fn millis(millis: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(millis / 1e3).unwrap_or_default()
}

fn event_span(context: &TraceContext, parent: Option<SpanId>, event: &Event, times: (Timestamp, Timestamp)) -> Span {
    let mut attributes = named(event);
    attributes.push(attribute("messaging.operation.name", "publish"));
    attributes.push(attribute("messaging.operation.type", "create"));
    Span { attributes, ..span(context, parent, (Kind::Producer, format!("publish {}", event.ty)), times) }
}

/// The attributes that identify an event.
fn named(event: &Event) -> Vec<super::otlp::KeyValue> {
    vec![
        attribute("messaging.system", "fanfare"),
        attribute("messaging.message.id", event.id.as_str()),
        attribute("cloudevents.event_id", event.id.as_str()),
        attribute("cloudevents.event_source", event.source.as_str()),
        attribute("cloudevents.event_type", event.ty.as_str()),
    ]
}

fn channels<'a>(names: impl Iterator<Item = &'a ChannelName>) -> super::otlp::KeyValue {
    let names: super::otlp::Value = names.map(ToString::to_string).collect();
    attribute("fanfare.channels", names)
}

/// The spans of a stage's call, and of its requests.
fn stage_spans(event: &TraceContext, stage: &StageRecord, times: (Timestamp, Timestamp)) -> Vec<Span> {
    let traced = stage.traced.as_deref();
    let span = traced.map_or_else(|| SpanId(fastrand::u64(1..).to_be_bytes()), |traced| traced.span);
    let context = event.at(span);
    let sent = traced.map_or(&[][..], |traced| &traced.sent);
    let mut spans = vec![stage_span((&context, event.span), stage, times)];
    spans.extend(sent.iter().map(|sent| sent_span(&context, times.0, sent)));
    spans
}

fn stage_span((context, parent): (&TraceContext, SpanId), stage: &StageRecord, times: (Timestamp, Timestamp)) -> Span {
    let name = (Kind::Internal, format!("stage {}", stage.stage));
    let mut made = span(context, Some(parent), name, times);
    made.attributes = vec![
        attribute("fanfare.stage", stage.stage.as_str()),
        attribute("fanfare.stage.did", stage.did.as_str()),
        attribute("fanfare.plugin.digest", stage.digest.clone().unwrap_or_default()),
    ];
    if let Some(failure) = &stage.failure {
        made.attributes.push(attribute("error.type", failure.class.as_str()));
        made.attributes.push(attribute("fanfare.code", failure.code.as_str()));
        made.status = failed(&failure.code);
    }
    made
}

/// The spans of a committed settlement: the attempt, its requests and emitted events, and the delivery if it has ended.
pub(super) fn of_settlement(channel: &ChannelName, settlement: &Settlement, share: f64) -> Vec<Span> {
    let Some(event) = &settlement.event else { return vec![] };
    let context = TraceContext::of(event, settlement.key, share);
    if !context.is_sampled() {
        return vec![];
    }
    let round = RoundId::new(settlement.delivery_id(), settlement.origin, settlement.since);
    let delivery = context.at(round.span());
    let mut spans = vec![];
    if let (Some(traced), Some(record)) = (&settlement.traced, &settlement.attempt) {
        spans.push(attempt_span((channel, event), settlement, &delivery, traced, record));
        spans.extend(traced.sent.iter().map(|sent| sent_span(&traced.context, traced.started, sent)));
        spans.extend(traced.emitted.iter().flat_map(|emitted| emitted_spans(settlement, &context, traced, emitted)));
    }
    spans.extend(delivery_span((channel, event), settlement, &context, round));
    spans
}

fn attempt_span(
    (channel, event): (&ChannelName, &Event),
    settlement: &Settlement,
    delivery: &TraceContext,
    traced: &Traced,
    record: &AttemptRecord,
) -> Span {
    let end = after(traced.started, traced.duration);
    let name = (Kind::Consumer, format!("attempt {channel}"));
    let mut made = span(&traced.context, Some(delivery.span), name, (traced.started, end));
    made.attributes = named(event);
    made.attributes.extend([
        attribute("messaging.destination.name", channel.as_str()),
        attribute("messaging.operation.name", "attempt"),
        attribute("messaging.operation.type", "process"),
        attribute("fanfare.delivery.id", settlement.delivery_id().to_string()),
        attribute("fanfare.attempt.number", u64::from(record.number)),
        attribute("fanfare.attempt.trigger", trigger(record.trigger)),
        attribute("fanfare.fuel", record.fuel),
        attribute("fanfare.memory", record.memory),
        attribute("fanfare.plugin.digest", record.plugin.as_str()),
    ]);
    made.attributes.extend(traced.batch.map(|count| attribute("messaging.batch.message_count", count as u64)));
    if let Some(class) = record.class {
        let code = record.code.as_deref().unwrap_or_default();
        made.attributes.extend([attribute("error.type", class.as_str()), attribute("fanfare.code", code)]);
        made.status = failed(code);
    }
    // Only the last lines. The log has the time of each.
    let skipped = traced.lines.len().saturating_sub(MOST_LINES);
    made.events.extend(traced.lines.iter().skip(skipped).map(|line| SpanEvent {
        time_unix_nano: nanos(end),
        name: "log".to_owned(),
        attributes: vec![attribute("message", cut(&line.0))],
    }));
    made
}

fn cut(line: &str) -> &str {
    &line[..line.floor_char_boundary(LONGEST_LINE)]
}

fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::First => "first",
        Trigger::Retry => "retry",
        Trigger::Replay => "replay",
        Trigger::Manual => "manual",
        Trigger::Fallback => "fallback",
    }
}

/// The span of a guest's request. `call` and `began` are of the attempt or the stage's call that sent it.
fn sent_span(call: &TraceContext, began: Timestamp, sent: &Sent) -> Span {
    let start = after(began, sent.started);
    let name = (Kind::Client, sent.method.clone());
    let mut made = span(&call.at(sent.span), Some(call.span), name, (start, after(start, sent.duration)));
    made.attributes =
        vec![attribute("http.request.method", sent.method.as_str()), attribute("server.address", sent.host.as_str())];
    made.attributes.extend(sent.port.map(|port| attribute("server.port", u64::from(port))));
    match sent.outcome {
        Ok(status) => {
            made.attributes.push(attribute("http.response.status_code", u64::from(status)));
            if status >= 400 {
                made.attributes.push(attribute("error.type", status.to_string()));
                made.status = failed("");
            }
        }
        Err(reason) => {
            made.attributes.push(attribute("error.type", reason));
            made.status = failed(reason);
        }
    }
    made
}

fn emitted_spans(settlement: &Settlement, cause: &TraceContext, traced: &Traced, emitted: &Emitted) -> Vec<Span> {
    let context = cause.at(SpanId::of_event(emitted.key));
    let end = after(traced.started, traced.duration);
    let times = (end, settlement.at);
    let mut made = event_span(&context, Some(traced.context.span), &emitted.event, times);
    made.attributes.push(channels(emitted.channels.iter()));
    made.links.push(link(cause.trace, cause.span, "cause"));
    with_stages(made, &context, &emitted.stages, end)
}

fn delivery_span(
    (channel, event): (&ChannelName, &Event),
    settlement: &Settlement,
    context: &TraceContext,
    round: RoundId,
) -> Option<Span> {
    let (outcome, is_dead) = match settlement.next {
        Next::Delivered => ("delivered", false),
        Next::Dead { .. } => ("dead", true),
        Next::Skipped(_) => ("skipped", false),
        Next::Waiting { .. } | Next::Deferred { .. } | Next::Suspended { .. } => return None,
    };
    let attempts = match (settlement.next, &settlement.attempt) {
        (Next::Dead { attempts }, _) => attempts,
        (_, record) => record.as_ref().map_or(0, |record| record.number),
    };
    let name = (Kind::Internal, format!("deliver {channel}"));
    let times = (settlement.since, settlement.at);
    let mut made = span(&context.at(round.span()), Some(context.span), name, times);
    made.attributes = named(event);
    made.attributes.extend([
        attribute("messaging.destination.name", channel.as_str()),
        attribute("messaging.operation.name", "deliver"),
        attribute("fanfare.delivery.id", settlement.delivery_id().to_string()),
        attribute("fanfare.delivery.outcome", outcome),
        attribute("fanfare.offset", settlement.offset.0),
        attribute("fanfare.attempts", u64::from(attempts)),
    ]);
    if is_dead {
        let fault = settlement.fault.as_ref().map(|fault| (fault.class, fault.code.as_str()));
        let last = settlement.attempt.as_ref();
        let last = last.and_then(|last| Some((last.class?, last.code.as_deref().unwrap_or_default())));
        if let Some((class, code)) = fault.or(last) {
            made.attributes.extend([attribute("error.type", class.as_str()), attribute("fanfare.code", code)]);
            made.status = failed(code);
        }
    }
    let first: Option<Link> = round.first().map(|first| link(context.trace, first.span(), "replay_of"));
    made.links.extend(first);
    Some(made)
}
