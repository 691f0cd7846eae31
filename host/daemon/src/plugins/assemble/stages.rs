//! Which stages exist: those of the configuration, in its order.

use fanfare_runtime::Plugin;

use super::{super::builtin, Assembly, Built, BuiltStage, Progress, setup::build};
use crate::config::{Config, Part, StageTable};

impl Progress {
    /// A stage whose plugin is still being loaded stays as it was. A new one is added without a plugin to call, because
    /// no event may bypass it meanwhile.
    pub(super) fn build_stages(&self, config: &Config, before: &Assembly, assembly: &mut Assembly) {
        let stages = config.stages.iter().map(|table| self.build_stage(config, table, before, assembly));
        assembly.stages = stages.collect();
    }

    fn build_stage(&self, config: &Config, table: &StageTable, before: &Assembly, assembly: &Assembly) -> BuiltStage {
        let before = before.stages.iter().find(|was| was.built.resolved.setup.name == table.name);
        let plugin = &table.table.plugin;
        let version = assembly.plugins.get(plugin);
        if self.loading.contains(plugin)
            && let Some(was) = before.filter(|was| was.built.call.is_some())
        {
            return was.clone();
        }
        let resolved = table.resolve(version.and_then(|version| version.sidecar.as_ref()));
        let broken = assembly.broken.get(plugin);
        // A plugin that the table does not mean says nothing about it.
        let is_meant = config.trusts(&resolved, Part::Plugin);
        let built = match version.filter(|_| is_meant) {
            None => {
                let unknown = || config.unknown_plugin(&resolved, &builtin::names().collect::<Vec<_>>()).to_string();
                let errors = if is_meant { vec![broken.cloned().unwrap_or_else(unknown)] } else { vec![] };
                let missing = broken.is_none() || self.loading.contains(plugin);
                Built { resolved, call: None, plugin: None, schema: None, errors, missing, named: true }
            }
            Some(version) => {
                let mut built = build(config, resolved, version, before.map(|was| &was.built), Plugin::stage);
                if built.errors.is_empty() {
                    built.errors.extend(broken.cloned());
                }
                Built { named: true, ..built }
            }
        };
        let loading = built.call.is_none() && self.loading.contains(plugin);
        BuiltStage { built, on_error: table.on_error, loading }
    }
}
