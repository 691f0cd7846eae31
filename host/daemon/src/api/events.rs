//! `/v1/events`: events and their results.

use std::collections::BTreeMap;

use fanfare_core::{AttemptRecord, ChannelStatus, Class, OverallStatus, StageRecord, WaitingFor, delivery::Skip};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{
    explain::Explanation,
    forms::CloudEvent,
    word::{Word, micros, optional_micros},
};

/// The result of an event so far.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventResult {
    /// The event's `id`.
    pub event_id: String,
    /// The event's `type`.
    pub event_type: String,
    /// Its offset in the journal: 1 for the first event, then increasing.
    pub offset: u64,
    /// When it was recorded.
    #[serde(serialize_with = "micros")]
    #[schemars(with = "Timestamp")]
    pub broadcast_at: Timestamp,
    /// `success`: delivered on every channel, except those that skipped it. `failed`: dead on every channel. `partial`:
    /// both. `pending`: at least one channel has not settled. `unrouted`: no channel gets it. `cancelled`: it was due
    /// later and was cancelled.
    pub overall_status: Word<OverallStatus>,
    /// Whether an earlier request recorded the event; then this is that event's result.
    #[serde(default)]
    pub duplicate: bool,
    /// The channels that get the event, by name.
    pub channels: BTreeMap<String, ChannelResult>,
    /// How many channels there are, by status.
    pub summary: Summary,
}

/// One channel's delivery of one event.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChannelResult {
    /// `failed` means dead; `skipped` counts as settled.
    pub status: Word<ChannelStatus>,
    /// The channel's name.
    pub channel: String,
    /// When the last attempt ended; before the first, when the event was recorded.
    #[serde(serialize_with = "micros")]
    #[schemars(with = "Timestamp")]
    pub timestamp: Timestamp,
    /// The same for every attempt, so that receivers can use it as an idempotency key.
    pub delivery_id: String,
    /// Attempts so far.
    pub attempts: u64,
    /// How long the last attempt took, in milliseconds. Absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The plugin's receipt, a JSON object. Only after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<RawValue>>,
    /// The class of the last attempt's failure. Absent if it did not fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word<Class>>,
    /// What failed, for programs; for example, `http_503`. Only with `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What failed, for people. Only with `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the next attempt is due; `null` if there will be none. Only with `class`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "there", serialize_with = "inner_micros")]
    #[schemars(with = "Option<Timestamp>")]
    pub next_attempt_at: Option<Option<Timestamp>>,
    /// What a pending delivery waits for. Absent if it is due or in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<Word<WaitingFor>>,
    /// Until when it waits, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_micros")]
    #[schemars(with = "Timestamp")]
    pub until: Option<Timestamp>,
    /// Why it was skipped. Only for a skipped delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Word<Skip>>,
    /// The reason for people. Only with `reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Its last replay, if that was skipped. All other members describe the delivery before that replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_replay: Option<SkippedReplay>,
    /// The channel that could not deliver the event, so that this one got it. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<String>,
}

/// A replay that was skipped.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SkippedReplay {
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
    pub reason: Word<Skip>,
    /// The reason for people.
    pub detail: String,
}

/// How many channels there are, by status.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Summary {
    pub total_channels: u64,
    pub successful: u64,
    pub failed: u64,
    pub pending: u64,
    pub skipped: u64,
}

/// An event with its offset and result.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListedEvent")]
pub struct Listed {
    /// Its offset in the journal.
    pub offset: u64,
    pub event: CloudEvent,
    pub result: EventResult,
    /// `true` if the journal is damaged and the result is incomplete. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What cannot be read. Only with `incomplete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One event with its complete history.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct Shown {
    /// Its offset in the journal.
    pub offset: u64,
    pub event: CloudEvent,
    pub result: EventResult,
    /// `true` if the journal is damaged and this is incomplete. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What cannot be read. Only with `incomplete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the stages did, in their order. Absent if none ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageRecord>,
    /// Every attempt, oldest first, by channel.
    #[serde(default)]
    pub attempts: BTreeMap<String, Vec<AttemptRecord>>,
    /// The channels that did not get the event, by name, and what would happen to it there now: filters may have
    /// changed since. Absent if every channel got it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_channels: BTreeMap<String, Explanation>,
}

/// A page of the history.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    pub events: Vec<Listed>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<i64>,
    /// `true` if damage to the journal hides entries. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What is hidden. Only with `incomplete`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
}

/// A part of a list that cannot be read: everything between two cursors, both exclusive.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hole {
    pub after: i64,
    pub before: i64,
    /// The reason, for people.
    pub reason: String,
}

/// A delivery that has just settled: the data of a `settled` message of the stream.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SettledDelivery {
    pub offset: u64,
    pub event_id: String,
    pub event_type: String,
    #[serde(flatten)]
    pub result: ChannelResult,
}

impl EventResult {
    /// Whether nothing has failed so far.
    #[must_use]
    pub fn is_well(&self) -> bool {
        !matches!(self.overall_status.as_str(), "failed" | "partial") && self.summary.failed == 0
    }
}

impl Listed {
    /// A complete event, unless there is a reason why it is not.
    #[must_use]
    pub fn new(offset: u64, event: CloudEvent, result: EventResult, reason: Option<String>) -> Self {
        Self { offset, event, result, incomplete: reason.is_some(), reason }
    }
}

