//! Resolves names and removes private addresses. The connection takes its address from the checked list, so a name that
//! resolves differently the second time (DNS rebinding) gains nothing.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::Semaphore;
use tower::Service;

use super::names::{LookupError, Names};
use crate::grants::{Reach, is_public};

#[derive(Clone)]
pub(super) struct Resolver {
    reach: Reach,
    names: Names,
    /// The channel's permits for look-ups.
    own: Arc<Semaphore>,
}

/// Why a name has no usable address.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("{name} resolves to {address}, which is not public")]
    Private { name: String, address: IpAddr },
    #[error("{name} could not be resolved: {reason}")]
    Lookup { name: String, reason: LookupError },
}

impl Resolver {
    pub(super) fn new(reach: Reach, names: Names, own: Arc<Semaphore>) -> Self {
        Self { reach, names, own }
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
        let Self { reach, names, own } = self.clone();
        Box::pin(async move {
            let found = names.look_up(name.as_str(), &own).await;
            let found = found.map_err(|reason| ResolveError::Lookup { name: name.to_string(), reason })?;
            allowed(reach, name.as_str(), &found).map(Vec::into_iter)
        })
    }
}

/// The addresses that may be used.
fn allowed(reach: Reach, name: &str, found: &[IpAddr]) -> Result<Vec<SocketAddr>, ResolveError> {
    let kept = found.iter().filter(|&&address| reach == Reach::Anywhere || is_public(address));
    let kept: Vec<_> = kept.map(|&address| SocketAddr::new(address, 0)).collect();
    match found.first() {
        Some(&address) if kept.is_empty() => Err(ResolveError::Private { name: name.to_owned(), address }),
        _ => Ok(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_reach_keeps_public_addresses_and_refuses_a_name_with_none() {
        let addresses = |list: &[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
        let mixed = addresses(&["10.0.0.1", "8.8.8.8", "::1"]);
        let kept = |reach| {
            allowed(reach, "n", &mixed).unwrap().iter().map(|address| address.ip().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(kept(Reach::Public), ["8.8.8.8"]);
        assert_eq!(kept(Reach::Anywhere), ["10.0.0.1", "8.8.8.8", "::1"]);
        let error = allowed(Reach::Public, "n", &addresses(&["127.0.0.1"])).unwrap_err();
        assert!(matches!(error, ResolveError::Private { address, .. } if address.is_loopback()));
    }
}
