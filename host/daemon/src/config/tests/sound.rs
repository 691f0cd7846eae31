//! Valid files and the values that they are read into.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use fanfare_core::{
    Backoff, BatchPolicy, ChannelName, KeyOf, Policy,
    breaker::{BreakerPolicy, Trip},
    filter::{Condition, Dialect, Filter},
    rate::Rate,
};
use fanfare_runtime::{FileGrant, Grants, HostPattern, HttpGrant, SigningKey};

use super::{
    super::{Config, PluginRef, STARTER},
    FILE, GOOD, env, lines, parse,
};

/// The contract's example without keys that have no implementation yet.
const CONTRACT: &str = r#"
[server]
listen = "127.0.0.1:8080"
wait = "30s"
max_body = "1MiB"

[journal]
path = "data/journal.db"

[plugins]
dir = "plugins"             # *.wasm here are loaded; a change reloads

[defaults]                  # any channel policy below may stand here
timeout = "10s"
retries = 2
backoff = { initial = "1s", factor = 2.0, max = "60s", jitter = 0.2 }   # or { schedule = ["5s", "5m", "30m"] }

[channels.webhook]
plugin = "webhook"          # file stem in plugins.dir, or "builtin:webhook"; default: the channel's own name
timeout = "30s"             # one attempt, wall clock
retries = 3                 # further attempts after the first
fuel = 1_000_000_000        # per attempt
memory = "64MiB"
concurrency = 16            # attempts in flight
filter = { types = ["user.*"], when = "event.severity != 'debug'" }   # CEL over event.<attribute>, event.data
rate = { limit = "100/min", burst = 20 }
batch = { max = 100, linger = "200ms", bytes = "1MiB", per = "subject" }
breaker = { failures = 5, open = "60s", probes = 1 }    # or { ratio = 0.5, of = 20, … }
settings = { url = "http://127.0.0.1:9000/hook", headers = { x-env = "dev" } }   # guest reads "url", "headers.x-env"
sign = { scheme = "standard-webhooks", secrets = ["env:GOOD", "env:GOOD"] }   # http-channel only
grant.http = ["127.0.0.1:9000", "*.slack.com"]
grant.files = [{ host = "data/audit", guest = "/audit", write = true }]
grant.private_network = true
"#;

fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

#[test]
fn the_contracts_example_is_read_correctly() {
    let config = parse(CONTRACT).unwrap();
    let dir = Path::new("/etc/fanfare");
    let defaults = Config::default_in(dir);
    assert_eq!(config.server, defaults.server);
    assert_eq!(config.journal, defaults.journal);
    assert_eq!(config.plugins, defaults.plugins);
    assert_eq!(config.path, defaults.path);
    assert_eq!(config.plugins.cache, dir.join("data/cache"));

    let webhook = config.channel(&name("webhook"), None);
    assert_eq!(webhook.plugin, PluginRef::File("webhook".into()));
    let when = Some(Condition::compile("event.severity != 'debug'").unwrap());
    let filter = Filter { types: vec!["user.*".into()], when, dialects: vec![] };
    let rate = Some(Rate { burst: 20, ..Rate::parse("100/min").unwrap() });
    let breaker = Some(BreakerPolicy { trip: Trip::InARow(5), open: Duration::from_secs(60), probes: 1 });
    let batch = Some(BatchPolicy { per: Some(KeyOf::parse("subject").unwrap()), ..BatchPolicy::default() });
    let want =
        Policy { timeout: Duration::from_secs(30), retries: 3, filter, breaker, rate, batch, ..Policy::default() };
    assert_eq!(webhook.policy, want);
    let settings = [("headers.x-env", "dev"), ("url", "http://127.0.0.1:9000/hook")];
    let settings: BTreeMap<_, _> = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(webhook.setup.settings, settings);
    let key = SigningKey::parse(GOOD).unwrap();
    assert_eq!(webhook.setup.sign, [key.clone(), key]);
    let audit = FileGrant { host: dir.join("data/audit"), guest: "/audit".into(), write: true };
    let http = ["127.0.0.1:9000", "*.slack.com"].map(|grant| HttpGrant::parse(grant).unwrap()).into();
    assert_eq!(
        webhook.setup.grants,
        Grants { http, tcp: vec![], files: vec![audit], emit: vec![], private_network: true }
    );
}

#[test]
fn an_empty_file_is_equivalent_to_no_file() {
    assert_eq!(parse("").unwrap(), Config::default_in(Path::new("/etc/fanfare")));
}

