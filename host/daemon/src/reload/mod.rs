//! Hot reload: applies changed files without a restart and without losing a delivery.
//!
//! A reload is one pass. It reads the configuration and the plugins' folder ([`look`]), builds what has changed, and
//! only then swaps the table of channels. What cannot be read, compiled, linked or built changes nothing and says why.
//!
//! Events are routed by the table, so an outdated table never passes for the configured one. Before the first
//! registration there is no table, and events are rejected. While a newer table cannot be registered, the older one
//! stays, and the registration is retried ([`follow`]).

mod follow;
mod look;
mod past;
mod places;
mod report;
mod stamps;
mod view;
mod watch;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelName, ReloadFailed, SystemEvent};
use fanfare_dispatch::{BoxFuture, ChannelSpec, Clock, Dispatcher, TableSpec, TableState};
use fanfare_record::{Act, Audit};
use fanfare_runtime::Runtime;
use serde_json::json;
use tokio::sync::Mutex;

pub use follow::follow;
pub use look::first_config;

use crate::{
    access::{Access, Listed, TokensReplaced},
    blocking::blocking,
    config::{Config, Diagnostics, PluginRef, StageTable},
    daemon::{Certificate, Reload},
    metrics::Metrics,
    overview::{Overview, ReloadReport, SharedOverview},
    plugins::{Assembling, Assembly, Built, BuiltStage, Retry, announce, builtin, folder::Folder},
    recipients::Recipients,
    schemas::{Replaced, Schemas},
    templates::Templates,
    traces::Tracer,
};
use look::{Before, Look, look};
use places::Followed;
use report::{Notes, changes, log_errors, one_line};
use stamps::Stamps;

/// Applies the files to what runs.
pub struct Reloader {
    runtime: Runtime,
    dispatcher: Arc<Dispatcher>,
    schemas: Arc<Schemas>,
    recipients: Arc<Recipients>,
    templates: Arc<Templates>,
    metrics: Arc<Metrics>,
    access: Arc<Access>,
    tls: Option<Certificate>,
    tracer: Arc<Tracer>,
    audit: Arc<dyn Audit>,
    clock: Arc<dyn Clock>,
    overview: SharedOverview,
    /// The configuration that the process started with; some keys are read only then.
    started: Config,
    /// Locked during a whole reload: two at once would both build on the same state.
    running: Mutex<Running>,
    /// The last reload failed for a reason that may pass without a change to any file.
    unfinished: AtomicBool,
}

/// What a reloader needs.
pub struct Parts {
    pub runtime: Runtime,
    pub dispatcher: Arc<Dispatcher>,
    pub schemas: Arc<Schemas>,
    pub recipients: Arc<Recipients>,
    pub templates: Arc<Templates>,
    pub metrics: Arc<Metrics>,
    pub access: Arc<Access>,
    pub tls: Option<Certificate>,
    pub tracer: Arc<Tracer>,
    pub audit: Arc<dyn Audit>,
    pub clock: Arc<dyn Clock>,
}

struct Running {
    config: Config,
    assembly: Assembly,
    /// What the files looked like when they were last read, and which files those are.
    seen: Stamps,
    followed: Followed,
    /// The last warnings.
    warnings: Vec<String>,
}

/// Who asked for a reload.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// A person or a client, who gets all errors.
    ByHand,
    /// A change or a timer; errors are logged only once.
    ByItself,
}

impl Reloader {
    #[must_use]
    pub fn new(parts: Parts, config: Config) -> Self {
        let Parts { runtime, dispatcher, schemas, recipients, templates, metrics, access, tls, audit, tracer, clock } =
            parts;
        let overview = Arc::new(ArcSwap::from_pointee(Overview::default()));
        let started = config.clone();
        let followed = Followed::first(&config);
        let running =
            Running { config, assembly: Assembly::default(), seen: Stamps::default(), followed, warnings: vec![] };
        let running = Mutex::new(running);
        let unfinished = AtomicBool::new(false);
        Self {
            runtime,
            dispatcher,
            schemas,
            recipients,
            templates,
            metrics,
            access,
            tls,
            tracer,
            audit,
            clock,
            overview,
            started,
            running,
            unfinished,
        }
    }

    #[must_use]
    pub fn overview(&self) -> SharedOverview {
        Arc::clone(&self.overview)
    }

