//! Who may ask: the daemon listens on loopback without a token, so the one who must be kept out is a web page in a browser on
//! this machine.
//!
//! A page can point its own name at 127.0.0.1 (DNS rebinding): its requests then carry that name as their host, and are refused.
//! A page can also send a request to `http://127.0.0.1:8080` itself: then the browser names the page's origin, and what would
//! change something is refused.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use http::{Method, Request, Version, header};

use super::problem::{Kind, Problem};

/// The hosts this server answers for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hosts {
    listen: IpAddr,
}

impl Hosts {
    pub(super) fn of(listen: SocketAddr) -> Self {
        Self { listen: listen.ip() }
    }

    pub(super) fn check<B>(self, request: &Request<B>) -> Result<(), Problem> {
        if !self.listen.is_loopback() {
            return Ok(()); // reached by names we do not know; there, tokens decide
        }
        let host = host(request)?;
        if !host.as_deref().is_none_or(|host| self.answers_for(host)) {
            return Err(misdirected(&host.unwrap_or_default()));
        }
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        match request.headers().get(header::ORIGIN) {
            None => Ok(()),
            Some(origin) => {
                let origin = String::from_utf8_lossy(origin.as_bytes());
                let host = origin.split_once("://").map_or("", |(_, host)| host);
                self.answers_for(host).then_some(()).ok_or_else(|| {
                    let detail = format!("the origin `{origin}` is not this server; send the request from a program");
                    Problem::new(Kind::CrossOrigin, detail)
                })
            }
        }
    }

    /// Whether `host[:port]` names this machine for itself.
    fn answers_for(self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            // An IPv6 literal holds colons itself.
            Some(rest) => rest.split_once(']').map_or("", |(address, _)| address),
            None => host.split_once(':').map_or(host, |(name, _)| name),
        };
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == self.listen)
    }
}

/// The host a request is for. `None` in a request of HTTP/1.0, which knows none.
fn host<B>(request: &Request<B>) -> Result<Option<Cow<'_, str>>, Problem> {
    // RFC 9112: an absolute request target counts, not the header.
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.as_str().into()));
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Ok(Some(String::from_utf8_lossy(host.as_bytes()))),
        (None, _) if request.version() < Version::HTTP_11 => Ok(None),
        (None, _) => Err(Problem::new(Kind::Malformed, "the request has no Host header")),
        (Some(_), Some(_)) => Err(Problem::new(Kind::Malformed, "the request has several Host headers")),
    }
}

fn misdirected(host: &str) -> Problem {
    let detail = format!("the host `{host}` is none of localhost, a loopback address and the address listened on");
    Problem::new(Kind::MisdirectedHost, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_only_this_machines_own_names_are_answered_for() {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap());
        for good in ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:9", "127.9.9.9", "[::1]", "[::1]:8080"] {
            assert!(hosts.answers_for(good), "{good}");
        }
        for bad in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "[::1"]
        {
            assert!(!hosts.answers_for(bad), "{bad}");
        }
    }

    #[test]
    fn elsewhere_every_name_is_answered_for() {
        let request = Request::builder().uri("/").header("host", "fanfare.example").body(()).unwrap();
        assert!(Hosts::of("0.0.0.0:8080".parse().unwrap()).check(&request).is_ok());
        assert!(Hosts::of("127.0.0.1:8080".parse().unwrap()).check(&request).is_err());
    }
}
