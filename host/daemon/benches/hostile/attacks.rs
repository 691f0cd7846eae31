//! The attacks, as data. `ADDRESS` is a receiver that is hostile too.

use fanfare_artifacts::straight::{self, Place};

/// One attack: its name, its bound, and what it does.
pub struct Attack {
    pub name: &'static str,
    pub bound: &'static str,
    pub by: By,
}

pub enum By {
    /// The channel `bad` runs this plugin, with these settings and further keys of its table.
    Plugin(Plugin, &'static str, &'static str),
    /// A client of the daemon's API, over and over while the good channel is measured.
    Client(Client),
}

#[derive(Clone, Copy)]
pub enum Plugin {
    Channel,
    HttpChannel,
    Handler,
    Command,
    /// One long row of calls of `log`, with 4 MiB each.
    Row(Place),
    RowAtStart,
    /// The same with `random_get`, as a core module.
    Random,
    RandomAtStart,
    /// A program with 100,000 exports.
    Names,
    /// A small plugin whose sidecar has a schema with 400 large patterns, or with nested repetitions.
    ManyPatterns,
    LargePattern,
    /// Not a plugin.
    Text,
    Half,
    Huge,
}

#[derive(Clone, Copy)]
pub enum Client {
    /// Sends a request's headers a byte at a time.
    SlowHeaders,
    /// The same with the body.
    SlowBody,
    /// Announces a body and does not send it.
    NoBody,
    LargeBody,
    NestedJson,
    NoHttp,
    /// Opens streams and pages and reads none of them.
    UnreadStream,
    UnreadPage,
    /// Opens connections and sends nothing.
    Idle,
    Rebinding,
}

impl Plugin {
    pub fn bytes(self) -> Vec<u8> {
        let channel = fanfare_artifacts::hostile();
        match self {
            Self::Channel => channel.to_vec(),
            Self::HttpChannel => fanfare_artifacts::hostile_http().to_vec(),
            Self::Handler => fanfare_artifacts::handler().to_vec(),
            Self::Command => fanfare_artifacts::command().to_vec(),
            Self::Row(place) => straight::logs(place, 20_000, 4 << 20),
            Self::RowAtStart => straight::logs_at_start(20_000, 4 << 20),
            Self::Random => straight::random(false, 200_000),
            Self::RandomAtStart => straight::random(true, 200_000),
            Self::Names => straight::exports(100_000),
            Self::ManyPatterns | Self::LargePattern => fanfare_artifacts::smallest().to_vec(),
            Self::Text => b"#!/bin/sh\nrm -rf /\n".to_vec(),
            Self::Half => channel[..channel.len() / 2].to_vec(),
            Self::Huge => vec![0; 33 << 20],
        }
    }
}

impl Plugin {
    /// Its sidecar.
    pub fn sidecar(self) -> Option<String> {
        let patterns = match self {
            Self::ManyPatterns => 400,
            Self::LargePattern => 1,
            _ => return None,
        };
        let pattern = |n| format!("p{n} = {{ pattern = \"(a{{{}}}b{{999}}){{99}}\" }}", 500 + n);
        let properties: Vec<_> = (0..patterns).map(pattern).collect();
        Some(format!("schema = {{ properties = {{ {} }} }}\n", properties.join(", ")))
    }
}

const fn channel(name: &'static str, bound: &'static str, settings: &'static str, policy: &'static str) -> Attack {
    plugin(name, bound, Plugin::Channel, settings, policy)
}

const fn plugin(
    name: &'static str,
    bound: &'static str,
    plugin: Plugin,
    settings: &'static str,
    policy: &'static str,
) -> Attack {
    Attack { name, bound, by: By::Plugin(plugin, settings, policy) }
}

const fn client(name: &'static str, bound: &'static str, client: Client) -> Attack {
    Attack { name, bound, by: By::Client(client) }
}

const GRANT: &str = "grant = { http = [\"ADDRESS\"] }";
const SECOND: &str = "timeout = \"1s\"";
/// Only the time limit ends it.
const SECOND_ALONE: &str = "timeout = \"1s\"\nfuel = 1_000_000_000_000";

