//! The audit trail: each call that changes something is recorded before it is made, and its outcome before the
//! response. And `GET /v1/audit`.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fanfare_journal::{Act, ActEnd, ActQuery, Audit};
use http::Uri;
use serde_json::json;

use super::{
    body::{self, Kept},
    events::{MOMENT, order},
    problem::{Kind, Problem},
    query::{LIMIT, ORDER, Parameter, Query, Takes},
    routes::Route,
};
use crate::{
    access::{Caller, Scope},
    api,
    daemon::Daemon,
};

/// Calls whose body is recorded. The others have none, or it contains an event or a person's addresses.
const WITH_BODY: [&str; 6] =
    ["pauseChannel", "forgetChannel", "dropDelivery", "replayDeadLetters", "purgeDeadLetters", "beginReplay"];

/// The target of signing in and out.
const SESSION: &str = "/v1/session";

/// Made even if it cannot be recorded. It only does at once what the daemon does by itself when its files change, and
/// an operator needs it while the journal's disk is full.
const RELOAD: &str = "reload";

/// What an act may answer because it is recorded.
pub(super) fn problems(route: &Route) -> &'static [Kind] {
    if is_act(route) && route.id != RELOAD { &[Kind::JournalDamaged, Kind::JournalUnavailable] } else { &[] }
}

/// Whether a call is an administrative act.
pub(super) fn is_act(route: &Route) -> bool {
    route.method != "GET" && matches!(route.scope, Some(Scope::Operate | Scope::Admin))
}

fn act(caller: &Caller, what: &str, target: String) -> Act {
    let who = caller.token().map_or_else(|| "local".to_owned(), |token| token.table.name.clone());
    let source = caller.peer.map(|peer| peer.to_string());
    Act { who, what: what.to_owned(), target, source, details: None }
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
pub(super) async fn audited(
    State((audit, route)): State<(Audit, &'static Route)>,
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

/// Records that a session begins or ends. Both happen even if this fails, so that the dashboard can be used while the
/// journal's disk is full.
pub(super) async fn session(daemon: &Daemon, caller: &Caller, what: &str) {
    let act = act(caller, what, SESSION.to_owned());
    let who = act.who.clone();
    if let Err(error) = daemon.audit.record(act, "ok").await {
        tracing::warn!(%error, what, who, "a session could not be recorded in the audit trail");
    }
}

/// Records refused sign-ins: at most once a minute, with their number since the last record.
pub(super) async fn refused_sign_in(daemon: &Daemon, caller: &Caller) {
    let Some(attempts) = daemon.access.refused_sign_in() else { return };
    let details = Some(json!({ "attempts": attempts }).to_string());
    let act = Act { who: "anyone".to_owned(), details, ..act(caller, "refuseSignIn", SESSION.to_owned()) };
    if let Err(error) = daemon.audit.record(act, "refused").await {
        tracing::warn!(%error, attempts, "refused sign-ins could not be recorded in the audit trail");
    }
}

/// The parameters of the list.
pub(super) static PARAMETERS: [Parameter; 7] = [
    Parameter { name: "after", what: "The `next` of the page before.", takes: Takes::Whole(Some(0)) },
    LIMIT,
    ORDER,
    Parameter {
        name: "who",
        what: "Only acts of this token, or of `local`, `file`, `daemon`, `anyone`.",
        takes: Takes::Text,
    },
    Parameter { name: "what", what: "Only this operation, such as `pauseChannel`.", takes: Takes::Text },
    Parameter { name: "since", what: "Only acts at or after this time.", takes: Takes::Moment },
    Parameter { name: "until", what: "Only acts before this time.", takes: Takes::Moment },
];

pub(super) async fn list(State(daemon): State<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    let mut query = Query::read(request.uri().query(), &PARAMETERS);
    let wanted = ActQuery {
        order: order(&mut query),
        after: query.parsed("after", "must be the `next` of the page before").unwrap_or(0),
        limit: query.limit(),
        who: query.text("who"),
        what: query.text("what"),
        since: query.parsed("since", MOMENT),
        until: query.parsed("until", MOMENT),
    };
    query.finish()?;
    let room = body::room(&daemon).await?;
    let (acts, next) = daemon.audit.acts(wanted).await?;
    let acts = acts.into_iter().map(|recorded| api::Act {
        id: recorded.id,
        at: recorded.at,
        who: recorded.act.who,
        what: recorded.act.what,
        target: recorded.act.target,
        from: recorded.act.source,
        details: recorded.act.details.and_then(|text| serde_json::from_str(&text).ok()),
        outcome: recorded.outcome,
    });
    body::page(room, &api::Acts { acts: acts.collect(), next }).await
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
