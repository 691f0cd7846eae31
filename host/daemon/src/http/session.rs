//! `/v1/session`: signing in to the dashboard. A cookie stands for the token, so the page's scripts never hold it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use jiff::SignedDuration;

use super::{
    access::{self, Scheme},
    audit, body,
    problem::{Kind, Problem},
    query,
};
use crate::{
    access::{Caller, SESSION_COOKIE, SignInError, Who},
    api::{Session, SignIn},
    daemon::Daemon,
};

fn shown(daemon: &Daemon, caller: &Caller) -> Session {
    Session {
        name: caller.token().map(|token| token.table.name.clone()),
        scopes: caller.scopes().names(),
        channels: caller.channels().map(|channels| channels.iter().map(ToString::to_string).collect()),
        expires_at: daemon.access.until(caller),
        required: daemon.access.is_required(),
    }
}

pub(super) async fn show(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    match &caller.who {
        Who::Stranger(denied) => Err(Problem::unauthorized(denied)),
        _ => body::json(StatusCode::OK, &shown(&daemon, &caller)),
    }
}

pub(super) async fn sign_in(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    // Without this check, another site could sign a user in under somebody else's token.
    if !access::no_other_page(&request, Scheme::of(daemon.tls.is_some())) {
        daemon.metrics.denied("cross_site");
        return Err(Problem::new(Kind::CrossOrigin, "another site's page must not sign anybody in"));
    }
    let SignIn { token } = body::command(request).await?;
    if !daemon.access.is_required() {
        let detail = "no token is configured, so there is nothing to sign in to: every call can be made without";
        return Err(Problem::new(Kind::InvalidRequest, detail));
    }
    let (id, caller) = match daemon.access.sign_in(token.trim(), caller.peer) {
        Ok(signed_in) => signed_in,
        Err(error) => {
            audit::refused_sign_in(&daemon, &caller).await;
            return Err(refused(&daemon, error));
        }
    };
    audit::session(&daemon, &caller, "signIn").await;
    let session = shown(&daemon, &caller);
    tracing::info!(token = session.name, from = ?caller.address(), "signed in");
    let left = session.expires_at.map_or(0, |expires| seconds(expires.duration_since(daemon.clock.now())));
    let mut response = body::json(StatusCode::OK, &session)?;
    set_cookie(&daemon, &mut response, &id, left)?;
    Ok(response)
}

fn refused(daemon: &Daemon, error: SignInError) -> Problem {
    match error {
        SignInError::TooMany(wait) => {
            daemon.metrics.denied("sign_in_rate");
            Problem::rate_limited("there were too many attempts to sign in; try again later", wait)
        }
        SignInError::Denied(denied) => {
            daemon.metrics.denied("sign_in");
            Problem::unauthorized(&denied)
        }
        SignInError::Random(error) => Problem::internal(&error),
    }
}

pub(super) async fn sign_out(
    State(daemon): State<Arc<Daemon>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    if matches!(caller.who, Who::Session(..)) {
        audit::session(&daemon, &caller, "signOut").await;
    }
    daemon.access.sign_out(&caller);
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&daemon, &mut response, "", 0)?;
    Ok(response)
}

/// Rounds up: a cookie that outlives its session by less than a second does no harm.
fn seconds(left: SignedDuration) -> i64 {
    left.as_secs().max(0) + i64::from(left.subsec_nanos() > 0)
}

fn set_cookie(daemon: &Daemon, response: &mut Response, id: &str, seconds: i64) -> Result<(), Problem> {
    let secure = if daemon.tls.is_some() { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={id}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    let mut cookie = HeaderValue::from_str(&cookie).map_err(|error| Problem::internal(&error))?;
    cookie.set_sensitive(true);
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(())
}
