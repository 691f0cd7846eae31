//! Checks what a guest has used whenever a host call returns.
//!
//! The engine checks fuel and epoch only at the start of functions and loops, never after a host call. A guest that is
//! one long sequence of host calls would escape every limit. So each return from the host counts the cost of the call,
//! ends the guest past its deadline or its fuel, and yields at a tick.

use std::{future::Future, pin::Pin, task, time::Duration};

use wasmtime::{CallHook, CallHookHandler, StoreContextMut, Trap};

use crate::{
    context::{Context, Turn},
    limits,
};

impl Context {
    /// Begins an attempt.
    pub(super) fn begin(&mut self, timeout: Duration) {
        self.account.begin(timeout, self.services.ticker.ticks());
    }

    /// Fuel for the host's work in this attempt.
    pub(super) fn host_work(&self) -> u64 {
        self.account.host_work().saturating_add(self.written() / limits::BYTES_PER_FUEL)
    }

    /// The epoch's own check, in the middle of the guest's code.
    pub(super) fn tick(&mut self) -> Turn {
        self.account.interrupted(self.services.ticker.ticks())
    }
}

pub(super) struct Hook;

/// The usual result, on the path of every call: zero-sized, so that boxing it does not allocate.
struct GoOn;

impl Future for GoOn {
    type Output = wasmtime::Result<()>;

    fn poll(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        task::Poll::Ready(Ok(()))
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>>;

impl CallHookHandler<Context> for Hook {
    fn handle_call_event<'hook, 'store, 'answer>(
        &'hook self,
        mut store: StoreContextMut<'store, Context>,
        event: CallHook,
    ) -> Answer<'answer>
    where
        'hook: 'answer,
        'store: 'answer,
    {
        if !matches!(event, CallHook::ReturningFromHost) {
            return Box::pin(GoOn);
        }
        // During the engine's own calls this may be more than is left, never less.
        let left = store.get_fuel().unwrap_or_default();
        let context = store.data_mut();
        context.account.returned();
        if context.host_work() >= left {
            return Box::pin(std::future::ready(Err(Trap::OutOfFuel.into())));
        }
        match context.account.turn(context.services.ticker.ticks()) {
            Turn::Same => Box::pin(GoOn),
            Turn::Over => Box::pin(std::future::ready(Err(Trap::Interrupt.into()))),
            Turn::Next => Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            }),
        }
    }
}
