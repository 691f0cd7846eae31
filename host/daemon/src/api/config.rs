//! `/v1/config`: the configuration in force.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{channels::Policy, plugins::ReloadReport, word::Word};

/// The configuration in force. Secrets are no part of it, nor are the settings of plugins.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Configuration")]
pub struct Config {
    /// The file that it was read from, or would be read from.
    pub file: String,
    /// Those of `[server]`, `[journal]` and `[plugins]`.
    pub keys: Vec<ConfigKey>,
    /// The policy of a channel that sets nothing of its own.
    pub defaults: Policy,
    /// Which of its keys `[defaults]` sets. The others have their built-in values.
    pub defaults_from: BTreeMap<String, Word<Layer>>,
    /// How the file was last read: `errors` name file, line and key. `null` before the first time.
    pub last_reload: Option<ReloadReport>,
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigKey {
    /// `server.listen`
    pub key: String,
    /// As the file would write it, without quotes.
    pub value: String,
    /// The line of the file that sets it. Absent where it has its built-in value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What the file says by now, and what takes effect at the next start. Absent where that is the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_restart: Option<String>,
}

/// What sets a key of a policy. Each overrides those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "PolicyLayer")]
pub enum Layer {
    /// `[defaults]`.
    Defaults,
    /// The file beside the plugin.
    Sidecar,
    /// `[channels.<name>]`.
    Channel,
}
