//! `wasi:http/outgoing-handler`: the standard way out, through the same door as ours (`http`): the same grants, secrets, limits
//! and connections. A body is read to its end before anything is sent, so a receiver that hangs up early is an answer like any
//! other to the guest, and a request always has its length.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::{
    attempt::{Context, Requests},
    egress::{EgressError, Outgoing, Problem, Received},
    engine::Shared,
    limits,
    tenant::Tenant,
};

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)
}

/// One instance's side of `wasi:http`.
pub(crate) struct HttpSide {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

struct Hooks {
    shared: Arc<Shared>,
    tenant: Arc<Tenant>,
    requests: Arc<Requests>,
}

impl WasiHttpView for Context {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let requests = Arc::clone(self.requests());
        let Self { http, shared, tenant, table, .. } = self;
        let side = http.get_or_insert_with(|| {
            let hooks = Hooks { shared: Arc::clone(shared), tenant: Arc::clone(tenant), requests };
            let mut ctx = WasiHttpCtx::new();
            ctx.set_field_size_limit(limits::FIELDS);
            HttpSide { ctx, hooks }
        });
        WasiHttpCtxView { ctx: &mut side.ctx, table, hooks: &mut side.hooks }
    }
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for Hooks {
    /// The host's own client writes it.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        limits::BODY_CHUNK
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        1
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if !self.requests.another() {
            return Box::new(std::future::ready(Err(Error::ConnectionLimitReached)));
        }
        let (shared, tenant, requests) =
            (Arc::clone(&self.shared), Arc::clone(&self.tenant), Arc::clone(&self.requests));
        // Of the three times that a guest may set, the wait for the response is the one that it usually means.
        let patience = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            let outgoing = collect(request).await?;
            let sending = shared.egress.send(outgoing, &tenant, |_| {});
            let received = match patience {
                Some(patience) => {
                    tokio::time::timeout(patience, sending).await.map_err(|_| Error::ConnectionReadTimeout)?
                }
                None => sending.await,
            };
            match received {
                Ok(received) if !requests.room(received.body.as_bytes().len()) => {
                    Err(Error::HttpResponseBodySize(Some(limits::RECEIVED as u64)))
                }
                Ok(received) => {
                    let done: Io = Box::new(std::future::ready(Ok(())));
                    Ok((response(received)?, done))
                }
                Err(error) => {
                    if error.problem == Problem::Denied {
                        requests.deny(error.message.clone());
                    }
                    Err(code(error))
                }
            }
        })
    }
}

async fn collect(request: Request<WasiBody>) -> Result<Outgoing, Error> {
    let (head, body) = request.into_parts();
    let body = Limited::new(Box::pin(body), limits::REQUEST_BODY).collect().await;
    let body = body.map_err(|error| match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(_) => Error::HttpRequestBodySize(Some(limits::REQUEST_BODY as u64)),
    })?;
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Option<Vec<_>> = head.headers.iter().map(header).collect();
    let headers = headers.ok_or(Error::HttpRequestHeaderSize { field_name: None, field_size: None })?;
    Ok(Outgoing {
        method: head.method.to_string(),
        url: head.uri.to_string(),
        headers,
        body: body.to_bytes(),
        own: vec![],
    })
}

fn response(received: Received) -> Result<Response<WasiBody>, Error> {
    let body: Bytes = match received.body {
        fanfare_core::Payload::Text(text) => text.into(),
        fanfare_core::Payload::Binary(bytes) => bytes,
    };
    let mut response = Response::builder().status(received.status);
    for (name, value) in received.headers {
        // How it came over the wire; the guest gets the whole body at once.
        if name != "transfer-encoding" && name != "content-length" {
            response = response.header(name, value);
        }
    }
    let body = Full::new(body).map_err(Error::from);
    response.body(WasiBody::new(body)).map_err(|error| Error::InternalError(Some(error.to_string())))
}

fn code(EgressError { problem, message }: EgressError) -> Error {
    match problem {
        Problem::Denied => Error::HttpRequestDenied,
        Problem::Invalid => Error::HttpRequestUriInvalid,
        Problem::Dns => Error::DnsError { rcode: Some(message), info_code: None },
        Problem::Refused => Error::ConnectionRefused,
        Problem::ConnectTimeout => Error::ConnectionTimeout,
        Problem::Tls => Error::TlsProtocolError,
        Problem::Connection => Error::ConnectionTerminated,
        Problem::TooLarge => Error::HttpResponseBodySize(Some(limits::RESPONSE_BODY as u64)),
    }
}