#[test]
fn the_files_we_ship_are_valid_without_environment_variables() {
    let shipped = [(include_str!("../../../../../config.toml"), 4), (STARTER, 2)];
    for (text, channels) in shipped {
        let config = Config::parse(text, Path::new(FILE), &|_| None).unwrap();
        assert_eq!(config.channels.len(), channels);
        assert!(config.channels.values().all(|table| matches!(table.plugin, PluginRef::Builtin(_))));
    }
}

#[test]
fn commented_keys_of_the_shipped_files_are_valid_too() {
    let uncomment = |text: &str| {
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(code) if code.starts_with("sign = ") || code.starts_with("cache = ") => code.to_owned(),
            _ => line.to_owned(),
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    };
    for text in [include_str!("../../../../../config.toml"), STARTER] {
        let config = Config::parse(&uncomment(text), Path::new(FILE), &|_| Some(GOOD.into())).unwrap();
        assert_eq!(config.channels["webhook"].sign.len(), 1);
    }
}

#[test]
fn paths_are_relative_to_the_file() {
    let path = |file: &str, path: &str| {
        Config::parse(&format!("[journal]\npath = {path:?}\n"), Path::new(file), &env).unwrap().journal.path
    };
    assert_eq!(path("/etc/config.toml", "j.db"), PathBuf::from("/etc/j.db"));
    assert_eq!(path("/etc/config.toml", "/var/j.db"), PathBuf::from("/var/j.db"));
    assert_eq!(path("config.toml", "j.db"), PathBuf::from("j.db"));
}

#[test]
fn settings_are_flat_and_text() {
    let config = parse(
        r#"
[channels.a.settings]
text = "x"
count = 0xff
many = -1_000
ratio = 1.50
on = true
day = 1979-05-27T07:32:00Z
hosts = ["a", { name = "b", ports = [1, 2] }]
none = []
nothing = {}
deep.er.still = 1
"#,
    );
    let settings = config.unwrap().channel(&name("a"), None).setup.settings;
    let lines: Vec<_> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let want = [
        "count=255",
        "day=1979-05-27T07:32:00Z",
        "deep.er.still=1",
        "hosts.0=a",
        "hosts.1.name=b",
        "hosts.1.ports.0=1",
        "hosts.1.ports.1=2",
        "many=-1000",
        "on=true",
        "ratio=1.50",
        "text=x",
    ];
    assert_eq!(lines, want);
}

#[test]
fn a_backoff_is_growing_or_a_schedule() {
    let backoff = |text: &str| {
        let config = parse(&format!("[channels.a]\nbackoff = {text}\n")).unwrap();
        config.channel(&name("a"), None).policy.backoff
    };
    let secs = Duration::from_secs;
    assert_eq!(backoff("{}"), Backoff::default());
    assert_eq!(backoff("{ factor = 3, jitter = 0 }"), Backoff::exponential(secs(1), 3.0, secs(60), 0.0).unwrap());
    assert_eq!(
        backoff("{ schedule = [\"5s\", \"5m\"], jitter = 0.5 }"),
        Backoff::schedule(vec![secs(5), secs(300)], 0.5).unwrap()
    );
}

#[test]
fn hosts_are_granted_by_name_address_and_wildcard() {
    for host in [
        "example.com",
        "*.slack.com",
        "127.0.0.1:9000",
        "[::1]:80",
        "[::1]",
        "localhost",
        "example.com:65535",
        "GET,POST x/y",
    ] {
        let config = parse(&format!("[channels.a.grant]\nhttp = [{host:?}]\n")).unwrap();
        assert_eq!(config.channels["a"].grants.http, [HttpGrant::parse(host).unwrap()]);
    }
    for host in ["", "x:", "x:65536", "a b", "user@x", "x/../y"] {
        assert!(parse(&format!("[channels.a.grant]\nhttp = [{host:?}]\n")).is_err(), "{host}");
    }
}

#[test]
fn only_keys_that_a_running_daemon_cannot_change_need_a_restart() {
    let old = parse("").unwrap();
    let restart = |text: &str| old.needs_restart(&parse(text).unwrap());
    assert_eq!(restart("[server]\nlisten = \"127.0.0.1:1\"\n"), ["server.listen"]);
    assert_eq!(restart("[journal]\npath = \"data/other.db\"\n"), ["journal.path"]);
    assert_eq!(restart("[plugins]\ncache = \"elsewhere\"\n"), ["plugins.cache"]);
    assert_eq!(restart("[plugins]\nauto = false\n"), Vec::<&str>::new());
    let server = "wait = \"1s\"\nmax_body = \"2KiB\"\nmax_connections = 1\nheader_timeout = \"1s\"\n\
                  body_timeout = \"1s\"\n\
                  write_timeout = \"1s\"\ndrain = \"1s\"\n";
    let keys = [
        "server.wait",
        "server.max_body",
        "server.max_connections",
        "server.header_timeout",
        "server.body_timeout",
        "server.write_timeout",
        "server.drain",
    ];
    assert_eq!(restart(&format!("[server]\n{server}")), keys);
    assert!(restart("[plugins]\ndir = \"p\"\n[defaults]\nretries = 1\n[channels.a]\nretries = 9\n").is_empty());
}

