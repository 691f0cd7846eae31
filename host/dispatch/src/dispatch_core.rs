//! What all lanes share: the collaborators of the dispatcher, the table in force, and the signals to stop.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::{ChannelId, ChannelName, delivery::Origin};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Clock, Journal, Observer, Recipients, State,
    announcements::Announcements,
    board::Board,
    recipients::Untold,
    table::{Route, Table, TableState},
};

/// What all lanes share.
pub(crate) struct DispatchCore {
    pub(crate) journal: Arc<dyn Journal>,
    /// The same object as `journal`, as attempts see it.
    pub(crate) state: Arc<dyn State>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) board: Arc<Board>,
    /// Cancelled when lanes stop claiming and runners stop taking; attempts in flight continue.
    pub(crate) stopping: CancellationToken,
    /// The same as a flag that needs no lock, checked before each attempt.
    pub(crate) stopped: AtomicBool,
    /// Cancelled when attempts in flight are dropped.
    pub(crate) aborting: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Where published and emitted events go. `None` before the first table is in force.
    pub(crate) table: ArcSwapOption<Table>,
    /// The name of every channel since the start.
    pub(crate) names: ArcSwap<HashMap<ChannelId, ChannelName>>,
    /// System events on their way to the journal.
    pub(crate) announcements: Announcements,
    /// Why the table is outdated.
    pub(crate) behind: ArcSwapOption<String>,
    /// The runtime for guests.
    pub(crate) guests: tokio::runtime::Handle,
    pub(crate) recipients: Arc<dyn Recipients>,
    pub(crate) untold: Untold,
}

impl DispatchCore {
    /// Who gets what this channel cannot deliver.
    pub(crate) fn fallback(&self, channel: ChannelId, origin: Origin) -> Vec<ChannelId> {
        let table = self.table.load();
        let route = table.iter().flat_map(|table| &table.routes).find(|route| route.id == channel);
        let of = |route: &Route| match origin {
            Origin::Fallback => route.fallback_next.to_vec(),
            _ => route.fallback.to_vec(),
        };
        route.map(of).unwrap_or_default()
    }

    /// The table in force.
    ///
    /// # Errors
    /// Why there is none that may be used: an event without targets, only because the table is outdated, would be lost.
    pub(crate) fn table(&self) -> Result<Arc<Table>, Arc<String>> {
        let table = self.table.load_full();
        match (table, self.behind.load_full()) {
            (Some(table), Some(reason)) if table.routes.is_empty() => Err(reason),
            (Some(table), _) => Ok(table),
            (None, reason) => Err(reason.unwrap_or_else(|| Arc::new("the channels are not registered yet".to_owned()))),
        }
    }

    pub(crate) fn table_state(&self) -> TableState {
        let refusal = self.table().err();
        match (self.table.load().is_some(), self.behind.load_full(), refusal) {
            (false, _, Some(reason)) => TableState::Missing { reason },
            (_, Some(reason), refusal) => TableState::Behind { reason, refuses: refusal.is_some() },
            _ => TableState::Current,
        }
    }
}
