//! Trims a text of each event's data, and rejects an event without it.

use fanfare_plugin_sdk::{Event, Failure, Stage, export_stage, settings};
use serde::Deserialize;
use serde_json::Value;

struct Trim;

export_stage!(Trim);

#[derive(Deserialize)]
struct Settings {
    member: String,
}

impl Stage for Trim {
    fn process(mut event: Event) -> Result<Option<Event>, Failure> {
        let Settings { member } = settings()?;
        let mut data: Value = event.data_json()?;
        let Some(text) = data.get(&member).and_then(Value::as_str) else {
            // The publisher gets this message.
            return Err(Failure::reject(
                "missing",
                format!("the data has no `{member}`"),
            ));
        };
        if text != text.trim() {
            data[&member] = text.trim().into();
            event.set_data_json(&data)?;
        }
        // `Ok(None)` would drop the event.
        Ok(Some(event))
    }
}

#[cfg(test)]
mod tests;
