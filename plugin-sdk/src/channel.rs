//! The traits a channel implements, and the macros that make a component of it.

use crate::{Delivery, Failure, Receipt, Request, Response, json};

/// A channel that delivers by itself. Export it with [`export_channel!`](crate::export_channel).
pub trait Channel {
    /// Makes one attempt to deliver.
    ///
    /// # Errors
    /// A [`Failure`] that says whether the host should try again.
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure>;
}

/// A channel that composes an HTTP request and leaves the sending to the host, which pools connections, signs, fills in
/// secrets and checks the grants. Export it with [`export_http_channel!`](crate::export_http_channel).
pub trait HttpChannel {
    /// Makes the request.
    ///
    /// # Errors
    /// A [`Failure`] when this event cannot be made into one.
    fn compose(delivery: &Delivery) -> Result<Request, Failure>;

    /// Judges the response, whatever its status. By itself it takes any 2xx for a delivery and leaves the rest to
    /// [`Failure::from_status`].
    ///
    /// # Errors
    /// A [`Failure`] when the receiver did not take the event.
    fn interpret(delivery: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        let _ = delivery;
        response.error_for_status()?;
        Ok(json!({ "status": response.status }).into())
    }
}

/// Makes the component's exports of a type that implements [`Channel`]. Once per plugin.
#[macro_export]
macro_rules! export_channel {
    ($channel:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::channel::exports::fanfare::channel::handler::Guest for Exported {
                fn deliver(
                    delivery: $crate::Delivery,
                ) -> ::core::result::Result<::std::string::String, $crate::Failure> {
                    $crate::entry::deliver::<$channel>(&delivery)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::channel::export_world! { Exported with_types_in $crate::bindings::channel }

            // No exports elsewhere, as their names would upset linkers; but the type counts as used there too.
            #[cfg(not(target_family = "wasm"))]
            const _: fn(&$crate::Delivery) -> ::core::result::Result<$crate::Receipt, $crate::Failure> =
                <$channel as $crate::Channel>::deliver;
        };
    };
}

/// Makes the component's exports of a type that implements [`HttpChannel`]. Once per plugin.
#[macro_export]
macro_rules! export_http_channel {
    ($channel:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::http_channel::exports::fanfare::channel::exchange::Guest for Exported {
                fn compose(delivery: $crate::Delivery) -> ::core::result::Result<$crate::Request, $crate::Failure> {
                    $crate::entry::compose::<$channel>(&delivery)
                }

                fn interpret(
                    delivery: $crate::Delivery,
                    response: $crate::Response,
                ) -> ::core::result::Result<::std::string::String, $crate::Failure> {
                    $crate::entry::interpret::<$channel>(&delivery, &response)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::http_channel::export_world! { Exported with_types_in $crate::bindings::http_channel }

            // No exports elsewhere, as their names would upset linkers; but the type counts as used there too.
            #[cfg(not(target_family = "wasm"))]
            const _: fn(&$crate::Delivery) -> ::core::result::Result<$crate::Request, $crate::Failure> =
                <$channel as $crate::HttpChannel>::compose;
        };
    };
}

/// Where the macros' exports lead. Not for use by hand.
pub mod entry {
    use super::{Channel, HttpChannel};
    use crate::{Delivery, Failure, Request, Response, log, settings};

    pub fn deliver<C: Channel>(delivery: &Delivery) -> Result<String, Failure> {
        enter(delivery);
        C::deliver(delivery).map(Into::into)
    }

    pub fn compose<C: HttpChannel>(delivery: &Delivery) -> Result<Request, Failure> {
        enter(delivery);
        C::compose(delivery)
    }

    pub fn interpret<C: HttpChannel>(delivery: &Delivery, response: &Response) -> Result<String, Failure> {
        enter(delivery);
        C::interpret(delivery, response).map(Into::into)
    }

    fn enter(delivery: &Delivery) {
        log::hook_panics();
        settings::remember_channel(&delivery.channel);
    }
}
