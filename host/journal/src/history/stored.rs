//! An event with its deliveries, folded from its entries.

use fanfare_core::{
    AttemptRecord, ChannelName, ChannelStatus, DeliveryId, Event, Fault, Offset, Skipped, SkippedReplay, StageRecord,
    WaitingFor, delivery::Origin,
};
use fanfare_dispatch::JournalError;
use fanfare_record::{StoredDelivery, StoredEvent};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params, types::ValueRef};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    keys::NEVER,
    open_journal::OpenJournal,
    progress::{self, ProgressEntry, Step},
    readers::store,
    record,
};

/// A delivery while its entries are folded.
struct Folding {
    shown: StoredDelivery,
    /// What it had come to before the current or last replay, which changes nothing if it is skipped.
    before: Option<Box<End>>,
}

/// What a delivery had come to.
struct End {
    status: ChannelStatus,
    at: Option<Timestamp>,
    receipt: Option<Box<RawValue>>,
    spent: u32,
    fault: Option<Fault>,
}

/// The approximate size of a delivery in memory, in bytes, counting the parts that guests and receivers control.
pub(super) fn size(delivery: &StoredDelivery) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let attempt = |attempt: &AttemptRecord| {
        let lines: usize = attempt.trace.iter().map(String::len).sum();
        size_of::<AttemptRecord>() + text(&attempt.code) + text(&attempt.error) + lines
    };
    let receipt = delivery.receipt.as_ref().map_or(0, |receipt| receipt.get().len());
    receipt + delivery.attempts.iter().map(attempt).sum::<usize>()
}

impl Folding {
    fn pending(channel: ChannelName, delivery_id: DeliveryId, accepted_at: Timestamp) -> Self {
        Self { shown: StoredDelivery::pending(channel, delivery_id, accepted_at), before: None }
    }

    /// Applies the next settlement.
    fn fold(&mut self, entry: ProgressEntry, journal: &OpenJournal) {
        let Self { shown, before } = self;
        let at = record::timestamp(entry.at);
        let more = entry.more;
        shown.changed_at = at;
        shown.next_attempt_at = None;
        shown.waiting_for = None;
        let fault = std::mem::replace(&mut shown.fault, more.fault.map(Fault::from));
        if let Some(attempt) = entry.attempt {
            shown.attempts.push(attempt);
        }
        match entry.step {
            Step::Delivered => {
                shown.status = ChannelStatus::Success;
                shown.settled_at = Some(at);
                shown.receipt = entry.receipt;
                shown.spent = shown.attempts.last().map_or(shown.spent + 1, |attempt| attempt.number);
            }
            Step::Dead => {
                shown.status = ChannelStatus::Failed;
                shown.settled_at = Some(at);
            }
            Step::Waiting => shown.next_attempt_at = more.until.map(record::timestamp),
            Step::Deferred => {
                shown.next_attempt_at = more.until.map(record::timestamp);
                shown.waiting_for = more.wait.map(WaitingFor::from);
            }
            Step::Skipped => {
                let skipped = more.skip.map(|reason| Skipped { reason, detail: more.detail.unwrap_or_default() });
                match before.take() {
                    Some(before) => {
                        restore(shown, *before);
                        shown.skipped_replay = skipped.map(|skipped| SkippedReplay { at, skipped });
                    }
                    None => {
                        shown.status = ChannelStatus::Skipped;
                        shown.settled_at = Some(at);
                        shown.skipped = skipped;
                    }
                }
            }
            Step::Suspended => {}
            Step::Again => {
                shown.origin = more.origin.unwrap_or_default();
                let is_delivered_or_dead = matches!(shown.status, ChannelStatus::Success | ChannelStatus::Failed);
                *before = (is_delivered_or_dead && shown.origin == Origin::Replay).then(|| {
                    let (at, receipt) = (shown.settled_at, shown.receipt.take());
                    Box::new(End { status: shown.status, at, receipt, spent: shown.spent, fault })
                });
                shown.status = ChannelStatus::Pending;
                shown.settled_at = None;
                shown.receipt = None;
                shown.spent = 0;
                shown.skipped = None;
                shown.skipped_replay = None;
                shown.fallback_for = more.fallback_for.and_then(|channel| journal.memory.channel_name(channel));
            }
        }
        if let Some(spent) = more.spent {
            shown.spent = spent;
        }
    }
}

/// What was shown before a replay that changes nothing.
fn restore(shown: &mut StoredDelivery, before: End) {
    let End { status, at, receipt, spent, fault } = before;
    (shown.status, shown.settled_at, shown.receipt, shown.spent, shown.fault) = (status, at, receipt, spent, fault);
}

/// The columns that [`event`] reads, in order.
pub(super) const COLUMNS: &str = "offset, key, accepted_at, targets, event, stages";

