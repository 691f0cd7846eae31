//! The channels that events go to, as one value: a reload in mid-request cannot split it.

use std::{fmt, sync::Arc};

use fanfare_core::ChannelId;

use crate::{
    lane::{Lane, Shared},
    queued::Piece,
};

/// The channels that events go to.
pub(crate) struct Table {
    pub(crate) routes: Vec<Arc<Lane>>,
    /// The routes' numbers, made once instead of per event.
    pub(crate) targets: Arc<[ChannelId]>,
    /// What a publisher is told of each who does not wait, in the order of the names.
    pub(crate) pieces: Vec<Piece>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Table").field(&self.targets).finish()
    }
}

/// Which table of channels is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableState {
    /// The one that is asked for.
    Current,
    /// An older one, for this reason. Events go to its channels; while it has none, they are refused.
    Behind { reason: Arc<String>, refuses: bool },
    /// There was none yet, for this reason: events are refused.
    Missing { reason: Arc<String> },
}

impl Table {
    pub(crate) fn new(routes: Vec<Arc<Lane>>) -> Self {
        let targets = routes.iter().map(|lane| lane.id).collect();
        let mut named: Vec<_> = routes.iter().map(|lane| (&lane.name, lane.id)).collect();
        named.sort_unstable();
        let pieces = named.into_iter().map(|(name, id)| Piece::new(name, id)).collect();
        Self { routes, targets, pieces }
    }
}

impl Shared {
    /// Where an event goes now.
    ///
    /// # Errors
    /// Why that is not known: an event that goes to nobody because the daemon could not do as it was told would be lost.
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
