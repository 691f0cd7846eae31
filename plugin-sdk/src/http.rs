//! Requests through the host's pooled client, to the hosts the operator granted. Redirects are not followed.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, HttpError, Payload, Request, Response, host};

/// Sends one request and waits for the whole response.
///
/// # Errors
/// [`HttpError`] when there is no response. A response of any status is `Ok`: see [`Response::error_for_status`].
pub fn send(request: &Request) -> Result<Response, HttpError> {
    host::http::send(request)
}

impl Request {
    /// A request without headers or body.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self { method: method.into(), url: url.into(), headers: Vec::new(), body: Payload::Text(String::new()) }
    }

    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// Adds a header. An existing header with the same name is kept.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Payload>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to the value's JSON, with its `content-type`.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn json(self, value: &impl Serialize) -> serde_json::Result<Self> {
        Ok(self.header("content-type", "application/json").body(serde_json::to_string(value)?))
    }

    /// [`send`].
    ///
    /// # Errors
    /// [`HttpError`] when there is no response.
    pub fn send(&self) -> Result<Response, HttpError> {
        send(self)
    }
}

impl Response {
    /// The first header of this name, ignoring case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// When it is not JSON, or does not match the type.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.body.as_bytes())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the failure for any status but 2xx.
    ///
    /// # Errors
    /// [`Failure::from_status`].
    pub fn error_for_status(&self) -> Result<(), Failure> {
        if self.is_success() { Ok(()) } else { Err(Failure::from_status(self)) }
    }
}

impl Payload {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The text; `None` for binary, even where its bytes would be text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}
