use super::*;

const STATS: &str = r#"{ "version": "0.1.0", "uptime_seconds": 200, "journal": { "status": "ok" }, "last_reload": null,
    "totals": { "accepted": 1, "delivered": 3, "dead": 1, "skipped": 2, "attempts": 6, "pending": 0,
    "success_rate": 0.75 } }"#;

#[track_caller]
fn check(stats: &str, channels: &str, want: &str) {
    let stats: Stats = serde_json::from_str(stats).unwrap();
    let page: Channels = serde_json::from_str(channels).unwrap();
    let ready = r#"{ "status": "ready", "journal": { "status": "ok" }, "table": { "status": "ok" }, "channels": {} }"#;
    let ready: Ready = serde_json::from_str(ready).unwrap();
    let now = "2026-11-20T11:00:00Z".parse().unwrap();
    let told = Told { stats: &stats, ready: &ready, channels: &page.channels, stages: &[], free: None, now };
    let (verdict, reasons) = diagnose(&told);
    let shown = render(verdict, &reasons, &stats, &page, "http://127.0.0.1:8080");
    let shown = anstream::adapter::strip_str(&shown).to_string();
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
degraded: fanfare 0.1.0 at http://127.0.0.1:8080, up 3m 20s
  ! channel webhook: missing, 12 deliveries wait: there is no hook.wasm
    → put its plugin's file back, then `fanfare check`
  · channel webhook: 1 dead letter; last: retry http_503
    → `fanfare dead-letters list --channel webhook`

1 event: 3 delivered, 0 pending, 1 dead, 2 skipped; 6 attempts
journal ok

channel  state    plugin       delivered  pending  in flight  dead letters  success     p99
log      active   builtin:log          2        0          0             0  100.0 %  0.4 ms
webhook  missing  hook                 1       12          1             1   50.0 %       -

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
failing: fanfare 0.1.0 at http://127.0.0.1:8080, up 3m 20s
  ✘ journal: events are rejected, because it cannot write: disk full
    → free space on its disk, or repair the disk; the daemon resumes by itself
  ! reload: 1 error in the last one, nothing was applied
    → `fanfare check`; POST /v1/reload repeats it

1 event: 3 delivered, 0 pending, 1 dead, 2 skipped; 6 attempts
journal failing: disk full
last reload changed nothing, 2026-11-20T10:30:00Z; what ran before still runs:
  ✘ config.toml:3:1: server.wait: \"soon\" is not a duration

no channels; add one to config.toml, or put a .wasm file into the plugins' folder
";
    check(&stats, r#"{ "channels": [], "next": null }"#, want);
}

#[test]
fn a_file_that_waits_to_be_configured_is_shown_with_what_to_add() {
    let channels = r#"{ "channels": [
        { "name": "ntfy", "state": "unconfigured", "plugin": "ntfy",
          "configure": "[channels.ntfy]\nsettings = { topic = \"my-alerts\" }" }
        ], "next": null }"#;
    let want = "\
healthy: fanfare 0.1.0 at http://127.0.0.1:8080, up 3m 20s
  · ntfy is unconfigured and gets no events; add to config.toml:
  [channels.ntfy]
  settings = { topic = \"my-alerts\" }
    → `fanfare channel add ntfy`

1 event: 3 delivered, 0 pending, 1 dead, 2 skipped; 6 attempts
journal ok

channel  state         plugin  delivered  pending  in flight  dead letters  success  p99
ntfy     unconfigured  ntfy            0        0          0             0        -    -
";
    check(STATS, channels, want);
}
