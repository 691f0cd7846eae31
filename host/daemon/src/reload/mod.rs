//! Hot reload: files change, and what runs follows, without a restart and without a lost delivery.
//!
//! One reload is one pass: look at the configuration and the plugins' folder ([`look`]), build what has changed, and only then
//! swap the table of channels. What cannot be read, compiled, linked or built changes nothing and says why.
//!
//! Events go by the table, so the table is never taken for the configured one when it is not. Before the first that could be
//! registered there is none, and events are refused; while a newer one cannot be had, the older stays, and the newer is tried
//! again ([`follow`]).

mod follow;
mod look;
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
use fanfare_journal::{Act, Audit};
use fanfare_runtime::Runtime;
use serde_json::json;
use tokio::sync::Mutex;

pub use follow::follow;
pub use look::first_config;

use crate::{
    access::{Access, TokensReplaced},
    blocking::blocking,
    config::{Config, Diagnostics, PluginRef, StageTable},
    daemon::{Certificate, Reload},
    metrics::Metrics,
    overview::{Overview, ReloadReport, SharedOverview},
    plugins::{Assembling, Assembly, Built, BuiltStage, Retry, announce, builtin, folder::Folder},
    recipients::Recipients,
    schemas::{Replaced, Schemas},
    templates::Templates,
};
use look::{Before, Look, look};
use places::Followed;
use report::{Notes, changes, log_errors, one_line};
use stamps::Stamps;

/// Brings what runs in step with the files.
pub struct Reloader {
    runtime: Runtime,
    dispatcher: Arc<Dispatcher>,
    schemas: Arc<Schemas>,
    recipients: Arc<Recipients>,
    templates: Arc<Templates>,
    metrics: Arc<Metrics>,
    access: Arc<Access>,
    tls: Option<Certificate>,
    audit: Audit,
    clock: Arc<dyn Clock>,
    overview: SharedOverview,
    /// What the process was started with; some keys are read only then.
    started: Config,
    /// Held through a whole reload: two at once would build from the same "before".
    running: Mutex<Running>,
    /// The last reload failed for a reason that may pass without a change to any file.
    unfinished: AtomicBool,
}

/// What a reloader works with.
pub struct Parts {
    pub runtime: Runtime,
    pub dispatcher: Arc<Dispatcher>,
    pub schemas: Arc<Schemas>,
    pub recipients: Arc<Recipients>,
    pub templates: Arc<Templates>,
    pub metrics: Arc<Metrics>,
    pub access: Arc<Access>,
    pub tls: Option<Certificate>,
    pub audit: Audit,
    pub clock: Arc<dyn Clock>,
}

struct Running {
    config: Config,
    assembly: Assembly,
    /// What the files looked like when they were last read, whatever came of it, and which files those are.
    seen: Stamps,
    followed: Followed,
    /// What was said of files that are not there.
    absent: Vec<String>,
}

/// Who asks for a reload.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Somebody, who is told everything.
    ByHand,
    /// A change, or a timer: what was said before is not said again.
    ByItself,
}

impl Reloader {
    #[must_use]
    pub fn new(parts: Parts, config: Config) -> Self {
        let Parts { runtime, dispatcher, schemas, recipients, templates, metrics, access, tls, audit, clock } = parts;
        let overview = Arc::new(ArcSwap::from_pointee(Overview::default()));
        let started = config.clone();
        let followed = Followed::first(&config);
        let running =
            Running { config, assembly: Assembly::default(), seen: Stamps::default(), followed, absent: vec![] };
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

    /// Makes the plugins' folder on a fresh machine, so that a first start needs no step for it. A folder that is missing where
    /// the journal knows channels that could only have come from its files is not made: it is rather not mounted than empty,
    /// and events must not pass those channels by. `known` are the channels there ever were.
    pub fn make_folder<'a>(&self, mut known: impl Iterator<Item = &'a ChannelName>) {
        let dir = &self.started.plugins.dir;
        if dir.exists() || known.any(|name| !self.started.channels.contains_key(name)) {
            return;
        }
        if let Err(error) = std::fs::create_dir_all(dir) {
            tracing::error!(folder = %dir.display(), %error, "the plugins' folder cannot be made");
        }
    }

