//! The traits that a channel implements, and the macros that export it as a component.

use crate::{Delivery, Event, Failure, Receipt, Request, Response, json};

/// A channel that delivers by itself. Export it with [`export_channel!`](crate::export_channel).
pub trait Channel {
    /// Makes one attempt to deliver.
    ///
    /// # Errors
    /// A [`Failure`] that says whether the host should try again.
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure>;
}

/// A channel that composes an HTTP request for the host to send. The host pools connections, signs, inserts secrets and
/// checks the grants. Export it with [`export_http_channel!`](crate::export_http_channel).
pub trait HttpChannel {
    /// Makes the request.
    ///
    /// # Errors
    /// A [`Failure`] if there is no request for this event.
    fn compose(delivery: &Delivery) -> Result<Request, Failure>;

    /// Judges the response, whatever its status. The default accepts any 2xx as a delivery and leaves the rest to
    /// [`Failure::from_status`].
    ///
    /// # Errors
    /// A [`Failure`] if the receiver did not accept the event.
    fn interpret(delivery: &Delivery, response: &Response) -> Result<Receipt, Failure> {
        let _ = delivery;
        response.error_for_status()?;
        Ok(json!({ "status": response.status }).into())
    }
}

/// A channel that delivers many events in one call: a batch by the operator's `batch` policy, or one event at a time
/// without such a policy. Export it with [`export_batch_channel!`](crate::export_batch_channel).
///
/// The call has the bounds of one attempt. If it fails as a whole (a panic, a bound, a wrong number of results), each
/// delivery is attempted alone, in a batch of one.
pub trait BatchChannel {
    /// Makes one attempt to deliver each of them. Returns one result for each, in the same order.
    fn deliver(batch: &[Delivery]) -> Vec<Result<Receipt, Failure>>;
}

/// A channel that composes one HTTP request for many events, for the host to send. Export it with
/// [`export_batch_http_channel!`](crate::export_batch_http_channel).
pub trait BatchHttpChannel {
    /// Makes the request.
    ///
    /// # Errors
    /// A [`Failure`] if these events cannot be made into a request. For a batch of several, it says nothing about any
    /// one of them: each is attempted alone.
    fn compose(batch: &[Delivery]) -> Result<Request, Failure>;

    /// Judges the response, whatever its status, with one result for each delivery, in their order. The default accepts
    /// any 2xx as a delivery of all, and leaves the rest to [`Failure::from_status`].
    fn interpret(batch: &[Delivery], response: &Response) -> Vec<Result<Receipt, Failure>> {
        let result = response.error_for_status().map(|()| json!({ "status": response.status }).into());
        vec![result; batch.len()]
    }
}

/// A stage checks, changes or drops each event before the fan-out. Export it with
/// [`export_stage!`](crate::export_stage).
///
/// A stage also runs for repeats of an event, and for events that a later stage rejects. So it should affect nothing
/// but the event: it keeps no state and emits nothing.
pub trait Stage {
    /// Returns the event, changed or not, or none to drop it. `id` and `source` must not change.
    ///
    /// # Errors
    /// A [`Failure`] with the disposition `reject` rejects the event, and its publisher gets the message. After any
    /// other failure, a panic or an exceeded limit, the stage's `on_error` decides.
    fn process(event: Event) -> Result<Option<Event>, Failure>;
}

/// Exports a type that implements [`Channel`] from the component. Use it once per plugin.
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

/// Exports a type that implements [`HttpChannel`] from the component. Use it once per plugin.
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

