//! Why a request got no response.

use crate::grants::Refusal;

/// A request without a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EgressError {
    pub(crate) cause: Cause,
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Not granted.
    Denied,
    /// Not a request that can be sent.
    Invalid,
    Dns,
    Refused,
    ConnectTimeout,
    Tls,
    Connection,
    /// Too many bodies in memory; nothing was sent.
    Busy,
    /// The request's body exceeds its limit.
    LargeBody,
    /// The rest of the request's body never arrived.
    Body,
}

impl Cause {
    /// The failure's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Invalid | Self::LargeBody => "invalid_request",
            Self::Dns => "dns",
            Self::Refused => "connection_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls",
            Self::Connection => "connection",
            Self::Busy => "busy",
            Self::Body => "request_body",
        }
    }
}

impl EgressError {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }
}

impl From<Refusal> for EgressError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(message) => Self::new(Cause::Denied, message),
            Refusal::Invalid(message) => Self::new(Cause::Invalid, message),
        }
    }
}
