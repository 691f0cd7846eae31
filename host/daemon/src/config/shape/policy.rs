//! The keys of a policy.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::words::{Condition, Duration, Key, NoneWord, Or, PerTime, Size, TimeOfDay, TypePattern};

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
    /// instance, except with `builtin:webhook`, whose sidecar has `reuse = 1000`; `reuse = 0` undoes that.
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
    /// When to stop attempts because the receiver keeps failing: `{ failures = 5, open = "60s", probes = 1 }`, or by
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

/// Stops attempts while a receiver keeps failing. Needs `failures` or `ratio`.
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
    /// The days on which the hours begin.
    #[schemars(length(min = 1))]
    days: Option<Vec<Day>>,
    /// Events that are delivered anyway.
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
