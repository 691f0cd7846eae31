//! From a configuration, the plugins' files and what runs already to what shall run: build before tear-down.
//!
//! Nothing running is touched here. What cannot be built keeps its version from before, and says why.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use fanfare_core::ChannelName;
use fanfare_dispatch::{BoxFuture, Channel};
use fanfare_runtime::{
    ChannelSetup, FileGrant, Grants, HostPattern, HttpGrant, Kind, LoadError, Plugin, Runtime, Secret, SigningKey,
};
use futures_util::{
    StreamExt as _,
    stream::{FuturesUnordered, ReadyChunks},
};

use tokio::time::Instant;

use super::{
    SidecarText, Source, Stanza, admission, builtin,
    fit::{MisfitKind, misfits},
    folder::Folder,
};
use crate::{
    blocking::blocking,
    config::{self, BoundSecret, Config, PluginRef, ResolvedChannel, Schema, Sidecar, parse_sidecar},
};

/// A plugin that is loaded, and the files it came from.
#[derive(Clone)]
pub struct Version {
    pub plugin: Plugin,
    pub sidecar: Option<Sidecar>,
    sidecar_text: Option<SidecarText>,
    pub file: Option<std::path::PathBuf>,
}

/// A channel that is built, as far as it could be.
#[derive(Clone)]
pub struct Built {
    pub resolved: ResolvedChannel,
    /// What to call; absent while there is no plugin.
    pub channel: Option<Arc<dyn Channel>>,
    pub plugin: Option<Plugin>,
    /// What its settings were held against.
    schema: Option<Schema>,
    /// Why there is nothing to call, or why the newest version is not the one that is called: everything at once.
    pub errors: Vec<String>,
    /// There is no such plugin, as against one that cannot be loaded.
    pub missing: bool,
    /// The configuration has a table for it.
    named: bool,
}

/// A file that no channel names, and that makes none by itself. It is no target of events.
#[derive(Clone)]
pub struct Unconfigured {
    /// The channel it would be.
    pub resolved: ResolvedChannel,
    pub plugin: Option<Plugin>,
    /// Why it waits.
    pub reason: String,
    /// What to add to the configuration.
    pub stanza: Stanza,
}

/// What shall run.
#[derive(Clone, Default)]
pub struct Assembly {
    pub plugins: BTreeMap<PluginRef, Version>,
    pub channels: BTreeMap<ChannelName, Built>,
    /// Files that wait for a channel to be configured, by the name it would have.
    pub unconfigured: BTreeMap<ChannelName, Unconfigured>,
    /// Plugins whose newest file could not be taken, with the reason.
    pub broken: BTreeMap<PluginRef, String>,
    /// Of these, the files that would fail again: they are not tried until they change.
    failed: BTreeMap<PluginRef, Failed>,
}

/// A file that was tried and will not do.
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

/// Whether to try once more a file that failed and has not changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Somebody asks for it, and may have made room on the machine.
    Failed,
    /// Compiling it over and over would keep the machine busy.
    Changed,
}

impl Assembly {
    /// Everything that is wrong, one line each.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let plugins = self.broken.iter().map(|(name, reason)| format!("plugin {name}: {reason}"));
        let of_plugin = |built: &Built| self.broken.contains_key(&built.resolved.plugin);
        let channels =
            self.channels.values().filter(|built| !of_plugin(built)).flat_map(|built| {
                built.errors.iter().map(|reason| format!("channel {}: {reason}", built.resolved.name))
            });
        plugins.chain(channels).collect()
    }
}

impl Built {
    /// What is wrong with it, on one line.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        (!self.errors.is_empty()).then(|| short(self.errors.join("; ")))
    }
}

/// Builds everything that has changed since `before` and takes over the rest.
pub async fn assemble(runtime: &Runtime, config: &Config, folder: Folder, before: &Assembly, retry: Retry) -> Assembly {
    let mut assembling = Assembling::begin(runtime, config, folder, before, retry);
    loop {
        let assembly = assembling.next().await;
        if assembling.is_done() {
            return assembly;
        }
    }
}

