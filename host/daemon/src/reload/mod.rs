//! Hot reload: files change, and what runs follows, without a restart and without a lost delivery.
//!
//! One reload is one pass: read the configuration, read the plugins' folder, build what has changed, and only then swap the
//! table of channels. What cannot be read, compiled, linked or built changes nothing and says why.

mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use fanfare_core::ChannelName;
use fanfare_dispatch::{BoxFuture, ChannelSpec, Clock, Dispatcher};
use fanfare_runtime::{Plugin, Runtime};
use tokio::sync::Mutex;

pub use watch::Watch;

use crate::{
    config::{Config, Diagnostics, PluginRef},
    daemon::Reload,
    metrics::Metrics,
    overview::{
        ChannelInfo, FileGrantInfo, GrantsInfo, Interfaces, LoadedInfo, Overview, PluginInfo, ReloadOutcome,
        ReloadReport, SharedOverview,
    },
    plugins::{Assembly, Built, announce, assemble, builtin, folder},
};

/// Brings what runs in step with the files.
pub struct Reloader {
    runtime: Runtime,
    dispatcher: Arc<Dispatcher>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    overview: SharedOverview,
    /// What the process was started with; some keys are read only then.
    started: Config,
    /// Held through a whole reload: two at once would build from the same "before".
    running: Mutex<Running>,
}

struct Running {
    config: Config,
    assembly: Assembly,
}

impl Reloader {
    #[must_use]
    pub fn new(
        runtime: Runtime,
        dispatcher: Arc<Dispatcher>,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Self {
        let overview = Arc::new(ArcSwap::from_pointee(Overview::default()));
        let started = config.clone();
        let running = Mutex::new(Running { config, assembly: Assembly::default() });
        Self { runtime, dispatcher, metrics, clock, overview, started, running }
    }

    #[must_use]
    pub fn overview(&self) -> SharedOverview {
        Arc::clone(&self.overview)
    }

    /// Makes the channels known that there will be, so that events are kept for them from now on: loading a plugin for the first
    /// time may take a while.
    pub async fn announce(&self) {
        let running = self.running.lock().await;
        let dir = running.config.plugins.dir.clone();
        let listed = tokio::task::spawn_blocking(move || folder::scan(&dir)).await;
        // What is wrong with the folder is told when it is loaded.
        let folder = listed.ok().and_then(Result::ok).unwrap_or_default();
        let assembly = announce(&running.config, &folder);
        match self.dispatcher.apply(specs(&assembly)).await {
            Ok(()) => self.overview.store(Arc::new(overview(&assembly, None))),
            Err(error) => tracing::error!(%error, "the channels could not be registered"),
        }
    }

    /// Loads everything for the first time. The configuration has been read already.
    pub async fn start(&self) -> ReloadReport {
        let mut running = self.running.lock().await;
        let config = running.config.clone();
        self.bring_up(&mut running, config, Notes::default()).await
    }

    /// What has to be watched: the configuration's folder and the plugins' folder.
    pub async fn folders(&self) -> Vec<PathBuf> {
        let running = self.running.lock().await;
        let parent = running.config.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        vec![parent.unwrap_or(Path::new(".")).to_owned(), running.config.plugins.dir.clone()]
    }

    async fn reload_now(&self) -> ReloadReport {
        let mut running = self.running.lock().await;
        let mut notes = Notes::default();
        let config = match read_config(&running.config.path).await {
            Ok(config) => {
                self.metrics.reloaded("config", true);
                for key in self.started.needs_restart(&config) {
                    notes.changes.push(format!("{key} differs from what runs; it takes effect at the next start"));
                }
                config
            }
            Err(problems) => {
                self.metrics.reloaded("config", false);
                notes.errors.extend(problems.problems.iter().map(ToString::to_string));
                running.config.clone()
            }
        };
        self.bring_up(&mut running, config, notes).await
    }

    async fn bring_up(&self, running: &mut Running, config: Config, mut notes: Notes) -> ReloadReport {
        let (folder, config) = self.scan(running, config, &mut notes).await;
        let assembly = match folder {
            Some(folder) => assemble(&self.runtime, &config, folder, &running.assembly).await,
            // A folder that cannot be listed is no reason to take its channels down.
            None => running.assembly.clone(),
        };
        match self.dispatcher.apply(specs(&assembly)).await {
            Ok(()) => {
                notes.errors.extend(assembly.errors());
                notes.changes.extend(changes(&running.assembly, &assembly));
                for (name, version) in &assembly.plugins {
                    let before = running.assembly.plugins.get(name).map(|before| before.plugin.digest());
                    if before != Some(version.plugin.digest()) {
                        self.metrics.reloaded("plugin", true);
                    }
                }
                assembly.broken.keys().for_each(|_| self.metrics.reloaded("plugin", false));
                *running = Running { config, assembly };
            }
            Err(error) => notes.errors.push(format!("the channels could not be registered: {error}")),
        }
        let report = notes.into_report(self.clock.now());
        log(&report);
        self.overview.store(Arc::new(overview(&running.assembly, Some(report.clone()))));
        report
    }

    /// Reads the plugins' folder. A configuration that newly names a plugin which is not there is refused as a whole.
    async fn scan(&self, running: &Running, config: Config, notes: &mut Notes) -> (Option<folder::Folder>, Config) {
        let dir = config.plugins.dir.clone();
        let listed = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&dir)?;
            folder::scan(&dir)
        });
        let folder = match listed.await {
            Ok(Ok(folder)) => folder,
            Ok(Err(error)) => {
                notes.errors.push(format!("{}: the folder cannot be listed: {error}", config.plugins.dir.display()));
                return (None, config);
            }
            Err(error) => {
                notes.errors.push(format!("the plugins' folder could not be read: {error}"));
                return (None, config);
            }
        };
        let there = |plugin: &PluginRef| match plugin {
            PluginRef::File(_) => folder.sources.contains_key(plugin) || folder.unreadable.contains_key(plugin),
            PluginRef::Builtin(name) => builtin::find(name).is_some(),
        };
        let first = running.assembly.channels.is_empty();
        let known = |name: &ChannelName, plugin| running.config.channels.get(name).is_some_and(|t| &t.plugin == plugin);
        let unknown: Vec<_> = config
            .channels
            .iter()
            .filter(|(name, table)| !first && !there(&table.plugin) && !known(name, &table.plugin))
            .map(|(name, _)| config.unknown_plugin(name).to_string())
            .collect();
        if unknown.is_empty() {
            return (Some(folder), config);
        }
        self.metrics.reloaded("config", false);
        notes.errors.extend(unknown);
        (Some(folder), running.config.clone())
    }
}

