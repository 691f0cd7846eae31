//! `fanfare dead-letters`: deliveries that ended undelivered.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement};
use fanfare_core::DeliveryId;
use serde::Serialize;

use super::{
    Context,
    client::{Client, ClientArgs, query},
    failure::Failure,
    job,
    moment::Moment,
    output::{BOLD, DIM, RED, clean, counted, lines, matching, milliseconds, print, print_raw, row, table},
    result,
    whole::whole,
};
use crate::api::{Begun, DeadLetters, Letter};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List dead letters
    List(ListArgs),
    /// Show a dead letter: the event, every attempt, and why it was not delivered
    Show(OneArgs),
    /// Redrive dead letters: attempt their deliveries again
    Replay(WorkArgs),
    /// Delete dead letters
    Purge(WorkArgs),
}

/// Selects dead letters.
#[derive(Clone, Debug, clap::Args, Serialize)]
pub(crate) struct Filter {
    /// Only of this channel
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Only of events with this type or pattern: `order.*`, `order.>`
    #[arg(long = "type", value_name = "TYPE")]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
    /// Only with this class: retry, rejected, trap, timeout, expired, ...
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// Only with this code: http_503, expired, ...
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Only those that became dead at or after this time, or this long ago: 2h
    #[arg(long, value_name = "TIME")]
    #[serde(serialize_with = "moment", skip_serializing_if = "Option::is_none")]
    since: Option<Moment>,
    /// Only those that became dead before this time, or this long ago
    #[arg(long, value_name = "TIME")]
    #[serde(serialize_with = "moment", skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        let Self { channel, ty, class, code, since, until } = self;
        [channel, ty, class, code].into_iter().all(Option::is_none) && since.is_none() && until.is_none()
    }
}

/// Parses a delivery's id; the error shows the syntax.
pub(super) fn delivery_id(text: &str) -> Result<DeliveryId, String> {
    text.parse().map_err(|_| {
        "write a delivery's id like dlv_0193456789ab7cde8f0123456789abcd_1; `fanfare dead-letters list` shows \
         those of dead letters, `fanfare events show` those of an event"
            .to_owned()
    })
}

fn moment<S: serde::Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.collect_str(moment),
        None => serializer.serialize_none(),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(flatten)]
    filter: Filter,
    /// The newest first
    #[arg(long)]
    newest: bool,
    /// After the `next` of the previous page
    #[arg(long, value_name = "CURSOR", value_parser = whole::<i64>)]
    after: Option<i64>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_parser = whole::<u16>)]
    limit: u16,
    /// Show every column in full
    #[arg(long)]
    wide: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OneArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The delivery's id: dlv_...
    #[arg(value_parser = delivery_id)]
    delivery: DeliveryId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WorkArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The delivery's id: dlv_...
    #[arg(value_parser = delivery_id)]
    delivery: Option<DeliveryId>,
    #[command(flatten)]
    filter: Filter,
    /// All dead letters
    #[arg(long)]
    all: bool,
    /// Only show how many there are
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Do not wait until it is done
    #[arg(long)]
    no_wait: bool,
}

#[derive(Serialize)]
struct Work<'a> {
    #[serde(flatten)]
    filter: &'a Filter,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<DeliveryId>,
    all: bool,
    dry_run: bool,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Show(args) => show(args, context).await,
        Command::Replay(args) => work(args, "replay", "Send", context).await,
        Command::Purge(args) => work(args, "purge", "Delete", context).await,
    }
}

