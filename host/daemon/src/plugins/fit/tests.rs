use std::path::Path;

use fanfare_core::ChannelName;

use super::super::{builtin, folder};
use super::*;
use crate::config::{Config, parse_sidecar};

fn schema(text: &str) -> Schema {
    parse_sidecar(text, Path::new("x.toml")).unwrap().schema.unwrap()
}

fn of_builtin(name: &str) -> Schema {
    schema(&builtin::find(name).unwrap().sidecar.unwrap().text)
}

/// What is reported for `[channels.x]` with these keys, without the file's name.
fn said(schema: &Schema, table: &str) -> Vec<String> {
    let text = format!("[channels.x]\n{table}\n");
    let config = Config::parse(&text, Path::new("c"), &|_| Some("value".to_owned())).unwrap();
    let resolved = config.channel(&ChannelName::new("x").unwrap(), None);
    misfits(&resolved, schema).iter().map(|misfit| misfit.line(&resolved, &config)).collect()
}

#[track_caller]
fn check(schema: &Schema, table: &str, want: &[&str]) {
    assert_eq!(said(schema, table), want, "{table}");
}

#[test]
fn a_webhook_needs_a_url_that_is_granted() {
    let webhook = of_builtin("webhook");
    let url = "settings = { url = \"http://127.0.0.1:9000/hook\" }";
    check(
        &webhook,
        "settings = { uri = \"http://a/\" }",
        &[
            "c:2:20: channels.x.settings.uri: is not a setting of this plugin (did you mean `url`? The settings here \
             are headers, method, mode, template, url)",
            "c:2:1: channels.x.settings.url: is missing (add it to `settings` of [channels.x], or to `secrets`)",
        ],
    );
    check(
        &webhook,
        url,
        &["c:2:20: channels.x.settings.url: leads to 127.0.0.1:9000, which is not granted (add `grant = { http = \
           [\"POST 127.0.0.1:9000\"] }` to [channels.x])"],
    );
    let granted = |grant: &str| format!("{url}\ngrant = {{ {grant} }}");
    check(&webhook, &granted("http = [\"127.0.0.1:9000\"]"), &[]);
    check(&webhook, &granted("http = [\"POST 127.0.0.1:9000/hook\"]"), &[]);
    check(
        &webhook,
        &granted("http = [\"PUT 127.0.0.1:9000\"]"),
        &["c:2:20: channels.x.settings.url: leads to 127.0.0.1:9000, which is not granted (add \"POST \
           127.0.0.1:9000/hook\" to `grant.http` of [channels.x])"],
    );
    check(
        &webhook,
        &granted("http = [\"*\"]"),
        &["c:2:20: channels.x.settings.url: leads to 127.0.0.1:9000, which is not a public address (add \
           \"127.0.0.1:9000\" to `grant.http` of [channels.x], or set `grant.private_network = true`)"],
    );
    check(&webhook, &granted("http = [\"*\"], private_network = true"), &[]);
    let put = "settings = { url = \"https://a.example/\", method = \"PUT\", headers = { n = 1, t = \"x\" } }\n\
               grant = { http = [\"PUT a.example\"] }";
    check(&webhook, put, &[]);
    check(
        &webhook,
        "settings = { url = \"a.example\", mode = \"loud\" }\ngrant = { http = [\"*\"] }",
        &[
            "c:2:40: channels.x.settings.mode: value is not one of \"structured\" or \"binary\"",
            "c:2:20: channels.x.settings.url: is not a valid URL for requests (write it like \
             \"https://example.com/hook\": with http:// or https://, and without a user name)",
        ],
    );
}

