//! Administrative acts: each call that changes something is recorded in the audit trail before it is made, and its
//! outcome before the response.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fanfare_record::{Act, ActEnd, Audit};
use http::Uri;

use super::{
    audit::act,
    body::Kept,
    problem::{Kind, Problem},
    routes::Route,
};
use crate::access::{Caller, Scope};

/// Calls whose body is recorded. The others have none, or it contains an event or a person's addresses.
const WITH_BODY: [&str; 6] =
    ["pauseChannel", "forgetChannel", "dropDelivery", "replayDeadLetters", "purgeDeadLetters", "beginReplay"];

/// Made even if it cannot be recorded. It only does at once what the daemon does by itself when its files change, and
/// an operator needs it while the journal's disk is full.
const RELOAD: &str = "reload";

/// What an act may return because it is recorded.
pub(super) fn problems(route: &Route) -> &'static [Kind] {
    if is_act(route) && route.id != RELOAD { &[Kind::JournalDamaged, Kind::JournalUnavailable] } else { &[] }
}

/// Whether a call is an administrative act.
pub(super) fn is_act(route: &Route) -> bool {
    route.method != "GET" && matches!(route.scope, Some(Scope::Operate | Scope::Admin))
}

/// The path, with the parameters that the call takes. An unknown one might contain a secret.
fn target(uri: &Uri, route: &Route) -> String {
    let takes = |pair: &&str| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        route.query.iter().any(|parameter| parameter.name == name)
    };
    let known: Vec<_> = uri.query().unwrap_or_default().split('&').filter(takes).collect();
    match known[..] {
        [] => uri.path().to_owned(),
        _ => format!("{}?{}", uri.path(), known.join("&")),
    }
}

/// Makes a call that is an act.
pub(super) async fn recorded(
    State((audit, route)): State<(Arc<dyn Audit>, &'static Route)>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    // In its own task, so that a client that disconnects does not leave an act without its outcome.
    let acting = tokio::spawn(async move {
        let act = act(&caller, route.id, target(request.uri(), route));
        let id = match audit.begin(act.clone()).await {
            Ok(id) => Some(id),
            Err(error) if route.id == RELOAD => {
                let Act { who, source: from, .. } = act;
                tracing::warn!(%error, who, from, "a reload could not be recorded in the audit trail");
                None
            }
            Err(error) => return Problem::not_audited(error).into_response(),
        };
        let body = Kept::default();
        if WITH_BODY.contains(&route.id) {
            request.extensions_mut().insert(body.clone());
        }
        let response = next.run(request).await;
        let Some(id) = id else { return response };
        let status = response.status();
        let outcome = if status.is_success() { "ok" } else { status.as_str() };
        let end = ActEnd { outcome: outcome.to_owned(), details: body.json() };
        match audit.end(id, end).await {
            Ok(()) => response,
            Err(error) => {
                tracing::warn!(%error, act = id, outcome, "an outcome could not be recorded in the audit trail");
                // An error response is true as it is. So is the report of a reload, which needs no record.
                let is_final = !status.is_success() || route.id == RELOAD;
                if is_final { response } else { Problem::outcome_not_audited(error).into_response() }
            }
        }
    });
    acting.await.unwrap_or_else(|error| Problem::internal(&error).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::ROUTES;

    #[test]
    fn a_target_has_only_the_parameters_that_the_call_takes() {
        let of = |id: &str, uri: &'static str| {
            target(&Uri::from_static(uri), ROUTES.iter().find(|route| route.id == id).unwrap())
        };
        assert_eq!(of("cancelEvent", "/v1/events/1?source=%2Fa&token=ff_secret"), "/v1/events/1?source=%2Fa");
        assert_eq!(of("cancelEvent", "/v1/events/1"), "/v1/events/1");
        assert_eq!(of("reload", "/v1/reload?access_token=ff_secret&x"), "/v1/reload");
    }

    #[test]
    fn recorded_bodies_and_exceptions_are_of_acts() {
        for id in WITH_BODY.iter().chain(&[RELOAD]) {
            assert!(ROUTES.iter().any(|route| route.id == *id && is_act(route)), "{id}");
        }
    }
}
