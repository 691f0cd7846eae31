//! A channel: policies, its plugin, and what the plugin may do.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{
    policy::Policy,
    words::{Duration, Name, Reference, TypePattern},
};

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
pub(super) fn with_policy(mut schema: Schema, generator: &mut SchemaGenerator) -> Schema {
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
    /// At most 8 channels of this file. An event that this channel cannot deliver goes to the first of them that has
    /// not had it. A channel that is named here and has no `filter` gets no other events.
    #[schemars(length(max = 8))]
    fallback: Option<Vec<Name>>,
    /// The fallback also gets an event that this channel has not delivered after this long, from 1s to 30 days, for
    /// whatever reason.
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
    /// What the plugin may reach; nothing by default:
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
