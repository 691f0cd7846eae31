//! All the wiring: starts journal, engine, dispatcher, reload and HTTP in this order, and stops them in reverse.

use std::{io::ErrorKind, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use fanfare_dispatch::{Clock, Dispatcher, Journal, Parts, SystemClock};
use fanfare_journal::{CommitHook, Options, SqliteJournal};
use fanfare_record::{Act, Audit};
use fanfare_runtime::{CompilerProcess, EmitGate, Runtime, RuntimeOptions};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    access::Access,
    certificate::remind,
    config::Config,
    daemon::{Daemon, Reload as _},
    directory::{recipient_of, render},
    emitted::Gate,
    guests::GuestThreads,
    http,
    metrics::Metrics,
    notices::Notices,
    plugins::compiled,
    recipients::Recipients,
    reload::{self, Reloader, follow},
    response_memory::ResponseMemory,
    schemas::{Catalogue, Schemas},
    series::Series,
    service::Pulse,
    streams::{Observers, Streams},
    templates::Templates,
    traces::Tracer,
    trail::Trail,
};

/// A running daemon.
pub struct App {
    address: SocketAddr,
    secure: bool,
    journal: Arc<SqliteJournal>,
    dispatcher: Arc<Dispatcher>,
    reloader: Arc<Reloader>,
    /// No new connections, no new reloads.
    stopping: CancellationToken,
    server: JoinHandle<()>,
    /// Loads the plugins and follows the files.
    follower: JoinHandle<()>,
    /// Counts events by type.
    cataloguer: JoinHandle<()>,
    /// Samples the counters for charts.
    sampler: JoinHandle<()>,
    /// Logs daily that the certificate expires.
    reminder: JoinHandle<()>,
    tracer: Arc<Tracer>,
    audit: Arc<dyn Audit>,
    drain: Duration,
    /// The last field, so that the threads end after everything that uses them.
    _guests: GuestThreads,
}

/// How long a start waits for the plugins.
const QUICK: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
pub struct AppOptions {
    /// Follow changes of the files.
    pub watch: bool,
    /// The process that compiles plugins; with `None`, this process does.
    pub compiler: Option<CompilerProcess>,
}

impl App {
    /// Starts everything. When this returns, events are accepted and the backlog is being delivered, or `/readyz` says
    /// why not yet.
    ///
    /// # Errors
    /// The journal cannot be opened, the engine cannot be created, or the address is taken. A plugin that cannot be
    /// loaded is not an error here: its channel reports it and keeps its deliveries.
    pub async fn start(config: Config, options: AppOptions) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let server = config.server.clone();
        server.warnings(clock.now()).iter().for_each(|warning| tracing::warn!("{warning}"));
        // First, because a second daemon on the same address must not touch the first one's journal.
        let listener = TcpListener::bind(server.listen).await.map_err(|error| {
            let address = server.listen;
            match error.kind() {
                ErrorKind::AddrInUse => anyhow::anyhow!(
                    "cannot listen on {address}: another program does, perhaps another fanfare; `ss -ltnp 'sport = \
                     :{}'` shows which. Stop it, or set another `server.listen`",
                    address.port()
                ),
                _ => anyhow::anyhow!("cannot listen on {address}: {error}; set another `server.listen`"),
            }
        })?;
        let address = listener.local_addr()?;

