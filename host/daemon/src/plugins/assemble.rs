//! From a configuration, the plugins' files and what runs already to what shall run: build before tear-down.
//!
//! Nothing running is touched here. What cannot be built keeps its version from before, and says why.

use std::{collections::BTreeMap, sync::Arc};

use fanfare_core::ChannelName;
use fanfare_dispatch::Channel;
use fanfare_runtime::{ChannelSetup, FileGrant, Grants, HostPattern, HttpGrant, Plugin, Runtime, Secret, SigningKey};
use futures_util::future::join_all;

use super::{SidecarText, Source, admission, builtin, folder::Folder};
use crate::config::{self, BoundSecret, Config, PluginRef, ResolvedChannel, Sidecar, parse_sidecar};

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
    /// Why there is nothing to call, or why the newest version is not the one that is called.
    pub error: Option<String>,
    /// There is no such plugin, as against one that cannot be loaded.
    pub missing: bool,
}

/// What shall run.
#[derive(Clone, Default)]
pub struct Assembly {
    pub plugins: BTreeMap<PluginRef, Version>,
    pub channels: BTreeMap<ChannelName, Built>,
    /// Plugins whose newest file could not be taken, with the reason.
    pub broken: BTreeMap<PluginRef, String>,
}

impl Assembly {
    /// Everything that is wrong, one line each.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let plugins = self.broken.iter().map(|(name, reason)| format!("plugin {name}: {reason}"));
        let of_plugin = |built: &Built| self.broken.contains_key(&built.resolved.plugin);
        let channels = self.channels.values().filter(|built| !of_plugin(built)).filter_map(|built| {
            built.error.as_ref().map(|reason| format!("channel {}: {reason}", built.resolved.name))
        });
        plugins.chain(channels).collect()
    }
}

/// Builds everything that has changed since `before` and takes over the rest.
pub async fn assemble(runtime: &Runtime, config: &Config, folder: Folder, before: &Assembly) -> Assembly {
    let mut sources = folder.sources;
    for table in config.channels.values() {
        if let PluginRef::Builtin(name) = &table.plugin
            && let Some(source) = builtin::find(name)
        {
            sources.insert(table.plugin.clone(), source);
        }
    }

    let mut assembly = Assembly::default();
    for (name, unreadable) in folder.unreadable {
        assembly.broken.insert(name, format!("{}: {}", unreadable.file.display(), unreadable.reason));
    }
    let loads = sources.values().map(|source| load(runtime, source, before.plugins.get(&source.name)));
    for (source, loaded) in sources.values().zip(join_all(loads).await) {
        match loaded {
            Ok(version) => drop(assembly.plugins.insert(source.name.clone(), version)),
            Err(reason) => drop(assembly.broken.insert(source.name.clone(), reason)),
        }
    }
    // A broken file changes nothing: what ran before runs on.
    for name in assembly.broken.keys() {
        if let Some(version) = before.plugins.get(name) {
            assembly.plugins.insert(name.clone(), version.clone());
        }
    }
    build_channels(config, before, &mut assembly);
    assembly
}

/// The channels there will be, before any plugin is loaded: what is published meanwhile is kept for them.
#[must_use]
pub fn announce(config: &Config, folder: &Folder) -> Assembly {
    let files = folder.sources.keys().chain(folder.unreadable.keys()).cloned();
    let builtins = config.channels.values().map(|table| table.plugin.clone()).filter(PluginRef::is_builtin);
    let loading = |name| (name, "it is being loaded".to_owned());
    let mut assembly = Assembly { broken: files.chain(builtins).map(loading).collect(), ..Assembly::default() };
    build_channels(config, &Assembly::default(), &mut assembly);
    assembly.channels.values_mut().for_each(|built| built.missing = true);
    assembly
}

async fn load(runtime: &Runtime, source: &Source, before: Option<&Version>) -> Result<Version, String> {
    let at = |file: Option<&std::path::Path>| file.map(|file| format!("{}: ", file.display())).unwrap_or_default();
    if let Some(before) = before
        && before.plugin.digest() == source.digest
        && before.sidecar_text == source.sidecar
    {
        return Ok(before.clone());
    }
    let sidecar = match &source.sidecar {
        Some(text) => Some(parse_sidecar(&text.text, &text.file).map_err(|problems| problems.to_string())?),
        None => None,
    };
    let plugin = match before {
        Some(before) if before.plugin.digest() == source.digest => before.plugin.clone(),
        _ => {
            runtime.load(source.wasm.clone()).await.map_err(|error| format!("{}{error}", at(source.file.as_deref())))?
        }
    };
    if let Some(sidecar) = &sidecar {
        admission::self_tests(&plugin, sidecar)
            .await
            .map_err(|reason| format!("{}{reason}", at(source.file.as_deref())))?;
    }
    Ok(Version { plugin, sidecar, sidecar_text: source.sidecar.clone(), file: source.file.clone() })
}

