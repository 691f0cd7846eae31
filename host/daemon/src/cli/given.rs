//! An event that is given on the command line.

use std::{io::Read as _, path::Path};

use anyhow::Context as _;
use fanfare_core::{Defaults, Event};
use fanfare_dispatch::{Clock as _, SystemClock};
use serde_json::Value;
use uuid::Uuid;

use super::failure::Failure;

/// The event in a file, from standard input (`-`) or written out; `sample` where none is given.
pub(crate) fn given_event(file: Option<&Path>, sample: &str) -> Result<Event, Failure> {
    let text = match file {
        None => sample.to_owned(),
        Some(stdin) if stdin == Path::new("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input")?;
            text
        }
        Some(json) if json.to_string_lossy().trim_start().starts_with('{') => json.to_string_lossy().into_owned(),
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?,
    };
    let defaults = Defaults { now: SystemClock.now(), id: Uuid::now_v7() };
    let structured = serde_json::from_str::<Value>(&text).is_ok_and(|value| value.get("specversion").is_some());
    let parsed = if structured {
        Event::from_structured(text.as_bytes(), defaults)
    } else {
        Event::from_simple(text.as_bytes(), defaults)
    };
    parsed.map_err(|error| anyhow::anyhow!("the event: {error}").into())
}