        let metrics = Arc::new(Metrics::new(Arc::clone(&clock)));
        let tracer = Arc::new(Tracer::new(Arc::clone(&clock), metrics.traces()));
        tracer.configure(config.telemetry.as_ref());
        let commits = Arc::clone(&metrics);
        let access = Arc::new(Access::new(&server.tokens, Arc::clone(&clock)));
        let tls = server.tls.as_ref().map(|tls| Arc::new(ArcSwap::from_pointee(tls.clone())));
        let on_commit = CommitHook(Arc::new(move |took, group| commits.committed(took, group)));
        let layout = Options {
            retention: config.journal.retention,
            dead_letter_retention: config.journal.dead_letter_retention,
            audit_retention: config.journal.audit_retention,
            on_commit: Some(on_commit),
            ..Options::new(config.journal.path.clone())
        };
        let journal_file = layout.path.clone();
        let journal = SqliteJournal::open(layout, Arc::clone(&clock)).await?;
        let audit: Arc<dyn Audit> = Arc::new(Trail::new(journal.audit()));
        // The daemon starts even if its disk is full.
        if let Err(error) = audit.record(of_daemon("start"), "ok").await {
            tracing::warn!(%error, "the start could not be recorded in the audit trail");
        }
        let history = journal.history();
        let schemas = Arc::new(Schemas::new(config.schemas.clone(), Arc::clone(&metrics), history.clone()));
        let catalogue = Arc::new(Catalogue::new(history.clone()));
        let recipients = Recipients::open(config.recipients.on_file.clone(), journal.recipients()).await;
        let recipients = Arc::new(recipients.context("cannot read the journal's recipients")?);
        let templates = Arc::new(Templates::new(config.templates.set.clone()));
        let gate = Arc::new(Gate::new(Arc::clone(&schemas)));
        let emitted = Arc::clone(&gate);
        let emit_gate: EmitGate = Arc::new(move |event| emitted.pass(event));
        let (threads, guests) = GuestThreads::start().context("cannot start threads for guests")?;
        let runtime = Runtime::new(RuntimeOptions {
            guests: Some(guests.clone()),
            clock: Arc::clone(&clock),
            cache: Some(compiled::of_daemon(&config.plugins)),
            compiler: options.compiler.clone(),
            emit_gate: Some(emit_gate),
            max_hops: config.journal.max_hops,
            recipient_of: Some(recipient_of(&recipients)),
            render: Some(render(&recipients, &templates)),
            ..RuntimeOptions::default()
        })?;
        runtime.keep_from(address.port());
        let streams = Arc::new(Streams::new(server.max_streams));
        let dispatcher = Arc::new(Dispatcher::new(Parts {
            journal: journal.clone(),
            state: journal.clone(),
            clock: Arc::clone(&clock),
            observer: Arc::new(Observers {
                metrics: metrics.clone(),
                streams: streams.clone(),
                notices: Notices::new(Arc::clone(&clock)),
                tracer: Arc::clone(&tracer),
            }),
            recipients: recipients.clone(),
            guests,
        }));
        gate.open(&dispatcher);
        let parts = reload::Parts {
            runtime,
            dispatcher: Arc::clone(&dispatcher),
            schemas: Arc::clone(&schemas),
            recipients: Arc::clone(&recipients),
            templates,
            metrics: Arc::clone(&metrics),
            access: Arc::clone(&access),
            tls: tls.clone(),
            tracer: Arc::clone(&tracer),
            audit: Arc::clone(&audit),
            clock: Arc::clone(&clock),
        };
        let reloader = Arc::new(Reloader::new(parts, config));
        let known = history.totals().await.context("cannot read the journal's channels")?;
        reloader.make_folder(known.channels.iter().map(|channel| &channel.channel));
        reloader.announce().await;
        let stopping = CancellationToken::new();
        let (on_loaded, loaded) = oneshot::channel();
        let follower = tokio::spawn(follow(Arc::clone(&reloader), options.watch, stopping.clone(), on_loaded));
        // Most plugins are loaded at once, from the cache. Publishers do not have to wait for one that has to be
        // compiled.
        if tokio::time::timeout(QUICK, loaded).await.is_err() {
            tracing::warn!(
                "some plugins are still being compiled; events are accepted meanwhile and kept for their \
                 channels"
            );
        }
        let series = Series::new(Arc::clone(&metrics), Arc::clone(&history), Arc::clone(&clock), &known);
        let series = Arc::new(series);
        let (certificate, of_certificate) = (tls.clone(), Arc::clone(&clock));
        let daemon = Arc::new(Daemon {
            dispatcher: Arc::clone(&dispatcher),
            journal: journal.clone(),
            history,
            journal_file,
            jobs: journal.jobs(),
            streams,
            schemas,
            recipients,
            catalogue: Arc::clone(&catalogue),
            metrics,
            series: Arc::clone(&series),
            access,
            audit: Arc::clone(&audit),
            tls,
            tracer: Arc::clone(&tracer),
            overview: reloader.overview(),
            clock,
            wait: server.wait,
            max_body: usize::try_from(server.max_body).unwrap_or(usize::MAX),
            body_timeout: server.body_timeout,
            max_batch: server.max_batch,
            response_memory: ResponseMemory::default(),
            stopping: stopping.clone(),
            reload: reloader.clone(),
        });
        let cataloguer = tokio::spawn(catalogue.follow(stopping.clone()));
        let sampler = tokio::spawn(series.follow(stopping.clone()));
        let warning = move || certificate.as_ref()?.load().warning(of_certificate.now());
        let reminder = tokio::spawn(remind(stopping.clone(), warning));
        let limits = http::ServerOptions {
            max_connections: server.max_connections,
            header_timeout: server.header_timeout,
            write_timeout: server.write_timeout,
        };
        let server_task = tokio::spawn(http::serve(listener, daemon, limits, stopping.clone(), server.drain));
        Ok(Self {
            address,
            secure: server.tls.is_some(),
            journal,
            dispatcher,
            reloader,
            stopping,
            server: server_task,
            follower,
            cataloguer,
            sampler,
            reminder,
            tracer,
            audit,
            drain: server.drain,
            _guests: threads,
        })
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", if self.secure { "https" } else { "http" }, self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads the configuration and the plugins again, as `POST /v1/reload` does. What comes of it is logged.
    pub async fn reload(&self) {
        self.reloader.reload().await;
    }

    /// Asks the journal's writer, for the watchdog.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let journal = Arc::clone(&self.journal);
        Box::new(move || {
            let journal = Arc::clone(&journal);
            Box::pin(async move {
                // An error also shows that the writer responds.
                let _answered = journal.pulse().await.is_ok();
            })
        })
    }

    /// Accepts no new requests, lets attempts in flight finish within the configured deadline, writes what is queued
    /// and closes the journal. Returns how many attempts were interrupted; the next start repeats them.
    pub async fn stop(self) -> usize {
        self.stopping.cancel();
        let cut = self.dispatcher.drain(self.drain).await;
        if cut > 0 {
            tracing::warn!(attempts = cut, "the shutdown interrupted attempts; the next start repeats them");
        }
        for task in [self.server, self.follower, self.cataloguer, self.sampler, self.reminder] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the daemon failed");
            }
        }
        if let Err(error) = self.audit.record(of_daemon("stop"), "ok").await {
            tracing::warn!(%error, "the stop could not be recorded in the audit trail");
        }
        self.journal.close().await;
        // Followers have been notified of the last commits by now.
        self.tracer.close().await;
        cut
    }
}

/// An act of the daemon itself, for the audit trail.
fn of_daemon(what: &str) -> Act {
    let details = Some(format!("{{\"version\":\"{}\"}}", env!("CARGO_PKG_VERSION")));
    Act { who: "daemon".to_owned(), what: what.to_owned(), details, ..Act::default() }
}