    /// Makes the channels known that there will be, so that events are kept for them from now on: loading a plugin for the first
    /// time may take a while. Where that fails, events are refused until a later reload has done it.
    pub async fn announce(&self) {
        let mut running = self.running.lock().await;
        let look = self.look(&mut running).await;
        if let Err(reason) = self.register(&running.config, look.folder.as_ref()).await {
            tracing::error!("{reason}; events are refused until it works");
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

    /// What is to be followed.
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

    /// Says what should be watched for changes and is not.
    fn set_unwatched(&self, unwatched: Vec<String>) {
        if self.overview.load().unwatched == unwatched {
            return;
        }
        for reason in &unwatched {
            tracing::warn!("{reason}; changes are found by comparing the files every few seconds");
        }
        if unwatched.is_empty() {
            tracing::info!("the files are watched for changes again");
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

    /// Makes the channels known for the first time.
    async fn register(&self, config: &Config, folder: Result<&Folder, &String>) -> Result<(), String> {
        let assembly = announce(config, folder.map_err(String::clone)?).await;
        self.apply(&assembly).await?;
        self.show(&assembly, None);
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
            self.record(&report, said).await;
        }
        // What is still wrong was told when it became so.
        if report.errors.iter().any(|error| !said.contains(error)) {
            let (errors, at) = (report.errors.clone(), report.at);
            self.dispatcher.announce(SystemEvent::ReloadFailed(ReloadFailed { errors, at }));
        }
        self.show(&running.assembly, Some(report.clone()));
        report
    }

    /// Puts what files have changed on record; who asked for a reload by a call is on record as such.
    async fn record(&self, report: &ReloadReport, said: &[String]) {
        let errors: Vec<_> = report.errors.iter().filter(|error| !said.contains(error)).collect();
        if report.changes.is_empty() && errors.is_empty() {
            return;
        }
        let outcome = if report.errors.is_empty() { "ok" } else { "rejected" };
        let details = Some(json!({ "changes": report.changes, "errors": errors }).to_string());
        let act = Act { who: "file".to_owned(), what: "reload".to_owned(), details, ..Act::default() };
        self.put_on_record(act, outcome).await;
    }

    async fn put_on_record(&self, act: Act, outcome: &str) {
        if let Err(error) = self.audit.record(act, outcome).await {
            tracing::warn!(%error, "a reload could not be recorded in the audit");
        }
    }

    /// Shows what runs to the HTTP interface.
    fn show(&self, assembly: &Assembly, last_reload: Option<ReloadReport>) {
        assembly.stages.iter().for_each(|stage| self.metrics.has_stage(&stage.built.resolved.name));
        let unwatched = self.overview.load().unwatched.clone();
        self.overview.store(Arc::new(view::overview(assembly, last_reload, unwatched)));
    }

    /// Makes `assembly` what runs.
    ///
    /// # Errors
    /// Why what ran before stays in place.
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

    /// From what the files say to what runs.
    ///
    /// # Errors
    /// Why the table of channels is not the configured one now. A plugin that could not be loaded is not such a reason.
    async fn bring_up(&self, running: &mut Running, look: Look, retry: Retry, notes: &mut Notes) -> Result<(), String> {
        self.unfinished.store(look.passing, Ordering::SeqCst);
        let mut behind = Ok(());
        let config = self.judge(running, look.config, notes).unwrap_or_else(|| {
            behind = Err("the configuration could not be taken; see the last reload's errors".to_owned());
            running.config.clone()
        });
        let unlisted = |notes: &mut Notes, reason: String| {
            notes.errors.push(reason.clone());
            Err(reason)
        };
        let folder = match look.folder {
            Ok(folder) => folder,
            // A folder that cannot be listed is no reason to take its channels down.
            Err(reason) => return unlisted(notes, format!("{reason}; what runs stays as it is")),
        };
        if matches!(self.dispatcher.table(), TableState::Missing { .. })
            && let Err(reason) = self.register(&config, Ok(&folder)).await
        {
            self.unfinished.store(true, Ordering::SeqCst);
            return unlisted(notes, reason);
        }
        let config = match self.unknown_plugins(running, &config, &folder) {
            unknown if unknown.is_empty() => config,
            unknown => {
                self.metrics.reloaded("config", false);
                behind = Err("the configuration names plugins that are not there".to_owned());
                notes.errors.extend(unknown);
                running.config.clone()
            }
        };
        // Before anything that takes long: what comes meanwhile is held against them already.
        self.take_schemas(&config, notes);
        self.take_recipients(&config, notes);
        self.take_templates(&config, notes);
        self.take_tokens(&config, notes).await;
        self.take_tls(running, &config, notes);
        if running.assembly.channels.is_empty() && !(config.channels.is_empty() && folder.sources.is_empty()) {
            // It may take minutes to compile the first channel; what is published meanwhile must not go to nobody.
            self.dispatcher.set_behind(Some("the channels are being loaded".to_owned()));
        }
        let mut assembling = Assembling::begin(&self.runtime, &config, folder, &running.assembly, retry);
        let assembly = loop {
            let assembly = assembling.next().await;
            if assembling.is_done() && assembly.channels.is_empty() && behind.is_ok() {
                // No channels are what is asked for: an event that goes to nobody is as it should be, from the swap on.
                self.dispatcher.set_behind(None);
            }
            let taken = self.take(running, &config, &assembly, notes).await;
            match taken {
                _ if !assembling.is_done() => self.show(&running.assembly, self.overview.load().last_reload.clone()),
                Ok(()) => break assembly,
                Err(reason) => {
                    self.unfinished.store(true, Ordering::SeqCst);
                    return unlisted(notes, format!("{reason}; what runs stays as it is, and it is tried again"));
                }
            }
        };
        let absent = assembly.absent_files(&config);
        for line in absent.iter().filter(|line| !running.absent.contains(line)) {
            tracing::warn!("{}", one_line(line));
        }
        running.absent = absent;
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
            notes.changed(format!("templates: {count} in force"));
        }
    }

    /// Connections that are open keep the certificate they began with.
    fn take_tls(&self, running: &Running, config: &Config, notes: &mut Notes) {
        let (Some(certificate), Some(tls)) = (&self.tls, &config.server.tls) else { return };
        if running.config.server.tls.as_ref() != Some(tls) {
            certificate.store(Arc::clone(&tls.server));
            notes.changed(format!("TLS: a new certificate, from {}", tls.cert.display()));
        }
    }

    async fn take_tokens(&self, config: &Config, notes: &mut Notes) {
        let TokensReplaced { changed, gone } = self.access.replace(&config.server.tokens);
        for (what, name) in
            changed.iter().map(|name| ("setToken", name)).chain(gone.iter().map(|name| ("revokeToken", name)))
        {
            let act = Act { who: "file".to_owned(), what: what.to_owned(), target: name.clone(), ..Act::default() };
            self.put_on_record(act, "ok").await;
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
            notes.changed(format!("recipients: {} on file", file.book.len()));
            self.dispatcher.recipients_changed(changed);
        }
    }

    /// The configuration to go by, if the file's can be taken.
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
                    notes.changed(format!("{key} differs from what runs; it takes effect at the next start"));
                }
                Some(config)
            }
            Err(problems) => {
                notes.errors.extend(problems.problems.iter().map(ToString::to_string));
                None
            }
        }
    }

    /// The plugins that a configuration newly names and that are not there: it is then refused as a whole.
    fn unknown_plugins(&self, running: &Running, config: &Config, folder: &Folder) -> Vec<String> {
        let there = |plugin: &PluginRef| match plugin {
            PluginRef::File(_) => folder.sources.contains_key(plugin) || folder.unreadable.contains_key(plugin),
            PluginRef::Builtin(name) => builtin::find(name).is_some(),
        };
        // Before the first there is nothing else to run by: its channels keep what comes, and its stages refuse it.
        let first = running.assembly.channels.is_empty() && running.assembly.stages.is_empty();
        let known = |name: &ChannelName, plugin| running.config.channels.get(name).is_some_and(|t| &t.plugin == plugin);
        let channels =
            config.channels.iter().filter(|(name, table)| !there(&table.plugin) && !known(name, &table.plugin));
        let is_known = |stage: &StageTable| running.config.stages.iter().any(|was| stage.calls_the_same(was));
        let stages = config.stages.iter().filter(|stage| !there(&stage.table.plugin) && !is_known(stage));
        let channels = channels.map(|(name, _)| config.channel(name, None));
        let unknown = channels.chain(stages.map(|stage| config.stage(stage, None))).filter(|_| !first);
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
        name: built.resolved.name.clone(),
        policy: built.resolved.policy.clone(),
        channel: built.call.clone(),
    };
    TableSpec {
        channels: assembly.channels.values().map(spec).collect(),
        stages: assembly.stages.iter().map(BuiltStage::spec).collect(),
    }
}
