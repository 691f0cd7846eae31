//! Counts and times requests by route and status.

use std::{sync::OnceLock, time::Duration};

use http::StatusCode;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::channel::Histograms;

/// From a read in memory to the longest default wait of a publisher.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 10.0, 30.0];

/// A route of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    pub method: &'static str,
    pub route: &'static str,
}

/// The method and route of a request that matched no route. Labels must not contain what the caller chose.
const NONE: &str = "none";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: &'static str,
    code: u16,
}

/// A series is created by the first request of a route, because most daemons never see most routes.
#[derive(Clone)]
pub(super) struct Requests {
    answers: Family<Answer, Counter>,
    duration: Histograms<Call>,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let seconds = (|| Histogram::new(SECONDS)) as fn() -> Histogram;
        let (answers, duration) = (Family::default(), Family::new_with_constructor(seconds));
        registry.register("http_requests", "Requests by call and status", answers.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time to the head of the response, with the wait for channels if the publisher waits",
            duration.clone(),
        );
        Self { answers, duration }
    }

    /// The metrics of a route, which look up each series once.
    pub(super) fn of(&self, call: Call) -> Responses {
        Responses { call, requests: self.clone(), durations: OnceLock::new(), codes: Default::default() }
    }

    pub(super) fn unrouted(&self, status: StatusCode) {
        self.count(Call { method: NONE, route: NONE }, status);
    }

    fn count(&self, call: Call, status: StatusCode) {
        self.answer(call, status).inc();
    }

    fn answer(&self, Call { method, route }: Call, status: StatusCode) -> Counter {
        self.answers.get_or_create_owned(&Answer { method, route, code: status.as_u16() })
    }
}

/// The status codes of nearly all responses.
const COMMON: [StatusCode; 2] = [StatusCode::OK, StatusCode::ACCEPTED];

/// Counts and times the responses of one route.
pub struct Responses {
    call: Call,
    requests: Requests,
    durations: OnceLock<Histogram>,
    codes: [OnceLock<Counter>; COMMON.len()],
}

impl Responses {
    /// A request got its response this long after its head had arrived.
    pub fn add(&self, status: StatusCode, took: Duration) {
        match COMMON.iter().zip(&self.codes).find(|(common, _)| **common == status) {
            Some((_, counter)) => drop(counter.get_or_init(|| self.requests.answer(self.call, status)).inc()),
            None => self.requests.count(self.call, status),
        }
        let durations = self.durations.get_or_init(|| self.requests.duration.get_or_create_owned(&self.call));
        durations.observe(took.as_secs_f64());
    }
}
