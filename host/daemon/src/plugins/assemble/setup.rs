//! One channel or stage: passes the operator's decisions to the plugin.

use std::sync::Arc;

use fanfare_runtime::{ChannelSetup, FileGrant, Grants, Kind, Plugin, SetupError};

use super::{
    super::fit::{Misfit, MisfitKind, misfits},
    Built, Version, short,
};
use crate::config::{Config, Part, ResolvedChannel, Schema};

/// Turns a plugin into what is called: a channel or a stage.
type Make<C> = fn(&Plugin, ChannelSetup) -> Result<Arc<C>, SetupError>;

pub(super) fn build<C: ?Sized>(
    config: &Config,
    resolved: ResolvedChannel,
    version: &Version,
    before: Option<&Built<C>>,
    make: Make<C>,
) -> Built<C> {
    let (plugin, schema) = (Some(version.plugin.clone()), schema(version).cloned());
    let running = before.filter(|before| before.call.is_some());
    let with = |resolved, call, errors| {
        let (plugin, schema) = (plugin.clone(), schema.clone());
        Built { resolved, call, plugin, schema, errors, missing: false, named: false }
    };
    let failed = |resolved, errors: Vec<String>| match running {
        Some(running) => Built { errors, ..running.clone() },
        None => with(resolved, None, errors),
    };
    let mut errors = at_odds(config, &resolved, version);
    if errors.is_empty()
        && let Some(running) = running
        && running.plugin.as_ref().is_some_and(|plugin| plugin.digest() == version.plugin.digest())
        && same_but_for_policy(&running.resolved, &resolved)
        && running.schema == schema
    {
        return with(resolved, running.call.clone(), vec![]);
    }
    errors.extend(misfit_lines(config, &resolved, version));
    if !errors.is_empty() {
        return failed(resolved, errors);
    }
    if !config.is_sound(&resolved.table()) {
        return with(resolved, None, errors);
    }
    match set_up(&resolved, version, make) {
        Ok(call) => with(resolved, Some(call), vec![]),
        Err(reason) => failed(resolved, vec![short(reason)]),
    }
}

/// Policies that contradict each other or the plugin. Their values come from several layers, so only the result can be
/// checked.
fn at_odds(config: &Config, resolved: &ResolvedChannel, version: &Version) -> Vec<String> {
    let table = resolved.table();
    let conflicts = if config.trusts(resolved, Part::Policy) { resolved.policy.conflicts() } else { vec![] };
    let mut errors: Vec<_> = conflicts.iter().map(|conflict| format!("{table}.{conflict}")).collect();
    if resolved.policy.batch.is_some() && !version.plugin.takes_batches() {
        let wanted = match version.plugin.kind() {
            Kind::HttpChannel => "batch-exchange",
            _ => "batch-handler",
        };
        errors.push(format!(
            "{table}.batch: `batch` needs a plugin that exports `{wanted}`, but `{}` takes one event at a time; \
             remove `batch`, override a default with `batch = \"none\"`, or use another plugin",
            resolved.plugin
        ));
    }
    if let Some(template) = template(resolved, &version.plugin)
        && !config.templates.names.contains(template)
    {
        let known: Vec<_> = config.templates.names.iter().map(String::as_str).collect();
        let help = match known.as_slice() {
            [] => format!("add [templates.{template}]"),
            known => format!("the templates are {}", known.join(", ")),
        };
        let message = format!("there is no template `{template}`");
        errors.push(config.setting_problem(resolved, &["template".to_owned()], message, &help).to_string());
    }
    errors
}

/// The template that a channel's settings name, if its plugin renders templates or gets them rendered.
pub fn template<'a>(resolved: &'a ResolvedChannel, plugin: &Plugin) -> Option<&'a str> {
    let is_given = matches!(plugin.kind(), Kind::IncomingHandler | Kind::Command);
    let asks = is_given || plugin.imports().iter().any(|import| import.starts_with(TEMPLATES));
    resolved.setup.settings.get("template").map(String::as_str).filter(|_| asks)
}

/// The interface.
const TEMPLATES: &str = "fanfare:channel/templates@";

/// The policy concerns only the lane. Everything else concerns the guest.
fn same_but_for_policy(a: &ResolvedChannel, b: &ResolvedChannel) -> bool {
    ResolvedChannel { policy: a.policy.clone(), ..b.clone() } == *a
}

fn schema(version: &Version) -> Option<&Schema> {
    version.sidecar.as_ref()?.schema.as_ref()
}

/// What the plugin's schema does not allow.
fn misfit_lines(config: &Config, resolved: &ResolvedChannel, version: &Version) -> Vec<String> {
    let misfits = schema(version).map(|schema| misfits(resolved, schema)).unwrap_or_default();
    let counts = |misfit: &&Misfit| {
        let settings = config.trusts(resolved, Part::Settings);
        match misfit.kind {
            // What is there is wrong, whatever else is.
            MisfitKind::Wrong => settings || misfit.names_a_setting(),
            MisfitKind::Missing => settings,
            MisfitKind::Ungranted => settings && config.trusts(resolved, Part::Grants),
        }
    };
    misfits.iter().filter(counts).map(|misfit| short(misfit.line(resolved, config))).collect()
}

fn set_up<C: ?Sized>(resolved: &ResolvedChannel, version: &Version, make: Make<C>) -> Result<Arc<C>, String> {
    create_folders(&resolved.setup.grants).map_err(|reason| format!("{}.grant.files: {reason}", resolved.table()))?;
    make(&version.plugin, resolved.setup.clone()).map_err(|error| error.to_string())
}

/// Creates the folders that a guest may write to, so that a fresh machine needs no step for them.
///
/// # Errors
/// One of them cannot be created.
pub fn create_folders(grants: &Grants) -> Result<(), String> {
    grants.files.iter().filter(|grant| grant.write).try_for_each(|FileGrant { host, .. }| {
        std::fs::create_dir_all(host)
            .map_err(|error| format!("the folder {} cannot be created: {error}", host.display()))
    })
}
