//! Files with mistakes: each mistake is reported with its place, and none hides another.

use super::{lines, parse};

/// The text has exactly these mistakes.
#[track_caller]
fn check(text: &str, want: &[&str]) {
    let problems = parse(text).expect_err(text);
    assert_eq!(lines(&problems), want, "{text}");
}

/// The text has exactly one mistake, with this help.
#[track_caller]
fn check_help(text: &str, want: &str) {
    let problems = parse(text).expect_err(text).problems;
    assert_eq!(problems.len(), 1, "{text}");
    assert_eq!(problems[0].help.as_deref(), Some(want), "{text}");
}

#[test]
fn every_mistake_of_a_file_is_reported_at_once_in_its_order() {
    check(
        r#"
[channels.webhook]
timeout = 30
retries = -1
tmeout = "1s"
backoff = { initial = "1m", max = "1s" }
memory = "64"
grant = { http = ["http://example.com", 7], files = [{ host = "a" }], private_network = "yes" }

[channels.Loud]
fuel = 1

[server]
listen = "0.0.0.0:8080"
wait = "-5s"
max_body = "1TiB"

[journal]
retention = "7d"

[mail]
"#,
        &[
            "3:11 channels.webhook.timeout must be a duration in quotes, not an integer",
            "4:11 channels.webhook.retries -1 is negative or too large",
            "5:1 channels.webhook.tmeout unknown key",
            "6:23 channels.webhook.backoff.initial `initial` must not be longer than `max`",
            "7:10 channels.webhook.memory \"64\" is not a size",
            "8:19 channels.webhook.grant.http.0 `http://example.com` is not a host: leave out the scheme; write \
             `example.com`, `example.com:8080`, `*.example.com` or `[::1]:80`",
            "8:41 channels.webhook.grant.http.1 must be text in quotes, not an integer",
            "8:54 channels.webhook.grant.files.0.guest is missing",
            "8:89 channels.webhook.grant.private_network must be true or false, not a string",
            "10:11 channels.Loud `Loud` is not a valid channel name: use 1 to 63 of a-z, 0-9, `-` and `_`, starting \
             with a letter or digit",
            "11:8 channels.Loud.fuel must be from 10,000 to 1,000,000,000,000",
            "14:10 server.listen other machines can reach 0.0.0.0:8080, but there are no [[server.tokens]] that say \
             who has access",
            "15:8 server.wait \"-5s\" is negative",
            "16:12 server.max_body \"1TiB\" is not a size",
            "21:2 mail unknown key",
        ],
    );
}

#[test]
fn a_syntax_error_has_its_place_and_hides_the_rest() {
    check("[server]\nlisten = 127.0.0.1\nwait = 3\n", &["2:15  not valid TOML: invalid float, expected nothing"]);
}

#[test]
fn server_values_have_bounds() {
    let cases = [
        ("listen = \"localhost:8080\"", "2:10 server.listen \"localhost:8080\" is not an address to listen on"),
        ("listen = 8080", "2:10 server.listen must be text in quotes, not an integer"),
        (
            "listen = \"[::]:80\"",
            "2:10 server.listen other machines can reach [::]:80, but there are no [[server.tokens]] that say who has \
             access",
        ),
        ("wait = \"2h\"", "2:8 server.wait must be from 0s to 1h"),
        ("wait = \"\"", "2:8 server.wait \"\" is not a duration"),
        ("max_body = \"100B\"", "2:12 server.max_body must be from 1KiB to 64MiB"),
        ("max_body = 1024", "2:12 server.max_body must be a size in quotes, not an integer"),
        ("max_connections = 0", "2:19 server.max_connections must be from 1 to 65,536"),
        ("header_timeout = \"0s\"", "2:18 server.header_timeout must be from 1ms to 1h"),
        ("body_timeout = \"0s\"", "2:16 server.body_timeout must be from 1ms to 1h"),
        ("write_timeout = \"2h\"", "2:17 server.write_timeout must be from 1ms to 1h"),
        ("drain = 1979-05-27", "2:9 server.drain must be a duration in quotes, not a datetime"),
    ];
    for (line, want) in cases {
        check(&format!("[server]\n{line}\n"), &[want]);
    }
}

