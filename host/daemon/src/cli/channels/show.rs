//! One channel on a page: its state with the reason, what it may do, and what to do about it.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::output::{BOLD, DIM, bytes, clean, counted, milliseconds, state_style};
use crate::api::{Channel, Counts, FileGrant, Gathered, Grants, Hold, LastError, Latency, Policy};

pub(super) fn render(page: &Channel) -> String {
    let style = state_style(&page.state);
    let mut text = format!("{BOLD}{}{BOLD:#} is {style}{}{style:#}", clean(&page.name), clean(&page.state));
    if let Some(Hold { reason, since, .. }) = &page.hold {
        let reason = if reason.is_empty() { String::new() } else { format!(": {}", clean(reason)) };
        write!(text, " since {since:.0}{reason}").unwrap_or_default();
    } else if let Some(error) = &page.loaded.error {
        write!(text, ": {}", clean(error)).unwrap_or_default();
    }
    text.push('\n');
    text += &what_to_do(page);
    text.push('\n');
    for (name, values) in rows(page) {
        for (n, value) in values.iter().enumerate() {
            let name = if n == 0 { name } else { "" };
            writeln!(text, "{DIM}{name:<11}{DIM:#}{}", clean(value)).unwrap_or_default();
        }
    }
    text
}

fn what_to_do(page: &Channel) -> String {
    let name = clean(&page.name);
    let advice = match (page.state.as_str(), page.plugin.is_some()) {
        ("unconfigured", _) => {
            let stanza = page.configure.as_deref().unwrap_or_default();
            let lines: String = stanza.lines().map(|line| format!("  {}\n", clean(line))).collect();
            return format!("It gets no events. Add to config.toml:\n{lines}");
        }
        ("paused", _) => format!("Its deliveries wait. To continue, run `fanfare channels resume {name}`."),
        ("suspended", _) => {
            format!("The receiver reported that it is gone. When it is back, run `fanfare channels resume {name}`.")
        }
        ("missing", false) => format!(
            "It is no longer in the configuration. Add it again, or end its backlog with `fanfare channels forget \
             {name}`."
        ),
        ("missing" | "failed", _) => {
            "Its deliveries wait. `fanfare check` shows everything that is wrong with the configuration.".to_owned()
        }
        _ if page.counts.dead_letters > 0 => {
            let letters = counted(page.counts.dead_letters, "dead letter");
            format!("{letters}; `fanfare dead-letters list --channel {name}` shows why.")
        }
        _ => return String::new(),
    };
    format!("{advice}\n")
}

/// The rows of the page, each with its name.
fn rows(page: &Channel) -> Vec<(&'static str, Vec<String>)> {
    let mut rows = Vec::new();
    let mut row = |name, values: Vec<String>| {
        if !values.is_empty() {
            rows.push((name, values));
        }
    };
    let kind = page.loaded.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    row("plugin", page.plugin.iter().map(|plugin| format!("{plugin}{kind}")).collect());
    row("digest", page.loaded.digest.iter().cloned().collect());
    row("policy", page.policy.as_ref().map(policy).unwrap_or_default());
    row("grants", page.grants.as_ref().map(grants).unwrap_or_default());
    row("settings", listed(&page.settings));
    row("secrets", listed(&page.secrets));
    row("signed", if page.signed { vec!["yes".to_owned()] } else { vec![] });
    let oldest = page.counts.oldest_pending_at.map(|at| format!(", the oldest since {at:.0}")).unwrap_or_default();
    let Counts { pending, in_flight, waiting, .. } = &page.counts;
    row("backlog", vec![format!("{pending} pending, {in_flight} in flight, {waiting} waiting for their time{oldest}")]);
    let deferred: Vec<_> = page.counts.deferred.iter().map(|(wait, count)| format!("{count} for {wait}")).collect();
    row("deferred", listed(&deferred));
    let gathered = |Gathered { deliveries, batches, until }: &Gathered| {
        let deliveries = if *deliveries == 1 { "1 delivery".to_owned() } else { format!("{deliveries} deliveries") };
        let batches = if *batches == 1 { "1 batch".to_owned() } else { format!("{batches} batches, the first") };
        format!("{deliveries} in {batches} until {until:.0}")
    };
    row("gathered", page.gathered.iter().map(gathered).collect());
    let rate = page.counts.success_rate.map(|rate| format!(", {:.1} % success", rate * 100.0)).unwrap_or_default();
    let (delivered, attempts) = (page.counts.delivered, counted(page.counts.attempts, "attempt"));
    let dead = counted(page.counts.dead_letters, "dead letter");
    row("so far", vec![format!("{delivered} delivered, {dead}, {attempts}{rate}")]);
    let latency = |Latency { p50_ms, p90_ms, p99_ms }| {
        format!("p50 {}, p90 {}, p99 {}", milliseconds(p50_ms), milliseconds(p90_ms), milliseconds(p99_ms))
    };
    row("latency", page.latency.map(latency).into_iter().collect());
    let last = page
        .last_error
        .as_ref()
        .map(|LastError { at, class, code, error }| vec![format!("{at:.0}  {class} {code}"), error.clone()]);
    row("last error", last.unwrap_or_default());
    rows
}

