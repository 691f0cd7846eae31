//! The layers of a channel: built-in policy, `[defaults]`, sidecar, table.

use std::{path::Path, time::Duration};

use fanfare_core::{ChannelName, Policy};
use fanfare_runtime::Grants;

use super::{
    super::{PluginRef, Sidecar, parse_sidecar},
    lines, parse,
};

fn sidecar(text: &str) -> Sidecar {
    parse_sidecar(text, Path::new("plugins/a.toml")).unwrap()
}

/// The policy of channel `a` in short, and its settings.
#[track_caller]
fn check(config: &str, beside: Option<&str>, retries: u32, timeout: u64, settings: &str) {
    let sidecar = beside.map(sidecar);
    let channel = parse(config).unwrap().channel(&ChannelName::new("a").unwrap(), sidecar.as_ref());
    let seconds = Duration::from_secs(timeout);
    assert_eq!(channel.policy, Policy { retries, timeout: seconds, ..Policy::default() }, "{config} {beside:?}");
    let got: Vec<_> = channel.setup.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(got.join(" "), settings, "{config} {beside:?}");
}

#[test]
fn each_layer_overrides_the_ones_before_key_by_key() {
    let defaults = "[defaults]\nretries = 5\ntimeout = \"5s\"\n";
    check("", None, 2, 10, "");
    check(defaults, None, 5, 5, "");
    check(defaults, Some("retries = 6"), 6, 5, "");
    check(&format!("{defaults}[channels.a]\nretries = 7\n"), Some("retries = 6\ntimeout = \"6s\""), 7, 6, "");
    check(&format!("{defaults}[channels.b]\nretries = 7\n"), None, 5, 5, "");
}

#[test]
fn settings_merge_key_by_key_and_the_table_wins() {
    let beside =
        Some("[settings]\nurl = \"s\"\nmode = \"s\"\nhosts = [\"s0\", \"s1\"]\nheaders = { a = \"s\", b = \"s\" }\n");
    let all = "headers.a=s headers.b=s hosts.0=s0 hosts.1=s1 mode=s url=s";
    check("[channels.a]\n", beside, 2, 10, all);
    let with = |settings: &str| format!("[channels.a.settings]\n{settings}\n");
    check(&with("url = \"t\""), beside, 2, 10, "headers.a=s headers.b=s hosts.0=s0 hosts.1=s1 mode=s url=t");
    check(&with("headers.a = \"t\""), beside, 2, 10, "headers.a=t headers.b=s hosts.0=s0 hosts.1=s1 mode=s url=s");
    check(&with("hosts = [\"t0\"]"), beside, 2, 10, "headers.a=s headers.b=s hosts.0=t0 mode=s url=s");
    check(&with("hosts = []\nheaders = 1"), beside, 2, 10, "headers=1 mode=s url=s");
    check(&with("url.path = \"t\""), beside, 2, 10, "headers.a=s headers.b=s hosts.0=s0 hosts.1=s1 mode=s url.path=t");
}

#[test]
fn a_file_without_a_table_is_a_channel_without_grants() {
    let channel = parse("").unwrap().channel(&ChannelName::new("a").unwrap(), None);
    assert_eq!(channel.plugin, PluginRef::File("a".into()));
    assert_eq!((channel.setup.grants, channel.setup.sign), (Grants::default(), vec![]));
}

#[test]
fn a_sidecar_cannot_set_grants_signatures_or_secrets() {
    let why = "is reserved for the operator, because a plugin must not grant itself anything";
    let text = "retries = 1\ngrant = { http = [\"evil.example\"] }\nsign = {}\nplugin = \"b\"\n[secrets]\n";
    let problems = parse_sidecar(text, Path::new("plugins/a.toml")).unwrap_err();
    let want = [
        format!("2:9 grant {why}"),
        format!("3:8 sign {why}"),
        "4:1 plugin unknown key".to_owned(),
        format!("5:1 secrets {why}"),
    ];
    assert_eq!(lines(&problems), want);
    assert!(problems.to_string().starts_with("plugins/a.toml:2:9: grant: is reserved for the operator"), "{problems}");
}

#[test]
fn a_sidecar_has_the_same_bounds() {
    let problems = parse_sidecar("timeout = \"2h\"\nfule = 1\n", Path::new("a.toml")).unwrap_err();
    assert_eq!(
        lines(&problems),
        ["1:11 timeout must be from 1ms to 1h", "1:11 timeout must be at most 5m in a sidecar", "2:1 fule unknown key"]
    );
}

#[test]
fn a_sidecar_has_narrower_bounds_and_its_schema_cannot_explode() {
    let line = |text: &str| lines(&parse_sidecar(text, Path::new("a.toml")).unwrap_err());
    for (text, want) in [
        ("timeout = \"10m\"\n", "1:11 timeout must be at most 5m in a sidecar"),
        ("fuel = 1_000_000_000_000\n", "1:8 fuel must be at most 20_000_000_000 in a sidecar"),
        ("memory = \"1GiB\"\n", "1:10 memory must be at most \"256MiB\" in a sidecar"),
        ("concurrency = 512\n", "1:15 concurrency must be at most 64 in a sidecar"),
        ("retries = 1000\n", "1:11 retries must be at most 100 in a sidecar"),
        ("priority = 1\n", "1:12 priority must be at most 0 in a sidecar"),
        (
            "filter = { types = [\"a\", \"fanfare.>\"] }\n",
            "1:10 filter selects the daemon's own events, which contain data of other channels",
        ),
        (
            "schema = { allOf = [{ \"$ref\" = \"#\" }] }\n",
            "1:10 schema is not a usable JSON Schema: it has `$ref`, but references are not supported here; \
             expand it in place",
        ),
    ] {
        assert_eq!(line(text), [want]);
    }
    // The linear regex engine rejects a pattern that would backtrack forever, or runs it in linear time.
    assert!(
        line("schema = { properties = { a = { pattern = \"(a)\\\\1\" } } }\n")[0]
            .contains("is not a usable JSON Schema")
    );
}
