//! `wasi:http/outgoing-handler`: the standard interface for outgoing requests, with the same grants, secrets, limits
//! and connections as `http`. A body is not read before the request may be sent. Then it is read completely before
//! anything is sent, so that an early response is an ordinary one for the guest, and a request always has a length.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::{
    channel_view::ChannelView,
    context::{Context, HttpSide, Requests},
    egress::Sender,
    limits,
    message::{Cause, EgressError, Outgoing, Received, Streamed},
    services::Services,
};

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)
}

struct Hooks {
    services: Arc<Services>,
    channel_view: Arc<ChannelView>,
    requests: Arc<Requests>,
}

impl WasiHttpView for Context {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let requests = Arc::clone(self.requests());
        let Self { http, services, channel_view, table, .. } = self;
        let side = http.get_or_insert_with(|| {
            let hooks = Hooks { services: Arc::clone(services), channel_view: Arc::clone(channel_view), requests };
            let mut ctx = WasiHttpCtx::new();
            ctx.set_field_size_limit(limits::FIELDS);
            HttpSide { ctx, hooks: Box::new(hooks) }
        });
        WasiHttpCtxView { ctx: &mut side.ctx, table, hooks: &mut *side.hooks }
    }
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for Hooks {
    /// The host's client sets it.
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
        let (services, channel_view, requests) =
            (Arc::clone(&self.services), Arc::clone(&self.channel_view), Arc::clone(&self.requests));
        // Of the three timeouts that a guest may set, the wait for the first byte is the one that it usually means.
        let patience = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            let (outgoing, body) = take_apart(request)?;
            let sender = Sender::new(&channel_view, &requests.purse, &requests.journey).streaming(body);
            let sending = services.egress.send(outgoing, sender, |_| {});
            let received = match patience {
                Some(patience) => {
                    tokio::time::timeout(patience, sending).await.map_err(|_| Error::ConnectionReadTimeout)?
                }
                None => sending.await,
            };
            match received {
                Ok(received) => {
                    let done: Io = Box::new(std::future::ready(Ok(())));
                    Ok((response(received)?, done))
                }
                Err(error) => {
                    if error.cause == Cause::Denied {
                        requests.deny(error.message.clone());
                    }
                    Err(code(error))
                }
            }
        })
    }
}

/// Splits a request into its head and its unread body.
fn take_apart(request: Request<WasiBody>) -> Result<(Outgoing, Streamed), Error> {
    let (head, body) = request.into_parts();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Option<Vec<_>> = head.headers.iter().map(header).collect();
    let headers = headers.ok_or(Error::HttpRequestHeaderSize { field_name: None, field_size: None })?;
    let (method, url) = (head.method.to_string(), head.uri.to_string());
    let body = body.map_err(|error| {
        EgressError::new(Cause::Body, format!("the request's body is incomplete, and nothing was sent: {error}"))
    });
    Ok((Outgoing { method, url, headers, body: Bytes::new(), own: vec![] }, body.boxed_unsync()))
}

fn response(mut received: Received) -> Result<Response<WasiBody>, Error> {
    let mut response = Response::builder().status(received.status);
    for (name, value) in std::mem::take(&mut received.headers) {
        // Transfer headers: the guest gets the whole body at once.
        if name != "transfer-encoding" && name != "content-length" {
            response = response.header(name, value);
        }
    }
    let truncated = received.truncated;
    let whole = Ok(Frame::data(received.into_body()));
    // A reader of a truncated body gets an error at its end.
    let broken = truncated.then(|| Err(Error::HttpResponseBodySize(Some(limits::RESPONSE_BODY as u64))));
    let body = StreamBody::new(futures_util::stream::iter([whole].into_iter().chain(broken)));
    response.body(WasiBody::new(body)).map_err(|error| Error::InternalError(Some(error.to_string())))
}

