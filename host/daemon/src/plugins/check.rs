//! `fanfare check`: everything that a start would do with the plugins, without starting.

use fanfare_core::{Event, Policy, Staged};
use fanfare_dispatch::{Refused, try_stages};
use fanfare_runtime::{Plugin, Runtime, RuntimeOptions};
use serde::Serialize;

use super::{Assembly, BuiltStage, Retry, assemble, compiled, folder, template};
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
/// the event through the stages, if there is one. `compiling` gets the names of the files that are not in the cache;
/// its result is kept until they are loaded.
///
/// # Errors
/// The engine cannot be created on this machine.
pub async fn check<T>(
    config: &Config,
    event: Option<Event>,
    compiling: impl FnOnce(&[String]) -> T,
) -> anyhow::Result<CheckReport> {
    let runtime = Runtime::new(RuntimeOptions {
        cache: Some(compiled::of_daemon(&config.plugins)),
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
    let new = folder.sources.values().filter(|source| !runtime.is_compiled(&source.wasm));
    let new: Vec<_> = new.map(|source| source.name.to_string()).collect();
    let shown = (!new.is_empty()).then(|| compiling(&new));
    let assembly = assemble(&runtime, config, folder, &Assembly::default(), Retry::Failed).await;
    drop(shown);
    problems.extend(assembly.errors());
    // The mistakes of a table are reported with those of the file.
    let mistaken =
        |resolved: &ResolvedChannel| (!config.is_sound(&resolved.table())).then(|| "its table has mistakes".to_owned());
    let running = assembly.channels.values().map(|built| ChannelCheck {
        problem: built.error().or_else(|| mistaken(&built.resolved)),
        ..ChannelCheck::of(&built.resolved, built.plugin.as_ref())
    });
    let waiting = assembly.unconfigured.values().map(|waiting| ChannelCheck {
        configure: Some(waiting.stanza.to_string()),
        ..ChannelCheck::of(&waiting.resolved, waiting.plugin.as_ref())
    });
    let stages = assembly.stages.iter().map(|BuiltStage { built, .. }| ChannelCheck {
        problem: built.error().or_else(|| mistaken(&built.resolved)),
        ..ChannelCheck::of(&built.resolved, built.plugin.as_ref())
    });
    let warnings = assembly.warnings(config);
    let sound = assembly.stages.iter().filter(|stage| config.is_sound(&stage.built.resolved.table()));
    let specs = sound.map(BuiltStage::spec).collect();
    let passed = match event {
        Some(event) => Some(try_stages(specs, event).await),
        None => None,
    };
    Ok(CheckReport { channels: running.chain(waiting).collect(), stages: stages.collect(), problems, warnings, passed })
}
