//! `GET /v1/audit`, and the records of sessions in the audit trail. [`acts`](super::acts) records the calls.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use fanfare_record::{Act, ActQuery};
use serde_json::json;

use super::{
    body,
    events::{MOMENT, order},
    problem::Problem,
    query::{LIMIT, ORDER, Parameter, Query, Takes},
};
use crate::{access::Caller, api, daemon::Daemon};

/// The target of signing in and out.
const SESSION: &str = "/v1/session";

/// An act of this caller.
pub(super) fn act(caller: &Caller, what: &str, target: String) -> Act {
    let who = caller.token().map_or_else(|| "local".to_owned(), |token| token.table.name.clone());
    let source = caller.peer.map(|peer| peer.to_string());
    Act { who, what: what.to_owned(), target, source, details: None }
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
