//! The accept loop: how many connections there may be, how long one may take to say what it wants, and how they end.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use super::Api;
use crate::daemon::Daemon;

/// The wait after the first failed accept; doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The bounds of the server.
#[derive(Clone, Copy, Debug)]
pub struct ServerOptions {
    /// Connections at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// From the start of a request to the end of its headers. An idle connection is closed after as long.
    pub header_timeout: Duration,
}

/// Serves until `shutdown`, then lets requests in flight finish for at most `deadline`.
pub async fn serve(
    listener: TcpListener,
    daemon: Arc<Daemon>,
    options: ServerOptions,
    shutdown: CancellationToken,
    deadline: Duration,
) {
    let api = match listener.local_addr() {
        Ok(address) => Api::new(daemon, address),
        Err(error) => {
            tracing::error!(%error, "the listening socket has no address; nothing is served");
            return;
        }
    };
    let server = Server {
        http: {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(options.header_timeout);
            http
        },
        api,
        connections: GracefulShutdown::new(),
        permits: Arc::new(Semaphore::new(options.max_connections.min(Semaphore::MAX_PERMITS))),
        abort: CancellationToken::new(),
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = server.accept(&listener) => {}
    }
    drop(listener); // from here on the port refuses, instead of letting connections wait for nobody
    server.drain(deadline).await;
}

struct Server {
    http: http1::Builder,
    api: Api,
    connections: GracefulShutdown,
    permits: Arc<Semaphore>,
    /// Ends what is still open at the deadline.
    abort: CancellationToken,
}

impl Server {
    /// Ends only when nobody can take a permit any more, which nobody causes.
    async fn accept(&self, listener: &TcpListener) {
        let mut pause = FIRST_PAUSE;
        while let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    pause = FIRST_PAUSE;
                    self.spawn(stream, permit);
                }
                // Too many open files, for one. It passes, or an operator has to see it; neither needs a busy loop.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let api = self.api.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let api = api.clone();
            async move { Ok::<_, Infallible>(api.call(request).await) }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let connection = self.connections.watch(connection);
        let abort = self.abort.clone();
        tokio::spawn(async move {
            let _permit = permit;
            tokio::select! {
                result = connection => {
                    if let Err(error) = result {
                        // The client's business: it went away, or sent what is no HTTP.
                        tracing::debug!(%error, "a connection ended early");
                    }
                }
                () = abort.cancelled() => {}
            }
        });
    }

    async fn drain(self, deadline: Duration) {
        let Self { connections, abort, .. } = self;
        // Idle connections count until they have heard of it, so this is no number to show.
        if tokio::time::timeout(deadline, connections.shutdown()).await.is_err() {
            tracing::warn!(?deadline, "requests were still in flight at the shutdown's deadline; they are cut");
        }
        abort.cancel();
    }
}
