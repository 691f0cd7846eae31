//! What an operator lets a channel do beyond computing.

use std::{
    net::Ipv6Addr,
    path::{Path, PathBuf},
};

use super::{
    paths,
    reader::{Field, Section},
};

/// The capabilities of one channel. The default grants nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Hosts that may be called: `example.com`, `*.slack.com`, `127.0.0.1:9000`, `[::1]:9000`; any port where none is named.
    pub http: Vec<String>,
    pub files: Vec<FileGrant>,
    /// Whether granted names may resolve to private and loopback addresses.
    pub private_network: bool,
}

/// A folder of the host that the guest sees under a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGrant {
    pub host: PathBuf,
    /// Absolute, without `.` and `..`.
    pub guest: String,
    pub write: bool,
}

impl Grants {
    pub(super) fn read(channel: &mut Section<'_>, dir: &Path) -> Self {
        let Some(mut section) = channel.section("grant") else { return Self::default() };
        let grants = Self {
            http: members(section.get("http"), |field| field.parse(HOST_HELP, host_pattern)),
            files: files(section.get("files"), dir),
            private_network: section.get("private_network").and_then(|field| field.boolean()).unwrap_or_default(),
        };
        section.finish();
        grants
    }
}

fn members<'a, T>(field: Option<Field<'a>>, read: impl Fn(&Field<'a>) -> Option<T>) -> Vec<T> {
    field.and_then(|field| field.list()).unwrap_or_default().iter().filter_map(read).collect()
}

fn files(field: Option<Field<'_>>, dir: &Path) -> Vec<FileGrant> {
    let mut grants: Vec<FileGrant> = Vec::new();
    for field in field.and_then(|field| field.list()).unwrap_or_default() {
        let Some(grant) = file(&field, dir) else { continue };
        if grants.iter().any(|earlier| earlier.guest == grant.guest) {
            field.problem(format!("the guest's folder {} is granted twice", grant.guest), "give each its own `guest`");
        }
        grants.push(grant);
    }
    grants
}

fn file(field: &Field<'_>, dir: &Path) -> Option<FileGrant> {
    let mut section = field.section()?;
    let host = section.get("host");
    let guest = section.get("guest");
    let write = section.get("write").map_or(Some(false), |field| field.boolean());
    section.finish();
    if host.is_none() {
        section.problem("host", "is missing", "name the folder on this machine");
    }
    if guest.is_none() {
        section.problem(
            "guest",
            "is missing",
            "name the path under which the guest sees the folder, such as \"/audit\"",
        );
    }
    let host = host.and_then(|field| paths::read(&field, dir));
    let guest = guest.and_then(|field| field.parse("such as \"/audit\"", guest_path));
    Some(FileGrant { host: host?, guest: guest?, write: write? })
}

fn guest_path(text: &str) -> Result<String, &'static str> {
    let Some(relative) = text.strip_prefix('/') else { return Err("must start with `/`") };
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\0', '\\']);
    if relative.is_empty() || relative.split('/').all(plain) {
        Ok(text.to_owned())
    } else {
        Err("must be a plain path without empty, `.` and `..` parts and without a `/` at its end")
    }
}

const HOST_HELP: &str = "write a host and, if only one port is meant, that port: \"example.com\", \"*.slack.com\", \
                         \"127.0.0.1:9000\", \"[::1]:9000\"";

/// `host` or `host:port`; a leading `*.` stands for any name below.
fn host_pattern(text: &str) -> Result<String, String> {
    if text.contains("://") || text.contains(['/', '@', '?', '#']) {
        return Err(format!("{text:?} is more than a host: no scheme, user or path stands here"));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port))
            if host.starts_with('[') == host.ends_with(']') && !host.trim_matches(['[', ']']).is_empty() =>
        {
            (host, Some(port))
        }
        _ => (text, None),
    };
    if port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()) || !matches!(port.parse::<u16>(), Ok(1..))) {
        return Err(format!("{text:?} names no port from 1 to 65535"));
    }
    let valid = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => is_name(host.strip_prefix("*.").unwrap_or(host)),
    };
    if valid { Ok(text.to_ascii_lowercase()) } else { Err(format!("{text:?} is no host")) }
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}
