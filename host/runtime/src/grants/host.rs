//! Hosts: patterns as an operator writes them, and the target of a request.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use http::Uri;

use super::Refusal;

/// A pattern of hosts: `example.com`, `127.0.0.1:9000`, `[::1]:80`, `*.slack.com` (every name below, but not
/// `slack.com` itself), or `*` (every name, except those that resolve to private addresses). Without a port, it covers
/// any port.
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

/// Why a string is not a host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a host: {reason}; write `example.com`, `example.com:8080`, `*.example.com` or `[::1]:80`")]
pub struct InvalidPattern {
    pub pattern: String,
    pub reason: &'static str,
}

impl HostPattern {
    /// Parses one of the forms above.
    ///
    /// # Errors
    /// [`InvalidPattern`] otherwise.
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
                Some(below) => HostMatch::Below(format!(
                    ".{}",
                    name(below).ok_or_else(|| invalid(
                        "the name is not a valid host \
                        name"
                    ))?
                )),
                None => match Host::parse(host).ok_or_else(|| invalid("the name is not a valid host name"))? {
                    Host::Name(name) => HostMatch::Name(name),
                    Host::Address(address) => HostMatch::Address(address),
                },
            },
        };
        Ok(Self { host, port })
    }

    /// The granted port; `None` for any port.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    pub(crate) fn matches(&self, target: &Target) -> bool {
        self.port.is_none_or(|port| port == target.port) && self.matches_host(&target.host)
    }

    pub(super) fn matches_host(&self, host: &Host) -> bool {
        match (&self.host, host) {
            (HostMatch::Any, _) => true,
            (HostMatch::Below(suffix), Host::Name(name)) => {
                name.len() > suffix.len() && name.ends_with(suffix.as_str())
            }
            (HostMatch::Name(granted), Host::Name(name)) => granted == name,
            (HostMatch::Address(granted), Host::Address(address)) => granted == address,
            (HostMatch::Below(_) | HostMatch::Name(_), Host::Address(_)) | (HostMatch::Address(_), Host::Name(_)) => {
                false
            }
        }
    }

    /// Whether the pattern itself names a private address or `localhost`, so that its author must have meant it.
    pub(super) fn names_a_private_host(&self) -> bool {
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

/// The target of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// Lower case, without a trailing dot.
    Name(String),
    /// IPv4 in IPv6 is IPv4.
    Address(IpAddr),
}

impl Target {
    pub(crate) fn of(uri: &Uri) -> Result<Self, Refusal> {
        let invalid =
            |reason: &str| Refusal::Invalid(format!("`{}`: {reason}", crate::limits::cut(&uri.to_string(), 200)));
        let default = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return Err(invalid("the URL must start with http:// or https://")),
        };
        let authority = uri.authority().ok_or_else(|| invalid("the URL has no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid("a URL must not contain a user; use an authorization header"));
        }
        let host = Host::parse(authority.host()).ok_or_else(|| invalid("the host is neither a name nor an address"))?;
        let port = match (authority.port_u16(), authority.port()) {
            (Some(port), _) => port,
            (None, None) => default,
            (None, Some(_)) => return Err(invalid("the port is not a number from 0 to 65535")),
        };
        Ok(Self { host, port })
    }
}

impl Target {
    /// For the `Host` header: without the scheme's default port.
    pub(crate) fn authority(&self, secure: bool) -> String {
        match self.port == if secure { 443 } else { 80 } {
            true => self.host.to_string(),
            false => self.to_string(),
        }
    }

    /// Whether the target is this machine.
    pub(crate) fn is_this_machine(&self) -> bool {
        match &self.host {
            Host::Address(address) => address.is_loopback(),
            Host::Name(name) => name == "localhost",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
        }
    }
}

impl Host {
    pub(super) fn parse(host: &str) -> Option<Self> {
        let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        if let Some(inner) = bare {
            return inner.parse::<Ipv6Addr>().ok().map(|address| Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let trimmed = host.strip_suffix('.').unwrap_or(host);
        match trimmed.parse::<IpAddr>() {
            Ok(address) => Some(Self::Address(address.to_canonical())),
            Err(_) => {
                let name = name(host)?;
                match ends_in_a_number(&name).then(|| url::Host::parse(&name)) {
                    Some(Ok(url::Host::Ipv4(address))) => Some(Self::Address(address.into())),
                    Some(Err(_)) => None,
                    Some(Ok(_)) | None => Some(Self::Name(name)),
                }
            }
        }
    }
}

/// Whether a host may be an IPv4 address in one of the spellings that URLs and resolvers allow, such as `127.1` or
/// `0x7f000001`. No top-level domain begins with a digit, so most names skip the library's parser.
fn ends_in_a_number(host: &str) -> bool {
    host.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()))
}

/// The canonical spelling of a host, as it is looked up: a name, or an address without brackets.
pub(crate) fn canonical(host: &str) -> Option<String> {
    Host::parse(host).map(|host| match host {
        Host::Name(name) => name,
        Host::Address(address) => address.to_string(),
    })
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

/// Splits `host`, `host:port`, `[v6]` or `[v6]:port`.
fn split_port(pattern: &str) -> Option<(&str, Option<u16>)> {
    let bracket = pattern.rfind(']').map_or(0, |at| at + 1);
    match pattern[bracket..].rfind(':') {
        None => Some((pattern, None)),
        // An IPv6 address without brackets.
        Some(_) if bracket == 0 && pattern.parse::<Ipv6Addr>().is_ok() => Some((pattern, None)),
        Some(colon) => {
            let (host, port) = (&pattern[..bracket + colon], &pattern[bracket + colon + 1..]);
            port.parse().ok().filter(|&port: &u16| port > 0).map(|port| (host, Some(port)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_reads_back_as_itself_and_a_bad_one_says_why() {
        for good in ["example.com", "127.0.0.1:9000", "*.slack.com", "[::1]:80", "[::1]", "*", "*:8080", "a_b.internal"]
        {
            assert_eq!(HostPattern::parse(good).unwrap().to_string(), good);
        }
        assert_eq!(HostPattern::parse("::1").unwrap().to_string(), "[::1]");
        assert_eq!(HostPattern::parse("Example.COM.").unwrap().to_string(), "example.com");
        for (bad, why) in [
            ("", "not a valid host name"),
            ("http://example.com", "leave out the scheme"),
            ("example.com/hook", "leave out the scheme"),
            ("me@example.com", "leave out the user"),
            ("example.com:0", "port"),
            ("example.com:http", "port"),
            ("a..b", "not a valid host name"),
            ("*.*.com", "not a valid host name"),
            ("exa mple.com", "not a valid host name"),
            ("[::1", "not a valid host name"),
        ] {
            let error = HostPattern::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
