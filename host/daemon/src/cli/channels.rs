//! `fanfare channels`: adds and shows channels, and pauses, resumes, tests and forgets them.

mod add;
mod show;

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Context,
    client::{Client, ClientArgs, escaped},
    failure::Failure,
    job,
    output::{DIM, GREEN, RED, bytes, clean, milliseconds, print, print_raw},
    result, status,
};
use crate::api::{Channel, Forget, Forgotten, Pause, Tested};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add a channel to the configuration: a commented table, and the plugin's file if it has one
    Add(add::Args),
    /// List the channels with their state and numbers
    List(ListArgs),
    /// Show one channel: its state with the reason, its plugin, policy, grants and counts
    Show(OneArgs),
    /// Pause a channel; its backlog is kept
    Pause(PauseArgs),
    /// Resume a channel that is paused or suspended
    Resume(OneArgs),
    /// Deliver an event to one channel alone; nothing is recorded
    Test(TestArgs),
    /// Forget a channel that is no longer in the configuration; its backlog becomes dead letters
    Forget(ForgetArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OneArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The channel
    name: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    one: OneArgs,
    /// The reason, for the record
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ForgetArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Only show how many deliveries are pending
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    one: OneArgs,
    /// A file with the event in the simple form, `-` for stdin; without it, a sample event is delivered
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add::run(&args, context),
        Command::List(args) => status::channels_of(&args.client, context).await,
        Command::Show(args) => show(&args, context).await,
        Command::Pause(args) => act(&args.one, "pause", &Pause { reason: args.reason }, context).await,
        Command::Resume(args) => act(&args, "resume", &json!({}), context).await,
        Command::Test(args) => test(args, context).await,
        Command::Forget(args) => forget(&args, context).await,
    }
}

async fn show(args: &OneArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.get(&format!("/v1/channels/{}", escaped(&args.name))).await?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        print(&show::render(&answer.read()?))?;
    }
    Ok(())
}

async fn act(args: &OneArgs, what: &str, body: &impl Serialize, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.command(&format!("/v1/channels/{}/{what}", escaped(&args.name)), body).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let Channel { state, counts, .. } = answer.read()?;
    print(&format!("{} is {}, {} pending\n", clean(&args.name), clean(&state), counts.pending))?;
    Ok(())
}

async fn forget(args: &ForgetArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.one.client)?;
    let path = format!("/v1/channels/{}/forget", escaped(&args.one.name));
    let counted_first = client.command(&path, &Forget { dry_run: true }).await?;
    let Forgotten { pending, .. } = counted_first.read()?;
    let name = clean(&args.one.name);
    let pending = if pending == 1 { "1 pending delivery".to_owned() } else { format!("{pending} pending deliveries") };
    if args.dry_run {
        if context.json {
            print_raw(&counted_first.body)?;
        } else {
            print(&format!("to forget {name} would turn {pending} into dead letters\n"))?;
        }
        return Ok(());
    }
    job::confirm(&format!("Forget {name}? Its backlog ({pending}) becomes dead letters."), args.yes)?;
    let answer = client.command(&path, &Forget { dry_run: false }).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let Forgotten { ended, .. } = answer.read()?;
    print(&match ended {
        1 => format!("{name} was forgotten; 1 of its deliveries is now a dead letter\n"),
        n => format!("{name} was forgotten; {n} of its deliveries are now dead letters\n"),
    })?;
    Ok(())
}

async fn test(args: TestArgs, context: Context) -> Result<(), Failure> {
    let event: Value = match &args.event {
        None => json!({}),
        Some(path) => {
            let text = if path.as_os_str() == "-" {
                std::io::read_to_string(std::io::stdin())
            } else {
                std::fs::read_to_string(path)
            };
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?
        }
    };
    let client = Client::new(&args.one.client)?;
    let answer = client.command(&format!("/v1/channels/{}/test", escaped(&args.one.name)), &event).await?;
    let tested: Tested = answer.read()?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        print(&render(&args.one.name, &tested))?;
    }
    if tested.status == "success" { Ok(()) } else { Err(Failure::Reported) }
}

fn render(name: &str, tested: &Tested) -> String {
    let took = milliseconds(tested.duration_ms);
    let cost = format!("{took}, {} fuel, {}", tested.fuel, bytes(tested.memory));
    let (name, delivery) = (clean(name), clean(&tested.delivery_id));
    if tested.status == "success" {
        let receipt =
            tested.receipt.as_ref().map(|receipt| format!("  {}", result::compact(receipt))).unwrap_or_default();
        return format!("{GREEN}✔{GREEN:#} {name}  {cost}{}\n  {DIM}{delivery}{DIM:#}\n", clean(&receipt));
    }
    let word = |text: Option<&str>| clean(text.unwrap_or_default()).into_owned();
    let why = format!(
        "{} {}: {}",
        word(tested.class.as_deref()),
        word(tested.code.as_deref()),
        word(tested.error.as_deref())
    );
    let trace: String = tested.trace.iter().map(|line| format!("      {DIM}{}{DIM:#}\n", clean(line))).collect();
    format!("{RED}✘{RED:#} {name}  {cost}  {why}\n{trace}  {DIM}{delivery}{DIM:#}\n")
}
