//! `/v1/stages`: what events pass before the fan-out.

use std::collections::BTreeMap;

use fanfare_core::{Class, OnError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    metrics::Latency,
    plugins::{Grants, Loaded},
    word::Word,
};

/// What events pass before they go to channels.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stages {
    /// In the order in which events pass them.
    pub stages: Vec<Stage>,
    /// Always `null`: there is only one page.
    pub next: Option<()>,
}

/// A stage: its plugin, its bounds, and what it has done.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Stage {
    pub name: String,
    pub state: Word<State>,
    /// As in the configuration: `enrich`, `builtin:enrich`.
    pub plugin: String,
    #[serde(flatten)]
    pub loaded: Loaded,
    /// Types and type patterns. Absent if events of every type pass it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The condition for events that pass it, in CEL. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    pub on_error: Word<OnError>,
    pub bounds: Bounds,
    pub grants: Grants,
    /// The keys of its settings, without their values, which may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    #[serde(flatten)]
    pub runs: Runs,
}

/// The state of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "StageState")]
pub enum State {
    Active,
    /// The plugin does not exist.
    Missing,
    /// The plugin could not be loaded, or rejects the stage's settings.
    Failed,
}

/// The bounds of one run, as in the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Bounds {
    /// Wall clock: `1s`.
    pub timeout: String,
    pub fuel: u64,
    /// `64MiB`.
    pub memory: String,
    /// Runs at once.
    pub concurrency: usize,
    /// How many runs an instance serves; 0: each run has a fresh one.
    pub reuse: u32,
}

/// What a stage has done since the start.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Runs {
    /// Events, by what it did with them.
    pub runs: BTreeMap<String, u64>,
    /// `null` before the first.
    pub latency: Option<Latency>,
    /// `null` if it has not failed.
    pub last_error: Option<StageError>,
}

/// How a stage last failed. The plugin's message is omitted: it may quote an event that is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageError {
    pub at: Timestamp,
    pub class: Word<Class>,
    pub code: String,
}
