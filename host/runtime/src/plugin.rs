//! A loaded plugin, and a channel made from it.

use std::{path::PathBuf, sync::Arc};

use fanfare_core::{BatchReport, Class, Cost, Event, Fault, Report, Role, StageReport, TraceContext};
use fanfare_dispatch::{Attempt, Bounds, BoxFuture, Channel, Stage};

use crate::{
    ChannelSetup, Kind, Wire, attempt, channel_view,
    guest_channel::{GuestChannel, Loaded},
};

/// A compiled, classified and linked file. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) inner: Arc<Loaded>,
    /// For the channels and stages that are made from it.
    pub(crate) wire: Wire,
}

/// Why a plugin cannot be this channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("{table}.sign: the host sends requests only for an http-channel, and this plugin is a {kind}")]
    CannotSign { table: String, kind: Kind },
    #[error("{table}.grant.files: the folder {} cannot be opened: {reason}", path.display())]
    Folder { table: String, path: PathBuf, reason: String },
    #[error(
        "{table}.settings.{key} refers to `${{secrets.{secret}}}`, which does not exist: add it to {table}.secrets"
    )]
    UnknownSecret { table: String, key: String, secret: String },
    #[error("{table}.grant.files: the guest's path `{guest}` must start with `/`")]
    GuestPath { table: String, guest: String },
    #[error(
        "{table}.plugin: this plugin is a stage, which processes events before channels: name it in a [[stages]] table \
         instead"
    )]
    IsStage { table: String },
    #[error("{table}.plugin: this plugin is a {kind}, not a stage: name it in a [channels.<name>] table instead")]
    NoStage { table: String, kind: Kind },
}

impl Plugin {
    /// SHA-256 of the file, 64 hex digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.entry.kind()
    }

    /// Whether it takes several deliveries in one call.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        self.inner.entry.takes_batches()
    }

    /// The imported interfaces: `fanfare:channel/http@0.1.0`.
    #[must_use]
    pub fn imports(&self) -> &[String] {
        &self.inner.imports
    }

    #[must_use]
    pub fn exports(&self) -> &[String] {
        &self.inner.exports
    }

    /// The size of the file in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.inner.size
    }

    /// The same plugin, whose channels and stages send their requests this way: for self-tests and trials.
    #[must_use]
    pub fn wired(&self, wire: Wire) -> Self {
        Self { wire, ..self.clone() }
    }

    /// Makes a channel.
    ///
    /// # Errors
    /// [`SetupError`] if the setup asks for something that this plugin or this machine cannot do.
    pub fn channel(&self, setup: ChannelSetup) -> Result<Arc<dyn Channel>, SetupError> {
        self.guest(ChannelSetup { role: Role::Channel, ..setup }).map(|guest| guest as Arc<dyn Channel>)
    }

    /// Makes a stage.
    ///
    /// # Errors
    /// [`SetupError`], as for a channel.
    pub fn stage(&self, setup: ChannelSetup) -> Result<Arc<dyn Stage>, SetupError> {
        self.guest(ChannelSetup { role: Role::Stage, ..setup }).map(|guest| guest as Arc<dyn Stage>)
    }

    fn guest(&self, setup: ChannelSetup) -> Result<Arc<GuestChannel>, SetupError> {
        let (table, kind) = (setup.role.table(setup.name.as_str()), self.kind());
        match (setup.role, kind) {
            (Role::Channel, Kind::Stage) => return Err(SetupError::IsStage { table }),
            (Role::Stage, kind) if kind != Kind::Stage => return Err(SetupError::NoStage { table, kind }),
            _ => {}
        }
        if kind != Kind::HttpChannel && !setup.sign.is_empty() {
            return Err(SetupError::CannotSign { table, kind });
        }
        if let Some((key, secret)) = channel_view::dangling(&setup) {
            let (key, secret) = (key.to_owned(), secret.to_owned());
            return Err(SetupError::UnknownSecret { table, key, secret });
        }
        for grant in &setup.grants.files {
            if !grant.guest.starts_with('/') {
                return Err(SetupError::GuestPath { table, guest: grant.guest.clone() });
            }
            if let Err(reason) = std::fs::read_dir(&grant.host) {
                let (path, reason) = (grant.host.clone(), reason.to_string());
                return Err(SetupError::Folder { table, path, reason });
            }
        }
        Ok(Arc::new(GuestChannel::new(&self.inner, setup, self.wire.clone())))
    }
}

impl GuestChannel {
    /// Moves a call to the guests' threads, for example a self-test. Deliveries run there already.
    async fn elsewhere<R: Send + 'static, F: Future<Output = R> + Send + 'static>(
        &self,
        failed: impl FnOnce(Fault) -> R,
        call: impl FnOnce(Self) -> F,
    ) -> R {
        let report = self.plugin.shared.threads.run(call(self.clone())).await;
        report.unwrap_or_else(|error| {
            failed(Fault::new(Class::Host, "panic", format!("the attempt's task failed: {error}")))
        })
    }
}

impl Stage for GuestChannel {
    fn process(&self, event: Arc<Event>, bounds: Bounds, trace: Option<TraceContext>) -> BoxFuture<'_, StageReport> {
        if !self.plugin.shared.threads.are_elsewhere() {
            return Box::pin(attempt::run_stage(self, event, bounds, trace));
        }
        let failed = |fault: Fault| StageReport::failed(fault, Cost::default());
        Box::pin(
            self.elsewhere(failed, move |stage| async move { attempt::run_stage(&stage, event, bounds, trace).await }),
        )
    }

    fn plugin_digest(&self) -> &str {
        &self.plugin.digest[..16]
    }
}

impl Channel for GuestChannel {
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report> {
        if !self.plugin.shared.threads.are_elsewhere() {
            return Box::pin(attempt::run(self, attempt));
        }
        let failed = |fault: Fault| Report::failed(fault, Cost::default());
        Box::pin(self.elsewhere(failed, |channel| async move { attempt::run(&channel, attempt).await }))
    }

    fn takes_batches(&self) -> bool {
        self.plugin.entry.takes_batches()
    }

    fn deliver_batch(&self, batch: Vec<Attempt>) -> BoxFuture<'_, BatchReport> {
        if !self.plugin.shared.threads.are_elsewhere() {
            return Box::pin(async move { attempt::run_batch(self, &batch).await });
        }
        let count = batch.len();
        let failed = move |fault: Fault| BatchReport::failed(count, &fault, Cost::default());
        Box::pin(self.elsewhere(failed, move |channel| async move { attempt::run_batch(&channel, &batch).await }))
    }

    fn plugin_digest(&self) -> &str {
        &self.plugin.digest[..16]
    }

    fn settings_digest(&self) -> Arc<str> {
        Arc::clone(&self.settings)
    }
}
