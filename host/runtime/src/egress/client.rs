//! The pooled client.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::crypto::ring;

use super::resolver::Resolver;
use crate::{grants::Reach, limits};

pub(super) type Client = legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// Shorter than what common servers keep an idle connection for, so that we are seldom the ones to find it closed.
const IDLE: Duration = Duration::from_secs(30);

pub(super) fn new(reach: Reach) -> Result<Client, rustls::Error> {
    let mut plain = HttpConnector::new_with_resolver(Resolver::new(reach));
    plain.enforce_http(false);
    plain.set_connect_timeout(Some(limits::CONNECT));
    plain.set_nodelay(true);
    // The provider is named, so that it does not matter whether the process has installed one yet.
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(ring::default_provider())?
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain);
    Ok(legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(64)
        .http1_max_buf_size(128 << 10)
        .build(connector))
}
