//! Checks a channel's requests before there is an event: a channel whose settings name a URL that is not granted can
//! only fail.

use ::http::{Method, Uri};

use super::{Grants, HttpGrant, Refusal, Target};

/// A request, as far as the settings determine it.
#[derive(Clone, Copy, Debug)]
pub struct Foreseen<'a> {
    pub url: &'a Uri,
    /// `None` if it may be any.
    pub method: Option<&'a Method>,
    /// Whether the request uses the URL's path. If not, only the host is compared.
    pub path_is_known: bool,
}

/// Why a request would be denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No entry of `grant.http` covers it; `entry` would.
    Http { target: String, entry: String },
    /// It goes to an address that is not public, which requires `grant.private_network`.
    PrivateNetwork { target: String },
    /// It cannot be granted.
    Invalid(String),
}

impl Grants {
    /// What a channel lacks for a request, by the rules that apply to the request itself.
    #[must_use]
    pub fn lack(&self, request: Foreseen<'_>) -> Option<Lack> {
        let Foreseen { url, method, path_is_known } = request;
        let target = match Target::of(url) {
            Ok(target) => target,
            Err(Refusal::Invalid(reason) | Refusal::Denied(reason)) => return Some(Lack::Invalid(reason)),
        };
        let of_host: Vec<&HttpGrant> = self.http.iter().filter(|grant| grant.host.matches(&target)).collect();
        let fits = |grant: &&&HttpGrant| {
            method.is_none_or(|method| grant.covers_method(method)) && (!path_is_known || grant.covers_path(url.path()))
        };
        let granted: Vec<_> = of_host.iter().filter(fits).map(|grant| &grant.host).collect();
        if granted.is_empty() {
            let authority = target.authority(url.scheme_str() == Some("https"));
            let method = method.map(|method| format!("{method} ")).unwrap_or_default();
            // If the host is granted already, the path is the problem. Otherwise the path is left out: it may be
            // private.
            let path = if of_host.is_empty() || !path_is_known { "" } else { url.path() };
            return Some(Lack::Http { entry: format!("{method}{authority}{path}"), target: authority });
        }
        // Only a running daemon knows the port of its own API.
        let private = self.reach(&target, &granted, None, "").is_err();
        private.then(|| Lack::PrivateNetwork { target: target.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(grants: &[&str], request: &str, path_is_known: bool, want: Option<Lack>) {
        let http = grants.iter().map(|grant| HttpGrant::parse(grant).unwrap()).collect();
        let (method, url) = request.split_once(' ').unwrap();
        let (method, url) = (Method::from_bytes(method.as_bytes()).ok(), url.parse().unwrap());
        let request = Foreseen { url: &url, method: method.as_ref().filter(|m| *m != "ANY"), path_is_known };
        assert_eq!(Grants { http, ..Grants::default() }.lack(request), want);
    }

    fn http(target: &str, entry: &str) -> Option<Lack> {
        Some(Lack::Http { target: target.to_owned(), entry: entry.to_owned() })
    }

    #[test]
    fn host_method_and_path_are_compared_as_far_as_they_are_known() {
        check(&["example.com"], "POST https://example.com/hook", true, None);
        check(&["POST example.com/hook"], "ANY https://example.com/hook", true, None);
        check(&["POST example.com/v1/"], "POST https://example.com/", false, None);
        check(&[], "POST https://example.com/secret", true, http("example.com", "POST example.com"));
        check(&[], "ANY http://127.0.0.1:9000/", true, http("127.0.0.1:9000", "127.0.0.1:9000"));
        check(&["example.com:80"], "POST https://example.com/", true, http("example.com", "POST example.com"));
        let other = http("example.com", "POST example.com/hook");
        check(&["example.com/v1/"], "POST https://example.com/hook", true, other.clone());
        check(&["GET example.com"], "POST https://example.com/hook", true, other);
    }

    #[test]
    fn a_private_address_needs_a_grant_and_other_schemes_cannot_be_granted() {
        check(&["127.0.0.1:9000"], "POST http://127.0.0.1:9000/", true, None);
        let private = Some(Lack::PrivateNetwork { target: "10.0.0.1:80".to_owned() });
        check(&["*"], "POST http://10.0.0.1/", true, private);
        let http = vec![HttpGrant::parse("*").unwrap()];
        let url = "ftp://example.com/".parse().unwrap();
        let lack = Grants { http, ..Grants::default() }.lack(Foreseen { url: &url, method: None, path_is_known: true });
        assert!(matches!(lack, Some(Lack::Invalid(reason)) if reason.contains("must start with http")));
    }
}
