//! Where the daemon listens and keeps its files.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use fanfare_core::MAX_HOPS;
use fanfare_runtime::CompileLimits;
use jiff::Timestamp;

use super::{
    Sources, Tls, paths,
    reader::{Field, Section},
    tls, tokens,
};
use crate::access::TokenTable;

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Loopback only, unless there are tokens.
    pub listen: SocketAddr,
    /// The tokens. Without any, anyone who can connect may do everything.
    pub tokens: Vec<TokenTable>,
    /// The server's certificate and key. `None`: no TLS.
    pub tls: Option<Tls>,
    /// How long a publisher waits for the channels, unless it says otherwise.
    pub wait: Duration,
    /// The largest request body, in bytes.
    pub max_body: u64,
    /// Events in one batch.
    pub max_batch: usize,
    /// Followers of `GET /v1/events/stream` at once.
    pub max_streams: usize,
    /// Connections open at once. Beyond it, the longest idle one is closed; if all are busy, the new one waits.
    pub max_connections: usize,
    /// How long a client may take to send its request's head.
    pub header_timeout: Duration,
    /// How long a client may take to send its request's body.
    pub body_timeout: Duration,
    /// How long a client may go without reading any of its response.
    pub write_timeout: Duration,
    /// How long a shutdown waits for attempts in flight.
    pub drain: Duration,
}

/// The durable record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    pub path: PathBuf,
    /// Settled events are removed after this long. `None`: never.
    pub retention: Option<Duration>,
    /// Dead letters are removed after this long. `None`: never.
    pub dead_letter_retention: Option<Duration>,
    /// Acts are removed from the audit trail after this long. `None`: never.
    pub audit_retention: Option<Duration>,
    /// Length of a chain of events that cause each other: a channel cannot emit past it.
    pub max_hops: u32,
}

/// Where plugins come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugins {
    /// The folder whose `*.wasm` are loaded.
    pub dir: PathBuf,
    /// Whether a file that no channel names makes one of its own name.
    pub auto: bool,
    /// The folder for compiled code, which only speeds up the next start.
    pub cache: PathBuf,
    /// What compiling one plugin may use.
    pub compile: CompileLimits,
}

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const MILLISECOND: Duration = Duration::from_millis(1);

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tokens: vec![],
            tls: None,
            wait: Duration::from_secs(30),
            max_body: 1 << 20,
            max_batch: 100,
            max_streams: 256,
            max_connections: 1024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

impl Server {
    /// Whether other machines can connect.
    #[must_use]
    pub fn is_public(&self) -> bool {
        !is_loopback(self.listen)
    }

    /// Warnings for the operator about settings that are allowed.
    #[must_use]
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let clear = (self.is_public() && self.tls.is_none()).then(|| {
            format!(
                "other machines can reach {}, and tokens travel in clear text: there is no TLS (server.tls)",
                self.listen
            )
        });
        let expired = self.tokens.iter().filter(|token| token.has_expired(now));
        let expired =
            expired.map(|token| format!("the token `{}` has expired; remove its table, or create another", token.name));
        let exposed = self.tls.as_ref().filter(|tls| tls.key_is_exposed);
        let exposed =
            exposed.map(|tls| format!("other users of this machine can read {}; chmod 600 it", tls.key.display()));
        let certificate = self.tls.as_ref().and_then(|tls| tls.warning(now));
        clear.into_iter().chain(expired).chain(exposed).chain(certificate).collect()
    }

    pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>) -> Self {
        let default = Self::default();
        let Some(mut section) = root.section("server") else { return default };
        let address = section.get("listen");
        let tokens = tokens::read(&mut section);
        let tls = tls::read(&mut section, sources);
        let listen = address.and_then(|field| listen(&field, tokens.as_deref()));
        let server = Self {
            listen: listen.unwrap_or(default.listen),
            tokens: tokens.unwrap_or_default(),
            tls,
            wait: section
                .get("wait")
                .and_then(|field| field.duration_from(Duration::ZERO, HOUR))
                .unwrap_or(default.wait),
            max_body: section
                .get("max_body")
                .and_then(|field| field.size_from(1 << 10, 64 << 20))
                .unwrap_or(default.max_body),
            max_batch: section
                .get("max_batch")
                .and_then(|field| number(&field, 1..=10_000, "must be from 1 to 10,000"))
                .unwrap_or(default.max_batch),
            max_streams: section
                .get("max_streams")
                .and_then(|field| number(&field, 0..=65_536, "must be from 0 to 65,536"))
                .unwrap_or(default.max_streams),
            max_connections: section
                .get("max_connections")
                .and_then(|field| number(&field, 1..=65_536, "must be from 1 to 65,536"))
                .unwrap_or(default.max_connections),
            header_timeout: section
                .get("header_timeout")
                .and_then(|field| field.duration_from(MILLISECOND, HOUR))
                .unwrap_or(default.header_timeout),
            body_timeout: section
                .get("body_timeout")
                .and_then(|field| field.duration_from(MILLISECOND, HOUR))
                .unwrap_or(default.body_timeout),
            write_timeout: section
                .get("write_timeout")
                .and_then(|field| field.duration_from(MILLISECOND, HOUR))
                .unwrap_or(default.write_timeout),
            drain: section
                .get("drain")
                .and_then(|field| field.duration_from(Duration::ZERO, HOUR))
                .unwrap_or(default.drain),
        };
        section.finish();
        server
    }
}

