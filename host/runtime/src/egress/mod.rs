//! HTTP to the outside: one request, checked against the grants, through connections that all channels share.

mod client;
mod error;
mod message;
mod resolver;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};

use crate::{
    grants::{Grants, Reach, Refusal},
    limits,
};

pub(crate) use error::{EgressError, Problem};
pub(crate) use message::{Outgoing, Received};

/// Sends for all channels. A connection that was made with leave to reach private addresses is never handed to a channel
/// without it: the two pools are apart.
pub(crate) struct Egress {
    public: client::Client,
    anywhere: client::Client,
}

impl Egress {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        Ok(Self { public: client::new(Reach::Public)?, anywhere: client::new(Reach::Anywhere)? })
    }

    /// Sends one request and reads the whole response. Redirects are an answer like any other: following one would be a new
    /// request to a host that nobody checked.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        grants: &Grants,
        channel: &str,
    ) -> Result<Received, EgressError> {
        let request: Request<Full<Bytes>> = outgoing.into_request()?;
        let client = match grants.check(request.uri(), channel) {
            Ok(Reach::Public) => &self.public,
            Ok(Reach::Anywhere) => &self.anywhere,
            Err(Refusal::Denied(message)) => return Err(EgressError::new(Problem::Denied, message)),
            Err(Refusal::Invalid(message)) => return Err(EgressError::new(Problem::Invalid, message)),
        };
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let response = client.request(request).await.map_err(|e| error::classify(&e, &host, channel))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, limits::RESPONSE_BODY).collect().await.map_err(|e| error::of_body(&*e, &host))?;
        Ok(Received::new(head, body.to_bytes()))
    }
}
