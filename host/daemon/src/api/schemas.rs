//! `/v1/schemas`: which event types there are, and their schemas.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{forms::CloudEvent, word::Word};

/// A page of event types.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Catalogue {
    pub types: Vec<Type>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Every schema in force.
    pub schemas: Vec<Schema>,
    pub counted: Counted,
}

/// An event type.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventType")]
pub struct Type {
    #[serde(rename = "type")]
    pub ty: String,
    /// Events in the journal at the start, and all since.
    pub events: u64,
    /// `null` if there were none.
    pub last_seen: Option<Timestamp>,
    /// The offset of the newest event; `null` if there were none.
    pub last_offset: Option<u64>,
    /// The names of the schemas that apply to the type, in order of precedence.
    pub schemas: Vec<String>,
    /// The newest event. Absent if it was pruned, or is too large for a list.
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
    /// The pattern, with the version after an `@`.
    pub name: String,
    /// The types that it is for.
    #[serde(default)]
    pub pattern: String,
    /// The `dataschema` of the events that it is for; `null` if it is for those without one.
    pub dataschema: Option<String>,
    /// What happens to an event that does not match.
    pub mode: Word<Mode>,
    pub file: String,
    /// Events since the start that did not match.
    pub mismatches: u64,
    /// The schema itself. Absent from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Box<RawValue>>,
}

/// What the counts cover.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "CountedEvents")]
pub struct Counted {
    /// How many types are counted separately.
    pub types: usize,
    /// Events of other types.
    pub others: u64,
    /// Events up to this offset are counted.
    pub to: u64,
    /// Whether some events cannot be read, and are not counted.
    pub incomplete: bool,
}

/// An event type with its schemas.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventTypeInFull")]
pub struct TypeShown {
    // Not flattened: an event is kept as raw JSON, which serde cannot read into a flattened struct.
    #[serde(rename = "type")]
    pub ty: String,
    /// Events in the journal at the start, and all since.
    pub events: u64,
    /// `null` if there were none.
    pub last_seen: Option<Timestamp>,
    /// The offset of the newest event; `null` if there were none.
    pub last_offset: Option<u64>,
    /// The names of the schemas that apply to the type, in order of precedence.
    pub schemas: Vec<String>,
    /// The newest event. Absent if it was pruned.
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
    /// It cannot be serialized, which does not happen for JSON.
    pub fn in_full(self, schema: &Value) -> serde_json::Result<Self> {
        Ok(Self { schema: Some(serde_json::value::to_raw_value(schema)?), ..self })
    }
}
