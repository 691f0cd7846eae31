//! Appends each event to a file as a record of a hash chain, so that a later change to any record is detected.
//!
//! The channel runs one attempt at a time (`concurrency = 1` in its sidecar), so a new record follows the last one.

use std::io;

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, export_channel, json, settings, warn};
use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

mod chain;
mod file;

use chain::{Entry, Head, Record};
use file::AuditFile;

struct Audit;

export_channel!(Audit);

#[derive(Deserialize)]
struct Settings {
    /// A folder that the operator granted for writing.
    #[serde(default = "default_folder")]
    folder: String,
    /// Whether a record must be on disk before the delivery counts.
    #[serde(default = "default_sync")]
    sync: bool,
}

fn default_folder() -> String {
    "/audit".to_owned()
}

fn default_sync() -> bool {
    true
}

impl Channel for Audit {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let Settings { folder, sync } = settings()?;
        let path = format!("{}/{}.jsonl", folder.trim_end_matches('/'), delivery.channel);
        let io = |error| failure(&path, error);
        let mut file = AuditFile::open(&path).map_err(io)?;
        let tail = file.tail().map_err(io)?;

        // A first attempt can only repeat the record written just before a crash. Before a later attempt, any number of
        // records may have been written.
        let written_before = match tail.newest_first().find(|line| is_of(line, &delivery.id)) {
            Some(line) => Some(line.to_vec()),
            None if delivery.attempt > 1 || delivery.replayed => {
                file.find(|line| is_of(line, &delivery.id)).map_err(io)?
            }
            None => None,
        };
        if let Some(line) = written_before {
            return Ok(receipt(&Record::parse(&line)?, true));
        }

        if tail.torn > 0 {
            warn!("removed a record that was never finished", file = path, bytes = tail.torn);
            file.cut(tail.torn).map_err(io)?;
        }
        let head = match tail.newest_first().next() {
            Some(last) => Record::parse(last).map_err(|_| broken(&path))?.head(),
            None => Head::default(),
        };
        let (line, receipt) = next(&head, delivery)?;
        file.append(&line, sync).map_err(io)?;
        Ok(receipt)
    }
}

/// The record that follows `head`, and its receipt.
#[allow(clippy::disallowed_methods, reason = "a guest has no other clock")]
fn next(head: &Head, delivery: &Delivery) -> Result<(String, Receipt), Failure> {
    let audit_id = format!("aud_{}", delivery.id.trim_start_matches("dlv_"));
    let entry = Entry {
        sequence: head.sequence + 1,
        audit_id: &audit_id,
        recorded_at: &format!("{:.6}", Timestamp::now()),
        delivery_id: &delivery.id,
        previous: &head.hash,
        event: &RawValue::from_string(delivery.event.to_json_line()?)?,
    };
    let (line, hash) = entry.seal()?;
    let record = Record {
        sequence: entry.sequence,
        audit_id: entry.audit_id,
        delivery_id: entry.delivery_id,
        previous: entry.previous,
        hash: &hash,
    };
    let receipt = receipt(&record, false);
    Ok((line, receipt))
}

fn receipt(record: &Record<'_>, redelivered: bool) -> Receipt {
    let mut receipt = json!({ "audit_id": record.audit_id, "sequence": record.sequence, "hash": record.hash });
    if redelivered {
        receipt["redelivered"] = true.into();
    }
    receipt.into()
}

/// Whether the record is this delivery's. An event may quote another delivery's id, so a text search is not enough.
fn is_of(line: &[u8], delivery_id: &str) -> bool {
    // The members before the event are shorter than this.
    let begin = &line[..line.len().min(512)];
    memmem::find(begin, delivery_id.as_bytes()).is_some()
        && Record::parse(line).is_ok_and(|record| record.delivery_id == delivery_id)
}

fn broken(path: &str) -> Failure {
    Failure::suspend(
        "chain_broken",
        format!(
            "the last line of {path} is not a record, so none can follow it; verify the file, move it away, then resume"
        ),
    )
}

fn failure(path: &str, error: io::Error) -> Failure {
    let mut failure = Failure::from(error);
    failure.message =
        format!("cannot write {path}: {}; does `grant.files` hold its folder, with `write = true`?", failure.message);
    failure
}

#[cfg(test)]
mod tests;
