//! Every route in one table. The router and the OpenAPI document are built from it.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, post, put};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{
    audit, cancel, channel_actions, channels, config, dead_letters, deliveries, description, events, explain, health,
    idempotency, metrics, plugins, prefer,
    problem::Kind::{self, *},
    publish,
    query::Parameter,
    recipients, replays, schemas, series, session, stages, stats, stream,
};
use crate::{access::Scope, api, daemon::Daemon};

/// One route.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// The operation's name in clients generated from the OpenAPI document. Stable.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// The scope that a caller's token must have. `None`: no token is needed.
    pub(super) scope: Option<Scope>,
    /// The call concerns the whole daemon, so tokens bound to channels may not make it.
    pub(super) whole: bool,
    pub(super) query: &'static [Parameter],
    pub(super) headers: &'static [Parameter],
    pub(super) body: Option<Body>,
    /// The responses. docs/http.md shows the first.
    pub(super) answers: &'static [Answer],
    /// The problems in addition to [`EVERYWHERE`].
    pub(super) problems: &'static [&'static [Kind]],
    pub(super) handler: fn() -> MethodRouter<Arc<Daemon>>,
}

pub(super) struct Body {
    pub(super) required: bool,
    /// The schemas by media type.
    pub(super) forms: &'static [(&'static str, SchemaOf)],
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) what: &'static str,
    /// The media type and the schema. `None`: no body.
    pub(super) content: Option<(&'static str, SchemaOf)>,
}

/// The schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

const JSON: &str = "application/json";

/// The problems that every call may return.
pub(super) const EVERYWHERE: &[Kind] = &[Malformed, CrossOrigin, MisdirectedHost, Internal, ShuttingDown];

/// The problems that every call with a scope may return.
pub(super) const GUARDED: &[Kind] = &[Unauthorized, Forbidden, RateLimited];

const QUERY: &[Kind] = &[BadParameter];
const JOURNAL: &[Kind] = &[JournalDamaged, JournalUnavailable];
const PAGE: &[Kind] = &[TooMuchUnread];
const BODY: &[Kind] =
    &[BodyTimeout, BodyTooLarge, UnsupportedMediaType, UnsupportedEncoding, UnsupportedTransferCoding];
const COMMAND: &[Kind] = &[BadParameter, InvalidRequest];
const TAKEN: &[Kind] = &[ChannelsUnavailable, JournalBusy, JournalUnavailable];

const fn json<T: JsonSchema>(status: u16, what: &'static str) -> Answer {
    Answer { status, what, content: Some((JSON, of::<T>)) }
}

const fn ok<T: JsonSchema>(what: &'static str) -> Answer {
    json::<T>(200, what)
}

const DONE: Answer = Answer { status: 204, what: "It is done.", content: None };

const fn text(what: &'static str, media: &'static str) -> Answer {
    Answer { status: 200, what, content: Some((media, any_text)) }
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn any_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": true })
}

/// The result of an event, or of each event of a batch.
fn results(generator: &mut SchemaGenerator) -> Schema {
    let one = generator.subschema_for::<api::EventResult>();
    json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
}

fn simple_or_structured(generator: &mut SchemaGenerator) -> Schema {
    let (simple, structured) =
        (generator.subschema_for::<api::NewEvent>(), generator.subschema_for::<api::CloudEvent>());
    json_schema!({ "anyOf": [simple, structured] })
}

fn event_or_nothing(generator: &mut SchemaGenerator) -> Schema {
    let (simple, nothing) = (generator.subschema_for::<api::NewEvent>(), generator.subschema_for::<api::Nothing>());
    json_schema!({ "anyOf": [simple, nothing] })
}

/// A command: a JSON object. It is optional if all its members have defaults.
const fn command<T: JsonSchema>(required: bool) -> Option<Body> {
    Some(Body { required, forms: const { &[(JSON, of::<T> as SchemaOf)] } })
}

/// The common defaults; a route overrides what differs.
const PLAIN: Route = Route {
    method: "GET",
    path: "",
    id: "",
    summary: "",
    scope: Some(Scope::Read),
    whole: false,
    query: &[],
    headers: &[],
    body: None,
    answers: &[],
    problems: &[],
    handler: MethodRouter::new,
};