/// Every channel of the configuration, and one for each file that no channel names.
fn build_channels(config: &Config, before: &Assembly, assembly: &mut Assembly) {
    let mut names: Vec<ChannelName> = config.channels.keys().cloned().collect();
    // A file that was never a plugin makes no channel: nobody could deliver for it, and every publisher would wait. At the
    // start there is no telling whether it was one, and what is published must not be lost to a channel that was there.
    let start = before.channels.is_empty();
    let was = |file: &PluginRef| before.channels.values().any(|built| built.resolved.plugin == *file);
    let broken = assembly.broken.keys().filter(|file| start || was(file));
    let files: Vec<_> = assembly.plugins.keys().chain(broken).cloned().collect();
    for file in files {
        let PluginRef::File(stem) = &file else { continue };
        if config.channels.values().any(|table| table.plugin == file) {
            continue;
        }
        match ChannelName::new(stem) {
            Ok(name) if !names.contains(&name) => names.push(name),
            Ok(_) => {} // the channel of that name runs another plugin, as its operator wishes
            Err(error) => {
                let reason =
                    format!("no channel was made for {stem}.wasm: {error}; rename the file, or name it in a channel");
                assembly.broken.entry(file).or_insert(reason);
            }
        }
    }
    for name in names {
        let table = config.channels.get(&name);
        let plugin = table.map_or_else(|| PluginRef::own(&name), |table| table.plugin.clone());
        let version = assembly.plugins.get(&plugin);
        let resolved = config.channel(&name, version.and_then(|version| version.sidecar.as_ref()));
        let built = match version {
            None => {
                let broken = assembly.broken.get(&plugin).cloned();
                let gone = broken.is_none();
                let reason = broken.unwrap_or_else(|| missing(&plugin, config));
                Built { resolved, channel: None, plugin: None, error: Some(reason), missing: gone }
            }
            Some(version) => {
                let mut built = build(resolved, version, before.channels.get(&name));
                if built.error.is_none() {
                    built.error = assembly.broken.get(&plugin).cloned();
                }
                built
            }
        };
        let is_new = table.is_none() && !start && !before.channels.contains_key(&name);
        match built {
            Built { channel: None, error: Some(reason), .. } if is_new => {
                assembly.broken.entry(plugin).or_insert(reason);
            }
            built => drop(assembly.channels.insert(name, built)),
        }
    }
}

/// What to say of a plugin that is not there.
pub(super) fn missing(plugin: &PluginRef, config: &Config) -> String {
    match plugin {
        PluginRef::File(stem) => {
            format!("there is no {stem}.wasm in {}; deliveries wait for it", config.plugins.dir.display())
        }
        PluginRef::Builtin(name) => {
            let known: Vec<_> = builtin::names().collect();
            format!("there is no builtin `{name}`; there are {}", known.join(", "))
        }
    }
}

fn build(resolved: ResolvedChannel, version: &Version, before: Option<&Built>) -> Built {
    let plugin = Some(version.plugin.clone());
    let running = before.filter(|before| before.channel.is_some());
    if let Some(running) = running
        && running.plugin.as_ref().is_some_and(|plugin| plugin.digest() == version.plugin.digest())
        && same_but_for_policy(&running.resolved, &resolved)
        && schema(version).is_none_or(|schema| admission::check_settings(&resolved, schema).is_ok())
    {
        return Built { resolved, channel: running.channel.clone(), plugin, error: None, missing: false };
    }
    match set_up(&resolved, version) {
        Ok(channel) => Built { resolved, channel: Some(channel), plugin, error: None, missing: false },
        Err(reason) => match running {
            Some(running) => Built { error: Some(reason), ..running.clone() },
            None => Built { resolved, channel: None, plugin, error: Some(reason), missing: false },
        },
    }
}

/// A policy is the lane's affair; all else is part of what the guest is given.
fn same_but_for_policy(a: &ResolvedChannel, b: &ResolvedChannel) -> bool {
    ResolvedChannel { policy: a.policy.clone(), ..b.clone() } == *a
}

fn schema(version: &Version) -> Option<&serde_json::Value> {
    version.sidecar.as_ref()?.schema.as_ref()
}

fn set_up(resolved: &ResolvedChannel, version: &Version) -> Result<Arc<dyn Channel>, String> {
    if let Some(schema) = schema(version) {
        admission::check_settings(resolved, schema)?;
    }
    version.plugin.channel(setup(resolved)?).map_err(|error| error.to_string())
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
