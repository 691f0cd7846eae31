//! Whether a channel fits its plugin: its settings match the plugin's schema, and its grants cover what the settings
//! name. A misfit would fail every delivery, so it is reported before the first one.

use std::path::PathBuf;

use fanfare_core::Role;
use fanfare_runtime::{FileGrant, Foreseen, Grants, HostPattern, Lack, Secret};
use http::{Method, Uri};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::{Map, Value};

use crate::{
    config::{Config, MethodOf, Need, PathOf, ResolvedChannel, Schema, Step, Wants},
    text::nearest,
};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub kind: MisfitKind,
    /// The path of the setting; empty for all settings.
    path: Vec<String>,
    message: String,
    /// What to do about it.
    help: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MisfitKind {
    /// A required setting is missing.
    Missing,
    /// A setting is not accepted.
    Wrong,
    /// A setting names what is not granted.
    Ungranted,
}

impl Misfit {
    /// Whether it is about one setting, not about all of them.
    #[must_use]
    pub fn names_a_setting(&self) -> bool {
        !self.path.is_empty()
    }

    /// The setting, what is wrong with it, and what to do, without its place.
    #[must_use]
    pub fn in_words(&self) -> String {
        let help = if self.help.is_empty() { String::new() } else { format!(" ({})", self.help) };
        format!("`{}` {}{help}", self.path.join("."), self.message)
    }

    /// On one line, with its place in the configuration if it has one.
    #[must_use]
    pub fn line(&self, resolved: &ResolvedChannel, config: &Config) -> String {
        if resolved.setup.role == Role::Channel && !config.channels.contains_key(&resolved.setup.name) {
            let path: String = self.path.iter().map(|step| format!(".{step}")).collect();
            return format!("{}.settings{path}: {}", resolved.table(), self.message);
        }
        config.setting_problem(resolved, &self.path, self.message.clone(), &self.help).to_string()
    }
}

/// Every setting and grant of a channel that its plugin's schema does not allow.
#[must_use]
pub fn misfits(resolved: &ResolvedChannel, schema: &Schema) -> Vec<Misfit> {
    let mut misfits = check_settings(resolved, schema);
    misfits.extend(schema.needs().iter().flat_map(|need| check_need(resolved, schema, need)));
    misfits
}

fn check_settings(resolved: &ResolvedChannel, schema: &Schema) -> Vec<Misfit> {
    let mut settings = resolved.settings_tree.clone();
    for Secret { name, .. } in &resolved.setup.secrets {
        insert(&mut settings, name);
    }
    let misfits = schema.check(&Value::Object(settings), |error| {
        let misfits = misfits_of(resolved, schema, &error);
        (!misfits.is_empty()).then_some(misfits)
    });
    match misfits {
        Ok(misfits) => misfits.into_iter().flatten().collect(),
        Err(message) => vec![Misfit { kind: MisfitKind::Wrong, path: vec![], message, help: String::new() }],
    }
}

/// Puts a text where the secret will be. A schema does not see a secret's value.
fn insert(settings: &mut Map<String, Value>, name: &str) {
    match name.split_once('.') {
        None => drop(settings.insert(name.to_owned(), Value::from("secret"))),
        Some((head, rest)) => {
            let below = settings.entry(head).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(below) = below {
                insert(below, rest);
            }
        }
    }
}

fn misfits_of(resolved: &ResolvedChannel, schema: &Schema, error: &ValidationError<'_>) -> Vec<Misfit> {
    let path = steps(error.instance_path().as_str());
    if is_secret(resolved, &path) {
        return vec![];
    }
    let heading = resolved.heading();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let path = below(&path, property.as_str().unwrap_or_default());
            let help = format!("add it to `settings` of {heading}, or to `secrets`");
            vec![Misfit { kind: MisfitKind::Missing, message: "is missing".to_owned(), help, path }]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = known(schema, error.schema_path().as_str());
            let unknown = |name: &String| {
                let path = below(&path, name);
                // A secret may be used within the text of another setting.
                let used = is_secret(resolved, &path);
                let message = "is not a setting of this plugin".to_owned();
                let help = which(name, &known);
                (!used).then_some(Misfit { kind: MisfitKind::Wrong, path, message, help })
            };
            unexpected.iter().filter_map(unknown).collect()
        }
        // Without the value, which may be private.
        _ => {
            let message = error.masked().to_string();
            vec![Misfit { kind: MisfitKind::Wrong, path, message, help: String::new() }]
        }
    }
}

/// The names in `properties` beside the `additionalProperties` at this place.
fn known(schema: &Schema, keyword: &str) -> Vec<String> {
    let object = keyword.rsplit_once('/').map_or("", |(object, _)| object);
    let properties = schema.json().pointer(object).and_then(|object| object.get("properties"));
    properties.and_then(Value::as_object).map(|names| names.keys().cloned().collect()).unwrap_or_default()
}

fn which(wrong: &str, known: &[String]) -> String {
    let all = known.join(", ");
    match nearest(wrong, known.iter().map(String::as_str)) {
        _ if known.is_empty() => "there are no settings here".to_owned(),
        Some(meant) => format!("did you mean `{meant}`? The settings here are {all}"),
        None => format!("the settings here are {all}"),
    }
}

