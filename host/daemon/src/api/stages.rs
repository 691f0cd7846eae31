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
    /// Always `null`: all of them stand on one page.
    pub next: Option<()>,
}

/// A stage: its plugin and bounds, and what it has done.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Stage {
    pub name: String,
    pub state: Word<State>,
    /// As the configuration names it: `enrich`, `builtin:enrich`.
    pub plugin: String,
    #[serde(flatten)]
    pub loaded: Loaded,
    /// Types and patterns. Absent where every type passes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The condition of what passes it, in CEL. Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    pub on_error: Word<OnError>,
    pub bounds: Bounds,
    pub grants: Grants,
    /// The keys of its settings; values may be private.
    pub settings: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    #[serde(flatten)]
    pub runs: Runs,
}

/// What a stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "StageState")]
pub enum State {
    Active,
    /// There is no such plugin.
    Missing,
    /// There is one, and it could not be loaded, or does not take the stage's settings.
    Failed,
}

/// The bounds of one run, as the configuration writes them.
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
    /// Runs that an instance serves; 0: each has a fresh one.
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
    /// `null` where it has not failed.
    pub last_error: Option<StageError>,
}

/// How a stage last failed. What the plugin said is left out: it may repeat an event that is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageError {
    pub at: Timestamp,
    pub class: Word<Class>,
    pub code: String,
}
