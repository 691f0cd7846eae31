//! What a guest may call, as seen in the report.

use bytes::Bytes;
use fanfare_core::{Class, Report, SampleValue, StateWrite};
use fanfare_runtime::{ChannelSetup, FileGrant, Grants};

use crate::support::{bounds, failed, hostile, lean, receipt, run, run_with, runtime, setup};

#[tokio::test]
async fn state_writes_leave_with_the_report() {
    let report = run(&[("mode", "state-incr"), ("key", "n"), ("by", "5")]).await;
    assert_eq!(receipt(&report)["value"], 5);
    assert_eq!(report.writes, [StateWrite::Increment { key: "n".to_owned(), by: 5 }]);
    let report = run(&[("mode", "state-set"), ("key", "k"), ("value", "v"), ("then", "state-get")]).await;
    assert_eq!(report.writes, [StateWrite::Set { key: "k".to_owned(), value: b"v".to_vec(), ttl: None }]);
}

#[tokio::test]
async fn samples_leave_with_the_report() {
    let report = run(&[("mode", "metrics"), ("value", "2.5")]).await;
    let values: Vec<_> = report.samples.iter().map(|sample| (sample.name.as_str(), sample.value)).collect();
    let want = [
        ("hostile_total", SampleValue::Count(2.5)),
        ("hostile_gauge", SampleValue::Gauge(2.5)),
        ("hostile_seconds", SampleValue::Observation(2.5)),
    ];
    assert_eq!(values, want);
}

fn with_folder(settings: &[(&str, &str)], host: &std::path::Path, write: bool) -> ChannelSetup {
    let files = vec![FileGrant { host: host.to_owned(), guest: "/audit".to_owned(), write }];
    ChannelSetup { grants: Grants { files, ..Grants::default() }, ..setup(settings) }
}

#[tokio::test]
async fn only_granted_folders_are_there_and_only_as_granted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let plugin = hostile().await;
    let read = [("mode", "read-file"), ("path", "/audit/a.txt")];
    let write = [("mode", "write-file"), ("path", "/audit/b.txt"), ("content", "new")];
    let file = |settings: &[(&str, &str)], write| with_folder(settings, folder.path(), write);
    let report = run_with(&plugin, file(&read, false), bounds()).await;
    assert_eq!(receipt(&report)["content"], "hello");
    let report = run_with(&plugin, file(&write, false), bounds()).await;
    assert!(matches!(report.outcome, fanfare_core::Outcome::Failed(_)));
    assert!(!folder.path().join("b.txt").exists());
    receipt(&run_with(&plugin, file(&write, true), bounds()).await);
    assert_eq!(std::fs::read_to_string(folder.path().join("b.txt")).unwrap(), "new");
    for path in ["/etc/passwd", "/audit/../../../etc/passwd", "a.txt"] {
        let report = run_with(&plugin, file(&[("mode", "read-file"), ("path", path)], true), bounds()).await;
        failed(&report, Class::Rejected, "io", "");
    }
    // Without any folder, the missing grant is named.
    let report = run(&[("mode", "read-file"), ("path", "/etc/passwd")]).await;
    failed(&report, Class::Denied, "denied", "channels.hook.grant.files");
}

#[tokio::test]
async fn handles_have_a_number() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let open = |count| [("mode", "open-files"), ("path", "/audit/a.txt"), ("count", count)];
    let plugin = hostile().await;
    receipt(&run_with(&plugin, with_folder(&open("100"), folder.path(), false), bounds()).await);
    let report = run_with(&plugin, with_folder(&open("5000"), folder.path(), false), bounds()).await;
    assert!(matches!(report.outcome, fanfare_core::Outcome::Failed(_)), "{report:?}");
}

#[tokio::test]
async fn without_grants_there_are_no_sockets_no_names_no_arguments_and_no_environment() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for settings in [[("mode", "tcp"), ("address", address.as_str())], [("mode", "resolve"), ("address", "localhost")]]
    {
        let report = run(&settings).await;
        assert!(matches!(report.outcome, fanfare_core::Outcome::Failed(_)), "{report:?}");
    }
    let seen = receipt(&run(&[("mode", "environment")]).await);
    assert_eq!((&seen["arguments"], &seen["variables"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[tokio::test]
async fn what_a_guest_said_before_it_failed_is_kept() {
    let report = run(&[("mode", "stderr-flood"), ("lines", "2"), ("bytes", "3"), ("then", "fail")]).await;
    failed(&report, Class::Retry, "on_purpose", "");
    let lines: Vec<_> = report.trace.iter().map(|line| line.0.as_str()).collect();
    assert_eq!(lines, ["warn line 0 xxx", "warn line 1 xxx"]);
}

#[tokio::test]
async fn a_lean_plugin_says_and_sees_what_any_other_does() {
    let run = async |mode| run_with(&lean().await, setup(&[("mode", mode)]), bounds()).await;
    let said = |report: &Report| report.trace.iter().map(|line| line.0.clone()).collect::<Vec<_>>();
    let report = run("print").await;
    failed(&report, Class::Retry, "on_purpose", "");
    assert_eq!(said(&report), ["info one 1", "warn oops: hook", "warn and the rest"]);
    let report = run("panic").await;
    failed(&report, Class::Trap, "panic", "on purpose");
    assert_eq!(said(&report)[0], "warn half a line");
    assert_eq!(receipt(&run("ask").await), serde_json::json!({ "home": false, "folder": "/" }));
}

#[tokio::test]
async fn a_lean_plugin_that_needs_nothing_of_wasi_imports_nothing_of_it() {
    let plugin = runtime().load(Bytes::from_static(fanfare_artifacts::smallest())).await.unwrap();
    assert!(!plugin.imports().iter().any(|name| name.starts_with("wasi:")), "{:?}", plugin.imports());
}

#[tokio::test]
async fn a_lean_plugin_that_writes_to_a_file_is_told_to_remove_the_feature() {
    let folder = tempfile::tempdir().unwrap();
    let setup = with_folder(&[("mode", "write")], folder.path(), true);
    let report = run_with(&lean().await, setup, bounds()).await;
    failed(&report, Class::Trap, "panic", "the feature `lean` of fanfare-plugin-sdk: remove the feature");
}

fn emitting(settings: &[(&str, &str)], patterns: &[&str]) -> ChannelSetup {
    let emit = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    ChannelSetup { grants: Grants { emit, ..Grants::default() }, ..setup(settings) }
}

#[tokio::test]
async fn events_leave_with_the_report_as_far_as_they_are_granted() {
    let settings = [("mode", "emit"), ("type", "stock.reserved"), ("times", "2")];
    let report = run_with(&hostile().await, emitting(&settings, &["stock.*"]), bounds()).await;
    let ids: Vec<_> = report.emits.iter().map(|staged| staged.event.id.as_str()).collect();
    let delivery = "dlv_000000000000000000000000000000fa_3";
    assert_eq!(ids, [format!("{delivery}.1"), format!("{delivery}.2")]);
    assert_eq!(report.emits[1].event.source, "/channels/hook");
    assert_eq!(report.emits[1].event.attribute("causationid").unwrap(), "e-1");
    let report = run_with(&hostile().await, emitting(&settings, &["order.>"]), bounds()).await;
    failed(&report, Class::Denied, "denied", "add \"stock.reserved\" to channels.hook.grant.emit");
    assert!(report.emits.is_empty());
    let many = [("mode", "emit"), ("type", "a"), ("times", "17")];
    failed(
        &run_with(&hostile().await, emitting(&many, &[">"]), bounds()).await,
        Class::Rejected,
        "too_many_events",
        "16 events",
    );
}