fn listed(names: &[String]) -> Vec<String> {
    if names.is_empty() { vec![] } else { vec![names.join(", ")] }
}

fn policy(policy: &Policy) -> Vec<String> {
    let Policy {
        timeout,
        retries,
        waits,
        fuel,
        memory,
        concurrency,
        reuse,
        expires,
        order,
        priority,
        lagging_after,
        ..
    } = policy;
    let retries = match retries {
        0 => "no retries".to_owned(),
        1 => format!("1 retry after {}", waits.join(", ")),
        n => format!("{n} retries after {}{}", waits.join(", "), if waits.len() < *n as usize { ", …" } else { "" }),
    };
    let mut lines = vec![
        format!("timeout {timeout}, {retries}"),
        format!("{fuel} fuel, {} of memory, {concurrency} attempts in flight", bytes(*memory)),
    ];
    let reuse = (*reuse > 0).then(|| format!("an instance serves {}", counted(u64::from(*reuse), "attempt")));
    let expires = expires.as_ref().map(|expires| format!("expires after {expires}"));
    let order = (order != "none").then(|| format!("in order of {order}"));
    let priority = (*priority != 0).then(|| format!("priority {priority}"));
    let lagging = (lagging_after != "5m").then(|| format!("lagging after {lagging_after}"));
    let more: Vec<_> = [reuse, expires, order, priority, lagging].into_iter().flatten().collect();
    lines.extend(listed(&more));
    lines.extend(others(policy).iter().map(|(key, value)| match value {
        Value::String(text) => format!("{} {}", clean(key), clean(text)),
        value => format!("{} {}", clean(key), clean(&value.to_string())),
    }));
    lines
}

/// The policies that only some channels have, as in the configuration.
fn others(policy: &Policy) -> Map<String, Value> {
    const SHOWN: [&str; 11] = [
        "timeout",
        "retries",
        "waits",
        "fuel",
        "memory",
        "concurrency",
        "reuse",
        "expires",
        "order",
        "priority",
        "lagging_after",
    ];
    match serde_json::to_value(policy) {
        Ok(Value::Object(members)) => members.into_iter().filter(|(key, _)| !SHOWN.contains(&key.as_str())).collect(),
        _ => Map::new(),
    }
}

