//! What an operator has granted a channel, and whether a request is within it. Pure: no name is looked up here.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    path::PathBuf,
    str::FromStr,
};

use http::Uri;

/// What a channel may reach. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    pub http: Vec<HostPattern>,
    pub files: Vec<FileGrant>,
    /// Whether names may resolve to private, loopback and other addresses that are not the public internet's.
    pub private_network: bool,
}

/// A folder of the host that a guest sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrant {
    pub host: PathBuf,
    /// Where the guest finds it: `/audit`.
    pub guest: String,
    pub write: bool,
}

/// Hosts that may be reached by HTTP: `example.com`, `127.0.0.1:9000`, `[::1]:80`, `*.slack.com` (every name below, not
/// `slack.com` itself), or `*` (every name, still none that resolves to a private address). Without a port, any port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    host: HostMatch,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostMatch {
    Any,
    /// With its leading dot.
    Below(String),
    Name(String),
    Address(IpAddr),
}

/// Why a string is no host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no host: {reason}; write `example.com`, `example.com:8080`, `*.example.com` or `[::1]:80`")]
pub struct InvalidPattern {
    pub pattern: String,
    pub reason: &'static str,
}

impl HostPattern {
    /// # Errors
    /// [`InvalidPattern`] when the string is none of the forms above.
    pub fn parse(pattern: &str) -> Result<Self, InvalidPattern> {
        let invalid = |reason| InvalidPattern { pattern: pattern.to_owned(), reason };
        if pattern.contains("://") || pattern.contains('/') {
            return Err(invalid("leave out the scheme and the path"));
        }
        if pattern.contains('@') {
            return Err(invalid("leave out the user"));
        }
        let (host, port) = split_port(pattern).ok_or_else(|| invalid("the port is not a number from 1 to 65535"))?;
        let host = match host {
            "*" => HostMatch::Any,
            _ => match host.strip_prefix("*.") {
                Some(below) => {
                    HostMatch::Below(format!(".{}", name(below).ok_or_else(|| invalid("the name is not a host's"))?))
                }
                None => match Host::parse(host).ok_or_else(|| invalid("the name is not a host's"))? {
                    Host::Name(name) => HostMatch::Name(name),
                    Host::Address(address) => HostMatch::Address(address),
                },
            },
        };
        Ok(Self { host, port })
    }

    fn matches(&self, target: &Target) -> bool {
        let host = match (&self.host, &target.host) {
            (HostMatch::Any, _) => true,
            (HostMatch::Below(suffix), Host::Name(name)) => {
                name.len() > suffix.len() && name.ends_with(suffix.as_str())
            }
            (HostMatch::Name(granted), Host::Name(name)) => granted == name,
            (HostMatch::Address(granted), Host::Address(address)) => granted == address,
            (HostMatch::Below(_) | HostMatch::Name(_), Host::Address(_)) | (HostMatch::Address(_), Host::Name(_)) => {
                false
            }
        };
        host && self.port.is_none_or(|port| port == target.port)
    }

