use super::*;

const STATS: &str = r#"{ "version": "0.1.0", "uptime_seconds": 200, "journal": { "status": "ok" }, "last_reload": null,
    "totals": { "accepted": 1, "delivered": 3, "dead": 1, "skipped": 2, "attempts": 6, "pending": 0,
    "success_rate": 0.75 } }"#;

#[track_caller]
fn check(stats: &str, channels: &str, want: &str) {
    let stats: Stats = serde_json::from_str(stats).unwrap();
    let page: Channels = serde_json::from_str(channels).unwrap();
    let shown = anstream::adapter::strip_str(&render(&stats, &page, "http://127.0.0.1:8080")).to_string();
    assert_eq!(shown, want);
}

#[test]
fn totals_journal_and_every_channel_are_shown_with_the_last_failure() {
    let channels = r#"{ "channels": [
        { "name": "log", "state": "active", "plugin": "builtin:log", "pending": 0, "in_flight": 0, "dead_letters": 0,
          "delivered": 2, "success_rate": 1.0, "latency": { "p50_ms": 0.2, "p90_ms": 0.3, "p99_ms": 0.44 },
          "last_error": null },
        { "name": "webhook", "state": "missing", "plugin": "hook", "pending": 12, "in_flight": 1, "dead_letters": 1,
          "delivered": 1, "success_rate": 0.5, "latency": null, "error": "there is no hook.wasm",
          "last_error": { "at": "2026-11-20T10:30:00.5Z", "class": "retry", "code": "http_503", "error": "busy" } }
        ], "next": null }"#;
    let want = "\
fanfare 0.1.0 at http://127.0.0.1:8080, up 3m 20s
1 event: 3 delivered, 0 pending, 1 given up, 2 skipped; 6 attempts
journal ok

channel  state    plugin       delivered  pending  in flight  dead letters  success     p99
log      active   builtin:log          2        0          0             0  100.0 %  0.4 ms
webhook  missing  hook                 1       12          1             1   50.0 %       -

webhook: there is no hook.wasm

webhook: last error at 2026-11-20T10:30:00Z: retry http_503: busy
";
    check(STATS, channels, want);
}

#[test]
fn a_failing_journal_and_a_rejected_reload_stand_out() {
    let stats = STATS.replace(r#"{ "status": "ok" }"#, r#"{ "status": "failing", "error": "disk full" }"#).replace(
        r#""last_reload": null"#,
        r#""last_reload": { "at": "2026-11-20T10:30:00.5Z", "outcome": "rejected", "changes": [],
                "errors": ["config.toml:3:1: server.wait: \"soon\" is not a duration"] }"#,
    );
    let want = "\
fanfare 0.1.0 at http://127.0.0.1:8080, up 3m 20s
1 event: 3 delivered, 0 pending, 1 given up, 2 skipped; 6 attempts
journal failing: disk full
last reload changed nothing, 2026-11-20T10:30:00Z; everything keeps running as before:
  ✘ config.toml:3:1: server.wait: \"soon\" is not a duration

no channels; add one to config.toml, or put a .wasm file into the plugins' folder
";
    check(&stats, r#"{ "channels": [], "next": null }"#, want);
}