#[test]
fn a_path_is_never_empty_and_never_a_tilde() {
    check("[journal]\npath = \"\"\n", &["2:8 journal.path must not be empty"]);
    check("[plugins]\ndir = \"~/p\"\n", &["2:7 plugins.dir `~` is not expanded here; write the full path"]);
    check("[plugins]\ncache = true\n", &["2:9 plugins.cache must be text in quotes, not a boolean"]);
}

#[test]
fn policy_values_have_the_same_bounds_in_a_table_and_in_the_defaults() {
    let cases = [
        ("timeout = \"0s\"", "11", "timeout must be from 1ms to 1h"),
        ("timeout = \"5 parsecs\"", "11", "timeout \"5 parsecs\" is not a duration"),
        ("retries = 10_001", "11", "retries must be at most 10,000"),
        ("retries = 1.5", "11", "retries must be a whole number, not a float"),
        ("fuel = 99999999999999999999", "8", "fuel 99999999999999999999 is negative or too large"),
        ("memory = \"1B\"", "10", "memory must be from 64KiB to 1GiB"),
        ("concurrency = 0x400", "15", "concurrency must be from 1 to 512"),
        ("backoff = \"1s\"", "11", "backoff must be a table, not a string"),
        ("backoff = { factor = nan }", "22", "backoff.factor `factor` must be a number from 1.0 to 100.0"),
        ("backoff = { factor = \"2\" }", "22", "backoff.factor must be a number, not a string"),
        ("backoff = { jitter = 2 }", "22", "backoff.jitter `jitter` must be a number from 0.0 to 1.0"),
        ("backoff = { initial = \"2m\" }", "23", "backoff.initial `initial` must not be longer than `max`"),
        ("backoff = { max = \"10ms\" }", "11", "backoff.initial `initial` must not be longer than `max`"),
        ("backoff = { max = \"31d\" }", "19", "backoff.max a wait must not be longer than 30 days"),
        ("backoff = { schedule = [] }", "24", "backoff.schedule `schedule` must list at least one wait"),
        (
            "backoff = { schedule = [\"5s\", 5] }",
            "31",
            "backoff.schedule.1 must be a duration in quotes, not an integer",
        ),
        ("backoff = { schedule = [\"31d\"] }", "24", "backoff.schedule a wait must not be longer than 30 days"),
        (
            "backoff = { schedule = [\"5s\"], max = \"1m\" }",
            "24",
            "backoff.schedule lists all waits, so it cannot be combined with `initial`, `factor` and `max`",
        ),
        ("backoff = { steps = 3 }", "13", "backoff.steps unknown key"),
    ];
    for section in ["defaults", "channels.a"] {
        for (line, column, want) in cases {
            check(&format!("[{section}]\n{line}\n"), &[&format!("2:{column} {section}.{want}")]);
        }
    }
}

