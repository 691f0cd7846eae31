//! The shape of `config.toml` and of sidecars as types, for editors and for the reference in docs/config.md: `fanfare
//! config schema` prints the JSON Schema that is generated from them.
//!
//! A file is not read through these types, because [`reader`](super::reader) reports every mistake at its place, and
//! says more than a schema can. Tests hold each to the other: both know the same keys, whatever the reader accepts is
//! valid, and the tables in docs/config.md are these comments. A default or a limit that is a sentence, and not a
//! value, is in `x-fanfare-default` and `x-fanfare-sidecar`.
#![allow(dead_code, reason = "the types are read by the derived schemas alone")]

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema, transform::RecursiveTransform,
};
use serde_json::Value;

/// The JSON Schema of `config.toml`.
#[must_use]
pub fn config_schema() -> Value {
    schema_of::<ConfigFile>()
}

/// The JSON Schema of a sidecar.
#[must_use]
pub fn sidecar_schema() -> Value {
    schema_of::<SidecarFile>()
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(without_null))
        .with_transform(RecursiveTransform(on_one_line));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// TOML has no null: a key that is not set is absent.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    let Some(Value::Array(parts)) = object.get_mut("anyOf") else { return };
    let before = parts.len();
    parts.retain(|part| part.get("type").is_none_or(|name| name != "null"));
    // What is left of an optional reference is the reference, which may have other members beside it.
    if let [Value::Object(part)] = parts.as_slice()
        && before == 2
    {
        let part = part.clone();
        object.remove("anyOf");
        for (key, value) in part {
            object.entry(key).or_insert(value);
        }
    }
}

/// Comments are broken into lines for people who read the source.
fn on_one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n");
    }
}

/// A type that is written as text.
macro_rules! text {
    ($(#[doc = $doc:literal])* $name:ident, $pattern:literal, [$($example:literal),*]) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "examples": [$($example),*] })
            }
        }
    };
}

text!(
    /// A number and its unit.
    Duration, r"^ *([0-9]+(\.[0-9]+)? *[a-zµ]+ *,? *)+$", ["200ms", "30s", "5m", "24h", "7d"]
);
text!(
    /// Bytes: powers of 1024, or of 1000.
    Size, "^[0-9]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)$", ["512KiB", "64MiB", "1MB"]
);
text!(
    /// The name of a channel or a stage.
    Name, "^[a-z0-9][a-z0-9_-]{0,62}$", ["webhook"]
);
text!(
    /// An event type, or a pattern of types.
    TypePattern, r"^\S+$", ["user.signup", "user.*", "order.>"]
);
text!(
    /// A condition in CEL.
    Condition, ".", ["event.severity != 'debug'"]
);
text!(
    /// An attribute of the event, or a CEL expression.
    Key, ".", ["subject", "data.account.id"]
);
text!(
    /// A number per second, minute, hour or day.
    PerTime, "/", ["100/min", "10/s"]
);
text!(
    /// Where a secret is. The file never contains the secret itself.
    Reference, "^(env|file|credential):.", ["env:WEBHOOK_SECRET", "file:/run/secrets/webhook"]
);
/// A time with its zone, as text or as a date of TOML.
#[derive(Debug)]
pub struct Moment;

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Editors see a TOML date as text; as JSON it may be an object.
        json_schema!({ "type": ["string", "object"], "examples": ["2027-01-01T00:00:00Z"] })
    }
}

text!(
    /// A time of day.
    TimeOfDay, "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", ["22:00"]
);
text!(
    /// Removes what a layer below has set.
    NoneWord, "^none$", ["none"]
);
text!(
    /// Keeps forever.
    Forever, "^forever$", ["forever"]
);

/// One form or another.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Or<A, B> {
    One(A),
    Other(B),
}

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

impl JsonSchema for SidecarFile {
    fn schema_name() -> Cow<'static, str> {
        "SidecarFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = with_policy(Sidecar::json_schema(generator), generator);
        schema.insert("title".to_owned(), "A plugin's sidecar".into());
        schema
    }
}

/// What `<name>.toml` beside `<name>.wasm` contains: policies, and [`Sidecar`].
#[derive(Debug)]
pub struct SidecarFile;

