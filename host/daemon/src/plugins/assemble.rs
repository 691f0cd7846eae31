//! From the configuration, the plugins' files and the current assembly to the next one: build before tear-down.
//!
//! Nothing here touches what is running. What cannot be built keeps its previous version and says why.

mod channels;
mod setup;
mod stages;

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use fanfare_core::{ChannelName, OnError};
use fanfare_dispatch::{Bounds, BoxFuture, Channel, Stage, StageSpec};
use fanfare_runtime::{ChannelSetup, LoadError, Plugin, Runtime};
use futures_util::{
    StreamExt as _,
    stream::{FuturesUnordered, ReadyChunks},
};
use tokio::time::Instant;

use super::{
    SidecarText, Source, Stanza, admission, builtin, fit::absent_files, folder::Folder, wants::takes_settings,
};
use crate::{
    blocking::blocking,
    config::{Config, PluginRef, ResolvedChannel, Schema, Sidecar, parse_sidecar},
};

pub use setup::{create_folders, template};

/// A loaded plugin, and the files it came from.
#[derive(Clone)]
pub struct Version {
    pub plugin: Plugin,
    pub sidecar: Option<Sidecar>,
    sidecar_text: Option<SidecarText>,
    pub file: Option<std::path::PathBuf>,
}

/// A channel, built as far as possible; or a stage, which is called differently.
pub struct Built<C: ?Sized = dyn Channel> {
    pub resolved: ResolvedChannel,
    /// What to call; absent while there is no plugin.
    pub call: Option<Arc<C>>,
    pub plugin: Option<Plugin>,
    /// The schema that its settings were checked against.
    schema: Option<Schema>,
    /// Why there is nothing to call, or why the newest version is not used: all reasons.
    pub errors: Vec<String>,
    /// The plugin does not exist, as opposed to one that cannot be loaded.
    pub missing: bool,
    /// The configuration has a table for it.
    named: bool,
}

impl<C: ?Sized> Clone for Built<C> {
    fn clone(&self) -> Self {
        let Self { resolved, call, plugin, schema, errors, missing, named } = self;
        Self {
            resolved: resolved.clone(),
            call: call.clone(),
            plugin: plugin.clone(),
            schema: schema.clone(),
            errors: errors.clone(),
            missing: *missing,
            named: *named,
        }
    }
}

/// A stage, built as far as possible.
#[derive(Clone)]
pub struct BuiltStage {
    pub built: Built<dyn Stage>,
    pub on_error: OnError,
    /// There is nothing to call yet.
    pub loading: bool,
}

impl BuiltStage {
    /// The stage as the dispatcher wants it.
    #[must_use]
    pub fn spec(&self) -> StageSpec {
        let Self { built, on_error, loading } = self;
        let policy = &built.resolved.policy;
        StageSpec {
            name: built.resolved.setup.name.clone(),
            plugin: built.resolved.plugin.to_string(),
            filter: policy.filter.clone(),
            bounds: Bounds::from(policy),
            concurrency: policy.concurrency,
            // `pass` is for a stage that fails, not for one that is still being loaded.
            on_error: if *loading { OnError::Reject } else { *on_error },
            stage: built.call.clone().ok_or_else(|| built.error().unwrap_or_default()),
        }
    }
}

/// A file that no channel names and that does not become a channel by itself. It gets no events.
#[derive(Clone)]
pub struct Unconfigured {
    /// The channel that it would be.
    pub resolved: ResolvedChannel,
    pub plugin: Option<Plugin>,
    /// Why it is not one.
    pub reason: String,
    /// What to add to the configuration.
    pub stanza: Stanza,
}

/// What is to run.
#[derive(Clone, Default)]
pub struct Assembly {
    pub plugins: BTreeMap<PluginRef, Version>,
    pub channels: BTreeMap<ChannelName, Built>,
    /// In the order in which events pass them.
    pub stages: Vec<BuiltStage>,
    /// Files that have to be configured before they become channels, by the name of that channel.
    pub unconfigured: BTreeMap<ChannelName, Unconfigured>,
    /// Plugins whose newest file was rejected, with the reason.
    pub broken: BTreeMap<PluginRef, String>,
    /// Files that would fail again; they are not retried until they change.
    failed: BTreeMap<PluginRef, Failed>,
}

