//! `incoming-handler`: a `wasi:http` server, as made for any such host. The event arrives as a CloudEvents binary-mode
//! POST; the guest's response is the outcome.

use std::pin::pin;

use bytes::Bytes;
use fanfare_core::{Class, Fault, TRACEPARENT, TRACESTATE};
use fanfare_dispatch::Attempt;
use futures_util::future::{Either, select};
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime_wasi_http::{
    WasiHttpView as _,
    p2::{
        bindings::{
            exports::wasi::http::incoming_handler::Guest,
            http::types::{ErrorCode, Scheme},
        },
        body::HyperOutgoingBody,
    },
};

use super::{Ended, status};
use crate::{channel_view::ChannelView, context::Context, convert, limits, webhook};

pub(super) async fn call(
    guest: &Guest,
    channel: &ChannelView,
    store: &mut Store<Context>,
    attempt: &Attempt,
) -> wasmtime::Result<Ended> {
    let (sender, receiver) = oneshot::channel();
    let request = store.data_mut().http().new_incoming_request(Scheme::Http, request(channel, attempt)?)?;
    let outparam = store.data_mut().http().new_response_outparam(sender)?;
    // The body is read while the guest writes it, because writing blocks without a reader.
    let mut response = pin!(read(receiver));
    let (handled, early) = {
        let handle = pin!(guest.call_handle(&mut *store, request, outparam));
        match select(handle, response.as_mut()).await {
            Either::Left((handled, _)) => (handled, None),
            Either::Right((response, handle)) => (handle.await, Some(response)),
        }
    };
    handled?;
    let response = match early {
        Some(response) => response,
        None => {
            // No response can arrive any more, so open handles are closed, which ends the wait.
            store.data_mut().close_handles();
            response.await
        }
    };
    Ok(match response {
        Some(Ok(response)) => judge(&response, store.data().services.clock.now()),
        Some(Err(code)) => {
            Err(Fault::new(Class::Retry, "handler_error", format!("the handler returned an error: {code:?}")))
        }
        None => Err(Fault::new(Class::Trap, "no_response", "the handler returned without a response")),
    })
}

fn request(channel: &ChannelView, attempt: &Attempt) -> wasmtime::Result<Request<Full<Bytes>>> {
    let event = &attempt.event;
    let body = event.data.as_ref().map(|data| Bytes::copy_from_slice(data.as_bytes())).unwrap_or_default();
    let name = channel.name();
    let id = attempt.delivery.to_string();
    // The reserved domain `.invalid` belongs to nobody (RFC 6761).
    let mut request = Request::post(format!("http://{name}.channel.invalid/"))
        .header(header::CONTENT_LENGTH, body.len())
        .header("idempotency-key", format!("\"{id}\""))
        .header(webhook::ID, &id)
        .header("fanfare-channel", name)
        .header("fanfare-attempt", attempt.number)
        .header("fanfare-replayed", attempt.replayed.to_string());
    if let Some(trace) = &attempt.trace {
        request = request.header(TRACEPARENT, trace.to_string());
        if let Some(state) = &trace.state {
            request = request.header(TRACESTATE, state);
        }
    }
    for (name, value) in event.to_binary_headers() {
        request = request.header(name, value);
    }
    Ok(request.body(Full::new(body))?)
}

/// Status, headers, and as much of the body as a receipt may have; the rest is read and dropped.
type Read = Response<Vec<u8>>;

async fn read(
    receiver: oneshot::Receiver<Result<Response<HyperOutgoingBody>, ErrorCode>>,
) -> Option<Result<Read, ErrorCode>> {
    let response = match receiver.await.ok()? {
        Ok(response) => response,
        Err(code) => return Some(Err(code)),
    };
    let (head, mut body) = response.into_parts();
    let mut kept = Vec::new();
    // An incomplete body does not change the status.
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            let room = limits::RECEIPT + 1 - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Some(Ok(Response::from_parts(head, kept)))
}

fn judge(response: &Read, now: Timestamp) -> Ended {
    let status = response.status().as_u16();
    let body = String::from_utf8_lossy(response.body());
    match status::fault(status, response.headers(), &body, now) {
        Some(fault) => Err(fault),
        None => Ok(receipt(status, response.headers(), &body)),
    }
}

/// A JSON object is the receipt; otherwise only the status is kept.
fn receipt(status: u16, headers: &HeaderMap, body: &str) -> String {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = fanfare_core::is_json_media_type(media) && body.len() <= limits::RECEIPT;
    if fits && body.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() {
        return body.to_owned();
    }
    let text = convert::clean(body.trim(), 200);
    match text.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() {
        true => serde_json::json!({ "status": status }).to_string(),
        false => serde_json::json!({ "status": status, "body": text }).to_string(),
    }
}
