//! A plugin's sidecar.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::channel::with_policy;

impl JsonSchema for SidecarFile {
    fn schema_name() -> Cow<'static, str> {
        "SidecarFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = with_policy(Sidecar::json_schema(generator), generator);
        schema.insert("title".to_owned(), "A plugin's sidecar".into());
        schema
    }
}

/// What `<name>.toml` beside `<name>.wasm` contains: policies, and [`Sidecar`].
#[derive(Debug)]
pub struct SidecarFile;

/// What a sidecar contains besides policies.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sidecar {
    /// The plugin's own settings, which the operator's are merged over.
    settings: Option<BTreeMap<String, Value>>,
    /// A JSON Schema of the settings, checked for every channel that runs the plugin. No references, at most 64 KiB and
    /// 32 regular expressions. `x-fanfare-grant` in it says what must be granted (below).
    schema: Option<BTreeMap<String, Value>>,
    /// Deliveries that the plugin must pass before it goes live: `[[tests]]` with `event`, `settings`, `answers` to its
    /// requests, and `expect`. They send nothing, and may take 20 s in total.
    #[schemars(length(max = 100))]
    tests: Option<Vec<SelfTest>>,
}

/// A delivery that the plugin must pass before it goes live.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SelfTest {
    /// As in `POST /v1/events`.
    event: BTreeMap<String, Value>,
    settings: Option<BTreeMap<String, Value>>,
    /// Responses to the plugin's requests, one after the other.
    answers: Option<Vec<Answer>>,
    /// `"delivered"`, what a stage does, a class of failure, or a code.
    #[schemars(extend("default" = "delivered"))]
    expect: Option<String>,
}

/// A response to a request of a self-test.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Answer {
    method: Option<String>,
    url: Option<String>,
    status: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
}
