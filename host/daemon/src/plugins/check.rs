//! `fanfare check`: everything a start would do with the plugins, without starting.

use fanfare_runtime::{Runtime, RuntimeOptions};
use serde::Serialize;

use super::{Assembly, Retry, assemble, folder};
use crate::config::Config;

/// What a start would find.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    pub channels: Vec<ChannelCheck>,
    /// One line each; empty when all is well.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ChannelCheck {
    pub channel: String,
    pub plugin: String,
    /// Absent when the plugin could not be loaded.
    pub kind: Option<&'static str>,
    pub digest: Option<String>,
    pub imports: Vec<String>,
    pub problem: Option<String>,
}

/// Compiles and links every plugin in the folder and every builtin in use, and builds every channel.
///
/// # Errors
/// When the engine cannot be made on this machine.
pub async fn check(config: &Config) -> anyhow::Result<CheckReport> {
    let runtime = Runtime::new(RuntimeOptions {
        cache_dir: Some(config.plugins.cache.clone()),
        compiler: super::compiler(config.plugins.compile),
        ..RuntimeOptions::default()
    })?;
    let mut problems = Vec::new();
    let folder = folder::scan(&config.plugins.dir).unwrap_or_else(|error| {
        // A folder that is not there yet is made at the start.
        if error.kind() != std::io::ErrorKind::NotFound {
            problems.push(format!("{}: {error}", config.plugins.dir.display()));
        }
        folder::Folder::default()
    });
    let assembly = assemble(&runtime, config, folder, &Assembly::default(), Retry::Failed).await;
    problems.extend(assembly.errors());
    let channels = assembly.channels.values().map(|built| ChannelCheck {
        channel: built.resolved.name.to_string(),
        plugin: built.resolved.plugin.to_string(),
        kind: built.plugin.as_ref().map(|plugin| plugin.kind().as_str()),
        digest: built.plugin.as_ref().map(|plugin| plugin.digest().to_owned()),
        imports: built.plugin.as_ref().map(|plugin| plugin.imports().to_vec()).unwrap_or_default(),
        problem: built.error(),
    });
    Ok(CheckReport { channels: channels.collect(), problems })
}
