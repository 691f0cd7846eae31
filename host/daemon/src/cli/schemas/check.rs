//! `fanfare schemas check`: are the schemas of a configuration valid, and do recorded events match them?

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use fanfare_core::{Defaults, Event};
use serde_json::{json, value::RawValue};

use super::super::{
    Context,
    client::{Client, ClientArgs, query},
    failure::Failure,
    moment::Moment,
    output::{GREEN, RED, YELLOW, clean, counted, print, print_json},
    serve::environment,
    spinner::Spinner,
    whole::whole,
};
use crate::{
    api::Events,
    config::{Config, Diagnostics},
    schemas::{EventSchema, SchemaSet, Tally},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,
    /// The configuration
    #[arg(long, default_value = "config.toml", value_name = "FILE")]
    config: PathBuf,
    /// Also check the daemon's events that were accepted since this time, or this long ago: 7d
    #[arg(long, value_name = "TIME")]
    against: Option<Moment>,
    /// At most this many events of each pattern, the newest first
    #[arg(long, default_value_t = 10_000, value_name = "COUNT", value_parser = whole::<u32>)]
    most: u32,
}

/// A schema, and how many recorded events match it.
struct Checked {
    schema: Arc<EventSchema>,
    tally: Tally,
    /// There are older events that were not checked.
    more: bool,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let set = schemas(&args.config)?;
    let mut checked = vec![];
    for schema in set.iter() {
        let (tally, more) = match args.against {
            Some(since) => {
                let _spinner = Spinner::start("reading events");
                tally(&args, &set, schema, since).await?
            }
            None => (Tally::default(), false),
        };
        checked.push(Checked { schema: Arc::clone(schema), tally, more });
    }
    let fits = checked.iter().all(|checked| checked.tally.unfit == 0);
    if context.json {
        let schemas: Vec<_> = checked.iter().map(|checked| shown(checked, args.against.is_some())).collect();
        print_json(&json!({ "ok": fits, "schemas": schemas }))?;
    } else {
        print(&render(&checked, args.against.is_some(), &args.config))?;
    }
    if fits { Ok(()) } else { Err(Failure::Reported) }
}

/// The schemas of a configuration. Other mistakes in it are ignored here.
fn schemas(config: &Path) -> Result<SchemaSet, Failure> {
    let (read, problems) = Config::examine(config, &environment);
    let Some(read) = read else { return Err(problems.into()) };
    let ours = |problem: &crate::config::Diagnostic| problem.file != config || problem.key.starts_with("schemas");
    let problems: Vec<_> = problems.problems.into_iter().filter(ours).collect();
    Diagnostics { problems, passing: false }.into_result()?;
    Ok(read.schemas)
}

async fn tally(
    args: &Args,
    set: &SchemaSet,
    schema: &Arc<EventSchema>,
    since: Moment,
) -> Result<(Tally, bool), Failure> {
    let client = Client::new(&args.client)?;
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let path = query(&[
            ("order", Some("newest".to_owned())),
            ("limit", Some("200".to_owned())),
            ("type", Some(schema.pattern.clone())),
            ("since", Some(since.to_string())),
            ("after", after.map(|after: i64| after.to_string())),
        ]);
        let page: Events = client.get(&format!("/v1/events{path}")).await?.read()?;
        for listed in &page.events {
            let event = event(&listed.event.0)?;
            let applies = set.of(&event.ty, event.data_schema.as_deref()).is_some_and(|of| Arc::ptr_eq(of, schema));
            if applies && tally.events >= u64::from(args.most) {
                return Ok((tally, true));
            }
            if applies {
                tally.add(&event, schema);
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok((tally, false)),
        }
    }
}

fn event(json: &RawValue) -> Result<Event, Failure> {
    let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
    Event::from_recorded(json.get(), defaults)
        .map_err(|error| anyhow::anyhow!("the daemon returned an event that is not valid: {error}").into())
}

fn shown(Checked { schema, tally, more }: &Checked, compared: bool) -> serde_json::Value {
    let EventSchema { name, pattern, dataschema, mode, file, .. } = &**schema;
    let mut shown = json!({
        "name": name, "pattern": pattern, "dataschema": dataschema, "mode": mode, "file": file.display().to_string(),
    });
    if compared {
        let first = tally
            .first
            .as_ref()
            .map(|(id, wrong)| json!({ "event_id": id, "pointer": wrong.pointer, "detail": wrong.detail }));
        shown["events"] = json!({ "checked": tally.events, "unfit": tally.unfit, "more": more, "first": first });
    }
    shown
}

fn render(checked: &[Checked], compared: bool, config: &Path) -> String {
    let mut text = String::new();
    for Checked { schema, tally, more } in checked {
        let name = clean(&schema.name);
        let Tally { events, unfit, first } = tally;
        let checked = format!("checked {}", counted(*events, "event"));
        text += &match (compared, unfit) {
            (false, _) => format!("{GREEN}✔{GREEN:#} {name}\n"),
            (true, 0) => format!("{GREEN}✔{GREEN:#} {name}  {checked}\n"),
            (true, 1) => format!("{RED}✘{RED:#} {name}  {checked}: 1 does not match\n"),
            (true, _) => format!("{RED}✘{RED:#} {name}  {checked}: {unfit} do not match\n"),
        };
        if let Some((id, wrong)) = first {
            text += &format!("    {}: {} {}\n", clean(id), clean(&wrong.pointer), clean(&wrong.detail));
        }
        if *more {
            text += &format!("    {YELLOW}there are more{YELLOW:#}; --most checks more of them\n");
        }
    }
    if checked.is_empty() {
        text += &format!("{} has no schemas\n", config.display());
    }
    text
}
