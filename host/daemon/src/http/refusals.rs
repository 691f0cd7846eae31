//! Logs which tokens are refused a call, so that a token in the wrong hands can be told by its name.

use std::sync::Arc;

use fanfare_dispatch::Clock;
use http::Method;

use super::routes::Route;
use crate::{
    access::{Caller, Denied, Who},
    limited::Limited,
};

#[derive(Clone)]
pub(super) struct Refusals(Limited);

impl Refusals {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let tell = |requests: u64| tracing::info!(requests, "more requests of tokens were refused");
        Self(Limited::new(clock, tell))
    }

    /// Logs one refused request. Without a known token, there is nobody to name; a token's rate is a metric.
    pub(super) fn refused(&self, caller: &Caller, method: &Method, route: &Route, reason: &str) {
        let Some(token) = name(caller).filter(|_| reason != "rate" && self.0.says()) else { return };
        let peer = caller.peer.map(tracing::field::display);
        tracing::info!(token, %method, route = route.path, reason, peer, "a request of this token was refused");
    }
}

fn name(caller: &Caller) -> Option<&str> {
    match &caller.who {
        Who::Stranger(Denied::Expired(name)) => Some(name),
        _ => caller.token().map(|token| token.table.name.as_str()),
    }
}