/// The parts of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn below(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Whether a secret has this name, or one below it.
fn is_secret(resolved: &ResolvedChannel, path: &[String]) -> bool {
    secret(resolved, path).is_some()
}

fn secret<'a>(resolved: &'a ResolvedChannel, path: &[String]) -> Option<&'a Secret> {
    let key = path.join(".");
    let is = |name: &str| name.strip_prefix(&key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    (!key.is_empty()).then(|| resolved.setup.secrets.iter().find(|secret| is(&secret.name))).flatten()
}

/// What a channel lacks for the values of one setting.
fn check_need(resolved: &ResolvedChannel, schema: &Schema, need: &Need) -> Vec<Misfit> {
    let mut values = Vec::new();
    find(&resolved.settings_tree, &need.path, &mut Vec::new(), &mut values);
    if let Some(path) = plain(&need.path).filter(|_| values.is_empty()) {
        // A secret replaces the whole setting; an absent setting has the plugin's default.
        match (secret(resolved, &path), &need.default) {
            (Some(Secret { hosts, .. }), _) => {
                return unknown_target(resolved, need, path, hosts).into_iter().collect();
            }
            (None, Some(default)) => values.push((path, default)),
            (None, None) => {}
        }
    }
    values.into_iter().filter_map(|(path, value)| ungranted(resolved, schema, need, path, value)).collect()
}

fn plain(path: &[Step]) -> Option<Vec<String>> {
    let name = |step: &Step| match step {
        Step::Member(name) => Some(name.clone()),
        Step::Each => None,
    };
    path.iter().map(name).collect()
}

/// The texts at a place in the settings, each with its path.
fn find<'a>(
    members: &'a Map<String, Value>,
    path: &[Step],
    at: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, &'a String)>,
) {
    let [Step::Member(name), rest @ ..] = path else { return };
    let Some(value) = members.get(name) else { return };
    at.push(name.clone());
    find_below(value, rest, at, found);
    at.pop();
}

fn find_below<'a>(value: &'a Value, path: &[Step], at: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'a String)>) {
    match (path, value) {
        ([], Value::String(text)) => found.push((at.clone(), text)),
        ([Step::Each, rest @ ..], Value::Array(list)) => {
            for (n, member) in list.iter().enumerate() {
                at.push(n.to_string());
                find_below(member, rest, at, found);
                at.pop();
            }
        }
        ([Step::Member(_), ..], Value::Object(members)) => find(members, path, at, found),
        // The schema reports values of another type.
        _ => {}
    }
}

fn ungranted(
    resolved: &ResolvedChannel,
    schema: &Schema,
    need: &Need,
    path: Vec<String>,
    value: &str,
) -> Option<Misfit> {
    match &need.wants {
        Wants::Http { .. } if value.contains("${secrets.") => {
            let used = |secret: &&Secret| value.contains(&format!("${{secrets.{}}}", secret.name));
            let hosts =
                resolved.setup.secrets.iter().find(used).map(|secret| secret.hosts.as_slice()).unwrap_or_default();
            unknown_target(resolved, need, path, hosts)
        }
        Wants::Http { method, path: of } => {
            let method = method_of(method, resolved, schema);
            let lack = lack_of_http(&resolved.setup.grants, method.as_ref(), of, value)?;
            let (message, help) = say_lack(resolved, lack);
            Some(Misfit { kind: MisfitKind::Ungranted, path, message, help })
        }
        Wants::Files { write } => {
            let (message, help) = lack_of_files(resolved, *write, value)?;
            Some(Misfit { kind: MisfitKind::Ungranted, path, message, help })
        }
    }
}

/// A secret's target is unknown, so it is not compared. But it has none if nothing is granted.
fn unknown_target(resolved: &ResolvedChannel, need: &Need, path: Vec<String>, hosts: &[HostPattern]) -> Option<Misfit> {
    let Wants::Http { method, .. } = &need.wants else { return None };
    if !resolved.setup.grants.http.is_empty() {
        return None;
    }
    let method = match method {
        MethodOf::This(method) => format!("{method} "),
        MethodOf::Any | MethodOf::Setting(_) => String::new(),
    };
    let entries: Vec<_> = hosts.iter().map(|host| format!("{method}{host}")).collect();
    let message = "names the target of requests, but nothing is granted".to_owned();
    Some(Misfit { kind: MisfitKind::Ungranted, path, message, help: add_http(resolved, &entries) })
}

/// `None` if it is not known.
pub(super) fn method_of(method: &MethodOf, resolved: &ResolvedChannel, schema: &Schema) -> Option<Method> {
    match method {
        MethodOf::Any => None,
        MethodOf::This(method) => Some(method.clone()),
        MethodOf::Setting(name) => {
            let default = || schema.json().get("properties")?.get(name)?.get("default");
            let value = resolved.settings_tree.get(name).or_else(default).and_then(Value::as_str)?;
            Method::from_bytes(value.as_bytes()).ok()
        }
    }
}

