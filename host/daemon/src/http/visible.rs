//! What a token that is bound to channels sees: these channels, as if there were no others.

use fanfare_core::{EventResult, OverallStatus, Summary};
use fanfare_journal::{Job, StoredEvent};

use super::problem::Problem;
use crate::access::Caller;

/// The result of an event for this caller.
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

/// The event for this caller; `None` if it went to none of its channels.
pub(super) fn of_event(stored: StoredEvent, caller: &Caller) -> Option<StoredEvent> {
    match caller.channels() {
        None => Some(stored),
        Some(visible) => stored.seen_by(visible),
    }
}

/// Whether a job is about the caller's channels and no others.
pub(super) fn is_job_of(job: &Job, caller: &Caller) -> bool {
    let Some(visible) = caller.channels() else { return true };
    job.channels().is_some_and(|channels| channels.is_subset(visible))
}

/// That a request names this channel.
///
/// # Errors
/// It is not one of the caller's, whether or not there is one of this name.
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
