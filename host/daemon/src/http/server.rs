//! The accept loop: how many connections may be open, how long each may take, and how they end.

use std::{convert::Infallible, future::ready, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Api,
    connections::{Answering, Connections, Place},
    wire::Wire,
};
use crate::daemon::{Certificate, Daemon};

/// The wait after the first failed accept; doubled with each further failure.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Per connection: the longest head of a request, and how much of a response is buffered before it is written.
const BUFFER: usize = 128 << 10;

/// The bounds of the server.
#[derive(Clone, Copy, Debug)]
pub struct ServerOptions {
    /// How many connections may be open. For a further one, the connection that has been idle longest is closed; if all
    /// are busy, the new one waits.
    pub max_connections: usize,
    /// How long a request's headers may take. An idle connection is closed after the same time.
    pub header_timeout: Duration,
    /// A client that reads next to nothing of its response for this long is cut off.
    pub write_timeout: Duration,
}

/// Serves until `shutdown`, then lets requests in flight finish for at most `deadline`.
pub async fn serve(
    listener: TcpListener,
    daemon: Arc<Daemon>,
    options: ServerOptions,
    shutdown: CancellationToken,
    deadline: Duration,
) {
    let tls = daemon.tls.clone();
    let api = match listener.local_addr() {
        Ok(address) => Api::new(daemon, address),
        Err(error) => {
            tracing::error!(%error, "the listening socket has no address; nothing is served");
            return;
        }
    };
    let draining = CancellationToken::new();
    let server = Server {
        tls,
        handshake_timeout: options.header_timeout,
        http: {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(options.header_timeout).max_buf_size(BUFFER);
            http
        },
        api,
        write_timeout: options.write_timeout,
        connections: Connections::new(options.max_connections, draining.clone()),
        tasks: TaskTracker::new(),
        draining,
        abort: CancellationToken::new(),
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        never = server.accept(&listener) => match never {},
    }
    drop(listener); // new connections are refused now, instead of waiting in vain
    server.drain(deadline).await;
}

struct Server {
    tls: Option<Certificate>,
    handshake_timeout: Duration,
    http: http1::Builder,
    api: Api,
    write_timeout: Duration,
    connections: Arc<Connections>,
    tasks: TaskTracker,
    /// Closes every connection after the response in flight.
    draining: CancellationToken,
    /// Cuts what is still open at the deadline.
    abort: CancellationToken,
}

impl Server {
    async fn accept(&self, listener: &TcpListener) -> Infallible {
        let mut pause = FIRST_PAUSE;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    pause = FIRST_PAUSE;
                    let place = self.connections.place().await;
                    self.spawn(stream, peer, place);
                }
                // For example, too many open files. Either it passes or an operator has to act; a busy loop helps
                // neither.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: Place) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let wire = Wire::new(stream, self.write_timeout);
        match &self.tls {
            None => self.spawn_on(ready(Ok(wire)), peer, place),
            Some(certificate) => {
                let handshake = TlsAcceptor::from(Arc::clone(&certificate.load().server)).accept(wire);
                let shaken = tokio::time::timeout(self.handshake_timeout, handshake);
                let shaken = async { shaken.await.map_err(io::Error::from)? };
                self.spawn_on(shaken, peer, place);
            }
        }
    }

    /// Serves what `wire` comes to.
    fn spawn_on<W>(&self, wire: impl Future<Output = io::Result<W>> + Send + 'static, peer: SocketAddr, place: Place)
    where
        W: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (api, http, abort) = (self.api.clone(), self.http.clone(), self.abort.clone());
        self.tasks.spawn(async move {
            let connection = Arc::clone(&place.connection);
            let wire = tokio::select! {
                biased;
                wire = wire => wire,
                () = abort.cancelled() => return,
                // Nothing has been asked on it yet.
                () = connection.close.cancelled() => return,
            };
            let wire = match wire {
                Ok(wire) => TokioIo::new(wire),
                Err(error) => {
                    tracing::debug!(%error, %peer, "a connection ended in its TLS handshake");
                    return;
                }
            };
            let service = service_fn(move |request: http::Request<Incoming>| {
                let (api, busy) = (api.clone(), place.busy());
                async move {
                    Ok::<_, Infallible>(api.call(request, Some(peer)).await.map(|body| Answering { body, _busy: busy }))
                }
            });
            let mut serving = pin!(http.serve_connection(wire, service));
            let result = tokio::select! {
                // Data that has arrived is read before the connection is closed in favour of another.
                biased;
                result = serving.as_mut() => result,
                () = abort.cancelled() => return,
                () = connection.close.cancelled() => {
                    // Hyper would wait for the first request.
                    if connection.is_fresh() {
                        return;
                    }
                    serving.as_mut().graceful_shutdown();
                    tokio::select! {
                        result = serving => result,
                        () = abort.cancelled() => return,
                    }
                }
            };
            if let Err(error) = result {
                // Not our fault: the client disconnected, or did not send HTTP.
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }

    async fn drain(self, deadline: Duration) {
        self.draining.cancel();
        self.tasks.close();
        // Idle connections count until they have noticed the shutdown, so the log does not show a number.
        if tokio::time::timeout(deadline, self.tasks.wait()).await.is_err() {
            tracing::warn!(?deadline, "requests were still in flight at the shutdown's deadline; they are cut");
        }
        self.abort.cancel();
    }
}
