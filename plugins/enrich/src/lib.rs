//! Adds to each event what a JSON file says of it.

use std::{borrow::Cow, fs};

use fanfare_plugin_sdk::{Event, Failure, Stage, export_stage, settings};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

struct Enrich;

export_stage!(Enrich);

#[derive(Deserialize)]
struct Settings {
    /// In a folder that the operator granted.
    file: String,
    /// Where the event holds the key.
    key: String,
    /// The member of the data that gets what was found.
    into: String,
    #[serde(default)]
    missing: Missing,
}

/// What becomes of an event whose key is not in the file.
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
        let mut data = data(&event)?;
        let Some(found) = key_of(&event, &data, &key) else {
            return pass(event, missing, "no_key", || format!("the event has no `{key}`"));
        };
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        // Only what is asked for is read as values: the file may be long.
        let entries: Entries<'_> = serde_json::from_str(&text).map_err(|error| unreadable(&file, &error))?;
        let Some(entry) = entries.get(found.as_str()) else {
            return pass(event, missing, "unknown_key", || format!("`{key}` is not in {file}"));
        };
        let entry: Value = serde_json::from_str(entry.get()).map_err(|error| unreadable(&file, &error))?;
        put(&mut data, &into, entry)?;
        event.set_data_json(&data)?;
        Ok(Some(event))
    }
}

type Entries<'a> = std::collections::HashMap<Cow<'a, str>, &'a RawValue>;

fn pass(event: Event, missing: Missing, code: &str, why: impl FnOnce() -> String) -> Result<Option<Event>, Failure> {
    match missing {
        Missing::Pass => Ok(Some(event)),
        Missing::Reject => Err(Failure::reject(code, why())),
    }
}

fn unreadable(file: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::retry("unreadable_file", format!("{file}: {error}"))
}

/// An event without data gets some.
fn data(event: &Event) -> Result<Map<String, Value>, Failure> {
    match event.data {
        None => Ok(Map::new()),
        Some(_) => event.data_json(),
    }
}

fn key_of(event: &Event, data: &Map<String, Value>, key: &str) -> Option<String> {
    match key {
        "subject" => event.subject.clone(),
        "type" => Some(event.type_.clone()),
        "source" => Some(event.source.clone()),
        _ => match key.strip_prefix("data.") {
            None => event.extension(key).map(ToOwned::to_owned),
            Some(path) => {
                let mut names = path.split('.');
                let first = data.get(names.next()?)?;
                match names.try_fold(first, |value, name| value.get(name))? {
                    Value::String(text) => Some(text.clone()),
                    number @ Value::Number(_) => Some(number.to_string()),
                    _ => None,
                }
            }
        },
    }
}

fn put(data: &mut Map<String, Value>, into: &str, entry: Value) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::reject("invalid_settings", format!("`into` {what}"));
    if into == "data" {
        let Value::Object(members) = entry else {
            return Err(wrong("is `data`, and what was found is not an object"));
        };
        data.extend(members);
        return Ok(());
    }
    let Some(path) = into.strip_prefix("data.").filter(|path| !path.split('.').any(str::is_empty)) else {
        return Err(wrong("must be `data`, or a path below it such as `data.customer`"));
    };
    let mut names: Vec<_> = path.split('.').collect();
    let last = names.pop().unwrap_or_default();
    let mut below = data;
    for name in names {
        let value = below.entry(name).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(members) = value else {
            return Err(Failure::reject("invalid_data", format!("`{name}` of the data is not an object")));
        };
        below = members;
    }
    below.insert(last.to_owned(), entry);
    Ok(())
}

#[cfg(test)]
mod tests;
