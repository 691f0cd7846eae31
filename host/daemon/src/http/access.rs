//! Checks the origin of requests. Without tokens, the daemon listens on loopback, and the attacker is a web page in a
//! browser on this machine. With tokens, it is a page that makes the browser send the dashboard's cookie
//! ([`same_page`]).
//!
//! A page can resolve its own name to 127.0.0.1 (DNS rebinding). Its requests then have that name as their host, and
//! are refused. A page can also send requests to `http://127.0.0.1:8080` directly. It cannot read the responses, but it
//! could change state, or make the daemon produce large responses. The browser marks such requests in `Origin` and
//! `Sec-Fetch-Site`, and each of them is refused. A page served from another port of this machine is another site:
//! origins are compared as browsers do, by scheme, host and port.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use http::{HeaderMap, HeaderName, Method, Request, Version, header};

use super::problem::{Kind, Problem};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The host names that this server accepts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hosts {
    listen: IpAddr,
    scheme: Scheme,
}

impl Hosts {
    pub(super) fn of(listen: SocketAddr, scheme: Scheme) -> Self {
        Self { listen: listen.ip().to_canonical(), scheme }
    }

    pub(super) fn check<B>(self, request: &Request<B>) -> Result<(), Problem> {
        if !self.listen.is_loopback() {
            return Ok(()); // reached under names that are not known here; tokens protect it
        }
        let host = host(request)?;
        if host.as_deref().is_some_and(|host| self.answers_for(host)) && follows_a_link(request) {
            return Ok(());
        }
        if !host.as_deref().is_none_or(|host| self.answers_for(host)) {
            return Err(misdirected(&host.unwrap_or_default()));
        }
        same_origin(request.headers(), host.as_deref(), self.scheme)
    }

    /// Whether `host[:port]` is a loopback name of this machine.
    fn answers_for(self, host: &str) -> bool {
        let (name, port) = match host.strip_prefix('[') {
            // An IPv6 literal contains colons.
            Some(rest) => match rest.split_once(']') {
                Some((address, "")) => (address, None),
                Some((address, rest)) => (address, Some(rest.strip_prefix(':').unwrap_or("?"))),
                None => return false,
            },
            None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
        };
        if port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit()) || port.len() > 5) {
            return false;
        }
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == self.listen)
    }
}

/// The scheme that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) fn of(secure: bool) -> Self {
        if secure { Self::Https } else { Self::Http }
    }

    /// The prefix of its URLs.
    fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }

    /// Removes the default port from an authority.
    fn without_default_port(self, authority: &str) -> &str {
        let port = match self {
            Self::Http => ":80",
            Self::Https => ":443",
        };
        authority.strip_suffix(port).unwrap_or(authority)
    }
}

/// Refuses requests from pages of another origin. Programs send neither header. For a URL that a user types, the
/// browser names no other site.
fn same_origin(headers: &HeaderMap, host: Option<&str>, scheme: Scheme) -> Result<(), Problem> {
    let prefix = scheme.prefix();
    for origin in headers.get_all(header::ORIGIN) {
        let origin = String::from_utf8_lossy(origin.as_bytes());
        let theirs = origin.get(..prefix.len()).filter(|theirs| theirs.eq_ignore_ascii_case(prefix));
        let theirs = theirs.map(|_| scheme.without_default_port(&origin[prefix.len()..]));
        let same = theirs
            .zip(host)
            .is_some_and(|(theirs, ours)| theirs.eq_ignore_ascii_case(scheme.without_default_port(ours)));
        if !same {
            let detail = format!(
                "the request is sent by a page of `{origin}`, and this server is {prefix}{}; send it from a program",
                host.unwrap_or_default()
            );
            return Err(Problem::new(Kind::CrossOrigin, detail));
        }
    }
    for site in headers.get_all(SEC_FETCH_SITE) {
        if [&b"cross-site"[..], b"same-site"].iter().any(|other| site.as_bytes().eq_ignore_ascii_case(other)) {
            let detail = format!(
                "the browser says that another site's page asks ({SEC_FETCH_SITE}: {}); send the request from a \
                 program, or \
                 type the address in",
                String::from_utf8_lossy(site.as_bytes())
            );
            return Err(Problem::new(Kind::CrossOrigin, detail));
        }
    }
    Ok(())
}

/// Whether the request comes from a page of this server, according to the browser. A request with a cookie and neither
/// header does not count.
pub(super) fn same_page<B>(request: &Request<B>, scheme: Scheme) -> bool {
    let headers = request.headers();
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    if let Some(site) = sites.next() {
        // No page can set this header, with or without a proxy in between.
        return site.as_bytes() == b"same-origin" && sites.next().is_none();
    }
    let host = host(request).ok().flatten();
    headers.contains_key(header::ORIGIN) && same_origin(headers, host.as_deref(), scheme).is_ok()
}

/// Whether no page of another server sent the request. Programs pass, because they send neither header.
pub(super) fn no_other_page<B>(request: &Request<B>, scheme: Scheme) -> bool {
    let says = |name: &HeaderName| request.headers().contains_key(name);
    !(says(&SEC_FETCH_SITE) || says(&header::ORIGIN)) || same_page(request, scheme)
}

