//! `fanfare check`: everything that a start would do with the plugins, without starting.

use fanfare_core::{Event, Policy, Staged};
use fanfare_dispatch::{Refused, try_stages};
use fanfare_runtime::{CacheOptions, Plugin, Runtime, RuntimeOptions};
use serde::Serialize;

use super::{Assembly, BuiltStage, Retry, assemble, folder, template};
use crate::config::{Config, ResolvedChannel};

/// What a start would find.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    pub channels: Vec<ChannelCheck>,
    /// In the order in which events pass them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<ChannelCheck>,
    /// One line each; empty if nothing is wrong.
    pub problems: Vec<String>,
    /// What may be intended, one line each.
    #[serde(skip)]
    pub warnings: Vec<String>,
    /// What the stages did to the given event.
    #[serde(skip)]
    pub passed: Option<Result<Staged, Refused>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ChannelCheck {
    #[serde(rename = "channel")]
    pub name: String,
    pub plugin: String,
    /// Absent if the plugin could not be loaded.
    pub kind: Option<&'static str>,
    pub digest: Option<String>,
    pub imports: Vec<String>,
    pub problem: Option<String>,
    /// What to add to the configuration so that a file becomes a channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure: Option<String>,
    /// Which events it would get, and when.
    #[serde(skip)]
    pub policy: Policy,
    /// The template that its setting names.
    #[serde(skip)]
    pub template: Option<String>,
}

impl ChannelCheck {
    fn of(resolved: &ResolvedChannel, plugin: Option<&Plugin>) -> Self {
        Self {
            name: resolved.setup.name.to_string(),
            plugin: resolved.plugin.to_string(),
            kind: plugin.map(|plugin| plugin.kind().as_str()),
            digest: plugin.map(|plugin| plugin.digest().to_owned()),
            imports: plugin.map(|plugin| plugin.imports().to_vec()).unwrap_or_default(),
            problem: None,
            configure: None,
            policy: resolved.policy.clone(),
            template: plugin.and_then(|plugin| template(resolved, plugin)).map(str::to_owned),
        }
    }
}

/// Compiles and links every plugin in the folder and every builtin in use, and builds every channel and stage. Passes
/// the event through the stages, if there is one.
///
/// # Errors
/// The engine cannot be created on this machine.
pub async fn check(config: &Config, event: Option<Event>) -> anyhow::Result<CheckReport> {
    let runtime = Runtime::new(RuntimeOptions {
        cache: Some(CacheOptions { dir: config.plugins.cache.clone(), most: None }),
        compiler: super::compiler(config.plugins.compile),
        ..RuntimeOptions::default()
    })?;
    let mut problems = Vec::new();
    let folder = folder::scan(&config.plugins.dir).unwrap_or_else(|error| {
        // A start creates a missing folder.
        if error.kind() != std::io::ErrorKind::NotFound {
            problems.push(format!("{}: {error}", config.plugins.dir.display()));
        }
        folder::Folder::default()
    });
    let assembly = assemble(&runtime, config, folder, &Assembly::default(), Retry::Failed).await;
    problems.extend(assembly.errors());
    let running = assembly.channels.values().map(|built| ChannelCheck {
        problem: built.error(),
        ..ChannelCheck::of(&built.resolved, built.plugin.as_ref())
    });
    let waiting = assembly.unconfigured.values().map(|waiting| ChannelCheck {
        configure: Some(waiting.stanza.to_string()),
        ..ChannelCheck::of(&waiting.resolved, waiting.plugin.as_ref())
    });
    let stages = assembly.stages.iter().map(|BuiltStage { built, .. }| ChannelCheck {
        problem: built.error(),
        ..ChannelCheck::of(&built.resolved, built.plugin.as_ref())
    });
    let warnings = assembly.absent_files(config);
    let specs = assembly.stages.iter().map(BuiltStage::spec).collect();
    let passed = match event {
        Some(event) => Some(try_stages(specs, event).await),
        None => None,
    };
    Ok(CheckReport { channels: running.chain(waiting).collect(), stages: stages.collect(), problems, warnings, passed })
}
