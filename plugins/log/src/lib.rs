//! Writes each event as one line to the daemon's log and, if one is set, to a file.

use std::{fs::OpenOptions, io::Write as _};

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Level, Receipt, export_channel, json, log, settings, templates};
use serde::Deserialize;

struct Log;

export_channel!(Log);

#[derive(Deserialize)]
struct Settings {
    /// A file in a folder that the operator granted for writing.
    file: Option<String>,
    /// Its text is the message, or its subject if it has no text.
    template: Option<String>,
}

impl Channel for Log {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let Settings { file, template } = settings()?;
        let said = template.map(|name| text_of(&name)).transpose()?;
        let log_id = log_id(&delivery.id);
        if let Some(file) = file {
            append(&file, &line(&log_id, delivery)?)?;
        }
        write(&log_id, delivery, said.as_deref());
        Ok(json!({ "log_id": log_id }).into())
    }
}

fn text_of(template: &str) -> Result<String, Failure> {
    let message = templates::render(template)?;
    [message.text, message.subject].into_iter().find(|text| !text.is_empty()).ok_or_else(|| {
        let reason = format!("the template `{template}` comes to nothing to log: give it `text` or `subject`");
        Failure::reject("template", reason)
    })
}

/// The delivery's id with another prefix, so that it is the same on every attempt.
fn log_id(delivery_id: &str) -> String {
    format!("log_{}", delivery_id.trim_start_matches("dlv_"))
}

/// Common names of severities, from syslog's to those of the daemon's log.
fn level(severity: Option<&str>) -> Level {
    let Some(severity) = severity else { return Level::Info };
    match severity.to_ascii_lowercase().as_str() {
        "trace" => Level::Trace,
        "debug" => Level::Debug,
        "warn" | "warning" => Level::Warn,
        "error" | "err" | "critical" | "crit" | "alert" | "emergency" | "fatal" => Level::Error,
        _ => Level::Info,
    }
}

fn write(log_id: &str, delivery: &Delivery, said: Option<&str>) {
    let event = &delivery.event;
    let mut fields =
        vec![("log_id", log_id), ("event_id", &event.id), ("source", &event.source), ("type", &event.type_)];
    fields.extend(event.subject.as_deref().map(|subject| ("subject", subject)));
    fields.extend(event.extension("tags").map(|tags| ("tags", tags)));
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let message = said.or(event.message()).unwrap_or(&event.type_);
    log::log(level(event.severity()), message, &fields);
}

fn line(log_id: &str, delivery: &Delivery) -> Result<String, Failure> {
    let event = delivery.event.to_json_line()?;
    Ok(format!("{{\"log_id\":{},\"delivery_id\":{},\"event\":{event}}}\n", json!(log_id), json!(delivery.id)))
}

/// Appends the line in one write, so that lines of concurrent attempts do not mix.
fn append(file: &str, line: &str) -> Result<(), Failure> {
    let mut open = OpenOptions::new().append(true).create(true).open(file).map_err(|error| failure(file, error))?;
    open.write_all(line.as_bytes()).map_err(|error| failure(file, error))
}

fn failure(file: &str, error: std::io::Error) -> Failure {
    let mut failure = Failure::from(error);
    failure.message = format!(
        "cannot append to {file}: {}; does `grant.files` hold its folder, with `write = true`?",
        failure.message
    );
    failure
}

#[cfg(test)]
mod tests;
