//! One channel: its table, its plugin's sidecar, and what follows from both.

use std::{collections::BTreeMap, fmt, path::Path};

use fanfare_core::{ChannelName, Policy, Role};
use fanfare_runtime::{ChannelSetup, Grants, Secret, SigningKey};

use super::{
    Diagnostics, PolicyPatch, Schema, Settings, Sources, bound_secret, grants,
    reader::{self, Section},
    self_test::{self, SelfTest},
    sign,
};

/// The content of `[channels.<name>]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelTable {
    pub plugin: PluginRef,
    pub policy: PolicyPatch,
    pub settings: Settings,
    pub secrets: Vec<Secret>,
    /// The keys that sign its requests; empty for unsigned requests.
    pub sign: Vec<SigningKey>,
    pub grants: Grants,
}

/// Which plugin a channel runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PluginRef {
    /// `<stem>.wasm` in the plugins' folder.
    File(String),
    /// One that ships with the daemon.
    Builtin(String),
}

/// The content of the `<name>.toml` beside a plugin. It comes with the plugin, so it cannot grant anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    pub policy: PolicyPatch,
    pub settings: Settings,
    /// The schema of the settings.
    pub schema: Option<Schema>,
    /// The tests that the plugin must pass before it goes live.
    pub tests: Vec<SelfTest>,
}

/// Everything that is needed to run a channel. Two equal values run alike.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedChannel {
    /// What concerns the guest.
    pub setup: ChannelSetup,
    pub plugin: PluginRef,
    /// What concerns the lane.
    pub policy: Policy,
    /// The settings as written, for the plugin's schema.
    pub settings_tree: serde_json::Map<String, serde_json::Value>,
}

impl ResolvedChannel {
    /// Combines the layers, each of which overrides the ones before: the built-in policy, `[defaults]`, the plugin's
    /// sidecar, the channel's table. The sidecar overrides the defaults because it knows its plugin. The table
    /// overrides the sidecar because the operator decides. A channel without a table runs the plugin with its name,
    /// without grants.
    #[must_use]
    pub fn resolve(
        name: &ChannelName,
        defaults: &PolicyPatch,
        sidecar: Option<&Sidecar>,
        table: Option<&ChannelTable>,
    ) -> Self {
        Self::layered(name, defaults.over(Policy::default()), sidecar, table)
    }

    /// The same over any base policy.
    pub(super) fn layered(
        name: &ChannelName,
        base: Policy,
        sidecar: Option<&Sidecar>,
        table: Option<&ChannelTable>,
    ) -> Self {
        let policies = [sidecar.map(|s| &s.policy), table.map(|t| &t.policy)];
        let settings = [sidecar.map(|s| &s.settings), table.map(|t| &t.settings)];
        Self {
            setup: ChannelSetup {
                settings: settings.into_iter().flatten().fold(BTreeMap::new(), |base, settings| settings.over(base)),
                secrets: table.map(|table| table.secrets.clone()).unwrap_or_default(),
                sign: table.map(|table| table.sign.clone()).unwrap_or_default(),
                grants: table.map(|table| table.grants.clone()).unwrap_or_default(),
                ..ChannelSetup::new(name.clone())
            },
            plugin: table.map_or_else(|| PluginRef::own(name), |table| table.plugin.clone()),
            policy: policies.into_iter().flatten().fold(base, |base, patch| patch.over(base)),
            settings_tree: settings
                .into_iter()
                .flatten()
                .fold(serde_json::Map::new(), |base, layer| layer.tree_over(base)),
        }
    }

    /// Its key in the configuration: `channels.hook`, `stages.enrich`.
    #[must_use]
    pub fn table(&self) -> String {
        self.setup.role.table(self.setup.name.as_str())
    }

    /// The same as a heading.
    #[must_use]
    pub fn heading(&self) -> String {
        match self.setup.role {
            Role::Channel => format!("[channels.{}]", self.setup.name),
            Role::Stage => format!("the stage `{}`", self.setup.name),
        }
    }
}

impl ChannelTable {
    pub(super) fn read(own: PluginRef, mut section: Section<'_>, sources: &Sources<'_>) -> Self {
        let table = Self {
            plugin: plugin(own, &mut section),
            policy: PolicyPatch::read_own(&mut section),
            settings: Settings::read(&mut section),
            secrets: bound_secret::read(&mut section, sources),
            sign: sign::read(&mut section, sources),
            grants: grants::read(&mut section, sources.dir),
        };
        table.finish(&mut section);
        table
    }

    /// Reads those of these keys that a stage has.
    pub(super) fn read_stage(own: PluginRef, mut section: Section<'_>, sources: &Sources<'_>) -> Self {
        let table = Self {
            plugin: plugin(own, &mut section),
            policy: PolicyPatch::read_bounds(&mut section),
            settings: Settings::read(&mut section),
            secrets: bound_secret::read(&mut section, sources),
            sign: vec![],
            grants: grants::read(&mut section, sources.dir),
        };
        if !table.grants.emit.is_empty() {
            section.problem(
                "grant",
                "`emit` cannot be granted to a stage, because stages emit no events",
                "remove `emit`",
            );
        }
        table.finish(&mut section);
        table
    }

    fn finish(&self, section: &mut Section<'_>) {
        for secret in self.secrets.iter().filter(|secret| self.settings.has(&secret.name)) {
            let help = "guests read secrets like settings, so a name can be only one of them";
            section.problem("secrets", format!("`{}` is also a setting", secret.name), help);
        }
        section.finish();
    }
}

fn plugin(own: PluginRef, section: &mut Section<'_>) -> PluginRef {
    section.get("plugin").and_then(|field| field.parse(PLUGIN_HELP, PluginRef::parse)).unwrap_or(own)
}

const PLUGIN_HELP: &str = "write the name of a file in `plugins.dir` without `.wasm`, or \"builtin:<name>\" for a \
                           plugin that ships with fanfare";

impl PluginRef {
    /// The plugin of a channel that names none.
    #[must_use]
    pub fn own(channel: &ChannelName) -> Self {
        Self::File(channel.to_string())
    }

    #[must_use]
    pub fn is_builtin(&self) -> bool {
        matches!(self, Self::Builtin(_))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (stem, wrap): (_, fn(String) -> Self) = match text.strip_prefix("builtin:") {
            Some(name) => (name, Self::Builtin),
            None => (text, Self::File),
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if stem.is_empty() || stem.starts_with('.') || stem.ends_with(".wasm") || !stem.chars().all(plain) {
            return Err(format!("{text:?} is not a valid plugin name"));
        }
        Ok(wrap(stem.to_owned()))
    }
}

impl fmt::Display for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(stem) => f.write_str(stem),
            Self::Builtin(name) => write!(f, "builtin:{name}"),
        }
    }
}

/// Reads a sidecar: policy keys, `settings`, their `schema`, and `tests`.
///
/// # Errors
/// Everything that is wrong with it. Keys that only an operator may set are rejected with the reason.
pub fn parse_sidecar(text: &str, file: &Path) -> Result<Sidecar, Diagnostics> {
    reader::read(text, file, |root| {
        for key in ["grant", "secrets", "sign"] {
            root.refuse(
                key,
                "is reserved for the operator, because a plugin must not grant itself anything",
                &format!("move it to [channels.<name>] in config.toml, as `{key}`"),
            );
        }
        Sidecar {
            policy: PolicyPatch::read_modest(root),
            settings: Settings::read(root),
            schema: root.get("schema").and_then(|field| Schema::read(&field)),
            tests: root.get("tests").map(|field| self_test::read(&field)).unwrap_or_default(),
        }
    })
}
