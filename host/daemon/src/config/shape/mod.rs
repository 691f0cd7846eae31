//! The shape of `config.toml` and of sidecars as types, for editors and for the reference in docs/config.md: `fanfare
//! config schema` prints the JSON Schema that is generated from them.
//!
//! A file is not read through these types, because [`reader`](super::reader) reports every mistake at its place, and
//! says more than a schema can. Tests hold each to the other: both know the same keys, whatever the reader accepts is
//! valid, and the tables in docs/config.md are these comments. A default or a limit that is a sentence, and not a
//! value, is in `x-fanfare-default` and `x-fanfare-sidecar`.
#![allow(dead_code, reason = "the types are read by the derived schemas alone")]

mod channel;
mod file;
mod policy;
mod sidecar;
mod words;

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value;

use file::ConfigFile;
use sidecar::SidecarFile;

/// The JSON Schema of `config.toml`.
#[must_use]
pub fn config_schema() -> Value {
    schema_of::<ConfigFile>()
}

/// The JSON Schema of a sidecar.
#[must_use]
pub fn sidecar_schema() -> Value {
    schema_of::<SidecarFile>()
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(without_null))
        .with_transform(RecursiveTransform(on_one_line));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// TOML has no null: a key that is not set is absent.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    let Some(Value::Array(parts)) = object.get_mut("anyOf") else { return };
    let before = parts.len();
    parts.retain(|part| part.get("type").is_none_or(|name| name != "null"));
    // What is left of an optional reference is the reference, which may have other members beside it.
    if let [Value::Object(part)] = parts.as_slice()
        && before == 2
    {
        let part = part.clone();
        object.remove("anyOf");
        for (key, value) in part {
            object.entry(key).or_insert(value);
        }
    }
}

/// Comments are broken into lines for people who read the source.
fn on_one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n");
    }
}
