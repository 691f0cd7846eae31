//! `fanfare plugin inspect`: shows what a plugin's file contains, without delivering anything.

use std::{fmt::Write as _, path::PathBuf};

use fanfare_core::Policy;
use fanfare_runtime::{Plugin, RuntimeOptions};
use serde_json::{Value, json};

use super::{
    super::{
        Context,
        failure::Failure,
        output::{BOLD, DIM, GREEN, RED, bytes, clean, counted, print, print_json},
    },
    load,
};
use crate::{
    config::{Need, Schema, Sidecar, Step, Wants},
    plugins::wants,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plugin's file
    file: PathBuf,

    /// List every import
    #[arg(long)]
    imports: bool,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let (plugin, sidecar) = load(&args.file, RuntimeOptions::default()).await?;
    let tests = match &sidecar {
        Some(sidecar) => crate::plugins::self_tests(&plugin, sidecar).await,
        None => Ok(()),
    };
    if context.json {
        let wants: Vec<_> = wants(&plugin).iter().map(|(key, why)| json!({ "grant": key, "why": why })).collect();
        print_json(&json!({
            "file": args.file, "kind": plugin.kind().as_str(), "batches": plugin.takes_batches(),
            "digest": plugin.digest(), "size": plugin.size(),
            "imports": plugin.imports(), "exports": plugin.exports(), "grants": wants, "settings": settings(&plugin),
            "schema": sidecar.as_ref().and_then(|sidecar| sidecar.schema.as_ref()).map(Schema::json),
            "tests": { "number": sidecar.map_or(0, |sidecar| sidecar.tests.len()), "failed": tests.as_ref().err() },
        }))?;
    } else {
        print(&render(&plugin, sidecar.as_ref(), &tests, args.imports))?;
    }
    tests.map_err(|_| Failure::Reported)
}

fn render(plugin: &Plugin, sidecar: Option<&Sidecar>, run: &Result<(), String>, all_imports: bool) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| writeln!(text, "{DIM}{name:<9}{DIM:#}{value}").unwrap_or_default();
    let mut lines = |name: &str, values: &[String]| {
        for (n, value) in values.iter().enumerate() {
            line(if n == 0 { name } else { "" }, value);
        }
    };
    let schema = sidecar.and_then(|sidecar| sidecar.schema.as_ref());
    let batches = if plugin.takes_batches() { ", takes batches" } else { "" };
    lines("kind", &[format!("{BOLD}{}{BOLD:#}{batches}", plugin.kind())]);
    lines("settings", &schema.map_or_else(|| unknown_settings(plugin), |schema| known_settings(schema.json())));
    lines("grants", &grants(plugin, schema));
    let policy = sidecar.map_or_else(Policy::default, |sidecar| sidecar.policy.over(Policy::default()));
    lines("size", &[format!("{}, {} of memory for an attempt", bytes(plugin.size() as u64), bytes(policy.memory))]);
    lines("sidecar", &[about_sidecar(sidecar, run)]);
    lines("digest", &[plugin.digest().to_owned()]);
    lines("exports", &plugin.exports().iter().map(|name| clean(name).into_owned()).collect::<Vec<_>>());
    let imports = if all_imports { plugin.imports().to_vec() } else { grouped(plugin.imports()) };
    lines("imports", &imports.iter().map(|name| clean(name).into_owned()).collect::<Vec<_>>());
    text
}

fn about_sidecar(sidecar: Option<&Sidecar>, run: &Result<(), String>) -> String {
    let Some(Sidecar { schema, tests, .. }) = sidecar else { return "none".to_owned() };
    let schema = if schema.is_some() { "a schema" } else { "no schema" };
    match run {
        Ok(()) if tests.is_empty() => format!("{schema}, no self-tests"),
        Ok(()) => format!("{schema}, {GREEN}✔{GREEN:#} {}", counted(tests.len() as u64, "self-test")),
        Err(reason) => format!("{schema}, {RED}✘{RED:#} {}", clean(reason)),
    }
}

fn unknown_settings(plugin: &Plugin) -> Vec<String> {
    let by = settings(plugin).join(", ");
    let reads =
        if by.is_empty() { "none by an interface".to_owned() } else { format!("it may read them, by {}", clean(&by)) };
    vec![format!("{reads}; no schema lists them")]
}

