//! The one place that decides whether a call is allowed: a gate, which knows the route, precedes each route of the
//! table.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::future::Either;
use http::Method;
use tower::{Layer, Service};

use super::{
    access::{Scheme, same_page},
    caller,
    problem::{Kind, Problem},
    refusals::Refusals,
    routes::Route,
};
use crate::{
    access::{Caller, Denied, Scope, Who},
    metrics::Metrics,
};

/// Puts the gate in front of a route.
#[derive(Clone)]
pub(super) struct Gate {
    route: &'static Route,
    metrics: Arc<Metrics>,
    refusals: Refusals,
    scheme: Scheme,
}

impl Gate {
    pub(super) fn new(route: &'static Route, metrics: Arc<Metrics>, refusals: Refusals, scheme: Scheme) -> Self {
        Self { route, metrics, refusals, scheme }
    }

    pub(super) fn admit(&self, request: &Request) -> Result<(), Problem> {
        let caller = caller::of(request.extensions())?;
        let refused = match admit(caller, self.route, request.method(), || same_page(request, self.scheme)) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        self.metrics.denied(refused.reason());
        self.refusals.refused(caller, request.method(), self.route, refused.reason());
        Err(refused.into())
    }
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.clone(), inner }
    }
}

/// The future of a gated call: a rejection, or the call's own.
pub(super) type Gating<F> = Either<Ready<Result<Response, Infallible>>, F>;

#[derive(Clone)]
pub(super) struct Gated<S> {
    gate: Gate,
    inner: S,
}

impl<S: Service<Request, Response = Response, Error = Infallible>> Service<Request> for Gated<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Gating<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.gate.admit(&request) {
            Ok(()) => Either::Right(self.inner.call(request)),
            Err(problem) => Either::Left(ready(Ok(problem.into_response()))),
        }
    }
}

/// Why a call is refused.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Stranger(Denied),
    /// The caller's token lacks this scope.
    Scope(Scope),
    /// The call concerns the whole daemon, and the token is bound to channels.
    Bound,
    /// A page of another origin caused the request, and the browser added the session's cookie.
    CrossSite,
    /// The token has used up its rate.
    Rate(Duration),
}

impl Refused {
    fn reason(&self) -> &'static str {
        match self {
            Self::Stranger(denied) => denied.as_str(),
            Self::Scope(_) => "scope",
            Self::Bound => "bound",
            Self::CrossSite => "cross_site",
            Self::Rate(_) => "rate",
        }
    }
}

/// Whether the caller may make this call. `same_page` tells whether the request comes from a page of this server.
fn admit(caller: &Caller, route: &Route, method: &Method, same_page: impl FnOnce() -> bool) -> Result<(), Refused> {
    // A browser adds the cookie to every request, including those that another site's page causes.
    if matches!(caller.who, Who::Session(..)) && !method.is_safe() && !same_page() {
        return Err(Refused::CrossSite);
    }
    let Some(scope) = route.scope else { return Ok(()) };
    if let Who::Stranger(denied) = &caller.who {
        return Err(Refused::Stranger(denied.clone()));
    }
    if !caller.may(scope) {
        return Err(Refused::Scope(scope));
    }
    if route.whole && caller.channels().is_some() {
        return Err(Refused::Bound);
    }
    caller.token().map_or(Ok(()), |token| token.spend().map_err(Refused::Rate))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Stranger(denied) => Self::unauthorized(&denied),
            Refused::Scope(scope) => Self::new(
                Kind::Forbidden,
                format!("this call needs a token with the scope `{}`, and this token does not have it", scope.as_str()),
            ),
            Refused::Bound => Self::new(
                Kind::Forbidden,
                "this call is about the whole daemon, and this token is bound to channels; use one that is not",
            ),
            Refused::CrossSite => Self::new(
                Kind::CrossOrigin,
                "with a session, only the dashboard's own page may change something, and the request's \
                 `Sec-Fetch-Site` \
                 or `Origin` has to show that it comes from there; programs send a token instead \
                 (`Authorization: Bearer …`)",
            ),
            Refused::Rate(wait) => Self::rate_limited("the token's `rate` is used up; try again later", wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{access::Scopes, http::routes::ROUTES};

    /// The only calls that need no token.
    const FOR_ANYBODY: [(&str, &str); 7] = [
        ("DELETE", "/v1/session"),
        ("GET", "/"),
        ("GET", "/healthz"),
        ("GET", "/openapi.json"),
        ("GET", "/readyz"),
        ("GET", "/v1/session"),
        ("POST", "/v1/session"),
    ];

    #[test]
    fn every_call_wants_a_scope_but_those_that_are_for_anybody() {
        let open: BTreeSet<_> =
            ROUTES.iter().filter(|route| route.scope.is_none()).map(|route| (route.method, route.path)).collect();
        assert_eq!(open, BTreeSet::from(FOR_ANYBODY));
    }

    #[test]
    fn no_call_that_changes_something_is_for_readers_or_publishers() {
        for route in ROUTES.iter().filter(|route| !matches!(route.method, "GET")) {
            let harmless = ["publishEvent", "explainEvent", "signIn", "signOut"].contains(&route.id);
            let guarded = matches!(route.scope, Some(Scope::Operate | Scope::Admin));
            assert!(harmless || guarded, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn no_call_is_made_without_the_scope_of_the_route() {
        let stranger = Caller { who: Who::Stranger(Denied::Missing), peer: None };
        let local = Caller { who: Who::Local, peer: None };
        assert_eq!(local.scopes(), Scopes::all());
        for route in ROUTES {
            let method = Method::from_bytes(route.method.as_bytes()).unwrap();
            assert_eq!(admit(&local, route, &method, || false), Ok(()));
            let admitted = admit(&stranger, route, &method, || true).is_ok();
            assert_eq!(admitted, route.scope.is_none(), "{} {}", route.method, route.path);
        }
    }
}
