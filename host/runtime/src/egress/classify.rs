//! Classifies why a request got no response, from the errors that the client's layers wrap.

use std::{error::Error, io};

use super::resolver::ResolveError;
use crate::{
    grants,
    message::{Cause, EgressError},
};

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
