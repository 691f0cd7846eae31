//! Checks every channel once a second: lag, overdue deliveries, and changed recipients.

use std::{sync::Arc, time::Duration};

use fanfare_core::delivery::Wait;

use crate::{Changed, Reconsidered, dispatch_core::DispatchCore, lag, lanes::Lanes, late};

const EVERY: Duration = Duration::from_secs(1);

/// Runs until the dispatcher stops.
pub(crate) async fn make(core: Arc<DispatchCore>, lanes: Arc<Lanes>) {
    loop {
        tokio::select! {
            () = core.stopping.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        reconsider(&core, &lanes).await;
        let Some(table) = core.table.load_full() else { continue };
        for route in &table.routes {
            let Some(lane) = lanes.get(route.id) else { continue };
            if table.wants_system {
                lag::look(&lane, route, &core);
            }
            late::look(&lane, &core).await;
        }
    }
}

/// Gives deliveries that wait for the end of quiet hours another turn if their recipient has changed.
async fn reconsider(core: &DispatchCore, lanes: &Lanes) {
    let Some(changed) = core.untold.ripe() else { return };
    let which = match &changed {
        Changed::Anybody => Reconsidered::Quiet,
        Changed::Only(subjects) => Reconsidered::QuietFor(Arc::new(subjects.clone())),
    };
    for channel in lanes.ids() {
        let is_waiting = core.journal.backlog(channel).deferred.iter().any(|(wait, _)| wait == Wait::Quiet);
        if !is_waiting {
            continue;
        }
        if let Err(error) = core.journal.reconsider(channel, which.clone(), core.clock.now()).await {
            tracing::error!(%error, "waiting deliveries could not be reconsidered for a changed recipient; retrying");
            return core.untold.add(changed);
        }
    }
}
