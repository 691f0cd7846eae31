//! `/v1/explain`: which channels an event would go to, and why not to the others.

use std::collections::BTreeMap;

use fanfare_core::{FieldError, StageRecord, delivery::Wait};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    events::CloudEvent,
    schemas::Mode,
    word::{Word, optional_micros},
};

/// What would become of an event.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explained {
    pub event_id: String,
    pub event_type: String,
    /// By name.
    pub channels: BTreeMap<String, Explanation>,
    /// What it is held against. Absent where there is no schema for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaSays>,
    /// What each stage did. Absent where none ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageRecord>,
    /// The event as the stages left it. Absent where none ran, or one refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<CloudEvent>,
    /// Why a stage would not let it through. Absent where all would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Whether the event would be taken.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SchemaSays {
    /// The name of the schema.
    pub name: String,
    /// What becomes of an event that does not fit.
    pub mode: Word<Mode>,
    pub fits: bool,
    /// What does not fit. Absent where all does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What would become of the event at one channel.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    pub deliver: bool,
    /// Why it would not be delivered. Absent where it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Word<Reason>>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the first attempt would wait for. Absent where it would not.
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
    /// The channel's filter does not let it through.
    Filter,
    /// The filter's condition could not be evaluated.
    FilterError,
    /// The channel is only a fallback.
    Fallback,
    /// Its recipient does not want it.
    Preference,
}
