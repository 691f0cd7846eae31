//! `fanfare audit`: the audit trail.

use comfy_table::Cell;
use fanfare_core::rfc3339;

use super::{
    Context,
    client::{Client, ClientArgs, query},
    failure::Failure,
    moment::Moment,
    output::{clean, lines, print, print_raw, row, table},
    whole::whole,
};
use crate::api::Acts;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    client: ClientArgs,
    /// Only acts by this token, or by `local`, `file`, `daemon` or `anyone`
    #[arg(long)]
    who: Option<String>,
    /// Only this operation, such as pauseChannel
    #[arg(long)]
    what: Option<String>,
    /// Only acts at or after this time, or this long ago: 2h, 7d
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only acts before this time, or this long ago
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// At most this many, the newest first
    #[arg(long, default_value_t = 50, value_parser = whole::<u16>)]
    limit: u16,
}

pub(crate) async fn run(args: Args, context: Context) -> Result<(), Failure> {
    let client = Client::new(&args.client)?;
    let parameters = query(&[
        ("order", Some("newest".to_owned())),
        ("limit", Some(args.limit.to_string())),
        ("who", args.who),
        ("what", args.what),
        ("since", args.since.map(|since| since.to_string())),
        ("until", args.until.map(|until| until.to_string())),
    ]);
    let answer = client.get(&format!("/v1/audit{parameters}")).await?;
    if context.json {
        return Ok(print_raw(&answer.body)?);
    }
    let Acts { acts, .. } = answer.read()?;
    if acts.is_empty() {
        return Ok(print("No acts are recorded.\n")?);
    }
    let mut rows = table(["at", "who", "what", "target", "from", "outcome"]);
    for act in acts.iter().rev() {
        let details = act.details.as_ref().map(|details| format!(" {details}")).unwrap_or_default();
        let cells = [
            rfc3339(act.at),
            act.who.clone(),
            act.what.clone(),
            format!("{}{details}", act.target),
            act.from.clone().unwrap_or_default(),
            act.outcome.clone().unwrap_or_else(|| "unknown".to_owned()),
        ];
        rows.add_row(row(cells.iter().map(|cell| Cell::new(clean(cell))).collect()));
    }
    Ok(print(&lines(&rows))?)
}
