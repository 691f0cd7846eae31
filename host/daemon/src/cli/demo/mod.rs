//! `fanfare demo`: a daemon with four channels, a webhook receiver, one event and its result, in a temporary folder.

mod stage;
mod tour;

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Context,
    client::{Answer, QUICK},
    failure::Failure,
    listen::{self, Received, Signature},
    output::{print, print_json},
    send,
    signals::Signals,
};
use crate::api::EventResult;
use stage::Stage;

#[derive(Debug, clap::Args)]
#[command(after_help = "With --once, the exit code is 0 if all four channels delivered and the receiver verified its \
                        delivery.")]
pub(crate) struct Args {
    /// Exit after the result instead of running until Ctrl-C
    #[arg(long)]
    once: bool,
}

/// The event that is sent.
const SAMPLE: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
"data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

/// The receiver reports a delivery before it responds, so the report is there long before the result.
const RECEIVER_PATIENCE: Duration = Duration::from_secs(5);

/// What happened to the event.
struct Act {
    answer: Answer,
    result: EventResult,
    /// What the receiver got; `None` if the webhook channel never got that far.
    received: Option<Received>,
}

/// Everything, for programs.
#[derive(Serialize)]
struct Output<'a> {
    passed: bool,
    url: &'a str,
    folder: &'a std::path::Path,
    result: Box<RawValue>,
    received: &'a Option<Received>,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let mut signals = Signals::install()?;
    let mut stage = tokio::select! {
        stage = Stage::build() => stage?,
        _ = signals.next() => return Ok(()),
    };
    let shown = show(&mut stage, &args, context, &mut signals).await;
    // Removed in any case. Of two failures, the one of the demo itself is more useful.
    let cleared = stage.clear().await;
    shown.and(cleared)
}

async fn show(stage: &mut Stage, args: &Args, context: Context, signals: &mut Signals) -> Result<(), Failure> {
    let act = tokio::select! {
        act = act(stage) => act?,
        _ = signals.next() => return Ok(()),
    };
    let passed = act.passed();
    if context.json {
        print_json(&Output {
            passed,
            url: &stage.url,
            folder: stage.folder.path(),
            result: act.answer.read()?,
            received: &act.received,
        })?;
    } else {
        print(&tour::render(stage, &act, args.once)?)?;
    }
    if args.once {
        return if passed { Ok(()) } else { Err(Failure::Reported) };
    }
    loop {
        tokio::select! {
            received = stage.receiver.deliveries.recv() => {
                let Some(received) = received else { return Ok(()) };
                if context.json {
                    print_json(&received)?;
                } else {
                    print(&listen::line(&received, &jiff::tz::TimeZone::system()))?;
                }
            }
            _ = signals.next() => return Ok(()),
        }
    }
}

/// Sends the sample and waits for its result.
async fn act(stage: &mut Stage) -> Result<Act, Failure> {
    let prefer = Some("wait=30".to_owned());
    let patience = Duration::from_secs(30) + QUICK;
    let answer = send::publish(&stage.client, Bytes::from_static(SAMPLE.as_bytes()), prefer, patience).await?;
    let result: EventResult = answer.read()?;
    let delivery = tokio::time::timeout(RECEIVER_PATIENCE, stage.receiver.deliveries.recv()).await;
    Ok(Act { answer, result, received: delivery.ok().flatten() })
}

impl Act {
    fn passed(&self) -> bool {
        let verified = self.received.as_ref().is_some_and(|received| received.signature == Signature::Verified);
        verified && self.result.summary.successful == stage::CHANNELS as u64 && self.result.overall_status == "success"
    }
}
