#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use fanfare_plugin_sdk::testing::{Host, delivery};

use super::*;

#[test]
fn an_event_becomes_one_line_at_the_level_of_its_severity() {
    let host = Host::new().install();
    let mut delivery = delivery("user.signup", r#"{"user":"u-1"}"#);
    delivery.event.extensions = vec![("message".into(), "New user".into()), ("severity".into(), "Warning".into())];

    let receipt = Log::deliver(&delivery).unwrap();

    assert_eq!(receipt.as_str(), r#"{"log_id":"log_0193456789ab7cde8f0123456789abcd_1"}"#);
    let [(level, message, fields)] = host.lines().try_into().unwrap();
    assert_eq!((level, message.as_str()), (Level::Warn, "New user"));
    assert!(fields.contains(&("type".into(), "user.signup".into())), "{fields:?}");
    assert!(fields.contains(&("log_id".into(), "log_0193456789ab7cde8f0123456789abcd_1".into())), "{fields:?}");
}

#[test]
fn severities_map_to_levels_and_an_unknown_one_is_info() {
    let table = [("TRACE", Level::Trace), ("debug", Level::Debug), ("notice", Level::Info), ("crit", Level::Error)];
    for (severity, expected) in table {
        assert_eq!(level(Some(severity)), expected, "{severity}");
    }
    assert_eq!(level(None), Level::Info);
}

#[test]
fn a_set_file_gets_one_json_line_per_event() {
    let file = std::env::temp_dir().join(format!("fanfare-log-{}.jsonl", std::process::id()));
    let _host = Host::new().setting("file", file.to_str().unwrap()).install();
    let first = delivery("a", r#"{"n":1}"#);
    Log::deliver(&first).unwrap();
    Log::deliver(&delivery("b", "2")).unwrap();

    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let lines: Vec<serde_json::Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["event"]["data"]["n"], 1);
    assert_eq!(lines[0]["delivery_id"], first.id.as_str());
    assert_eq!(lines[1]["event"]["type"], "b");
}

#[test]
fn a_file_that_cannot_be_opened_fails_the_delivery_and_names_the_grant() {
    let host = Host::new().setting("file", "/nowhere/at/all.jsonl").install();
    let failure = Log::deliver(&delivery("a", "1")).unwrap_err();
    assert!(
        failure.message.contains("/nowhere/at/all.jsonl") && failure.message.contains("grant.files"),
        "{failure:?}"
    );
    assert!(host.lines().is_empty(), "nothing is logged for an attempt that will come again");
}
