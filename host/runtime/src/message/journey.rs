//! Records the requests of an attempt for its trace.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use fanfare_core::{Sent, SpanId, TRACEPARENT, TRACESTATE, TraceContext};
use http::Uri;
use tokio::time::Instant;

use super::Outgoing;

/// The requests of one attempt, if it is traced. Shared with tasks that outlive a host call.
#[derive(Default)]
pub(crate) struct Journey {
    /// Read without the lock, because most daemons do not trace.
    is_traced: AtomicBool,
    steps: Mutex<Steps>,
}

#[derive(Default)]
struct Steps {
    /// The attempt's context and start.
    context: Option<(TraceContext, Instant)>,
    sent: Vec<Sent>,
}

/// A request in progress.
pub(crate) struct Step(usize);

/// The outcome of a request that was still in progress when its attempt ended.
const UNFINISHED: &str = "unfinished";

impl Journey {
    /// Resets the record for the next attempt.
    pub(crate) fn renew(&self, context: Option<TraceContext>) {
        self.is_traced.store(context.is_some(), Ordering::Relaxed);
        *self.steps() = Steps { context: context.map(|context| (context, Instant::now())), sent: vec![] };
    }

    /// Adds the trace context to a request unless the guest set one, and records the request if the attempt is sampled.
    pub(crate) fn begin(&self, outgoing: &mut Outgoing) -> Option<Step> {
        if !self.is_traced.load(Ordering::Relaxed) {
            return None;
        }
        let mut steps = self.steps();
        let Steps { context: Some((attempt, began)), sent } = &mut *steps else { return None };
        let step = attempt.is_sampled().then_some(Step(sent.len()));
        let context = if step.is_some() {
            let context = attempt.at(SpanId(fastrand::u64(1..).to_be_bytes()));
            let uri: Option<Uri> = outgoing.url.parse().ok();
            sent.push(Sent {
                span: context.span,
                method: outgoing.method.clone(),
                host: uri.as_ref().and_then(Uri::host).unwrap_or_default().to_owned(),
                port: uri.as_ref().and_then(Uri::port_u16),
                started: began.elapsed(),
                duration: <_>::default(),
                outcome: Err(UNFINISHED),
            });
            context
        } else {
            attempt.clone()
        };
        if !outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(TRACEPARENT)) {
            outgoing.own.push((TRACEPARENT, context.to_string()));
            outgoing.own.extend(context.state.map(|state| (TRACESTATE, state)));
        }
        step
    }

    /// Records how a request ended: its status, or a word for why there was no response.
    pub(crate) fn end(&self, Step(step): Step, outcome: Result<u16, &'static str>) {
        let mut steps = self.steps();
        let Steps { context: Some((_, began)), sent } = &mut *steps else { return };
        let elapsed = began.elapsed();
        if let Some(sent) = sent.get_mut(step) {
            sent.duration = elapsed.saturating_sub(sent.started);
            sent.outcome = outcome;
        }
    }

    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.steps().sent)
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.is_traced.load(Ordering::Relaxed)
            && self.steps().context.as_ref().is_some_and(|(context, _)| context.is_sampled())
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn outgoing(headers: &[(&str, &str)]) -> Outgoing {
        Outgoing {
            method: "POST".to_owned(),
            url: "https://example.com:8443/secret?token=x".to_owned(),
            headers: headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: Bytes::new(),
            own: vec![],
        }
    }

    fn journey(flags: &str) -> Journey {
        let journey = Journey::default();
        let parent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        journey.renew(TraceContext::parse(&parent, Some("foo=1")));
        journey
    }

    #[test]
    fn a_request_names_its_trace_and_is_noted_without_its_path() {
        let (journey, mut request) = (journey("01"), outgoing(&[]));
        let step = journey.begin(&mut request).unwrap();
        journey.end(step, Ok(204));
        let sent = journey.take();
        let [Sent { span, method, host, port, outcome, .. }] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!((method.as_str(), host.as_str(), *port, *outcome), ("POST", "example.com", Some(8443), Ok(204)));
        let parent = format!("00-0af7651916cd43dd8448eb211c80319c-{span}-01");
        assert_eq!(request.own, [(TRACEPARENT, parent), (TRACESTATE, "foo=1".to_owned())]);
    }

    #[test]
    fn what_is_not_sampled_is_passed_on_and_not_noted() {
        let (journey, mut request) = (journey("00"), outgoing(&[]));
        assert!(journey.begin(&mut request).is_none() && journey.take().is_empty());
        assert_eq!(request.own[0].1, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    }

    #[test]
    fn a_guests_own_context_is_left_alone_and_without_a_trace_nothing_is_added() {
        let mut request = outgoing(&[("TraceParent", "mine")]);
        assert!(journey("01").begin(&mut request).is_some());
        assert_eq!(request, outgoing(&[("TraceParent", "mine")]));
        let mut request = outgoing(&[]);
        assert!(Journey::default().begin(&mut request).is_none());
        assert_eq!(request, outgoing(&[]));
    }

    #[test]
    fn a_request_that_an_attempt_leaves_behind_says_so() {
        let journey = journey("01");
        let step = journey.begin(&mut outgoing(&[])).unwrap();
        assert_eq!(journey.take()[0].outcome, Err("unfinished"));
        // The request ends after the instance has begun another attempt.
        journey.renew(None);
        journey.end(step, Ok(200));
        assert!(journey.take().is_empty());
    }
}
