//! `grant`: what an operator allows a channel to reach, read into the types that the runtime checks requests with.

use std::path::Path;

use fanfare_runtime::{FileGrant, Grants, HostPattern, HttpGrant};

use super::{
    paths,
    reader::{Field, Section},
};

pub(super) fn read(channel: &mut Section<'_>, dir: &Path) -> Grants {
    let Some(mut section) = channel.section("grant") else { return Grants::default() };
    let grants = Grants {
        http: members(section.get("http"), |field| field.parse("", HttpGrant::parse)),
        tcp: members(section.get("tcp"), |field| field.parse(TCP_HELP, tcp_target)),
        files: files(section.get("files"), dir),
        emit: members(section.get("emit"), |field| field.parse("write it like \"inventory.>\"", emitted_type)),
        private_network: section.get("private_network").and_then(|field| field.boolean()).unwrap_or_default(),
    };
    section.finish();
    grants
}

pub(super) fn members<'a, T>(field: Option<Field<'a>>, read: impl Fn(&Field<'a>) -> Option<T>) -> Vec<T> {
    field.and_then(|field| field.list()).unwrap_or_default().iter().filter_map(read).collect()
}

/// The syntax of TCP targets, for messages.
pub const TCP_HELP: &str = "write it like \"smtp.example.com:587\"";

/// Reads an entry of `grant.tcp`.
///
/// # Errors
/// What is wrong with the text, to be shown together with [`TCP_HELP`].
pub fn tcp_target(text: &str) -> Result<HostPattern, String> {
    let pattern = HostPattern::parse(text).map_err(|error| error.to_string())?;
    match pattern.port() {
        Some(_) => Ok(pattern),
        None => Err(format!("`{text}` has no port")),
    }
}

/// Reads an entry of `grant.emit`: a type, or a pattern of types.
///
/// # Errors
/// What is wrong with the text.
pub fn emitted_type(text: &str) -> Result<String, String> {
    if text.starts_with(fanfare_core::SYSTEM_TYPES) {
        return Err(format!("{text:?} names the daemon's own events, which no plugin may emit"));
    }
    fanfare_core::check_type_pattern(text).map(|()| text.to_owned()).map_err(|rule| format!("{text:?} {rule}"))
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

/// Reads the path under which a guest sees a folder.
///
/// # Errors
/// The rule that the text breaks.
pub fn guest_path(text: &str) -> Result<String, &'static str> {
    let Some(relative) = text.strip_prefix('/') else { return Err("must start with `/`") };
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\0', '\\']);
    if relative.is_empty() || relative.split('/').all(plain) {
        Ok(text.to_owned())
    } else {
        Err("must be a plain path without empty, `.` and `..` parts and without a `/` at its end")
    }
}
