//! What guests can ask the daemon for: the recipient of an event, and filled-in templates.

use std::sync::Arc;

use fanfare_core::{Event, Recipient};
use fanfare_runtime::{RecipientOf, Render, Rendered};

use crate::{
    recipients::{OnFile, Recipients},
    templates::{Given, Message, Templates},
};

/// A source of recipients: a daemon, or the files of a configuration.
pub(crate) trait Directory: Send + Sync + 'static {
    /// Whom an event is for. `None` if it has no subject or is a system event.
    fn of(&self, event: &Event) -> Option<Recipient>;
    /// The languages to try for a recipient, in order of preference.
    fn locales(&self, own: Option<&str>) -> Vec<String>;
}

impl Directory for Recipients {
    fn of(&self, event: &Event) -> Option<Recipient> {
        Self::of(self, event)
    }

    fn locales(&self, own: Option<&str>) -> Vec<String> {
        self.on_file().rules.locales(own)
    }
}

impl Directory for OnFile {
    fn of(&self, event: &Event) -> Option<Recipient> {
        self.of_event(event)
    }

    fn locales(&self, own: Option<&str>) -> Vec<String> {
        self.rules.locales(own)
    }
}

/// The lookup of recipients for guests.
pub(crate) fn recipient_of(directory: &Arc<impl Directory>) -> RecipientOf {
    let directory = Arc::clone(directory);
    Arc::new(move |event| directory.of(event))
}

/// The templates for guests.
pub(crate) fn render(directory: &Arc<impl Directory>, templates: &Arc<Templates>) -> Render {
    let (directory, templates) = (Arc::clone(directory), Arc::clone(templates));
    Arc::new(move |rendering| {
        let event = rendering.events.first().filter(|_| rendering.has_one_recipient);
        let recipient = event.and_then(|event| directory.of(event));
        let locale = recipient.as_ref().and_then(|recipient| recipient.locale.as_deref());
        let given = Given {
            events: rendering.events,
            recipient: recipient.as_ref(),
            locales: &directory.locales(locale),
            channel: rendering.channel,
            delivery_id: rendering.delivery_id,
        };
        let (rendered, work) = templates.set().render(rendering.name, &given);
        let rendered = rendered.map(|Message { subject, text, html }| Rendered { subject, text, html });
        (rendered.map_err(|error| error.to_string()), work)
    })
}