/// The HTTP interface.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Server {
    /// Address and port of the HTTP interface. Loopback only, unless there are tokens.
    #[schemars(extend("default" = "127.0.0.1:8080"))]
    listen: Option<String>,
    /// Who may make which call: tables of `[[server.tokens]]`, see [access.md](access.md). Without any, whoever can
    /// connect may do everything.
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
    /// Concurrent connections. For another one, the longest idle connection is closed.
    #[schemars(range(min = 1, max = 65_536), extend("default" = 1024))]
    max_connections: Option<u32>,
    /// Time for the head of a request to arrive.
    #[schemars(extend("default" = "10s"))]
    header_timeout: Option<Duration>,
    /// Time for its body to arrive, at 1 KiB a second or more.
    #[schemars(extend("default" = "30s"))]
    body_timeout: Option<Duration>,
    /// A client that reads nothing of its response for this long is disconnected.
    #[schemars(extend("default" = "30s"))]
    write_timeout: Option<Duration>,
    /// Time for attempts in flight to end at a stop. The rest is attempted again at the next start.
    #[schemars(extend("default" = "30s"))]
    drain: Option<Duration>,
}

/// An access token.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Token {
    /// Who it is: in the log, in the audit trail, on the dashboard.
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
    /// Requests in a period: `"100/s"`, `"5000/h"`. As many may come at once. Beyond it the response is 429 with
    /// `Retry-After`. A batch is one request.
    rate: Option<PerTime>,
    /// When it ends, a time with its zone.
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

/// How deliveries are made.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Policy {
    /// Wall-clock time of one attempt, including network and host calls.
    #[schemars(extend("default" = "10s", "x-fanfare-sidecar" = "5m"))]
    timeout: Option<Duration>,
    /// Attempts after the first. Permanent failures (`rejected`, `denied`) are not retried.
    #[schemars(extend("default" = 2, "x-fanfare-sidecar" = "100"))]
    retries: Option<u32>,
    /// The waits between attempts: `{ initial = "1s", factor = 2.0, max = "60s", jitter = 0.2 }`, or `{ schedule =
    /// ["5s", "5m", "30m"], jitter = 0.2 }`. A receiver's `Retry-After` applies if it is longer, up to 24 hours.
    #[schemars(extend("x-fanfare-default" = "1s, doubling, at most 60s"))]
    backoff: Option<Backoff>,
    /// Fuel of one attempt, about one unit per instruction, and 200 more per host call.
    #[schemars(extend("default" = 1_000_000_000, "x-fanfare-sidecar" = "20,000,000,000"))]
    fuel: Option<u64>,
    /// All linear memories of one attempt together, at most 1 GiB.
    #[schemars(extend("default" = "64MiB", "x-fanfare-sidecar" = "256MiB"))]
    memory: Option<Size>,
    /// Concurrent attempts of the channel.
    #[schemars(extend("default" = 16, "x-fanfare-sidecar" = "64"))]
    concurrency: Option<u32>,
    /// How many attempts one instance serves (kinds `channel` and `http-channel`). By default each attempt has a fresh
    /// instance.
    #[schemars(extend("x-fanfare-default" = "none", "x-fanfare-sidecar" = "10,000"))]
    reuse: Option<u32>,
    /// A delivery that takes longer becomes a dead letter without another attempt.
    #[schemars(extend("x-fanfare-default" = "never"))]
    expires: Option<Duration>,
    /// The attribute to order by: of the events with the same value, the next is attempted when the previous one has
    /// settled. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    order: Option<String>,
    /// Which events the channel gets. An event must pass every key in it. It replaces the filter of the layer below;
    /// `{}` removes that.
    #[schemars(extend("x-fanfare-default" = "every event"))]
    filter: Option<Filter>,
    /// When to stop attempts because the receiver is in trouble: `{ failures = 5, open = "60s", probes = 1 }`, or by
    /// share `{ ratio = 0.5, of = 20, open = "60s", probes = 1 }` (`of` defaults to 20). `failures` is at most 10,000,
    /// `of` 1,000, `open` from 100ms to 24h, `probes` at most 64. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    breaker: Option<Or<Breaker, NoneWord>>,
    /// How often the channel may attempt: `"100/min"` (per second `s`, minute `min`, hour `h` or day `d`), or `{ limit
    /// = "10/s", burst = 20 }` to allow a burst after a quiet time (`sec`, `second`, `m`, `minute`, `hour` and `day`
    /// work too). At most 1,000,000 per period, and a burst of 100,000. With `per = "subject"`, an attribute or a CEL
    /// expression, each value has that rate. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    rate: Option<Or<PerTime, Or<Rate, NoneWord>>>,
    /// What is attempted together: `{ max = 100, linger = "200ms", bytes = "1MiB", per = "subject" }`. `max` is 1 to
    /// 1000, `linger` 1ms to 7d, `bytes` 1KiB to 16MiB; the values shown are the defaults, `per` has none. The plugin
    /// must support batches; `fanfare plugin inspect` says whether it does. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    batch: Option<Or<Batch, NoneWord>>,
    /// The channel's share of the guests' threads when they are busy, from -10 to 10; each step is a quarter more.
    /// `{ lane = 0, first = "event.severity == 'critical'" }` also lets events that meet the condition go ahead of the
    /// channel's backlog.
    #[schemars(extend("default" = 0, "x-fanfare-sidecar" = "0"))]
    priority: Option<Or<Lane, Priority>>,
    /// Sends [`fanfare.channel.lagging`](system-events.md) when a delivery has been due for this long, at least 1s.
    /// `"none"`: never.
    #[schemars(extend("default" = "5m"))]
    lagging_after: Option<Or<Duration, NoneWord>>,
    /// How long every delivery waits before its first attempt, at most 30 days.
    #[schemars(extend("x-fanfare-default" = "none"))]
    delay: Option<Duration>,
    /// When nothing is attempted: `{ from = "22:00", to = "07:00", zone = "Europe/Berlin", days = ["mon", "tue"],
    /// except = "event.severity == 'critical'" }`, or a list of up to 16 such tables. `zone` is a time zone name,
    /// `days` are the days on which it begins (default: all), `except` is a condition. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    quiet: Option<Or<Quiet, Or<Vec<Quiet>, NoneWord>>>,
    /// Deliver one event per key and window: `{ per = "data.alert_id", within = "10m" }`. `per` is an attribute or a
    /// CEL expression, `within` 1s to 30 days. `last = true` delivers the last of the window instead of the first, and
    /// cannot be combined with `order`. `"none"` removes a default.
    #[schemars(extend("x-fanfare-default" = "none"))]
    once: Option<Or<Once, NoneWord>>,
}

