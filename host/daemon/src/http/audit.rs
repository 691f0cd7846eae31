//! Administrative acts: each call that changes something is on record before it is made, with its end before it is answered. And
//! `GET /v1/audit`.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fanfare_journal::{Act, ActEnd, ActQuery, Audit};

use super::{
    body,
    events::{MOMENT, order},
    problem::Problem,
    query::{LIMIT, ORDER, Parameter, Query, Takes},
    routes::Route,
};
use crate::{
    access::{Caller, Scope},
    api,
    daemon::Daemon,
};

/// Calls whose parameters are recorded. The others have none, or carry what is somebody's own: an event, an address.
const TOLD: [&str; 7] = [
    "pauseChannel",
    "forgetChannel",
    "dropDelivery",
    "replayDeadLetters",
    "purgeDeadLetters",
    "beginReplay",
    "cancelEvent",
];

/// Whether a call is an act.
pub(super) fn is_act(route: &Route) -> bool {
    route.method != "GET" && matches!(route.scope, Some(Scope::Operate | Scope::Admin))
}

/// The body of an act, for the record: [`body::command`] puts it here.
#[derive(Clone, Default)]
pub(super) struct Said(Arc<OnceLock<Bytes>>);

impl Said {
    pub(super) fn note(&self, body: &Bytes) {
        // The first body is the body.
        let _noted = self.0.set(body.clone()).is_ok();
    }

    fn details(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_slice(self.0.get()?).ok()?;
        Some(value.to_string())
    }
}

/// Who it was, as the record says it.
fn who(caller: &Caller) -> String {
    caller.token().map_or_else(|| "local".to_owned(), |token| token.table.name.clone())
}

/// Makes a call that is an act.
pub(super) async fn audited(
    State((audit, route)): State<(Audit, &'static Route)>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    // A task of its own: a client that goes away must not leave an act without its end.
    let acting = tokio::spawn(async move {
        let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let source = caller.peer.map(|peer| peer.to_string());
        let act = Act { who: who(&caller), what: route.id.to_owned(), target, source, details: None };
        let id = match audit.begin(act).await {
            Ok(id) => id,
            // What cannot be recorded is not done.
            Err(error) => return Problem::from(error).into_response(),
        };
        let said = Said::default();
        if TOLD.contains(&route.id) {
            request.extensions_mut().insert(said.clone());
        }
        let response = next.run(request).await;
        let status = response.status();
        let outcome = if status.is_success() { "ok".to_owned() } else { status.as_str().to_owned() };
        match audit.end(id, ActEnd { outcome, details: said.details() }).await {
            Ok(()) => response,
            Err(error) => Problem::from(error).into_response(),
        }
    });
    acting.await.unwrap_or_else(|error| Problem::internal(&error).into_response())
}

/// Records that somebody has signed in.
pub(super) async fn signed_in(daemon: &Daemon, caller: &Caller) -> Result<(), Problem> {
    let source = caller.peer.map(|peer| peer.to_string());
    let act =
        Act { who: who(caller), what: "signIn".to_owned(), target: "/v1/session".to_owned(), source, details: None };
    daemon.audit.record(act, "ok").await?;
    Ok(())
}

/// Records that sign-ins were refused: once a minute at the most, with their number since.
pub(super) async fn refused_sign_in(daemon: &Daemon, caller: &Caller) {
    let Some(attempts) = daemon.access.refused_sign_in() else { return };
    let act = Act {
        who: "anyone".to_owned(),
        what: "refuseSignIn".to_owned(),
        target: "/v1/session".to_owned(),
        source: caller.peer.map(|peer| peer.to_string()),
        details: Some(format!("{{\"attempts\":{attempts}}}")),
    };
    if let Err(error) = daemon.audit.record(act, "refused").await {
        tracing::warn!(%error, attempts, "refused sign-ins could not be recorded");
    }
}

/// What the list takes.
pub(super) static PARAMETERS: [Parameter; 7] = [
    Parameter { name: "after", what: "The `next` of the page before.", takes: Takes::Whole(Some(0)) },
    LIMIT,
    ORDER,
    Parameter { name: "who", what: "Of this token, or `local`, `file`, `daemon`, `anyone`.", takes: Takes::Text },
    Parameter { name: "what", what: "This operation.", takes: Takes::Text },
    Parameter { name: "since", what: "Done at or after this time.", takes: Takes::Moment },
    Parameter { name: "until", what: "Done before this time.", takes: Takes::Moment },
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