/// docs/http.md has a section per route; a test compares the two.
pub(super) static ROUTES: &[Route] = &[
    Route {
        path: "/",
        id: "index",
        summary: "The calls as text; the dashboard for a browser",
        scope: None,
        answers: &[text("A line for each call. Where `Accept` names `text/html`: the dashboard.", "text/plain")],
        handler: || get(super::index),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/events",
        id: "publishEvent",
        summary: "Record an event, or a batch of them, and wait for its channels",
        scope: Some(Scope::Publish),
        headers: &[prefer::PARAMETER, idempotency::PARAMETER, publish::TRACEPARENT, publish::TRACESTATE],
        body: Some(Body {
            required: true,
            forms: &[
                (JSON, simple_or_structured),
                ("application/cloudevents+json", of::<api::CloudEvent>),
                ("application/cloudevents-batch+json", of::<api::EventBatch>),
            ],
        }),
        answers: &[
            Answer {
                status: 200,
                what: "Every channel has ended. Of a batch: a list, in the order of the events.",
                content: Some((JSON, results)),
            },
            Answer {
                status: 202,
                what: "It is recorded, and something is pending. Of a batch: a list, in the order of the events.",
                content: Some((JSON, results)),
            },
        ],
        problems: &[
            BODY,
            TAKEN,
            &[JournalDamaged, BatchTooLarge, InvalidEvent, SchemaMismatch, StageRejected, StageUnavailable],
            &[IdentityConflict],
        ],
        handler: || post(publish::publish),
        ..PLAIN
    },
    Route {
        path: "/v1/events",
        id: "listEvents",
        summary: "Events with their results",
        query: &events::PARAMETERS,
        answers: &[ok::<api::Events>("A page of the history.")],
        problems: &[QUERY, JOURNAL, PAGE],
        handler: || get(events::list),
        ..PLAIN
    },
    Route {
        path: "/v1/events/stream",
        id: "followEvents",
        summary: "Events and results, live, as server-sent events",
        query: &stream::PARAMETERS,
        headers: &[stream::LAST_EVENT],
        answers: &[text(
            "Messages `event` (a ListedEvent), `settled` (a SettledDelivery) and `gap`, without end.",
            "text/event-stream",
        )],
        problems: &[QUERY, &[TooManyStreams]],
        handler: || get(stream::follow),
        ..PLAIN
    },
    Route {
        path: "/v1/events/{id}",
        id: "getEvent",
        summary: "One event, its result, and every attempt of every channel",
        query: &events::SOURCE,
        answers: &[ok::<api::Shown>("The event.")],
        problems: &[QUERY, JOURNAL, PAGE, &[EventNotFound]],
        handler: || get(events::show),
        ..PLAIN
    },
    Route {
        method: "DELETE",
        path: "/v1/events/{id}",
        id: "cancelEvent",
        summary: "Cancel a scheduled event before it is due",
        scope: Some(Scope::Operate),
        query: &events::SOURCE,
        answers: &[ok::<api::EventResult>("It is cancelled: its result.")],
        problems: &[QUERY, JOURNAL, &[EventNotFound, EventDue]],
        handler: || delete(cancel::cancel),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/explain",
        id: "explainEvent",
        summary: "Which channels an event would go to, and why not to the others; nothing is recorded",
        body: Some(Body {
            required: true,
            forms: &[(JSON, simple_or_structured), ("application/cloudevents+json", of::<api::CloudEvent>)],
        }),
        answers: &[ok::<api::Explained>("What would happen to it.")],
        problems: &[QUERY, BODY, JOURNAL, &[InvalidEvent, ChannelsUnavailable]],
        handler: || post(explain::explain),
        ..PLAIN
    },
    Route {
        path: "/v1/schemas",
        id: "listSchemas",
        summary: "Types of events, with counts, examples and schemas",
        query: &schemas::PARAMETERS,
        answers: &[ok::<api::Catalogue>("A page of types.")],
        problems: &[QUERY, JOURNAL, PAGE],
        handler: || get(schemas::list),
        ..PLAIN
    },
    Route {
        path: "/v1/schemas/{type}",
        id: "getSchema",
        summary: "One type of events, with its schemas and the newest event",
        answers: &[ok::<api::TypeShown>("The type.")],
        problems: &[QUERY, JOURNAL, PAGE, &[TypeNotFound]],
        handler: || get(schemas::show),
        ..PLAIN
    },
    Route {
        path: "/v1/recipients",
        id: "listRecipients",
        whole: true,
        summary: "Whom events are for, by subject",
        query: &recipients::PARAMETERS,
        answers: &[ok::<api::Recipients>("A page of recipients.")],
        problems: &[QUERY, PAGE],
        handler: || get(recipients::list),
        ..PLAIN
    },
    Route {
        path: "/v1/recipients/{subject}",
        id: "getRecipient",
        whole: true,
        summary: "One recipient",
        answers: &[ok::<api::Recipient>("The recipient.")],
        problems: &[QUERY, &[RecipientNotFound]],
        handler: || get(recipients::show),
        ..PLAIN
    },
    Route {
        method: "PUT",
        path: "/v1/recipients/{subject}",
        id: "setRecipient",
        summary: "Set a recipient, replacing the recorded one",
        scope: Some(Scope::Admin),
        body: command::<api::NewRecipient>(false),
        answers: &[
            json::<api::Recipient>(201, "It is set; nothing was set before."),
            ok::<api::Recipient>("It is set, replacing what was set before."),
        ],
        problems: &[COMMAND, BODY, JOURNAL, &[InvalidRecipient]],
        handler: || put(recipients::set),
        ..PLAIN
    },
    Route {
        method: "DELETE",
        path: "/v1/recipients/{subject}",
        id: "deleteRecipient",
        summary: "Delete a recipient that was set; what a file says applies again",
        scope: Some(Scope::Admin),
        answers: &[DONE],
        problems: &[QUERY, JOURNAL, &[RecipientNotFound]],
        handler: || delete(recipients::delete),
        ..PLAIN
    },
    Route {
        path: "/v1/dead-letters",
        id: "listDeadLetters",
        summary: "Dead letters: deliveries that ended undelivered",
        query: &dead_letters::PARAMETERS,
        answers: &[ok::<api::DeadLetters>("A page of dead letters.")],
        problems: &[QUERY, JOURNAL, PAGE],
        handler: || get(dead_letters::list),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/dead-letters/replay",
        id: "replayDeadLetters",
        summary: "Send dead letters again",
        scope: Some(Scope::Operate),
        body: command::<api::Selection>(true),
        answers: &[
            json::<api::Begun>(202, "A job works through them."),
            ok::<api::Begun>("A dry run: they were only counted."),
        ],
        problems: &[COMMAND, BODY, JOURNAL],
        handler: || post(dead_letters::replay),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/dead-letters/purge",
        id: "purgeDeadLetters",
        summary: "Delete dead letters",
        scope: Some(Scope::Admin),
        body: command::<api::Selection>(true),
        answers: &[
            json::<api::Begun>(202, "A job works through them."),
            ok::<api::Begun>("A dry run: they were only counted."),
        ],
        problems: &[COMMAND, BODY, JOURNAL],
        handler: || post(dead_letters::purge),
        ..PLAIN
    },
    Route {
        path: "/v1/dead-letters/{delivery}",
        id: "getDeadLetter",
        summary: "One dead letter, with its event and every attempt",
        answers: &[ok::<api::Letter>("The dead letter.")],
        problems: &[QUERY, JOURNAL, PAGE, &[DeadLetterNotFound]],
        handler: || get(dead_letters::show),
        ..PLAIN
    },
    Route {
        method: "DELETE",
        path: "/v1/dead-letters/{delivery}",
        id: "deleteDeadLetter",
        summary: "Delete one dead letter",
        scope: Some(Scope::Admin),
        answers: &[DONE],
        problems: &[QUERY, JOURNAL, &[DeadLetterNotFound]],
        handler: || delete(dead_letters::delete),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/replays",
        id: "beginReplay",
        summary: "Send events of the history again",
        scope: Some(Scope::Operate),
        body: command::<api::Replay>(true),
        answers: &[
            json::<api::Job>(202, "The job; `Location` names it."),
            ok::<api::Counted>("A dry run: they were only counted."),
        ],
        problems: &[COMMAND, BODY, JOURNAL],
        handler: || post(replays::begin),
        ..PLAIN
    },
    Route {
        path: "/v1/replays",
        id: "listReplays",
        summary: "The newest hundred jobs",
        answers: &[ok::<api::Replays>("The jobs, newest first.")],
        problems: &[QUERY, JOURNAL],
        handler: || get(replays::list),
        ..PLAIN
    },
    Route {
        path: "/v1/replays/{id}",
        id: "getReplay",
        summary: "The progress of one job",
        answers: &[ok::<api::Job>("The job.")],
        problems: &[QUERY, JOURNAL, &[ReplayNotFound]],
        handler: || get(replays::show),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/replays/{id}/pause",
        id: "pauseReplay",
        summary: "Pause a job: it begins no more deliveries",
        answers: &[ok::<api::Job>("The job.")],
        handler: || post(replays::pause),
        ..OF_REPLAY
    },
    Route {
        method: "POST",
        path: "/v1/replays/{id}/resume",
        id: "resumeReplay",
        summary: "Resume a paused job",
        answers: &[ok::<api::Job>("The job.")],
        handler: || post(replays::resume),
        ..OF_REPLAY
    },
    Route {
        method: "POST",
        path: "/v1/replays/{id}/cancel",
        id: "cancelReplay",
        summary: "Cancel a job",
        answers: &[ok::<api::Job>("The job.")],
        handler: || post(replays::cancel),
        ..OF_REPLAY
    },
    Route {
        path: "/v1/channels",
        id: "listChannels",
        summary: "The channels, with their state and numbers",
        answers: &[ok::<api::Channels>("All channels.")],
        problems: &[QUERY, JOURNAL],
        handler: || get(channels::list),
        ..PLAIN
    },
    Route {
        path: "/v1/channels/{name}",
        id: "getChannel",
        summary: "One channel",
        answers: &[ok::<api::Channel>("The channel.")],
        problems: &[QUERY, JOURNAL, &[ChannelNotFound]],
        handler: || get(channels::show),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/channels/{name}/pause",
        id: "pauseChannel",
        summary: "Pause a channel; its backlog is kept",
        body: command::<api::Pause>(false),
        answers: &[ok::<api::Channel>("The channel.")],
        handler: || post(channel_actions::pause),
        ..OF_CHANNEL
    },
    Route {
        method: "POST",
        path: "/v1/channels/{name}/resume",
        id: "resumeChannel",
        summary: "End a pause or a suspension",
        body: command::<api::Nothing>(false),
        answers: &[ok::<api::Channel>("The channel.")],
        handler: || post(channel_actions::resume),
        ..OF_CHANNEL
    },
    Route {
        method: "POST",
        path: "/v1/channels/{name}/test",
        id: "testChannel",
        summary: "Deliver an event, or a sample, to this channel alone; nothing is recorded",
        body: Some(Body { required: false, forms: &[(JSON, event_or_nothing)] }),
        answers: &[ok::<api::Tested>("The outcome.")],
        problems: &[COMMAND, BODY, JOURNAL, &[ChannelNotFound, NothingToCall, InvalidEvent]],
        handler: || post(channel_actions::test),
        ..OF_CHANNEL
    },
    Route {
        method: "POST",
        path: "/v1/channels/{name}/forget",
        id: "forgetChannel",
        summary: "End the backlog of a removed channel",
        scope: Some(Scope::Admin),
        body: command::<api::Forget>(false),
        answers: &[ok::<api::Forgotten>("Its backlog, and how many deliveries were ended.")],
        problems: &[COMMAND, BODY, JOURNAL, &[ChannelNotFound, ChannelConfigured]],
        handler: || post(channel_actions::forget),
        ..OF_CHANNEL
    },
    Route {
        method: "POST",
        path: "/v1/deliveries/{id}/drop",
        id: "dropDelivery",
        summary: "Drop one pending delivery, which becomes a dead letter",
        scope: Some(Scope::Operate),
        body: command::<api::Drop>(true),
        answers: &[ok::<api::Dropped>("It is a dead letter.")],
        problems: &[COMMAND, BODY, JOURNAL, &[DeliveryNotPending, DeliveryInFlight]],
        handler: || post(deliveries::drop),
        ..PLAIN
    },
    Route {
        path: "/v1/stages",
        id: "listStages",
        summary: "The stages that events pass before they go to channels",
        answers: &[ok::<api::Stages>("All stages, in their order.")],
        problems: &[QUERY],
        handler: || get(stages::list),
        ..PLAIN
    },
    Route {
        path: "/v1/stages/{name}",
        id: "getStage",
        summary: "One stage",
        answers: &[ok::<api::Stage>("The stage.")],
        problems: &[QUERY, &[StageNotFound]],
        handler: || get(stages::show),
        ..PLAIN
    },
    Route {
        path: "/v1/plugins",
        id: "listPlugins",
        summary: "The plugins that are loaded, and how the last reload went",
        answers: &[ok::<api::Plugins>("All plugins.")],
        problems: &[QUERY, PAGE],
        handler: || get(plugins::list),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/reload",
        id: "reload",
        summary: "Reload the configuration and the plugins now",
        scope: Some(Scope::Admin),
        answers: &[ok::<api::ReloadReport>("Everything that was found is in effect.")],
        problems: &[QUERY, &[ReloadRejected]],
        handler: || post(plugins::reload),
        ..PLAIN
    },
    Route {
        path: "/v1/stats",
        id: "getStats",
        summary: "The daemon at a glance",
        answers: &[ok::<api::Stats>("Totals, channels, recent failures.")],
        problems: &[QUERY, JOURNAL],
        handler: || get(stats::show),
        ..PLAIN
    },
    Route {
        path: "/v1/series",
        id: "getSeries",
        summary: "Rates of the last hour or day",
        query: &series::PARAMETERS,
        answers: &[ok::<api::Series>("The rates.")],
        problems: &[QUERY],
        handler: || get(series::show),
        ..PLAIN
    },
    Route {
        path: "/v1/config",
        whole: true,
        id: "getConfig",
        summary: "The configuration in force, and where each value comes from",
        answers: &[ok::<api::Config>("The configuration.")],
        problems: &[QUERY],
        handler: || get(config::show),
        ..PLAIN
    },
    Route {
        path: "/metrics",
        id: "getMetrics",
        whole: true,
        summary: "Metrics for Prometheus",
        answers: &[text("Prometheus text 0.0.4, or OpenMetrics 1.0 for a client that accepts it.", "text/plain")],
        handler: || get(metrics::scrape),
        ..PLAIN
    },
    Route {
        path: "/v1/audit",
        id: "listActs",
        summary: "The audit trail: who did what, and how it ended",
        scope: Some(Scope::Admin),
        query: &audit::PARAMETERS,
        answers: &[ok::<api::Acts>("A page of administrative acts.")],
        problems: &[QUERY, JOURNAL, PAGE],
        handler: || get(audit::list),
        ..PLAIN
    },
    Route {
        method: "POST",
        path: "/v1/session",
        id: "signIn",
        summary: "Sign in with a token; the response sets a cookie that stands for it",
        scope: None,
        body: command::<api::SignIn>(true),
        answers: &[ok::<api::Session>("Who has signed in.")],
        problems: &[COMMAND, BODY, &[Unauthorized, RateLimited]],
        handler: || post(session::sign_in),
        ..PLAIN
    },
    Route {
        path: "/v1/session",
        id: "getSession",
        summary: "The caller, and what they may do",
        scope: None,
        answers: &[ok::<api::Session>("Who asks.")],
        problems: &[QUERY, &[Unauthorized]],
        handler: || get(session::show),
        ..PLAIN
    },
    Route {
        method: "DELETE",
        path: "/v1/session",
        id: "signOut",
        summary: "Sign out; the cookie is no longer valid",
        scope: None,
        answers: &[DONE],
        problems: &[QUERY],
        handler: || delete(session::sign_out),
        ..PLAIN
    },
    Route {
        path: "/healthz",
        id: "getHealth",
        summary: "Liveness: whether the process responds",
        scope: None,
        answers: &[ok::<api::Alive>("It does.")],
        handler: || get(health::alive),
        ..PLAIN
    },
    Route {
        path: "/readyz",
        id: "getReadiness",
        summary: "Readiness: whether events are accepted",
        scope: None,
        answers: &[ok::<api::Ready>("They are."), json::<api::Ready>(503, "They are rejected.")],
        handler: || get(health::ready),
        ..PLAIN
    },
    Route {
        path: "/openapi.json",
        id: description::ID,
        summary: "This interface as an OpenAPI 3.1 document",
        scope: None,
        answers: &[Answer { status: 200, what: "The document.", content: Some((JSON, any_object)) }],
        problems: &[QUERY],
        handler: || get(description::show),
        ..PLAIN
    },
];

const OF_REPLAY: Route =
    Route { scope: Some(Scope::Operate), problems: &[QUERY, JOURNAL, &[ReplayNotFound, ReplayFinished]], ..PLAIN };

const OF_CHANNEL: Route =
    Route { scope: Some(Scope::Operate), problems: &[COMMAND, BODY, JOURNAL, &[ChannelNotFound]], ..PLAIN };