/// An assembly that is under way. While some files are still being loaded, others can run already: one slow file holds
/// back no quick one.
pub struct Assembling {
    config: Config,
    stage: Stage,
    /// What the next assembly takes over.
    current: Assembly,
    loads: ReadyChunks<FuturesUnordered<BoxFuture<'static, Loaded>>>,
}

type Loaded = (Source, Result<Version, LoadFailure>);

impl Assembling {
    pub fn begin(runtime: &Runtime, config: &Config, folder: Folder, before: &Assembly, retry: Retry) -> Self {
        let mut sources = folder.sources;
        for table in config.channels.values() {
            if let PluginRef::Builtin(name) = &table.plugin
                && let Some(source) = builtin::find(name)
            {
                sources.insert(table.plugin.clone(), source);
            }
        }
        let sidecars = sidecars(&sources);
        let mut stage = Stage { start: before.channels.is_empty(), sidecars, ..Stage::default() };
        stage.loading = sources.keys().cloned().collect();
        for (name, unreadable) in folder.unreadable {
            stage.done.broken.insert(name, short(format!("{}: {}", unreadable.file.display(), unreadable.reason)));
        }
        // They wait for the compiler in this order, and the small ones are the quick ones.
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
        Self { config: config.clone(), stage, current: before.clone(), loads: loads.ready_chunks(most) }
    }

    /// Whether all files are loaded, or have failed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.stage.loading.is_empty()
    }

    /// What can run as soon as something more can. A channel whose plugin is still being loaded is as it was before.
    pub async fn next(&mut self) -> Assembly {
        if !self.is_done() {
            for (source, loaded) in self.loads.next().await.into_iter().flatten() {
                self.stage.end(&source, loaded);
            }
        }
        let (stage, config, before) = (self.stage.clone(), self.config.clone(), self.current.clone());
        self.current = blocking(move || stage.assembly(&config, &before)).await;
        self.current.clone()
    }
}

/// How far an assembly has come.
#[derive(Clone, Default)]
struct Stage {
    /// Nothing ran before.
    start: bool,
    loading: BTreeSet<PluginRef>,
    /// What stands beside each file.
    sidecars: BTreeMap<PluginRef, SidecarText>,
    /// What became of the others; without channels.
    done: Assembly,
}

impl Stage {
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

    /// What can run now. Blocking: settings are checked, and folders are made.
    fn assembly(self, config: &Config, before: &Assembly) -> Assembly {
        let mut assembly = self.done.clone();
        // A broken file changes nothing: what ran before stays. Nor does one that may turn out to be broken.
        for name in assembly.broken.keys().chain(&self.loading) {
            if let Some(version) = before.plugins.get(name) {
                assembly.plugins.insert(name.clone(), version.clone());
            }
        }
        for name in self.loading.iter().filter(|name| !before.plugins.contains_key(*name)) {
            assembly.broken.insert(name.clone(), LOADING.to_owned());
        }
        self.build_channels(config, before, &mut assembly);
        assembly
    }
}

fn sidecars(sources: &BTreeMap<PluginRef, Source>) -> BTreeMap<PluginRef, SidecarText> {
    sources.iter().filter_map(|(name, source)| Some((name.clone(), source.sidecar.clone()?))).collect()
}

/// Bytes of what is said of one file or channel. It is kept, logged and shown on every page, and a stranger may have
/// had a hand in it.
const LONGEST_REASON: usize = 4 << 10;

fn short(mut reason: String) -> String {
    if reason.len() > LONGEST_REASON {
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        reason.push('…');
    }
    reason
}

const LOADING: &str = "it is being loaded";

