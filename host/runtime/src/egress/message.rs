//! Requests and responses as guests see them, and as they go over the wire.

use bytes::Bytes;
use fanfare_core::Payload;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response};
use http_body_util::Full;

use super::{EgressError, Problem};
use crate::limits;

/// A request that a guest wants sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// The host's own, which replace a guest's of the same name.
    pub(crate) own: Vec<(&'static str, String)>,
}

/// A response, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Payload,
}

/// The connection is the host's business; a guest that could write these could speak for it (request smuggling).
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
    pub(super) fn into_request(self) -> Result<Request<Full<Bytes>>, EgressError> {
        let invalid = |message: String| EgressError::new(Problem::Invalid, message);
        let method = Method::from_bytes(self.method.as_bytes())
            .ok()
            .filter(|method| method != Method::CONNECT && self.method.len() <= 32)
            .ok_or_else(|| invalid(format!("`{}` is no method that can be sent", limits::cut(&self.method, 32))))?;
        if self.url.len() > limits::URL {
            return Err(invalid(format!("the URL is longer than {} bytes", limits::URL)));
        }
        let uri: Uri =
            self.url.parse().map_err(|e| invalid(format!("`{}` is no URL: {e}", limits::cut(&self.url, 200))))?;
        if self.body.len() > limits::REQUEST_BODY {
            return Err(invalid(format!("the request's body is larger than {} MiB", limits::REQUEST_BODY >> 20)));
        }
        let mut headers = headers(&self.headers)?;
        for (name, value) in self.own {
            let value = HeaderValue::from_str(&value).map_err(|e| invalid(format!("header `{name}`: {e}")))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, EgressError> {
    let invalid = |message: String| Err(EgressError::new(Problem::Invalid, message));
    if given.len() > limits::HEADERS {
        return invalid(format!("a request has at most {} headers, not {}", limits::HEADERS, given.len()));
    }
    if given.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > limits::HEADER_BYTES {
        return invalid(format!("a request's headers are at most {} bytes together", limits::HEADER_BYTES));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 4);
    for (name, value) in given {
        let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
            return invalid(format!("`{}` is no header name", limits::cut(name, 64)));
        };
        let Ok(value) = HeaderValue::from_str(value) else {
            return invalid(format!("header `{parsed}` has a value with characters that no header may have"));
        };
        if CONNECTION.contains(&parsed.as_str()) {
            return invalid(format!("header `{parsed}` belongs to the connection, which is the host's: leave it out"));
        }
        // What libraries add without being asked; the host knows the length better.
        if parsed != header::CONTENT_LENGTH {
            headers.append(parsed, value);
        }
    }
    Ok(headers)
}

impl Received {
    pub(super) fn new(head: response::Parts, body: Bytes) -> Self {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let body = match String::from_utf8(body.into()) {
            Ok(text) => Payload::Text(text),
            Err(binary) => Payload::Binary(binary.into_bytes().into()),
        };
        Self { status: head.status.as_u16(), headers: head.headers.iter().map(header).collect(), body }
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
        let error = outgoing.into_request().unwrap_err();
        assert_eq!(error.problem, Problem::Invalid);
        assert!(error.message.contains(want), "{}", error.message);
    }

    fn header(name: &str, value: &str) -> Outgoing {
        Outgoing { headers: vec![(name.to_owned(), value.to_owned())], ..outgoing() }
    }

    #[test]
    fn the_host_s_own_headers_replace_a_guest_s_and_the_user_agent_is_filled_in() {
        let sent = Outgoing { own: vec![("webhook-id", "dlv_1".to_owned())], ..header("Webhook-Id", "forged") };
        let request = sent.into_request().unwrap();
        assert_eq!(request.headers().get_all("webhook-id").iter().collect::<Vec<_>>(), ["dlv_1"]);
        assert_eq!(request.headers()["user-agent"], USER_AGENT);
        let named = header("user-agent", "mine").into_request().unwrap();
        assert_eq!(named.headers()["user-agent"], "mine");
    }

    #[test]
    fn headers_of_the_connection_are_refused_and_a_length_is_ignored() {
        for name in CONNECTION {
            refused(header(name, "x"), "belongs to the connection");
        }
        assert!(!header("Content-Length", "99").into_request().unwrap().headers().contains_key("content-length"));
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        refused(Outgoing { method: "CONNECT".to_owned(), ..outgoing() }, "no method");
        refused(Outgoing { method: "G T".to_owned(), ..outgoing() }, "no method");
        refused(Outgoing { url: "http://exa mple/".to_owned(), ..outgoing() }, "no URL");
        refused(header("a b", "x"), "no header name");
        refused(header("x", "a\r\nhost: evil"), "characters that no header may have");
    }

    #[test]
    fn requests_past_a_limit_are_refused() {
        refused(Outgoing { url: format!("http://e/{}", "x".repeat(limits::URL)), ..outgoing() }, "longer than");
        refused(Outgoing { body: vec![0; limits::REQUEST_BODY + 1].into(), ..outgoing() }, "larger than 4 MiB");
        let many = vec![("x".to_owned(), "y".to_owned()); limits::HEADERS + 1];
        refused(Outgoing { headers: many, ..outgoing() }, "at most 64 headers");
        refused(header("x", &"y".repeat(limits::HEADER_BYTES)), "bytes together");
    }
}
