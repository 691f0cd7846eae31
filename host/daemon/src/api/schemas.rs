//! `/v1/schemas`: which types of events there are, and what they are like.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{events::CloudEvent, word::Word};

/// A page of the types of events.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Catalogue {
    pub types: Vec<Type>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Every schema in force.
    pub schemas: Vec<Schema>,
    pub counted: Counted,
}

/// A type of events.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventType")]
pub struct Type {
    #[serde(rename = "type")]
    pub ty: String,
    /// Those that the journal held at the start, and those that came since.
    pub events: u64,
    /// `null` where none was seen.
    pub last_seen: Option<Timestamp>,
    /// The newest one's place in the journal; `null` where none was seen.
    pub last_offset: Option<u64>,
    /// The names of what they may be held against; the first that is for an event counts.
    pub schemas: Vec<String>,
    /// The newest of them. Absent where it is gone, or too large for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<CloudEvent>,
}

/// What happens to an event that does not match its schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Reject,
    /// It is accepted, counted and logged.
    Warn,
}

/// A schema in force.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventSchema")]
pub struct Schema {
    /// The pattern, and the version behind an `@`.
    pub name: String,
    /// The types that it is for.
    #[serde(default)]
    pub pattern: String,
    /// The `dataschema` of the events that it is for; `null` where it is for those without one.
    pub dataschema: Option<String>,
    /// What becomes of an event that does not fit.
    pub mode: Word<Mode>,
    pub file: String,
    /// Events since the start that did not fit.
    pub mismatches: u64,
    /// The schema itself. Absent from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Box<RawValue>>,
}

/// What the counts are of.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "CountedEvents")]
pub struct Counted {
    /// Types that are told apart.
    pub types: usize,
    /// Events of types that are not.
    pub others: u64,
    /// Events up to this offset are counted.
    pub to: u64,
    /// Whether some events cannot be read, and are not counted.
    pub incomplete: bool,
}

/// A type of events with the schemas that are for it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventTypeInFull")]
pub struct TypeShown {
    // Not flattened: an event is read as the text that it is, which a flattened struct cannot hold.
    #[serde(rename = "type")]
    pub ty: String,
    /// Those that the journal held at the start, and those that came since.
    pub events: u64,
    /// `null` where none was seen.
    pub last_seen: Option<Timestamp>,
    /// The newest one's place in the journal; `null` where none was seen.
    pub last_offset: Option<u64>,
    /// The names of what they may be held against; the first that is for an event counts.
    pub schemas: Vec<String>,
    /// The newest of them. Absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<CloudEvent>,
    /// The schemas themselves.
    pub definitions: Vec<Schema>,
}

impl TypeShown {
    #[must_use]
    pub fn new(listed: Type, definitions: Vec<Schema>) -> Self {
        let Type { ty, events, last_seen, last_offset, schemas, example } = listed;
        Self { ty, events, last_seen, last_offset, schemas, example, definitions }
    }
}

impl Schema {
    /// With the schema itself.
    ///
    /// # Errors
    /// It cannot be written, which no JSON is.
    pub fn in_full(self, schema: &Value) -> serde_json::Result<Self> {
        Ok(Self { schema: Some(serde_json::value::to_raw_value(schema)?), ..self })
    }
}
