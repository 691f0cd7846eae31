//! The forms of an event: a CloudEvent, the simple form, and a batch.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

/// An event in the JSON event format of CloudEvents 1.0.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CloudEvent(pub Box<RawValue>);

impl CloudEvent {
    /// Its members. An event may be nested deeper than the parser's default limit.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let mut parser = serde_json::Deserializer::from_str(self.0.get());
        // The depth was checked when the response was read.
        parser.disable_recursion_limit();
        Map::deserialize(&mut parser).unwrap_or_default()
    }
}

impl JsonSchema for CloudEvent {
    fn schema_name() -> Cow<'static, str> {
        "CloudEvent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "An event in the JSON event format of CloudEvents 1.0. Members that are not listed are \
                            extension attributes.",
            "properties": {
                "specversion": { "const": "1.0" },
                "id": { "type": "string", "minLength": 1, "description": "With `source`, the identity of the event." },
                "source": { "type": "string", "minLength": 1, "format": "uri-reference" },
                "type": { "type": "string", "minLength": 1 },
                "subject": { "type": ["string", "null"] },
                "time": { "type": ["string", "null"], "format": "date-time" },
                "datacontenttype": { "type": ["string", "null"] },
                "dataschema": { "type": ["string", "null"], "format": "uri" },
                "data": { "description": "Any JSON." },
                "data_base64": {
                    "type": ["string", "null"], "contentEncoding": "base64", "description": "Data that is not text."
                },
            },
            "required": ["specversion", "id", "source", "type"],
            "additionalProperties": { "type": ["string", "boolean", "integer", "null"] },
        })
    }
}

/// An event in the simple form.
#[derive(Debug)]
pub struct NewEvent;

impl JsonSchema for NewEvent {
    fn schema_name() -> Cow<'static, str> {
        "NewEvent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |what: &str| json_schema!({ "type": ["string", "null"], "description": what });
        json_schema!({
            "type": "object",
            "description": "An event in the simple form. Only `type` is required. With `specversion` it is read as a \
                            CloudEvent instead.",
            "properties": {
                "type": { "type": "string", "minLength": 1, "description": "What happened, such as `user.signup`." },
                "id": text("With `source`, the identity of the event. Default: a UUIDv7."),
                "source": text("Where it happened, a URI reference. Default: `/`."),
                "subject": text("What or whom it is about."),
                "time": {
                    "type": ["string", "null"], "format": "date-time", "description": "When it happened. Default: now."
                },
                "datacontenttype": text("The media type of `data`."),
                "dataschema": text("A URI that names the schema of `data`."),
                "data": { "description": "Any JSON." },
                "message": text("The event in a sentence, for people."),
                "severity": text("How serious it is."),
                "tags": {
                    "type": ["array", "null"], "items": { "type": "string" },
                    "description": "Recorded as one attribute, joined by commas."
                },
                "deliverat": {
                    "type": ["string", "null"], "format": "date-time",
                    "description": "When it is to be delivered. Default: now."
                },
            },
            "required": ["type"],
        })
    }
}

/// CloudEvents, of which all or none are recorded.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "EventBatch")]
pub struct Batch(#[allow(dead_code, reason = "only its schema is used")] Vec<CloudEvent>);