#[test]
fn the_target_of_a_secret_is_not_compared_but_needs_a_grant() {
    let webhook = of_builtin("webhook");
    let whole = "secrets = { url = { from = \"env:A\", hosts = [\"hooks.example.com\"] } }\n";
    check(&webhook, &format!("{whole}grant = {{ http = [\"elsewhere.example\"] }}"), &[]);
    check(
        &webhook,
        whole,
        &["c:1:11: channels.x.settings.url: names the target of requests, but nothing is granted (add `grant = { \
           http = [\"hooks.example.com\"] }` to [channels.x])"],
    );
    let part = "secrets = { token = { from = \"env:A\", hosts = [\"a.example\"] } }\n\
                settings = { url = \"https://a.example/${secrets.token}\" }\n";
    check(&webhook, &format!("{part}grant = {{ http = [\"elsewhere.example\"] }}"), &[]);
    assert!(said(&webhook, part)[0].contains("`grant = { http = [\"a.example\"] }`"));
}

#[test]
fn a_file_needs_a_granted_folder() {
    let (audit, log) = (of_builtin("audit"), of_builtin("log"));
    let add = "add `grant = { files = [{ host = \"data/x\", guest = \"/audit\", write = true }] }` to [channels.x]";
    check(
        &audit,
        "",
        &[&format!("c:1:11: channels.x.settings.folder: is /audit, but no folder is granted there ({add})")],
    );
    let grant =
        |write: bool| format!("grant = {{ files = [{{ host = \"a\", guest = \"/audit\", write = {write} }}] }}");
    check(&audit, &grant(true), &[]);
    check(&audit, &format!("settings = {{ folder = \"audit/./deep\" }}\n{}", grant(true)), &[]);
    check(
        &audit,
        &grant(false),
        &["c:1:11: channels.x.settings.folder: is /audit, which is granted for reading only (set `write = true` in \
           `grant.files` of [channels.x])"],
    );
    check(&log, "", &[]);
    assert!(said(&log, "settings = { file = \"/logs/a.jsonl\" }")[0].contains("guest = \"/logs\", write = true"));
}

#[test]
fn every_url_of_a_list_is_checked() {
    let schema = schema(
        "[schema.properties.mirrors]\ntype = \"array\"\n\
         items = { type = \"string\", x-fanfare-grant = \"http POST /in\" }\n",
    );
    let table = "settings = { mirrors = [\"https://a.example/x/\", \"https://b.example\"] }\n\
                 grant = { http = [\"a.example/x/in\"] }";
    check(
        &schema,
        table,
        &["c:2:14: channels.x.settings.mirrors.1: leads to b.example, which is not granted (add \"POST b.example\" \
           to `grant.http` of [channels.x])"],
    );
}

/// Every channel and stage that we ship has a schema, and its page shows a table that fits it.
#[test]
fn every_shipped_plugin_has_a_schema_and_its_page_fits_it() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(plugins).unwrap() {
        let dir = entry.unwrap().path();
        let Some(name) = dir.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let Ok(page) = std::fs::read_to_string(dir.join("README.md")) else { continue };
        let file = folder::sidecar(&dir.join(&name));
        let sidecar = parse_sidecar(&std::fs::read_to_string(&file).unwrap(), &file).unwrap();
        let schema = sidecar.schema.as_ref().unwrap_or_else(|| panic!("{name} has no schema"));
        let (_, example) = page.split_once("```toml\n").unwrap();
        let example = example.split_once("```").unwrap().0;
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let config = Config::parse(example, Path::new("README.md"), &|_| Some(key.to_owned())).unwrap();
        let resolved = match config.stages.as_slice() {
            [stage] => stage.resolve(Some(&sidecar)),
            _ => config.channel(&ChannelName::new(&name).unwrap(), Some(&sidecar)),
        };
        assert_eq!(resolved.setup.name.as_str(), name);
        let lines: Vec<_> = misfits(&resolved, schema).iter().map(|misfit| misfit.line(&resolved, &config)).collect();
        assert_eq!(lines, Vec::<String>::new(), "{name}");
        seen.push(name);
    }
    assert_eq!(seen.len(), 14, "{seen:?}");
}