/// Exports a type that implements [`BatchChannel`] from the component. Use it once per plugin, together with
/// [`export_channel!`](crate::export_channel) if single events are delivered differently.
#[macro_export]
macro_rules! export_batch_channel {
    ($channel:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::batch_channel::exports::fanfare::channel::batch_handler::Guest for Exported {
                fn deliver(
                    batch: ::std::vec::Vec<$crate::Delivery>,
                ) -> ::std::vec::Vec<::core::result::Result<::std::string::String, $crate::Failure>> {
                    $crate::entry::deliver_batch::<$channel>(&batch)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::batch_channel::export_world! { Exported with_types_in $crate::bindings::batch_channel }

            // No exports elsewhere, as their names would upset linkers; but the type counts as used there too.
            #[cfg(not(target_family = "wasm"))]
            const _: fn(
                &[$crate::Delivery],
            ) -> ::std::vec::Vec<::core::result::Result<$crate::Receipt, $crate::Failure>> =
                <$channel as $crate::BatchChannel>::deliver;
        };
    };
}

/// Exports a type that implements [`BatchHttpChannel`] from the component. Use it once per plugin, together with
/// [`export_http_channel!`](crate::export_http_channel) if single events are sent differently.
#[macro_export]
macro_rules! export_batch_http_channel {
    ($channel:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::batch_http_channel::exports::fanfare::channel::batch_exchange::Guest for Exported {
                fn compose(
                    batch: ::std::vec::Vec<$crate::Delivery>,
                ) -> ::core::result::Result<$crate::Request, $crate::Failure> {
                    $crate::entry::compose_batch::<$channel>(&batch)
                }

                fn interpret(
                    batch: ::std::vec::Vec<$crate::Delivery>,
                    response: $crate::Response,
                ) -> ::std::vec::Vec<::core::result::Result<::std::string::String, $crate::Failure>> {
                    $crate::entry::interpret_batch::<$channel>(&batch, &response)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::batch_http_channel::export_world! {
                Exported with_types_in $crate::bindings::batch_http_channel
            }

            // No exports elsewhere, as their names would upset linkers; but the type counts as used there too.
            #[cfg(not(target_family = "wasm"))]
            const _: fn(&[$crate::Delivery]) -> ::core::result::Result<$crate::Request, $crate::Failure> =
                <$channel as $crate::BatchHttpChannel>::compose;
        };
    };
}

/// Exports a type that implements [`Stage`] from the component. Use it once per plugin.
#[macro_export]
macro_rules! export_stage {
    ($stage:ty) => {
        const _: () = {
            struct Exported;

            impl $crate::bindings::stage_plugin::exports::fanfare::channel::stage::Guest for Exported {
                fn process(
                    event: $crate::Event,
                ) -> ::core::result::Result<::core::option::Option<$crate::Event>, $crate::Failure> {
                    $crate::entry::process::<$stage>(event)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::stage_plugin::export_world! { Exported with_types_in $crate::bindings::stage_plugin }

            // No exports elsewhere, as their names would upset linkers; but the type counts as used there too.
            #[cfg(not(target_family = "wasm"))]
            const _: fn(
                $crate::Event,
            ) -> ::core::result::Result<::core::option::Option<$crate::Event>, $crate::Failure> =
                <$stage as $crate::Stage>::process;
        };
    };
}

/// Called by the exports of the macros. Not for direct use.
pub mod entry {
    use super::{BatchChannel, BatchHttpChannel, Channel, HttpChannel, Stage};
    use crate::{Delivery, Event, Failure, Receipt, Request, Response, log, settings};

    pub fn deliver<C: Channel>(delivery: &Delivery) -> Result<String, Failure> {
        for_channel(Some(delivery), || C::deliver(delivery).map(Into::into))
    }

    pub fn compose<C: HttpChannel>(delivery: &Delivery) -> Result<Request, Failure> {
        for_channel(Some(delivery), || C::compose(delivery))
    }

    pub fn interpret<C: HttpChannel>(delivery: &Delivery, response: &Response) -> Result<String, Failure> {
        for_channel(Some(delivery), || C::interpret(delivery, response).map(Into::into))
    }

    pub fn deliver_batch<C: BatchChannel>(batch: &[Delivery]) -> Vec<Result<String, Failure>> {
        for_channel(batch.first(), || texts(C::deliver(batch)))
    }

    pub fn compose_batch<C: BatchHttpChannel>(batch: &[Delivery]) -> Result<Request, Failure> {
        for_channel(batch.first(), || C::compose(batch))
    }

    pub fn interpret_batch<C: BatchHttpChannel>(
        batch: &[Delivery],
        response: &Response,
    ) -> Vec<Result<String, Failure>> {
        for_channel(batch.first(), || texts(C::interpret(batch, response)))
    }

    pub fn process<S: Stage>(event: Event) -> Result<Option<Event>, Failure> {
        in_table("stages", "<name>", || S::process(event))
    }

    fn texts(results: Vec<Result<Receipt, Failure>>) -> Vec<Result<String, Failure>> {
        results.into_iter().map(|result| result.map(Into::into)).collect()
    }

    fn for_channel<T>(delivery: Option<&Delivery>, call: impl FnOnce() -> T) -> T {
        in_table("channels", delivery.map_or("<name>", |delivery| &delivery.channel), call)
    }

    /// Runs a call of the host's, for the channel or stage with this table in the config.
    fn in_table<T>(kind: &'static str, name: &str, call: impl FnOnce() -> T) -> T {
        log::hook_panics();
        settings::remember_table(kind, name);
        let result = call();
        log::flush();
        result
    }
}
