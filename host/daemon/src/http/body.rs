//! Bodies: read up to a limit, written as JSON.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use fanfare_core::is_json_media_type;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};

use super::problem::{Kind, Problem};

/// A body that is not complete after this will not be worth the connection it holds.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How much of a body that is too large is read all the same, and for how long. A client that is still sending when the
/// connection closes sees a broken pipe instead of the answer.
const DISCARD: usize = 16 << 20;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// No command is longer.
const COMMAND: usize = 64 << 10;

/// The whole body, as long as it is not longer than `limit`, however it is sent.
pub(super) async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
        // A client that asks before it sends needs no more than the answer.
        if !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(Problem::body_too_large(limit));
    }
    match tokio::time::timeout(READ_TIMEOUT, Limited::new(&mut body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(Problem::body_too_large(limit))
        }
        Ok(Err(error)) => Err(Problem::new(Kind::Malformed, format!("the body could not be read: {error}"))),
        Err(_) => Err(Problem::body_timeout(READ_TIMEOUT.as_secs())),
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
    // Whether it came to its end or not, the answer is the same.
    tokio::time::timeout(DISCARD_TIMEOUT, read).await.unwrap_or_default();
}

/// A small JSON object that says what is to be done. No body at all is an empty object.
pub(super) async fn command<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let (head, body) = request.into_parts();
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
    parsed(&bytes)
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem::new(Kind::InvalidRequest, error.to_string()),
        _ => Problem::new(Kind::Malformed, format!("the body is no JSON: {error}")),
    })
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let mut body = Vec::with_capacity(1 << 10);
    serde_json::to_writer(&mut body, value).map_err(|error| Problem::internal(&error))?;
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