#[test]
fn a_channel_table_rejects_wrong_values() {
    let cases = [
        ("plugin = \"../x\"", "2:10 channels.a.plugin \"../x\" is not a valid plugin name"),
        ("plugin = \"x.wasm\"", "2:10 channels.a.plugin \"x.wasm\" is not a valid plugin name"),
        ("plugin = \"builtin:\"", "2:10 channels.a.plugin \"builtin:\" is not a valid plugin name"),
        ("settings = [1]", "2:12 channels.a.settings must be a table, not an array"),
        ("settings = { n = 99999999999999999999 }", "2:18 channels.a.settings.n 99999999999999999999 is too large"),
        ("settings = { \"a.b\" = 1, a = { b = 2 } }", "2:22 channels.a.settings.\"a.b\" `a.b` is set more than once"),
        ("grant = { http = \"x\" }", "2:18 channels.a.grant.http must be a list in brackets, not a string"),
        (
            "grant = { http = [\"x:0\"] }",
            "2:19 channels.a.grant.http.0 `x:0` is not a host: the port is not a number from 1 to 65535; write \
             `example.com`, `example.com:8080`, `*.example.com` or `[::1]:80`",
        ),
        ("grant = { udp = [] }", "2:11 channels.a.grant.udp unknown key"),
    ];
    for (line, want) in cases {
        check(&format!("[channels.a]\n{line}\n"), &[want]);
    }
    check("[[channels]]\n", &["1:1 channels must be a table, not an array"]);
    check("channels = { a = 1 }\n", &["1:18 channels.a must be a table, not an integer"]);
    check(
        "[channels.\"a b\"]\nfuel = 1\n",
        &[
            "1:11 channels.\"a b\" `a b` is not a valid channel name: use 1 to 63 of a-z, 0-9, `-` and `_`, starting \
             with a letter or digit",
            "2:8 channels.\"a b\".fuel must be from 10,000 to 1,000,000,000,000",
        ],
    );
}

#[test]
fn a_file_grant_needs_a_host_folder_and_a_guest_path() {
    let files = |files: &str| format!("[channels.a.grant]\nfiles = [{files}]\n");
    let guest = |guest: &str| files(&format!("{{ host = \"h\", guest = {guest:?} }}"));
    for path in ["/a/../b", "/a/", "//a", "/./a"] {
        let want = "must be a plain path without empty, `.` and `..` parts and without a `/` at its end";
        check(&guest(path), &[&format!("2:32 channels.a.grant.files.0.guest {want}")]);
    }
    check(&guest("audit"), &["2:32 channels.a.grant.files.0.guest must start with `/`"]);
    check(&files("{ guest = \"/a\" }"), &["2:10 channels.a.grant.files.0.host is missing"]);
    check(
        &files("{ host = \"x\", guest = \"/a\" }, { host = \"y\", guest = \"/a\" }"),
        &["2:40 channels.a.grant.files.1 the guest path /a is granted more than once"],
    );
}

#[test]
fn keys_without_an_implementation_are_rejected() {
    check(
        "[journal]\nretention = \"soon\"\nmax_size = 1\n",
        &["2:13 journal.retention \"soon\" is not a duration", "3:1 journal.max_size unknown key"],
    );
}

#[test]
fn tls_has_a_certificate_and_a_key() {
    let cases = [
        ("tls = true", "2:7 server.tls must be a table, not a boolean"),
        ("tls = { key = \"/no/k\" }", "2:7 server.tls.cert is missing"),
        ("tls = { cert = 5, key = \"\" }", "2:16 server.tls.cert must be text in quotes, not an integer"),
    ];
    for (line, want) in cases {
        let problems = parse(&format!("[server]\n{line}\n")).unwrap_err();
        assert_eq!(lines(&problems)[0], want, "{line}");
    }
}

