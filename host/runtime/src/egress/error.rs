//! Classifies why a request got no response, from the errors that the client's layers wrap.

use std::{error::Error, io};

use super::resolver::ResolveError;
use crate::grants;

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

pub(super) fn classify(error: &(dyn Error + 'static), host: &str, table: &str) -> EgressError {
    for cause in causes(error) {
        if let Some(resolve) = cause.downcast_ref::<ResolveError>() {
            return match resolve {
                ResolveError::Private { name, address } => {
                    let what = format!("{name} resolves to {address}, which");
                    EgressError::new(Cause::Denied, grants::private_address(&what, table))
                }
                ResolveError::Lookup { .. } => EgressError::new(Cause::Dns, resolve.to_string()),
            };
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return EgressError::new(Cause::Tls, format!("TLS with {host} failed: {tls}"));
        }
        if let Some(kind) = cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            match kind {
                io::ErrorKind::ConnectionRefused => {
                    return EgressError::new(Cause::Refused, format!("{host} refused the connection"));
                }
                io::ErrorKind::TimedOut => {
                    return EgressError::new(
                        Cause::ConnectTimeout,
                        format!("{host} did not accept the connection in time"),
                    );
                }
                _ => {}
            }
        }
    }
    EgressError::new(Cause::Connection, format!("the connection to {host} failed: {}", root(error)))
}

pub(super) fn of_body(error: &(dyn Error + 'static), host: &str) -> EgressError {
    EgressError::new(Cause::Connection, format!("the connection to {host} broke during the response: {}", root(error)))
}

/// The error and its chain of causes. An `io::Error` is its wrapped error's own cause, which the standard library
/// skips.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| -> &(dyn Error + 'static) { wrapped }).or_else(|| error.source())
    })
}

fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
