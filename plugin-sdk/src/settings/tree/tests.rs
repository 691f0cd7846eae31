use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    url: String,
    port: u16,
    ratio: f64,
    strict: bool,
    note: Option<String>,
    mode: Mode,
    headers: BTreeMap<String, String>,
    hosts: Vec<String>,
    limits: Limits,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Structured,
    Binary,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Limits {
    size: u32,
    #[serde(default)]
    pairs: Vec<(i8, bool)>,
}

fn parse<T: DeserializeOwned>(pairs: &[(&str, &str)]) -> Result<T, String> {
    let mut pairs: Vec<_> = pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    pairs.sort_unstable();
    read(&pairs).map_err(|error| error.in_table("channels.hook"))
}

#[test]
fn flat_keys_become_the_tree_they_came_from_and_text_becomes_numbers() {
    let hosts: Vec<(String, String)> = (0..12).map(|n| (format!("hosts.{n}"), format!("h{n}"))).collect();
    let mut pairs = vec![
        ("url", "http://x/"),
        ("port", "8080"),
        ("ratio", "0.5"),
        ("strict", "true"),
        ("note", ""),
        ("mode", "binary"),
        ("headers.x-env", "dev"),
        ("headers.x", "1"),
        ("limits.size", "7"),
        ("limits.pairs.0.0", "-3"),
        ("limits.pairs.0.1", "false"),
    ];
    pairs.extend(hosts.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let expected = Settings {
        url: "http://x/".into(),
        port: 8080,
        ratio: 0.5,
        strict: true,
        note: Some(String::new()),
        mode: Mode::Binary,
        headers: [("x-env".into(), "dev".into()), ("x".into(), "1".into())].into(),
        hosts: (0..12).map(|n| format!("h{n}")).collect(),
        limits: Limits { size: 7, pairs: vec![(-3, false)] },
    };
    assert_eq!(parse(&pairs), Ok(expected));
}

#[test]
fn without_settings_the_defaults_apply_and_any_shape_deserializes_as_json() {
    assert_eq!(parse(&[]), Ok(Settings::default()));
    let value: serde_json::Value = parse(&[("a.b", "1"), ("l.0", "x"), ("l.1", "y")]).unwrap();
    assert_eq!(value, serde_json::json!({ "a": { "b": "1" }, "l": ["x", "y"] }));
}

#[test]
fn an_error_names_the_full_key_and_the_problem() {
    #[derive(Debug, Deserialize)]
    struct Needed {
        #[expect(dead_code, reason = "only its absence matters")]
        url: String,
    }
    let missing = parse::<Needed>(&[]).unwrap_err();
    assert_eq!(missing, "`channels.hook.settings.url` is missing: set it in the daemon's config");

    let table: [(&[(&str, &str)], &str); 8] = [
        (&[("port", "99999")], "`channels.hook.settings.port` is `99999`; it must be a whole number from 0 to 65535"),
        (&[("strict", "yes")], "`channels.hook.settings.strict` is `yes`; it must be true or false"),
        (&[("limits.siz", "1")], "`channels.hook.settings.limits.size` is missing"),
        (&[("limits.pairs.0.0", "a")], "`channels.hook.settings.limits.pairs.0.0` is `a`; it must be a whole number"),
        (&[("url.x", "1")], "`channels.hook.settings.url` is a table or a list"),
        (&[("headers", "x")], "`channels.hook.settings.headers` is `x`; it must be a table"),
        (&[("mode", "odd")], "`channels.hook.settings.mode` is `odd`; it must be one of structured, binary"),
        (&[("uri", "x")], "`channels.hook.settings.uri` is not a setting of this plugin; it knows url, port"),
    ];
    for (pairs, expected) in table {
        let error = parse::<Settings>(pairs).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}
