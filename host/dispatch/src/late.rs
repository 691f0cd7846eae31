//! `fallback_after`: what a channel has not delivered in time goes to its fallback as well, whatever keeps it.

use fanfare_core::delivery::Origin;

use crate::{lane::Shared, table::Route};

/// Has what is late on a channel with a `fallback_after` go to its fallback.
pub(crate) async fn look(route: &Route, shared: &Shared) {
    let lane = &route.lane;
    let Some(after) = lane.policy().fallback_after else { return };
    let Ok(before) = shared.clock.now().checked_sub(after) else { return };
    if shared.journal.backlog(lane.id).oldest.is_none_or(|oldest| oldest > before) {
        return;
    }
    let fallback = shared.fallback(lane.id, Origin::Live);
    match shared.journal.fall_back(lane.id, before, fallback).await {
        Ok(0) => {}
        Ok(events) => tracing::warn!(
            channel = %lane.name, events, ?after, "events are not delivered in time, and go to the channel's fallback"
        ),
        Err(error) => tracing::error!(channel = %lane.name, %error, "what is late could not be found; trying again"),
    }
}
