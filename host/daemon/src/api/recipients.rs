//! `/v1/recipients`: whom events are for.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::word::{Word, optional_micros};
use crate::recipients::Source;

/// A page of recipients.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Recipients {
    pub recipients: Vec<Recipient>,
    /// The `after` of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// A recorded recipient.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recipient {
    pub subject: String,
    pub source: Word<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "optional_micros")]
    pub changed_at: Option<Timestamp>,
    /// The members of [`NewRecipient`].
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl JsonSchema for Recipient {
    fn schema_name() -> Cow<'static, str> {
        "Recipient".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = members();
        let source = generator.subschema_for::<Source>();
        properties.insert("subject".to_owned(), json!({ "type": "string" }));
        properties.insert("source".to_owned(), source.to_value());
        let changed = json!({
            "type": "string", "format": "date-time", "description": "When it was set. Absent for a recipient in a \
                                                                     file.",
        });
        properties.insert("changed_at".to_owned(), changed);
        json_schema!({
            "type": "object",
            "description": "A recorded recipient.",
            "properties": properties,
            "required": ["subject", "source"],
        })
    }
}

/// A recipient to be set.
#[derive(Debug)]
pub struct NewRecipient;

impl JsonSchema for NewRecipient {
    fn schema_name() -> Cow<'static, str> {
        "NewRecipient".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = members();
        let ignored = "Ignored, so that a recipient can be sent back as it was read.";
        properties.insert("subject".to_owned(), json!({ "type": "string", "description": "As in the path." }));
        properties.insert("source".to_owned(), json!({ "description": ignored }));
        properties.insert("changed_at".to_owned(), json!({ "description": ignored }));
        json_schema!({
            "type": "object",
            "description": "A recipient; replaces the recorded one.",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// The members of a recipient besides its subject.
fn members() -> Map<String, Value> {
    let patterns = json!({ "type": "array", "items": { "type": "string" } });
    let hours = json!({
        "type": "object",
        "properties": {
            "from": { "type": "string" }, "to": { "type": "string" }, "zone": { "type": "string" },
            "days": { "type": "array", "items": { "type": "string" } }, "except": { "type": "string" },
        },
        "required": ["from", "to", "zone"],
        "additionalProperties": false,
    });
    let wishes = json!({
        "type": "object",
        "properties": {
            "off": {
                "anyOf": [patterns, { "type": "boolean" }],
                "description": "Types that are not wanted on the channel; `true` turns the channel off.",
            },
            "on": {
                "type": "array", "items": { "type": "string" },
                "description": "Types that are delivered in spite of `off`."
            },
        },
        "additionalProperties": false,
    });
    let members = json!({
        "email": { "type": "string" },
        "phone": { "type": "string" },
        "push": { "type": "array", "items": { "type": "string" }, "maxItems": 32, "description": "Device tokens." },
        "locale": { "type": "string", "description": "A language tag such as `de` or `pt-BR`." },
        "attributes": {
            "type": "object", "additionalProperties": true,
            "description": "Anything else for channels and templates, at most 256 values.",
        },
        "quiet": {
            "description": "Quiet hours: an object, a list of up to 16, or `none`.",
            "anyOf": [{ "const": "none" }, hours, { "type": "array", "items": hours, "maxItems": 16 }],
        },
        "channels": {
            "type": "object", "additionalProperties": wishes,
            "description": "What is wanted, by the name of a channel.",
        },
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