/// Reports an address that other machines can reach if there are no tokens. Mistakes in the tokens are reported
/// instead, if there are any.
fn listen(field: &Field<'_>, tokens: Option<&[TokenTable]>) -> Option<SocketAddr> {
    let help = "write an IP address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    let address = field.parse(help, |text| {
        text.parse::<SocketAddr>().map_err(|_| format!("{text:?} is not an address to listen on"))
    })?;
    let is_open = !is_loopback(address) && tokens.is_some_and(<[_]>::is_empty);
    if is_open {
        field.problem(
            format!("other machines can reach {address}, but there are no [[server.tokens]] that say who has access"),
            "create a token with `fanfare token new`, or listen on \"127.0.0.1:<port>\"",
        );
    }
    (!is_open).then_some(address)
}

/// Whether only this machine can connect.
fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn number(field: &Field<'_>, range: std::ops::RangeInclusive<usize>, rule: &str) -> Option<usize> {
    let number: usize = field.integer()?;
    let within = range.contains(&number);
    if !within {
        field.problem(rule, "");
    }
    within.then_some(number)
}

/// A duration, or `forever`.
fn retention(section: &mut Section<'_>, key: &'static str, default: Option<Duration>) -> Option<Duration> {
    let Some(field) = section.get(key) else { return default };
    // Checked first, so that an error is reported only if the value is neither.
    if field.is_text("forever") {
        return None;
    }
    field.duration_from(Duration::from_secs(60), 3_653 * DAY).or(default)
}

impl Journal {
    pub(super) fn in_dir(dir: &Path) -> Self {
        Self {
            path: dir.join("data/journal.db"),
            retention: Some(7 * DAY),
            dead_letter_retention: Some(30 * DAY),
            audit_retention: Some(90 * DAY),
            max_hops: MAX_HOPS,
        }
    }

    pub(super) fn read(root: &mut Section<'_>, dir: &Path) -> Self {
        let default = Self::in_dir(dir);
        let Some(mut section) = root.section("journal") else { return default };
        let path = section.get("path").and_then(|field| paths::read(&field, dir)).unwrap_or(default.path);
        let settled = retention(&mut section, "retention", default.retention);
        let dead = retention(&mut section, "dead_letter_retention", default.dead_letter_retention);
        let audit = retention(&mut section, "audit_retention", default.audit_retention);
        let hops = section.get("max_hops").and_then(|field| {
            let hops: u32 = field.integer()?;
            if (1..=100).contains(&hops) {
                return Some(hops);
            }
            field.problem("must be from 1 to 100", "");
            None
        });
        let max_hops = hops.unwrap_or(default.max_hops);
        section.finish();
        Self { path, retention: settled, dead_letter_retention: dead, audit_retention: audit, max_hops }
    }
}

impl Plugins {
    pub(super) fn in_dir(dir: &Path, journal: &Journal) -> Self {
        Self {
            dir: dir.join("plugins"),
            auto: true,
            cache: journal.path.with_file_name("cache"),
            compile: CompileLimits::default(),
        }
    }

    pub(super) fn read(root: &mut Section<'_>, dir: &Path, journal: &Journal) -> Self {
        let default = Self::in_dir(dir, journal);
        let Some(mut section) = root.section("plugins") else { return default };
        let plugins = Self {
            dir: section.get("dir").and_then(|field| paths::read(&field, dir)).unwrap_or(default.dir),
            auto: section.get("auto").and_then(|field| field.boolean()).unwrap_or(default.auto),
            cache: section.get("cache").and_then(|field| paths::read(&field, dir)).unwrap_or(default.cache),
            compile: CompileLimits {
                memory: section
                    .get("compile_memory")
                    .and_then(|field| field.size_from(128 << 20, 1 << 40))
                    .unwrap_or(default.compile.memory),
                cpu: section
                    .get("compile_time")
                    .and_then(|field| field.duration_from(Duration::from_secs(1), HOUR))
                    .map_or(default.compile.cpu, |time| time.as_secs()),
            },
        };
        section.finish();
        plugins
    }
}
