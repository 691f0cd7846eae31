//! An event with its deliveries, folded from its entries.

use std::collections::{BTreeMap, BTreeSet};

use fanfare_core::{
    AttemptRecord, ChannelName, ChannelResult, ChannelStatus, DeliveryId, Event, EventResult, Failure, Offset,
    OverallStatus, Skipped, SkippedReplay, StageRecord, Summary, WaitingFor,
    delivery::{Origin, Skip},
};
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params, types::ValueRef};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    keys::NEVER,
    open_journal::OpenJournal,
    readers::store,
    record::{self, FaultEntry, ProgressEntry, Step},
};

/// An accepted event and its deliveries.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub offset: Offset,
    /// Assigned on acceptance. Together with a channel it forms the delivery id.
    pub key: Uuid,
    pub accepted_at: Timestamp,
    pub event: Event,
    /// What the stages did to it; empty if none ran.
    pub stages: Vec<StageRecord>,
    /// In the order of the event's targets.
    pub deliveries: Vec<StoredDelivery>,
    /// Why the deliveries are incomplete: the journal is damaged.
    pub incomplete: Option<String>,
}

/// One delivery, from its first attempt on.
#[derive(Clone, Debug, Serialize)]
pub struct StoredDelivery {
    pub channel: ChannelName,
    pub delivery_id: DeliveryId,
    pub status: ChannelStatus,
    pub attempts: Vec<AttemptRecord>,
    /// Why its current or last round was begun.
    pub origin: Origin,
    /// Attempts that count in the current round. Fewer than the attempts made if some failed through no fault of the
    /// plugin.
    pub spent: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<RawValue>>,
    pub next_attempt_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    /// When it last changed: the end of the last attempt, or the acceptance.
    pub changed_at: Timestamp,
    /// Why a pending delivery is deferred or held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<WaitingFor>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// Its last replay, if that was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_replay: Option<SkippedReplay>,
    /// What it had come to before the current or last replay, which changes nothing if it is skipped.
    #[serde(skip)]
    before: Option<Box<End>>,
    /// The channel that this delivery is a fallback for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<ChannelName>,
    /// Why it is dead, if no attempt shows it.
    #[serde(skip)]
    fault: Option<FaultEntry>,
}

/// What a delivery had come to.
#[derive(Clone, Debug)]
struct End {
    status: ChannelStatus,
    at: Option<Timestamp>,
    receipt: Option<Box<RawValue>>,
    spent: u32,
    fault: Option<FaultEntry>,
}

impl StoredEvent {
    /// Limits the event to these channels. `None` if it went to none of them.
    #[must_use]
    pub fn seen_by(mut self, visible: &BTreeSet<ChannelName>) -> Option<Self> {
        self.deliveries.retain(|delivery| visible.contains(&delivery.channel));
        for delivery in &mut self.deliveries {
            delivery.fallback_for.take_if(|channel| !visible.contains(channel));
        }
        (!self.deliveries.is_empty()).then_some(self)
    }

    /// The result so far, in the shape of the HTTP API.
    #[must_use]
    pub fn result(&self, duplicate: bool) -> EventResult {
        let summary = Summary::of(self.deliveries.iter().map(|delivery| &delivery.status));
        let channels: BTreeMap<_, _> =
            self.deliveries.iter().map(|delivery| (delivery.channel.clone(), self.result_of(delivery))).collect();
        EventResult {
            event_id: self.event.id.clone(),
            event_type: self.event.ty.clone(),
            offset: self.offset,
            broadcast_at: self.accepted_at,
            overall_status: self.overall(),
            duplicate,
            channels,
            summary,
        }
    }

    /// A delivery that no lane has looked at yet also waits for the time that its event names.
    fn result_of(&self, delivery: &StoredDelivery) -> ChannelResult {
        let result = delivery.result();
        let is_new = result.status == ChannelStatus::Pending && delivery.spent == 0 && delivery.origin == Origin::Live;
        match self.event.deliver_at() {
            Some(at) if is_new && result.waiting_for.is_none() && at > self.accepted_at => {
                ChannelResult { waiting_for: Some(WaitingFor::At), until: Some(at), ..result }
            }
            _ => result,
        }
    }