/// A file that was tried and failed.
#[derive(Clone)]
struct Failed {
    digest: String,
    sidecar: Option<SidecarText>,
    reason: String,
}

impl Failed {
    fn is(&self, source: &Source) -> bool {
        self.digest == source.digest && self.sidecar == source.sidecar
    }
}

/// Whether to retry a file that failed and has not changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// On request: the operator may have freed resources on the machine.
    Failed,
    /// Compiling it again and again would keep the machine busy.
    Changed,
}

impl Assembly {
    /// Everything that is wrong, one line each.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let plugins = self.broken.iter().map(|(name, reason)| format!("plugin {name}: {reason}"));
        let channels = self.channels.values().flat_map(|built| self.errors_of(built));
        let stages = self.stages.iter().flat_map(|stage| self.errors_of(&stage.built));
        plugins.chain(channels).chain(stages).collect()
    }

    /// What may be intended, and may be a mistake, one line each.
    #[must_use]
    pub fn warnings(&self, config: &Config) -> Vec<String> {
        let channels = self.channels.values().flat_map(|built| self.warnings_of(built, config));
        channels.chain(self.stages.iter().flat_map(|stage| self.warnings_of(&stage.built, config))).collect()
    }

    /// The same for one channel or stage: files that its settings name and that do not exist, and a plugin that came
    /// without its sidecar.
    #[must_use]
    pub fn warnings_of<C: ?Sized>(&self, built: &Built<C>, config: &Config) -> Vec<String> {
        let version = self.plugins.get(&built.resolved.plugin);
        let alone =
            version.filter(|version| !built.named && version.sidecar.is_none() && takes_settings(&version.plugin));
        let alone = alone.map(|_| {
            let (plugin, table) = (&built.resolved.plugin, built.resolved.heading());
            format!(
                "{}: there is no {plugin}.toml beside {plugin}.wasm, so it runs without settings and grants, although \
                 it can use them; if it came with such a file, copy that too, or add {table} to config.toml",
                built.resolved.table()
            )
        });
        built.absent_files(config).into_iter().chain(alone).collect()
    }

    /// What is wrong with it, without the errors of its plugin.
    fn errors_of<C: ?Sized>(&self, built: &Built<C>) -> Vec<String> {
        if self.broken.contains_key(&built.resolved.plugin) {
            return vec![];
        }
        let ChannelSetup { role, name, .. } = &built.resolved.setup;
        built.errors.iter().map(|reason| format!("{} {name}: {reason}", role.as_str())).collect()
    }
}

impl<C: ?Sized> Built<C> {
    fn absent_files(&self, config: &Config) -> Vec<String> {
        let schema = self.schema.as_ref().filter(|_| self.errors.is_empty());
        schema.map(|schema| absent_files(&self.resolved, schema, config)).unwrap_or_default()
    }

    /// What is wrong with it, on one line.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        (!self.errors.is_empty()).then(|| short(self.errors.join("; ")))
    }
}

/// Builds everything that has changed since `before` and keeps the rest.
pub async fn assemble(runtime: &Runtime, config: &Config, folder: Folder, before: &Assembly, retry: Retry) -> Assembly {
    let mut assembling = Assembling::begin(runtime, config, folder, before, retry);
    loop {
        let assembly = assembling.next().await;
        if assembling.is_done() {
            return assembly;
        }
    }
}

/// An assembly in progress. What is ready can run while other files are still being loaded, so a slow file does not
/// delay quick ones.
pub struct Assembling {
    config: Config,
    progress: Progress,
    /// What the next assembly starts from.
    current: Assembly,
    loads: ReadyChunks<FuturesUnordered<BoxFuture<'static, Loaded>>>,
}

