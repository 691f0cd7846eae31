//! The commented table that `fanfare channel add` writes: every setting, secret and grant in a plugin's schema. Unknown
//! values become comments to fill in.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use fanfare_core::{ChannelName, Role};
use fanfare_runtime::{Grants, Lack};
use serde_json::{Map, Value};

use super::{
    fit::{Misfit, MisfitKind, files_entry, lack_of_http, method_of, misfits},
    shipped::{Shape, one_line, summary},
    stanza::{LONGEST, MOST, example, inline, key, quoted, variable},
};
use crate::{
    config::{Config, Need, PluginRef, ResolvedChannel, Schema, Sidecar, Step, Wants},
    text::{and, nearest},
};

/// Values that the operator provides up front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    settings: Map<String, Value>,
    /// The source of each secret: `env:NAME`.
    secrets: BTreeMap<String, String>,
}

/// A table, and the values that are left to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    pub text: String,
    /// One line each: the key and its meaning.
    pub left: Vec<String>,
}

/// Marks a line that stays a comment until it is filled in.
const REQUIRED: &str = "  # required: fill in, and remove the leading #";

/// The sources of a secret, as the configuration writes them.
const SOURCES: [&str; 3] = ["env:", "file:", "credential:"];

impl Given {
    /// Reads `NAME=VALUE` pairs. A value is TOML if the schema expects more than text; for a secret, it is the source.
    ///
    /// # Errors
    /// A setting that the plugin does not have, or a value that it does not accept.
    pub fn read(pairs: &[(String, String)], schema: Option<&Schema>) -> Result<Self, String> {
        let mut given = Self::default();
        for (name, value) in pairs {
            let property = known(name, schema)?;
            if is_secret(property) {
                if !SOURCES.iter().any(|source| value.strip_prefix(source).is_some_and(|rest| !rest.is_empty())) {
                    return Err(format!(
                        "`{name}` is a secret, which does not belong into the configuration: say where it is, as \
                         {name}=env:NAME, {name}=file:PATH or {name}=credential:NAME"
                    ));
                }
                given.secrets.insert(name.clone(), value.clone());
                continue;
            }
            let path: Vec<_> = name.split('.').collect();
            insert(&mut given.settings, &path, typed(name, value, property)?);
        }
        Ok(given)
    }
}

/// The schema of a setting. Settings below the top level have none.
fn known<'a>(name: &str, schema: Option<&'a Schema>) -> Result<Option<&'a Value>, String> {
    let Some(schema) = schema else { return Ok(None) };
    let properties = schema.json().get("properties").and_then(Value::as_object);
    let top = name.split('.').next().unwrap_or_default();
    let property = properties.and_then(|properties| properties.get(name).or_else(|| properties.get(top)));
    if property.is_some() || schema.json().get("additionalProperties") != Some(&Value::Bool(false)) {
        return Ok(property.filter(|_| top == name));
    }
    let names: Vec<_> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    Err(match nearest(top, names.iter().copied()) {
        _ if names.is_empty() => format!("`{name}`: this plugin has no settings"),
        Some(meant) => format!("`{name}` is not a setting of this plugin; did you mean `{meant}`?"),
        None => format!("`{name}` is not a setting of this plugin; its settings are {}", and(&names)),
    })
}

fn is_secret(property: Option<&Value>) -> bool {
    property.and_then(|property| property.get("writeOnly")) == Some(&Value::Bool(true))
}