    /// The overall status of the event.
    #[must_use]
    pub fn overall(&self) -> OverallStatus {
        let is_cancelled = |delivery: &StoredDelivery| {
            delivery.skipped.as_ref().is_some_and(|skipped| skipped.reason == Skip::Cancelled)
        };
        if !self.deliveries.is_empty() && self.deliveries.iter().all(is_cancelled) {
            return OverallStatus::Cancelled;
        }
        Summary::of(self.deliveries.iter().map(|delivery| &delivery.status)).overall()
    }
}

impl StoredDelivery {
    fn pending(channel: ChannelName, delivery_id: DeliveryId, accepted_at: Timestamp) -> Self {
        Self {
            channel,
            delivery_id,
            status: ChannelStatus::Pending,
            attempts: vec![],
            origin: Origin::Live,
            spent: 0,
            receipt: None,
            next_attempt_at: None,
            settled_at: None,
            changed_at: accepted_at,
            waiting_for: None,
            skipped: None,
            skipped_replay: None,
            before: None,
            fallback_for: None,
            fault: None,
        }
    }

    /// Its approximate size in memory, in bytes, counting the parts that guests and receivers control.
    pub(super) fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let attempt = |attempt: &AttemptRecord| {
            let lines: usize = attempt.trace.iter().map(String::len).sum();
            size_of::<AttemptRecord>() + text(&attempt.code) + text(&attempt.error) + lines
        };
        let receipt = self.receipt.as_ref().map_or(0, |receipt| receipt.get().len());
        receipt + self.attempts.iter().map(attempt).sum::<usize>()
    }

    /// Applies the next settlement.
    fn fold(&mut self, mut entry: ProgressEntry, journal: &OpenJournal) {
        let at = record::timestamp(entry.at);
        let more = entry.more();
        self.changed_at = at;
        self.next_attempt_at = None;
        self.waiting_for = None;
        let fault = std::mem::replace(&mut self.fault, more.fault);
        if let Some(attempt) = entry.attempt {
            self.attempts.push(attempt.into());
        }
        match entry.step {
            Step::Delivered => {
                self.status = ChannelStatus::Success;
                self.settled_at = Some(at);
                self.receipt = entry.receipt;
                self.spent = self.attempts.last().map_or(self.spent + 1, |attempt| attempt.number);
            }
            Step::Dead => {
                self.status = ChannelStatus::Failed;
                self.settled_at = Some(at);
            }
            Step::Waiting => self.next_attempt_at = more.until.map(record::timestamp),
            Step::Deferred => {
                self.next_attempt_at = more.until.map(record::timestamp);
                self.waiting_for = more.wait.map(WaitingFor::from);
            }
            Step::Skipped => {
                let skipped = more.skip.map(|reason| Skipped { reason, detail: more.detail.unwrap_or_default() });
                match self.before.take() {
                    Some(before) => {
                        self.restore(*before);
                        self.skipped_replay = skipped.map(|skipped| SkippedReplay { at, skipped });
                    }
                    None => {
                        self.status = ChannelStatus::Skipped;
                        self.settled_at = Some(at);
                        self.skipped = skipped;
                    }
                }
            }
            Step::Suspended => {}
            Step::Again => {
                self.origin = more.origin.unwrap_or_default();
                let is_delivered_or_dead = matches!(self.status, ChannelStatus::Success | ChannelStatus::Failed);
                self.before = (is_delivered_or_dead && self.origin == Origin::Replay).then(|| {
                    let (at, receipt) = (self.settled_at, self.receipt.take());
                    Box::new(End { status: self.status, at, receipt, spent: self.spent, fault })
                });
                self.status = ChannelStatus::Pending;
                self.settled_at = None;
                self.receipt = None;
                self.spent = 0;
                self.skipped = None;
                self.skipped_replay = None;
                self.fallback_for = more.fallback_for.and_then(|channel| journal.memory.channel_name(channel));
            }
        }
        if let Some(spent) = more.spent {
            self.spent = spent;
        }
    }

    fn restore(&mut self, before: End) {
        let End { status, at, receipt, spent, fault } = before;
        (self.status, self.settled_at, self.receipt, self.spent, self.fault) = (status, at, receipt, spent, fault);
    }

    fn result(&self) -> ChannelResult {
        ChannelResult {
            status: self.status,
            channel: self.channel.clone(),
            timestamp: self.changed_at,
            delivery_id: self.delivery_id,
            attempts: self.spent,
            duration_ms: self.attempts.last().map(|attempt| attempt.duration_ms),
            receipt: self.receipt.clone(),
            failure: self.failure(),
            waiting_for: self.waiting_for,
            until: self.waiting_for.and(self.next_attempt_at),
            skipped: self.skipped.clone(),
            skipped_replay: self.skipped_replay.clone(),
            fallback_for: self.fallback_for.clone(),
        }
    }

    /// Why the last attempt failed; `None` before the first attempt and after a successful one.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        if matches!(self.status, ChannelStatus::Success | ChannelStatus::Skipped) {
            return None;
        }
        if let Some(fault) = &self.fault {
            let (class, code, error) = (fault.class, fault.code.clone(), fault.error.clone());
            return Some(Failure { class, code, error, next_attempt_at: self.next_attempt_at });
        }
        let last = self.attempts.last()?;
        Some(Failure {
            class: last.class?,
            code: last.code.clone().unwrap_or_default(),
            error: last.error.clone().unwrap_or_default(),
            next_attempt_at: self.next_attempt_at,
        })
    }
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
                deliveries.push(StoredDelivery::pending(name, delivery_id, accepted_at));
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
        journal.damage.found(format_args!("the deliveries of the event at offset {offset} are unreadable: {reason}"));
    }
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
    deliveries: &mut Vec<StoredDelivery>,
) -> rusqlite::Result<Option<String>> {
    let mut damage = None;
    let mut statement = connection.prepare_cached("SELECT entries FROM progress WHERE offset = ? ORDER BY seq")?;
    let mut rows = statement.query(params![record::column(offset.0)])?;
    while let Some(row) = rows.next()? {
        let entries = row
            .get_ref(0)?
            .as_str()
            .map_err(|e| e.to_string())
            .and_then(|text| serde_json::from_str::<Vec<ProgressEntry>>(text).map_err(|e| e.to_string()));
        match entries {
            Ok(entries) => {
                for entry in entries {
                    let mine = |have: &StoredDelivery| have.delivery_id.channel == entry.channel;
                    if let Some(delivery) = deliveries.iter_mut().find(|have| mine(have)) {
                        delivery.fold(entry, journal);
                    } else if let Some(name) = journal.memory.channel_name(entry.channel) {
                        // Replayed to a channel that is not among the event's targets, or a fallback.
                        let delivery_id = DeliveryId { event: key, channel: entry.channel };
                        let mut delivery = StoredDelivery::pending(name, delivery_id, accepted_at);
                        delivery.fold(entry, journal);
                        deliveries.push(delivery);
                    }
                }
            }
            Err(reason) => damage = Some(reason),
        }
    }
    if deliveries.iter().any(|delivery| delivery.status == ChannelStatus::Pending) {
        hold(connection, offset, deliveries)?;
    }
    Ok(damage)
}

/// Marks deliveries that wait behind others of their key.
fn hold(connection: &Connection, offset: Offset, deliveries: &mut [StoredDelivery]) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached("SELECT channel FROM retries WHERE offset = ? AND due_at = ?")?;
    let mut rows = select.query(params![record::column(offset.0), NEVER])?;
    while let Some(row) = rows.next()? {
        let channel: u32 = row.get(0)?;
        let held = deliveries.iter_mut().find(|delivery| delivery.delivery_id.channel.0 == channel);
        if let Some(held) = held {
            held.waiting_for = Some(WaitingFor::Order);
            held.next_attempt_at = None;
        }
    }
    Ok(())
}