#[test]
fn a_token_has_a_name_a_hash_and_scopes_and_its_bounds_bound_something() {
    let hash = "0".repeat(64);
    let table = |lines: &str| format!("[[server.tokens]]\n{lines}\n");
    let good = format!("name = \"a\"\nsha256 = \"{hash}\"\nscopes = [\"publish\"]");
    for (more, want) in [
        ("sources = []", "5:11 server.tokens.a.sources must not be empty, because nothing would be allowed"),
        (
            "sources = [\"/a*b\"]",
            "5:12 server.tokens.a.sources.0 `/a*b` has a `*` before its end; only the last character may be one",
        ),
        ("types = [\"a..b\"]", "5:10 server.tokens.a.types.0 `a..b` has an empty part between its dots"),
        ("channels = [\"log\"]", "5:12 server.tokens.a.channels has no effect on the scopes of this token"),
        ("rate = \"5\"", "5:8 server.tokens.a.rate is not a valid rate, such as \"100/min\""),
        ("expires = \"tomorrow\"", "5:11 server.tokens.a.expires \"tomorrow\" is not a time"),
        ("expires = 2027-01-01T00:00:00", "5:11 server.tokens.a.expires 2027-01-01T00:00:00 has no zone"),
        ("hash = \"\"", "5:1 server.tokens.a.hash unknown key"),
    ] {
        check(&table(&format!("{good}\n{more}")), &[want]);
    }
    let scopes = |scopes: &str| table(&good.replace("[\"publish\"]", scopes));
    check(&scopes("[]"), &["4:10 server.tokens.a.scopes must name at least one scope"]);
    check(&scopes("[\"write\"]"), &["4:11 server.tokens.a.scopes.0 `write` is not a valid scope"]);
    check(
        &scopes("[\"read\"]\ntypes = [\"a\"]"),
        &["5:9 server.tokens.a.types has no effect on the scopes of this token"],
    );
    check(&scopes("[\"admin\"]\nchannels = [\"a\"]"), &["5:12 server.tokens.a.channels has no effect on `admin`"]);
    check(
        &table("scopes = [\"read\"]"),
        &["1:1 server.tokens.0.name is missing", "1:1 server.tokens.0.sha256 is missing"],
    );
    check(&format!("{}{}", table(&good), table(&good)), &["6:8 server.tokens.1.name there already is a token `a`"]);
    let other = good.replace("\"a\"", "\"b\"");
    check(
        &format!("{}{}", table(&good), table(&other)),
        &["7:10 server.tokens.1.sha256 is also the hash of the token `a`"],
    );
    for name in ["", "A", "local", "file"] {
        let text = table(&good.replace("\"a\"", &format!("{name:?}")));
        assert_eq!(parse(&text).unwrap_err().problems.len(), 1, "{text}");
    }
    check("[server]\ntokens = 5\n", &["2:10 server.tokens must be a list of tables"]);
}

/// No message shows a token, wherever it was written by mistake.
#[test]
fn a_token_in_the_file_is_refused_and_never_shown() {
    let secret = "ff_c2VjcmV0LXRva2VuLW9mLXNvbWVib2R5";
    for text in [
        "[[server.tokens]]\nname = \"a\"\nscopes = [\"read\"]\ntoken = \"?\"\n",
        "[[server.tokens]]\nname = \"a\"\nscopes = [\"read\"]\nsha256 = \"?\"\n",
        "[server]\ntokens = [\"?\"]\n",
        "[server]\ntokens = \"?\"\n",
        "[server]\ntoken = \"?\"\n",
    ] {
        let problems = parse(&text.replace('?', secret)).expect_err(text);
        assert_eq!(problems.problems.len(), 1, "{text}: {problems}");
        let problem = &problems.problems[0];
        assert!(!format!("{problem} {problem:?}").contains(secret), "{text}: {problem:?}");
    }
    let plain = parse(&format!("[[server.tokens]]\nname = \"a\"\nscopes = [\"read\"]\ntoken = \"{secret}\"\n"));
    let help = plain.unwrap_err().problems[0].help.clone().unwrap();
    assert!(help.contains("fanfare token new"), "{help}");
}

#[test]
fn an_unknown_key_gets_a_suggestion() {
    check_help(
        "[server]\nlisen = \"127.0.0.1:1\"\n",
        "did you mean `listen`? The keys here are listen, tokens, tls, wait, max_body, max_batch, max_streams, \
         max_connections, header_timeout, body_timeout, write_timeout, drain",
    );
    check_help(
        "[journal]\nfile = \"j.db\"\n",
        "the keys here are path, retention, dead_letter_retention, audit_retention, max_hops",
    );
    check_help(
        "[chanels.a]\n",
        "did you mean `channels`? The keys here are server, journal, plugins, defaults, channels, stages, schemas, \
         recipients, templates, telemetry",
    );
    check_help(
        "[channels.a]\ncolour = 1\n",
        "the keys here are plugin, timeout, retries, backoff, fuel, memory, concurrency, reuse, expires, order, \
         filter, breaker, rate, batch, priority, lagging_after, delay, quiet, once, fallback, fallback_after, \
         settings, secrets, sign, grant",
    );
}

