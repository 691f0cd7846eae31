//! The running daemon's parts, by name, for the HTTP interface.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use fanfare_dispatch::{BoxFuture, Clock, Dispatcher, Journal};
use fanfare_record::{Audit, History, Jobs};
use tokio_util::sync::CancellationToken;

use crate::{
    access::Access,
    config::Tls,
    metrics::Metrics,
    overview::{ReloadReport, SharedOverview},
    recipients::Recipients,
    response_memory::ResponseMemory,
    schemas::{Catalogue, Schemas},
    series::Series,
    streams::Streams,
    traces::Tracer,
};

/// The parts that a request may need. All requests share one value.
#[derive(Clone)]
pub struct Daemon {
    pub dispatcher: Arc<Dispatcher>,
    pub journal: Arc<dyn Journal>,
    pub history: Arc<dyn History>,
    /// The journal's database; its log is beside it.
    pub journal_file: PathBuf,
    pub jobs: Arc<dyn Jobs>,
    pub streams: Arc<Streams>,
    pub schemas: Arc<Schemas>,
    pub recipients: Arc<Recipients>,
    pub catalogue: Arc<Catalogue>,
    pub metrics: Arc<Metrics>,
    pub series: Arc<Series>,
    pub access: Arc<Access>,
    pub audit: Arc<dyn Audit>,
    /// The TLS settings for new connections. `None`: no TLS.
    pub tls: Option<Certificate>,
    pub tracer: Arc<Tracer>,
    pub overview: SharedOverview,
    pub clock: Arc<dyn Clock>,
    /// How long a publisher waits for the result, unless it says otherwise.
    pub wait: std::time::Duration,
    /// The largest body of a request, in bytes.
    pub max_body: usize,
    /// The deadline for a request's body.
    pub body_timeout: std::time::Duration,
    /// The largest batch of events.
    pub max_batch: usize,
    /// How much memory responses may use.
    pub response_memory: ResponseMemory,
    /// Cancelled when the daemon begins to stop.
    pub stopping: CancellationToken,
    pub reload: Arc<dyn Reload>,
}

/// The certificate in force; a reload swaps it.
pub type Certificate = Arc<ArcSwap<Tls>>;

/// Reads the configuration and the plugins' folder now, and applies what has changed.
pub trait Reload: Send + Sync + 'static {
    fn reload(&self) -> BoxFuture<'_, ReloadReport>;
}
