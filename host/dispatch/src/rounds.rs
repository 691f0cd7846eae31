//! Checks every channel once a second: lag, overdue deliveries, and changed recipients.

use std::{sync::Arc, time::Duration};

use crate::{lag, lane::Shared, late, recipients};

const EVERY: Duration = Duration::from_secs(1);

/// Runs until the dispatcher stops.
pub(crate) async fn make(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        recipients::tell(&shared).await;
        let Some(table) = shared.table.load_full() else { continue };
        for route in &table.routes {
            if table.wants_system {
                lag::look(route, &shared);
            }
            late::look(route, &shared).await;
        }
    }
}
