//! `fanfare events tail`: the live stream, resumed whenever it breaks.

use std::time::Duration;

use http::HeaderName;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

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

/// The wait before the stream is opened again.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only events of this type or pattern: `order.*`
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,
    /// Begin after this offset: 0 for the oldest event, a negative number counts from the end; without it, only new
    /// events
    #[arg(long, value_name = "OFFSET", allow_negative_numbers = true, value_parser = whole::<i64>)]
    from: Option<i64>,
}

pub(super) async fn run(args: TailArgs, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let mut last: Option<String> = None;
    let mut opened = false;
    loop {
        let from = if last.is_some() { None } else { args.from.map(|from| from.to_string()) };
        let path = format!("/v1/events/stream{}", query(&[("after", from), ("type", args.ty.clone())]));
        let resume: Vec<_> = last.iter().map(|id| (LAST_EVENT_ID, id.clone())).collect();
        match client.stream(&path, &resume).await {
            Ok(mut body) => {
                opened = true;
                let mut parser = Parser::default();
                while let Some(Ok(frame)) = body.frame().await {
                    let Some(chunk) = frame.data_ref() else { continue };
                    for message in parser.push(chunk) {
                        show(&message, context)?;
                        if message.id.is_some() {
                            last = message.id;
                        }
                    }
                }
            }
            // A daemon that was reachable before may come back.
            Err(Failure::Unreachable { .. } | Failure::Failed(_)) if opened => {}
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    id: Option<String>,
    name: String,
    data: String,
}

/// Parses server-sent events from the bytes as they arrive.
#[derive(Default)]
struct Parser {
    buffer: Vec<u8>,
}

impl Parser {
    fn push(&mut self, chunk: &[u8]) -> Vec<Message> {
        self.buffer.extend_from_slice(chunk);
        let mut messages = vec![];
        while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
            let mut message = Message::default();
            for line in String::from_utf8_lossy(&block).lines() {
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "id" => message.id = Some(value.to_owned()),
                    "event" => value.clone_into(&mut message.name),
                    "data" => message.data.push_str(value),
                    _ => {} // comments keep the connection alive
                }
            }
            if !message.data.is_empty() {
                messages.push(message);
            }
        }
        messages
    }
}

fn show(message: &Message, context: Context) -> Result<(), Failure> {
    let data: Value = super::super::json::read(message.data.as_bytes()).unwrap_or(Value::Null);
    if context.json {
        print_json(&json!({ "event": message.name, "data": data }))?;
        return Ok(());
    }
    let text = |name: &str| clean(data[name].as_str().unwrap_or_default()).into_owned();
    let line = match message.name.as_str() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_parsed_whatever_the_chunks() {
        let stream = "retry: 1000\n\nid: 7\nevent: event\ndata: {\"a\":\"ü\"}\n\n: heartbeat\n\n\
                      event: settled\n\
                      data: {}\n\nid: 8";
        let want = [
            Message { id: Some("7".into()), name: "event".into(), data: "{\"a\":\"ü\"}".into() },
            Message { id: None, name: "settled".into(), data: "{}".into() },
        ];
        for size in [1, 3, 1000] {
            let mut parser = Parser::default();
            let messages: Vec<_> = stream.as_bytes().chunks(size).flat_map(|chunk| parser.push(chunk)).collect();
            assert_eq!(messages, want, "in chunks of {size}");
        }
    }
}
