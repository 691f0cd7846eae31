//! Checks what a guest has used whenever a host call returns.
//!
//! The engine checks fuel and epoch only at the start of functions and loops, never after a host call. A guest that is
//! one long sequence of host calls would escape every limit. So each return from the host counts the cost of the call,
//! ends the guest past its deadline or its fuel, and yields at a tick.

#![allow(clippy::disallowed_methods, reason = "a guest that computes is bounded in real time, also in a test")]

use std::{
    future::Future,
    pin::Pin,
    task,
    time::{Duration, Instant},
};

use wasmtime::{CallHook, CallHookHandler, StoreContextMut, Trap};

use super::Context;
use crate::limits;

/// The deadline of an attempt, and what it has cost the host.
#[derive(Default)]
pub(crate) struct Account {
    /// When the guest is ended, whatever it is doing. `None` before the first attempt.
    deadline: Option<Instant>,
    /// The tick in which the guest last yielded.
    tick: u64,
    /// Whether the engine's own callback for a new tick is running. Its timing depends on the clock, so it costs no
    /// fuel: the same attempt always costs the same.
    ticking: bool,
    /// Fuel for work that the host did for the guest.
    host_work: u64,
}

/// What follows from the time that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Still the same tick.
    Same,
    /// A new tick: yield first.
    Next,
    /// The deadline has passed.
    Over,
}

impl Account {
    /// Charges the attempt for bytes that a host call copies or reads.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.host_work = self.host_work.saturating_add(bytes as u64 / limits::BYTES_PER_FUEL);
    }

    /// Charges the attempt for fuel that the host has used for it.
    pub(crate) fn charge_work(&mut self, fuel: u64) {
        self.host_work = self.host_work.saturating_add(fuel);
    }

    /// Charges for names with values, such as headers.
    pub(crate) fn charge_pairs(&mut self, pairs: &[(String, String)]) {
        let text: usize = pairs.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        self.charge(text.saturating_add(size_of_val(pairs)));
    }
}

impl Context {
    /// Begins an attempt.
    pub(super) fn begin(&mut self, timeout: Duration) {
        let tick = self.shared.ticker.ticks();
        let deadline = Some(Instant::now() + timeout + limits::GRACE);
        self.account = Account { deadline, tick, ..Account::default() };
    }

    /// Fuel for the host's work in this attempt.
    pub(super) fn host_work(&self) -> u64 {
        self.account.host_work.saturating_add(self.written() / limits::BYTES_PER_FUEL)
    }

    /// The epoch's own check, in the middle of the guest's code.
    pub(super) fn tick(&mut self) -> Turn {
        self.account.ticking = true;
        self.turn()
    }

    fn turn(&mut self) -> Turn {
        let tick = self.shared.ticker.ticks();
        if tick == self.account.tick {
            return Turn::Same;
        }
        self.account.tick = tick;
        match self.account.deadline {
            Some(deadline) if Instant::now() >= deadline => Turn::Over,
            _ => Turn::Next,
        }
    }

    /// Counts a host call that has just returned.
    fn returned(&mut self) {
        let Account { ticking, host_work, .. } = &mut self.account;
        if !std::mem::take(ticking) {
            *host_work = host_work.saturating_add(limits::CALL_FUEL);
        }
    }
}

pub(super) struct Hook;

/// The usual answer, on the path of every call: zero-sized, so that boxing it does not allocate.
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
        context.returned();
        if context.host_work() >= left {
            return Box::pin(std::future::ready(Err(Trap::OutOfFuel.into())));
        }
        match context.turn() {
            Turn::Same => Box::pin(GoOn),
            Turn::Over => Box::pin(std::future::ready(Err(Trap::Interrupt.into()))),
            Turn::Next => Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            }),
        }
    }
}