/// Whether a user follows a link to the dashboard. The page contains no data; what it shows, it requests afterwards as
/// a page of this server.
fn follows_a_link<B>(request: &Request<B>) -> bool {
    let says =
        |name: &str, value: &str| request.headers().get(name).is_some_and(|said| said.as_bytes() == value.as_bytes());
    let is_read = request.method() == Method::GET && !request.headers().contains_key(header::ORIGIN);
    is_read && request.uri().path() == "/" && says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
}

/// The host that a request names. `None` for HTTP/1.0 without a `Host` header.
fn host<B>(request: &Request<B>) -> Result<Option<Cow<'_, str>>, Problem> {
    // RFC 9112: an absolute request target takes precedence over the header.
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
    let detail = format!("the host `{host}` is not localhost, a loopback address or the address listened on");
    Problem::new(Kind::MisdirectedHost, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_only_this_machines_own_names_are_accepted() {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap(), Scheme::Http);
        for bad in
            ["127.0.0.1:1@evil.com", "[::1]evil.com", "localhost:evil.com", "[::1", "[::1]:x", "127.0.0.1:123456"]
        {
            assert!(!hosts.answers_for(bad), "{bad}");
        }
        for good in ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:9", "127.9.9.9", "[::1]", "[::1]:8080"] {
            assert!(hosts.answers_for(good), "{good}");
        }
        for bad in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "[::1"]
        {
            assert!(!hosts.answers_for(bad), "{bad}");
        }
    }

    #[test]
    fn a_page_may_ask_only_the_server_it_came_from() {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap(), Scheme::Http);
        let check = |host: &str, headers: &[(&str, &str)]| {
            let mut request = Request::builder().uri("/").header("host", host);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            hosts.check(&request.body(()).unwrap()).is_ok()
        };
        for (host, origin) in [
            ("localhost:8080", "http://localhost:8080"),
            ("LOCALHOST:8080", "HTTP://localhost:8080"),
            ("localhost", "http://localhost"),
            ("localhost:80", "http://localhost"),
            ("127.0.0.1", "http://127.0.0.1:80"),
            ("[::1]:8080", "http://[::1]:8080"),
        ] {
            assert!(check(host, &[("origin", origin)]), "{host} {origin}");
        }
        for (host, origin) in [
            ("localhost:8080", "http://localhost:3000"),
            ("localhost:8080", "http://localhost"),
            ("localhost", "http://localhost:8080"),
            ("localhost:8080", "https://localhost:8080"),
            ("localhost:8080", "http://127.0.0.1:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080.evil.example"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080@evil.example"),
            ("127.0.0.1:8080", "null"),
            ("127.0.0.1:8080", ""),
            ("127.0.0.1:8080", "file://"),
        ] {
            assert!(!check(host, &[("origin", origin)]), "{host} {origin}");
        }
        for (site, allowed) in
            [("none", true), ("same-origin", true), ("same-site", false), ("cross-site", false), ("Cross-Site", false)]
        {
            assert_eq!(check("localhost:8080", &[("sec-fetch-site", site)]), allowed, "{site}");
        }
        assert!(!check("localhost", &[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn a_cookie_counts_only_from_a_page_of_this_server() {
        let check = |headers: &[(&str, &str)]| {
            let mut request = Request::builder().uri("/").header("host", "fanfare.example:8080");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            same_page(&request.body(()).unwrap(), Scheme::Http)
        };
        for good in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("origin", "http://fanfare.example:8080")],
            &[("sec-fetch-site", "same-origin"), ("origin", "http://fanfare.example:8080")],
        ] {
            assert!(check(good), "{good:?}");
        }
        for bad in [
            &[][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://fanfare.example:8080")],
            &[("origin", "http://fanfare.example")],
            &[("origin", "http://evil.example:8080")],
            &[("origin", "null")],
            &[("origin", "http://fanfare.example:8080"), ("origin", "http://evil.example")],
        ] {
            assert!(!check(bad), "{bad:?}");
        }
    }

    #[test]
    fn with_tls_an_origin_is_another_one() {
        let hosts = Hosts::of("127.0.0.1:8443".parse().unwrap(), Scheme::Https);
        for (host, origin, may) in [
            ("localhost:8443", "https://localhost:8443", true),
            ("localhost", "https://localhost:443", true),
            ("localhost:8443", "http://localhost:8443", false),
        ] {
            let request = Request::builder().uri("/").header("host", host).header("origin", origin).body(()).unwrap();
            assert_eq!(hosts.check(&request).is_ok(), may, "{origin}");
            assert_eq!(same_page(&request, Scheme::Https), may, "{origin}");
        }
    }

    #[test]
    fn on_other_addresses_every_host_name_is_accepted() {
        let request = Request::builder().uri("/").header("host", "fanfare.example").body(()).unwrap();
        assert!(Hosts::of("0.0.0.0:8080".parse().unwrap(), Scheme::Http).check(&request).is_ok());
        assert!(Hosts::of("127.0.0.1:8080".parse().unwrap(), Scheme::Http).check(&request).is_err());
    }
}
