//! `fanfare replay`: sends events of the history again.

use serde::Serialize;

use super::{
    Context,
    client::{Client, ClientArgs},
    failure::Failure,
    job,
    moment::Moment,
    output::{counted, matching, print, print_raw},
    whole::whole,
};
use crate::api::{Counted, Job, Replays};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    begin: BeginArgs,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show the progress of replays
    Status(StatusArgs),
    /// Pause a replay
    Pause(OneArgs),
    /// Resume a paused replay
    Resume(OneArgs),
    /// Cancel a replay; what it has begun continues
    Cancel(OneArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct BeginArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// A channel to send to; can be repeated
    #[arg(long = "channel", value_name = "NAME", required = true)]
    channels: Vec<String>,
    /// Only events of this type or pattern (`order.*`); can be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Events after this offset, or accepted since this time (or this long ago: 7d)
    #[arg(long, value_name = "OFFSET|TIME")]
    after: Option<Place>,
    /// Events up to this offset, or accepted before this time
    #[arg(long, value_name = "OFFSET|TIME")]
    until: Option<Place>,
    /// Only show how many events there are
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Do not wait until it is done
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The replay's id; without it, all replays are listed
    #[arg(value_parser = whole::<i64>)]
    id: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OneArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The replay's id
    #[arg(value_parser = whole::<i64>)]
    id: i64,
}

/// A place in the history.
#[derive(Clone, Copy, Debug)]
enum Place {
    Offset(u64),
    Time(Moment),
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(offset) => Ok(Self::Offset(offset)),
            Err(_) => text.parse().map(Self::Time),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Offset(offset) => serializer.serialize_u64(*offset),
            Self::Time(moment) => serializer.collect_str(moment),
        }
    }
}

#[derive(Serialize)]
struct Wanted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Place>,
    types: &'a [String],
    channels: &'a [String],
    dry_run: bool,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    match args.command {
        None => begin(args.begin, context).await,
        Some(Command::Status(args)) => status(args, context).await,
        Some(Command::Pause(args)) => change(args, "pause", context).await,
        Some(Command::Resume(args)) => change(args, "resume", context).await,
        Some(Command::Cancel(args)) => change(args, "cancel", context).await,
    }
}

async fn begin(args: BeginArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let BeginArgs { channels, types, after, until, .. } = &args;
    let wanted = |dry_run| Wanted { after: *after, until: *until, types, channels, dry_run };
    let answer = client.command("/v1/replays", &wanted(true)).await?;
    let Counted { matched, .. } = answer.read()?;
    if args.dry_run || matched == 0 {
        if context.json {
            print_raw(&answer.body)?;
        } else {
            print(&format!("{}\n", matching(matched, "event")))?;
        }
        return Ok(());
    }
    job::confirm(&format!("Send {} again to {}?", counted(matched, "event"), channels.join(", ")), args.yes)?;
    let job: Job = client.command("/v1/replays", &wanted(false)).await?.read()?;
    job::follow(&client, job.id, !args.no_wait, context).await
}

async fn status(args: StatusArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let path = args.id.map_or_else(|| "/v1/replays".to_owned(), |id| format!("/v1/replays/{id}"));
    let answer = client.get(&path).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let jobs = if args.id.is_some() { vec![answer.read()?] } else { answer.read::<Replays>()?.replays };
    let text: String = jobs.iter().map(Job::line).collect();
    print(if text.is_empty() { "no replays\n" } else { &text })?;
    Ok(())
}

async fn change(args: OneArgs, what: &str, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.command(&format!("/v1/replays/{}/{what}", args.id), &serde_json::json!({})).await?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        print(&answer.read::<Job>()?.line())?;
    }
    Ok(())
}
