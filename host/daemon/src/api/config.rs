//! `/v1/config`: the configuration in force.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    channels::{Layer, Policy},
    plugins::ReloadReport,
    word::Word,
};

/// The configuration in force, without secrets and without the settings of plugins.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Configuration")]
pub struct Config {
    /// The path of the file, whether it exists or not.
    pub file: String,
    /// The keys of `[server]`, `[journal]`, `[plugins]` and `[telemetry]`.
    pub keys: Vec<ConfigKey>,
    /// The policy of a channel that sets nothing itself.
    pub defaults: Policy,
    /// The keys of it that `[defaults]` sets. The others have their built-in values.
    pub defaults_from: BTreeMap<String, Word<Layer>>,
    /// The result of the last reload; `errors` name file, line and key. `null` before the first.
    pub last_reload: Option<ReloadReport>,
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigKey {
    /// Such as `server.listen`.
    pub key: String,
    /// As the file would write it, without quotes.
    pub value: String,
    /// The line of the file that sets it. Absent if the file does not: it has its built-in value, or that of an
    /// `OTEL_*` variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The value in the file, if that is another one and takes effect only at the next start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_restart: Option<String>,
}