impl From<fanfare_core::EventResult> for EventResult {
    fn from(result: fanfare_core::EventResult) -> Self {
        let fanfare_core::EventResult {
            event_id,
            event_type,
            offset,
            broadcast_at,
            overall_status,
            duplicate,
            channels,
            summary,
        } = result;
        Self {
            event_id,
            event_type,
            offset: offset.0,
            broadcast_at,
            overall_status: overall_status.into(),
            duplicate,
            channels: channels.into_iter().map(|(name, channel)| (name.to_string(), channel.into())).collect(),
            summary: summary.into(),
        }
    }
}

impl From<fanfare_core::ChannelResult> for ChannelResult {
    fn from(result: fanfare_core::ChannelResult) -> Self {
        let fanfare_core::ChannelResult {
            status,
            channel,
            timestamp,
            delivery_id,
            attempts,
            duration_ms,
            receipt,
            failure,
            waiting_for,
            until,
            skipped,
            skipped_replay,
            fallback_for,
        } = result;
        let mut this = Self {
            status: status.into(),
            channel: channel.to_string(),
            timestamp,
            delivery_id: delivery_id.to_string(),
            attempts: attempts.into(),
            duration_ms,
            receipt,
            waiting_for: waiting_for.map(Into::into),
            until,
            skipped_replay: skipped_replay.map(|fanfare_core::SkippedReplay { at, skipped }| SkippedReplay {
                at,
                reason: skipped.reason.into(),
                detail: skipped.detail,
            }),
            fallback_for: fallback_for.map(|name| name.to_string()),
            ..Self::default()
        };
        if let Some(fanfare_core::Failure { class, code, error, next_attempt_at }) = failure {
            (this.class, this.code, this.error) = (Some(class.into()), Some(code), Some(error));
            this.next_attempt_at = Some(next_attempt_at);
        }
        if let Some(fanfare_core::Skipped { reason, detail }) = skipped {
            (this.reason, this.detail) = (Some(reason.into()), Some(detail));
        }
        this
    }
}

impl From<fanfare_core::Summary> for Summary {
    fn from(summary: fanfare_core::Summary) -> Self {
        let fanfare_core::Summary { total_channels, successful, failed, pending, skipped } = summary;
        let [total_channels, successful, failed, pending, skipped] =
            [total_channels, successful, failed, pending, skipped].map(|count| count as u64);
        Self { total_channels, successful, failed, pending, skipped }
    }
}

impl From<fanfare_record::Hole> for Hole {
    fn from(fanfare_record::Hole { after, before, reason }: fanfare_record::Hole) -> Self {
        Self { after, before, reason }
    }
}

/// Distinguishes a member that is `null` from one that is absent.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn inner_micros<S: Serializer>(moment: &Option<Option<Timestamp>>, serializer: S) -> Result<S::Ok, S::Error> {
    optional_micros(&moment.flatten(), serializer)
}

#[cfg(test)]
mod tests {
    use fanfare_core::{ChannelName, DeliveryId, Failure, Offset, Skipped};

    use super::*;

    /// For publishers, core writes its result in pieces. Everything else is written from the type here.
    #[test]
    fn a_result_is_written_like_core_writes_it_and_can_be_read() {
        let name = |name: &str| ChannelName::new(name).unwrap();
        let at = "2026-11-20T10:30:00.123456789Z".parse().unwrap();
        let channel = |status| fanfare_core::ChannelResult {
            status,
            channel: name("a"),
            timestamp: at,
            delivery_id: "dlv_01a2002a449271eda484e1ab451c4151_1".parse::<DeliveryId>().unwrap(),
            attempts: 2,
            duration_ms: None,
            receipt: None,
            failure: None,
            waiting_for: None,
            until: None,
            skipped: None,
            skipped_replay: None,
            fallback_for: None,
        };
        let failure =
            |next| Failure { class: Class::Retry, code: "c".into(), error: "e".into(), next_attempt_at: next };
        let receipt = RawValue::from_string(r#"{ "b": 1, "a":2 }"#.to_owned()).unwrap();
        let channels = [
            channel(ChannelStatus::Pending),
            fanfare_core::ChannelResult {
                duration_ms: Some(1.5),
                receipt: Some(receipt),
                fallback_for: Some(name("b")),
                ..channel(ChannelStatus::Success)
            },
            fanfare_core::ChannelResult { failure: Some(failure(None)), ..channel(ChannelStatus::Failed) },
            fanfare_core::ChannelResult {
                failure: Some(failure(Some(at))),
                waiting_for: Some(WaitingFor::Retry),
                until: Some(at),
                ..channel(ChannelStatus::Pending)
            },
            fanfare_core::ChannelResult {
                skipped: Some(Skipped { reason: Skip::Once, detail: "d".into() }),
                ..channel(ChannelStatus::Skipped)
            },
        ];
        let result = fanfare_core::EventResult {
            event_id: "1".into(),
            event_type: "t".into(),
            offset: Offset(7),
            broadcast_at: at,
            overall_status: OverallStatus::Pending,
            duplicate: true,
            summary: fanfare_core::Summary::of(channels.iter().map(|channel| &channel.status)),
            channels: channels.into_iter().enumerate().map(|(n, channel)| (name(&n.to_string()), channel)).collect(),
        };
        let ours = serde_json::to_string(&result).unwrap();
        let converted = EventResult::from(result);
        assert_eq!(serde_json::to_string(&converted).unwrap(), ours);
        let read: EventResult = serde_json::from_str(&ours).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), ours);
    }
}
