//! The span of one request to this daemon, and the context that it gives to its events.

use std::sync::{Arc, OnceLock};

use fanfare_core::{Event, SpanId, TRACEPARENT, TRACESTATE, TraceContext, TraceId};
use http::{HeaderMap, Method, StatusCode, Uri};
use jiff::Timestamp;

use super::{
    Tracer,
    otlp::{Kind, attribute, link},
    spans::{failed, span},
};
use crate::metrics::Call;

/// Paths that machines poll every few seconds. Spans of them would be noise.
const QUIET: [&str; 3] = ["/metrics", "/healthz", "/readyz"];

/// The longest path in a span, in bytes.
const LONGEST_PATH: usize = 256;

/// A request in progress.
pub struct RequestTrace {
    tracer: Arc<Tracer>,
    span: SpanId,
    /// The context in the request's headers.
    header: Option<TraceContext>,
    /// The context in the single event of the request. It takes precedence over the headers.
    event: OnceLock<TraceContext>,
    /// The context used if neither is there.
    own: TraceContext,
    started: Timestamp,
    method: Method,
    path: String,
}

impl RequestTrace {
    /// `None` while tracing is off.
    pub fn begin(tracer: &Arc<Tracer>, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Arc<Self>> {
        let share = tracer.share()?;
        if QUIET.contains(&uri.path()) {
            return None;
        }
        let span = SpanId(fastrand::u64(1..).to_be_bytes());
        let trace = TraceId(fastrand::u128(1..).to_be_bytes());
        Some(Arc::new(Self {
            tracer: Arc::clone(tracer),
            span,
            header: header(headers),
            event: OnceLock::new(),
            own: TraceContext::new(trace, span, trace.is_within(share)),
            started: tracer.now(),
            method: method.clone(),
            path: uri.path()[..uri.path().floor_char_boundary(LONGEST_PATH)].to_owned(),
        }))
    }

    /// The trace, which may be its event's, and the span.
    pub fn place(&self) -> (TraceId, SpanId) {
        (self.context().trace, self.span)
    }

    /// Gives the single event of this request a context, or adopts the one that it carries.
    pub fn join(&self, event: &mut Event) {
        match TraceContext::carried_by(event) {
            Some(carried) => drop(self.event.set(carried)),
            None => event.carry(&self.context()),
        }
    }

    /// Gives a context to each of several events that has none. The others stay in their own traces.
    pub fn join_all(&self, events: &mut [Event]) {
        for event in events.iter_mut().filter(|event| TraceContext::carried_by(event).is_none()) {
            event.carry(&self.context());
        }
    }

    fn parent(&self) -> Option<&TraceContext> {
        self.event.get().or(self.header.as_ref())
    }

    /// The context of the request's span.
    fn context(&self) -> TraceContext {
        self.parent().map_or_else(|| self.own.clone(), |parent| parent.at(self.span))
    }

    /// Ends the span when the response is sent. `call` is absent if no route matched.
    pub fn end(&self, call: Option<Call>, status: StatusCode) {
        let context = self.context();
        if !context.is_sampled() {
            return;
        }
        let method = self.method.as_str();
        let name = call.map_or_else(|| method.to_owned(), |call| format!("{} {}", call.method, call.route));
        let times = (self.started, self.tracer.now());
        let mut made = span(&context, self.parent().map(|parent| parent.span), (Kind::Server, name), times);
        made.attributes = vec![
            attribute("http.request.method", method),
            attribute("url.path", self.path.as_str()),
            attribute("url.scheme", "http"),
            attribute("http.response.status_code", u64::from(status.as_u16())),
        ];
        made.attributes.extend(call.map(|call| attribute("http.route", call.route)));
        if status.is_server_error() {
            made.attributes.push(attribute("error.type", status.as_str()));
            made.status = failed("");
        }
        if let (Some(_), Some(header)) = (self.event.get(), &self.header) {
            made.links.push(link(header.trace, header.span, "request"));
        }
        self.tracer.emit([made]);
    }
}

/// The context in the headers. Repeated headers are ignored.
fn header(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let (parent, None) = (parents.next()?, parents.next()) else { return None };
    let states: Vec<_> = headers.get_all(TRACESTATE).iter().filter_map(|state| state.to_str().ok()).collect();
    let states = states.join(",");
    TraceContext::parse(parent.to_str().ok()?.trim(), (!states.is_empty()).then_some(&*states))
}
