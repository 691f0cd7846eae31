//! Outgoing HTTP: one request, checked against the grants, over connections that all channels share.

mod classify;
mod client;
mod names;
mod pool;
mod resolver;

use std::sync::OnceLock;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use self::client::{Client, Way};
pub(crate) use self::names::{LookupError, Names};
use crate::{
    channel_view::ChannelView,
    grants::Target,
    limits,
    message::{self, Budget, EgressError, Exchange, Journey, Lease, Outbound, Outgoing, Purse, Received, Streamed},
    secrets::Used,
};

/// Sends requests for all channels.
pub(crate) struct Egress {
    client: Client,
    budget: Budget,
    /// The port of the daemon's own API.
    own_port: OnceLock<u16>,
}

/// Who sends.
pub(crate) struct Sender<'a> {
    channel_view: &'a ChannelView,
    purse: &'a Purse,
    journey: &'a Journey,
    /// A body that the guest streams instead of the request's own. It is not read before the request may be sent.
    streamed: Option<Streamed>,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(channel_view: &'a ChannelView, purse: &'a Purse, journey: &'a Journey) -> Self {
        Self { channel_view, purse, journey, streamed: None }
    }

    pub(crate) fn streaming(self, body: Streamed) -> Self {
        Self { streamed: Some(body), ..self }
    }
}

impl Egress {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        Ok(Self { client: Client::new()?, budget: Budget::default(), own_port: OnceLock::new() })
    }

    /// Sets the daemon's own port once, so that a grant without a port does not open its API.
    pub(crate) fn keep_from(&self, port: u16) {
        self.own_port.get_or_init(|| port);
    }

    pub(crate) fn own_port(&self) -> Option<u16> {
        self.own_port.get().copied()
    }

    /// The resolver of all names.
    pub(crate) fn names(&self) -> &Names {
        &self.client.names
    }

    /// Sends one request and reads the response. A redirect is returned like any other response: following it would be
    /// a request to an unchecked host. `finish` sees the request as it will be sent, with secrets filled in.
    pub(crate) async fn send(
        &self,
        mut outgoing: Outgoing,
        sender: Sender<'_>,
        finish: impl FnOnce(&mut Outgoing) + Send,
    ) -> Result<Received, EgressError> {
        let journey = sender.journey;
        let step = journey.begin(&mut outgoing);
        let received = self.tapped(outgoing, sender, finish).await;
        if let Some(step) = step {
            let outcome = received.as_ref().map(|received| received.status).map_err(|error| error.cause.code());
            journey.end(step, outcome);
        }
        received
    }

    /// Shows the exchange to the tap, if there is one.
    async fn tapped(
        &self,
        outgoing: Outgoing,
        sender: Sender<'_>,
        finish: impl FnOnce(&mut Outgoing) + Send,
    ) -> Result<Received, EgressError> {
        let Some(tap) = &sender.channel_view.wire.tap else {
            return self.exchange(outgoing, sender, finish, |_| {}).await;
        };
        let mut exchange = Exchange {
            method: outgoing.method.clone(),
            url: outgoing.url.clone(),
            headers: outgoing.headers.clone(),
            body: vec![],
            answer: Err(String::new()),
        };
        let received = self.exchange(outgoing, sender, finish, |body| exchange.body = body.to_vec()).await;
        exchange.answer = match &received {
            Ok(received) => Ok((received.status, received.body.as_bytes().len())),
            Err(error) => Err(error.message.clone()),
        };
        (tap.0)(exchange);
        received
    }

    /// First checks the head, then takes the body, fills in secrets, signs and sends. `taken` gets the body as the
    /// guest gave it.
    async fn exchange(
        &self,
        mut outgoing: Outgoing,
        Sender { channel_view, purse, streamed, .. }: Sender<'_>,
        finish: impl FnOnce(&mut Outgoing) + Send,
        taken: impl FnOnce(&Bytes) + Send,
    ) -> Result<Received, EgressError> {
        let lease = || self.budget.lease(&channel_view.share, purse);
        if let Outbound::Stubbed(answers) = &channel_view.wire.outbound {
            outgoing.take_body(streamed, lease()?).await?;
            taken(&outgoing.body);
            finish(&mut outgoing);
            outgoing.head()?;
            return message::answer(answers, &outgoing);
        }
        let table = channel_view.table();
        let mut used = channel_view.vault.fill_head(&mut outgoing, table)?;
        let granted = || -> Result<_, EgressError> {
            let head = outgoing.head()?;
            let reach = channel_view.setup.grants.check(head.method(), head.uri(), self.own_port(), table)?;
            let target = Target::of(head.uri())?;
            Ok((head, reach, target))
        };
        // The errors quote the URL, which may contain a secret by now.
        let (head, reach, target) = granted().map_err(|error| used.hide(error))?;
        let secure = head.uri().scheme_str() == Some("https");
        used.check(&target, secure)?;

        outgoing.take_body(streamed, lease()?).await?;
        taken(&outgoing.body);
        if channel_view.vault.fill_body(&mut outgoing, &mut used, table)? {
            used.check(&target, secure)?;
            // Another copy of the same size. The body is already in memory while the budget is checked.
            outgoing.take_body(None, lease()?).await?;
        }
        finish(&mut outgoing);
        let request = outgoing.seal(head)?;
        let way = Way { reach, target: &target, share: &channel_view.share, table };
        self.receive(request, way, &used, lease()?).await
    }

    async fn receive(
        &self,
        request: Request<Full<Bytes>>,
        way: Way<'_>,
        used: &Used<'_>,
        mut lease: Lease,
    ) -> Result<Received, EgressError> {
        let host = way.target.to_string();
        let (response, busy) = self.client.send(request, way).await?;
        let (head, body) = response.into_parts();
        let read = message::read(body, limits::RESPONSE_BODY, &mut lease).await;
        let read = read.map_err(|error| classify::of_body(&error, &host))?;
        if read.cut.is_none() {
            busy.keep();
        }
        let mut received = used.scrub(Received::new(&head, read.bytes, read.cut.is_some()));
        // A placeholder may be longer than its value.
        if lease.cover(received.body.as_bytes().len()).await.is_err() {
            received.cut(lease.bytes());
        }
        Ok(received.finish(lease))
    }
}