/// What these grants lack for calls to a URL.
pub(super) fn lack_of_http(grants: &Grants, method: Option<&Method>, of: &PathOf, value: &str) -> Option<Lack> {
    let text = match of {
        PathOf::Below(path) => format!("{}{path}", value.trim_end_matches('/')),
        PathOf::Any | PathOf::Url => value.to_owned(),
    };
    match text.parse::<Uri>() {
        Ok(url) => grants.lack(Foreseen { url: &url, method, path_is_known: !matches!(of, PathOf::Any) }),
        Err(error) => Some(Lack::Invalid(error.to_string())),
    }
}

/// The same for a channel, as message and help.
fn say_lack(resolved: &ResolvedChannel, lack: Lack) -> (String, String) {
    let heading = resolved.heading();
    match lack {
        Lack::Http { target, entry } => {
            (format!("leads to {target}, which is not granted"), add_http(resolved, &[entry]))
        }
        Lack::PrivateNetwork { target } => (
            format!("leads to {target}, which is not a public address"),
            format!("add \"{target}\" to `grant.http` of {heading}, or set `grant.private_network = true`"),
        ),
        // Without the value, which may be private.
        Lack::Invalid(_) => (
            "is not a valid URL for requests".to_owned(),
            "write it like \"https://example.com/hook\": with http:// or https://, and without a user name".to_owned(),
        ),
    }
}

fn add_http(resolved: &ResolvedChannel, entries: &[String]) -> String {
    let heading = resolved.heading();
    let listed = entries.iter().map(|entry| format!("{entry:?}")).collect::<Vec<_>>().join(", ");
    if resolved.setup.grants == Grants::default() {
        format!("add `grant = {{ http = [{listed}] }}` to {heading}")
    } else {
        format!("add {listed} to `grant.http` of {heading}")
    }
}

fn lack_of_files(resolved: &ResolvedChannel, write: bool, value: &str) -> Option<(String, String)> {
    let heading = resolved.heading();
    let wanted = parts(value)?;
    let within = |grant: &&FileGrant| parts(&grant.guest).is_some_and(|granted| wanted.starts_with(&granted));
    let granted: Vec<_> = resolved.setup.grants.files.iter().filter(within).collect();
    if granted.is_empty() {
        let entry = files_entry(&format!("data/{}", resolved.setup.name), write, value);
        let help = if resolved.setup.grants == Grants::default() {
            format!("add `grant = {{ files = [{entry}] }}` to {heading}")
        } else {
            format!("add `{entry}` to `grant.files` of {heading}")
        };
        return Some((format!("is {value}, but no folder is granted there"), help));
    }
    let readable = write && !granted.iter().any(|grant| grant.write);
    readable.then(|| {
        let help = format!("set `write = true` in `grant.files` of {heading}");
        (format!("is {value}, which is granted for reading only"), help)
    })
}

/// Files that the settings name, that the plugin reads, and that do not exist: one line each, with its place. They may
/// come later, so they are only warnings.
#[must_use]
pub fn absent_files(resolved: &ResolvedChannel, schema: &Schema, config: &Config) -> Vec<String> {
    let reads = schema.needs().iter().filter(|need| need.wants == Wants::Files { write: false });
    let named = reads.flat_map(|need| {
        let mut values = Vec::new();
        find(&resolved.settings_tree, &need.path, &mut Vec::new(), &mut values);
        values
    });
    let line = |(path, value): (Vec<String>, &String)| {
        let file = on_host(resolved, value)?;
        let message = format!("is {value}, but {} does not exist", file.display());
        let problem = || config.setting_problem(resolved, &path, message, "events that need it fail until it exists");
        (!file.exists()).then(|| problem().to_string())
    };
    named.filter_map(line).collect()
}

/// The file on the host for a guest's path, through the most specific grant that covers it.
fn on_host(resolved: &ResolvedChannel, value: &str) -> Option<PathBuf> {
    let wanted = parts(value)?;
    let below = |grant: &FileGrant| {
        let rest = wanted.strip_prefix(parts(&grant.guest)?.as_slice())?;
        Some((rest.len(), grant.host.join(rest.iter().collect::<PathBuf>())))
    };
    resolved.setup.grants.files.iter().filter_map(below).min_by_key(|(rest, _)| *rest).map(|(_, file)| file)
}

/// The parts of a guest's path. `None` if its meaning is unclear.
fn parts(path: &str) -> Option<Vec<&str>> {
    let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    (!parts.contains(&"..")).then_some(parts)
}

/// An entry of `grant.files` that covers a path.
pub(super) fn files_entry(host: &str, write: bool, value: &str) -> String {
    format!("{{ host = {host:?}, guest = {:?}, write = {write} }}", folder(value))
}

/// The folder to grant for a path: the path itself, unless it looks like a file.
fn folder(path: &str) -> String {
    let path = format!("/{}", path.trim_matches('/'));
    match path.rsplit_once('/') {
        Some((folder, file)) if file.contains('.') && !folder.is_empty() => folder.to_owned(),
        _ => path,
    }
}

#[cfg(test)]
mod tests;
