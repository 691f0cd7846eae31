//! The tables of `config.toml`, but for channels.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use super::{
    channel::{Channel, Grant, Secret},
    policy::{Policy, Quiet},
    words::{Condition, Duration, Forever, Moment, Name, Or, PerTime, Size, TypePattern},
};

/// The configuration of Fanfare.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, title = "config.toml")]
pub struct ConfigFile {
    server: Option<Server>,
    journal: Option<Journal>,
    plugins: Option<Plugins>,
    /// Policies of every channel, unless its plugin's sidecar or its own table says otherwise.
    defaults: Option<Policy>,
    /// The channels, by name. Every event goes to every channel whose `filter` it passes.
    channels: Option<BTreeMap<Name, Channel>>,
    /// Plugins that events pass before they go to channels, in the order of the file.
    #[schemars(length(max = 32))]
    stages: Option<Vec<Stage>>,
    /// Schemas of the events' data, by event type or pattern. Several versions are a list of tables.
    schemas: Option<BTreeMap<TypePattern, Or<EventSchema, Vec<EventSchema>>>>,
    recipients: Option<Recipients>,
    /// Texts for people, rendered from the event and its recipient.
    templates: Option<BTreeMap<String, Template>>,
    telemetry: Option<Telemetry>,
}

/// The HTTP interface.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Server {
    /// Address and port of the HTTP interface. Loopback only, unless there are tokens.
    #[schemars(extend("default" = "127.0.0.1:8080"))]
    listen: Option<String>,
    /// Access tokens: tables of `[[server.tokens]]`, see [access.md](access.md). Without tokens, anyone who can connect
    /// may do everything.
    #[schemars(length(max = 1_000), extend("x-fanfare-default" = "none"))]
    tokens: Option<Vec<Token>>,
    /// `{ cert = "cert.pem", key = "key.pem" }`, and `client_ca = "ca.pem"` if clients must show a certificate. PEM,
    /// see [access.md](access.md#tls). New files take effect at once; turning TLS on or off takes a restart.
    #[schemars(extend("x-fanfare-default" = "none"))]
    tls: Option<Tls>,
    /// How long `POST /v1/events` waits for the channels before it returns 202. A request may ask for less: `Prefer:
    /// wait=5`, `Prefer: respond-async`.
    #[schemars(extend("default" = "30s"))]
    wait: Option<Duration>,
    /// The largest body, after decompression. 1 KiB to 64 MiB.
    #[schemars(extend("default" = "1MiB"))]
    max_body: Option<Size>,
    /// Events in one batch, 1 to 10,000.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 100))]
    max_batch: Option<u32>,
    /// Concurrent followers of `GET /v1/events/stream`.
    #[schemars(range(max = 65_536), extend("default" = 256))]
    max_streams: Option<u32>,
    /// Concurrent connections. Beyond it, a new connection replaces the one that has been idle longest.
    #[schemars(range(min = 1, max = 65_536), extend("default" = 1024))]
    max_connections: Option<u32>,
    /// The deadline for a request's head.
    #[schemars(extend("default" = "10s"))]
    header_timeout: Option<Duration>,
    /// The deadline for a request's body, which must arrive at 1 KiB a second or more.
    #[schemars(extend("default" = "30s"))]
    body_timeout: Option<Duration>,
    /// A client that reads nothing of its response for this long is disconnected.
    #[schemars(extend("default" = "30s"))]
    write_timeout: Option<Duration>,
    /// How long a shutdown waits for attempts in flight. The next start repeats the others.
    #[schemars(extend("default" = "30s"))]
    drain: Option<Duration>,
}

/// An access token.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Token {
    /// The name that the log, the audit trail and the dashboard show.
    name: Name,
    /// The SHA-256 of the token, 64 hexadecimal digits. The token itself is never in the file.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    sha256: String,
    /// What it may do; see below.
    #[schemars(length(min = 1))]
    scopes: Vec<TokenScope>,
    /// The sources that it may publish from: exact, or up to a final `*`. Default: any.
    #[schemars(length(min = 1))]
    sources: Option<Vec<String>>,
    /// The types that it may publish, exact or patterns as in a filter. Default: any.
    #[schemars(length(min = 1))]
    types: Option<Vec<TypePattern>>,
    /// The channels that it may see and operate. Default: all.
    #[schemars(length(min = 1))]
    channels: Option<Vec<Name>>,
    /// Requests per period: `"100/s"`, `"5000/h"`, which may all come at once. Beyond the rate, the response is 429
    /// with `Retry-After`. A batch is one request. Requests that the scopes refuse do not count.
    rate: Option<PerTime>,
    /// When it expires: a time with its zone.
    expires: Option<Moment>,
}

