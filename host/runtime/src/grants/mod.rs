//! What an operator has granted a channel, and checks against it. Pure: no name is looked up here.

mod address;
mod foreseen;
mod host;
mod http;

use std::{net::SocketAddr, path::PathBuf};

use ::http::{Method, Uri};

pub(crate) use address::is_public;
pub use foreseen::{Foreseen, Lack};
pub use host::{HostPattern, InvalidPattern};
pub(crate) use host::{Target, canonical};
pub use http::HttpGrant;

use host::Host;

/// What a channel may reach. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    pub http: Vec<HttpGrant>,
    /// For `wasi:sockets`. Each has a port.
    pub tcp: Vec<HostPattern>,
    pub files: Vec<FileGrant>,
    /// Event types that may be emitted, or patterns of them.
    pub emit: Vec<String>,
    /// Whether names may resolve to addresses that are not public.
    pub private_network: bool,
}

/// A folder of the host that a guest sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrant {
    pub host: PathBuf,
    /// The path in the guest: `/audit`.
    pub guest: String,
    pub write: bool,
}

/// Which addresses a granted request may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// Only public ones.
    Public,
    Anywhere,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not granted; the text names the key to add.
    Denied(String),
    /// It cannot be granted.
    Invalid(String),
}

impl Grants {
    /// Whether a channel may send a request to this URL, and which addresses its host may resolve to.
    ///
    /// A pattern that is itself an address or `localhost` opens it without `private_network`, because its author must
    /// have meant that. A name opens private addresses only with it, because the owner of a name can change its
    /// address.
    pub(crate) fn check(&self, method: &Method, uri: &Uri, own: Option<u16>, table: &str) -> Result<Reach, Refusal> {
        let target = Target::of(uri)?;
        let host: Vec<_> = self.http.iter().filter(|grant| grant.host.matches(&target)).collect();
        if host.is_empty() {
            return Err(Refusal::Denied(format!(
                "{target} is not granted: add \"{target}\" to {table}.grant.http in config.toml"
            )));
        }
        let granted: Vec<_> = host.iter().filter(|grant| grant.covers(method, uri)).map(|grant| &grant.host).collect();
        if granted.is_empty() {
            let listed = host.iter().map(|grant| format!("\"{grant}\"")).collect::<Vec<_>>().join(", ");
            let asked = format!("{method} {target}{}", crate::limits::cut(uri.path(), 200));
            return Err(Refusal::Denied(format!(
                "{asked} is outside what is granted for that host, {listed}: add \"{asked}\" to \
                 {table}.grant.http in config.toml"
            )));
        }
        self.reach(&target, &granted, own, table)
    }

    /// Whether a name may be looked up for a TCP connection.
    pub(crate) fn check_lookup(&self, looked_up: &str, table: &str) -> Result<(), Refusal> {
        let Some(host) = Host::parse(looked_up) else {
            return Err(Refusal::Invalid(format!("`{}` is not a valid host name", crate::limits::cut(looked_up, 200))));
        };
        if self.tcp.iter().any(|pattern| pattern.matches_host(&host)) {
            return Ok(());
        }
        Err(Refusal::Denied(format!(
            "{host} may not be looked up: add \"{host}:<port>\" to {table}.grant.tcp in config.toml"
        )))
    }

    /// Whether a TCP connection may be made. `names` were looked up in this attempt and had this address.
    pub(crate) fn check_tcp(
        &self,
        to: SocketAddr,
        names: &[String],
        own: Option<u16>,
        table: &str,
    ) -> Result<(), Refusal> {
        let target = |host| Target { host, port: to.port() };
        let address = target(Host::Address(to.ip().to_canonical()));
        let named: Vec<_> = names.iter().map(|name| target(Host::Name(name.clone()))).collect();
        let asked = named.first().unwrap_or(&address);
        let mut refusal =
            Refusal::Denied(format!("{asked} is not granted: add \"{asked}\" to {table}.grant.tcp in config.toml"));
        for target in named.iter().chain([&address]) {
            let granted: Vec<_> = self.tcp.iter().filter(|pattern| pattern.matches(target)).collect();
            if granted.is_empty() {
                continue;
            }
            // For a name, the address that it resolved to counts.
            match self.reach(&address, &granted, own, table) {
                Ok(_) => return Ok(()),
                Err(refused) => refusal = refused,
            }
        }
        Err(refusal)
    }

    /// Whether events of this type may be emitted.
    pub(crate) fn check_emit(&self, ty: &str, table: &str) -> Result<(), Refusal> {
        if self.emit.iter().any(|pattern| fanfare_core::type_matches(pattern, ty)) {
            return Ok(());
        }
        let ty = crate::limits::cut(ty, 200);
        Err(Refusal::Denied(format!("`{ty}` may not be emitted: add \"{ty}\" to {table}.grant.emit in config.toml")))
    }

