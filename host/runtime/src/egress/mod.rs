//! HTTP to the outside: one request, checked against the grants, through connections that all channels share.

mod client;
mod error;
mod message;
mod resolver;
mod stub;

use std::sync::OnceLock;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};

use crate::{
    grants::{Reach, Refusal, Target},
    limits,
    tenant::Tenant,
};

pub(crate) use error::{EgressError, Problem};
pub(crate) use message::{Outgoing, Received};
pub use stub::{Exchange, Outbound, StubAnswer, Tap};

/// Sends for all channels. A connection that was made with leave to reach private addresses is never handed to a channel
/// without it: the two pools are apart.
pub(crate) struct Egress {
    public: client::Client,
    anywhere: client::Client,
    /// Where the daemon itself listens.
    own_port: OnceLock<u16>,
}

impl Egress {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        Ok(Self {
            public: client::new(Reach::Public)?,
            anywhere: client::new(Reach::Anywhere)?,
            own_port: OnceLock::new(),
        })
    }

    /// Says once where the daemon listens, so that a grant is not taken for leave to call it.
    pub(crate) fn keep_from(&self, port: u16) {
        self.own_port.get_or_init(|| port);
    }

    pub(crate) fn own_port(&self) -> Option<u16> {
        self.own_port.get().copied()
    }

    /// Sends one request and reads the whole response. Redirects are an answer like any other: following one would be a new
    /// request to a host that nobody checked. `finish` sees the request as it will be sent, secrets in place.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        tenant: &Tenant,
        finish: impl FnOnce(&mut Outgoing) + Send,
    ) -> Result<Received, EgressError> {
        let Some(tap) = &tenant.setup.tap else { return self.exchange(outgoing, tenant, finish).await };
        let mut exchange = Exchange {
            method: outgoing.method.clone(),
            url: outgoing.url.clone(),
            headers: outgoing.headers.clone(),
            body: outgoing.body.to_vec(),
            answer: Err(String::new()),
        };
        let received = self.exchange(outgoing, tenant, finish).await;
        exchange.answer = match &received {
            Ok(received) => Ok((received.status, received.body.as_bytes().len())),
            Err(error) => Err(error.message.clone()),
        };
        (tap.0)(exchange);
        received
    }

    async fn exchange(
        &self,
        mut outgoing: Outgoing,
        tenant: &Tenant,
        finish: impl FnOnce(&mut Outgoing) + Send,
    ) -> Result<Received, EgressError> {
        if let Outbound::Stubbed(answers) = &tenant.setup.outbound {
            finish(&mut outgoing);
            outgoing.clone().into_request()?;
            return stub::answer(answers, &outgoing);
        }
        let channel = tenant.setup.name.as_str();
        let used = tenant.vault.fill(&mut outgoing, channel)?;
        finish(&mut outgoing);
        let granted = || -> Result<_, EgressError> {
            let request: Request<Full<Bytes>> = outgoing.into_request()?;
            let reach = tenant.setup.grants.check(request.method(), request.uri(), self.own_port(), channel)?;
            let target = Target::of(request.uri())?;
            Ok((request, reach, target))
        };
        // These quote the URL, which may hold a secret by now.
        let (request, reach, target) = granted().map_err(|error| used.hide(error, channel))?;
        used.check(&target, request.uri().scheme_str() == Some("https"), channel)?;
        let client = match reach {
            Reach::Public => &self.public,
            Reach::Anywhere => &self.anywhere,
        };
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let response = client.request(request).await.map_err(|e| error::classify(&e, &host, channel))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, limits::RESPONSE_BODY).collect().await.map_err(|e| error::of_body(&*e, &host))?;
        Ok(used.scrub(Received::new(head, body.to_bytes())))
    }
}

impl From<Refusal> for EgressError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(message) => Self::new(Problem::Denied, message),
            Refusal::Invalid(message) => Self::new(Problem::Invalid, message),
        }
    }
}