#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum TokenScope {
    Publish,
    Read,
    Operate,
    Admin,
}

/// Files in PEM.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tls {
    /// The certificate with its chain.
    cert: String,
    /// Its key, not encrypted.
    key: String,
    /// The authorities that sign clients' certificates.
    client_ca: Option<String>,
}

/// The durable record of events.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Journal {
    /// The journal file, with `-wal` and `-shm` beside it. One daemon at a time.
    #[schemars(extend("default" = "data/journal.db"))]
    path: Option<String>,
    /// How long an event is kept once all its deliveries have settled; `"forever"` keeps it. At least a minute.
    #[schemars(extend("default" = "7d"))]
    retention: Option<Or<Duration, Forever>>,
    /// The same for dead letters, and for the events they belong to.
    #[schemars(extend("default" = "30d"))]
    dead_letter_retention: Option<Or<Duration, Forever>>,
    /// The same for the acts of the [audit trail](access.md#the-audit-trail).
    #[schemars(extend("default" = "90d"))]
    audit_retention: Option<Or<Duration, Forever>>,
    /// Maximum length of a chain of emitted events, each caused by the one before, 1 to 100.
    #[schemars(range(min = 1, max = 100), extend("default" = 16))]
    max_hops: Option<u32>,
}

/// Where plugins are, and how they are compiled.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Plugins {
    /// The plugins folder. Every `<name>.wasm` in it is a plugin of at most 32 MiB; `<name>.toml` beside it is its
    /// sidecar.
    #[schemars(extend("default" = "plugins"))]
    dir: Option<String>,
    /// Whether a file that no channel names becomes a channel of the same name. With `false` it waits as
    /// `unconfigured`.
    #[schemars(extend("default" = true))]
    auto: Option<bool>,
    /// Compiled code. It runs as native code, so the folder must be closed to others (0700). You can delete it at any
    /// time.
    #[schemars(extend("x-fanfare-default" = "`cache` beside the journal"))]
    cache: Option<String>,
    /// Address space of the process that compiles a plugin, at least 128 MiB.
    #[schemars(extend("default" = "4GiB"))]
    compile_memory: Option<Size>,
    /// CPU time of that process over all cores. The wall clock may be two and a half times that.
    #[schemars(extend("default" = "2m"))]
    compile_time: Option<Duration>,
}

/// A plugin that events pass before they go to channels.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stage {
    /// Its name in history, metrics and messages.
    name: Name,
    /// A file in `plugins.dir`, or `"builtin:<name>"`.
    #[schemars(extend("x-fanfare-default" = "the name"))]
    plugin: Option<String>,
    /// Which events pass it, by type patterns.
    #[schemars(length(min = 1, max = 200), extend("x-fanfare-default" = "all"))]
    types: Option<Vec<TypePattern>>,
    /// A condition that events must meet too, in CEL.
    when: Option<Condition>,
    /// When the stage fails, `"reject"` rejects the event, and `"pass"` lets it continue unchanged.
    #[schemars(extend("default" = "reject"))]
    on_error: Option<OnError>,
    /// Wall-clock time for one event.
    #[schemars(extend("default" = "1s"))]
    timeout: Option<Duration>,
    /// Fuel for one event.
    #[schemars(extend("default" = 1_000_000_000))]
    fuel: Option<u64>,
    /// All linear memories for one event together.
    #[schemars(extend("default" = "64MiB"))]
    memory: Option<Size>,
    /// Events that it processes concurrently.
    #[schemars(extend("default" = 16))]
    concurrency: Option<u32>,
    /// How many events one instance serves.
    #[schemars(extend("x-fanfare-default" = "none"))]
    reuse: Option<u32>,
    /// As for a channel.
    settings: Option<BTreeMap<String, Value>>,
    /// As for a channel.
    secrets: Option<BTreeMap<String, Secret>>,
    /// As for a channel, except `emit`.
    grant: Option<Grant>,
}

#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum OnError {
    Reject,
    Pass,
}