impl Reload for Reloader {
    fn reload(&self) -> BoxFuture<'_, ReloadReport> {
        Box::pin(self.reload_now())
    }
}

async fn read_config(path: &Path) -> Result<Config, Diagnostics> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || Config::load(&path, &|name| std::env::var(name).ok()));
    match read.await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What a reload has to tell.
#[derive(Default)]
struct Notes {
    changes: Vec<String>,
    errors: Vec<String>,
}

impl Notes {
    fn into_report(self, at: jiff::Timestamp) -> ReloadReport {
        // Names of files, of exports and what a guest said may hold anything; here each is one line.
        let one_line = |text: String| text.replace(char::is_control, " ");
        let cleaned = |lines: Vec<String>| lines.into_iter().map(one_line).collect::<Vec<_>>();
        let (changes, errors) = (cleaned(self.changes), cleaned(self.errors));
        let outcome = if errors.is_empty() { ReloadOutcome::Ok } else { ReloadOutcome::Rejected };
        ReloadReport { at, outcome, changes, errors }
    }
}

fn log(report: &ReloadReport) {
    for change in &report.changes {
        tracing::info!("{change}");
    }
    for error in &report.errors {
        tracing::error!("{error}");
    }
}

/// One line for each channel that is new, gone or different.
fn changes(before: &Assembly, after: &Assembly) -> Vec<String> {
    let mut lines = Vec::new();
    let digest = |built: &Built| built.plugin.as_ref().map_or("none", |plugin| &plugin.digest()[..16]).to_owned();
    for (name, built) in &after.channels {
        match before.channels.get(name) {
            None => lines.push(format!("channel {name}: added, plugin {} ({})", built.resolved.plugin, digest(built))),
            Some(was) if digest(was) != digest(built) => {
                lines.push(format!(
                    "channel {name}: plugin {} {} → {}{}",
                    built.resolved.plugin,
                    digest(was),
                    digest(built),
                    difference(was.plugin.as_ref(), built.plugin.as_ref()),
                ));
            }
            Some(was) if was.resolved != built.resolved => lines.push(format!("channel {name}: configuration changed")),
            Some(_) => {}
        }
    }
    for name in before.channels.keys().filter(|name| !after.channels.contains_key(*name)) {
        lines.push(format!("channel {name}: removed; what is pending stays in the journal"));
    }
    lines
}

