//! One channel: what its table says, what its plugin's sidecar says, and what follows from both.

use std::{collections::BTreeMap, fmt, path::Path};

use fanfare_core::{ChannelName, Policy};

use super::{
    Diagnostics, Grants, PolicyPatch, Secret, Settings, Sources,
    reader::{self, Section},
    sign,
};

/// What `[channels.<name>]` says.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelTable {
    pub plugin: PluginRef,
    pub policy: PolicyPatch,
    pub settings: Settings,
    /// The keys that requests are signed with; empty for unsigned ones.
    pub sign: Vec<Secret>,
    pub grant: Grants,
}

/// Which plugin a channel runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PluginRef {
    /// `<stem>.wasm` in the plugins' folder.
    File(String),
    /// One that comes with the daemon.
    Builtin(String),
}

/// What the `<name>.toml` beside a plugin says. It comes with the plugin, so it may not grant anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    pub policy: PolicyPatch,
    pub settings: Settings,
}

/// All there is to know to run a channel. Two that are equal run alike.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedChannel {
    pub name: ChannelName,
    pub plugin: PluginRef,
    pub policy: Policy,
    pub settings: BTreeMap<String, String>,
    pub sign: Vec<Secret>,
    pub grant: Grants,
}

impl ResolvedChannel {
    /// Lays the layers over each other, each over the ones before: the built-in policy, `[defaults]`, the plugin's sidecar, the
    /// channel's table. The sidecar stands above the defaults because it knows its plugin, and below the table because
    /// the operator has the last word. Without a table the channel runs the plugin of its own name and is granted nothing.
    #[must_use]
    pub fn resolve(
        name: &ChannelName,
        defaults: &PolicyPatch,
        sidecar: Option<&Sidecar>,
        table: Option<&ChannelTable>,
    ) -> Self {
        let policies = [Some(defaults), sidecar.map(|s| &s.policy), table.map(|t| &t.policy)];
        let settings = [sidecar.map(|s| &s.settings), table.map(|t| &t.settings)];
        Self {
            name: name.clone(),
            plugin: table.map_or_else(|| PluginRef::own(name), |table| table.plugin.clone()),
            policy: policies.into_iter().flatten().fold(Policy::default(), |base, patch| patch.over(base)),
            settings: settings.into_iter().flatten().fold(BTreeMap::new(), |base, settings| settings.over(base)),
            sign: table.map(|table| table.sign.clone()).unwrap_or_default(),
            grant: table.map(|table| table.grant.clone()).unwrap_or_default(),
        }
    }
}

impl ChannelTable {
    pub(super) fn read(own: PluginRef, mut section: Section<'_>, sources: &Sources<'_>) -> Self {
        let table = Self {
            plugin: section.get("plugin").and_then(|field| field.parse(PLUGIN_HELP, PluginRef::parse)).unwrap_or(own),
            policy: PolicyPatch::read(&mut section),
            settings: Settings::read(&mut section),
            sign: sign::read(&mut section, sources),
            grant: Grants::read(&mut section, sources.dir),
        };
        section.finish();
        table
    }
}

const PLUGIN_HELP: &str = "write the file's name in `plugins.dir` without `.wasm`, or \"builtin:<name>\" for one that comes \
                           with fanfare";

impl PluginRef {
    /// The plugin of a channel that names none.
    #[must_use]
    pub fn own(channel: &ChannelName) -> Self {
        Self::File(channel.to_string())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (stem, wrap): (_, fn(String) -> Self) = match text.strip_prefix("builtin:") {
            Some(name) => (name, Self::Builtin),
            None => (text, Self::File),
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if stem.is_empty() || stem.starts_with('.') || stem.ends_with(".wasm") || !stem.chars().all(plain) {
            return Err(format!("{text:?} is no plugin's name"));
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

/// Reads a sidecar: policy keys and `settings`.
///
/// # Errors
/// Everything that is wrong with it. What only an operator may say is refused with the reason.
pub fn parse_sidecar(text: &str, file: &Path) -> Result<Sidecar, Diagnostics> {
    reader::read(text, file, |root| {
        for key in ["grant", "secrets", "sign"] {
            root.refuse(
                key,
                "is for the operator to give: a sidecar comes with its plugin, which must not grant itself anything",
                &format!("move it to [channels.<name>] in config.toml, as `{key}`"),
            );
        }
        Sidecar { policy: PolicyPatch::read(root), settings: Settings::read(root) }
    })
}
