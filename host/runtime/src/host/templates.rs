//! `templates`: the operator's templates, rendered for what is delivered. The daemon renders them.

use std::{slice, sync::Arc};

use wasmtime::component::{HasData, Linker};

use super::recipient::common;
use crate::{
    bindings::fanfare::channel::templates::{self, Message},
    context::Context,
    limits,
    services::{Rendered, Rendering},
};

struct Templates;

struct View<'a>(&'a mut Context);

impl HasData for Templates {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    templates::add_to_linker::<_, Templates>(linker, |context| View(context))
}

impl templates::Host for View<'_> {
    fn render(&mut self, name: String) -> Result<Message, String> {
        let Rendered { subject, text, html } = render(self.0, &name)?;
        Ok(Message { subject, text, html })
    }
}

/// Fills in a template from what is delivered.
///
/// # Errors
/// What is missing or wrong, for whoever wrote it.
pub(crate) fn render(context: &mut Context, name: &str) -> Result<Rendered, String> {
    context.account.charge(name.len());
    let Some(render) = &context.services.render else {
        return Err("there are no templates here; the configuration has none".to_owned());
    };
    if context.renders >= limits::RENDERS {
        return Err(format!("an attempt may render {} templates", limits::RENDERS));
    }
    context.renders += 1;
    let id = match &context.batch {
        Some(batch) => batch.id.clone(),
        None => context.delivery.to_string(),
    };
    let events = match (&context.batch, &context.event) {
        (Some(batch), _) => batch.events.as_slice(),
        (None, Some(event)) => slice::from_ref(event),
        (None, None) => return Err("a template requires a delivery".to_owned()),
    };
    let rendering = Rendering {
        name: limits::cut(name, limits::LISTED_NAME),
        events,
        has_one_recipient: common(events).is_some(),
        channel: context.channel_view.name(),
        delivery_id: &id,
    };
    let render = Arc::clone(render);
    let (rendered, work) = render(&rendering);
    // The host computed for the guest, so the guest pays.
    context.account.charge_work(work);
    let rendered = rendered?;
    context.account.charge(rendered.subject.len() + rendered.text.len() + rendered.html.len());
    Ok(rendered)
}
