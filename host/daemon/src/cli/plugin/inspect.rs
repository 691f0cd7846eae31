//! `fanfare plugin inspect`: a file, without running it for anybody.

use std::{fmt::Write as _, path::PathBuf};

use fanfare_runtime::{Kind, Plugin};
use serde_json::json;

use super::{
    super::{
        Context,
        failure::Failure,
        output::{BOLD, DIM, GREEN, RED, bytes, clean, counted, print, print_json},
    },
    load,
};
use crate::config::{Schema, Sidecar};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plugin's file
    file: PathBuf,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let (plugin, sidecar) = load(&args.file).await?;
    let wants = wants(&plugin);
    let tests = match &sidecar {
        Some(sidecar) => crate::plugins::self_tests(&plugin, sidecar).await,
        None => Ok(()),
    };
    if context.json {
        let wants: Vec<_> = wants.iter().map(|(key, why)| json!({ "grant": key, "why": why })).collect();
        print_json(&json!({
            "file": args.file, "kind": plugin.kind().as_str(), "digest": plugin.digest(), "size": plugin.size(),
            "imports": plugin.imports(), "exports": plugin.exports(), "grants": wants, "settings": settings(&plugin),
            "schema": sidecar.as_ref().and_then(|sidecar| sidecar.schema.as_ref()).map(Schema::json),
            "tests": { "number": sidecar.map_or(0, |sidecar| sidecar.tests.len()), "failed": tests.as_ref().err() },
        }))?;
    } else {
        print(&render(&plugin, sidecar.as_ref(), &wants, &tests))?;
    }
    tests.map_err(|_| Failure::Reported)
}

fn render(plugin: &Plugin, sidecar: Option<&Sidecar>, wants: &[(&str, &str)], run: &Result<(), String>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| writeln!(text, "{DIM}{name:<9}{DIM:#}{value}").unwrap_or_default();
    line("kind", &format!("{BOLD}{}{BOLD:#}", plugin.kind()));
    line("size", &bytes(plugin.size() as u64));
    line("digest", plugin.digest());
    for (n, export) in plugin.exports().iter().enumerate() {
        line(if n == 0 { "exports" } else { "" }, &clean(export));
    }
    for (n, import) in plugin.imports().iter().enumerate() {
        line(if n == 0 { "imports" } else { "" }, &clean(import));
    }
    let settings = settings(plugin);
    if !settings.is_empty() {
        line("settings", &format!("it may read them, by {}", clean(&settings.join(", "))));
    }
    if wants.is_empty() {
        line("grants", "none: it reaches nothing outside");
    }
    for (n, (key, why)) in wants.iter().enumerate() {
        line(if n == 0 { "grants" } else { "" }, &format!("{key}  {DIM}{why}{DIM:#}"));
    }
    match sidecar {
        None => line("sidecar", "none"),
        Some(Sidecar { schema, tests, .. }) => {
            let schema = if schema.is_some() { "a schema for its settings" } else { "no schema" };
            line("sidecar", schema);
            match run {
                Ok(()) => line("tests", &format!("{GREEN}✔{GREEN:#} {}", counted(tests.len() as u64, "self-test"))),
                Err(reason) => line("tests", &format!("{RED}✘{RED:#} {}", clean(reason))),
            }
        }
    }
    text
}

/// The interfaces by which the plugin may read its channel's settings.
fn settings(plugin: &Plugin) -> Vec<&str> {
    let reads = |import: &&str| import.starts_with("fanfare:channel/config@") || import.starts_with("wasi:config/");
    plugin.imports().iter().map(String::as_str).filter(reads).collect()
}

/// What an operator would have to grant before the plugin could use what it imports. Whether it uses it, an import does not
/// tell: the engines behind Python and JavaScript import all of WASI.
fn wants(plugin: &Plugin) -> Vec<(&'static str, &'static str)> {
    let imports = |prefix: &str| plugin.imports().iter().any(|import| import.starts_with(prefix));
    let mut wants = Vec::new();
    if plugin.kind() == Kind::HttpChannel {
        wants.push(("grant.http", "the host sends what it composes"));
    } else if imports("fanfare:channel/http@") || imports("wasi:http/outgoing-handler@") {
        wants.push(("grant.http", "the hosts it sends to"));
    }
    if imports("fanfare:channel/emit@") {
        wants.push(("grant.emit", "if it emits events"));
    }
    if imports("wasi:sockets/tcp-create-socket@") {
        wants.push(("grant.tcp", "if it makes TCP connections of its own"));
    }
    if imports("wasi:filesystem/preopens@") || imports("wasi_snapshot_preview1") {
        wants.push(("grant.files", "if it reads or writes files"));
    }
    wants
}