#[test]
fn a_mistake_is_one_line_of_text_or_a_drawing_with_its_place() {
    let problems = parse("[channels.webhook]\n\n  timeout = 30\n").unwrap_err();
    assert_eq!(
        problems.to_string(),
        "/etc/fanfare/config.toml:3:13: channels.webhook.timeout: must be a duration in quotes, not an integer (write \
         a number and its unit, such as \"200ms\", \"30s\", \"5m\", \"24h\" or \"7d\")"
    );
    let drawn = problems.render(false);
    for part in ["channels.webhook.timeout", "config.toml:3:13", "timeout = 30", "help: write a number"] {
        assert!(drawn.contains(part), "{part} is missing from\n{drawn}");
    }
    let json = serde_json::to_value(&problems).unwrap();
    assert_eq!((&json[0]["line"], &json[0]["key"]), (&3.into(), &"channels.webhook.timeout".into()));
}

#[test]
fn columns_count_characters_and_not_bytes() {
    check(
        "channels = { \"ü\" = 1, a = 1 }\n",
        &[
            "1:14 channels.\"ü\" `ü` is not a valid channel name: use 1 to 63 of a-z, 0-9, `-` and `_`, starting with \
             a letter or digit",
            "1:20 channels.\"ü\" must be a table, not an integer",
            "1:27 channels.a must be a table, not an integer",
        ],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let load = || super::Config::load(&file, &super::env).unwrap_err().to_string();
    let name = file.display().to_string();
    assert!(load().starts_with(&format!("{name}: cannot be read: No such file")), "{}", load());
    std::fs::write(&file, b"a = 1\nb = \"\xff\"\n").unwrap();
    assert_eq!(load(), format!("{name}: line 2 is not UTF-8 (save the file in UTF-8)"));
}

#[test]
fn endless_nesting_is_a_mistake_and_not_a_crash() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
    for text in [
        format!("settings = {}", deep("[", "]")),
        format!("settings = {}", deep("{ a = ", " }")),
        format!("settings{} = 1", ".a".repeat(20_000)),
    ] {
        let problems = parse(&format!("[channels.a]\n{text}\n")).unwrap_err();
        assert!(problems.problems[0].message.starts_with("not valid TOML"), "{:?}", problems.problems[0]);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        drop(parse(&text).map_err(|problems| problems.render(false)));
    }

    #[test]
    fn no_value_makes_the_reader_panic(
        section in "server|journal|plugins|defaults|channels\\.a|channels\\.a\\.grant|channels\\.a\\.sign|\
                    channels\\.a\\.backoff",
        key in "listen|wait|max_body|path|dir|timeout|retries|backoff|memory|settings|http|files|secrets|scheme|\
                schedule|factor",
        value in "-?[0-9_]{1,20}|\"\\PC{0,12}\"|\"-?[0-9]{0,12} ?[a-zA-Zµ]{0,3}\"|\\[(\"\\PC{0,8}\", ?)*\\]|nan|\
                  -?inf|true|\\{ [a-z]{1,6} = 1 \\}",
    ) {
        let text = format!("[{section}]\n{key} = {value}\n");
        drop(parse(&text).map_err(|problems| problems.render(false)));
    }
}

#[test]
fn only_some_of_very_many_mistakes_are_listed() {
    let text: String = (0..20_000).map(|n| format!("k{n} = 1\n")).collect();
    let problems = parse(&text).unwrap_err();
    let last = problems.problems.last().unwrap();
    assert_eq!((problems.problems.len(), last.message.as_str()), (51, "has 19950 more mistakes"));
}