async fn list(args: ListArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let Filter { channel, ty, class, code, since, until } = args.filter;
    let path = query(&[
        ("channel", channel),
        ("type", ty),
        ("class", class),
        ("code", code),
        ("since", since.map(|time| time.to_string())),
        ("until", until.map(|time| time.to_string())),
        ("order", args.newest.then(|| "newest".to_owned())),
        ("after", args.after.map(|after| after.to_string())),
        ("limit", Some(args.limit.to_string())),
    ]);
    let answer = client.get(&format!("/v1/dead-letters{path}")).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let page: DeadLetters = answer.read()?;
    let mut rows = table(["delivery", "channel", "type", "why", "when"]);
    if args.wide {
        rows = table(["delivery", "channel", "type", "why", "when", "event", "attempts"]);
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    for letter in &page.dead_letters {
        let why = format!("{} {}: {}", letter.class, letter.code, letter.error);
        let mut cells = vec![
            Cell::new(clean(&letter.delivery_id)),
            Cell::new(clean(&letter.channel)),
            Cell::new(clean(&letter.event_type)),
            Cell::new(clean(&why)),
            Cell::new(format!("{:.0}", letter.at)),
        ];
        if args.wide {
            cells.extend([Cell::new(clean(&letter.event_id)), Cell::new(letter.attempts)]);
            rows.add_row(cells);
        } else {
            rows.add_row(row(cells));
        }
    }
    let mut text = if page.dead_letters.is_empty() { "no dead letters\n".to_owned() } else { lines(&rows) };
    if let Some(next) = page.next {
        writeln!(text, "{DIM}there are more; continue with --after {next}{DIM:#}").unwrap_or_default();
    }
    print(&text)?;
    Ok(())
}

async fn show(args: OneArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let answer = client.get(&format!("/v1/dead-letters/{}", args.delivery)).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let letter: Letter = answer.read()?;
    let mut text = format!("{BOLD}{}{BOLD:#}  {DIM}{}{DIM:#}\n", clean(&letter.channel), clean(&letter.delivery_id));
    let (class, code, error) = (clean(&letter.class), clean(&letter.code), clean(&letter.error));
    writeln!(text, "{RED}{class} {code}{RED:#}: {error}").unwrap_or_default();
    let after = counted(letter.attempts, "attempt");
    let plugin =
        letter.history.last().map(|attempt| format!("plugin {}, ", clean(&attempt.plugin))).unwrap_or_default();
    writeln!(
        text,
        "{DIM}dead since {:.0}, after {after}; {plugin}settings {}{DIM:#}\n",
        letter.at,
        clean(&letter.settings)
    )
    .unwrap_or_default();
    if let Some(event) = &letter.event {
        writeln!(text, "{}", clean(&result::compact(&event.0))).unwrap_or_default();
    }
    for attempt in &letter.history {
        let why = attempt.class.map_or("delivered".to_owned(), |class| {
            format!("{class} {}: {}", attempt.code.as_deref().unwrap_or(""), attempt.error.as_deref().unwrap_or(""))
        });
        let took = milliseconds(attempt.duration_ms);
        let trigger = format!("{:?}", attempt.trigger).to_lowercase();
        writeln!(text, "  {:.3}  attempt {} ({trigger})  {took}  {}", attempt.started, attempt.number, clean(&why))
            .unwrap_or_default();
        for line in &attempt.trace {
            writeln!(text, "      {DIM}{}{DIM:#}", clean(line)).unwrap_or_default();
        }
    }
    print(&text)?;
    Ok(())
}

async fn work(args: WorkArgs, what: &str, verb: &str, context: Context) -> Result<(), Failure> {
    let chosen = !args.filter.is_empty() || args.delivery.is_some();
    if chosen == args.all {
        let message = if chosen { "--all cannot be combined with a selection" } else { "no dead letters are selected" };
        let help = "name a delivery's id, or use --channel, --type, --class, --code, --since and --until, or --all";
        return Err(Failure::usage(message, help));
    }
    let client = Client::new(&args.client)?;
    let path = format!("/v1/dead-letters/{what}");
    let ask = |dry_run| Work { filter: &args.filter, delivery_id: args.delivery, all: args.all, dry_run };
    let counted_first = client.command(&path, &ask(true)).await?;
    let found: Begun = counted_first.read()?;
    if let (0, Some(delivery)) = (found.matched, args.delivery) {
        let refused = format!("there is no dead letter `{delivery}` to {what}; `fanfare dead-letters list` lists them");
        return Err(anyhow::anyhow!(refused).into());
    }
    if args.dry_run || found.matched == 0 {
        if context.json {
            print_raw(&counted_first.body)?;
        } else {
            print(&format!("{}\n", matching(found.matched, "dead letter")))?;
        }
        return Ok(());
    }
    debug_assert!(found.dry_run, "a dry run");
    job::confirm(&format!("{verb} {}?", counted(found.matched, "dead letter")), args.yes)?;
    let begun: Begun = client.command(&path, &ask(false)).await?.read()?;
    match begun.replay {
        Some(id) => job::follow(&client, id, !args.no_wait, context).await,
        None => Ok(()),
    }
}
