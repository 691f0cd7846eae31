#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{fs, path::PathBuf};

use fanfare_plugin_sdk::{
    Disposition,
    testing::{Host, Installed, delivery},
};
use serde_json::Value;

use super::*;
use crate::chain::{Broken, verify};

/// A folder of the test's own, gone when it ends.
struct Folder {
    path: PathBuf,
    _host: Installed,
}

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fanfare-audit-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let host = Host::new().setting("folder", path.to_str().unwrap()).install();
        Self { path, _host: host }
    }

    fn file(&self) -> PathBuf {
        self.path.join("test.jsonl")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).unwrap();
    }
}

fn numbered(n: u32) -> Delivery {
    let mut delivery = delivery("order.paid", &format!("{{\n  \"n\": {n}\n}}"));
    delivery.id = format!("dlv_{n:032x}_1");
    delivery
}

fn deliver(delivery: &Delivery) -> Value {
    serde_json::from_str(Audit::deliver(delivery).unwrap().as_str()).unwrap()
}

#[test]
fn records_form_a_chain_that_verifies_and_ends_in_the_last_receipt() {
    let folder = Folder::new("chain");
    let receipts: Vec<_> = (1..=20).map(|n| deliver(&numbered(n))).collect();

    let head = verify(&folder.text()).unwrap();
    let last = &receipts[19];
    assert_eq!((head.sequence, head.hash.as_str()), (20, last["hash"].as_str().unwrap()));
    assert_eq!(last["audit_id"], "aud_00000000000000000000000000000014_1");
    let first: Value = serde_json::from_str(folder.text().lines().next().unwrap()).unwrap();
    assert_eq!((&first["event"]["data"]["n"], &first["sequence"]), (&1.into(), &1.into()));
    assert!(first["recorded_at"].as_str().unwrap().parse::<Timestamp>().is_ok());
}

#[test]
fn whatever_is_changed_removed_added_or_swapped_breaks_the_chain() {
    let folder = Folder::new("tamper");
    for n in 1..=3 {
        deliver(&numbered(n));
    }
    let text = folder.text();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let line = |line, why| Err(Broken { line, why });
    let changed = "its text is not the one that was hashed";

    assert_eq!(verify(&text.replacen("\"n\": 2", "\"n\": 7", 1)), line(2, changed));
    assert_eq!(verify(&text.replacen("order.paid", "order.sent", 1)), line(1, changed));
    assert_eq!(verify(&text.replacen("\"}\n", "\",\"x\":1}\n", 1)), line(1, changed));
    assert_eq!(verify(&[lines[0], lines[2]].concat()), line(2, "its number does not follow"));
    assert_eq!(verify(&[lines[1], lines[2]].concat()), line(1, "its number does not follow"));
    assert_eq!(verify(&[lines[0], lines[0]].concat()), line(2, "its number does not follow"));
    assert_eq!(verify(&[lines[0], "{}\n"].concat()), line(2, "it is not a record"));
    assert_eq!(verify(text.trim_end()), line(3, "it is cut off"));

    // A chain that was rewritten from the second record on is detected at the third.
    let forged = Entry {
        sequence: 2,
        audit_id: "aud_x",
        recorded_at: "2026-11-20T10:30:00.000000Z",
        delivery_id: "dlv_x",
        previous: &verify(lines[0]).unwrap().hash,
        event: &RawValue::from_string("{}".into()).unwrap(),
    };
    let forged = forged.seal().unwrap().0;
    let why = "it does not contain the hash of the previous record";
    assert_eq!(verify(&[lines[0], &forged, lines[2]].concat()), line(3, why));
}

#[test]
fn a_cut_at_a_line_break_shows_against_the_last_receipt() {
    let folder = Folder::new("cut");
    let receipts: Vec<_> = (1..=3).map(|n| deliver(&numbered(n))).collect();
    let text = folder.text();
    let shorter: String = text.split_inclusive('\n').take(2).collect();
    let head = verify(&shorter).unwrap();
    assert_eq!(head.hash, receipts[1]["hash"].as_str().unwrap());
    assert_ne!(head.hash, receipts[2]["hash"].as_str().unwrap());
}

#[test]
fn a_first_attempt_that_comes_again_gets_the_receipt_of_the_record_in_doubt() {
    let folder = Folder::new("doubt");
    deliver(&numbered(1));
    let written = deliver(&numbered(2));
    let mut expected = written.clone();
    expected["redelivered"] = true.into();
    assert_eq!(deliver(&numbered(2)), expected);
    assert_eq!(verify(&folder.text()).unwrap().sequence, 2);
}

#[test]
fn a_later_attempt_finds_its_record_however_long_ago_it_was_written() {
    let folder = Folder::new("search");
    let written = deliver(&numbered(1));
    // More than is read of the end.
    for n in 2..=200 {
        deliver(&numbered(n));
    }
    let again = deliver(&Delivery { attempt: 2, ..numbered(1) });
    assert_eq!((&again["hash"], &again["redelivered"]), (&written["hash"], &true.into()));
    let new = deliver(&Delivery { attempt: 2, ..numbered(201) });
    assert_eq!((&new["sequence"], new.get("redelivered")), (&201.into(), None));
    assert_eq!(verify(&folder.text()).unwrap().sequence, 201);
}

#[test]
fn an_event_that_quotes_another_delivery_is_not_taken_for_it() {
    let folder = Folder::new("quote");
    let mut quoting = numbered(1);
    quoting.event.data = Some(json!({ "delivery_id": numbered(2).id }).to_string().into());
    quoting.event.id = numbered(2).id;
    deliver(&quoting);
    assert_eq!(deliver(&Delivery { attempt: 2, ..numbered(2) })["sequence"], 2);
    assert_eq!(verify(&folder.text()).unwrap().sequence, 2);
}

#[test]
fn a_record_torn_by_a_crash_is_removed_and_written_completely() {
    for torn in [r#"{"sequence":2,"audit_id":"aud_"#.to_owned(), "x".repeat(100_000)] {
        let folder = Folder::new("torn");
        deliver(&numbered(1));
        let whole = folder.text();
        fs::write(folder.file(), format!("{whole}{torn}")).unwrap();
        assert_eq!(deliver(&numbered(2))["sequence"], 2);
        assert!(folder.text().starts_with(&whole));
        assert_eq!(verify(&folder.text()).unwrap().sequence, 2);
    }
}

#[test]
fn a_record_larger_than_the_window_is_followed() {
    let folder = Folder::new("large");
    let mut large = numbered(1);
    large.event.data = Some(format!("\"{}\"", "x".repeat(300_000)).into());
    deliver(&large);
    assert_eq!(deliver(&numbered(2))["sequence"], 2);
    assert_eq!(verify(&folder.text()).unwrap().sequence, 2);
}

#[test]
fn a_last_line_that_is_not_a_record_suspends_the_channel_and_nothing_is_written() {
    let folder = Folder::new("broken");
    fs::write(folder.file(), "not a record\n").unwrap();
    let failure = Audit::deliver(&numbered(1)).unwrap_err();
    assert_eq!((failure.disposition, failure.code.as_str()), (Disposition::Suspend, "chain_broken"));
    assert_eq!(folder.text(), "not a record\n");
}

#[test]
fn a_folder_that_is_not_there_fails_the_delivery_and_names_the_grant() {
    let _host = Host::new().setting("folder", "/nowhere/at/all").install();
    let failure = Audit::deliver(&numbered(1)).unwrap_err();
    assert!(failure.message.contains("/nowhere/at/all/test.jsonl"), "{}", failure.message);
    assert!(failure.message.contains("grant.files"), "{}", failure.message);
}