#[test]
fn a_filter_reports_the_mistakes_of_all_its_parts() {
    check(
        r#"
[channels.a]
filter = { types = ["user..x", 7], when = "data.amount >", exact = { Type = "x" }, suffix = {}, all = [], nope = 1 }
[channels.b]
filter = { types = [], any = [{ prefix = { type = "a" } }, {}, 3], not = { exact = { type = 5 } } }
[channels.c]
filter = { when = "severity == 'info'", exact = { data = "x" } }
[channels.d]
filter = "user.*"
"#,
        &[
            "3:21 channels.a.filter.types.0 has an empty part between its dots",
            "3:32 channels.a.filter.types.1 must be text in quotes, not an integer",
            "3:43 channels.a.filter.when is not a valid CEL expression: unexpected end at column 14",
            "3:70 channels.a.filter.exact.Type is not a valid attribute name",
            "3:93 channels.a.filter.suffix names no attribute",
            "3:103 channels.a.filter.all must be a list of one or more expressions",
            "3:107 channels.a.filter.nope unknown key",
            "5:20 channels.b.filter.types is empty, so no event would ever match",
            "5:60 channels.b.filter.any.1 has no expression",
            "5:64 channels.b.filter.any.2 must be a table, not an integer",
            "5:93 channels.b.filter.not.exact.type must be text in quotes, not an integer",
            "7:19 channels.c.filter.when uses `severity`, which does not exist",
            "7:51 channels.c.filter.exact.data is not an attribute, and only attributes can be compared here",
            "9:10 channels.d.filter must be a table, not a string",
        ],
    );
    check_help(
        "[channels.a]\nfilter = { when = \"severity == 'info'\" }\n",
        "use `event` (`event.type`, `event.severity`, `event.data`) or `data`",
    );
    let nested =
        format!("[channels.a]\nfilter = {}{{ exact = {{ id = \"x\" }} }}{}\n", "{ not = ".repeat(12), " }".repeat(12));
    let problems = parse(&nested).expect_err("too deep");
    assert!(lines(&problems)[0].ends_with("is nested more than 8 levels deep"), "{problems:?}");
}

#[test]
fn a_breaker_needs_a_condition_that_opens_it() {
    check(
        r#"
[channels.a]
breaker = { failures = 0, open = "10ms", probes = 100, close = 1 }
[channels.b]
breaker = { ratio = 1.5, of = 20 }
[channels.c]
breaker = { open = "1m" }
[channels.d]
breaker = { failures = 5, ratio = 0.5 }
[channels.e]
breaker = 5
"#,
        &[
            "3:24 channels.a.breaker.failures must be from 1 to 10000",
            "3:34 channels.a.breaker.open must be from 100ms to 24h",
            "3:51 channels.a.breaker.probes must be from 1 to 64",
            "3:56 channels.a.breaker.close unknown key",
            "5:21 channels.b.breaker.ratio must be more than 0 and at most 1",
            "7:11 channels.c.breaker needs either `failures`, or `ratio` with `of`",
            "9:11 channels.d.breaker needs either `failures`, or `ratio` with `of`",
            "11:11 channels.e.breaker must be a table, not an integer",
        ],
    );
}

#[test]
fn a_rate_is_a_number_and_a_period() {
    check(
        r#"
[channels.a]
rate = "100"
[channels.b]
rate = "10/week"
[channels.c]
rate = { limit = "0/s", burst = 0, per = "dta.id" }
[channels.d]
rate = { burst = 5 }
[channels.e]
rate = 100
"#,
        &[
            "3:8 channels.a.rate is not a valid rate, such as \"100/min\"",
            "5:8 channels.b.rate must be per second (`s`), minute (`min`), hour (`h`) or day (`d`)",
            "7:18 channels.c.rate.limit must be from 1 to 1,000,000 in a period",
            "7:33 channels.c.rate.burst must be from 1 to 100000",
            "7:42 channels.c.rate.per uses `dta`, which does not exist",
            "9:8 channels.d.rate needs a `limit`",
            "11:8 channels.e.rate must be a text or a table",
        ],
    );
}

