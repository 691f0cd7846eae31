//! `/v1/plugins` and `/v1/reload`: what is loaded.

use fanfare_core::ChannelName;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The plugins there are, and how the last reload went.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plugins {
    pub plugins: Vec<Plugin>,
    /// Always `null`: all of them stand on one page.
    pub next: Option<()>,
    /// `null` before the first.
    pub last_reload: Option<ReloadReport>,
    /// The last fifty reloads of this run that changed something or found an error, newest first.
    #[serde(default)]
    pub reloads: Vec<ReloadReport>,
}

/// One file in the plugins' folder, or one plugin built into the binary.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plugin {
    /// `webhook`, `builtin:webhook`.
    pub name: String,
    /// The file. Absent for one that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes.
    pub size: usize,
    /// SHA-256, hex.
    pub digest: String,
    // Absent when the file could not be loaded.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub exports: Option<Interfaces>,
    /// Why the file is not in use. Absent where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to add to the configuration, while the file waits for that. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    /// The channels that use it.
    pub channels: Vec<ChannelName>,
    /// The stages that use it. Absent where none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<ChannelName>,
}

/// What a plugin exports and imports.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Interfaces {
    /// `channel`, `http-channel`, `incoming-handler`, `command` or `stage`. Absent when the file could not be loaded.
    pub kind: String,
    /// Whether it takes many events in one call. Beside `kind`.
    pub batches: bool,
    /// The interfaces that it exports. Beside `kind`.
    pub exports: Vec<String>,
    /// The interfaces that it imports. Beside `kind`.
    pub imports: Vec<String>,
    /// The grants that it may need, from what it imports. An import does not mean that it is used. Beside `kind`.
    #[serde(default)]
    pub wants: Vec<Want>,
}

/// A grant that a plugin may need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GrantWanted")]
pub struct Want {
    /// Such as `grant.http`.
    pub grant: String,
    /// What for.
    pub why: String,
}

/// The plugin that a channel or a stage runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Loaded {
    /// SHA-256 of its file, hex; `null` where there is nothing to call.
    pub digest: Option<String>,
    /// `channel`, `http-channel`, `incoming-handler`, `command` or `stage`; `null` where there is nothing to call.
    pub kind: Option<String>,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// Why there is nothing to call, or why the newest file was not taken. Absent where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a channel or a stage is granted, in the words of the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Grants {
    /// Hosts that it may send HTTP requests to.
    pub http: Vec<String>,
    /// Hosts and ports that it may connect to.
    pub tcp: Vec<String>,
    pub files: Vec<FileGrant>,
    /// Types of events that it may emit.
    pub emit: Vec<String>,
    /// Whether it may reach private addresses.
    pub private_network: bool,
}

/// A folder that a guest sees.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FileGrant {
    /// The folder on this machine.
    pub host: String,
    /// The folder as the guest sees it.
    pub guest: String,
    /// Whether the guest may write there.
    pub write: bool,
}

/// How a reload went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReloadReport {
    /// When it ended.
    pub at: Timestamp,
    /// `ok` when everything that was found was taken; `rejected` when something was not, and the version before it runs on.
    pub outcome: ReloadOutcome,
    /// What has changed, one line each.
    #[serde(default)]
    pub changes: Vec<String>,
    /// What was wrong, one line each: file, line and key where there are any.
    #[serde(default)]
    pub errors: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReloadOutcome {
    Ok,
    Rejected,
}