/// Parses a value into the type that the schema expects.
fn typed(name: &str, text: &str, property: Option<&Value>) -> Result<Value, String> {
    let wanted = property.and_then(|property| property.get("type")).and_then(Value::as_str);
    let Some(wanted @ ("integer" | "number" | "boolean" | "array" | "object")) = wanted else {
        return Ok(Value::from(text));
    };
    let document = format!("value = {text}\n").parse::<toml::Table>();
    let value = document.ok().filter(|document| document.len() == 1).and_then(|mut document| document.remove("value"));
    let value = value.and_then(|value| serde_json::to_value(value).ok());
    let fits = |value: &Value| match wanted {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    let shown = match wanted {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list such as [\"a\", \"b\"]",
        _ => "a table such as { name = \"value\" }",
    };
    value.filter(fits).ok_or_else(|| format!("`{name}` takes {shown}, and not {text:?}"))
}

fn insert(settings: &mut Map<String, Value>, path: &[&str], value: Value) {
    let [name, rest @ ..] = path else { return };
    if rest.is_empty() {
        settings.insert((*name).to_owned(), value);
    } else {
        let below = settings.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        if !below.is_object() {
            *below = Value::Object(Map::new());
        }
        if let Value::Object(below) = below {
            insert(below, rest, value);
        }
    }
}

impl Addition {
    /// Creates a table for a plugin with this sidecar, and fills in what is given.
    ///
    /// # Errors
    /// Given values that the plugin does not accept.
    pub fn new(of: NewTable<'_>, sidecar: &Sidecar, given: &Given) -> Result<Self, String> {
        // Drafted as a configuration of its own, so that the daemon's own rules find the mistakes.
        let draft = |secrets: BTreeMap<String, String>| {
            let base = Config::default_in(Path::new("/")).channel(of.name, Some(sidecar));
            let mut settings_tree = base.settings_tree.clone();
            settings_tree.extend(given.settings.clone());
            let resolved = ResolvedChannel { settings_tree, ..base };
            let given = Given { settings: given.settings.clone(), secrets };
            Draft { of, schema: sidecar.schema.as_ref(), resolved, given, text: String::new(), left: vec![] }
        };
        // A file or a credential may not exist yet.
        let elsewhere = given.secrets.keys().map(|name| (name.clone(), "env:ELSEWHERE".to_owned())).collect();
        if let Some(schema) = &sidecar.schema {
            let tried = draft(elsewhere).write().text;
            let config = Config::parse(&tried, Path::new("config.toml"), &|_| Some("value".to_owned()));
            let config = config.map_err(|wrong| wrong.to_string())?;
            let resolved = match config.stages.first() {
                Some(stage) => stage.resolve(Some(sidecar)),
                None => config.channel(of.name, Some(sidecar)),
            };
            let misfits = misfits(&resolved, schema);
            let wrong = misfits.iter().filter(|misfit| misfit.kind != MisfitKind::Missing).map(Misfit::in_words);
            let wrong: Vec<_> = wrong.collect();
            if !wrong.is_empty() {
                return Err(wrong.join("; "));
            }
        }
        Ok(draft(given.secrets.clone()).write())
    }
}

/// A table that does not exist yet.
#[derive(Clone, Copy, Debug)]
pub struct NewTable<'a> {
    pub name: &'a ChannelName,
    pub plugin: &'a PluginRef,
    pub shape: Shape,
    /// Where folders that the plugin needs are proposed.
    pub data: &'a str,
}

struct Draft<'a> {
    of: NewTable<'a>,
    schema: Option<&'a Schema>,
    /// The draft with the known settings.
    resolved: ResolvedChannel,
    given: Given,
    text: String,
    left: Vec<String>,
}

/// What the settings require.
#[derive(Default)]
struct Reach {
    /// Entries of `grant.http`, each with the setting that needs it.
    http: Vec<(String, String)>,
    hosts: Vec<String>,
    files: Vec<(String, String)>,
    /// Of those, the settings whose folder must exist, because it is only read.
    read: Vec<String>,
    /// Settings without a value that need a grant, with entries from an example: required ones, and others.
    unknown: Vec<Unknown>,
}

struct Unknown {
    setting: String,
    key: &'static str,
    entry: String,
    host: Option<String>,
    required: bool,
}