#[test]
fn two_files_that_differ_in_comments_are_equal() {
    assert_eq!(parse(CONTRACT), parse(&format!("# hello\n{CONTRACT}")));
    assert_ne!(parse(CONTRACT), parse(&CONTRACT.replace("retries = 3", "retries = 4")));
}

#[test]
fn a_missing_plugin_is_reported_where_it_is_named() {
    let config = parse("[channels.a]\nretries = 1\n\n[channels.b]\nplugin = \"builtin:x\"\n").unwrap();
    let at = |channel: &str| {
        let problem = config.unknown_plugin(&config.channel(&name(channel), None), &["log", "webhook"]);
        format!("{}:{} {} {}", problem.line, problem.column, problem.key, problem.message)
    };
    assert_eq!(at("a"), "1:11 channels.a.plugin there is no a.wasm in /etc/fanfare/plugins");
    assert_eq!(at("b"), "5:10 channels.b.plugin fanfare has no builtin plugin `x`");
    assert_eq!(at("c"), "1:2 channels.c.plugin there is no c.wasm in /etc/fanfare/plugins");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    let windows = format!("\u{feff}{}", CONTRACT.replace('\n', "\r\n"));
    assert_eq!(parse(&windows), parse(CONTRACT));
}

#[test]
fn a_tcp_target_has_a_port() {
    let config = parse("[channels.a.grant]\ntcp = [\"SMTP.example.com:587\", \"10.0.0.1:25\"]\n").unwrap();
    let want = ["smtp.example.com:587", "10.0.0.1:25"].map(|target| HostPattern::parse(target).unwrap());
    assert_eq!(config.channels["a"].grants.tcp, want);
    let problems = parse("[channels.a.grant]\ntcp = [\"smtp.example.com\"]\n").unwrap_err();
    assert_eq!(lines(&problems), ["2:8 channels.a.grant.tcp.0 `smtp.example.com` has no port"]);
}

#[test]
fn the_journal_table_limits_the_hops_of_events() {
    let hops = |text: &str| parse(text).map(|config| config.journal.max_hops);
    assert_eq!(hops("").unwrap(), 16);
    assert_eq!(hops("[journal]\nmax_hops = 3\n").unwrap(), 3);
    assert_eq!(lines(&hops("[journal]\nmax_hops = 0\n").unwrap_err()), ["2:12 journal.max_hops must be from 1 to 100"]);
}

