//! Whatever is in a configuration or a sidecar, it is accepted as a whole or rejected with the place of its mistakes.
//! Nothing panics, and no secret in the file is shown. `host/daemon/corpus` has files that once failed, or that are
//! unusual on purpose.

use std::{fs, path::Path};

use proptest::{prelude::*, sample::select};

use super::{super::parse_sidecar, FILE, parse};
use crate::config::Diagnostics;

const SECRET: &str = "whsec_SECRETSECRETSECRET";

const KEYS: &[&str] = &[
    "listen",
    "wait",
    "max_body",
    "max_batch",
    "max_connections",
    "header_timeout",
    "drain",
    "path",
    "retention",
    "dead_letter_retention",
    "max_hops",
    "dir",
    "cache",
    "compile_memory",
    "compile_time",
    "plugin",
    "timeout",
    "retries",
    "backoff",
    "fuel",
    "memory",
    "concurrency",
    "reuse",
    "expires",
    "order",
    "priority",
    "lagging_after",
    "settings",
    "secrets",
    "sign",
    "grant",
    "schema",
    "tests",
    "lisen",
    "a.b",
    "\"\"",
    "\"a\\nb\"",
    "ünicode",
    "server",
    "channels",
];

const VALUES: &[&str] = &[
    "\"\"",
    "\"10s\"",
    "\"-1s\"",
    "\"99999999999999d\"",
    "\"64MiB\"",
    "\"0B\"",
    "\"forever\"",
    "0",
    "-1",
    "1",
    "16",
    "1e400",
    "nan",
    "inf",
    "9223372036854775807",
    "9223372036854775808",
    "0x10",
    "true",
    "[]",
    "{}",
    "[1, \"a\"]",
    "1979-05-27",
    "1979-05-27T07:32:00Z",
    "\"builtin:log\"",
    "\"builtin:\"",
    "\"../x\"",
    "\"a.wasm\"",
    "\"127.0.0.1:0\"",
    "\"0.0.0.0:80\"",
    "\"subject\"",
    "\"\\u0000\"",
    "'''\na\nb'''",
    "{ initial = \"1s\", factor = 2.0, max = \"60s\", jitter = 0.2 }",
    "{ schedule = [\"5s\", \"-1s\"] }",
    "{ factor = 0.0 }",
    "{ factor = nan, jitter = 2 }",
    "{ http = [\"*\", \"POST a.example/x\", \"http://x\"] }",
    "{ files = [{ host = \"d\", guest = \"/d\", write = true }] }",
    "{ files = [{ host = 1 }], tcp = [\"a\"], emit = [\"x.*\"], private_network = 1 }",
    "{ token = { from = \"env:GOOD\", hosts = [\"a.example\"] } }",
    "{ token = { from = \"env:MISSING\", hosts = [] } }",
    "{ scheme = \"standard-webhooks\", secrets = [\"env:GOOD\"] }",
    "{ scheme = \"standard-webhooks\", secrets = [\"whsec_SECRETSECRETSECRET\"] }",
    "{ token = { from = \"whsec_SECRETSECRETSECRET\", hosts = [\"a.example\"] } }",
    "{ token = \"whsec_SECRETSECRETSECRET\" }",
    "{ type = \"object\", properties = { a = { pattern = \"(a{999}){99}\" } } }",
    "{ \"$ref\" = \"#\" }",
    "[{ event = { type = \"a\" }, expect = \"delivered\" }]",
    "[{ event = 1, answers = [{ status = 99 }] }]",
];

const TABLES: &[&str] = &[
    "[server]",
    "[journal]",
    "[plugins]",
    "[defaults]",
    "[channels]",
    "[channels.a]",
    "[channels.b]",
    "[channels.a.settings]",
    "[channels.\"\"]",
    "[channels.\"a b\"]",
    "[[channels]]",
    "[channels.a.grant]",
    "[secret]",
    "",
    "# [server]",
];

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => (select(KEYS), select(VALUES)).prop_map(|(key, value)| format!("{key} = {value}")),
        2 => select(TABLES).prop_map(str::to_owned),
    ]
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..12).prop_map(|lines| lines.join("\n"))
}

/// Edits as a text editor, a bad disk or an incomplete copy would make them.
fn damaged() -> impl Strategy<Value = String> {
    (document(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), "\\PC{0,3}").prop_map(
        |(text, from, to, new)| {
            let places: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (from, to) = (places[from.index(places.len())], places[to.index(places.len())]);
            format!("{}{new}{}", &text[..from.min(to)], &text[from.max(to)..])
        },
    )
}

fn refused(problems: &Diagnostics, text: &str) {
    assert!(!problems.problems.is_empty(), "rejected without a reason:\n{text}");
    let lines = text.lines().count().max(1);
    for problem in &problems.problems {
        assert!(!problem.message.is_empty() && problem.line <= lines + 1, "{problem:?}\n{text}");
    }
    assert!(!problems.to_string().is_empty() && !problems.render(true).is_empty());
}

fn holds(text: &str) {
    match parse(text) {
        Err(problems) => refused(&problems, text),
        Ok(config) => {
            assert_eq!(parse(text).as_ref(), Ok(&config), "{text}");
            for name in config.channels.keys() {
                let policy = config.channel(name, None).policy;
                assert!(policy.concurrency > 0 && !policy.timeout.is_zero() && policy.fuel > 0, "{policy:?}\n{text}");
            }
        }
    }
    match parse_sidecar(text, Path::new(FILE)) {
        Err(problems) => refused(&problems, text),
        Ok(sidecar) => assert_eq!(parse_sidecar(text, Path::new(FILE)).as_ref(), Ok(&sidecar), "{text}"),
    }
}

proptest! {
    #[test]
    fn fuzz_config_and_sidecar(text in damaged()) {
        holds(&text);
    }

    #[test]
    fn fuzz_a_secret_in_the_file_is_not_shown(text in document()) {
        // A signing key is recognized by its form, wherever it is.
        if let Err(problems) = parse(&text) {
            let shown = format!("{problems}\n{}", problems.render(false));
            prop_assert!(!shown.contains(SECRET), "{}\n{}", text, shown);
        }
    }

    #[test]
    fn fuzz_config_of_any_text(text in "\\PC{0,200}") {
        holds(&text);
    }
}

#[test]
fn fuzz_config_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        holds(&String::from_utf8_lossy(&fs::read(&file).unwrap()));
    }
}