/// The channels there will be, before any plugin is loaded: what is published meanwhile is kept for them.
pub async fn announce(config: &Config, folder: &Folder) -> Assembly {
    let files = folder.sources.keys().chain(folder.unreadable.keys()).cloned();
    let builtins = config.channels.values().map(|table| table.plugin.clone()).filter(PluginRef::is_builtin);
    let (loading, sidecars) = (files.chain(builtins).collect(), sidecars(&folder.sources));
    let (stage, config) = (Stage { start: true, loading, sidecars, ..Stage::default() }, config.clone());
    let mut assembly = blocking(move || stage.assembly(&config, &Assembly::default())).await;
    assembly.channels.values_mut().for_each(|built| built.missing = true);
    assembly
}

/// Why a file is not taken.
struct LoadFailure {
    reason: String,
    /// The same file will fail in the same way.
    lasts: bool,
}

/// Loads a file, and says so where that takes long enough to be wondered at.
async fn telling<T, E>(source: &Source, load: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    const LONG: Duration = Duration::from_secs(1);
    let started = Instant::now();
    let mut load = pin!(load);
    if let Ok(loaded) = tokio::time::timeout(LONG, &mut load).await {
        return loaded;
    }
    let (plugin, megabytes) = (source.name.to_string(), source.wasm.len().div_ceil(1_000_000));
    // Escaped: whoever names a file must not be able to write a line of the log.
    tracing::info!(?plugin, megabytes, "a plugin is being compiled, or waits for its turn");
    let loaded = load.await?;
    tracing::info!(
        ?plugin,
        seconds = started.elapsed().as_secs(),
        "the plugin is compiled, and kept in `plugins.cache`"
    );
    Ok(loaded)
}

/// Takes `was` if that is this file, and fails like `failed` if that was.
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

impl Stage {
    /// Every channel of the configuration, and one for each file that no channel names.
    fn build_channels(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) {
        for name in config.channels.keys() {
            self.build_channel(config, name, before, assembly);
        }
        for name in self.unnamed(config, before, assembly) {
            let plugin = PluginRef::own(&name);
            if self.loading.contains(&plugin) && !self.start {
                if let Some(was) = before.unconfigured.get(&name) {
                    assembly.unconfigured.insert(name.clone(), was.clone());
                }
                self.build_channel(config, &name, before, assembly);
                continue;
            }
            let Some(waiting) = self.unconfigured(config, &name, assembly) else {
                self.build_channel(config, &name, before, assembly);
                continue;
            };
            // A version that asks for more changes nothing either: what ran by itself before runs on.
            match before.channels.get(&name).filter(|was| !was.named && was.channel.is_some() && config.plugins.auto) {
                Some(running) => {
                    let Unconfigured { reason, stanza, .. } = waiting;
                    let reason =
                        format!("the newest version waits: {reason}; add {} to config.toml", stanza.in_a_line());
                    assembly.channels.insert(name, Built { errors: vec![short(reason)], ..running.clone() });
                }
                None => drop(assembly.unconfigured.insert(name, waiting)),
            }
        }
    }

    /// The names of the files that no channel names. Those that can have none are noted as broken.
    fn unnamed(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) -> Vec<ChannelName> {
        // A file that was never a plugin makes no channel: nobody could deliver for it, and every publisher would wait. At the
        // start there is no telling whether it was one, and what is published must not be lost to a channel that was there.
        let was = |file: &PluginRef| before.channels.values().any(|built| built.resolved.plugin == *file);
        let broken = assembly.broken.keys().filter(|file| self.start || was(file));
        let files: BTreeSet<_> = assembly.plugins.keys().chain(broken).cloned().collect();
        let mut names = Vec::new();
        for file in files {
            let PluginRef::File(stem) = &file else { continue };
            if config.channels.values().any(|table| table.plugin == file) {
                continue;
            }
            match ChannelName::new(stem) {
                // The channel of that name runs another plugin, as its operator wishes.
                Ok(name) if config.channels.contains_key(&name) => {}
                Ok(name) => names.push(name),
                Err(error) => {
                    let reason = format!(
                        "no channel was made for {stem}.wasm: {error}; rename the file, or name it in a channel"
                    );
                    assembly.broken.entry(file).or_insert(reason);
                }
            }
        }
        names
    }

