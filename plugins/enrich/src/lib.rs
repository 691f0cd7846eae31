//! Looks up a key of each event in a JSON file and adds what it finds to the event's data.

mod splice;

use std::fs;

use fanfare_plugin_sdk::{Event, Failure, Stage, export_stage, settings};
use serde::Deserialize;
use serde_json::value::RawValue;

use splice::Members;

struct Enrich;

export_stage!(Enrich);

#[derive(Deserialize)]
struct Settings {
    /// In a folder that the operator granted.
    file: String,
    /// The path of the key in the event.
    key: String,
    /// The member of the data to set.
    into: String,
    #[serde(default)]
    missing: Missing,
}

/// What to do with an event whose key is not in the file.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Missing {
    #[default]
    Pass,
    Reject,
}

impl Stage for Enrich {
    fn process(mut event: Event) -> Result<Option<Event>, Failure> {
        let Settings { file, key, into, missing } = settings()?;
        let data = object(&event)?.to_owned();
        let Some(found) = key_of(&event, &data, &key) else {
            return pass(event, missing, "no_key", || format!("the event has no `{key}`"));
        };
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        let entries = Members::of(&text).map_err(|error| unreadable(&file, &error))?;
        let Some(entry) = entries.get(&found) else {
            return pass(event, missing, "unknown_key", || format!("`{key}` is not in {file}"));
        };
        let data = put(data, &into, entry)?;
        let data: &RawValue = serde_json::from_str(&data).map_err(|error| not_an_object(&error))?;
        event.set_data_json(&data)?;
        Ok(Some(event))
    }
}

fn pass(event: Event, missing: Missing, code: &str, why: impl FnOnce() -> String) -> Result<Option<Event>, Failure> {
    match missing {
        Missing::Pass => Ok(Some(event)),
        Missing::Reject => Err(Failure::reject(code, why())),
    }
}

fn unreadable(file: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::retry("unreadable_file", format!("{file}: {error}"))
}

fn not_an_object(error: &dyn std::fmt::Display) -> Failure {
    Failure::reject("invalid_data", format!("the event's data is not as expected: {error}"))
}

/// The data, which must be an object. An event without data gets an empty one.
fn object(event: &Event) -> Result<&str, Failure> {
    if event.data.is_none() {
        return Ok("{}");
    }
    let text = std::str::from_utf8(event.data_bytes()).map_err(|error| not_an_object(&error))?;
    Members::of(text).map_err(|error| not_an_object(&error))?;
    Ok(text)
}

fn key_of(event: &Event, data: &str, key: &str) -> Option<String> {
    match key {
        "subject" => event.subject.clone(),
        "type" => Some(event.type_.clone()),
        "source" => Some(event.source.clone()),
        _ => match key.strip_prefix("data.") {
            None => event.extension(key).map(ToOwned::to_owned),
            Some(path) => {
                let found = splice::find(data, &path.split('.').collect::<Vec<_>>())?;
                match found.bytes().next()? {
                    b'"' => serde_json::from_str(found).ok(),
                    b'-' | b'0'..=b'9' => Some(found.to_owned()),
                    _ => None,
                }
            }
        },
    }
}

fn put(data: String, into: &str, entry: &str) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::reject("invalid_settings", format!("`into` {what}"));
    let below = |name: &str| Failure::reject("invalid_data", format!("`{name}` of the data is not an object"));
    if into == "data" {
        let Ok(members) = Members::of(entry) else {
            return Err(wrong("is `data`, and what was found is not an object"));
        };
        return members.iter().try_fold(data, |data, (name, value)| splice::put(&data, &[name], value).map_err(below));
    }
    let Some(path) = into.strip_prefix("data.").filter(|path| !path.split('.').any(str::is_empty)) else {
        return Err(wrong("must be `data`, or a path below it such as `data.customer`"));
    };
    splice::put(&data, &path.split('.').collect::<Vec<_>>(), entry).map_err(below)
}

#[cfg(test)]
mod tests;