    /// `own` is the port of the daemon's own API, which a grant without a port does not include.
    fn reach(
        &self,
        target: &Target,
        granted: &[&HostPattern],
        own: Option<u16>,
        table: &str,
    ) -> Result<Reach, Refusal> {
        let to_ourselves = own == Some(target.port) && granted.iter().all(|pattern| pattern.port().is_none());
        let private = self.private_network || granted.iter().any(|pattern| pattern.names_a_private_host());
        match target.host {
            Host::Address(address) if !is_public(address) && to_ourselves => Err(Refusal::Denied(format!(
                "{target} may be this daemon's own API: grant it with its port, \"{target}\", in {table}.grant"
            ))),
            _ if to_ourselves => Ok(Reach::Public),
            _ if private => Ok(Reach::Anywhere),
            Host::Address(address) if !is_public(address) => {
                Err(Refusal::Denied(private_address(&address.to_string(), table)))
            }
            Host::Address(_) | Host::Name(_) => Ok(Reach::Public),
        }
    }
}

/// The message for a private address without a grant.
pub(crate) fn private_address(what: &str, table: &str) -> String {
    format!("{what} is not a public address: set {table}.grant.private_network = true in config.toml")
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(patterns: &[&str], private_network: bool) -> Grants {
        let http = patterns.iter().map(|p| HttpGrant::parse(p).unwrap()).collect();
        Grants { http, private_network, ..Grants::default() }
    }

    #[track_caller]
    fn check(patterns: &[&str], private_network: bool, url: &str, want: Result<Reach, &str>) {
        let got =
            grants(patterns, private_network).check(&Method::POST, &url.parse().unwrap(), Some(8080), "channels.hook");
        match (got, want) {
            (Ok(got), Ok(want)) => assert_eq!(got, want, "{url}"),
            (Err(Refusal::Denied(got) | Refusal::Invalid(got)), Err(want)) => assert!(got.contains(want), "{got}"),
            (got, want) => panic!("{url}: {got:?}, not {want:?}"),
        }
    }

    #[test]
    fn a_host_is_reached_only_if_a_pattern_names_it() {
        let public = Ok(Reach::Public);
        check(&["example.com"], false, "https://example.com/x", public);
        check(&["example.com"], false, "http://EXAMPLE.com.:8080/x", public);
        check(
            &["example.com"],
            false,
            "https://sub.example.com/",
            Err("\"sub.example.com:443\" to channels.hook.grant.http"),
        );
        check(&["example.com:80"], false, "http://example.com/", public);
        check(&["example.com:80"], false, "https://example.com/", Err("example.com:443"));
        check(&["*.slack.com"], false, "https://hooks.a.slack.com/", public);
        check(&["*.slack.com"], false, "https://slack.com/", Err("slack.com:443"));
        check(&["*.slack.com"], false, "https://evilslack.com/", Err("evilslack.com:443"));
        check(&["*"], false, "https://anything.example/", public);
        check(&[], true, "https://example.com/", Err("not granted"));
        check(&["8.8.8.8"], false, "http://8.8.8.8/", Ok(Reach::Anywhere));
        check(&["[2606:4700::1111]:443"], false, "https://[2606:4700:0::1111]/", Ok(Reach::Anywhere));
    }

    #[test]
    fn a_private_address_needs_its_own_pattern_or_the_private_network() {
        check(&["127.0.0.1:9000"], false, "http://127.0.0.1:9000/hook", Ok(Reach::Anywhere));
        check(&["localhost:9000"], false, "http://localhost:9000/", Ok(Reach::Anywhere));
        check(&["*"], false, "http://127.0.0.1:9000/", Err("grant.private_network = true"));
        check(&["*"], false, "http://[::ffff:10.0.0.1]/", Err("10.0.0.1 is not a public address"));
        check(&["*"], true, "http://127.0.0.1:9000/", Ok(Reach::Anywhere));
        check(&["internal.example"], false, "http://internal.example/", Ok(Reach::Public));
    }

    #[test]
    fn the_daemon_s_own_port_is_granted_by_name_alone() {
        let own = Err("may be this daemon's own API");
        check(&["127.0.0.1"], false, "http://127.0.0.1:8080/v1/events", own);
        check(&["*"], true, "http://[::1]:8080/", own);
        check(&["*"], true, "http://0x7f.1:8080/", own);
        check(&["127.0.0.1:8080"], false, "http://127.0.0.1:8080/v1/events", Ok(Reach::Anywhere));
        check(&["localhost"], false, "http://localhost:8080/", Ok(Reach::Public));
        check(&["example.com"], true, "http://example.com:8080/", Ok(Reach::Public));
    }

    #[test]
    fn only_plain_web_urls_are_sent_to() {
        check(&["*"], true, "ftp://example.com/", Err("must start with http"));
        check(&["*"], true, "/path", Err("must start with http"));
        check(&["example.com"], true, "http://example.com@evil.example/", Err("must not contain a user"));
        check(&["example.com"], true, "http://user:pass@example.com/", Err("must not contain a user"));
    }

    #[test]
    fn a_grant_may_be_limited_to_methods_and_paths() {
        let public = Ok(Reach::Public);
        check(&["POST api.example.com/v1/"], false, "https://api.example.com/v1/send?x=1", public);
        check(&["GET,POST api.example.com"], false, "https://api.example.com/", public);
        check(&["GET api.example.com"], false, "https://api.example.com/v1", Err("POST api.example.com:443/v1"));
        check(&["api.example.com/v1"], false, "https://api.example.com/v1", public);
        check(&["api.example.com/v1"], false, "https://api.example.com/v10", Err("outside what is granted"));
        check(&["api.example.com/v1/"], false, "https://api.example.com/v1", Err("outside what is granted"));
        for escape in [
            "/v1/../admin",
            "/v1/%2e%2E/admin",
            "/v1/.%2e/admin",
            "/v1/..",
            "/v1/..;/admin",
            "/v1/x%2f../../admin",
            "/v1/%5c../admin",
            "/v1/..%3bx/admin",
            "/v1/..%00/admin",
            "/v1/..%20/admin",
            "/v1/%252e%252e/admin",
            "/v1/%25252e%25252e/admin",
            "/v1/..%255c..%255cadmin",
            "/v1/%c0%ae%c0%ae/admin",
            "/v1/..%c0%afadmin",
            "/v1/%e0%80%ae%e0%80%ae/admin",
            "/v1/%u002e%u002e/admin",
        ] {
            check(&["api.example.com/v1/"], false, &format!("https://api.example.com{escape}"), Err("outside"));
        }
        // Harmless paths that look similar are accepted.
        for plain in ["/v1/..a", "/v1/.well-known/x", "/v1/a%20b", "/v1/100%25", "/v1/a;b=1", "/v1/%C3%BC"] {
            check(&["api.example.com/v1/"], false, &format!("https://api.example.com{plain}"), public);
        }
    }

    #[test]
    fn an_address_is_the_same_in_every_spelling() {
        for spelled in
            ["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "127.0.1", "[::ffff:127.0.0.1]", "127.0.0.1."]
        {
            let url = format!("http://{spelled}:9000/");
            check(&["127.0.0.1:9000"], false, &url, Ok(Reach::Anywhere));
            check(&["*"], false, &url, Err("127.0.0.1 is not a public address"));
        }
        check(&["*"], false, "http://[64:ff9b::7f00:1]/", Err("is not a public address"));
        // The URL Standard treats a host that ends in a number as an address, and so never as a name.
        for broken in ["256.1.1.1", "1.2.3.4.5", "4294967296", "0x100000000", "127.0.0.08", "a.0x7f"] {
            check(&["*"], true, &format!("http://{broken}/"), Err("neither a name nor an address"));
        }
        check(&["*"], false, "http://3scale:9000/", Ok(Reach::Public));
    }

    fn denied(result: Result<(), Refusal>, says: &str) {
        assert!(matches!(&result, Err(Refusal::Denied(message)) if message.contains(says)), "{says}: {result:?}");
    }

    #[test]
    fn a_connection_is_made_to_what_a_granted_name_led_to_and_nothing_else() {
        let tcp = |patterns: &[&str], private_network| Grants {
            tcp: patterns.iter().map(|p| HostPattern::parse(p).unwrap()).collect(),
            private_network,
            ..Grants::default()
        };
        let mail = tcp(&["smtp.example.com:587"], false);
        let (public, private): (SocketAddr, SocketAddr) =
            ("1.1.1.1:587".parse().unwrap(), "10.0.0.1:587".parse().unwrap());
        let names = ["smtp.example.com".to_owned()];
        assert_eq!(mail.check_lookup("SMTP.example.com", "channels.c"), Ok(()));
        denied(mail.check_lookup("secret-data.evil.example", "channels.c"), "grant.tcp");
        assert_eq!(mail.check_tcp(public, &names, None, "channels.c"), Ok(()));
        denied(mail.check_tcp(public, &[], None, "channels.c"), "\"1.1.1.1:587\" to channels.c.grant.tcp");
        assert!(mail.check_tcp("1.1.1.1:25".parse().unwrap(), &names, None, "channels.c").is_err());
        denied(mail.check_tcp(private, &names, None, "channels.c"), "private_network");
        assert_eq!(tcp(&["smtp.example.com:587"], true).check_tcp(private, &names, None, "channels.c"), Ok(()));
        assert_eq!(tcp(&["10.0.0.1:587"], false).check_tcp(private, &[], None, "channels.c"), Ok(()));
    }
}
