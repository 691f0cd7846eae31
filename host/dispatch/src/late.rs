//! `fallback_after`: events that a channel has not delivered in time also go to its fallback, whatever the reason.

use fanfare_core::delivery::Origin;

use crate::{dispatch_core::DispatchCore, lane::Lane};

/// Sends overdue events of a channel with `fallback_after` to its fallback.
pub(crate) async fn look(lane: &Lane, core: &DispatchCore) {
    let Some(after) = lane.policy().fallback_after else { return };
    let now = core.clock.now();
    let Ok(before) = now.checked_sub(after) else { return };
    if core.journal.backlog(lane.id).oldest.is_none_or(|oldest| oldest > before) {
        return;
    }
    let fallback = core.fallback(lane.id, Origin::Live);
    match core.journal.fall_back(lane.id, before, fallback, now).await {
        Ok(0) => {}
        Ok(events) => tracing::warn!(
            channel = %lane.name, events, ?after,
                "events were not delivered in time and also go to the channel's fallback"
        ),
        Err(error) => tracing::error!(channel = %lane.name, %error, "overdue deliveries could not be found; retrying"),
    }
}
