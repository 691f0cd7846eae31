#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::path::PathBuf;

use fanfare_plugin_sdk::{
    json,
    testing::{Host, delivery},
};
use serde_json::Value;

use super::*;

struct File(PathBuf);

impl File {
    fn with(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("enrich-{}-{name}.json", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

const CUSTOMERS: &str = r#"{"c-1":{"name":"Ada","plan":"pro"},"7":"seven","t-1":{"name":"Team"}}"#;

/// What comes out, or the code of the failure.
fn run(file: &File, key: &str, into: &str, missing: &str, data: &str) -> Result<Value, String> {
    let path = file.0.to_str().unwrap();
    let host = Host::new().setting("file", path).setting("key", key).setting("into", into).setting("missing", missing);
    let _host = host.install();
    let mut event = delivery("order.created", data).event;
    event.subject = Some("t-1".to_owned());
    event.extensions = vec![("customer".to_owned(), "c-1".to_owned())];
    let passed = Enrich::process(event).map_err(|failure| failure.code)?;
    Ok(passed.unwrap().data_json().unwrap())
}

#[test]
fn what_the_file_says_is_put_where_it_belongs() {
    let file = File::with("put", CUSTOMERS);
    let ada = json!({ "name": "Ada", "plan": "pro" });
    let cases = [
        ("data.id", "data.customer", r#"{"id":"c-1"}"#, json!({ "id": "c-1", "customer": ada })),
        ("data.of.id", "data.of.who", r#"{"of":{"id":"c-1"}}"#, json!({ "of": { "id": "c-1", "who": ada } })),
        ("data.id", "data.a.b", r#"{"id":7}"#, json!({ "id": 7, "a": { "b": "seven" } })),
        ("customer", "data", r#"{"name":"?"}"#, json!({ "name": "Ada", "plan": "pro" })),
        ("subject", "data.team", "{}", json!({ "team": { "name": "Team" } })),
    ];
    for (key, into, data, want) in cases {
        assert_eq!(run(&file, key, into, "pass", data).unwrap(), want, "{key} → {into}");
    }
}

#[test]
fn what_it_does_not_touch_stays_byte_for_byte() {
    let file = File::with("exact", r#"{"c-1":{"limit":1e400},"1.10":{"rate":0.10}}"#);
    let text = |key, into, data| {
        let path = file.0.to_str().unwrap();
        let _host = Host::new().setting("file", path).setting("key", key).setting("into", into).install();
        let event = Enrich::process(delivery("order.created", data).event).unwrap().unwrap();
        String::from_utf8(event.data_bytes().to_vec()).unwrap()
    };
    let data = r#"{"id":"c-1", "big":12345678901234567890123,"e":1e400,"f":1.10,"z":-0.0}"#;
    assert_eq!(
        text("data.id", "data.customer", data),
        r#"{"id":"c-1", "big":12345678901234567890123,"e":1e400,"f":1.10,"z":-0.0,"customer":{"limit":1e400}}"#
    );
    assert_eq!(text("data.f", "data", r#"{"f":1.10, "rate":7}"#), r#"{"f":1.10, "rate":0.10}"#, "as it is written");
}

#[test]
fn an_event_that_the_file_does_not_know_passes_or_is_rejected() {
    let file = File::with("missing", CUSTOMERS);
    for (data, code) in [(r#"{"id":"c-9"}"#, "unknown_key"), ("{}", "no_key"), (r#"{"id":[1]}"#, "no_key")] {
        let same: Value = serde_json::from_str(data).unwrap();
        assert_eq!(run(&file, "data.id", "data.customer", "pass", data).unwrap(), same);
        assert_eq!(run(&file, "data.id", "data.customer", "reject", data).unwrap_err(), code);
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let (file, broken) = (File::with("good", CUSTOMERS), File::with("broken", "[]"));
    let gone = File(std::env::temp_dir().join("enrich-none.json"));
    let id = r#"{"id":"c-1","s":"x"}"#;
    assert_eq!(run(&broken, "data.id", "data.customer", "pass", id).unwrap_err(), "unreadable_file");
    assert_eq!(run(&gone, "data.id", "data.customer", "pass", id).unwrap_err(), "unreadable_file");
    assert_eq!(run(&file, "data.id", "customer", "pass", id).unwrap_err(), "invalid_settings");
    assert_eq!(run(&file, "data.id", "data.s.x", "pass", id).unwrap_err(), "invalid_data");
    assert_eq!(run(&file, "data.id", "data.customer", "pass", "[1]").unwrap_err(), "invalid_data");
}
