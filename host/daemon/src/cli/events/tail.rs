//! `fanfare events tail`: the live stream, resumed whenever it breaks.

use std::time::Duration;

use futures_util::StreamExt as _;
use http::HeaderName;
use serde_json::{Value, json};
use sse_stream::Sse;

use super::{
    super::{
        Context,
        client::{Client, ClientArgs, query},
        failure::Failure,
        output::{DIM, GREEN, RED, YELLOW, clean, print, print_json},
        whole::whole,
    },
    list::attribute,
};
use crate::api::Listed;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The wait before the stream is opened again, unless the daemon sends another one.
const PAUSE: Duration = Duration::from_secs(1);

/// The shortest and the longest wait that the daemon can ask for.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only events of this type or pattern: `order.*`
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,
    /// Start after this offset: 0 is before the oldest event, a negative number counts from the end; without it, only
    /// new events are shown
    #[arg(long, value_name = "OFFSET", allow_negative_numbers = true, value_parser = whole::<i64>)]
    from: Option<i64>,
}

pub(super) async fn run(args: TailArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let mut last: Option<String> = None;
    let (mut opened, mut pause) = (false, PAUSE);
    loop {
        let from = if last.is_some() { None } else { args.from.map(|from| from.to_string()) };
        let path = format!("/v1/events/stream{}", query(&[("after", from), ("type", args.ty.clone())]));
        let resume: Vec<_> = last.iter().map(|id| (LAST_EVENT_ID, id.clone())).collect();
        match client.stream(&path, &resume).await {
            Ok(mut messages) => {
                opened = true;
                while let Some(Ok(message)) = messages.next().await {
                    show(&message, context)?;
                    if let Some(asked) = message.retry {
                        pause = Duration::from_millis(asked).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
                    }
                    last = message.id.filter(|id| !id.is_empty()).or(last);
                }
            }
            // A daemon that was reachable before may come back.
            Err(Failure::Unreachable { .. } | Failure::Failed(_)) if opened => {}
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(pause).await;
    }
}

fn show(message: &Sse, context: Context) -> Result<(), Failure> {
    let Some(data) = message.data.as_deref().filter(|data| !data.is_empty()) else { return Ok(()) };
    let data: Value = super::super::json::read(data.as_bytes()).unwrap_or(Value::Null);
    let name = message.event.as_deref().unwrap_or_default();
    if context.json {
        print_json(&json!({ "event": name, "data": data }))?;
        return Ok(());
    }
    let text = |name: &str| clean(data[name].as_str().unwrap_or_default()).into_owned();
    let line = match name {
        "event" => match serde_json::from_value::<Listed>(data.clone()) {
            Ok(listed) => {
                let event = listed.event.members();
                format!(
                    "{:>8}  {}  {DIM}{}{DIM:#}  {}\n",
                    listed.offset,
                    attribute(&event, "type"),
                    attribute(&event, "id"),
                    clean(&listed.result.overall_status)
                )
            }
            Err(_) => return Ok(()),
        },
        "settled" => {
            let (mark, color) = if text("status") == "success" { ('✔', GREEN) } else { ('✘', RED) };
            let error = data["error"].as_str().map(|error| format!("  {}", clean(error))).unwrap_or_default();
            format!(
                "{:>8}  {color}{mark}{color:#} {}  {DIM}{}{DIM:#}{error}\n",
                data["offset"],
                text("channel"),
                text("event_id")
            )
        }
        "gap" => {
            let (after, before) = (&data["after"], &data["before"]);
            let what = match text("reason").as_str() {
                "restored" => format!(
                    "the journal was restored from a backup that lacks the events up to {after}; continuing with \
                     {before}"
                ),
                "damaged" => format!("events between {after} and {before} cannot be read: the journal is damaged"),
                _ => format!("events between {after} and {before} may have been removed"),
            };
            format!("{YELLOW}{what}{YELLOW:#}\n")
        }
        _ => return Ok(()),
    };
    print(&line)?;
    Ok(())
}