type Loaded = (Source, Result<Version, LoadFailure>);

impl Assembling {
    pub fn begin(runtime: &Runtime, config: &Config, folder: Folder, before: &Assembly, retry: Retry) -> Self {
        let mut sources = folder.sources;
        for plugin in config.named_plugins() {
            if let PluginRef::Builtin(name) = plugin
                && let Some(source) = builtin::find(name)
            {
                sources.insert(plugin.clone(), source);
            }
        }
        let sidecars = sidecars(&sources);
        let mut progress =
            Progress { start: before.channels.is_empty() && before.stages.is_empty(), sidecars, ..Progress::default() };
        progress.loading = sources.keys().cloned().collect();
        for (name, unreadable) in folder.unreadable {
            progress.done.broken.insert(name, short(format!("{}: {}", unreadable.file.display(), unreadable.reason)));
        }
        // The files wait for the compiler in this order, and small ones compile quickly.
        let mut order: Vec<_> = sources.into_values().collect();
        order.sort_by_key(|source| source.wasm.len());
        let most = order.len().max(1);
        let loads: FuturesUnordered<BoxFuture<'static, Loaded>> = order
            .into_iter()
            .map(|source| -> BoxFuture<'static, Loaded> {
                let runtime = runtime.clone();
                let was = before.plugins.get(&source.name).cloned();
                let failed = before.failed.get(&source.name).filter(|_| retry == Retry::Changed).cloned();
                Box::pin(async move {
                    let loaded = load(&runtime, &source, was, failed).await;
                    (source, loaded)
                })
            })
            .collect();
        Self { config: config.clone(), progress, current: before.clone(), loads: loads.ready_chunks(most) }
    }

    /// Whether every file is loaded or has failed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.progress.loading.is_empty()
    }

    /// The assembly with everything that is ready, as soon as more is. A channel whose plugin is still being loaded
    /// stays as it was.
    pub async fn next(&mut self) -> Assembly {
        if !self.is_done() {
            for (source, loaded) in self.loads.next().await.into_iter().flatten() {
                self.progress.end(&source, loaded);
            }
        }
        let (progress, config, before) = (self.progress.clone(), self.config.clone(), self.current.clone());
        self.current = blocking(move || progress.assembly(&config, &before)).await;
        self.current.clone()
    }
}

/// The progress of an assembly.
#[derive(Clone, Default)]
struct Progress {
    /// Nothing ran before.
    start: bool,
    loading: BTreeSet<PluginRef>,
    /// The sidecars, by plugin.
    sidecars: BTreeMap<PluginRef, SidecarText>,
    /// The result so far, without channels.
    done: Assembly,
}

impl Progress {
    fn end(&mut self, source: &Source, loaded: Result<Version, LoadFailure>) {
        self.loading.remove(&source.name);
        match loaded {
            Ok(version) => drop(self.done.plugins.insert(source.name.clone(), version)),
            Err(LoadFailure { reason, lasts }) => {
                let reason = short(reason);
                self.done.broken.insert(source.name.clone(), reason.clone());
                if lasts {
                    let (digest, sidecar) = (source.digest.clone(), source.sidecar.clone());
                    self.done.failed.insert(source.name.clone(), Failed { digest, sidecar, reason });
                }
            }
        }
    }

    /// What can run now. Blocking: it checks settings and creates folders.
    fn assembly(self, config: &Config, before: &Assembly) -> Assembly {
        let mut assembly = self.done.clone();
        // A broken file, or one that may turn out to be broken, changes nothing: the previous version stays.
        for name in assembly.broken.keys().chain(&self.loading) {
            if let Some(version) = before.plugins.get(name) {
                assembly.plugins.insert(name.clone(), version.clone());
            }
        }
        for name in self.loading.iter().filter(|name| !before.plugins.contains_key(*name)) {
            assembly.broken.insert(name.clone(), LOADING.to_owned());
        }
        self.build_channels(config, before, &mut assembly);
        self.build_stages(config, before, &mut assembly);
        assembly
    }
}

