//! Which channels exist: those of the configuration, and one for each file that no channel names and that needs
//! nothing.

use std::collections::BTreeSet;

use fanfare_core::ChannelName;
use fanfare_runtime::{Kind, Plugin};

use super::{
    super::{
        Stanza, builtin,
        fit::{MisfitKind, misfits},
    },
    Assembly, Built, Progress, Unconfigured,
    setup::build,
    short,
};
use crate::config::{Config, Part, PluginRef, ResolvedChannel, Schema, parse_sidecar};

impl Progress {
    /// Builds the channels of the configuration, and one for each file that no channel names.
    pub(super) fn build_channels(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) {
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
            // A version that needs more changes nothing either: the previous one keeps running.
            match before.channels.get(&name).filter(|was| !was.named && was.call.is_some() && config.plugins.auto) {
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

    /// The names of the files that no channel names. Those that cannot become channels are recorded as broken.
    fn unnamed(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) -> Vec<ChannelName> {
        // A file that was never a plugin does not become a channel: nothing could deliver for it, and every publisher
        // would wait. At the start it is unknown whether it was one, and events must not miss a channel that existed.
        let was = |file: &PluginRef| before.channels.values().any(|built| built.resolved.plugin == *file);
        let broken = assembly.broken.keys().filter(|file| self.start || was(file));
        let files: BTreeSet<_> = assembly.plugins.keys().chain(broken).cloned().collect();
        let mut names = Vec::new();
        for file in files {
            let PluginRef::File(stem) = &file else { continue };
            if config.named_plugins().any(|named| *named == file) {
                continue;
            }
            match ChannelName::new(stem) {
                // The channel with this name runs another plugin, as its operator decided.
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

    /// The file with this name, if it would fail without configuration, so that it has to wait for some.
    fn unconfigured(&self, config: &Config, name: &ChannelName, assembly: &Assembly) -> Option<Unconfigured> {
        let plugin = PluginRef::own(name);
        let version = assembly.plugins.get(&plugin);
        let announced;
        let sidecar = match version {
            Some(version) => version.sidecar.as_ref(),
            // Not loaded yet. An unreadable sidecar is reported when it is.
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
            _ if kind == Some(Kind::Stage) => "no stage uses it".to_owned(),
            true => format!("no channel uses it, and it needs {}", stanza.gives()),
            false => "no channel uses it, and `plugins.auto` is false".to_owned(),
        };
        Some(Unconfigured { resolved, plugin: version.map(|version| version.plugin.clone()), reason, stanza })
    }

    fn build_channel(&self, config: &Config, name: &ChannelName, before: &Assembly, assembly: &mut Assembly) {
        let table = config.channels.get(name);
        let plugin = table.map_or_else(|| PluginRef::own(name), |table| table.plugin.clone());
        let version = assembly.plugins.get(&plugin);
        let resolved = config.channel(name, version.and_then(|version| version.sidecar.as_ref()));
        if self.loading.contains(&plugin) && !self.start {
            // New settings are meant for the new version, so the channel gets both at once.
            if let Some(was) = before.channels.get(name) {
                assembly.channels.insert(name.clone(), was.clone());
            }
            return;
        }
        // A plugin that the table does not mean says nothing about it.
        let is_meant = config.trusts(&resolved, Part::Plugin);
        let built = match version.filter(|_| is_meant) {
            None => {
                let broken = assembly.broken.get(&plugin).cloned();
                let missing = broken.is_none() || self.loading.contains(&plugin);
                let unknown = || config.unknown_plugin(&resolved, &builtin::names().collect::<Vec<_>>()).to_string();
                let errors = if is_meant { vec![broken.unwrap_or_else(unknown)] } else { vec![] };
                Built { resolved, call: None, plugin: None, schema: None, errors, missing, named: false }
            }
            Some(version) => {
                // Do not fall back to a version that had the settings and grants of a table that is gone.
                let before = before.channels.get(name).filter(|was| was.named == table.is_some());
                let mut built = build(config, resolved, version, before, Plugin::channel);
                if built.errors.is_empty() {
                    built.errors.extend(assembly.broken.get(&plugin).cloned());
                }
                built
            }
        };
        let built = Built { named: table.is_some(), ..built };
        let is_new = table.is_none() && !self.start && !before.channels.contains_key(name);
        if is_new && built.call.is_none() {
            assembly.broken.entry(plugin).or_insert_with(|| built.error().unwrap_or_default());
        } else {
            assembly.channels.insert(name.clone(), built);
        }
    }
}

/// Whether a channel would fail without its own table. The schema declares what the plugin needs. Imports do not:
/// components from Python or JavaScript import everything. Only a kind whose sole purpose is to send needs a grant.
fn needs_configuring(resolved: &ResolvedChannel, schema: Option<&Schema>, kind: Option<Kind>) -> bool {
    if kind == Some(Kind::Stage) {
        return true;
    }
    let Some(schema) = schema else { return kind == Some(Kind::HttpChannel) };
    let misfits = misfits(resolved, schema);
    // Wrong settings in the sidecar are its author's mistake, and reported as such.
    !misfits.is_empty() && !misfits.iter().any(|misfit| misfit.kind == MisfitKind::Wrong)
}
