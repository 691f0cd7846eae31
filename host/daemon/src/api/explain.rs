//! `/v1/explain`: which channels would get an event, and why the others would not.

use std::collections::BTreeMap;

use fanfare_core::{FieldError, StageRecord, delivery::Wait};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    forms::CloudEvent,
    schemas::Mode,
    word::{Word, optional_micros},
};

/// What would happen to an event.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explained {
    pub event_id: String,
    pub event_type: String,
    /// By name.
    pub channels: BTreeMap<String, Explanation>,
    /// The schema that it is validated against. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaSays>,
    /// What each stage did. Absent if none ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageRecord>,
    /// The event as the stages left it. Absent if none ran, or one rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<CloudEvent>,
    /// Why a stage would reject it. Absent if none would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Whether the event would be accepted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SchemaSays {
    /// The name of the schema.
    pub name: String,
    /// What happens to an event that does not match.
    pub mode: Word<Mode>,
    pub fits: bool,
    /// What does not match. Absent if everything does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What would happen to the event at one channel.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    pub deliver: bool,
    /// Why it would not be delivered. Absent if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Word<Reason>>,
    /// The reason for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the first attempt would wait for. Absent if it would not wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<Word<Wait>>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "optional_micros")]
    #[schemars(with = "Timestamp")]
    pub until: Option<Timestamp>,
}

/// Why an event would not be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The channel's filter does not match it.
    Filter,
    /// The filter's condition could not be evaluated.
    FilterError,
    /// The channel is only a fallback.
    Fallback,
    /// Its recipient does not want it.
    Preference,
}
