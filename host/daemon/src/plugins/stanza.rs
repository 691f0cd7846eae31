//! The lines that an operator adds to `config.toml` so that a plugin has what it needs.

use std::fmt::{self, Write as _};

use fanfare_core::{ChannelName, Role};
use fanfare_runtime::{Grants, Kind, Lack};
use serde_json::{Map, Value};

use super::fit::{files_entry, lack_of_http, method_of};
use crate::{
    config::{Need, ResolvedChannel, Schema, Step, Wants},
    text::and,
};

/// The most settings and grants of one table, and the most bytes of a name or an example. A third party wrote the
/// schema, and the stanza is kept, logged and shown.
pub(super) const MOST: usize = 20;
pub(super) const LONGEST: usize = 200;

/// The table of a channel or a stage, with examples where only the operator knows the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stanza {
    role: Role,
    name: ChannelName,
    /// Each `key = value`.
    keys: Vec<String>,
}

impl Stanza {
    /// The same in a sentence.
    #[must_use]
    pub fn in_a_line(&self) -> String {
        let keys: Vec<_> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        let with = if keys.is_empty() { "" } else { " with " };
        format!("`{}`{with}{}", self.heading(), and(&keys.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn heading(&self) -> String {
        match self.role {
            Role::Channel => format!("[channels.{}]", self.name),
            Role::Stage => "[[stages]]".to_owned(),
        }
    }

    /// What it adds, in a word or two.
    #[must_use]
    pub fn gives(&self) -> String {
        let named = |key: &String| match key.split(' ').next() {
            Some("name") => "its place in the order",
            Some("grant") => "grants",
            Some("secrets") => "secrets",
            _ => "settings",
        };
        and(&self.keys.iter().map(named).collect::<Vec<_>>())
    }

    /// What a channel without its own table lacks.
    #[must_use]
    pub fn of(resolved: &ResolvedChannel, schema: Option<&Schema>, kind: Option<Kind>) -> Self {
        let mut draft = Draft { channel: resolved.setup.name.to_string(), ..Draft::default() };
        match schema {
            Some(schema) => draft.fill(resolved, schema),
            None if kind == Some(Kind::HttpChannel) => draft.http.push("example.com".to_owned()),
            None => {}
        }
        let role = if kind == Some(Kind::Stage) { Role::Stage } else { Role::Channel };
        let mut keys = draft.keys();
        if role == Role::Stage {
            keys.insert(0, format!("name = \"{}\"", resolved.setup.name));
        }
        Self { role, name: resolved.setup.name.clone(), keys }
    }
}

impl fmt::Display for Stanza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.heading())?;
        self.keys.iter().try_for_each(|key| write!(f, "\n{key}"))
    }
}

#[derive(Default)]
struct Draft {
    channel: String,
    settings: Vec<(String, Value)>,
    /// The name of the setting, and whether it is used in bodies.
    secrets: Vec<(String, bool)>,
    http: Vec<String>,
    /// The targets of requests.
    hosts: Vec<String>,
    files: Vec<String>,
}

impl Draft {
    fn fill(&mut self, resolved: &ResolvedChannel, schema: &Schema) {
        let properties = schema.json().get("properties");
        let required = schema.json().get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let lacking =
            required.iter().filter_map(Value::as_str).filter(|name| !resolved.settings_tree.contains_key(*name));
        let lacking = lacking.filter(|name| name.len() <= LONGEST).take(MOST);
        // The settings with everything that is missing.
        let mut filled = resolved.clone();
        for name in lacking {
            let property = properties.and_then(|properties| properties.get(name));
            let called =
                schema.needs().iter().any(|need| need.path == [Step::Member(name.to_owned())] && need.is_http());
            let example = example(property, called);
            filled.settings_tree.insert(name.to_owned(), example.clone());
            match property.and_then(|property| property.get("writeOnly")) {
                Some(Value::Bool(true)) => {
                    let place = property.and_then(|property| property.get("x-fanfare-secret"));
                    self.secrets.push((name.to_owned(), place == Some(&Value::from("body"))));
                }
                _ => self.settings.push((name.to_owned(), example)),
            }
        }
        for need in schema.needs().iter().take(MOST) {
            self.grant(&filled, schema, need);
        }
    }

    fn grant(&mut self, filled: &ResolvedChannel, schema: &Schema, need: &Need) {
        let [Step::Member(name)] = need.path.as_slice() else { return };
        let value = filled.settings_tree.get(name).and_then(Value::as_str).or(need.default.as_deref());
        let Some(value) = value.filter(|value| value.len() <= LONGEST) else { return };
        match &need.wants {
            Wants::Files { write } => self.files.push(files_entry(&format!("data/{}", self.channel), *write, value)),
            Wants::Http { method, path } => {
                let method = method_of(method, filled, schema);
                if let Some(Lack::Http { target, entry }) =
                    lack_of_http(&Grants::default(), method.as_ref(), path, value)
                {
                    self.http.push(entry);
                    self.hosts.push(target);
                }
            }
        }
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if !self.settings.is_empty() {
            let settings: Map<_, _> = self.settings.iter().cloned().collect();
            keys.push(format!("settings = {}", inline(&Value::Object(settings))));
        }
        if !self.secrets.is_empty() {
            let hosts = if self.hosts.is_empty() { vec!["example.com".to_owned()] } else { self.hosts.clone() };
            let secret = |(name, body): &(String, bool)| {
                let variable = variable(&self.channel, name);
                let body = if *body { ", body = true" } else { "" };
                format!("{} = {{ from = \"env:{variable}\", hosts = {}{body} }}", key(name), list(&hosts))
            };
            let secrets: Vec<_> = self.secrets.iter().map(secret).collect();
            keys.push(format!("secrets = {{ {} }}", secrets.join(", ")));
        }
        let mut grants = Vec::new();
        if !self.http.is_empty() {
            grants.push(format!("http = {}", list(&self.http)));
        }
        if !self.files.is_empty() {
            grants.push(format!("files = [{}]", self.files.join(", ")));
        }
        if !grants.is_empty() {
            keys.push(format!("grant = {{ {} }}", grants.join(", ")));
        }
        keys
    }
}

