//! Cancels an event that is scheduled for later: all of its deliveries end without an attempt, or none does.

use std::sync::Arc;

use fanfare_core::{
    ChannelId, Event, Offset,
    delivery::{Next, Skip},
};
use fanfare_dispatch::{JournalError, Settlement};
use fanfare_record::CancelError;
use rusqlite::{OptionalExtension, params};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    chore::{self, Chore},
    ending,
    group::Group,
    memory::Memory,
    open_journal::OpenJournal,
    record,
    retries::{Due, Waiting},
    skip,
};

/// Cancels every delivery of an event that is not due yet.
pub(crate) async fn cancel(journal: &Arc<OpenJournal>, offset: Offset) -> Result<(), CancelError> {
    let make = |answer| Cancel {
        journal: Arc::clone(journal),
        offset: offset.0,
        found: Err(CancelError::NotPending),
        rows: vec![],
        answer,
    };
    for ended in journal.run(make).await?? {
        ended.await.map_err(|_gone| JournalError::Closed)?;
    }
    Ok(())
}

/// One per delivery; resolved when its end is committed.
type Ends = Vec<oneshot::Receiver<()>>;

/// The event as recorded.
struct Found {
    key: Uuid,
    event: Arc<Event>,
}

/// The decision is made in `finish`, on the writer's thread after the commit: there memory and tables agree, and no
/// other commit can intervene.
struct Cancel {
    /// Queues the settlements.
    journal: Arc<OpenJournal>,
    offset: u64,
    found: Result<Found, CancelError>,
    /// Each target, with its row if it waits.
    rows: Vec<(ChannelId, Option<(Due, Waiting)>)>,
    answer: oneshot::Sender<Result<Result<Ends, CancelError>, JournalError>>,
}

impl Chore for Cancel {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let found: Option<([u8; 16], String, String)> = group
            .connection
            .prepare_cached("SELECT key, targets, event FROM events WHERE offset = ?")?
            .query_row(params![record::column(self.offset)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((key, targets, text)) = found else { return Ok(()) };
        let Ok(event) = record::decode_event(&text) else { return Ok(()) };
        if event.deliver_at().is_none_or(|at| at.as_microsecond() <= memory.now()) {
            self.found = Err(CancelError::Due);
            return Ok(());
        }
        for channel in record::decode_targets(&targets).unwrap_or_default() {
            self.rows.push((channel, skip::row(group.connection, memory, channel, self.offset)?));
        }
        self.found = Ok(Found { key: Uuid::from_bytes(key), event: Arc::new(event) });
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { journal, offset, found, rows, answer } = *self;
        let ended = result.map(|()| found.and_then(|found| end(&journal, offset, &found, rows)));
        chore::answer(answer, ended);
    }

    fn is_alone(&self) -> bool {
        true
    }
}

/// Ends all of the deliveries, or none.
fn end(
    journal: &OpenJournal,
    offset: u64,
    found: &Found,
    rows: Vec<(ChannelId, Option<(Due, Waiting)>)>,
) -> Result<Ends, CancelError> {
    let consumers: Vec<_> =
        rows.into_iter().filter_map(|(channel, row)| Some((journal.memory.consumer(channel)?, row))).collect();
    // Takes all locks at once, so that a lane cannot take one delivery while another is being ended. Nothing else takes
    // two of these locks.
    let mut positions: Vec<_> = consumers.iter().map(|(consumer, row)| (consumer.position(), *row)).collect();
    if positions.iter().any(|(position, _)| position.flights.get(offset).is_some()) {
        return Err(CancelError::InFlight);
    }
    let since = found.event.deliver_at().unwrap_or_default();
    let mut taken = vec![];
    for ((position, row), (consumer, _)) in positions.iter_mut().zip(&consumers) {
        let is_taken = match *row {
            Some((due, waiting)) => {
                position.take_waiting(due, waiting);
                true
            }
            None => position.take_ahead(offset, since),
        };
        if is_taken {
            taken.push(consumer.id);
        }
    }
    drop(positions);
    if taken.is_empty() {
        return Err(CancelError::NotPending);
    }
    let end = |channel| {
        let (done, ended) = oneshot::channel();
        let end = ending::end(journal, channel, Offset(offset), Next::Skipped(Skip::Cancelled));
        let detail = Some("the event was cancelled before it was due".to_owned());
        let event = Some(Arc::clone(&found.event));
        ending::settle(journal, Settlement { key: found.key, event, since, detail, ..end }, Some(done));
        ended
    };
    Ok(taken.into_iter().map(end).collect())
}
