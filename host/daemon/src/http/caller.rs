//! The caller of a request: identified once, before the router, and read by the gate and the handlers.

use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use http::{Extensions, Request, request::Parts};

use super::problem::Problem;
use crate::access::{Access, Caller};

/// Identifies the caller, from the token or the session of the request.
pub(super) fn identify<B>(request: &mut Request<B>, access: &Access, peer: Option<SocketAddr>) {
    let caller = access.caller(request.headers(), peer);
    request.extensions_mut().insert(caller);
}

/// The caller of a request with these extensions.
pub(super) fn of(extensions: &Extensions) -> Result<&Caller, Problem> {
    extensions.get().ok_or_else(|| Problem::internal(&"a request without a caller"))
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        of(&parts.extensions).cloned()
    }
}
