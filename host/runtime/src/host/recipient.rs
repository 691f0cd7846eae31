//! `recipient`: whom the delivered event is for.

use std::sync::Arc;

use fanfare_core::Event;
use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::recipient,
    context::{Account, Batch, Context},
    services::RecipientOf,
};

struct Recipient;

struct View<'a> {
    event: Option<&'a Event>,
    batch: Option<&'a Batch>,
    recipient_of: Option<&'a RecipientOf>,
    account: &'a mut Account,
}

impl HasData for Recipient {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    recipient::add_to_linker::<_, Recipient>(linker, |context| View {
        event: context.event.as_deref(),
        batch: context.batch.as_ref(),
        recipient_of: context.services.recipient_of.as_ref(),
        account: &mut context.account,
    })
}

impl recipient::Host for View<'_> {
    fn current(&mut self) -> Option<recipient::Recipient> {
        let event = match self.batch {
            Some(batch) => common(&batch.events)?,
            None => self.event?,
        };
        let known = self.recipient_of.and_then(|of| of(event));
        // Without recipients, for example in a trial, only the subject is known.
        let nobody = || event.subject.clone().map(|subject| fanfare_core::Recipient { subject, ..Default::default() });
        let recipient = known.or_else(nobody)?;
        let attributes = recipient.flat_attributes();
        let fanfare_core::Recipient { subject, email, phone, push, locale, .. } = recipient;
        let optional = [&email, &phone, &locale].into_iter().flatten().map(String::len).sum::<usize>();
        self.account.charge(subject.len() + optional + push.iter().map(String::len).sum::<usize>());
        self.account.charge_pairs(&attributes);
        Some(recipient::Recipient { subject, email, phone, push, locale, attributes })
    }
}

/// The first of these events, if all have the same recipient.
pub(super) fn common(events: &[Arc<Event>]) -> Option<&Event> {
    let first = events.first()?;
    events.iter().all(|event| event.subject == first.subject).then_some(first)
}
