//! A channel's settings: nested as the operator writes them, flat as the guest reads them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toml::de::DeValue;

use super::reader::{Field, Section};

/// The most values in one channel's settings, which are copied several times and passed to the guest.
const MOST: usize = 10_000;

/// Settings by their flat names: a table's keys are joined by dots (`headers.x-env`), and a list's members are numbered
/// from 0 (`hosts.0`). Every value is text. An empty table has no names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// The same as written, with types.
    tree: serde_json::Map<String, serde_json::Value>,
    /// The names of the lists. A list replaces the one below as a whole, so that members of two lists never mix.
    lists: BTreeSet<String>,
}

impl Settings {
    /// These settings over others, key by key. If one has a table and the other a value or a list, these settings win.
    #[must_use]
    pub fn over(&self, base: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let replaced = |name: &str| {
            self.lists.iter().any(|list| within(name, list))
                || self.values.keys().any(|own| within(name, own) || within(own, name))
        };
        let kept = base.into_iter().filter(|(name, _)| !replaced(name));
        kept.chain(self.values.clone()).collect()
    }

    /// The same for the settings as written.
    #[must_use]
    pub fn tree_over(&self, base: serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
        merge(base, &self.tree)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.keys().any(|own| within(own, name) || within(name, own))
    }

    /// By their flat names.
    #[must_use]
    pub fn flat(&self) -> BTreeMap<String, String> {
        self.values.clone()
    }

    pub(super) fn read(parent: &mut Section<'_>) -> Self {
        let mut settings = Self::default();
        if let Some(field) = parent.get("settings")
            && let Some(section) = field.section()
        {
            settings.add_table("", section);
            if settings.values.len() >= MOST {
                field.problem(
                    format!("has {MOST} values or more"),
                    "a plugin that needs that many should read them from a folder",
                );
                return Self::default();
            }
            if let Value::Object(tree) = field.json() {
                settings.tree = tree;
            }
        }
        settings
    }

    fn add_table(&mut self, prefix: &str, table: Section<'_>) {
        for (key, _, field) in table.entries() {
            self.add(join(prefix, key), &field);
        }
    }

    fn add(&mut self, name: String, field: &Field<'_>) {
        if self.values.len() >= MOST {
            return;
        }
        let text = match field.value() {
            DeValue::Table(_) => {
                if let Some(table) = field.section() {
                    self.add_table(&name, table);
                }
                return;
            }
            DeValue::Array(_) => {
                for (n, member) in field.list().into_iter().flatten().enumerate() {
                    self.add(join(&name, &n.to_string()), &member);
                }
                self.lists.insert(name);
                return;
            }
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => number.to_string(),
                Err(_) => {
                    return field.problem(format!("{integer} is too large"), "put it in quotes to pass it on as text");
                }
            },
            DeValue::Float(float) => float.as_str().to_owned(),
            DeValue::Boolean(boolean) => boolean.to_string(),
            DeValue::Datetime(datetime) => datetime.to_string(),
        };
        if self.values.contains_key(&name) {
            field.problem(
                format!("`{name}` is set more than once"),
                "a quoted key with a dot is the same as a nested one",
            );
        }
        self.values.insert(name, text);
    }
}

/// Merges tables; anything else replaces.
fn merge(
    mut base: serde_json::Map<String, Value>,
    over: &serde_json::Map<String, Value>,
) -> serde_json::Map<String, Value> {
    for (key, value) in over {
        let merged = match (base.remove(key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => Value::Object(merge(below, above)),
            (_, value) => value.clone(),
        };
        base.insert(key.clone(), merged);
    }
    base
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// Whether `name` is `root` or below it.
fn within(name: &str, root: &str) -> bool {
    name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