impl Draft<'_> {
    fn write(mut self) -> Addition {
        let what = self.schema.and_then(summary).map(|summary| format!(": {summary}")).unwrap_or_default();
        self.line(&format!("# {}{what}", self.of.name));
        let table = match self.of.shape.role {
            Role::Channel => {
                let table = format!("channels.{}", key(self.of.name.as_str()));
                self.line(&format!("[{table}]"));
                table
            }
            Role::Stage => {
                self.line("[[stages]]");
                self.line(&format!("name = {}", quoted(self.of.name.as_str())));
                "stages".to_owned()
            }
        };
        self.line(&format!("plugin = {}", quoted(&self.of.plugin.to_string())));
        match self.of.shape.role {
            Role::Channel => {
                self.line("# filter = { types = [\"order.>\"] }  # which events it gets; without it, every event")
            }
            Role::Stage => self.line("# types = [\"order.>\"]  # which events pass it; without it, every event"),
        }
        if self.of.shape.is_signable {
            let variable = variable(self.of.name.as_str(), "signing_key");
            self.line(&format!(
                "# sign = {{ scheme = \"standard-webhooks\", secrets = [\"env:{variable}\"] }}  # the daemon signs \
                 each request"
            ));
        }
        let reach = self.reach();
        self.settings(&table);
        self.secrets(&table, &reach);
        self.grants(&table, &reach);
        Addition { text: self.text, left: self.left }
    }

    /// The channel's own folder.
    fn folder(&self) -> String {
        format!("{}/{}", self.of.data, self.of.name)
    }

    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").unwrap_or_default();
    }

    /// The settings of the schema, required ones first.
    fn properties(&self) -> Vec<(String, Value, bool)> {
        let Some(schema) = self.schema else { return vec![] };
        let required = schema.json().get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_required = |name: &String| required.iter().any(|required| required == name.as_str());
        let properties = schema.json().get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten().filter(|(name, _)| name.len() <= LONGEST);
        let mut properties: Vec<_> =
            properties.map(|(name, property)| (name.clone(), property.clone(), is_required(name))).collect();
        properties.sort_by_key(|(_, _, required)| !required);
        properties.truncate(MOST);
        properties
    }

    fn reach(&self) -> Reach {
        let mut reach = Reach::default();
        let Some(schema) = self.schema else { return reach };
        let properties = self.properties();
        for need in schema.needs().iter().take(MOST) {
            let [Step::Member(name)] = need.path.as_slice() else { continue };
            let Some((_, property, required)) = properties.iter().find(|(have, ..)| have == name) else { continue };
            let known = self.resolved.settings_tree.get(name).and_then(Value::as_str).or(need.default.as_deref());
            // The schema's example is the only source for the host of a secret.
            let shown = example(Some(property), matches!(need.wants, Wants::Http { .. }));
            let known = known.or_else(|| shown.as_str().filter(|_| is_secret(Some(property))));
            let (entry, host) = match self.entry(schema, need, known.or(shown.as_str()).unwrap_or_default()) {
                Some(found) => found,
                None => continue,
            };
            let of = match need.wants {
                Wants::Http { .. } => "http",
                Wants::Files { .. } => "files",
            };
            match (known, host) {
                (None, host) => {
                    let (setting, required) = (name.clone(), *required);
                    reach.unknown.push(Unknown { setting, key: of, entry, host, required });
                }
                (Some(_), Some(host)) => {
                    reach.http.push((name.clone(), entry));
                    reach.hosts.push(host);
                }
                (Some(_), None) => {
                    reach.files.push((name.clone(), entry));
                    if need.wants == (Wants::Files { write: false }) {
                        reach.read.push(name.clone());
                    }
                }
            }
        }
        reach
    }

    /// The grant that a value requires, and the host in it.
    fn entry(&self, schema: &Schema, need: &Need, value: &str) -> Option<(String, Option<String>)> {
        if value.len() > LONGEST {
            return None;
        }
        match &need.wants {
            Wants::Files { write } => Some((files_entry(&self.folder(), *write, value), None)),
            Wants::Http { method, path } => {
                let method = method_of(method, &self.resolved, schema);
                match lack_of_http(&Grants::default(), method.as_ref(), path, value)? {
                    Lack::Http { target, entry } => Some((quoted(&entry), Some(target))),
                    Lack::PrivateNetwork { target } => Some((quoted(&target), Some(target))),
                    Lack::Invalid(_) => None,
                }
            }
        }
    }

    fn settings(&mut self, table: &str) {
        let mut begun = false;
        for (name, property, required) in self.properties() {
            if is_secret(Some(&property)) {
                continue;
            }
            if !begun {
                self.line(&format!("\n[{table}.settings]"));
                begun = true;
            }
            let about = about(&property);
            if let Some(about) = &about {
                self.line(&format!("# {about}"));
            }
            let set = self.given.settings.get(&name).cloned();
            let called = self.schema.is_some_and(|schema| {
                schema
                    .needs()
                    .iter()
                    .any(|need| need.path == [Step::Member(name.clone())] && matches!(need.wants, Wants::Http { .. }))
            });
            let value = set.clone().unwrap_or_else(|| example(Some(&property), called));
            let line = format!("{} = {}", key(&name), inline(&value));
            match (set, required) {
                (Some(_), _) => self.line(&line),
                (None, true) => {
                    self.line(&format!("# {line}{REQUIRED}"));
                    self.leave(format!("settings.{name}"), about.as_deref());
                }
                (None, false) => self.line(&format!("# {line}")),
            }
        }
        // Settings that the schema does not name but accepts.
        let others: Vec<_> = self
            .given
            .settings
            .iter()
            .filter(|(name, _)| !self.properties().iter().any(|(have, ..)| have == *name))
            .collect();
        let others: String =
            others.into_iter().map(|(name, value)| format!("{} = {}\n", key(name), inline(value))).collect();
        if !others.is_empty() {
            if !begun {
                self.line(&format!("\n[{table}.settings]"));
            }
            self.text.push_str(&others);
        }
    }

    fn secrets(&mut self, table: &str, reach: &Reach) {
        let mut begun = false;
        let open = reach.unknown.iter().find(|unknown| unknown.required && unknown.host.is_some());
        for (name, property, required) in self.properties() {
            if !is_secret(Some(&property)) {
                continue;
            }
            if !begun {
                self.line(&format!("\n[{table}.secrets]"));
                begun = true;
            }
            let about = about(&property);
            if let Some(about) = &about {
                self.line(&format!("# {about}"));
            }
            let given = self.given.secrets.get(&name).cloned();
            let from = given.clone().unwrap_or_else(|| format!("env:{}", variable(self.of.name.as_str(), &name)));
            let mut hosts = reach.hosts.clone();
            hosts.extend(open.and_then(|open| open.host.clone()));
            hosts.dedup();
            if hosts.is_empty() {
                hosts.push("example.com".to_owned());
            }
            let hosts: Vec<_> = hosts.iter().map(|host| quoted(host)).collect();
            let body = property.get("x-fanfare-secret").and_then(Value::as_str) == Some("body");
            let body = if body { ", body = true" } else { "" };
            let line = format!("{} = {{ from = {}, hosts = [{}]{body} }}", key(&name), quoted(&from), hosts.join(", "));
            match (required || given.is_some(), open) {
                (true, Some(open)) => {
                    self.line(&format!("# {line}{REQUIRED}"));
                    self.leave(format!("secrets.{name}"), Some(&format!("with the host of `{}`", open.setting)));
                }
                (true, None) => {
                    self.line(&line);
                    if let (None, Some(variable)) = (given, from.strip_prefix("env:")) {
                        let where_to = format!("the environment variable {variable} of the daemon, or another `from`");
                        self.leave(format!("secrets.{name}"), Some(&where_to));
                    }
                }
                (false, _) => self.line(&format!("# {line}")),
            }
        }
    }

    fn grants(&mut self, table: &str, reach: &Reach) {
        if reach.http.is_empty() && reach.files.is_empty() && reach.unknown.is_empty() {
            return;
        }
        self.line(&format!("\n[{table}.grant]"));
        for (key, what, known) in [("http", "may call", &reach.http), ("files", "may use", &reach.files)] {
            let unknown: Vec<_> = reach.unknown.iter().filter(|unknown| unknown.key == key).collect();
            let entries: Vec<_> = known.iter().map(|(_, entry)| entry.as_str()).collect();
            if !known.is_empty() {
                let of: Vec<_> = known.iter().map(|(setting, _)| format!("`{setting}`")).collect();
                let of: Vec<_> = of.iter().map(String::as_str).collect();
                self.line(&format!("# what it {what}: where {} leads", and(&of)));
                self.line(&format!("{key} = [{}]", entries.join(", ")));
            }
            for setting in reach.read.iter().filter(|_| key == "files") {
                let folder = format!("the folder {}, with what `{setting}` names in it", self.folder());
                self.leave("grant.files".to_owned(), Some(&folder));
            }
            for Unknown { setting, entry, required, .. } in unknown {
                let all = entries.iter().copied().chain([entry.as_str()]).collect::<Vec<_>>().join(", ");
                if *required {
                    self.line(&format!("# what it {what}: where `{setting}` leads"));
                    self.line(&format!("# {key} = [{all}]{REQUIRED}"));
                    self.leave(format!("grant.{key}"), Some(&format!("where `{setting}` leads")));
                } else {
                    self.line(&format!("# with `{setting}`, where it leads"));
                    self.line(&format!("# {key} = [{all}]"));
                }
            }
        }
    }

    fn leave(&mut self, key: String, what: Option<&str>) {
        self.left.push(match what {
            Some(what) => format!("{key}: {what}"),
            None => key,
        });
    }
}

