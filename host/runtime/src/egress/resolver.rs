//! Names to addresses, with the private ones taken out: the check stands where the connection takes its address from, so a
//! name that answers differently the second time (DNS rebinding) gains nothing.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;

use crate::grants::{Reach, is_public};

#[derive(Clone)]
pub(super) struct Resolver {
    reach: Reach,
}

/// Why a name has no address to connect to.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("{name} resolves to {address}, which is not public")]
    Private { name: String, address: std::net::IpAddr },
    #[error("{name} could not be resolved: {reason}")]
    Lookup { name: String, reason: io::Error },
    #[error("{name} has no address")]
    Nothing { name: String },
}

impl Resolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move {
            let found = match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => found.collect(),
                Err(reason) => return Err(ResolveError::Lookup { name: name.as_str().to_owned(), reason }),
            };
            allowed(reach, name.as_str(), found).map(Vec::into_iter)
        })
    }
}

/// What is left of the addresses found for a name.
fn allowed(reach: Reach, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, ResolveError> {
    let Some(first) = found.first().copied() else { return Err(ResolveError::Nothing { name: name.to_owned() }) };
    let kept: Vec<_> =
        found.into_iter().filter(|address| reach == Reach::Anywhere || is_public(address.ip())).collect();
    if kept.is_empty() {
        return Err(ResolveError::Private { name: name.to_owned(), address: first.ip() });
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
    }

    #[test]
    fn a_public_reach_keeps_public_addresses_and_refuses_a_name_with_none() {
        let mixed = addresses(&["10.0.0.1", "8.8.8.8", "::1"]);
        assert_eq!(allowed(Reach::Public, "n", mixed.clone()).unwrap(), addresses(&["8.8.8.8"]));
        assert_eq!(allowed(Reach::Anywhere, "n", mixed.clone()).unwrap(), mixed);
        let error = allowed(Reach::Public, "n", addresses(&["127.0.0.1"])).unwrap_err();
        assert!(matches!(error, ResolveError::Private { address, .. } if address.is_loopback()));
        assert!(matches!(allowed(Reach::Anywhere, "n", vec![]), Err(ResolveError::Nothing { .. })));
    }
}
