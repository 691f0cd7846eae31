//! The recipients of the events in `fanfare plugin run`.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use fanfare_core::{Event, FieldError};
use serde_json::Value;

use super::super::{failure::Failure, given::given_text};
use crate::{
    config::Config,
    recipients::{Book, OnFile, read_whole},
};

/// The recipients in the configuration, or the given one for every event.
pub(super) fn directory(
    config: Option<&Config>,
    given: Option<&Path>,
    events: &[Arc<Event>],
) -> Result<OnFile, Failure> {
    let on_file = config.map(|config| config.recipients.on_file.clone()).unwrap_or_default();
    let Some(given) = given else { return Ok(on_file) };
    let subjects: BTreeSet<_> = events.iter().filter_map(|event| event.subject.as_deref()).collect();
    if subjects.is_empty() {
        return Err(Failure::usage(
            "--recipient applies to no event: none has a `subject`",
            "give one with it: --event '{\"type\":\"user.signup\",\"subject\":\"usr_1\"}'",
        ));
    }
    let value = record(given)?;
    let kept = |subject: &str| read_whole(subject, &value).map(|(_, body)| (subject.to_owned(), body));
    let book: Result<_, _> = subjects.into_iter().map(kept).collect();
    let book = book.map_err(|wrong| {
        let each = wrong.iter().map(|FieldError { pointer, detail }| match pointer.trim_start_matches('/') {
            "" => detail.clone(),
            key => format!("`{}` {detail}", key.replace('/', ".")),
        });
        Failure::usage(
            format!("the recipient: {}", each.collect::<Vec<_>>().join("; ")),
            "docs/recipients.md describes one; a file with many is for `file` of [recipients] in a configuration",
        )
    })?;
    Ok(OnFile { book: Arc::new(Book::new(book)), ..on_file })
}

/// Reads one recipient: from a file, as TOML or JSON by its name, or from JSON text. Errors quote no line of it,
/// because it may contain an address.
fn record(given: &Path) -> Result<Value, Failure> {
    let text = given_text(given)?;
    let read = if given.extension().is_some_and(|extension| extension == "toml") {
        toml::from_str(&text).map_err(|error| format!("TOML: {}", error.message()))
    } else {
        serde_json::from_str(&text).map_err(|error| format!("JSON: {error}"))
    };
    read.map_err(|wrong| anyhow::anyhow!("the recipient is not {wrong}").into())
}
