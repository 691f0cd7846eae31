//! What the daemon runs, as one value: written by a reload, read by the HTTP interface.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelName, OnError, Policy};
use fanfare_runtime::Grants;

use crate::api::{ConfigKey, Layer, Loaded, Word};
pub use crate::api::{Interfaces, Plugin as PluginInfo, ReloadOutcome, ReloadReport};

/// The channels and plugins in force, and the last reload.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub channels: BTreeMap<ChannelName, ChannelInfo>,
    /// In the order in which events pass them.
    pub stages: Vec<StageInfo>,
    pub plugins: Vec<PluginInfo>,
    pub last_reload: Option<ReloadReport>,
    /// Reloads that changed something or found an error, newest first.
    pub reloads: Vec<ReloadReport>,
    pub config: ConfigInfo,
    /// What should be watched for changes and is not, with the reason. Such changes are found by comparing files.
    pub unwatched: Vec<String>,
}

/// The current [`Overview`]; readers take a snapshot, the reloader swaps it.
pub type SharedOverview = Arc<ArcSwap<Overview>>;

/// The configuration in force.
#[derive(Clone, Debug, Default)]
pub struct ConfigInfo {
    pub file: PathBuf,
    pub keys: Vec<ConfigKey>,
    /// The policy of a channel that sets nothing.
    pub defaults: Policy,
    pub defaults_from: Origins,
}

/// The layer that sets each key of a policy. Absent keys have their built-in values.
pub type Origins = BTreeMap<String, Word<Layer>>;

/// One channel as configured.
#[derive(Clone, Debug)]
pub struct ChannelInfo {
    pub name: ChannelName,
    /// As in the configuration: `webhook`, `builtin:webhook`.
    pub plugin: String,
    pub policy: Policy,
    pub policy_from: Origins,
    pub grants: Grants,
    /// The keys of its settings, without their values, which may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    pub signed: bool,
    /// The loaded plugin; absent if there is none.
    pub loaded: Option<LoadedInfo>,
    /// Why no plugin is loaded, or why its newest file was rejected.
    pub error: Option<String>,
    /// The plugin does not exist, as opposed to one that cannot be loaded.
    pub missing: bool,
    /// What to add to the configuration, for an unconfigured file; it is not a channel yet.
    pub configure: Option<String>,
    /// What may be a mistake.
    pub warnings: Vec<String>,
}

impl ChannelInfo {
    /// What it runs, for the API.
    #[must_use]
    pub fn loaded(&self) -> Loaded {
        let loaded = self.loaded.as_ref();
        Loaded {
            digest: loaded.map(|loaded| loaded.digest.clone()),
            kind: loaded.map(|loaded| loaded.kind.to_owned()),
            imports: loaded.map(|loaded| loaded.imports.clone()).unwrap_or_default(),
            error: self.error.clone(),
        }
    }
}

/// One stage as configured.
#[derive(Clone, Debug)]
pub struct StageInfo {
    /// What it has in common with a channel. From the policy, a stage has the bounds and the filter.
    pub info: ChannelInfo,
    pub on_error: OnError,
    /// There is a plugin to call.
    pub runs: bool,
}

/// A plugin in use.
#[derive(Clone, Debug)]
pub struct LoadedInfo {
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// `channel`, `http-channel`.
    pub kind: &'static str,
    pub imports: Vec<String>,
}
