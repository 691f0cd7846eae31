//! Ends deliveries for an operator: one that cannot succeed, or all of a removed channel.
//!
//! Each is taken as if it were handed out, and settled as dead with the operator's reason. So everything that follows
//! from an end (dead letter, history, the next delivery of its key, the floor) follows here too.

use std::sync::Arc;

use fanfare_core::{ChannelId, ChannelName, Class, DeliveryId, Event, Fault, Offset};
use fanfare_dispatch::{Claim, JournalError, Registration, Settlement};
use fanfare_record::{DROPPED, DropError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use crate::{
    channels::Register,
    chore::{self, Chore},
    claim, ending,
    group::Group,
    keys::NEVER,
    memory::Memory,
    open_journal::OpenJournal,
    readers::store,
    record,
    retries::{Due, Round, Waiting},
};

/// Deliveries ended per step.
const STEP: usize = 256;

/// Ends a pending delivery as dead, with this reason.
pub(crate) async fn drop_delivery(journal: &Arc<OpenJournal>, id: DeliveryId, reason: String) -> Result<(), DropError> {
    if journal.memory.consumer(id.channel).is_none() {
        return Err(DropError::NotPending);
    }
    let found = journal.readers.run(move |connection| find(connection, id).map_err(|e| store(&e))).await?;
    let Some(offset) = found else { return Err(DropError::NotPending) };
    let fault = Fault::new(Class::Rejected, DROPPED, reason);
    let (done, committed) = oneshot::channel();
    journal
        .run(|answer| Skip { journal: Arc::clone(journal), id, offset, fault, done, row: None, event: None, answer })
        .await??;
    committed.await.map_err(|_gone| JournalError::Closed)?;
    Ok(())
}

/// Ends all pending deliveries of a channel as dead, while `go_on` says so. Returns how many were ended.
pub(crate) async fn forget(
    journal: &Arc<OpenJournal>,
    name: &ChannelName,
    go_on: &(dyn Fn() -> bool + Send + Sync),
) -> Result<u64, JournalError> {
    // Held-back deliveries would wait forever, so the order is switched off first.
    let unordered = Registration { name: name.clone(), order: None };
    let known = journal.run(|answer| Register::new(vec![unordered], answer)).await?;
    let Some(channel) = known.first().map(|known| known.id) else { return Ok(0) };
    let mut ended = 0;
    while go_on() {
        let claims = claim::claim_all(journal, channel, STEP).await?;
        if claims.is_empty() {
            break;
        }
        let mut committed = Vec::with_capacity(claims.len());
        for Claim { offset, key, event, since, attempts, token, .. } in claims {
            let fault = Fault::new(Class::Rejected, "forgotten", "the channel was removed and forgotten");
            let (done, ends) = oneshot::channel();
            let dead = ending::dead(journal, channel, offset, attempts, fault);
            ending::settle(journal, Settlement { key, token, event: Some(event), since, ..dead }, Some(done));
            committed.push(ends);
        }
        for ends in committed {
            ends.await.map_err(|_gone| JournalError::Closed)?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// The offset of a pending delivery: either it has a row in `retries`, or it is above its channel's floor.
fn find(connection: &Connection, id: DeliveryId) -> rusqlite::Result<Option<u64>> {
    let key = id.event.as_bytes();
    let waiting = connection
        .prepare_cached(
            "SELECT e.offset FROM retries r CROSS JOIN events e ON e.offset = r.offset
             WHERE r.channel = ? AND e.key = ?",
        )?
        .query_row(params![id.channel.0, key], |row| row.get(0))
        .optional()?;
    let found: Option<i64> = match waiting {
        Some(offset) => Some(offset),
        None => connection
            .prepare_cached(
                "SELECT offset FROM events WHERE offset > (SELECT floor FROM channels WHERE id = ?) AND key = ?
                 LIMIT 1",
            )?
            .query_row(params![id.channel.0, key], |row| row.get(0))
            .optional()?,
    };
    Ok(found.map(record::offset))
}

/// Takes one delivery out of turn and ends it.
///
/// The decision is made in `finish`, on the writer's thread after the commit: there memory and tables agree, and no
/// other commit can intervene.
struct Skip {
    /// Queues the settlement.
    journal: Arc<OpenJournal>,
    id: DeliveryId,
    offset: u64,
    fault: Fault,
    done: oneshot::Sender<()>,
    /// Its row in `retries`.
    row: Option<(Due, Waiting)>,
    event: Option<Found>,
    answer: oneshot::Sender<Result<Result<(), DropError>, JournalError>>,
}

/// What is delivered.
struct Found {
    event: Option<Arc<Event>>,
    accepted_at: Timestamp,
    /// Whether it goes to the channel.
    targeted: bool,
}

/// The row of a waiting delivery. A held-back delivery is not the active one of its key, and its end must not release
/// another: its row loses its key.
pub(crate) fn row(
    connection: &Connection,
    memory: &Memory,
    channel: ChannelId,
    offset: u64,
) -> rusqlite::Result<Option<(Due, Waiting)>> {
    let which = params![channel.0, record::column(offset)];
    let mut row = connection
        .prepare_cached(
            "SELECT due_at, attempts, since, origin, job, order_key, wait_for FROM retries
             WHERE channel = ? AND offset = ?",
        )?
        .query_row(which, |row| {
            let round = Round {
                since: record::timestamp(row.get(2)?),
                origin: record::origin(row.get(3)?),
                job: row.get(4)?,
                key: row.get(5)?,
            };
            let waiting = Waiting { attempts: row.get(1)?, round, wait: record::wait(row.get(6)?) };
            Ok(((row.get(0)?, offset), waiting))
        })
        .optional()?;
    if let Some((due, waiting)) = &mut row
        && due.0 == NEVER
    {
        due.0 = memory.now();
        waiting.round.key = None;
        connection
            .prepare_cached("UPDATE retries SET due_at = ?, order_key = NULL WHERE channel = ? AND offset = ?")?
            .execute(params![due.0, channel.0, record::column(offset)])?;
    }
    Ok(row)
}

impl Chore for Skip {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let (connection, channel, offset) = (group.connection, self.id.channel, record::column(self.offset));
        let found: Option<(String, i64, String)> = connection
            .prepare_cached("SELECT targets, accepted_at, event FROM events WHERE offset = ? AND key = ?")?
            .query_row(params![offset, self.id.event.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((targets, accepted_at, text)) = found else { return Ok(()) };
        let targeted = record::decode_targets(&targets).is_ok_and(|targets| targets.contains(&channel));
        // An unreadable event is skipped all the same.
        let event = record::decode_event(&text).ok().map(Arc::new);
        self.event = Some(Found { event, accepted_at: record::timestamp(accepted_at), targeted });
        self.row = row(connection, memory, channel, self.offset)?;
        Ok(())
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        let Self { journal, id, offset, fault, done, row, event, answer } = *self;
        let waiting = row.as_ref().map(|(_, waiting)| *waiting);
        let taken = result.map(|()| {
            let consumer = memory.consumer(id.channel).ok_or(DropError::NotPending)?;
            let mut position = consumer.position();
            if position.flights.get(offset).is_some() {
                return Err(DropError::InFlight);
            }
            match (row, &event) {
                (Some((due, waiting)), Some(_)) => {
                    position.take_waiting(due, waiting);
                    Ok(())
                }
                (None, Some(found)) if found.targeted && position.take_ahead(offset, found.accepted_at) => Ok(()),
                _ => Err(DropError::NotPending),
            }
        });
        if let (Ok(Ok(())), Some(Found { event, accepted_at, .. })) = (&taken, event) {
            let (since, attempts) = waiting.map_or((accepted_at, 0), |waiting| (waiting.round.since, waiting.attempts));
            let dead = ending::dead(&journal, id.channel, Offset(offset), attempts, fault);
            ending::settle(&journal, Settlement { key: id.event, event, since, ..dead }, Some(done));
        }
        chore::answer(answer, taken);
    }

    fn is_alone(&self) -> bool {
        true
    }
}
