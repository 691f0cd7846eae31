//! What an operator allows a channel to reach.

use std::path::{Path, PathBuf};

use fanfare_runtime::{HostPattern, HttpGrant};

use super::{
    paths,
    reader::{Field, Section},
};

/// The grants of one channel. The default grants nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Targets of requests, in the syntax of [`HttpGrant`].
    pub http: Vec<String>,
    /// Targets of TCP connections: hosts with a port, in the syntax of [`HostPattern`].
    pub tcp: Vec<String>,
    pub files: Vec<FileGrant>,
    /// Types, or type patterns, of events that may be emitted.
    pub emit: Vec<String>,
    /// Whether granted names may resolve to private and loopback addresses.
    pub private_network: bool,
}

/// A folder of the host, and the path under which the guest sees it.
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
            http: members(section.get("http"), |field| field.parse("", http_grant)),
            tcp: members(section.get("tcp"), |field| field.parse("write it like \"smtp.example.com:587\"", tcp_target)),
            files: files(section.get("files"), dir),
            emit: members(section.get("emit"), |field| field.parse("write it like \"inventory.>\"", type_pattern)),
            private_network: section.get("private_network").and_then(|field| field.boolean()).unwrap_or_default(),
        };
        section.finish();
        grants
    }
}

pub(super) fn members<'a, T>(field: Option<Field<'a>>, read: impl Fn(&Field<'a>) -> Option<T>) -> Vec<T> {
    field.and_then(|field| field.list()).unwrap_or_default().iter().filter_map(read).collect()
}

/// Parses and formats the text again, so that two spellings of one host are equal.
fn http_grant(text: &str) -> Result<String, String> {
    HttpGrant::parse(text).map(|grant| grant.to_string()).map_err(|error| error.to_string())
}

fn type_pattern(text: &str) -> Result<String, String> {
    if text.starts_with(fanfare_core::SYSTEM_TYPES) {
        return Err(format!("{text:?} names the daemon's own events, which no plugin may emit"));
    }
    fanfare_core::check_type_pattern(text).map(|()| text.to_owned()).map_err(|rule| format!("{text:?} {rule}"))
}

fn tcp_target(text: &str) -> Result<String, String> {
    let pattern = HostPattern::parse(text).map_err(|error| error.to_string())?;
    match pattern.port() {
        Some(_) => Ok(pattern.to_string()),
        None => Err(format!("`{text}` has no port")),
    }
}

fn files(field: Option<Field<'_>>, dir: &Path) -> Vec<FileGrant> {
    let mut grants: Vec<FileGrant> = Vec::new();
    for field in field.and_then(|field| field.list()).unwrap_or_default() {
        let Some(grant) = file(&field, dir) else { continue };
        if grants.iter().any(|earlier| earlier.guest == grant.guest) {
            field.problem(
                format!("the guest path {} is granted more than once", grant.guest),
                "give each its own `guest`",
            );
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
        section.problem("host", "is missing", "name a folder on this machine");
    }
    if guest.is_none() {
        section.problem(
            "guest",
            "is missing",
            "name the path under which the guest sees the folder, such as \"/audit\"",
        );
    }
    let host = host.and_then(|field| paths::read(&field, dir));
    let guest = guest.and_then(|field| field.parse("write it like \"/audit\"", guest_path));
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
