//! What runs, as the HTTP interface shows it.

use fanfare_runtime::Plugin;

use crate::{
    api::Want,
    config::{Config, PluginRef, ResolvedChannel},
    overview::{ChannelInfo, Interfaces, LoadedInfo, Origins, Overview, PluginInfo, StageInfo},
    plugins::{Assembly, Built, BuiltStage, Unconfigured, wants},
};

/// The channels, stages and plugins. The caller adds the rest.
pub(super) fn overview(config: &Config, assembly: &Assembly) -> Overview {
    let users = |plugin: &PluginRef| {
        let uses = assembly.channels.values().filter(|built| &built.resolved.plugin == plugin);
        uses.map(|built| built.resolved.setup.name.clone()).collect::<Vec<_>>()
    };
    let stages = |plugin: &PluginRef| {
        let resolved = assembly.stages.iter().map(|stage| &stage.built.resolved);
        resolved.filter(|resolved| resolved.plugin == *plugin).map(|resolved| resolved.setup.name.clone()).collect()
    };
    let loaded = assembly.plugins.iter().map(|(name, version)| PluginInfo {
        name: name.to_string(),
        file: version.file.as_ref().map(|file| file.display().to_string()),
        size: version.plugin.size(),
        digest: version.plugin.digest().to_owned(),
        exports: Some(Interfaces {
            batches: version.plugin.takes_batches(),
            kind: version.plugin.kind().as_str().to_owned(),
            exports: version.plugin.exports().to_vec(),
            imports: version.plugin.imports().to_vec(),
            wants: wants(&version.plugin)
                .into_iter()
                .map(|(grant, why)| Want { grant: grant.to_owned(), why: why.to_owned() })
                .collect(),
        }),
        error: assembly.broken.get(name).cloned(),
        configure: configure(assembly, name),
        channels: users(name),
        stages: stages(name),
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
                configure: configure(assembly, name),
                channels: users(name),
                stages: stages(name),
            }
        });
    let sidecar = |plugin: &PluginRef| assembly.plugins.get(plugin).and_then(|version| version.sidecar.as_ref());
    let with_origins = |info: ChannelInfo, plugin: &PluginRef| {
        let policy_from = config.origins(&info.name, sidecar(plugin));
        ChannelInfo { policy_from, ..info }
    };
    let running = assembly.channels.iter().map(|(name, built)| {
        let info = ChannelInfo { warnings: assembly.warnings_of(built, config), ..channel_info(built) };
        (name.clone(), with_origins(info, &built.resolved.plugin))
    });
    let waiting = assembly
        .unconfigured
        .iter()
        .map(|(name, waiting)| (name.clone(), with_origins(waiting_info(waiting), &waiting.resolved.plugin)));
    Overview {
        channels: running.chain(waiting).collect(),
        stages: assembly.stages.iter().map(stage_info).collect(),
        plugins: loaded.chain(unloaded).collect(),
        ..Overview::default()
    }
}

/// The lines to add for an unconfigured file.
fn configure(assembly: &Assembly, plugin: &PluginRef) -> Option<String> {
    let waiting = assembly.unconfigured.values().find(|waiting| waiting.resolved.plugin == *plugin)?;
    Some(waiting.stanza.to_string())
}

fn stage_info(BuiltStage { built, on_error, .. }: &BuiltStage) -> StageInfo {
    StageInfo { info: channel_info(built), on_error: *on_error, runs: built.call.is_some() }
}

fn channel_info<C: ?Sized>(built: &Built<C>) -> ChannelInfo {
    let info = info(&built.resolved, built.plugin.as_ref());
    ChannelInfo { error: built.error(), missing: built.missing, ..info }
}

fn waiting_info(waiting: &Unconfigured) -> ChannelInfo {
    let info = info(&waiting.resolved, waiting.plugin.as_ref());
    ChannelInfo { error: Some(waiting.reason.clone()), configure: Some(waiting.stanza.to_string()), ..info }
}

fn info(resolved: &ResolvedChannel, plugin: Option<&Plugin>) -> ChannelInfo {
    ChannelInfo {
        name: resolved.setup.name.clone(),
        plugin: resolved.plugin.to_string(),
        policy: resolved.policy.clone(),
        policy_from: Origins::new(),
        grants: resolved.setup.grants.clone(),
        settings: resolved.setup.settings.keys().cloned().collect(),
        secrets: resolved.setup.secrets.iter().map(|secret| secret.name.clone()).collect(),
        signed: !resolved.setup.sign.is_empty(),
        loaded: plugin.map(|plugin| LoadedInfo {
            digest: plugin.digest().to_owned(),
            kind: plugin.kind().as_str(),
            imports: plugin.imports().to_vec(),
        }),
        error: None,
        missing: false,
        configure: None,
        warnings: vec![],
    }
}