/// What another version of a plugin asks for and offers that the one before did not, and the other way round: the first
/// thing to look at when a stranger's plugin changes.
fn difference(before: Option<&Plugin>, after: Option<&Plugin>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return String::new() };
    let compare = |what: &str, was: &[String], is: &[String]| {
        let new = is.iter().filter(|name| !was.contains(name)).map(|name| format!("+{name}"));
        let gone = was.iter().filter(|name| !is.contains(name)).map(|name| format!("-{name}"));
        let all: Vec<_> = new.chain(gone).collect();
        if all.is_empty() { String::new() } else { format!("; {what} {}", all.join(" ")) }
    };
    let kind = match (before.kind(), after.kind()) {
        (was, is) if was != is => format!("; kind {was} → {is}"),
        _ => String::new(),
    };
    kind + &compare("imports", before.imports(), after.imports())
        + &compare("exports", before.exports(), after.exports())
}

fn specs(assembly: &Assembly) -> Vec<ChannelSpec> {
    let spec = |built: &Built| ChannelSpec {
        name: built.resolved.name.clone(),
        policy: built.resolved.policy.clone(),
        channel: built.channel.clone(),
    };
    assembly.channels.values().map(spec).collect()
}

fn overview(assembly: &Assembly, last_reload: Option<ReloadReport>) -> Overview {
    let users = |plugin: &PluginRef| {
        let uses = assembly.channels.values().filter(|built| &built.resolved.plugin == plugin);
        uses.map(|built| built.resolved.name.clone()).collect::<Vec<_>>()
    };
    let loaded = assembly.plugins.iter().map(|(name, version)| PluginInfo {
        name: name.to_string(),
        file: version.file.as_ref().map(|file| file.display().to_string()),
        size: version.plugin.size(),
        digest: version.plugin.digest().to_owned(),
        exports: Some(Interfaces {
            kind: version.plugin.kind().as_str(),
            exports: version.plugin.exports().to_vec(),
            imports: version.plugin.imports().to_vec(),
        }),
        error: assembly.broken.get(name).cloned(),
        channels: users(name),
    });
    let unloaded =
        assembly.broken.iter().filter(|(name, _)| !assembly.plugins.contains_key(*name)).map(|(name, reason)| {
            PluginInfo {
                name: name.to_string(),
                file: None,
                size: 0,
                digest: String::new(),
                exports: None,
                error: Some(reason.clone()),
                channels: users(name),
            }
        });
    Overview {
        channels: assembly.channels.iter().map(|(name, built)| (name.clone(), channel_info(built))).collect(),
        plugins: loaded.chain(unloaded).collect(),
        last_reload,
    }
}

fn channel_info(built: &Built) -> ChannelInfo {
    let resolved = &built.resolved;
    let files = resolved.grant.files.iter().map(|grant| FileGrantInfo {
        host: grant.host.display().to_string(),
        guest: grant.guest.clone(),
        write: grant.write,
    });
    ChannelInfo {
        name: resolved.name.clone(),
        plugin: resolved.plugin.to_string(),
        policy: resolved.policy.clone(),
        grants: GrantsInfo {
            http: resolved.grant.http.clone(),
            tcp: resolved.grant.tcp.clone(),
            files: files.collect(),
            emit: resolved.grant.emit.clone(),
            private_network: resolved.grant.private_network,
        },
        settings: resolved.settings.keys().cloned().collect(),
        secrets: resolved.secrets.iter().map(|secret| secret.name.clone()).collect(),
        signed: !resolved.sign.is_empty(),
        loaded: built.plugin.as_ref().map(|plugin| LoadedInfo {
            digest: plugin.digest().to_owned(),
            kind: plugin.kind().as_str(),
            imports: plugin.imports().to_vec(),
        }),
        error: built.error.clone(),
        missing: built.missing,
    }
}