/// Reads one event from a row of [`COLUMNS`], with its deliveries.
///
/// # Errors
/// [`JournalError::Damaged`] if the row is unreadable. If only its progress is unreadable, the event is
/// returned as incomplete.
pub(super) fn event(
    connection: &Connection,
    journal: &OpenJournal,
    row: &Row<'_>,
) -> Result<StoredEvent, JournalError> {
    let offset = Offset(record::offset(row.get(0).map_err(|e| store(&e))?));
    let Parts { key, accepted_at, targets, event, stages } = parts(row)
        .map_err(|reason| JournalError::Damaged(format!("the event at offset {offset} is unreadable: {reason}")))?;
    let mut damage = None;
    let mut deliveries = Vec::with_capacity(targets.len());
    for channel in targets {
        match journal.memory.channel_name(channel) {
            Some(name) => {
                let delivery_id = DeliveryId { event: key, channel };
                deliveries.push(Folding::pending(name, delivery_id, accepted_at));
            }
            None => damage = Some(format!("channel number {} does not exist", channel.0)),
        }
    }
    match fold(connection, journal, (offset, key, accepted_at), &mut deliveries).map_err(|e| store(&e)) {
        Ok(found) => damage = found.or(damage),
        Err(JournalError::Damaged(reason)) => damage = Some(reason),
        Err(other) => return Err(other),
    }
    if let Some(reason) = &damage {
        journal
            .memory
            .damage
            .found(format_args!("the deliveries of the event at offset {offset} are unreadable: {reason}"));
    }
    let deliveries = deliveries.into_iter().map(|delivery| delivery.shown).collect();
    Ok(StoredEvent { offset, key, accepted_at, event, stages, deliveries, incomplete: damage })
}

/// What the row alone contains.
struct Parts {
    key: Uuid,
    accepted_at: Timestamp,
    targets: Vec<fanfare_core::ChannelId>,
    event: Event,
    stages: Vec<StageRecord>,
}

fn parts(row: &Row<'_>) -> Result<Parts, String> {
    let key = Uuid::from_bytes(row.get::<_, [u8; 16]>(1).map_err(|e| e.to_string())?);
    let accepted_at = record::timestamp(row.get(2).map_err(|e| e.to_string())?);
    let text = |column| row.get_ref(column).map_err(|e| e.to_string())?.as_str().map_err(|e| e.to_string());
    let targets = record::decode_targets(text(3)?).map_err(|e| e.to_string())?;
    let event = record::decode_event(text(4)?).map_err(|e| e.to_string())?;
    let stages = match row.get_ref(5).map_err(|e| e.to_string())? {
        ValueRef::Null => vec![],
        _ => record::decode_stages(text(5)?).map_err(|e| e.to_string())?,
    };
    Ok(Parts { key, accepted_at, targets, event, stages })
}

/// Adds the progress of the deliveries. Returns what was unreadable.
fn fold(
    connection: &Connection,
    journal: &OpenJournal,
    (offset, key, accepted_at): (Offset, Uuid, Timestamp),
    deliveries: &mut Vec<Folding>,
) -> rusqlite::Result<Option<String>> {
    let mut damage = None;
    let mut statement = connection.prepare_cached("SELECT entries FROM progress WHERE offset = ? ORDER BY seq")?;
    let mut rows = statement.query(params![record::column(offset.0)])?;
    while let Some(row) = rows.next()? {
        let entries = row
            .get_ref(0)?
            .as_str()
            .map_err(|e| e.to_string())
            .and_then(|text| progress::read(text, key).map_err(|e| e.to_string()));
        match entries {
            Ok(entries) => {
                for entry in entries {
                    let mine = |have: &Folding| have.shown.delivery_id.channel == entry.channel;
                    if let Some(delivery) = deliveries.iter_mut().find(|have| mine(have)) {
                        delivery.fold(entry, journal);
                    } else if let Some(name) = journal.memory.channel_name(entry.channel) {
                        // Replayed to a channel that is not among the event's targets, or a fallback.
                        let delivery_id = DeliveryId { event: key, channel: entry.channel };
                        let mut delivery = Folding::pending(name, delivery_id, accepted_at);
                        delivery.fold(entry, journal);
                        deliveries.push(delivery);
                    }
                }
            }
            Err(reason) => damage = Some(reason),
        }
    }
    if deliveries.iter().any(|delivery| delivery.shown.status == ChannelStatus::Pending) {
        hold(connection, offset, deliveries)?;
    }
    Ok(damage)
}

/// Marks deliveries that wait behind others of their key.
fn hold(connection: &Connection, offset: Offset, deliveries: &mut [Folding]) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached("SELECT channel FROM retries WHERE offset = ? AND due_at = ?")?;
    let mut rows = select.query(params![record::column(offset.0), NEVER])?;
    while let Some(row) = rows.next()? {
        let channel: u32 = row.get(0)?;
        let held = deliveries
            .iter_mut()
            .map(|delivery| &mut delivery.shown)
            .find(|shown| shown.delivery_id.channel.0 == channel);
        if let Some(held) = held {
            held.waiting_for = Some(WaitingFor::Order);
            held.next_attempt_at = None;
        }
    }
    Ok(())
}
