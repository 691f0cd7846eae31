//! Which channels there are: those of the configuration, and one for each file that no channel names and that needs nothing.

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
use crate::config::{Config, PluginRef, ResolvedChannel, Schema, parse_sidecar};

impl Progress {
    /// Every channel of the configuration, and one for each file that no channel names.
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
            // A version that asks for more changes nothing either: what ran by itself before runs on.
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

    /// The names of the files that no channel names. Those that can have none are noted as broken.
    fn unnamed(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) -> Vec<ChannelName> {
        // A file that was never a plugin makes no channel: nobody could deliver for it, and every publisher would wait.
        // At the start there is no telling whether it was one, and what is published must not be lost to a channel that
        // was there.
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

    /// The file of this name, if it has to wait until somebody configures a channel for it: without, it could only
    /// fail.
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
            _ if kind == Some(Kind::Stage) => "no stage names it".to_owned(),
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
                let unknown = || config.unknown_plugin(&resolved, &builtin::names().collect::<Vec<_>>()).to_string();
                let errors = vec![broken.unwrap_or_else(unknown)];
                Built { resolved, call: None, plugin: None, schema: None, errors, missing, named: false }
            }
            Some(version) => {
                // What ran by a table that is gone, and by its grants, is not what to fall back to.
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

/// Whether a channel could only fail without a table of its own. The schema is the author's word on what the plugin
/// needs. Imports are not: what compiles Python or JavaScript imports all there is. Only one whose whole work is to
/// send plainly needs a grant.
fn needs_configuring(resolved: &ResolvedChannel, schema: Option<&Schema>, kind: Option<Kind>) -> bool {
    if kind == Some(Kind::Stage) {
        return true;
    }
    let Some(schema) = schema else { return kind == Some(Kind::HttpChannel) };
    let misfits = misfits(resolved, schema);
    // Settings of the sidecar's own that are wrong are its author's mistake, and said as such.
    !misfits.is_empty() && !misfits.iter().any(|misfit| misfit.kind == MisfitKind::Wrong)
}
