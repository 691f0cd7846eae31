//! `published`: the delivered event, as JSON.

use fanfare_core::Event;
use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::published,
    context::{Account, Batch, Context},
};

struct Published;

struct View<'a> {
    event: Option<&'a Event>,
    batch: Option<&'a Batch>,
    account: &'a mut Account,
}

impl HasData for Published {
    type Data<'a> = View<'a>;
}

fn view(context: &mut Context) -> View<'_> {
    View { event: context.event.as_deref(), batch: context.batch.as_ref(), account: &mut context.account }
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    published::add_to_linker::<_, Published>(linker, view)
}

impl published::Host for View<'_> {
    fn json(&mut self) -> String {
        let json = match self.batch {
            Some(batch) => {
                let events: Vec<_> = batch.events.iter().map(|event| event.to_structured()).collect();
                format!("[{}]", events.join(","))
            }
            None => self.event.map(Event::to_structured).unwrap_or_default(),
        };
        // Serialized once, and copied once into the guest's memory.
        self.account.charge(2 * json.len());
        json
    }
}