/// From -10 to 10.
#[derive(Debug, JsonSchema)]
pub struct Lane(#[schemars(range(min = -10, max = 10))] i32);

/// Growing waits, or a list of all of them.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Backoff {
    #[schemars(extend("default" = "1s"))]
    initial: Option<Duration>,
    #[schemars(extend("default" = 2.0))]
    factor: Option<f64>,
    #[schemars(extend("default" = "60s"))]
    max: Option<Duration>,
    /// All waits, one after the other; the last one repeats.
    schedule: Option<Vec<Duration>>,
    /// The random part of each wait.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 0.2))]
    jitter: Option<f64>,
}

/// Which events; each key must let an event through.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Filter {
    /// Patterns. The event's type must match one: `["user.*", "order.>"]`. `*` matches one part between dots, a final
    /// `>` one or more. [System events](system-events.md) need a pattern that begins with `fanfare.`, which a sidecar
    /// may not have.
    #[schemars(length(min = 1, max = 200))]
    types: Option<Vec<TypePattern>>,
    /// A condition in [CEL](https://cel.dev): `"event.severity != 'debug' && data.amount > 100"`.
    when: Option<Condition>,
    /// Attributes that must equal a text: `{ source = "/shop" }`.
    exact: Option<BTreeMap<String, String>>,
    /// Attributes that must begin with a text.
    prefix: Option<BTreeMap<String, String>>,
    /// Attributes that must end with a text.
    suffix: Option<BTreeMap<String, String>>,
    /// Expressions that must all match.
    #[schemars(length(min = 1))]
    all: Option<Vec<Expression>>,
    /// Expressions of which one must match: `any = [{ exact = { type = "a" } }, { prefix = { subject = "vip-" } }]`.
    #[schemars(length(min = 1))]
    any: Option<Vec<Expression>>,
    /// An expression that must not match.
    not: Option<Expression>,
}

/// Comparisons of attributes, as in CloudEvents Subscriptions.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Expression {
    exact: Option<BTreeMap<String, String>>,
    prefix: Option<BTreeMap<String, String>>,
    suffix: Option<BTreeMap<String, String>>,
    #[schemars(length(min = 1))]
    all: Option<Vec<Expression>>,
    #[schemars(length(min = 1))]
    any: Option<Vec<Expression>>,
    not: Option<Box<Expression>>,
}