    /// The file of this name, if it has to wait until somebody configures a channel for it: without, it could only fail.
    fn unconfigured(&self, config: &Config, name: &ChannelName, assembly: &Assembly) -> Option<Unconfigured> {
        let plugin = PluginRef::own(name);
        let version = assembly.plugins.get(&plugin);
        let announced;
        let sidecar = match version {
            Some(version) => version.sidecar.as_ref(),
            // Not loaded yet. A sidecar that cannot be read is said when it is.
            None => {
                announced = self.sidecars.get(&plugin).and_then(|text| parse_sidecar(&text.text, &text.file).ok());
                announced.as_ref()
            }
        };
        let resolved = config.channel(name, sidecar);
        let (schema, kind) = (sidecar.and_then(|sidecar| sidecar.schema.as_ref()), version.map(|v| v.plugin.kind()));
        if config.plugins.auto && !needs_configuring(&resolved, schema, kind) {
            return None;
        }
        let stanza = Stanza::of(&resolved, schema, kind);
        let reason = match config.plugins.auto {
            true => format!("no channel names it, and it needs {}", stanza.gives()),
            false => "no channel names it, and `plugins.auto` is false".to_owned(),
        };
        Some(Unconfigured { resolved, plugin: version.map(|version| version.plugin.clone()), reason, stanza })
    }

    fn build_channel(&self, config: &Config, name: &ChannelName, before: &Assembly, assembly: &mut Assembly) {
        let table = config.channels.get(name);
        let plugin = table.map_or_else(|| PluginRef::own(name), |table| table.plugin.clone());
        let version = assembly.plugins.get(&plugin);
        let resolved = config.channel(name, version.and_then(|version| version.sidecar.as_ref()));
        if self.loading.contains(&plugin) && !self.start {
            // New settings are for the new version; the channel gets both at once.
            if let Some(was) = before.channels.get(name) {
                assembly.channels.insert(name.clone(), was.clone());
            }
            return;
        }
        let built = match version {
            None => {
                let broken = assembly.broken.get(&plugin).cloned();
                let missing = broken.is_none() || self.loading.contains(&plugin);
                let unknown = || config.unknown_plugin(name, &builtin::names().collect::<Vec<_>>()).to_string();
                let errors = vec![broken.unwrap_or_else(unknown)];
                Built { resolved, channel: None, plugin: None, schema: None, errors, missing, named: false }
            }
            Some(version) => {
                // What ran by a table that is gone, and by its grants, is not what to fall back to.
                let before = before.channels.get(name).filter(|was| was.named == table.is_some());
                let mut built = build(config, resolved, version, before);
                if built.errors.is_empty() {
                    built.errors.extend(assembly.broken.get(&plugin).cloned());
                }
                built
            }
        };
        let built = Built { named: table.is_some(), ..built };
        let is_new = table.is_none() && !self.start && !before.channels.contains_key(name);
        if is_new && built.channel.is_none() {
            assembly.broken.entry(plugin).or_insert_with(|| built.error().unwrap_or_default());
        } else {
            assembly.channels.insert(name.clone(), built);
        }
    }
}

/// Whether a channel could only fail without a table of its own. The schema is the author's word on what the plugin needs.
/// Imports are not: what compiles Python or JavaScript imports all there is. Only one whose whole work is to send plainly
/// needs a grant.
fn needs_configuring(resolved: &ResolvedChannel, schema: Option<&Schema>, kind: Option<Kind>) -> bool {
    let Some(schema) = schema else { return kind == Some(Kind::HttpChannel) };
    let misfits = misfits(resolved, schema);
    // Settings of the sidecar's own that are wrong are its author's mistake, and said as such.
    !misfits.is_empty() && !misfits.iter().any(|misfit| misfit.kind == MisfitKind::Wrong)
}

