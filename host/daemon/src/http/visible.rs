//! What a caller with a token bound to channels sees: those channels, as if there were no others.

use axum::extract::{FromRequestParts, Path};
use fanfare_core::{EventResult, OverallStatus, Summary};
use fanfare_record::{Job, StoredEvent};
use http::request::Parts;

use super::{caller, problem::Problem};
use crate::access::Caller;

/// The channel that the path of a request names, which its caller may see. It need not exist.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        check(caller::of(&parts.extensions)?, &name)?;
        Ok(Self(name))
    }
}

/// Limits an event's result to the caller's channels.
pub(super) fn narrow(result: &mut EventResult, caller: &Caller) {
    let Some(visible) = caller.channels() else { return };
    result.channels.retain(|name, _| visible.contains(name));
    for channel in result.channels.values_mut() {
        channel.fallback_for.take_if(|name| !visible.contains(name));
    }
    result.summary = Summary::of(result.channels.values().map(|channel| &channel.status));
    if result.overall_status != OverallStatus::Cancelled {
        result.overall_status = result.summary.overall();
    }
}

/// Limits an event to the caller's channels. `None` if it went to none of them.
pub(super) fn of_event(stored: StoredEvent, caller: &Caller) -> Option<StoredEvent> {
    match caller.channels() {
        None => Some(stored),
        Some(visible) => stored.seen_by(visible),
    }
}

/// Whether a job concerns only the caller's channels.
pub(super) fn is_job_of(job: &Job, caller: &Caller) -> bool {
    let Some(visible) = caller.channels() else { return true };
    job.channels().is_some_and(|channels| channels.is_subset(visible))
}

/// Checks that the caller may see the channel that a request names.
///
/// # Errors
/// The caller may not see it. The error does not reveal whether the channel exists.
pub(super) fn check(caller: &Caller, channel: &str) -> Result<(), Problem> {
    match caller.channels() {
        Some(visible) if !visible.contains(channel) => {
            let names: Vec<_> = visible.iter().map(|name| format!("`{name}`")).collect();
            let detail = format!("the token is bound to the channels {}, and not for `{channel}`", names.join(", "));
            Err(Problem::forbidden(detail))
        }
        _ => Ok(()),
    }
}