impl Need {
    fn is_http(&self) -> bool {
        matches!(self.wants, Wants::Http { .. })
    }
}

/// The environment variable that is proposed for a secret.
pub(super) fn variable(channel: &str, secret: &str) -> String {
    let upper = |text: &str| text.to_uppercase().replace(['-', '.'], "_");
    let (channel, secret) = (upper(channel), upper(secret));
    if secret.starts_with(&format!("{channel}_")) { secret } else { format!("{channel}_{secret}") }
}

/// An example value from the schema.
pub(super) fn example(property: Option<&Value>, called: bool) -> Value {
    let get = |key: &str| property.and_then(|property| property.get(key));
    let shown = get("examples").and_then(|examples| examples.get(0)).or_else(|| get("default"));
    let shown = shown.filter(|value| value.to_string().len() <= LONGEST);
    let first = || get("enum").and_then(|values| values.get(0)).cloned();
    shown.cloned().or_else(first).unwrap_or_else(|| match get("type").and_then(Value::as_str) {
        Some("integer" | "number") => Value::from(0),
        Some("boolean") => Value::from(false),
        Some("array") => Value::Array(vec![]),
        Some("object") => Value::Object(Map::new()),
        _ if called => Value::from("https://example.com/"),
        _ => Value::from("…"),
    })
}

pub(super) fn list(texts: &[String]) -> String {
    inline(&texts.iter().cloned().map(Value::from).collect())
}

/// A value as TOML on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value)));
            let members: Vec<_> = members.collect();
            if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
        }
        Value::Array(values) => format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(text),
        // TOML has no null, and schemas hardly use it as an example.
        Value::Null => quoted(""),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { name.to_owned() } else { quoted(name) }
}

pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04X}", u32::from(c)).unwrap_or_default(),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::fit::misfits, *};
    use crate::config::{Config, parse_sidecar};

    /// The stanza for a plugin with this sidecar.
    fn stanza(name: &str, sidecar: &str) -> Stanza {
        let sidecar = parse_sidecar(sidecar, Path::new("x.toml")).unwrap();
        let config = Config::default_in(Path::new("/"));
        let resolved = config.channel(&ChannelName::new(name).unwrap(), Some(&sidecar));
        Stanza::of(&resolved, sidecar.schema.as_ref(), None)
    }

    fn shipped(name: &str) -> String {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        std::fs::read_to_string(plugins.join(name).join(format!("{name}.toml"))).unwrap()
    }

    #[test]
    fn a_stanza_is_valid_configuration() {
        for (name, want) in [
            ("metrics", "[channels.metrics]"),
            (
                "webhook",
                "[channels.webhook]\nsettings = { url = \"https://example.com/hook\" }\n\
                 grant = { http = [\"POST example.com\"] }",
            ),
            (
                "atom",
                "[channels.atom]\ngrant = { files = [{ host = \"data/atom\", guest = \"/feed\", write = true }] }",
            ),
            (
                "pagerduty",
                "[channels.pagerduty]\nsecrets = { routing_key = { from = \"env:PAGERDUTY_ROUTING_KEY\", hosts = \
                 [\"events.pagerduty.com\"], body = true } }\ngrant = { http = [\"POST events.pagerduty.com\"] }",
            ),
        ] {
            assert_eq!(stanza(name, &shipped(name)).to_string(), want);
        }
        assert_eq!(
            stanza("x", "[schema]\nrequired = [\"a b\"]\n").in_a_line(),
            "`[channels.x]` with `settings = { \"a b\" = \"…\" }`"
        );
        let own = "settings = { url = \"http://10.0.0.1/\" }\n[schema]\nrequired = [\"url\"]\n\
                   properties = { url = { x-fanfare-grant = \"http\" } }\n";
        assert_eq!(stanza("x", own).to_string(), "[channels.x]\ngrant = { http = [\"10.0.0.1\"] }");
    }

    #[test]
    fn the_stanza_of_a_third_party_schema_is_bounded() {
        let names: Vec<_> = (8..2_000).map(|n| format!("\"setting-{n}\"")).collect();
        let long = "x".repeat(10_000);
        let sidecar = format!(
            "[schema]\nrequired = [\"{long}\", \"setting-7\", {}]\n[schema.properties.setting-7]\n\
             examples = [\"{long}\"]\n\
             [schema.properties.path]\ndefault = \"/{long}\"\nx-fanfare-grant = \"files\"\n",
            names.join(", ")
        );
        let stanza = stanza("x", &sidecar).to_string();
        assert!(stanza.len() < 1_000 && stanza.contains("setting-7 = \"…\""), "{stanza}");
    }

    #[test]
    fn the_stanza_of_a_shipped_plugin_fits_it() {
        for name in
            ["slack", "ntfy", "discord", "pagerduty", "influxdb", "matrix", "maildir", "atom", "webhook", "audit"]
        {
            let text = shipped(name);
            let sidecar = parse_sidecar(&text, Path::new("x.toml")).unwrap();
            let added = stanza(name, &text).to_string();
            let config = Config::parse(&added, Path::new("c"), &|_| Some("value".to_owned())).unwrap();
            let resolved = config.channel(&ChannelName::new(name).unwrap(), Some(&sidecar));
            assert_eq!(misfits(&resolved, sidecar.schema.as_ref().unwrap()), [], "{added}");
        }
    }
}
