//! An accepted event and what has become of it.

use std::collections::{BTreeMap, BTreeSet};

use fanfare_core::{
    AttemptRecord, ChannelName, ChannelResult, ChannelStatus, DeliveryId, Event, EventResult, Failure, Fault, Offset,
    OverallStatus, Skipped, SkippedReplay, StageRecord, Summary, WaitingFor,
    delivery::{Origin, Skip},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::Order;

/// Which events, from where, how many.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    pub order: Order,
    /// The offset to continue after, in the requested order; 0 for the beginning. A negative value, oldest first,
    /// counts from the end.
    pub after: i64,
    /// 0 means 100; at most 1000.
    pub limit: usize,
    /// The page ends before the event that would exceed this many bytes; it always contains the first. 0 means 4 MiB.
    pub bytes: usize,
    /// A type, or a pattern of `.`-separated tokens: `*` matches one, a final `>` one or more.
    pub ty: Option<String>,
    pub source: Option<String>,
    /// Events targeted at this channel.
    pub channel: Option<ChannelName>,
    /// Only events that went to these channels, as if there were no others. `None`: all.
    pub visible: Option<BTreeSet<ChannelName>>,
    pub status: Option<OverallStatus>,
    /// Accepted at or after this time.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
}

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
    /// The channel that this delivery is a fallback for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<ChannelName>,
    /// Why it is dead, if no attempt shows it.
    #[serde(skip)]
    pub fault: Option<Fault>,
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
    /// A delivery that has not begun.
    #[must_use]
    pub fn pending(channel: ChannelName, delivery_id: DeliveryId, accepted_at: Timestamp) -> Self {
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
            fallback_for: None,
            fault: None,
        }
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
            let (class, code, error) = (fault.class, fault.code.clone(), fault.message.clone());
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
