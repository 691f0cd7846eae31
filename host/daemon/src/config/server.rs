//! Where the daemon listens and keeps its files.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    paths,
    reader::{Field, Section},
};

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Always loopback: access tokens are not there yet, so nobody else may come in.
    pub listen: SocketAddr,
    /// How long a publisher waits for the channels, unless it says otherwise.
    pub wait: Duration,
    /// The largest request body, in bytes.
    pub max_body: u64,
    /// Connections open at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// How long a client may take to send its request's head.
    pub header_timeout: Duration,
    /// How long a shutdown waits for attempts in flight.
    pub drain: Duration,
}

/// The durable record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    pub path: PathBuf,
}

/// Where plugins come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugins {
    /// The folder whose `*.wasm` are loaded.
    pub dir: PathBuf,
    /// The folder for compiled code, which only speeds up the next start.
    pub cache: PathBuf,
}

const HOUR: Duration = Duration::from_hours(1);
const MILLISECOND: Duration = Duration::from_millis(1);

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            wait: Duration::from_secs(30),
            max_body: 1 << 20,
            max_connections: 1024,
            header_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(30),
        }
    }
}

impl Server {
    pub(super) fn read(root: &mut Section<'_>) -> Self {
        let default = Self::default();
        let Some(mut section) = root.section("server") else { return default };
        let server = Self {
            listen: section.get("listen").and_then(|field| loopback(&field)).unwrap_or(default.listen),
            wait: section
                .get("wait")
                .and_then(|field| field.duration_from(Duration::ZERO, HOUR))
                .unwrap_or(default.wait),
            max_body: section
                .get("max_body")
                .and_then(|field| field.size_from(1 << 10, 64 << 20))
                .unwrap_or(default.max_body),
            max_connections: section
                .get("max_connections")
                .and_then(|field| connections(&field))
                .unwrap_or(default.max_connections),
            header_timeout: section
                .get("header_timeout")
                .and_then(|field| field.duration_from(MILLISECOND, HOUR))
                .unwrap_or(default.header_timeout),
            drain: section
                .get("drain")
                .and_then(|field| field.duration_from(Duration::ZERO, HOUR))
                .unwrap_or(default.drain),
        };
        section.finish();
        server
    }
}

fn loopback(field: &Field<'_>) -> Option<SocketAddr> {
    let help = "write an IP address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    let address = field
        .parse(help, |text| text.parse::<SocketAddr>().map_err(|_| format!("{text:?} is no address to listen on")))?;
    let local = address.ip().to_canonical().is_loopback();
    if !local {
        field.problem(
            format!(
                "{address} can be reached from other machines, and this release has no access tokens to keep them out"
            ),
            "listen on \"127.0.0.1:<port>\" and put a reverse proxy with authentication in front",
        );
    }
    local.then_some(address)
}

fn connections(field: &Field<'_>) -> Option<usize> {
    let number: usize = field.integer()?;
    let within = (1..=65_536).contains(&number);
    if !within {
        field.problem("must be from 1 to 65,536", "");
    }
    within.then_some(number)
}

impl Journal {
    pub(super) fn in_dir(dir: &Path) -> Self {
        Self { path: dir.join("data/journal.db") }
    }

    pub(super) fn read(root: &mut Section<'_>, dir: &Path) -> Self {
        let default = Self::in_dir(dir);
        let Some(mut section) = root.section("journal") else { return default };
        let path = section.get("path").and_then(|field| paths::read(&field, dir)).unwrap_or(default.path);
        section.finish();
        Self { path }
    }
}

impl Plugins {
    pub(super) fn in_dir(dir: &Path, journal: &Journal) -> Self {
        Self { dir: dir.join("plugins"), cache: journal.path.with_file_name("cache") }
    }

    pub(super) fn read(root: &mut Section<'_>, dir: &Path, journal: &Journal) -> Self {
        let default = Self::in_dir(dir, journal);
        let Some(mut section) = root.section("plugins") else { return default };
        let plugins = Self {
            dir: section.get("dir").and_then(|field| paths::read(&field, dir)).unwrap_or(default.dir),
            cache: section.get("cache").and_then(|field| paths::read(&field, dir)).unwrap_or(default.cache),
        };
        section.finish();
        plugins
    }
}