pub const ATTACKS: [Attack; 72] = [
    // Time and CPU
    channel("spin, little fuel", "`fuel`", "mode = \"spin\"", "fuel = 100_000_000"),
    channel("spin, plenty of fuel", "`timeout`", "mode = \"spin\"", SECOND_ALONE),
    channel("spin in host calls, little fuel", "`fuel`", "mode = \"spin-hostcalls\"", "fuel = 100_000_000"),
    channel("spin in host calls, plenty of fuel", "`timeout`", "mode = \"spin-hostcalls\"", SECOND_ALONE),
    plugin("a row of host calls without a loop, `deliver`", "`timeout`", Plugin::Row(Place::Deliver), "", SECOND_ALONE),
    plugin("a row of host calls without a loop, `compose`", "`timeout`", Plugin::Row(Place::Compose), "", SECOND_ALONE),
    plugin("a row of host calls without a loop, `handle`", "`timeout`", Plugin::Row(Place::Handle), "", SECOND_ALONE),
    plugin("a row of host calls without a loop, `run`", "`timeout`", Plugin::Row(Place::Run), "", SECOND_ALONE),
    plugin("a row of host calls without a loop, `_start`", "`timeout`", Plugin::Random, "", SECOND_ALONE),
    plugin("a row of host calls, little fuel", "`fuel`", Plugin::Row(Place::Deliver), "", "fuel = 20_000_000"),
    plugin("a start function with a row of host calls", "fuel of a start", Plugin::RowAtStart, "", ""),
    plugin("a program's start function with a row of host calls", "time of a start", Plugin::RandomAtStart, "", ""),
    channel("blocked in a host call", "`timeout`", "mode = \"sleep\"", SECOND),
    channel(
        "a reused instance that spins every second time",
        "`fuel`",
        "mode = \"count-spin\"",
        "reuse = 100\nfuel = 100_000_000",
    ),
    plugin("`compose` that spins", "`fuel`", Plugin::HttpChannel, "mode = \"compose-spin\"", "fuel = 100_000_000"),
    plugin(
        "`interpret` that spins",
        "`fuel`",
        Plugin::HttpChannel,
        "mode = \"interpret-spin\", url = \"http://ADDRESS/short\"",
        "fuel = 100_000_000\ngrant = { http = [\"ADDRESS\"] }",
    ),
    // Memory
    channel("memory, in large blocks", "`memory`", "mode = \"memory\"", ""),
    channel("memory, page by page", "`memory`", "mode = \"memory-small-grows\", then = \"trap\"", ""),
    channel("recursion", "stack of 512 KiB", "mode = \"recursion\"", ""),
    channel("deeply nested JSON in a guest", "stack of 512 KiB", "mode = \"deep-json\", depth = 1000000", ""),
    channel("a trap", "the sandbox", "mode = \"trap\"", ""),
    channel("a panic", "the sandbox", "mode = \"panic\"", ""),
    channel("exiting the process", "the sandbox", "mode = \"exit\"", ""),
    // What the host has to keep in memory
    channel("100,000 log lines", "256 lines", "mode = \"log-flood\"", ""),
    channel("100,000 lines of stderr", "256 lines", "mode = \"stderr-flood\"", ""),
    channel("100,000 lines of stdout", "256 lines", "mode = \"stdout-flood\"", ""),
    channel("log lines of 1 MiB", "4 KiB of each", "mode = \"log-flood\", lines = 1000, bytes = 1048576", ""),
    channel("a receipt of 1 GiB", "`memory`", "mode = \"big-receipt\", bytes = 1073741824", ""),
    channel("a receipt of 24 MiB", "64 KiB kept", "mode = \"big-receipt\", bytes = 25165824", ""),
    channel("a receipt that is not JSON", "dropped", "mode = \"bad-receipt\"", ""),
    channel("a failure of 16 MiB", "4 KiB kept", "mode = \"big-failure\"", ""),
    channel("100,000 state writes", "64 writes", "mode = \"state-flood\"", ""),
    channel("state values of 1 MiB", "64 KiB", "mode = \"state-flood\", bytes = 1048576, count = 1000", ""),
    channel("100,000 time series", "128 samples", "mode = \"metrics-flood\"", ""),
    channel(
        "5,000 open files",
        "256 handles",
        "mode = \"open-files\", path = \"/open/x\"",
        "grant = { files = [{ host = \"open\", guest = \"/open\" }] }",
    ),
    channel(
        "1,000 emitted events",
        "16 events",
        "mode = \"emit\", type = \"bad.x\", times = 1000, then = \"trap\"",
        "grant = { emit = [\"bad.>\"] }",
    ),
    // The network
    channel("10,000 headers", "64 headers", "mode = \"header-flood\", url = \"http://ADDRESS/\"", GRANT),
    channel("1,000 requests", "32 requests", "mode = \"http\", times = 1000, url = \"http://ADDRESS/short\"", GRANT),
    channel(
        "a response that drips",
        "`timeout`",
        "mode = \"http\", url = \"http://ADDRESS/drip\"",
        "timeout = \"1s\"\ngrant = { http = [\"ADDRESS\"] }",
    ),
    channel(
        "a response that never ends",
        "4 MiB",
        "mode = \"http\", describe = \"size\", url = \"http://ADDRESS/endless\"",
        GRANT,
    ),
    channel("response headers that never end", "128 KiB", "mode = \"http\", url = \"http://ADDRESS/headers\"", GRANT),
    channel("a receiver that hangs up", "the attempt fails", "mode = \"http\", url = \"http://ADDRESS/gone\"", GRANT),
    channel("a host that is not granted", "grants", "mode = \"http\", url = \"http://ADDRESS/\"", ""),
    channel(
        "a cloud's metadata, all hosts granted",
        "no private addresses",
        "mode = \"http\", url = \"http://169.254.169.254/\"",
        "grant = { http = [\"*\"] }",
    ),
    channel(
        "a cloud's metadata in decimal, all hosts granted",
        "no private addresses",
        "mode = \"http\", url = \"http://2852039166/\"",
        "grant = { http = [\"*\"] }",
    ),
    channel("a TCP connection that is not granted", "grants", "mode = \"tcp\", address = \"ADDRESS\"", ""),
    channel(
        "a DNS name that leaks data",
        "grants",
        "mode = \"tcp\", resolve = true, address = \"secret.example.com:80\"",
        "",
    ),
    plugin(
        "a composed body of 64 MiB",
        "4 MiB",
        Plugin::HttpChannel,
        "mode = \"huge-body\", url = \"http://ADDRESS/short\"",
        GRANT,
    ),
    plugin(
        "headers with line breaks",
        "rejected",
        Plugin::HttpChannel,
        "mode = \"bad-header\", url = \"http://ADDRESS/short\"",
        GRANT,
    ),
    plugin("`wasi:http` without a grant", "grants", Plugin::Handler, "MODE = \"forward http://ADDRESS/short\"", ""),
    plugin(
        "`wasi:http`, a response that never ends",
        "4 MiB",
        Plugin::Handler,
        "MODE = \"forward http://ADDRESS/endless\"",
        GRANT,
    ),
    plugin("a program that spins", "`fuel`", Plugin::Command, "mode = \"spin\"", "fuel = 100_000_000"),
    plugin("a program that floods its output", "`fuel`", Plugin::Command, "mode = \"flood\"", "fuel = 100_000_000"),
    // Files and secrets
    channel("reading /etc/passwd", "grants", "mode = \"read-file\", path = \"/etc/passwd\"", ""),
    channel(
        "leaving a granted folder",
        "the folder",
        "mode = \"read-file\", path = \"/open/../../../etc/passwd\"",
        "grant = { files = [{ host = \"open\", guest = \"/open\" }] }",
    ),
    channel(
        "a forged placeholder",
        "rejected",
        "mode = \"forged-secret\", url = \"http://ADDRESS/\"",
        "grant = { http = [\"ADDRESS\"] }\nsecrets = { token = { from = \"file:secret\", hosts = [\"ADDRESS\"] } }",
    ),
    // Files that are not plugins
    plugin("a script in the plugins' folder", "rejected", Plugin::Text, "", ""),
    plugin("half a plugin", "rejected", Plugin::Half, "", ""),
    plugin("a file of 33 MiB", "32 MiB", Plugin::Huge, "", ""),
    plugin("100,000 exports", "4,096 names", Plugin::Names, "", ""),
    plugin("a schema of 400 patterns", "32 patterns", Plugin::ManyPatterns, "", ""),
    plugin("a schema with a pattern that explodes", "64 KiB each", Plugin::LargePattern, "", ""),
    // Clients
    client("headers that drip, 64 connections", "`header_timeout`", Client::SlowHeaders),
    client("bodies that drip, 64 connections", "`max_connections`", Client::SlowBody),
    client("bodies that never arrive", "`max_connections`", Client::NoBody),
    client("bodies of 8 MiB", "`max_body`", Client::LargeBody),
    client("JSON nested 100,000 deep", "128 levels", Client::NestedJson),
    client("bytes that are not HTTP", "rejected", Client::NoHttp),
    client("streams that nobody reads", "`max_streams`", Client::UnreadStream),
    client("pages that nobody reads", "one page", Client::UnreadPage),
    client("connections that send nothing", "`header_timeout`", Client::Idle),
    client("a foreign `Host`", "rejected", Client::Rebinding),
];