fn build(config: &Config, resolved: ResolvedChannel, version: &Version, before: Option<&Built>) -> Built {
    let (plugin, schema) = (Some(version.plugin.clone()), schema(version).cloned());
    let running = before.filter(|before| before.channel.is_some());
    if let Some(running) = running
        && running.plugin.as_ref().is_some_and(|plugin| plugin.digest() == version.plugin.digest())
        && same_but_for_policy(&running.resolved, &resolved)
        && running.schema == schema
    {
        return Built {
            resolved,
            channel: running.channel.clone(),
            plugin,
            schema,
            errors: vec![],
            missing: false,
            named: false,
        };
    }
    match set_up(config, &resolved, version) {
        Ok(channel) => {
            Built { resolved, channel: Some(channel), plugin, schema, errors: vec![], missing: false, named: false }
        }
        Err(reasons) => {
            let errors = reasons.into_iter().map(short).collect();
            match running {
                Some(running) => Built { errors, ..running.clone() },
                None => Built { resolved, channel: None, plugin, schema, errors, missing: false, named: false },
            }
        }
    }
}

/// A policy is the lane's affair; all else is part of what the guest is given.
fn same_but_for_policy(a: &ResolvedChannel, b: &ResolvedChannel) -> bool {
    ResolvedChannel { policy: a.policy.clone(), ..b.clone() } == *a
}

fn schema(version: &Version) -> Option<&Schema> {
    version.sidecar.as_ref()?.schema.as_ref()
}

fn set_up(config: &Config, resolved: &ResolvedChannel, version: &Version) -> Result<Arc<dyn Channel>, Vec<String>> {
    let misfits = schema(version).map(|schema| misfits(resolved, schema)).unwrap_or_default();
    if !misfits.is_empty() {
        return Err(misfits.iter().map(|misfit| misfit.line(resolved, config)).collect());
    }
    let channel = setup(resolved).and_then(|setup| version.plugin.channel(setup).map_err(|error| error.to_string()));
    channel.map_err(|reason| vec![reason])
}

/// What the operator decided, as the runtime takes it.
///
/// # Errors
/// When a folder to write into cannot be made.
pub fn setup(resolved: &ResolvedChannel) -> Result<ChannelSetup, String> {
    let sign: Result<_, _> = resolved.sign.iter().map(|secret| SigningKey::parse(secret.expose())).collect();
    let secret = |secret: &BoundSecret| -> Result<Secret, String> {
        let hosts: Result<_, _> = secret.hosts.iter().map(|host| HostPattern::parse(host)).collect();
        Ok(Secret {
            name: secret.name.clone(),
            value: secret.value.expose().to_owned(),
            hosts: hosts.map_err(|error| error.to_string())?,
            body: secret.body,
            plain: secret.plain,
        })
    };
    Ok(ChannelSetup {
        settings: resolved.settings.clone(),
        grants: grants(&resolved.grant)?,
        sign: sign.map_err(|error| error.to_string())?,
        max_hops: resolved.max_hops,
        secrets: resolved.secrets.iter().map(secret).collect::<Result<_, _>>()?,
        ..ChannelSetup::new(resolved.name.clone())
    })
}

fn grants(grants: &config::Grants) -> Result<Grants, String> {
    let http: Result<_, _> = grants.http.iter().map(|grant| HttpGrant::parse(grant)).collect();
    let tcp: Result<_, _> = grants.tcp.iter().map(|pattern| HostPattern::parse(pattern)).collect();
    for grant in grants.files.iter().filter(|grant| grant.write) {
        // A folder to write into may start empty, so a fresh machine needs no step for it.
        std::fs::create_dir_all(&grant.host)
            .map_err(|error| format!("grant.files: {} cannot be made: {error}", grant.host.display()))?;
    }
    let files = grants.files.iter().map(|grant| FileGrant {
        host: grant.host.clone(),
        guest: grant.guest.clone(),
        write: grant.write,
    });
    Ok(Grants {
        http: http.map_err(|error| error.to_string())?,
        tcp: tcp.map_err(|error| error.to_string())?,
        files: files.collect(),
        emit: grants.emit.clone(),
        private_network: grants.private_network,
    })
}
