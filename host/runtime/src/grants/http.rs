//! One entry of `grant.http`: a host, optionally limited to some methods and one path prefix.

use std::{fmt, str::FromStr};

use http::{Method, Uri};

use super::{HostPattern, InvalidPattern};

/// `[METHOD[,METHOD] ]host[:port][/path]`: `example.com`, `*.slack.com`, `POST api.example.com/v1/`. A path grants
/// itself and everything below it; one that ends in `/` only what is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpGrant {
    /// Empty for any.
    methods: Vec<Method>,
    pub(super) host: HostPattern,
    path: Option<String>,
}

impl HttpGrant {
    /// Parses the form above.
    ///
    /// # Errors
    /// [`InvalidPattern`] otherwise.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = |reason| InvalidPattern { pattern: text.to_owned(), reason };
        if text.contains("://") {
            return Err(invalid("leave out the scheme"));
        }
        let (methods, rest) = match text.split_once(' ') {
            Some((methods, rest)) => (methods.split(',').map(method).collect(), rest.trim_start()),
            None => (Some(vec![]), text),
        };
        let methods = methods.ok_or_else(|| invalid("the methods before the space are not like `GET,POST`"))?;
        let (host, path) = match rest.find('/') {
            Some(at) => (&rest[..at], Some(rest[at..].to_owned())),
            None => (rest, None),
        };
        if path.as_deref().is_some_and(|path| !is_plain(path) || path.contains(['?', '#', '*'])) {
            return Err(invalid(
                "the path is a plain prefix, without `.` and `..` parts, `%`, `*`, query and fragment",
            ));
        }
        let host = HostPattern::parse(host).map_err(|error| InvalidPattern { pattern: text.to_owned(), ..error })?;
        Ok(Self { methods, host, path })
    }

    /// Whether method and path are within this grant; the host is checked separately.
    pub(super) fn covers(&self, method: &Method, uri: &Uri) -> bool {
        self.covers_method(method) && self.covers_path(uri.path())
    }

    pub(super) fn covers_method(&self, method: &Method) -> bool {
        self.methods.is_empty() || self.methods.contains(method)
    }

    pub(super) fn covers_path(&self, path: &str) -> bool {
        self.path.as_deref().is_none_or(|prefix| is_plain(path) && below(path, prefix))
    }
}

fn method(text: &str) -> Option<Method> {
    let upper = !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    upper.then(|| Method::from_bytes(text.as_bytes()).ok()).flatten()
}

fn below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

/// Whether no server could read this path as leading above it: no `.` and `..` segments, and nothing encoded that could
/// become one, a separator, or another encoding. Otherwise a path restriction could be escaped.
fn is_plain(path: &str) -> bool {
    // Includes the overlong forms of ASCII, which are not valid UTF-8, and encodings that only some servers decode.
    const HIDDEN: [&str; 9] = ["\\", "%2e", "%2f", "%5c", "%c0", "%c1", "%e0%8", "%f0%8", "%u"];
    let path = path.to_ascii_lowercase();
    let twice = path
        .match_indices("%25")
        .any(|(at, _)| path[at + 3..].starts_with(|c: char| c.is_ascii_hexdigit() || c == 'u'));
    !twice && !HIDDEN.iter().any(|hidden| path.contains(hidden)) && !path.split('/').any(climbs)
}

/// Segments of dots, followed by something that servers strip: parameters and padding.
fn climbs(part: &str) -> bool {
    let dots = part.trim_start_matches('.');
    dots.len() < part.len()
        && (dots.is_empty() || [";", "%3b", "%20", "%09", "%00"].iter().any(|cut| dots.starts_with(cut)))
}

impl FromStr for HttpGrant {
    type Err = InvalidPattern;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

impl fmt::Display for HttpGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, method) in self.methods.iter().enumerate() {
            write!(f, "{}{method}", if n == 0 { "" } else { "," })?;
        }
        if !self.methods.is_empty() {
            f.write_str(" ")?;
        }
        write!(f, "{}{}", self.host, self.path.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_reads_back_as_itself_and_a_bad_one_says_why() {
        for good in [
            "example.com",
            "POST example.com",
            "GET,POST *.example.com:8080/v1/",
            "[::1]:80/x",
            "*",
            "127.0.0.1:9000/hook",
        ] {
            assert_eq!(HttpGrant::parse(good).unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("https://example.com", "leave out the scheme"),
            ("post example.com", "methods"),
            (" example.com", "methods"),
            ("example.com/../x", "plain prefix"),
            ("example.com/a%2e", "plain prefix"),
            ("example.com/v1/*", "plain prefix"),
            ("me@example.com/v1", "leave out the user"),
            ("exa mple.com", "methods"),
        ] {
            let error = HttpGrant::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
