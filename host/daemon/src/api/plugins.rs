//! `/v1/plugins` and `/v1/reload`: what is loaded.

use fanfare_core::ChannelName;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The plugins, and the result of the last reload.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plugins {
    pub plugins: Vec<Plugin>,
    /// Always `null`: there is only one page.
    pub next: Option<()>,
    /// `null` before the first.
    pub last_reload: Option<ReloadReport>,
    /// The last fifty reloads of this run that changed something or found an error, newest first.
    #[serde(default)]
    pub reloads: Vec<ReloadReport>,
}

/// One file in the plugins' folder, or one builtin plugin.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plugin {
    /// `webhook`, `builtin:webhook`.
    pub name: String,
    /// The file. Absent for a builtin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// In bytes.
    pub size: usize,
    /// SHA-256, hex.
    pub digest: String,
    // Absent if the file could not be loaded.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub exports: Option<Interfaces>,
    /// Why the file is not in use. Absent if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to add to the configuration, for an unconfigured file. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    /// The channels that use it.
    pub channels: Vec<ChannelName>,
    /// The stages that use it. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<ChannelName>,
}

/// What a plugin exports and imports.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Interfaces {
    /// `channel`, `http-channel`, `incoming-handler`, `command` or `stage`. Absent if the file could not be loaded.
    pub kind: String,
    /// Whether one call takes many events. Only with `kind`.
    pub batches: bool,
    /// The interfaces that it exports. Only with `kind`.
    pub exports: Vec<String>,
    /// The interfaces that it imports. Only with `kind`.
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
    /// SHA-256 of its file, hex; `null` if there is no plugin to call.
    pub digest: Option<String>,
    /// `channel`, `http-channel`, `incoming-handler`, `command` or `stage`; `null` if there is no plugin to call.
    pub kind: Option<String>,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// Why there is no plugin to call, or why the newest file was rejected. Absent if nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The grants of a channel or a stage, as in the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Grants {
    /// Targets of HTTP requests.
    pub http: Vec<String>,
    /// Hosts and ports of TCP connections.
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
    /// The path under which the guest sees it.
    pub guest: String,
    /// Whether the guest may write to it.
    pub write: bool,
}

/// The configuration is read into the runtime's type, whose entries are parsed. The type above is the wire format,
/// which is all text, so this is the only place that turns grants into text.
impl From<&fanfare_runtime::Grants> for Grants {
    fn from(grants: &fanfare_runtime::Grants) -> Self {
        let folder = |grant: &fanfare_runtime::FileGrant| FileGrant {
            host: grant.host.display().to_string(),
            guest: grant.guest.clone(),
            write: grant.write,
        };
        Self {
            http: grants.http.iter().map(ToString::to_string).collect(),
            tcp: grants.tcp.iter().map(ToString::to_string).collect(),
            files: grants.files.iter().map(folder).collect(),
            emit: grants.emit.clone(),
            private_network: grants.private_network,
        }
    }
}

/// The result of a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReloadReport {
    /// When it ended.
    pub at: Timestamp,
    /// `ok` if everything was applied; `rejected` if something was not, so that its previous version keeps running.
    pub outcome: ReloadOutcome,
    /// What has changed, one line each.
    #[serde(default)]
    pub changes: Vec<String>,
    /// What was wrong, one line each, with file, line and key where there are any.
    #[serde(default)]
    pub errors: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReloadOutcome {
    Ok,
    Rejected,
}
