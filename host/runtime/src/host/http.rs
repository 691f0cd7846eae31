//! `http`: one request at a time through the host's client, within the grants.

use wasmtime::component::{HasData, Linker};

use crate::{
    ChannelSetup,
    attempt::{Context, Requests},
    bindings::fanfare::channel::http::{self, HttpError, Request, Response},
    convert,
    egress::{Egress, EgressError, Problem},
    limits,
};

struct Http;

struct View<'a> {
    egress: &'a Egress,
    setup: &'a ChannelSetup,
    requests: &'a mut Requests,
}

impl HasData for Http {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    http::add_to_linker::<_, Http>(linker, |context| View {
        egress: &context.shared.egress,
        setup: &context.setup,
        requests: &mut context.requests,
    })
}

impl http::Host for View<'_> {
    async fn send(&mut self, request: Request) -> Result<Response, HttpError> {
        if self.requests.sent >= limits::HTTP_SENDS {
            return Err(HttpError::Invalid(format!("an attempt may send {} requests", limits::HTTP_SENDS)));
        }
        self.requests.sent += 1;
        let outgoing = convert::outgoing(request);
        match self.egress.send(outgoing, &self.setup.grants, self.setup.name.as_str()).await {
            Ok(received) => Ok(convert::response_result(received)),
            Err(EgressError { problem, message }) => Err(match problem {
                Problem::Denied => {
                    self.requests.denied = Some(message.clone());
                    HttpError::Denied(message)
                }
                Problem::Invalid => HttpError::Invalid(message),
                Problem::ConnectTimeout => HttpError::Timeout(message),
                Problem::TooLarge => HttpError::TooLarge(message),
                Problem::Dns | Problem::Refused | Problem::Tls | Problem::Connection => HttpError::Connection(message),
            }),
        }
    }
}