/// The purpose of a setting, on one line, with the values it accepts.
fn about(property: &Value) -> Option<String> {
    let description = property.get("description").and_then(Value::as_str).map(one_line);
    let values = property.get("enum").and_then(Value::as_array);
    let values =
        values.map(|values| format!("one of {}", one_line(&values.iter().map(inline).collect::<Vec<_>>().join(", "))));
    let parts: Vec<_> = description.into_iter().chain(values).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_sidecar;

    const CHANNEL: Shape = Shape { role: Role::Channel, is_signable: false };

    fn sidecar(text: &str) -> Sidecar {
        parse_sidecar(text, Path::new("x.toml")).unwrap()
    }

    fn shipped(name: &str) -> Sidecar {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        sidecar(&std::fs::read_to_string(plugins.join(name).join(format!("{name}.toml"))).unwrap())
    }

    #[track_caller]
    fn add(sidecar: &Sidecar, name: &str, set: &[(&str, &str)]) -> Result<Addition, String> {
        let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let given = Given::read(&set, sidecar.schema.as_ref())?;
        let name = ChannelName::new(name).unwrap();
        let plugin = PluginRef::File(name.to_string());
        Addition::new(NewTable { name: &name, plugin: &plugin, shape: CHANNEL, data: "data" }, sidecar, &given)
    }

    #[test]
    fn unknown_values_become_comments_and_are_listed() {
        let added = add(&shipped("ntfy"), "phone", &[]).unwrap();
        let want = "\
# phone: posts each event to a topic of ntfy, which shows it on phones and desktops
[channels.phone]
plugin = \"phone\"
# filter = { types = [\"order.>\"] }  # which events it gets; without it, every event

[channels.phone.settings]
# the topic to publish to
# topic = \"my-alerts\"  # required: fill in, and remove the leading #
# a URL that a tap on the notification opens
# click = \"…\"
# the root of an ntfy server
# server = \"https://ntfy.sh\"
# the subject of this template is the title, and its text the message
# template = \"…\"

[channels.phone.secrets]
# an access token
# token = { from = \"env:PHONE_TOKEN\", hosts = [\"ntfy.sh\"] }

[channels.phone.grant]
# what it may call: where `server` leads
http = [\"POST ntfy.sh\"]
";
        assert_eq!(added.text, want);
        assert_eq!(added.left, ["settings.topic: the topic to publish to"]);

        let left = add(&shipped("matrix"), "matrix", &[]).unwrap().left;
        assert_eq!(
            left,
            [
                "settings.homeserver: the URL of its client-server API",
                "settings.room: a room's id or alias",
                "secrets.token: with the host of `homeserver`",
                "grant.http: where `homeserver` leads"
            ]
        );
    }

    #[test]
    fn what_is_given_is_filled_in_with_the_grants_that_follow() {
        let set = [("topic", "ops"), ("server", "http://127.0.0.1:9000"), ("token", "file:/run/secrets/ntfy")];
        let added = add(&shipped("ntfy"), "ntfy", &set).unwrap();
        for line in [
            "topic = \"ops\"",
            "server = \"http://127.0.0.1:9000\"",
            "token = { from = \"file:/run/secrets/ntfy\", hosts = [\"127.0.0.1:9000\"] }",
            "http = [\"POST 127.0.0.1:9000\"]",
        ] {
            assert!(added.text.lines().any(|have| have == line), "{line}\n{}", added.text);
        }
        assert_eq!(added.left, Vec::<String>::new());

        let added =
            add(&shipped("influxdb"), "i", &[("tags.site", "a"), ("spread", "false"), ("attributes", "[\"type\"]")]);
        let text = added.unwrap().text;
        for line in ["tags = { site = \"a\" }", "spread = false", "attributes = [\"type\"]"] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_wrong_value_says_what_is_taken() {
        for (name, set, want) in [
            ("slack", ("uri", "x"), "`uri` is not a setting of this plugin; did you mean `url`?"),
            ("slack", ("url", "https://hooks.slack.com/services/T/B/x"), "`url` is a secret"),
            ("slack", ("url", "env:"), "`url` is a secret"),
            ("influxdb", ("spread", "often"), "`spread` takes true or false, and not \"often\""),
            ("influxdb", ("precision", "h"), "precision"),
            ("atom", ("entries", "0"), "entries"),
            ("webhook", ("url", "ftp://x"), "is not a valid URL for requests"),
        ] {
            let said = add(&shipped(name), name, &[set]).unwrap_err();
            assert!(said.contains(want), "{name} {set:?}: {said}");
        }
    }

    #[test]
    fn a_stranger_s_schema_cannot_add_a_key_of_its_own() {
        let text = "[schema]\ndescription = \"x\\n[server]\\nlisten = 1\"\n[schema.properties.a]\ntype = \"string\"\n\
                    description = \"\\u2028[channels.y]\\rplugin = 'z'\"\nexamples = [\"\\n[x]\"]\n";
        let added = add(&sidecar(text), "x", &[]).unwrap().text;
        let config = Config::parse(&added, Path::new("c"), &|_| None).unwrap();
        assert_eq!(config.channels.len(), 1, "{added}");
    }
}