fn sidecars(sources: &BTreeMap<PluginRef, Source>) -> BTreeMap<PluginRef, SidecarText> {
    sources.iter().filter_map(|(name, source)| Some((name.clone(), source.sidecar.clone()?))).collect()
}

/// The longest reason of one file or channel, in bytes. Reasons are kept, logged and shown, and a third party may
/// influence their text.
const LONGEST_REASON: usize = 4 << 10;

fn short(mut reason: String) -> String {
    if reason.len() > LONGEST_REASON {
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        reason.push('…');
    }
    reason
}

const LOADING: &str = "it is being loaded";

/// The channels before any plugin is loaded, so that events published meanwhile are kept for them.
pub async fn announce(config: &Config, folder: &Folder) -> Assembly {
    let files = folder.sources.keys().chain(folder.unreadable.keys()).cloned();
    let builtins = config.named_plugins().filter(|plugin| plugin.is_builtin()).cloned();
    let (loading, sidecars) = (files.chain(builtins).collect(), sidecars(&folder.sources));
    let (progress, config) = (Progress { start: true, loading, sidecars, ..Progress::default() }, config.clone());
    let mut assembly = blocking(move || progress.assembly(&config, &Assembly::default())).await;
    assembly.channels.values_mut().for_each(|built| built.missing = true);
    assembly
}

/// Why a file is rejected.
struct LoadFailure {
    reason: String,
    /// The same file would fail again.
    lasts: bool,
}

/// Loads a file and logs it if it takes long.
async fn telling<T, E>(source: &Source, load: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    const LONG: Duration = Duration::from_secs(1);
    let started = Instant::now();
    let mut load = pin!(load);
    if let Ok(loaded) = tokio::time::timeout(LONG, &mut load).await {
        return loaded;
    }
    let (plugin, megabytes) = (source.name.to_string(), source.wasm.len().div_ceil(1_000_000));
    // Escaped, so that a file name cannot forge a line of the log.
    tracing::info!(?plugin, megabytes, "a plugin is being compiled or waits for the compiler");
    let loaded = load.await?;
    tracing::info!(
        ?plugin,
        seconds = started.elapsed().as_secs(),
        "the plugin is compiled and cached in `plugins.cache`"
    );
    Ok(loaded)
}

/// Returns `was` if it is this file, and fails like `failed` if that was this file.
async fn load(
    runtime: &Runtime,
    source: &Source,
    was: Option<Version>,
    failed: Option<Failed>,
) -> Result<Version, LoadFailure> {
    let lasting = |reason| LoadFailure { reason, lasts: true };
    let at = |reason: String| match &source.file {
        Some(file) => format!("{}: {reason}", file.display()),
        None => reason,
    };
    let was = was.filter(|was| was.plugin.digest() == source.digest);
    if let Some(was) = was.as_ref().filter(|was| was.sidecar_text == source.sidecar) {
        return Ok(was.clone());
    }
    if let Some(failed) = failed.filter(|failed| failed.is(source)) {
        return Err(lasting(failed.reason));
    }
    let sidecar = match source.sidecar.clone() {
        Some(text) => {
            let parsed = blocking(move || parse_sidecar(&text.text, &text.file)).await;
            Some(parsed.map_err(|problems| lasting(problems.to_string()))?)
        }
        None => None,
    };
    let plugin = match was {
        Some(was) => was.plugin,
        None => telling(source, runtime.load(source.wasm.clone())).await.map_err(|error| {
            let lasts = !matches!(error, LoadError::Host(_));
            LoadFailure { reason: at(error.to_string()), lasts }
        })?,
    };
    if let Some(sidecar) = &sidecar {
        admission::self_tests(&plugin, sidecar).await.map_err(|reason| lasting(at(reason)))?;
    }
    Ok(Version { plugin, sidecar, sidecar_text: source.sidecar.clone(), file: source.file.clone() })
}
