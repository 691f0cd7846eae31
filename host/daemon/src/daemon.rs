//! What the HTTP interface works with: the running daemon's parts, by name.

use std::sync::Arc;

use arc_swap::ArcSwap;
use fanfare_dispatch::{BoxFuture, Clock, Dispatcher, Journal};
use fanfare_journal::{Audit, History, Jobs};
use tokio_util::sync::CancellationToken;

use crate::{
    access::Access,
    http::Held,
    metrics::Metrics,
    overview::{ReloadReport, SharedOverview},
    recipients::Recipients,
    schemas::{Catalogue, Schemas},
    streams::Streams,
};

/// The parts a request may need. One value, shared by all requests.
#[derive(Clone)]
pub struct Daemon {
    pub dispatcher: Arc<Dispatcher>,
    pub journal: Arc<dyn Journal>,
    pub history: History,
    pub jobs: Jobs,
    pub streams: Arc<Streams>,
    pub schemas: Arc<Schemas>,
    pub recipients: Arc<Recipients>,
    pub catalogue: Arc<Catalogue>,
    pub metrics: Arc<Metrics>,
    pub access: Arc<Access>,
    pub audit: Audit,
    /// What new connections are met with. `None`: no TLS.
    pub tls: Option<Certificate>,
    pub overview: SharedOverview,
    pub clock: Arc<dyn Clock>,
    /// How long a publisher waits who does not say otherwise.
    pub wait: std::time::Duration,
    /// Bytes of a request body.
    pub max_body: usize,
    /// For a request's body to arrive.
    pub body_timeout: std::time::Duration,
    /// Events in one batch.
    pub max_batch: usize,
    /// What answers may hold in memory.
    pub held: Held,
    /// Cancelled when the daemon begins to stop.
    pub stopping: CancellationToken,
    pub reload: Arc<dyn Reload>,
}

/// The certificate in force; a reload swaps it.
pub type Certificate = Arc<ArcSwap<rustls::ServerConfig>>;

/// Looks at the configuration and the plugins' folder now, and takes what has changed.
pub trait Reload: Send + Sync + 'static {
    fn reload(&self) -> BoxFuture<'_, ReloadReport>;
}
