//! Requests and responses, as guests see them and as they are sent, and the memory that they use.

mod budget;
mod error;
mod journey;
mod stub;

use bytes::Bytes;
use fanfare_core::Payload;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response};
use http_body_util::{Full, combinators::UnsyncBoxBody};

use self::budget::Cut;
pub use self::stub::{Exchange, Outbound, StubAnswer, Tap, Wire};
pub(crate) use self::{
    budget::{Budget, Lease, Purse, Share, read},
    error::{Cause, EgressError},
    journey::Journey,
    stub::answer,
};
use crate::limits;

/// A body that the guest streams.
pub(crate) type Streamed = UnsyncBoxBody<Bytes, EgressError>;

/// A guest's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// The host's own headers, which replace a guest's of the same name.
    pub(crate) own: Vec<(&'static str, String)>,
}

/// A response, truncated to our limits.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Payload,
    /// The body was longer. The status counts: the receiver has processed the request.
    pub(crate) truncated: bool,
    /// The budget that the body uses.
    lease: Option<Lease>,
}

/// Tells a guest that a body is truncated.
pub(crate) const TRUNCATED: &str = "fanfare-truncated";

/// The host owns the connection; a guest that could set these headers could smuggle requests.
const CONNECTION: [&str; 10] = [
    "connection",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

const USER_AGENT: &str = concat!("fanfare/", env!("CARGO_PKG_VERSION"));

impl Outgoing {
    /// The request without its body and the host's own headers, ready to be sent.
    pub(crate) fn head(&self) -> Result<Request<()>, EgressError> {
        let invalid = |message: String| EgressError::new(Cause::Invalid, message);
        let method = Method::from_bytes(self.method.as_bytes())
            .ok()
            .filter(|method| method != Method::CONNECT && self.method.len() <= 32)
            .ok_or_else(|| {
                invalid(format!(
                    "`{}` is not a supported method: use GET, POST and the like",
                    limits::cut(&self.method, 32)
                ))
            })?;
        if self.url.len() > limits::URL {
            return Err(invalid(format!("the URL is longer than {} bytes", limits::URL)));
        }
        let uri: Uri = self
            .url
            .parse()
            .map_err(|e| invalid(format!("`{}` is not a valid URL: {e}", limits::cut(&self.url, 200))))?;
        if self.body.len() > limits::REQUEST_BODY {
            return Err(too_large());
        }
        let mut head = Request::new(());
        *head.headers_mut() = headers(&self.headers)?;
        *head.method_mut() = method;
        *head.uri_mut() = uri;
        Ok(head)
    }

    /// Takes the body into the budget, and from the guest if it is streamed. Nothing of it is read before.
    pub(crate) async fn take_body(&mut self, streamed: Option<Streamed>, mut lease: Lease) -> Result<(), EgressError> {
        match streamed {
            Some(streamed) => {
                let read = read(streamed, limits::REQUEST_BODY, &mut lease).await?;
                match read.cut {
                    None => self.body = lease.into_bytes(read.bytes),
                    Some(Cut::TooLarge) => return Err(too_large()),
                    Some(Cut::Short(short)) => return Err(short.into()),
                }
            }
            None if self.body.is_empty() => {}
            None => {
                lease.cover(self.body.len()).await?;
                self.body = lease.into_bytes(std::mem::take(&mut self.body));
            }
        }
        Ok(())
    }

    /// The whole request, built on its checked head.
    pub(crate) fn seal(self, head: Request<()>) -> Result<Request<Full<Bytes>>, EgressError> {
        let mut request = head.map(|()| Full::new(self.body));
        let headers = request.headers_mut();
        for (name, value) in self.own {
            let value = HeaderValue::from_str(&value)
                .map_err(|e| EgressError::new(Cause::Invalid, format!("header `{name}`: {e}")))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        Ok(request)
    }
}

fn too_large() -> EgressError {
    let limit = limits::REQUEST_BODY >> 20;
    EgressError::new(Cause::LargeBody, format!("the request's body is larger than {limit} MiB: send less at once"))
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, EgressError> {
    let invalid = |message: String| Err(EgressError::new(Cause::Invalid, message));
    if given.len() > limits::HEADERS {
        return invalid(format!("a request has at most {} headers, not {}", limits::HEADERS, given.len()));
    }
    if given.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > limits::HEADER_BYTES {
        return invalid(format!("a request's headers are at most {} bytes together", limits::HEADER_BYTES));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 4);
    for (name, value) in given {
        let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
            return invalid(format!("`{}` is not a valid header name", limits::cut(name, 64)));
        };
        let Ok(value) = HeaderValue::from_str(value) else {
            return invalid(format!("header `{parsed}` has a value with invalid characters"));
        };
        if CONNECTION.contains(&parsed.as_str()) {
            return invalid(format!(
                "header `{parsed}` belongs to the connection, which the host manages: leave it \
                out"
            ));
        }
        // Libraries add it unasked; the host knows the length better.
        if parsed != header::CONTENT_LENGTH {
            headers.append(parsed, value);
        }
    }
    Ok(headers)
}

impl Received {
    pub(crate) fn new(head: &response::Parts, body: Vec<u8>, truncated: bool) -> Self {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let body = match String::from_utf8(body) {
            Ok(text) => Payload::Text(text),
            Err(error) => {
                let (valid, broken) = (error.utf8_error().valid_up_to(), error.utf8_error().error_len().is_some());
                let mut bytes = error.into_bytes();
                // Text that was cut within a character is still text.
                if truncated && !broken {
                    bytes.truncate(valid);
                }
                String::from_utf8(bytes).map_or_else(|e| Payload::Binary(e.into_bytes().into()), Payload::Text)
            }
        };
        let headers = head.headers.iter().map(header).collect();
        Self { status: head.status.as_u16(), headers, body, truncated, lease: None }
    }

    /// Truncates the body.
    pub(crate) fn cut(&mut self, bytes: usize) {
        match &mut self.body {
            Payload::Text(text) => text.truncate(limits::cut(text, bytes).len()),
            Payload::Binary(binary) => binary.truncate(bytes),
        }
        self.truncated = true;
    }

    /// Prepares the response for the guest: within its lease, and marked if it was truncated. Only the host may set
    /// that mark.
    pub(crate) fn finish(mut self, lease: Lease) -> Self {
        self.headers.retain(|(name, _)| name != TRUNCATED);
        if self.truncated {
            self.headers.push((TRUNCATED.to_owned(), "true".to_owned()));
        }
        Self { lease: Some(lease), ..self }
    }

    /// The body, which stays in the budget while it exists.
    pub(crate) fn into_body(self) -> Bytes {
        let body: Bytes = match self.body {
            Payload::Text(text) => text.into(),
            Payload::Binary(bytes) => bytes,
        };
        match self.lease {
            Some(lease) if !body.is_empty() => lease.into_bytes(body),
            _ => body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing() -> Outgoing {
        Outgoing {
            method: "POST".to_owned(),
            url: "https://example.com/hook".to_owned(),
            headers: vec![],
            body: Bytes::from_static(b"{}"),
            own: vec![],
        }
    }

    #[track_caller]
    fn refused(outgoing: Outgoing, want: &str) {
        let error = outgoing.head().unwrap_err();
        assert_eq!(error.cause.code(), "invalid_request");
        assert!(error.message.contains(want), "{}", error.message);
    }

    fn header(name: &str, value: &str) -> Outgoing {
        Outgoing { headers: vec![(name.to_owned(), value.to_owned())], ..outgoing() }
    }

    #[test]
    fn the_host_s_own_headers_replace_a_guest_s_and_the_user_agent_is_filled_in() {
        let sent = Outgoing { own: vec![("webhook-id", "dlv_1".to_owned())], ..header("Webhook-Id", "forged") };
        let head = sent.head().unwrap();
        let request = sent.seal(head).unwrap();
        assert_eq!(request.headers().get_all("webhook-id").iter().collect::<Vec<_>>(), ["dlv_1"]);
        assert_eq!(request.headers()["user-agent"], USER_AGENT);
        let named = header("user-agent", "mine");
        let head = named.head().unwrap();
        assert_eq!(named.seal(head).unwrap().headers()["user-agent"], "mine");
    }

    #[test]
    fn headers_of_the_connection_are_refused_and_a_length_is_ignored() {
        for name in CONNECTION {
            refused(header(name, "x"), "belongs to the connection");
        }
        assert!(!header("Content-Length", "99").head().unwrap().headers().contains_key("content-length"));
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        refused(Outgoing { method: "CONNECT".to_owned(), ..outgoing() }, "not a supported method");
        refused(Outgoing { method: "G T".to_owned(), ..outgoing() }, "not a supported method");
        refused(Outgoing { url: "http://exa mple/".to_owned(), ..outgoing() }, "not a valid URL");
        refused(header("a b", "x"), "not a valid header name");
        refused(header("x", "a\r\nhost: evil"), "a value with invalid characters");
    }

    #[test]
    fn requests_past_a_limit_are_refused() {
        refused(Outgoing { url: format!("http://e/{}", "x".repeat(limits::URL)), ..outgoing() }, "longer than");
        refused(Outgoing { body: vec![0; limits::REQUEST_BODY + 1].into(), ..outgoing() }, "larger than 4 MiB");
        let many = vec![("x".to_owned(), "y".to_owned()); limits::HEADERS + 1];
        refused(Outgoing { headers: many, ..outgoing() }, "at most 64 headers");
        refused(header("x", &"y".repeat(limits::HEADER_BYTES)), "bytes together");
    }

    #[test]
    fn a_body_that_was_cut_is_marked_as_such_by_nobody_but_us() {
        let head = |name: &str| http::Response::builder().header(name, "true").body(()).unwrap().into_parts().0;
        let lease = || budget::Budget::default().lease(&budget::Share::default(), &budget::Purse::default()).unwrap();
        let cut = Received::new(&head("x-y"), "aü".as_bytes()[..2].to_vec(), true).finish(lease());
        assert_eq!(cut.body, Payload::Text("a".to_owned()));
        assert_eq!(cut.headers.last().unwrap(), &(TRUNCATED.to_owned(), "true".to_owned()));
        let whole = Received::new(&head(TRUNCATED), "aü".as_bytes()[..2].to_vec(), false).finish(lease());
        assert!(matches!(whole.body, Payload::Binary(_)) && whole.headers.is_empty());
        let mut text = Received::new(&head("x-y"), "aü".into(), false);
        text.cut(2);
        assert_eq!((text.body, text.truncated), (Payload::Text("a".to_owned()), true));
    }
}