/// Stops attempts while a receiver is in trouble. It needs `failures`, or `ratio`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row.
    #[schemars(range(min = 1, max = 10_000))]
    failures: Option<u32>,
    /// The share of the last attempts that failed.
    #[schemars(range(max = 1.0))]
    ratio: Option<f64>,
    /// How many of the last attempts `ratio` looks at.
    #[schemars(range(min = 1, max = 1_000), extend("default" = 20))]
    of: Option<u32>,
    /// How long nothing is attempted.
    #[schemars(extend("default" = "60s"))]
    open: Option<Duration>,
    /// Attempts that must succeed before it closes.
    #[schemars(range(min = 1, max = 64), extend("default" = 1))]
    probes: Option<u32>,
}

/// A limit with a burst, or per value of a key.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rate {
    limit: PerTime,
    #[schemars(range(min = 1, max = 100_000), extend("default" = 1))]
    burst: Option<u32>,
    /// Each value of this key has the rate.
    per: Option<Key>,
}

/// What is attempted together.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Batch {
    /// A batch closes at this number of deliveries.
    #[schemars(range(min = 1, max = 1_000), extend("default" = 100))]
    max: Option<u32>,
    /// A batch closes this long after its first event was accepted.
    #[schemars(extend("default" = "200ms"))]
    linger: Option<Duration>,
    /// A batch closes at this many bytes of data.
    #[schemars(extend("default" = "1MiB"))]
    bytes: Option<Size>,
    /// Each value has its own batches: an attribute (`"subject"`) or an expression (`"data.account.id"`). An event
    /// without a value is a batch of its own. Must differ from `order`.
    per: Option<Key>,
}

/// The channel's share, and which events go ahead.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Priority {
    #[schemars(extend("default" = 0))]
    lane: Option<Lane>,
    /// Events that go ahead of the channel's backlog.
    first: Option<Condition>,
}

/// Hours in which nothing is attempted.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Quiet {
    from: TimeOfDay,
    to: TimeOfDay,
    /// The name of a time zone: `"Europe/Berlin"`.
    zone: String,
    /// The days on which they begin.
    #[schemars(length(min = 1))]
    days: Option<Vec<Day>>,
    /// Events that are delivered all the same.
    except: Option<Condition>,
}

#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// One event per key and window.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Once {
    per: Key,
    within: Duration,
    /// Deliver the last event of the window instead of the first.
    #[schemars(extend("default" = false))]
    last: Option<bool>,
}

/// A channel: policies, and [`ChannelKeys`].
#[derive(Debug)]
pub struct Channel;

impl JsonSchema for Channel {
    fn schema_name() -> Cow<'static, str> {
        "Channel".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        with_policy(ChannelKeys::json_schema(generator), generator)
    }
}

/// The keys of a table, and those of a policy.
fn with_policy(mut schema: Schema, generator: &mut SchemaGenerator) -> Schema {
    let policy = Policy::json_schema(generator);
    let keys = policy.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(Value::Object(own)) = schema.get_mut("properties") {
        own.extend(keys);
    }
    schema
}

/// One channel.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChannelKeys {
    /// Channels of this file, at most 8. What this channel cannot deliver goes to the first of them that has not had
    /// it. A channel that is named here and has no `filter` gets nothing else.
    #[schemars(length(max = 8))]
    fallback: Option<Vec<Name>>,
    /// The fallback also gets what this channel has not delivered after this long, from 1s to 30 days, whatever the
    /// reason.
    fallback_after: Option<Duration>,
    /// `"builtin:<name>"` for a plugin that comes with Fanfare (`log`, `webhook`, `audit`, `metrics`), or the name of a
    /// file in `plugins.dir` without `.wasm`. Default: the channel's own name.
    plugin: Option<String>,
    /// What the plugin reads, nested as needed. Merged key by key over the sidecar's settings; a list replaces a list.
    /// `"${secrets.NAME}"` in a text refers to a secret.
    settings: Option<BTreeMap<String, Value>>,
    /// `{ NAME = { from = "env:VARIABLE", hosts = ["api.example.com"] } }`. The guest reads a placeholder, and the host
    /// fills in the value in requests to these hosts. `body = true` allows it in bodies, `plain = true` over `http://`
    /// to other machines.
    secrets: Option<BTreeMap<String, Secret>>,
    /// `{ scheme = "standard-webhooks", secrets = ["env:WEBHOOK_SECRET"] }`, for plugins of the kind `http-channel`.
    /// With two keys both sign, so that a receiver can rotate.
    sign: Option<Sign>,
    /// What the plugin may reach. By default, nothing:
    grant: Option<Grant>,
}

