//! `fanfare events list`.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement};
use serde_json::{Map, Value};

use super::super::{
    Context,
    client::{Client, ClientArgs, query},
    failure::Failure,
    moment::Moment,
    output::{DIM, RED, clean, lines, print, print_raw, row, state_cell, table},
    whole::whole,
};
use crate::api::{Events, Hole};

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The newest first
    #[arg(long)]
    newest: bool,
    /// After this offset, or the `next` of the previous page; a negative number counts from the end
    #[arg(long, value_name = "OFFSET", allow_negative_numbers = true, value_parser = whole::<i64>)]
    after: Option<i64>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_parser = whole::<u16>)]
    limit: u16,
    /// Only of this type or pattern: `order.*`, `order.>`
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,
    /// Only of this source
    #[arg(long, value_name = "URI")]
    source: Option<String>,
    /// Only sent to this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Only with this status: success, partial, failed, pending, unrouted or cancelled
    #[arg(long)]
    status: Option<String>,
    /// Only accepted at or after this time, or this long ago: 2h
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only accepted before this time, or this long ago
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Show every column in full
    #[arg(long)]
    wide: bool,
}

/// An attribute of an event as text.
pub(super) fn attribute(event: &Map<String, Value>, name: &str) -> String {
    clean(event.get(name).and_then(Value::as_str).unwrap_or_default()).into_owned()
}

pub(super) async fn run(args: ListArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let path = query(&[
        ("order", args.newest.then(|| "newest".to_owned())),
        ("after", args.after.map(|after| after.to_string())),
        ("limit", Some(args.limit.to_string())),
        ("type", args.ty),
        ("source", args.source),
        ("channel", args.channel),
        ("status", args.status),
        ("since", args.since.map(|time| time.to_string())),
        ("until", args.until.map(|time| time.to_string())),
    ]);
    let answer = client.get(&format!("/v1/events{path}")).await?;
    if context.json {
        print_raw(&answer.body)?;
        return Ok(());
    }
    let page: Events = answer.read()?;
    let mut rows = table(["offset", "accepted", "type", "id", "status", "channels"]);
    if args.wide {
        rows.set_content_arrangement(ContentArrangement::Disabled);
    }
    for listed in &page.events {
        let (event, summary) = (listed.event.members(), &listed.result.summary);
        let cells = vec![
            Cell::new(listed.offset),
            Cell::new(format!("{:.0}", listed.result.broadcast_at)),
            Cell::new(attribute(&event, "type")),
            Cell::new(attribute(&event, "id")),
            state_cell(&listed.result.overall_status),
            Cell::new(format!("{}/{}", summary.successful, summary.total_channels)),
        ];
        rows.add_row(if args.wide { cells.into() } else { row(cells) });
    }
    let mut text = if page.events.is_empty() { "no events\n".to_owned() } else { lines(&rows) };
    for Hole { after, before, reason } in &page.holes {
        let reason = clean(reason);
        writeln!(text, "{RED}incomplete{RED:#}: events between {after} and {before} cannot be read: {reason}")
            .unwrap_or_default();
    }
    if let Some(next) = page.next {
        writeln!(text, "{DIM}there are more; continue with --after {next}{DIM:#}").unwrap_or_default();
    }
    print(&text)?;
    Ok(())
}
