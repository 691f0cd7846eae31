//! One channel or stage: passes the operator's decisions to the plugin.

use std::sync::Arc;

use fanfare_runtime::{
    ChannelSetup, FileGrant, Grants, HostPattern, HttpGrant, Kind, Plugin, Secret, SetupError, SigningKey,
};

use super::{super::fit::misfits, Built, Version, short};
use crate::config::{self, BoundSecret, Config, ResolvedChannel, Schema};

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
    let errors = at_odds(config, &resolved, version);
    if !errors.is_empty() {
        return failed(resolved, errors);
    }
    if let Some(running) = running
        && running.plugin.as_ref().is_some_and(|plugin| plugin.digest() == version.plugin.digest())
        && same_but_for_policy(&running.resolved, &resolved)
        && running.schema == schema
    {
        return with(resolved, running.call.clone(), vec![]);
    }
    match set_up(config, &resolved, version, make) {
        Ok(call) => with(resolved, Some(call), vec![]),
        Err(reasons) => failed(resolved, reasons.into_iter().map(short).collect()),
    }
}

/// Policies that contradict each other or the plugin. Their values come from several layers, so only the result can be
/// checked.
fn at_odds(config: &Config, resolved: &ResolvedChannel, version: &Version) -> Vec<String> {
    let table = resolved.table();
    let mut errors: Vec<_> = resolved.policy.conflicts().iter().map(|conflict| format!("{table}.{conflict}")).collect();
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
    resolved.settings.get("template").map(String::as_str).filter(|_| asks)
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

fn set_up<C: ?Sized>(
    config: &Config,
    resolved: &ResolvedChannel,
    version: &Version,
    make: Make<C>,
) -> Result<Arc<C>, Vec<String>> {
    let misfits = schema(version).map(|schema| misfits(resolved, schema)).unwrap_or_default();
    if !misfits.is_empty() {
        return Err(misfits.iter().map(|misfit| misfit.line(resolved, config)).collect());
    }
    let made = setup(resolved).and_then(|setup| make(&version.plugin, setup).map_err(|error| error.to_string()));
    made.map_err(|reason| vec![reason])
}

/// The operator's decisions, for the runtime.
///
/// # Errors
/// A folder to write to cannot be created.
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
        role: resolved.role,
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
        // A folder to write to is created, so that a fresh machine needs no step for it.
        std::fs::create_dir_all(&grant.host)
            .map_err(|error| format!("grant.files: cannot create {}: {error}", grant.host.display()))?;
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