    /// Whether whoever wrote this pattern plainly meant a private address: they wrote one, or `localhost`.
    fn names_a_private_host(&self) -> bool {
        match &self.host {
            HostMatch::Address(_) => true,
            HostMatch::Name(name) => name == "localhost",
            HostMatch::Any | HostMatch::Below(_) => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = InvalidPattern;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            HostMatch::Any => f.write_str("*")?,
            HostMatch::Below(suffix) => write!(f, "*{suffix}")?,
            HostMatch::Name(name) => f.write_str(name)?,
            HostMatch::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            HostMatch::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Which addresses a granted request may end up at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// The public internet's alone.
    Public,
    Anywhere,
}

/// Why a request is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Outside the grants; the text names the key to add.
    Denied(String),
    /// Nothing anybody could grant.
    Invalid(String),
}

impl Grants {
    /// Whether a channel may send a request to this URL, and which addresses its host may resolve to.
    ///
    /// A pattern that is itself an address or `localhost` opens that one without `private_network`: its author can have
    /// meant nothing else. A name opens private addresses only with it, because a name's address is its owner's to change.
    pub(crate) fn check(&self, uri: &Uri, channel: &str) -> Result<Reach, Refusal> {
        let target = Target::of(uri)?;
        let mut granted = self.http.iter().filter(|pattern| pattern.matches(&target)).peekable();
        if granted.peek().is_none() {
            return Err(Refusal::Denied(format!(
                "{target} is not granted: add \"{target}\" to channels.{channel}.grant.http in config.toml"
            )));
        }
        if self.private_network || granted.any(HostPattern::names_a_private_host) {
            return Ok(Reach::Anywhere);
        }
        match target.host {
            Host::Address(address) if !is_public(address) => {
                Err(Refusal::Denied(private(&address.to_string(), channel)))
            }
            Host::Address(_) | Host::Name(_) => Ok(Reach::Public),
        }
    }
}

/// What to tell whoever sent to a private address without leave.
pub(crate) fn private(what: &str, channel: &str) -> String {
    format!("{what} is not a public address: set channels.{channel}.grant.private_network = true in config.toml")
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    host: Host,
    port: u16,
}

#[derive(Debug, PartialEq, Eq)]
enum Host {
    /// Lowercase, without a trailing dot.
    Name(String),
    /// IPv4 in IPv6 is IPv4.
    Address(IpAddr),
}

impl Target {
    fn of(uri: &Uri) -> Result<Self, Refusal> {
        let invalid =
            |reason: &str| Refusal::Invalid(format!("`{}`: {reason}", crate::limits::cut(&uri.to_string(), 200)));
        let default = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return Err(invalid("the URL must start with http:// or https://")),
        };
        let authority = uri.authority().ok_or_else(|| invalid("the URL names no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid("a URL with a user in it is refused; use an authorization header"));
        }
        let host = Host::parse(authority.host()).ok_or_else(|| invalid("the URL names no host"))?;
        let port = match (authority.port_u16(), authority.port()) {
            (Some(port), _) => port,
            (None, None) => default,
            (None, Some(_)) => return Err(invalid("the port is not a number from 0 to 65535")),
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
        }
        write!(f, ":{}", self.port)
    }
}

impl Host {
    fn parse(host: &str) -> Option<Self> {
        let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        if let Some(inner) = bare {
            return inner.parse::<Ipv6Addr>().ok().map(|address| Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let trimmed = host.strip_suffix('.').unwrap_or(host);
        match trimmed.parse::<IpAddr>() {
            Ok(address) => Some(Self::Address(address.to_canonical())),
            Err(_) => name(host).map(Self::Name),
        }
    }
}

fn name(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (host.len() <= 253 && host.split('.').all(label)).then(|| host.to_ascii_lowercase())
}

/// Takes `host`, `host:port`, `[v6]` or `[v6]:port` apart.
fn split_port(pattern: &str) -> Option<(&str, Option<u16>)> {
    let bracket = pattern.rfind(']').map_or(0, |at| at + 1);
    match pattern[bracket..].rfind(':') {
        None => Some((pattern, None)),
        // An IPv6 address without its brackets.
        Some(_) if bracket == 0 && pattern.parse::<Ipv6Addr>().is_ok() => Some((pattern, None)),
        Some(colon) => {
            let (host, port) = (&pattern[..bracket + colon], &pattern[bracket + colon + 1..]);
            port.parse().ok().filter(|&port: &u16| port > 0).map(|port| (host, Some(port)))
        }
    }
}

/// Whether an address is the public internet's: not private, loopback, link-local, shared (CGNAT), multicast, reserved or
/// unspecified, and no IPv6 form that carries such an IPv4 address to a translator.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            let embedded = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_public(IpAddr::from([a, b, c, d]))
            };
            match s {
                // NAT64's well-known prefix, and 6to4: what counts is the IPv4 address inside.
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
                // NAT64 within a network, Teredo, IPv4-compatible, documentation.
                [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] | [0, 0, 0, 0, 0, 0, ..] | [0x2001, 0xdb8, ..] => false,
                // Only 2000::/3 is given out for the public internet; ULA, link-local, multicast and the rest are outside it.
                [first, ..] => first & 0xe000 == 0x2000,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(patterns: &[&str], private_network: bool) -> Grants {
        let http = patterns.iter().map(|p| HostPattern::parse(p).unwrap()).collect();
        Grants { http, files: vec![], private_network }
    }

    #[track_caller]
    fn check(patterns: &[&str], private_network: bool, url: &str, want: Result<Reach, &str>) {
        let got = grants(patterns, private_network).check(&url.parse().unwrap(), "hook");
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
    fn only_plain_web_urls_are_sent_to() {
        check(&["*"], true, "ftp://example.com/", Err("must start with http"));
        check(&["*"], true, "/path", Err("must start with http"));
        check(&["example.com"], true, "http://example.com@evil.example/", Err("a user in it"));
        check(&["example.com"], true, "http://user:pass@example.com/", Err("a user in it"));
    }

    #[test]
    fn a_pattern_reads_back_as_itself_and_a_bad_one_says_why() {
        for good in ["example.com", "127.0.0.1:9000", "*.slack.com", "[::1]:80", "[::1]", "*", "*:8080", "a_b.internal"]
        {
            assert_eq!(HostPattern::parse(good).unwrap().to_string(), good);
        }
        assert_eq!(HostPattern::parse("::1").unwrap().to_string(), "[::1]");
        assert_eq!(HostPattern::parse("Example.COM.").unwrap().to_string(), "example.com");
        for (bad, why) in [
            ("", "not a host's"),
            ("http://example.com", "leave out the scheme"),
            ("example.com/hook", "leave out the scheme"),
            ("me@example.com", "leave out the user"),
            ("example.com:0", "port"),
            ("example.com:http", "port"),
            ("a..b", "not a host's"),
            ("*.*.com", "not a host's"),
            ("exa mple.com", "not a host's"),
            ("[::1", "not a host's"),
        ] {
            let error = HostPattern::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "100::1",
            "4000::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
