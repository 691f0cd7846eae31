//! What the daemon runs at the moment, as one value: written by a reload, read by the HTTP interface.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelName, OnError, Policy};
use jiff::Timestamp;
use serde::Serialize;

/// The channels and plugins in force, and how the last reload went.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub channels: BTreeMap<ChannelName, ChannelInfo>,
    /// In the order in which events pass them.
    pub stages: Vec<StageInfo>,
    pub plugins: Vec<PluginInfo>,
    pub last_reload: Option<ReloadReport>,
    /// What should be watched for changes and is not, with the reason: such changes are found later, by comparing.
    pub unwatched: Vec<String>,
}

/// The current [`Overview`]; readers take a snapshot, the reloader swaps it.
pub type SharedOverview = Arc<ArcSwap<Overview>>;

/// One channel as configured.
#[derive(Clone, Debug)]
pub struct ChannelInfo {
    pub name: ChannelName,
    /// As the configuration names it: `webhook`, `builtin:webhook`.
    pub plugin: String,
    pub policy: Policy,
    pub grants: GrantsInfo,
    /// The keys of its settings; values may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    pub signed: bool,
    /// The plugin that is loaded; absent when there is none.
    pub loaded: Option<LoadedInfo>,
    /// Why no plugin is loaded, or why its newest file was not taken.
    pub error: Option<String>,
    /// There is no such plugin, as against one that cannot be loaded.
    pub missing: bool,
    /// What to add to the configuration, for a file that waits for that: it is not a channel yet.
    pub configure: Option<String>,
}

/// One stage as configured.
#[derive(Clone, Debug)]
pub struct StageInfo {
    /// What it has in common with a channel. Of the policy, a stage has the bounds and the filter.
    pub info: ChannelInfo,
    pub on_error: OnError,
    /// There is something to call.
    pub runs: bool,
}

/// What a channel is granted, in the words of the configuration.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GrantsInfo {
    pub http: Vec<String>,
    pub tcp: Vec<String>,
    pub files: Vec<FileGrantInfo>,
    pub emit: Vec<String>,
    pub private_network: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct FileGrantInfo {
    pub host: String,
    pub guest: String,
    pub write: bool,
}

/// A plugin in use.
#[derive(Clone, Debug, Serialize)]
pub struct LoadedInfo {
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// `channel`, `http-channel`.
    pub kind: &'static str,
    pub imports: Vec<String>,
}

/// One file in the plugins' folder, or one plugin built into the binary.
#[derive(Clone, Debug, Serialize)]
pub struct PluginInfo {
    /// `webhook`, `builtin:webhook`.
    pub name: String,
    /// The file, absent for a builtin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes.
    pub size: usize,
    /// SHA-256, hex.
    pub digest: String,
    /// Absent when the file could not be loaded.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub exports: Option<Interfaces>,
    /// Why the file is not in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to add to the configuration, while the file waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    /// The channels that use it.
    pub channels: Vec<ChannelName>,
    /// The stages that do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<ChannelName>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Interfaces {
    pub kind: &'static str,
    /// It takes many events in one call.
    pub batches: bool,
    pub exports: Vec<String>,
    pub imports: Vec<String>,
}

/// How a reload went.
#[derive(Clone, Debug, Serialize)]
pub struct ReloadReport {
    pub at: Timestamp,
    /// `ok` when everything found was taken; `rejected` when something was not, and the version before it runs on.
    pub outcome: ReloadOutcome,
    /// What has changed, one line each.
    pub changes: Vec<String>,
    /// What was wrong, one line each: file, line and key where there are any.
    pub errors: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReloadOutcome {
    Ok,
    Rejected,
}
