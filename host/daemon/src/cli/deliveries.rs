//! `fanfare deliveries`: ends deliveries that cannot succeed.

use fanfare_core::DeliveryId;
use serde_json::json;

use super::{
    Context,
    client::{Client, ClientArgs},
    dead_letters::delivery_id,
    failure::Failure,
    output::{print, print_raw},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Drop a pending delivery: it becomes a dead letter with your reason, and the deliveries behind it continue
    Drop(DropArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DropArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The delivery's id: `dlv_…`, as shown by `fanfare events show`
    #[arg(value_parser = delivery_id)]
    id: DeliveryId,
    /// The reason, for the record
    #[arg(long)]
    reason: String,
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    let Command::Drop(args) = command;
    let client = Client::new(&args.client)?;
    let path = format!("/v1/deliveries/{}/drop", args.id);
    let answer = client.command(&path, &json!({ "reason": args.reason })).await?;
    if context.json {
        print_raw(&answer.body)?;
    } else {
        let id = args.id;
        print(&format!("{id} is now a dead letter; to begin it again, run `fanfare dead-letters replay {id}`\n"))?;
    }
    Ok(())
}