#[test]
fn a_filter_overrides_the_one_below_and_an_empty_one_cancels_it() {
    let config = parse(
        r#"
[defaults]
filter = { types = ["user.*"] }
[channels.a]
[channels.b]
filter.any = [{ exact = { type = "x", source = "/" } }, { not = { prefix = { subject = "a" } } }]
filter.suffix = { id = "9" }
[channels.c]
filter = {}
"#,
    )
    .unwrap();
    let filter = |channel| config.channel(&name(channel), None).policy.filter;
    assert_eq!(filter("a").types, ["user.*"]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let any = Dialect::Any(vec![
        Dialect::Exact(vec![pair("source", "/"), pair("type", "x")]),
        Dialect::Not(Box::new(Dialect::Prefix(vec![pair("subject", "a")]))),
    ]);
    let want = Filter { dialects: vec![Dialect::Suffix(vec![pair("id", "9")]), any], ..Filter::default() };
    let have = filter("b");
    assert_eq!(have, want);
    assert!(filter("c").is_open());
}

#[test]
fn a_breaker_has_defaults_and_can_be_disabled() {
    let text = "[defaults]\nbreaker = { ratio = 0.5 }\n[channels.a]\n[channels.b]\nbreaker = \"none\"\n";
    let config = parse(text).unwrap();
    let breaker = |channel| config.channel(&name(channel), None).policy.breaker;
    let trip = Trip::Ratio { ratio: 0.5, of: 20 };
    assert_eq!(breaker("a"), Some(BreakerPolicy { trip, open: Duration::from_secs(60), probes: 1 }));
    assert_eq!(breaker("b"), None);
}

#[test]
fn a_batch_has_defaults_and_can_be_disabled() {
    let text = "[defaults]\nbatch = { linger = \"15m\", per = \"data.account.id\" }\n[channels.a]\n[channels.b]\n\
                batch = \"none\"\n";
    let config = parse(text).unwrap();
    let batch = |channel| config.channel(&name(channel), None).policy.batch;
    let per = KeyOf::parse("data.account.id").unwrap();
    let want = BatchPolicy { max: 100, linger: Duration::from_mins(15), bytes: 1 << 20, per: Some(per) };
    assert_eq!(batch("a"), Some(want));
    assert_eq!(batch("b"), None);
}

#[test]
fn the_variables_of_opentelemetry_are_checked_where_the_file_does_not_set_the_key() {
    let parse = |text: &str, variable: (&'static str, &'static str)| {
        let env = move |name: &str| (name == variable.0).then(|| variable.1.to_owned());
        Config::parse(text, Path::new(FILE), &env).map(|config| config.telemetry)
    };
    const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let of = |endpoint| parse("[telemetry]\n", (ENDPOINT, endpoint)).unwrap().unwrap().traces;
    assert_eq!(of("http://h:4318/base/"), "http://h:4318/base/v1/traces");
    assert_eq!(parse("", (ENDPOINT, "http://h")).unwrap(), None, "without the table there is no tracing");
    const TABLE: &str = "[telemetry]\nendpoint = \"http://h\"\n";
    assert_eq!(parse(TABLE, (ENDPOINT, "h:4317")).unwrap().unwrap().traces, "http://h/v1/traces");
    for (text, variable, want) in [
        ("[telemetry]\n", (ENDPOINT, "h:4317"), "OTEL_EXPORTER_OTLP_ENDPOINT: \"h:4317\" is not an http://"),
        ("[telemetry]\n", (ENDPOINT, " "), "telemetry.endpoint is missing"),
        (TABLE, ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret"), "OTEL_EXPORTER_OTLP_HEADERS has no `=` in entry 1"),
        (
            TABLE,
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=s3cret"),
            "OTEL_EXPORTER_OTLP_HEADERS has \"a b\", whose name or value",
        ),
        (TABLE, ("OTEL_RESOURCE_ATTRIBUTES", "=s3cret"), "OTEL_RESOURCE_ATTRIBUTES has no name in entry 1"),
    ] {
        let problems = lines(&parse(text, variable).unwrap_err());
        assert!(problems.len() == 1 && problems[0].contains(want), "{variable:?}: {problems:?}");
        assert!(!problems[0].contains("s3cret"), "{problems:?}");
    }
}

#[test]
fn telemetry_has_defaults_and_says_what_is_wrong() {
    assert_eq!(parse("[channels.a]\n").unwrap().telemetry, None);
    let telemetry = parse("[telemetry]\nendpoint = \"https://otel.example.com/base/\"\n").unwrap().telemetry.unwrap();
    assert_eq!(telemetry.traces, "https://otel.example.com/base/v1/traces");
    assert_eq!((telemetry.sample, telemetry.service_name.as_str(), telemetry.queue), (1.0, "fanfare", 4_096));
    for (text, want) in [
        ("", "1:1 telemetry.endpoint is missing, and OTEL_EXPORTER_OTLP_ENDPOINT is not set"),
        ("endpoint = \"127.0.0.1:4318\"", "telemetry.endpoint \"127.0.0.1:4318\" is not an http:// or https:// URL"),
        ("endpoint = \"http://h/v1/traces\"", "ends in /v1/traces, which is appended anyway"),
        ("endpoint = \"http://h/?token=1\"", "credentials belong in `headers`"),
        ("endpoint = \"http://h\"\nsample = 1.5", "telemetry.sample must be from 0.0 to 1.0"),
        ("endpoint = \"http://h\"\nqueue = 0", "telemetry.queue must be from 1 to 1,000,000"),
        ("endpoint = \"http://h\"\ntimeout = \"2m\"", "telemetry.timeout must be from 10ms to 1m"),
        ("endpoint = \"http://h\"\nservice_name = \"\"", "telemetry.service_name must have 1 to 255 bytes"),
        ("endpoint = \"http://h\"\nheaders = { \"a b\" = \"x\" }", "is not a valid header name"),
        ("endpoint = \"http://h\"\nheaders = { a = \"env:MISSING\" }", "the environment variable MISSING is not set"),
        ("endpoint = \"http://h\"\nca = \"none.pem\"", "telemetry.ca /etc/fanfare/none.pem cannot be read"),
        (
            "endpoint = \"http://h\"\nattributes = { \"service.name\" = \"a\" }",
            "telemetry.attributes.\"service.name\" is set by `service_name`",
        ),
    ] {
        let problems = lines(&parse(&format!("[telemetry]\n{text}\n")).unwrap_err());
        assert!(problems.len() == 1 && problems[0].contains(want), "{text}: {problems:?}");
    }
}
