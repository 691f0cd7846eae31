//! Sends a request over an idle connection, or over a new one.
//!
//! The pool is our own because the usual client limits only idle connections per host: channels with wildcards could
//! keep connections to any number of hosts, and channels that share a host would drop connections that they need again
//! at once.

use std::{error::Error, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::PathAndQuery};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, crypto::ring};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tower::ServiceExt as _;

use super::{classify, names::Names, pool::Pool, resolver::Resolver};
use crate::{
    grants::{Reach, Target},
    limits,
    message::{Cause, EgressError, Share},
};

type Sending = SendRequest<Full<Bytes>>;
type BoxError = Box<dyn Error + Send + Sync>;

pub(super) struct Client {
    tls: Arc<ClientConfig>,
    pub(super) names: Names,
    idle: Pool<Host, Sending>,
    /// A permit per connection, busy or idle.
    open: Arc<Semaphore>,
    /// The time limit for connecting, including name look-up and TLS.
    patience: Duration,
}

/// What a connection is for. One that may reach private addresses is never given to a channel that may not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Host {
    reach: Reach,
    secure: bool,
    /// The checked target in its canonical spelling.
    target: String,
}

/// Where a request goes, and for whom.
pub(super) struct Way<'a> {
    pub(super) reach: Reach,
    pub(super) target: &'a Target,
    pub(super) share: &'a Share,
    pub(super) table: &'a str,
}

/// A connection whose response is being read.
pub(super) struct Busy {
    host: Host,
    sending: Sending,
    idle: Pool<Host, Sending>,
    /// One of the channel's permits for requests in progress.
    _turn: OwnedSemaphorePermit,
}

impl Client {
    pub(super) fn new() -> Result<Self, rustls::Error> {
        // Names the provider explicitly, so that it does not matter whether the process has installed one.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_webpki_roots()
            .with_no_client_auth();
        Ok(Self {
            tls: Arc::new(tls),
            names: Names::of_system(),
            idle: Pool::new(limits::IDLE_CONNECTIONS, limits::IDLE),
            open: Arc::new(Semaphore::new(limits::CONNECTIONS)),
            patience: limits::LOOKUP + limits::CONNECT,
        })
    }

    /// Sends a request. It connects to the checked target, not to the spelling in the URL.
    pub(super) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        way: Way<'_>,
    ) -> Result<(Response<Incoming>, Busy), EgressError> {
        let secure = request.uri().scheme_str() == Some("https");
        let host = Host { reach: way.reach, secure, target: way.target.to_string() };
        let turn = Arc::clone(&way.share.requests).acquire_owned().await;
        let turn = turn.map_err(|closed| EgressError::new(Cause::Busy, closed.to_string()))?;
        let failed = |error: &(dyn Error + 'static)| classify::classify(error, &host.target, way.table);
        let path = request.uri().path_and_query().cloned();
        let name = HeaderValue::try_from(way.target.authority(secure)).map_err(|error| failed(&error))?;
        request.headers_mut().insert(header::HOST, name);
        *request.uri_mut() = path.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
        loop {
            let waiting = self.idle.take(&host, Sending::is_ready);
            let reused = waiting.is_some();
            let mut sending = match waiting {
                Some(sending) => sending,
                None => self.connect(&host, &way).await?,
            };
            match sending.try_send_request(request).await {
                Ok(response) => {
                    let idle = self.idle.clone();
                    return Ok((response, Busy { host, sending, idle, _turn: turn }));
                }
                // The idle connection had been closed, and nothing was sent.
                Err(mut unsent) => match unsent.take_message().filter(|_| reused) {
                    Some(again) => request = again,
                    None => return Err(failed(unsent.error())),
                },
            }
        }
    }

    async fn connect(&self, host: &Host, way: &Way<'_>) -> Result<Sending, EgressError> {
        let made = async {
            let permit = match Arc::clone(&self.open).try_acquire_owned() {
                Ok(permit) => permit,
                Err(_) => {
                    self.idle.give_up_one();
                    Arc::clone(&self.open).acquire_owned().await?
                }
            };
            self.dial(host, way, permit).await
        };
        let made = timeout(self.patience, made).await;
        let made = made.unwrap_or_else(|_late| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        made.map_err(|error| classify::classify(&*error, &host.target, way.table))
    }

    async fn dial(&self, host: &Host, way: &Way<'_>, permit: OwnedSemaphorePermit) -> Result<Sending, BoxError> {
        let resolver = Resolver::new(way.reach, self.names.clone(), Arc::clone(&way.share.lookups));
        let mut plain = HttpConnector::new_with_resolver(resolver);
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(limits::CONNECT));
        plain.set_nodelay(true);
        let scheme = if host.secure { "https" } else { "http" };
        let uri = Uri::builder().scheme(scheme).authority(host.target.as_str()).path_and_query("/").build()?;
        let stream = HttpsConnector::from((plain, Arc::clone(&self.tls))).oneshot(uri).await?;
        let (sending, connection) =
            http1::Builder::new().max_buf_size(limits::RESPONSE_HEAD).handshake::<_, Full<Bytes>>(stream).await?;
        tokio::spawn(async move {
            let _permit = permit;
            // The waiting caller sees the error on its own side.
            drop(connection.await);
        });
        Ok(sending)
    }
}

impl Busy {
    /// Keeps the connection for the next request. The response must have been read to its end.
    pub(super) fn keep(self) {
        let Self { host, mut sending, idle, .. } = self;
        if sending.is_ready() {
            return idle.put(host, sending);
        }
        // The connection's task may not have noticed the end of the response yet.
        tokio::spawn(async move {
            if let Ok(Ok(())) = timeout(limits::CONNECT, sending.ready()).await {
                idle.put(host, sending);
            }
        });
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
