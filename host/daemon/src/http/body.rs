//! Bodies: reads, limits and unpacks those of requests, and writes responses in JSON.

use std::{
    io::Write,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fanfare_core::is_json_media_type;
use flate2::write::MultiGzDecoder;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    pace::TooSlow,
    problem::{Kind, Problem},
    query,
};
use crate::{daemon::Daemon, response_memory::Share};

/// How much of a body that is too large is read and discarded, and for how long. If the connection closed while the
/// client is still sending, the client would see a broken pipe instead of the response.
const DISCARD: usize = 16 << 20;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a list waits for memory before it is rejected.
const PATIENCE: Duration = Duration::from_secs(5);

/// The memory reserved while a list is made: its content as read, as written, and the response.
const WHILE_MADE: usize = 3 * PAGE;

/// The content of one page, in bytes.
pub(super) const PAGE: usize = 4 << 20;

/// The longest body of a command.
const COMMAND: usize = 64 << 10;

/// Reads the whole body and unpacks it. Rejects it as soon as it is longer than `limit`, packed or unpacked.
pub(super) async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    for coding in headers.get_all(TRANSFER_ENCODING) {
        if !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            let coding = String::from_utf8_lossy(coding.as_bytes());
            let detail = format!("the Transfer-Encoding `{coding}` is not supported; send the body plain or chunked");
            return Err(Problem::new(Kind::UnsupportedTransferCoding, detail));
        }
    }
    let packed = is_packed(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
        // With `Expect: 100-continue` the client has not begun to send, so there is nothing to discard.
        if !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(Problem::body_too_large(limit));
    }
    let read = match packed {
        false => Limited::new(&mut body, limit)
            .collect()
            .await
            .map(|body| body.to_bytes())
            .map_err(|error| if error.is::<LengthLimitError>() { Unread::TooLarge } else { Unread::of(&*error) }),
        true => unpacked(&mut body, limit).await,
    };
    match read {
        Ok(body) => Ok(body),
        Err(Unread::TooLarge) => {
            discard(body).await;
            Err(Problem::body_too_large(limit))
        }
        Err(Unread::Other(problem)) => Err(problem),
    }
}

/// Why there is no body.
enum Unread {
    TooLarge,
    Other(Problem),
}

impl Unread {
    fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Other(match TooSlow::among(error) {
            Some(slow) => Problem::body_timeout(slow),
            None => Problem::new(Kind::Malformed, format!("the body could not be read: {error}")),
        })
    }
}

/// Whether the body is packed with gzip, the only encoding that is supported.
fn is_packed(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut packed = false;
    for value in headers.get_all(CONTENT_ENCODING) {
        let text = String::from_utf8_lossy(value.as_bytes());
        for coding in text.split(',').map(str::trim).filter(|coding| !coding.is_empty()) {
            let gzip = coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
            match (gzip, packed) {
                (true, false) => packed = true,
                _ if coding.eq_ignore_ascii_case("identity") => {}
                (true, true) => return Err(Problem::unsupported_encoding("is compressed twice; compress it once")),
                (false, _) => {
                    let detail = format!("has the unsupported Content-Encoding `{coding}`; send it plain or with gzip");
                    return Err(Problem::unsupported_encoding(&detail));
                }
            }
        }
    }
    Ok(packed)
}

/// Unpacks while the body arrives. Stops as soon as the packed or the unpacked side is too large.
async fn unpacked(body: &mut Body, limit: usize) -> Result<Bytes, Unread> {
    let broken = |error: &std::io::Error| {
        let detail = format!("the body is not valid gzip, although its Content-Encoding says so: {error}");
        Unread::Other(Problem::new(Kind::Malformed, detail))
    };
    let mut decoder = MultiGzDecoder::new(Bounded { bytes: vec![], limit, full: false });
    let mut arrived = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unread::of(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        arrived += data.len();
        let written = decoder.write_all(data);
        if decoder.get_ref().full || arrived > limit {
            return Err(Unread::TooLarge);
        }
        written.map_err(|error| broken(&error))?;
    }
    let finished = decoder.try_finish();
    if decoder.get_ref().full {
        return Err(Unread::TooLarge);
    }
    finished.map_err(|error| broken(&error))?;
    Ok(Bytes::from(std::mem::take(&mut decoder.get_mut().bytes)))
}

/// Rejects a write that would exceed the limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + data.len() > self.limit {
            self.full = true;
            return Err(std::io::Error::other("the unpacked body exceeds the limit"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn discard(mut body: Body) {
    let read = async {
        let mut left = DISCARD;
        while left > 0
            && let Some(Ok(frame)) = body.frame().await
        {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // The response is the same whether or not the client finished sending.
    tokio::time::timeout(DISCARD_TIMEOUT, read).await.unwrap_or_default();
}

/// Where [`command`] leaves a body that somebody before the handler wants to keep.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<OnceLock<Bytes>>);

impl Kept {
    /// The body as JSON, if there was a valid one.
    pub(super) fn json(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_slice(self.0.get()?).ok()?;
        Some(value.to_string())
    }
}

/// Reads a small JSON object that says what to do. An empty body counts as an empty object. Such calls take no
/// parameters.
pub(super) async fn command<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let (head, body) = request.into_parts();
    query::none(&head.uri)?;
    let bytes = read(&head.headers, body, COMMAND).await?;
    if bytes.trim_ascii().is_empty() {
        return parsed(b"{}");
    }
    let json = head
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|have| is_json_media_type(&String::from_utf8_lossy(have.as_bytes())));
    if !json {
        return Err(Problem::unsupported_media_type("this call takes `application/json`"));
    }
    let command = parsed(&bytes)?;
    // Only what has been parsed, because an unknown member might contain a secret.
    if let Some(Kept(kept)) = head.extensions.get() {
        // A call has one body.
        let _is_first = kept.set(bytes).is_ok();
    }
    Ok(command)
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem::new(Kind::InvalidRequest, error.to_string()),
        _ => Problem::new(Kind::Malformed, format!("the body is not valid JSON: {error}")),
    })
}

/// A response in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let mut body = Vec::with_capacity(1 << 10);
    serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
    Ok(written(status, body))
}

/// A response from text that already is JSON.
pub(super) fn json_text(status: StatusCode, text: String) -> Response {
    written(status, text.into_bytes())
}

fn written(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Reserves memory for a page before it is read.
pub(super) async fn room(daemon: &Daemon) -> Result<Share, Problem> {
    daemon.response_memory.lists.share(WHILE_MADE, PATIENCE).await.ok_or_else(Problem::too_much_unread)
}

/// A page of a list in JSON. Its memory stays reserved until the client has read it.
pub(super) async fn page(share: Share, value: &impl Serialize) -> Result<Response, Problem> {
    let mut body = Vec::with_capacity(1 << 10);
    serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
    let body = share.attach(body, PATIENCE).await.ok_or_else(Problem::too_much_unread)?;
    let mut response = Body::from(body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
