//! `http`: one request at a time through the host's client, within the grants.

use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::http::{self, HttpError, Request, Response},
    channel_view::ChannelView,
    context::{Account, Context, Requests},
    convert,
    egress::{Egress, Sender},
    limits,
    message::{Cause, EgressError},
};

struct Http;

struct View<'a> {
    egress: &'a Egress,
    channel_view: &'a ChannelView,
    requests: &'a Requests,
    account: &'a mut Account,
}

impl HasData for Http {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    http::add_to_linker::<_, Http>(linker, |context| {
        let Context { services, channel_view, requests, account, .. } = context;
        View { egress: &services.egress, channel_view, requests: requests.get_or_insert_default(), account }
    })
}

impl http::Host for View<'_> {
    async fn send(&mut self, request: Request) -> Result<Response, HttpError> {
        let body = convert::size(&request.body);
        self.account.charge(request.method.len().saturating_add(request.url.len()).saturating_add(body));
        self.account.charge_pairs(&request.headers);
        if !self.requests.another() {
            return Err(HttpError::Invalid(format!("an attempt may send {} requests", limits::HTTP_SENDS)));
        }
        let outgoing = convert::outgoing(request);
        let sender = Sender::new(self.channel_view, &self.requests.purse, &self.requests.journey);
        match self.egress.send(outgoing, sender, |_| {}).await {
            Ok(received) => {
                let response = convert::response_result(received);
                self.account.charge(convert::size(&response.body));
                self.account.charge_pairs(&response.headers);
                Ok(response)
            }
            Err(EgressError { cause, message }) => Err(match cause {
                Cause::Denied => {
                    self.requests.deny(message.clone());
                    HttpError::Denied(message)
                }
                Cause::Invalid | Cause::LargeBody => HttpError::Invalid(message),
                Cause::ConnectTimeout => HttpError::Timeout(message),
                Cause::Dns | Cause::Refused | Cause::Tls | Cause::Connection | Cause::Busy | Cause::Body => {
                    HttpError::Connection(message)
                }
            }),
        }
    }
}