/// The settings in a schema, required ones first.
fn known_settings(schema: &Value) -> Vec<String> {
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_required = |name: &str| required.iter().any(|required| required == name);
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut all: Vec<_> = properties.into_iter().flatten().collect();
    if all.is_empty() {
        return vec!["none".to_owned()];
    }
    all.sort_by_key(|(name, _)| !is_required(name));
    let width = all.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let shown = |(name, property): (&String, &Value)| {
        let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default();
        let default = property.get("default").map(|default| format!("default {default}"));
        let secret = (property.get("writeOnly") == Some(&Value::Bool(true))).then(|| "a secret".to_owned());
        let needed = is_required(name).then(|| "needed".to_owned());
        let notes: Vec<_> = [needed, secret, default].into_iter().flatten().collect();
        let said = [text("description").to_owned(), notes.join(", ")].into_iter().filter(|part| !part.is_empty());
        let said = said.collect::<Vec<_>>().join("; ");
        format!("{:<width$}  {DIM}{}{DIM:#}", clean(name), clean(&said)).trim_end().to_owned()
    };
    all.into_iter().map(shown).collect()
}

/// Grants that the schema requires, and grants that an import may need.
fn grants(plugin: &Plugin, schema: Option<&Schema>) -> Vec<String> {
    let needs = schema.map(Schema::needs).unwrap_or_default();
    let of_need = |need: &Need| {
        let steps = need.path.iter().map(|step| match step {
            Step::Member(name) => clean(name).into_owned(),
            Step::Each => "*".to_owned(),
        });
        let key = match need.wants {
            Wants::Http { .. } => "grant.http",
            Wants::Files { .. } => "grant.files",
        };
        (key, format!("for the setting `{}`", steps.collect::<Vec<_>>().join(".")))
    };
    let mut all: Vec<_> = needs.iter().map(of_need).collect();
    let told: Vec<_> = all.iter().map(|(key, _)| *key).collect();
    all.extend(
        wants(plugin).into_iter().filter(|(key, _)| !told.contains(key)).map(|(key, why)| (key, why.to_owned())),
    );
    if all.is_empty() {
        return vec!["none: it reaches nothing outside".to_owned()];
    }
    all.into_iter().map(|(key, why)| format!("{key:<11}  {DIM}{why}{DIM:#}")).collect()
}

/// One line per package. Our packages list their interfaces, which show what the plugin can do.
fn grouped(imports: &[String]) -> Vec<String> {
    let mut packages: Vec<(String, Vec<&str>)> = Vec::new();
    for import in imports {
        let (package, interface) = match import.split_once('/') {
            Some((package, rest)) => (package, rest.split('@').next().unwrap_or(rest)),
            None => (import.as_str(), ""),
        };
        let package = match import.rsplit_once('@') {
            Some((_, version)) if !interface.is_empty() => format!("{package}@{version}"),
            _ => package.to_owned(),
        };
        match packages.iter_mut().find(|(known, _)| *known == package) {
            Some((_, interfaces)) => interfaces.push(interface),
            None => packages.push((package, vec![interface])),
        }
    }
    let shown = |(package, interfaces): (String, Vec<&str>)| match interfaces.as_slice() {
        [""] => package,
        names if package.starts_with("fanfare:") => format!("{package}  {}", names.join(", ")),
        names => format!("{package}  {}", counted(names.len() as u64, "interface")),
    };
    let mut lines: Vec<_> = packages.into_iter().map(shown).collect();
    if lines.len() < imports.len() {
        lines.push("(--imports lists them all)".to_owned());
    }
    lines
}

/// The interfaces through which the plugin can read its channel's settings.
fn settings(plugin: &Plugin) -> Vec<&str> {
    let reads = |import: &&str| import.starts_with("fanfare:channel/config@") || import.starts_with("wasi:config/");
    plugin.imports().iter().map(String::as_str).filter(reads).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn imports_are_one_line_for_each_package() {
        let imports = [
            "fanfare:channel/config@0.1.0",
            "wasi:cli/environment@0.2.6",
            "fanfare:channel/http@0.1.0",
            "wasi:cli/exit@0.2.6",
            "wasi:io/poll@0.2.3",
            "wasi_snapshot_preview1",
        ];
        let want = [
            "fanfare:channel@0.1.0  config, http",
            "wasi:cli@0.2.6  2 interfaces",
            "wasi:io@0.2.3  1 interface",
            "wasi_snapshot_preview1",
            "(--imports lists them all)",
        ];
        assert_eq!(grouped(&imports.map(str::to_owned)), want);
        assert_eq!(grouped(&["wasi_snapshot_preview1".to_owned()]), ["wasi_snapshot_preview1"]);
    }

    #[test]
    fn settings_are_listed_with_those_first_that_are_needed() {
        let schema = json!({
            "required": ["url", "token"],
            "properties": {
                "mode": { "default": "structured" },
                "token": { "writeOnly": true },
                "url": { "description": "where to\u{1b}[2J" },
            },
        });
        let want = ["token  needed, a secret", "url    where to\\u{1b}[2J; needed", "mode   default \"structured\""];
        assert_eq!(plain(&known_settings(&schema)), want);
        assert_eq!(known_settings(&json!({})), ["none"]);
    }
}