fn grants(grants: &Grants) -> Vec<String> {
    let Grants { http, tcp, files, emit, private_network } = grants;
    let folder = |FileGrant { host, guest, write }: &FileGrant| {
        format!("{host} as {guest}, {}", if *write { "for writing" } else { "for reading" })
    };
    let mut lines = Vec::new();
    for (key, values) in [("http", http), ("tcp", tcp), ("emit", emit)] {
        lines.extend(listed(values).iter().map(|values| format!("{key}: {values}")));
    }
    lines.extend(files.iter().map(|file| format!("files: {}", folder(file))));
    if *private_network {
        lines.push("private addresses".to_owned());
    }
    if lines.is_empty() { vec!["none; it reaches nothing outside its sandbox".to_owned()] } else { lines }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn hook() -> Value {
        json!({
            "name": "hook", "state": "active", "plugin": "builtin:webhook", "digest": "00ff", "kind": "http-channel",
            "imports": ["fanfare:channel/log@0.1.0"], "settings": ["headers.x-env", "url"], "secrets": ["token"],
            "signed": true,
            "grants": { "http": ["127.0.0.1:9000"], "tcp": [], "emit": [], "private_network": true,
                        "files": [{ "host": "/srv/in", "guest": "/in", "write": false }] },
            "policy": { "timeout": "10s", "retries": 2, "waits": ["1s", "2s"], "fuel": 1000, "memory": 67_108_864,
                        "concurrency": 16,
                        "reuse": 0, "order": "subject", "priority": 3, "lagging_after": "5m" },
            "pending": 3, "in_flight": 1, "waiting": 2, "oldest_pending_at": "2026-11-20T10:00:00Z", "dead": 1,
            "dead_letters": 1,
            "delivered": 99, "attempts": 120, "success_rate": 0.99,
            "latency": { "p50_ms": 1.2, "p90_ms": 4.0, "p99_ms": 1200.0 },
            "last_error": { "at": "2026-11-20T10:00:01.5Z", "class": "retry", "code": "http_503",
                            "error": "busy\u{1b}[2J" },
        })
    }

    fn shown(page: &Value) -> String {
        let page: Channel = serde_json::from_value(page.clone()).unwrap();
        anstream::adapter::strip_str(&render(&page)).to_string()
    }

    #[test]
    fn a_channel_is_shown_on_a_page() {
        let want = "\
hook is active
1 dead letter; `fanfare dead-letters list --channel hook` shows why.

plugin     builtin:webhook (http-channel)
digest     00ff
policy     timeout 10s, 2 retries after 1s, 2s
           1000 fuel, 64.0 MiB of memory, 16 attempts in flight
           in order of subject, priority 3
grants     http: 127.0.0.1:9000
           files: /srv/in as /in, for reading
           private addresses
settings   headers.x-env, url
secrets    token
signed     yes
backlog    3 pending, 1 in flight, 2 waiting for their time, the oldest since 2026-11-20T10:00:00Z
so far     99 delivered, 1 dead letter, 120 attempts, 99.0 % success
latency    p50 1.2 ms, p90 4.0 ms, p99 1.20 s
last error 2026-11-20T10:00:01Z  retry http_503
           busy\\u{1b}[2J
";
        assert_eq!(shown(&hook()), want);
    }

    #[test]
    fn deliveries_that_wait_for_a_batch_are_shown() {
        let mut page = hook();
        page["policy"]["batch"] = json!({ "max": 9, "linger": "15m", "bytes": 1024, "per": "subject" });
        for (deliveries, batches, want) in [
            (1, 1, "gathered   1 delivery in 1 batch until 2026-11-20T11:00:00Z"),
            (5, 2, "gathered   5 deliveries in 2 batches, the first until 2026-11-20T11:00:00Z"),
        ] {
            page["gathered"] = json!({ "deliveries": deliveries, "batches": batches, "until": "2026-11-20T11:00:00Z" });
            assert!(shown(&page).lines().any(|line| line == want), "{}", shown(&page));
        }
        assert!(
            shown(&page).contains(r#"batch {"bytes":1024,"linger":"15m","max":9,"per":"subject"}"#),
            "{}",
            shown(&page)
        );
    }

    #[test]
    fn a_channel_that_is_not_active_shows_why_and_what_to_do() {
        let with = |more: Value| {
            let mut page = hook();
            page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            shown(&page).split("\n\n").next().unwrap().to_owned()
        };
        let hold = json!({ "kind": "paused", "reason": "tea", "since": "2026-11-20T10:00:00Z" });
        for (more, want) in [
            (
                json!({ "state": "paused", "hold": hold }),
                "hook is paused since 2026-11-20T10:00:00Z: tea\nIts deliveries wait. To continue, run \
                 `fanfare channels resume hook`.",
            ),
            (
                json!({ "state": "failed", "error": "c:1:1: bad" }),
                "hook is failed: c:1:1: bad\nIts deliveries wait. `fanfare check` shows everything that is wrong with \
                 the configuration.",
            ),
            (
                json!({
                    "state": "unconfigured", "error": "no channel uses it", "configure": "[channels.hook]\nretries = 1"
                }),
                "hook is unconfigured: no channel uses it\nIt gets no events. Add to config.toml:\n  \
                 [channels.hook]\n  retries = 1",
            ),
            (
                json!({ "state": "missing", "plugin": null }),
                "hook is missing\nIt is no longer in the configuration. Add it again, or end its backlog with \
                 `fanfare channels forget hook`.",
            ),
            (json!({ "dead_letters": 0 }), "hook is active"),
            (
                json!({ "dead_letters": 2 }),
                "hook is active\n2 dead letters; `fanfare dead-letters list --channel hook` shows why.",
            ),
        ] {
            assert_eq!(with(more), want);
        }
    }
}
