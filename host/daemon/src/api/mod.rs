//! The requests and responses of the HTTP interface as plain types, one file per resource. Handlers write them, the
//! command line reads them, and the OpenAPI document describes them with the comments here.
//!
//! The order of members is the order in which they are written. What a command reads has defaults, so that it can show
//! the response of another version's daemon, which may lack a member or contain an unknown word.

mod audit;
mod channels;
mod config;
mod dead_letters;
mod deliveries;
mod events;
mod explain;
mod forms;
mod health;
mod metrics;
mod plugins;
mod problem;
mod recipients;
mod replays;
mod schemas;
mod series;
mod session;
mod stages;
mod stats;
mod word;

pub use audit::{Act, Acts};
pub use channels::{
    Batch, Breaker, Channel, Channels, Counts, Filter, Forget, Forgotten, Gathered, Hold, Layer, Once, Pause, Policy,
    Quiet, Rate, State, Tested,
};
pub use config::{Config, ConfigKey};
pub use dead_letters::{Begun, DeadLetter, DeadLetters, Letter, Selection};
pub use deliveries::{Drop, Dropped};
pub use events::{ChannelResult, EventResult, Events, Hole, Listed, SettledDelivery, Shown, Summary};
pub use explain::{Explained, Explanation, Reason, SchemaSays};
pub use forms::{Batch as EventBatch, CloudEvent, NewEvent};
pub use health::{
    Alive, Certificate, CertificateStatus, ChannelStates, Collector, CollectorStatus, JournalHealth, JournalStatus,
    Readiness, Ready, ReadyDetails, StageStates, Table, TableStatus,
};
pub use metrics::{FilterErrors, LastError, Latency, RecentFailure};
pub use plugins::{FileGrant, Grants, Interfaces, Loaded, Plugin, Plugins, ReloadOutcome, ReloadReport, Want};
pub use problem::ProblemDetails;
pub use recipients::{NewRecipient, Recipient, Recipients};
pub use replays::{Counted, Job, Place, Replay, Replays, Waiting};
pub use schemas::{Catalogue, Counted as CountedEvents, Mode as SchemaMode, Schema, Type, TypeShown};
pub use series::{Rates, Series, Window};
pub use session::{Session, SignIn};
pub use stages::{Bounds, Runs, Stage, StageError, Stages, State as StageState};
pub use stats::{Journal, Removed, Restored, Stats, Totals};
pub use word::Word;
pub(crate) use word::optional_micros;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request without parameters: an empty object, or no body at all.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