    /// Creates the plugins' folder on a fresh machine, so that a first start needs no step for it. If the journal knows
    /// channels that can only have come from its files, a missing folder is not created: it is more likely unmounted
    /// than empty, and events must not miss those channels. `known` are all channels that ever existed.
    pub fn make_folder<'a>(&self, mut known: impl Iterator<Item = &'a ChannelName>) {
        let dir = &self.started.plugins.dir;
        if dir.exists() || known.any(|name| !self.started.channels.contains_key(name)) {
            return;
        }
        if let Err(error) = std::fs::create_dir_all(dir) {
            tracing::error!(folder = %dir.display(), %error, "cannot create the plugins' folder");
        }
    }

    /// Registers the channels before their plugins are loaded, so that events are kept for them from now on; a first
    /// load may take a while. If registration fails, events are rejected until a later reload succeeds.
    pub async fn announce(&self) {
        let mut running = self.running.lock().await;
        let look = self.look(&mut running).await;
        if let Err(reason) = self.register(&running.config, look.folder.as_ref()).await {
            tracing::error!("{reason}; events are rejected until a retry succeeds");
            self.dispatcher.set_behind(Some(reason));
        }
    }

    /// Loads everything for the first time.
    async fn load(&self) {
        self.reload_as(Asked::ByItself).await;
    }

    async fn reload_quietly(&self) {
        self.reload_as(Asked::ByItself).await;
    }

    /// What has to be followed.
    async fn followed(&self) -> Followed {
        self.running.lock().await.followed.clone()
    }

    /// Whether the files look different from when they were last read.
    async fn differs(&self) -> bool {
        let running = self.running.lock().await;
        let followed = running.followed.clone();
        blocking(move || Stamps::of(&followed)).await != running.seen
    }

    fn unfinished(&self) -> bool {
        self.unfinished.load(Ordering::SeqCst)
    }

    /// Reports what should be watched for changes and is not.
    fn set_unwatched(&self, unwatched: Vec<String>) {
        if self.overview.load().unwatched == unwatched {
            return;
        }
        for reason in &unwatched {
            tracing::warn!("{reason}; the files are compared every few seconds instead");
        }
        if unwatched.is_empty() {
            tracing::info!("all files are watched for changes again");
        }
        self.overview.rcu(|overview| Overview { unwatched: unwatched.clone(), ..Overview::clone(overview) });
    }

    async fn look(&self, running: &mut Running) -> Look {
        let before = Before { config: &running.config, assembly: &running.assembly, followed: &running.followed };
        let look = look(before, &*self.clock).await;
        running.seen = look.stamps.clone();
        running.followed.clone_from(&look.followed);
        look
    }

    /// Registers the channels for the first time.
    async fn register(&self, config: &Config, folder: Result<&Folder, &String>) -> Result<(), String> {
        let assembly = announce(config, folder.map_err(String::clone)?).await;
        self.apply(&assembly).await?;
        self.show(config, &assembly, None);
        Ok(())
    }

    async fn apply(&self, assembly: &Assembly) -> Result<(), String> {
        let applied = self.dispatcher.apply(specs(assembly)).await;
        applied.map_err(|error| format!("the channels could not be registered: {error}"))
    }

    async fn reload_as(&self, asked: Asked) -> ReloadReport {
        let mut running = self.running.lock().await;
        let look = self.look(&mut running).await;
        let mut notes = Notes::default();
        let retry = if asked == Asked::ByHand { Retry::Failed } else { Retry::Changed };
        let is_first = self.overview.load().last_reload.is_none();
        let behind = self.bring_up(&mut running, look, retry, &mut notes).await.err();
        self.dispatcher.set_behind(behind);
        let report = notes.into_report(self.clock.now());
        let before = self.overview.load();
        let said = before.last_reload.as_ref().map(|last| &last.errors[..]).unwrap_or_default();
        log_errors(&report, if asked == Asked::ByHand { &[] } else { said });
        if asked == Asked::ByItself && !is_first {
            self.record_reload(&report, said).await;
        }
        // Lasting errors were logged when they first occurred.
        if report.errors.iter().any(|error| !said.contains(error)) {
            let (errors, at) = (report.errors.clone(), report.at);
            self.dispatcher.announce(SystemEvent::ReloadFailed(ReloadFailed { errors, at }));
        }
        self.show(&running.config, &running.assembly, Some(report.clone()));
        report
    }

    /// Records what changed files have caused. A reload by a call is recorded by the HTTP interface. The files take
    /// effect even if this fails, so that an operator can repair the configuration while the journal's disk is full.
    async fn record_reload(&self, report: &ReloadReport, said: &[String]) {
        let errors: Vec<_> = report.errors.iter().filter(|error| !said.contains(error)).collect();
        if report.changes.is_empty() && errors.is_empty() {
            return;
        }
        let outcome = if report.errors.is_empty() { "ok" } else { "rejected" };
        let details = Some(json!({ "changes": report.changes, "errors": errors }).to_string());
        let act = Act { who: "file".to_owned(), what: "reload".to_owned(), details, ..Act::default() };
        self.record_act(act, outcome).await;
    }

    async fn record_act(&self, act: Act, outcome: &str) {
        let (what, target) = (act.what.clone(), act.target.clone());
        if let Err(error) = self.audit.record(act, outcome).await {
            tracing::warn!(%error, what, target, outcome, "a change by a file could not be recorded in the audit \
                                                           trail");
        }
    }

    /// Shows what runs to the HTTP interface.
    fn show(&self, config: &Config, assembly: &Assembly, last_reload: Option<ReloadReport>) {
        assembly.stages.iter().for_each(|stage| self.metrics.has_stage(&stage.built.resolved.setup.name));
        let before = self.overview.load();
        self.overview.store(Arc::new(Overview {
            reloads: past::remember(&before.reloads, last_reload.as_ref()),
            config: config.in_force(&self.started),
            last_reload,
            unwatched: before.unwatched.clone(),
            ..view::overview(config, assembly)
        }));
    }

    /// Makes `assembly` what runs.
    ///
    /// # Errors
    /// Why the previous configuration stays in force.
    async fn take(
        &self,
        running: &mut Running,
        config: &Config,
        assembly: &Assembly,
        notes: &mut Notes,
    ) -> Result<(), String> {
        self.apply(assembly).await?;
        changes(&running.assembly, assembly).into_iter().for_each(|change| notes.changed(change));
        for (name, version) in &assembly.plugins {
            let before = running.assembly.plugins.get(name).map(|before| before.plugin.digest());
            if before != Some(version.plugin.digest()) {
                self.metrics.reloaded("plugin", true);
            }
        }
        running.config.clone_from(config);
        running.assembly.clone_from(assembly);
        Ok(())
    }

    /// From the content of the files to what runs.
    ///
    /// # Errors
    /// Why the table of channels differs from the configured one. A plugin that cannot be loaded is not an error here.
    async fn bring_up(&self, running: &mut Running, look: Look, retry: Retry, notes: &mut Notes) -> Result<(), String> {
        self.unfinished.store(look.passing, Ordering::SeqCst);
        let judged = self.judge(running, look.config, notes);
        let unlisted = |notes: &mut Notes, reason: String| {
            notes.errors.push(reason.clone());
            Err(reason)
        };
        let folder = match look.folder {
            Ok(folder) => folder,
            // The channels of a folder that cannot be listed keep running.
            Err(reason) => {
                self.end_tokens(running, look.listed.as_deref(), notes).await;
                return unlisted(notes, format!("{reason}; nothing was changed"));
            }
        };
        let accepted = self.accept(running, judged, &folder, notes);
        // Before everything that takes long or may fail: whoever should have no access has none.
        match &accepted {
            Ok(config) => self.take_tokens(config, notes).await,
            Err(_) => self.end_tokens(running, look.listed.as_deref(), notes).await,
        }
        let (config, behind) = match accepted {
            Ok(config) => (config, Ok(())),
            Err(reason) => (running.config.clone(), Err(reason)),
        };
        if matches!(self.dispatcher.table(), TableState::Missing { .. })
            && let Err(reason) = self.register(&config, Ok(&folder)).await
        {
            self.unfinished.store(true, Ordering::SeqCst);
            return unlisted(notes, reason);
        }
        // Before everything that takes long, so that new events are checked against the new schemas.
        self.take_schemas(&config, notes);
        self.take_recipients(&config, notes);
        self.take_templates(&config, notes);
        self.take_tls(running, &config, notes);
        self.runtime.set_max_hops(config.journal.max_hops);
        if self.tracer.configure(config.telemetry.as_ref()) {
            let state = if config.telemetry.is_some() { "in force" } else { "off" };
            notes.changed(format!("telemetry: {state}"));
        }
        if running.assembly.channels.is_empty() && !(config.channels.is_empty() && folder.sources.is_empty()) {
            // Compiling the first channel may take minutes; events published meanwhile must not go to no channel.
            self.dispatcher.set_behind(Some("the channels are still being loaded".to_owned()));
        }
        let mut assembling = Assembling::begin(&self.runtime, &config, folder, &running.assembly, retry);
        let assembly = loop {
            let assembly = assembling.next().await;
            if assembling.is_done() && assembly.channels.is_empty() && behind.is_ok() {
                // The configuration asks for no channels, so from the swap on events may go to none.
                self.dispatcher.set_behind(None);
            }
            let taken = self.take(running, &config, &assembly, notes).await;
            match taken {
                _ if !assembling.is_done() => {
                    self.show(&running.config, &running.assembly, self.overview.load().last_reload.clone());
                }
                Ok(()) => break assembly,
                Err(reason) => {
                    self.unfinished.store(true, Ordering::SeqCst);
                    return unlisted(notes, format!("{reason}; nothing was changed; it will be retried"));
                }
            }
        };
        let warnings = assembly.warnings(&config);
        for line in warnings.iter().filter(|line| !running.warnings.contains(line)) {
            tracing::warn!("{}", one_line(line));
        }
        running.warnings = warnings;
        notes.errors.extend(assembly.errors());
        assembly.broken.keys().for_each(|_| self.metrics.reloaded("plugin", false));
        behind
    }

    fn take_schemas(&self, config: &Config, notes: &mut Notes) {
        let Replaced { changed, gone } = self.schemas.replace(config.schemas.clone());
        for schema in &changed {
            notes.changed(format!("schema {}: in force, from {}", schema.name, schema.file.display()));
        }
        for schema in gone {
            notes.changed(format!("schema {}: removed", schema.name));
        }
        self.schemas.compare(changed);
    }

    fn take_templates(&self, config: &Config, notes: &mut Notes) {
        let set = config.templates.set.clone();
        let count = set.iter().count();
        if self.templates.replace(set) {
            notes.changed(format!("templates: {count} loaded"));
        }
    }

    /// Connections that are open keep the certificate they began with.
    fn take_tls(&self, running: &Running, config: &Config, notes: &mut Notes) {
        let (Some(certificate), Some(tls)) = (&self.tls, &config.server.tls) else { return };
        if running.config.server.tls.as_ref() != Some(tls) {
            certificate.store(Arc::new(tls.clone()));
            notes.changed(format!("TLS: a new certificate, from {}", tls.cert.display()));
            if let Some(warning) = tls.warning(self.clock.now()) {
                tracing::warn!("{warning}");
            }
        }
    }

    async fn take_tokens(&self, config: &Config, notes: &mut Notes) {
        let replaced = self.access.replace(&config.server.tokens);
        self.record_tokens(replaced, notes).await;
    }

    /// Nothing of a rejected configuration is used, with one exception: a token that it no longer has ends, and so does
    /// one whose `expires` it brings forward. Whoever revokes a token may not see the mistake elsewhere in the file.
    async fn end_tokens(&self, running: &mut Running, listed: Option<&[Listed]>, notes: &mut Notes) {
        let Some(listed) = listed else { return };
        if listed.is_empty() && self.started.server.is_public() {
            // The file has to keep a token: see `Config::lets_everybody_in`. Whoever removed the last one must not
            // believe that it has ended.
            let tokens = self.access.tokens();
            let names: Vec<_> = tokens.iter().take(5).map(|token| token.table.name.as_str()).collect();
            let more = if tokens.iter().count() > names.len() { ", …" } else { "" };
            notes.errors.push(format!(
                "the tokens in force stay in force although the file has none: {}{more}; to revoke one, put another \
                 into the file",
                names.join(", ")
            ));
            return;
        }
        let ended = self.access.hold_to(listed);
        if ended.is_nothing() {
            return;
        }
        running.config.server.tokens = self.access.tokens().iter().map(|token| token.table.clone()).collect();
        let names = |names: &[String]| names.join(", ");
        tracing::warn!(
            revoked = names(&ended.gone),
            shortened = names(&ended.changed),
            "tokens were revoked or shortened as the configuration says, but the rest of it was rejected"
        );
        self.record_tokens(ended, notes).await;
    }

    async fn record_tokens(&self, replaced: TokensReplaced, notes: &mut Notes) {
        let TokensReplaced { changed, gone } = replaced;
        for (what, name) in
            changed.iter().map(|name| ("setToken", name)).chain(gone.iter().map(|name| ("revokeToken", name)))
        {
            let act = Act { who: "file".to_owned(), what: what.to_owned(), target: name.clone(), ..Act::default() };
            self.record_act(act, "ok").await;
        }
        for name in changed {
            notes.changed(format!("token {name}: in force"));
        }
        for name in gone {
            notes.changed(format!("token {name}: revoked"));
        }
    }

    fn take_recipients(&self, config: &Config, notes: &mut Notes) {
        let file = &config.recipients.on_file;
        if let Some(changed) = self.recipients.replace(file.clone()) {
            notes.changed(format!("recipients: {} in files", file.book.len()));
            self.dispatcher.recipients_changed(changed);
        }
    }

    /// The configuration to use, if it is valid and its plugins exist.
    ///
    /// # Errors
    /// Why the running one stays in force.
    fn accept(
        &self,
        running: &Running,
        judged: Option<Config>,
        folder: &Folder,
        notes: &mut Notes,
    ) -> Result<Config, String> {
        let config = judged.ok_or_else(|| "the configuration was rejected; see the last reload's errors".to_owned())?;
        let unknown = self.unknown_plugins(running, &config, folder);
        if unknown.is_empty() {
            return Ok(config);
        }
        self.metrics.reloaded("config", false);
        notes.errors.extend(unknown);
        Err("the configuration names plugins that do not exist".to_owned())
    }

    /// The file's configuration, if it is valid.
    fn judge(&self, running: &Running, read: Result<Config, Diagnostics>, notes: &mut Notes) -> Option<Config> {
        let judged = read.and_then(|config| {
            let removed = config.removes_all(&running.config);
            match removed.or_else(|| config.lets_everybody_in(&self.started.server)) {
                Some(problem) => Err(problem.into()),
                None => Ok(config),
            }
        });
        self.metrics.reloaded("config", judged.is_ok());
        match judged {
            Ok(config) => {
                for key in self.started.needs_restart(&config) {
                    notes.changed(format!("{key} has changed; it takes effect at the next start"));
                }
                Some(config)
            }
            Err(problems) => {
                notes.errors.extend(problems.problems.iter().map(ToString::to_string));
                None
            }
        }
    }

    /// Plugins that the configuration newly names and that do not exist. If there are any, the whole configuration is
    /// rejected.
    fn unknown_plugins(&self, running: &Running, config: &Config, folder: &Folder) -> Vec<String> {
        let there = |plugin: &PluginRef| match plugin {
            PluginRef::File(_) => folder.sources.contains_key(plugin) || folder.unreadable.contains_key(plugin),
            PluginRef::Builtin(name) => builtin::find(name).is_some(),
        };
        // Before the first table there is nothing else to keep: its channels keep their events, and its stages reject
        // them.
        let first = running.assembly.channels.is_empty() && running.assembly.stages.is_empty();
        let known = |name: &ChannelName, plugin| running.config.channels.get(name).is_some_and(|t| &t.plugin == plugin);
        let channels =
            config.channels.iter().filter(|(name, table)| !there(&table.plugin) && !known(name, &table.plugin));
        let is_known = |stage: &StageTable| running.config.stages.iter().any(|was| stage.calls_the_same(was));
        let stages = config.stages.iter().filter(|stage| !there(&stage.table.plugin) && !is_known(stage));
        let channels = channels.map(|(name, _)| config.channel(name, None));
        let unknown = channels.chain(stages.map(|stage| stage.resolve(None))).filter(|_| !first);
        let builtins: Vec<_> = builtin::names().collect();
        unknown.map(|resolved| config.unknown_plugin(&resolved, &builtins).to_string()).collect()
    }
}

impl Reload for Reloader {
    fn reload(&self) -> BoxFuture<'_, ReloadReport> {
        Box::pin(self.reload_as(Asked::ByHand))
    }
}

fn specs(assembly: &Assembly) -> TableSpec {
    let spec = |built: &Built| ChannelSpec {
        name: built.resolved.setup.name.clone(),
        policy: built.resolved.policy.clone(),
        channel: built.call.clone(),
    };
    TableSpec {
        channels: assembly.channels.values().map(spec).collect(),
        stages: assembly.stages.iter().map(BuiltStage::spec).collect(),
    }
}
