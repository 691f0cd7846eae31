//! `fanfare top`: live activity of the channels.
//!
//! [`App`] is a value: responses and keys go in, actions and lines come out. This file polls the daemon, reads keys and
//! draws.

mod app;
mod row;
mod screen;

use std::{io::IsTerminal as _, time::Duration};

use crossterm::event::{Event, EventStream};
use fanfare_dispatch::{Clock as _, SystemClock};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{
    Context,
    client::{Client, ClientArgs, escaped},
    failure::Failure,
    output::{clean, print, print_json},
    signals::Signals,
};
use crate::{
    api::{Channels, Pause, Stats},
    config::units,
};
use app::{Action, App, Sample};
use screen::Screen;

#[derive(Debug, clap::Args)]
#[command(after_help = KEYS)]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,

    /// Time between two updates
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = pause)]
    interval: Duration,

    /// Print one table and exit, as when the output is not a terminal
    #[arg(long)]
    once: bool,

    /// Show only channels whose name contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,

    /// The initial sort order
    #[arg(long, value_enum, default_value_t)]
    sort: row::Sort,
}

const KEYS: &str = "\
Keys: ↑ and ↓ select a channel, s changes what is sorted by, / filters, p pauses and r resumes the selected channel, q \
quits";

/// The shortest interval: shorter ones burden the daemon and cannot be read.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3_600);

fn pause(text: &str) -> Result<Duration, String> {
    let pause = units::duration(text).map_err(|problem| format!("{problem}; {}", units::DURATION_HELP))?;
    if (SHORTEST..=LONGEST).contains(&pause) { Ok(pause) } else { Err("it is from 100ms to 1h".to_owned()) }
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let mut app = App::new(args.client.url(), args.sort, args.filter.clone());
    // An unreachable daemon is an error at the start, as for any other command.
    app.took(sample(&client).await?);
    let plain = args.once || context.json || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal();
    if plain {
        // Rates need two samples.
        sleep(args.interval).await;
        app.took(sample(&client).await?);
        if context.json {
            print_json(&json!({ "totals": app.totals(), "channels": app.rows() }))?;
        } else {
            print(&app.plain())?;
        }
        return Ok(());
    }
    live(&client, &args, app).await
}

/// Runs until the user quits, and then restores the screen.
async fn live(client: &Client, args: &Args, mut app: App) -> Result<(), Failure> {
    let mut signals = Signals::install()?;
    let mut screen = Screen::enter()?;
    let mut keys = EventStream::new();
    let mut ticks = interval(args.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        screen.draw(&app)?;
        tokio::select! {
            _ = ticks.tick() => refresh(client, &mut app).await,
            _ = signals.next() => return Ok(()),
            event = keys.next() => match event {
                Some(Ok(Event::Key(key))) => match app.press(key) {
                    Some(Action::Quit) => return Ok(()),
                    Some(action) => {
                        screen.draw(&app)?;
                        act(client, &mut app, action).await;
                        refresh(client, &mut app).await;
                    }
                    None => {}
                },
                // The terminal was resized; the next pass redraws it.
                Some(Ok(_)) => {}
                // The terminal is gone.
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
}

async fn refresh(client: &Client, app: &mut App) {
    match sample(client).await {
        Ok(sample) => app.took(sample),
        Err(failure) => app.lost(&reason(&failure), SystemClock.now()),
    }
}

async fn act(client: &Client, app: &mut App, action: Action) {
    let (done, name) = match action {
        Action::Quit => return,
        Action::Pause(name) => {
            let body = Pause { reason: "fanfare top".to_owned() };
            (client.command(&format!("/v1/channels/{}/pause", escaped(&name)), &body).await, name)
        }
        Action::Resume(name) => {
            (client.command(&format!("/v1/channels/{}/resume", escaped(&name)), &json!({})).await, name)
        }
    };
    app.say(match done {
        Ok(_) => format!("{}: done", clean(&name)),
        Err(failure) => format!("{}: {}", clean(&name), reason(&failure)),
    });
}

/// A failure on one line.
fn reason(failure: &Failure) -> String {
    let text = failure.text(false, false).unwrap_or_default();
    let text = anstream::adapter::strip_str(&text).to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

async fn sample(client: &Client) -> Result<Sample, Failure> {
    let (stats, channels) = tokio::try_join!(client.get("/v1/stats"), client.get("/v1/channels"))?;
    let (stats, page): (Stats, Channels) = (stats.read()?, channels.read()?);
    Ok(Sample { at: SystemClock.now(), stats, channels: page.channels })
}