/// A secret that the guest uses and never sees.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Secret {
    from: Reference,
    /// The hosts that it may be sent to.
    hosts: Vec<String>,
    /// Whether it may be used in bodies.
    #[schemars(extend("default" = false))]
    body: Option<bool>,
    /// Whether it may be sent over `http://` to other machines.
    #[schemars(extend("default" = false))]
    plain: Option<bool>,
}

/// How requests are signed.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sign {
    scheme: Scheme,
    #[schemars(length(min = 1))]
    secrets: Vec<Reference>,
}

#[derive(Debug, JsonSchema)]
pub enum Scheme {
    #[schemars(rename = "standard-webhooks")]
    StandardWebhooks,
}

/// What a plugin may reach.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Grant {
    /// Hosts, optionally with port, method and path: `"example.com"`, `"*.slack.com"`, `"127.0.0.1:9000"`, `"POST
    /// api.example.com/v1/"`.
    http: Option<Vec<String>>,
    /// For `wasi:sockets`: hosts with a port, `"smtp.example.com:587"`.
    tcp: Option<Vec<String>>,
    /// Folders: `{ host = "data/audit", guest = "/audit", write = true }`.
    files: Option<Vec<Folder>>,
    /// Types of events it may emit, or patterns: `"inventory.*"` matches one part between dots, `"alarm.>"` one or
    /// more.
    emit: Option<Vec<TypePattern>>,
    /// `true` lets granted names resolve to private and loopback addresses. A granted address, or `localhost`, does not
    /// need it.
    private_network: Option<bool>,
}

/// A folder of this machine that a guest sees.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Folder {
    host: String,
    #[schemars(regex(pattern = "^/"))]
    guest: String,
    #[schemars(extend("default" = false))]
    write: Option<bool>,
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
    /// A further condition, in CEL.
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
    /// Events in it at the same time.
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

/// What the data of an event type is like.
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

/// What applies to recipients who say nothing else.
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

/// Sends traces to an OpenTelemetry collector.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Telemetry {
    /// The collector's address, `"http://127.0.0.1:4318"`. Spans go to `/v1/traces` below it, as protobuf. Required.
    endpoint: String,
    /// Headers of each request: `{ authorization = "env:COLLECTOR_TOKEN" }`. A value may name a secret, `"env:NAME"`,
    /// `"file:PATH"` or `"credential:NAME"`.
    headers: Option<BTreeMap<String, String>>,
    /// The share of the traces beginning here that is sampled, 0.0 to 1.0. A publisher's own decision counts.
    #[schemars(range(min = 0.0, max = 1.0), extend("default" = 1.0))]
    sample: Option<f64>,
    /// The `service.name` of the spans.
    #[schemars(extend("default" = "fanfare"))]
    service_name: Option<String>,
    /// For one request to the collector, 10ms to 1m.
    #[schemars(extend("default" = "10s"))]
    timeout: Option<Duration>,
    /// Spans that wait to be sent. When it is full, spans are dropped and counted.
    #[schemars(extend("default" = 4_096))]
    queue: Option<u32>,
}

/// What a sidecar contains besides policies.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sidecar {
    /// The plugin's own settings, which the operator's are merged over.
    settings: Option<BTreeMap<String, Value>>,
    /// A JSON Schema of the settings, checked for every channel that runs the plugin. No references, at most 64 KiB and
    /// 32 regular expressions. `x-fanfare-grant` in it says what must be granted (below).
    schema: Option<BTreeMap<String, Value>>,
    /// Deliveries that the plugin must pass before it goes live: `[[tests]]` with `event`, `settings`, `answers` to its
    /// requests, and `expect`. They send nothing, and may take 20 s in total.
    #[schemars(length(max = 100))]
    tests: Option<Vec<SelfTest>>,
}

/// A delivery that the plugin must pass before it goes live.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SelfTest {
    /// As in `POST /v1/events`.
    event: BTreeMap<String, Value>,
    settings: Option<BTreeMap<String, Value>>,
    /// Responses to the plugin's requests, one after the other.
    answers: Option<Vec<Answer>>,
    /// `"delivered"`, what a stage does, a class of failure, or a code.
    #[schemars(extend("default" = "delivered"))]
    expect: Option<String>,
}

/// A response to a request of a self-test.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Answer {
    method: Option<String>,
    url: Option<String>,
    status: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
}
