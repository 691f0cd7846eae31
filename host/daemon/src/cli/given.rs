//! An event from the command line.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use fanfare_core::{Defaults, Event};
use fanfare_dispatch::{Clock as _, SystemClock};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use super::failure::Failure;

/// Events: each like [`given_event`] accepts it, or several in a JSON array.
pub(crate) fn given_events(files: &[PathBuf], sample: &str) -> Result<Vec<Event>, Failure> {
    if files.is_empty() {
        return Ok(vec![given_event(None, sample)?]);
    }
    let mut events = vec![];
    for file in files {
        let text = given_text(file)?;
        match serde_json::from_str::<Vec<&RawValue>>(&text) {
            Ok(several) => {
                for event in several {
                    events.push(event_of(event.get())?);
                }
            }
            Err(_) => events.push(event_of(&text)?),
        }
    }
    if events.is_empty() { Err(anyhow::anyhow!("the array contains no events").into()) } else { Ok(events) }
}

/// The event in a file, from stdin (`-`) or written out; `sample` if there is none.
pub(crate) fn given_event(file: Option<&Path>, sample: &str) -> Result<Event, Failure> {
    match file {
        None => event_of(sample),
        Some(file) => event_of(&given_text(file)?),
    }
}

/// The text in a file, from stdin (`-`) or written out as JSON.
pub(crate) fn given_text(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    let written = file.to_string_lossy();
    if written.trim_start().starts_with(['{', '[']) {
        return Ok(written.into_owned());
    }
    Ok(std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?)
}

fn event_of(text: &str) -> Result<Event, Failure> {
    let defaults = Defaults { now: SystemClock.now(), id: Uuid::now_v7() };
    let structured = serde_json::from_str::<Value>(text).is_ok_and(|value| value.get("specversion").is_some());
    let parsed = if structured {
        Event::from_structured(text.as_bytes(), defaults)
    } else {
        Event::from_simple(text.as_bytes(), defaults)
    };
    parsed.map_err(|error| anyhow::anyhow!("the event is not valid: {error}").into())
}