#[test]
fn a_batch_has_bounds() {
    check(
        r#"
[channels.a]
batch = { max = 0, linger = "8d", bytes = "17MiB", per = "dta.account", size = 3 }
[channels.b]
batch = { max = 1001, linger = "0ms", bytes = "1", per = 3 }
[channels.c]
batch = 100
[channels.d]
batch = "off"
"#,
        &[
            "3:17 channels.a.batch.max must be from 1 to 1000",
            "3:29 channels.a.batch.linger must be from 1ms to 7d",
            "3:43 channels.a.batch.bytes must be from 1KiB to 16MiB",
            "3:58 channels.a.batch.per uses `dta`, which does not exist",
            "3:73 channels.a.batch.size unknown key",
            "5:17 channels.b.batch.max must be from 1 to 1000",
            "5:32 channels.b.batch.linger must be from 1ms to 7d",
            "5:47 channels.b.batch.bytes \"1\" is not a size",
            "5:58 channels.b.batch.per must be text in quotes, not an integer",
            "7:9 channels.c.batch must be a table",
            "9:9 channels.d.batch must be a table",
        ],
    );
}

#[test]
fn the_keys_for_the_time_of_a_delivery_are_checked() {
    check(
        r#"
[channels.a]
delay = "31d"
quiet = { from = "22:00", to = "24:00", zone = "Berlin" }
once = { per = "dta.id", within = "0s" }
[channels.b]
quiet = { from = "22:00", to = "22:00", zone = "UTC", days = ["monday"] }
once = { within = "10m" }
[channels.c]
quiet = [{ from = "22:00" }, { from = "1", to = "2:00", zone = "UTC", except = "event.x ==" }]
once = { per = "subject", within = "10m", last = true }
order = "subject"
[channels.d]
quiet = 5
"#,
        &[
            "3:9 channels.a.delay must be at most 30d",
            "4:32 channels.a.quiet.to is not a valid time of day, such as \"22:00\"",
            "4:48 channels.a.quiet.zone `Berlin` is not the name of a time zone",
            "5:16 channels.a.once.per uses `dta`, which does not exist",
            "5:35 channels.a.once.within must be from 1s to 30d",
            "7:32 channels.b.quiet.to is equal to `from`",
            "7:63 channels.b.quiet.days.0 `monday` is not a valid day",
            "8:8 channels.b.once.per is missing",
            "10:10 channels.c.quiet.0.to is missing",
            "10:10 channels.c.quiet.0.zone is missing",
            "10:39 channels.c.quiet.1.from is not a valid time of day, such as \"22:00\"",
            "10:49 channels.c.quiet.1.to is not a valid time of day, such as \"22:00\"",
            "10:80 channels.c.quiet.1.except is not a valid CEL expression: unexpected end at column 11",
            "14:9 channels.d.quiet must be a table or a list of tables",
        ],
    );
}

#[test]
fn a_fallback_is_another_channel_and_never_leads_back() {
    check(
        r#"
[defaults]
fallback = ["a"]
[channels.a]
fallback = ["b", "nobody"]
[channels.b]
fallback = ["c"]
[channels.c]
fallback = ["a"]
[channels.d]
fallback = ["d", "d"]
"#,
        &[
            "3:12 defaults.fallback names other channels, so it can only be set for one channel",
            "5:12 channels.a.fallback `nobody` is not a channel of this file",
            "5:12 channels.a.fallback leads back to `a`",
            "7:12 channels.b.fallback leads back to `b`",
            "9:12 channels.c.fallback leads back to `c`",
            "11:18 channels.d.fallback.1 `d` is named more than once",
        ],
    );
}