fn code(EgressError { cause, message }: EgressError) -> Error {
    match cause {
        Cause::Denied => Error::HttpRequestDenied,
        Cause::Invalid => Error::HttpRequestUriInvalid,
        Cause::LargeBody => Error::HttpRequestBodySize(Some(limits::REQUEST_BODY as u64)),
        Cause::Dns => Error::DnsError { rcode: Some(message), info_code: None },
        Cause::Refused => Error::ConnectionRefused,
        Cause::ConnectTimeout => Error::ConnectionTimeout,
        Cause::Tls => Error::TlsProtocolError,
        Cause::Connection => Error::ConnectionTerminated,
        Cause::Busy | Cause::Body => Error::InternalError(Some(message)),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use http_body_util::Full;

    use super::*;
    use crate::{ChannelSetup, Grants, HttpGrant, Runtime, RuntimeOptions, Wire};

    /// The side of a guest whose channel has these grants.
    fn hooks(granted: &[&str]) -> Hooks {
        let runtime = Runtime::new(RuntimeOptions { max_instances: 1, ..RuntimeOptions::default() }).unwrap();
        let grants = Grants {
            http: granted.iter().map(|grant| HttpGrant::parse(grant).unwrap()).collect(),
            ..Grants::default()
        };
        let name = fanfare_core::ChannelName::new("hook").unwrap();
        let channel_view =
            Arc::new(ChannelView::new(ChannelSetup { grants, ..ChannelSetup::new(name) }, Wire::default()));
        Hooks { services: Arc::clone(&runtime.shared.services), channel_view, requests: Arc::default() }
    }

    /// A request with an endless body, and the number of bytes taken from it.
    fn endless(url: &str) -> (Request<WasiBody>, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let parts = futures_util::stream::repeat_with(move || {
            let part = Bytes::from(vec![b'x'; limits::BODY_CHUNK]);
            count.fetch_add(part.len(), Ordering::Relaxed);
            Ok(Frame::data(part))
        });
        (Request::post(url).body(WasiBody::new(StreamBody::new(parts))).unwrap(), taken)
    }

    #[tokio::test]
    async fn nothing_of_a_body_is_read_before_the_request_may_be_sent() {
        for (granted, url) in [
            (&[] as &[&str], "http://127.0.0.1:1/"),
            (&["GET 127.0.0.1:1"], "http://127.0.0.1:1/"),
            (&["*"], "http://127.0.0.1:1/"),
            (&["127.0.0.1:1"], "ftp://127.0.0.1:1/"),
        ] {
            let mut hooks = hooks(granted);
            let (request, taken) = endless(url);
            let sent = Pin::from(hooks.send_request(request, None, Box::new(std::future::ready(Ok(()))))).await;
            assert!(matches!(sent, Err(Error::HttpRequestDenied | Error::HttpRequestUriInvalid)), "{:?}", sent.err());
            assert_eq!(taken.load(Ordering::Relaxed), 0, "{url}");
            assert!(!hooks.requests.purse.is_open());
        }
    }

    #[tokio::test]
    async fn no_more_of_a_body_is_read_than_its_limit() {
        let mut hooks = hooks(&["127.0.0.1:1"]);
        let (request, taken) = endless("http://127.0.0.1:1/");
        let sent = Pin::from(hooks.send_request(request, None, Box::new(std::future::ready(Ok(()))))).await;
        assert!(matches!(sent, Err(Error::HttpRequestBodySize(_))), "{:?}", sent.err());
        assert!(taken.load(Ordering::Relaxed) <= limits::REQUEST_BODY + limits::BODY_CHUNK);
        assert!(!hooks.requests.purse.is_open());
    }

    #[tokio::test]
    async fn what_one_attempt_sends_at_once_is_bounded_and_comes_free_again() {
        // Accepts requests and never answers.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut hooks = hooks(&[&address]);
        let mut send = || {
            let body = WasiBody::new(Full::new(Bytes::from(vec![b'x'; 3 << 20])).map_err(|never| match never {}));
            let request = Request::post(format!("http://{address}/")).body(body).unwrap();
            tokio::spawn(Pin::from(hooks.send_request(request, None, Box::new(std::future::ready(Ok(()))))))
        };
        // Five fit, and wait for their answers; the sixth is one too many.
        let waiting: Vec<_> = (0..5).map(|_| send()).collect();
        let mut held = vec![];
        for _ in &waiting {
            held.push(listener.accept().await.unwrap());
        }
        let refused = send().await.unwrap();
        assert!(
            matches!(&refused, Err(Error::InternalError(Some(says))) if says.contains("16 MiB")),
            "{:?}",
            refused.err()
        );
        for sending in waiting {
            sending.abort();
            assert!(sending.await.is_err());
        }
        drop(held);
        while hooks.requests.purse.is_open() {
            // The client's tasks drop the bodies when they next run.
            tokio::task::yield_now().await;
        }
    }
}