/// The schema of an event type's data.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EventSchema {
    /// The file with the JSON Schema. It is part of the configuration: changes take effect, and mistakes are reported
    /// like those in `config.toml`.
    file: String,
    /// `"reject"` rejects an event that does not match; `"warn"` accepts, counts and logs it.
    #[schemars(extend("default" = "reject"))]
    mode: Option<Mode>,
    /// Applies only to events with this `dataschema`.
    #[schemars(extend("x-fanfare-default" = "any"))]
    dataschema: Option<String>,
}

#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Mode {
    Reject,
    Warn,
}

/// Whom events are for, and what they want.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Recipients {
    /// A TOML or JSON file of at most 64 MiB, or a folder of such files. It is part of the configuration, like the
    /// schema files.
    file: Option<String>,
    /// `{ locale, quiet, channels }` for recipients without a record, and for what a record leaves out.
    defaults: Option<RecipientDefaults>,
    /// A condition. Events that meet it ignore preferences and recipients' quiet hours.
    except: Option<Condition>,
}

/// What applies to recipients without preferences of their own.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RecipientDefaults {
    /// A language tag: `"pt-BR"`.
    locale: Option<String>,
    quiet: Option<Or<Quiet, Vec<Quiet>>>,
    /// What recipients want of each channel: `{ email = { off = ["promo.*"] } }`.
    channels: Option<BTreeMap<Name, Value>>,
}

/// A text for people.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Template {
    /// One line, for channels that have a subject.
    subject: Option<String>,
    /// Plain text.
    text: Option<String>,
    /// HTML; inserted values are escaped.
    html: Option<String>,
    /// The subject in a separate file; `{locale}` in its name stands for a language.
    subject_file: Option<String>,
    /// The text in a separate file, in the same way.
    file: Option<String>,
    /// The HTML in a separate file, in the same way.
    html_file: Option<String>,
    /// The same keys for a language: `[templates.welcome.locales.de]`.
    locales: Option<BTreeMap<String, LocaleTexts>>,
}

/// The texts of a template in one language.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LocaleTexts {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
    subject_file: Option<String>,
    file: Option<String>,
    html_file: Option<String>,
}

/// Sends traces to an OpenTelemetry collector. Environment variables of OpenTelemetry are defaults of its keys.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Telemetry {
    /// Whether traces are sent.
    #[schemars(extend("x-fanfare-default" = "`true`, unless `OTEL_SDK_DISABLED` is `true`"))]
    enabled: Option<bool>,
    /// The collector's address, `"http://127.0.0.1:4318"`. Spans go to `/v1/traces` below it, as protobuf.
    #[schemars(extend("x-fanfare-default" = "`OTEL_EXPORTER_OTLP_ENDPOINT`; one of the two is required"))]
    endpoint: Option<String>,
    /// A file with the certificates of the authorities to trust for an `https` endpoint, in PEM.
    #[schemars(extend("x-fanfare-default" = "the public authorities"))]
    ca: Option<String>,
    /// Headers of each request: `{ authorization = "env:COLLECTOR_TOKEN" }`. A value may name a secret, `"env:NAME"`,
    /// `"file:PATH"` or `"credential:NAME"`. Those of the variable are added unless they are here.
    #[schemars(extend("x-fanfare-default" = "`OTEL_EXPORTER_OTLP_HEADERS`"))]
    headers: Option<BTreeMap<String, String>>,
    /// The share of the traces that begin here and are sampled, 0.0 to 1.0. A publisher's own decision takes
    /// precedence.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 1.0))]
    sample: Option<f64>,
    /// The `service.name` of the spans.
    #[schemars(extend("x-fanfare-default" = "`OTEL_SERVICE_NAME`, otherwise `\"fanfare\"`"))]
    service_name: Option<String>,
    /// More attributes of the resource: `{ "deployment.environment.name" = "production" }`. Those of the variable
    /// are added unless they are here.
    #[schemars(extend("x-fanfare-default" = "`OTEL_RESOURCE_ATTRIBUTES`"))]
    attributes: Option<BTreeMap<String, String>>,
    /// The timeout of one request to the collector, 10ms to 1m.
    #[schemars(extend("default" = "10s"))]
    timeout: Option<Duration>,
    /// The most spans that wait to be sent. Beyond it, spans are dropped and counted.
    #[schemars(extend("default" = 4_096))]
    queue: Option<u32>,
}
