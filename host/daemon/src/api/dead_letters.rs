//! `/v1/dead-letters`: deliveries that ended undelivered.

use fanfare_core::{AttemptRecord, ChannelName, Class, DeliveryId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    events::{EventResult, Hole},
    forms::CloudEvent,
    word::Word,
};

/// A page of dead letters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetters {
    pub dead_letters: Vec<DeadLetter>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<i64>,
    /// `true` if damage to the journal hides entries. Absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What is hidden. Only with `incomplete`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
}

/// A delivery that ended undelivered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetter {
    pub delivery_id: String,
    pub channel: String,
    /// The event's offset in the journal.
    pub offset: u64,
    pub event_id: String,
    /// The event's source.
    pub source: String,
    pub event_type: String,
    /// How many attempts were made.
    pub attempts: u64,
    /// The class of the last failure.
    pub class: Word<Class>,
    /// What failed, for programs; for example, `http_503`.
    pub code: String,
    /// What failed, for people.
    pub error: String,
    /// The first digits of the plugin's digest at the last attempt; `null` if there was none.
    pub plugin: Option<String>,
    /// When it became a dead letter.
    pub at: Timestamp,
    /// A digest of the channel's settings at that time, to see whether they have changed since.
    #[serde(default)]
    pub settings: String,
}

/// A dead letter with everything that explains it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeadLetterInFull")]
pub struct Letter {
    // Not flattened as a whole: an event is kept as raw JSON, which serde cannot read into a flattened struct.
    pub delivery_id: String,
    pub channel: String,
    /// The event's offset in the journal.
    pub offset: u64,
    pub event_id: String,
    /// The event's source.
    pub source: String,
    pub event_type: String,
    /// How many attempts were made.
    pub attempts: u64,
    /// The class of the last failure.
    pub class: Word<Class>,
    /// What failed, for programs; for example, `http_503`.
    pub code: String,
    /// What failed, for people.
    pub error: String,
    /// The first digits of the plugin's digest at the last attempt; `null` if there was none.
    pub plugin: Option<String>,
    /// When it became a dead letter.
    pub at: Timestamp,
    /// A digest of the channel's settings at that time, to see whether they have changed since.
    #[serde(default)]
    pub settings: String,
    /// `null` if it was pruned.
    pub event: Option<CloudEvent>,
    /// `null` if the event was pruned.
    pub result: Option<EventResult>,
    /// Every attempt on this channel, oldest first.
    #[serde(default)]
    pub history: Vec<AttemptRecord>,
}

/// Selects dead letters: those that match every filter, or all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Only of this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// Only of events with this type or type pattern.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<String>,
    /// Only with this class of failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Only with this code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Only those that became dead at or after this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only those that became dead before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub delivery_id: Option<DeliveryId>,
    /// All dead letters. Cannot be combined with a filter.
    #[serde(default)]
    pub all: bool,
    /// Only count them.
    #[serde(default)]
    pub dry_run: bool,
}

/// A job on dead letters that was begun, or only counted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// How many dead letters match.
    pub matched: u64,
    #[serde(default)]
    pub dry_run: bool,
    /// The job; `GET /v1/replays/{id}` shows its progress. Absent after a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<i64>,
}

impl From<fanfare_record::DeadLetter> for DeadLetter {
    fn from(letter: fanfare_record::DeadLetter) -> Self {
        let fanfare_record::DeadLetter {
            delivery_id,
            channel,
            offset,
            event_id,
            source,
            ty,
            attempts,
            class,
            code,
            error,
            plugin,
            at,
            settings,
        } = letter;
        Self {
            delivery_id: delivery_id.to_string(),
            channel: channel.to_string(),
            offset: offset.0,
            event_id,
            source,
            event_type: ty,
            attempts: attempts.into(),
            class: Word::of(class),
            code,
            error,
            plugin,
            at,
            settings,
        }
    }
}

impl Letter {
    /// A dead letter with its event, the event's result, and its attempts.
    #[must_use]
    pub fn new(
        letter: DeadLetter,
        event: Option<CloudEvent>,
        result: Option<EventResult>,
        history: Vec<AttemptRecord>,
    ) -> Self {
        let DeadLetter {
            delivery_id,
            channel,
            offset,
            event_id,
            source,
            event_type,
            attempts,
            class,
            code,
            error,
            plugin,
            at,
            settings,
        } = letter;
        Self {
            delivery_id,
            channel,
            offset,
            event_id,
            source,
            event_type,
            attempts,
            class,
            code,
            error,
            plugin,
            at,
            settings,
            event,
            result,
            history,
        }
    }
}
