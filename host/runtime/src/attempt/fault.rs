//! Maps what ended a guest to the class that an operator reads.

use std::time::Duration;

use fanfare_core::{Class, Fault, TraceLine};
use fanfare_dispatch::Bounds;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace, component::ResourceTableError};
use wasmtime_wasi::I32Exit;

use crate::{convert::clean, limits};

/// What is known about an attempt besides the error that ended it.
pub(super) struct Circumstances<'a> {
    pub(super) table: &'a str,
    pub(super) bounds: Bounds,
    /// The memory limiter refused an allocation.
    pub(super) memory_refused: bool,
    /// A request was refused for lack of a grant.
    pub(super) denied: Option<String>,
    pub(super) panic: Option<String>,
    /// A fault of the host that kept the guest from its work.
    pub(super) hindered: Option<String>,
    /// Whether some folder is granted.
    pub(super) has_folders: bool,
}

impl Circumstances<'_> {
    pub(super) fn timeout(&self) -> Fault {
        let Self { table, bounds, .. } = self;
        let limit = human(bounds.timeout);
        Fault::new(
            Class::Timeout,
            "timeout",
            format!("the attempt was not done within {limit}: see {table}.timeout in config.toml"),
        )
    }

    /// The class of an error that ended the guest. A limit that was hit is named; otherwise an earlier refusal by the
    /// host explains a crash better than the crash itself.
    pub(super) fn of_error(&self, error: &wasmtime::Error) -> Fault {
        let Self { table, bounds, .. } = self;
        if let Some(hindered) = &self.hindered {
            return Fault::new(Class::Host, "hindered", hindered);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Fault::new(Class::Host, "pool_exhausted", "no instance was free despite a permit");
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => {
                let fuel = bounds.fuel;
                let message = format!("the guest ran out of fuel ({fuel} units): see {table}.fuel in config.toml");
                return Fault::new(Class::Fuel, "fuel", message);
            }
            Some(Trap::Interrupt) => return self.timeout(),
            _ => {}
        }
        let cause = clean(&error.root_cause().to_string(), limits::MESSAGE / 2);
        if self.memory_refused {
            let limit = bounds.memory >> 10;
            let message = format!(
                "the guest exceeded its memory limit of {limit} KiB: see {table}.memory in config.toml \
                    ({cause})"
            );
            return Fault::new(Class::Memory, "memory", message);
        }
        if let Some(denied) = &self.denied {
            return Fault::new(Class::Denied, "denied", denied);
        }
        if let Some(panic) = &self.panic {
            return Fault::new(Class::Trap, "panic", panic);
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            let message = format!("the guest ended the process with status {status} instead of returning");
            return Fault::new(Class::Trap, "exit", message);
        }
        if let Some(ResourceTableError::Full) = error.downcast_ref() {
            let most = limits::HANDLES;
            let message = format!(
                "the guest has {most} handles (files, streams, timers), which is the limit: it has to close some"
            );
            return Fault::new(Class::Trap, "handles", message);
        }
        let message = match error.downcast_ref::<Trap>().and_then(hint) {
            Some(hint) => format!("{hint} ({cause})"),
            None => cause,
        };
        Fault::new(Class::Trap, "trap", message)
    }

    /// Without a granted folder, opening a file never becomes a host call: the guest's own library has nothing to open
    /// it from, and reports that the file does not exist. Applied only to failures that are dead at once anyway, so
    /// that a wrong guess does not change a delivery.
    fn no_folder(&self, fault: &Fault) -> Option<String> {
        const WORDS: [&str; 4] =
            ["No such file or directory", "pre-opened file descriptor", "Capabilities insufficient", "Bad file number"];
        let Self { table, has_folders, .. } = self;
        let says =
            !has_folders && fault.class == Class::Rejected && WORDS.iter().any(|words| fault.message.contains(words));
        says.then(|| format!("no folder is granted: add one to {table}.grant.files in config.toml"))
    }

    /// The class of a failure that the guest itself returned.
    pub(super) fn of_failure(&self, fault: Fault) -> Fault {
        if let Some(hindered) = &self.hindered {
            return Fault::new(Class::Host, "hindered", hindered);
        }
        let denied = self.denied.clone().or_else(|| self.no_folder(&fault));
        match denied {
            // A guest that repeats the host's message adds nothing.
            Some(denied) if fault.message.contains(&denied) => Fault::new(Class::Denied, "denied", denied),
            Some(denied) => {
                let message = clean(&format!("{denied} (the guest: {})", fault.message), limits::MESSAGE);
                Fault::new(Class::Denied, "denied", message)
            }
            None => fault,
        }
    }
}

/// What a trap usually means to the author of the plugin.
fn hint(trap: &Trap) -> Option<&'static str> {
    match trap {
        Trap::MemoryOutOfBounds => Some(
            "the guest used an address outside its memory; if it recurses deeply, give it a larger stack when it is \
             linked",
        ),
        Trap::StackOverflow => Some(
            "the guest's calls are nested too deeply for the engine's stack of 512 KiB; limit how deep it recurses",
        ),
        Trap::UnreachableCodeReached => Some("the guest aborted itself without a message"),
        _ => None,
    }
}

/// Where the guest was, if its file has names.
pub(super) fn backtrace(error: &wasmtime::Error) -> Vec<TraceLine> {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else { return vec![] };
    if trace.frames().iter().all(|frame| frame.func_name().is_none()) {
        return vec![];
    }
    let line = |line: &str| TraceLine(clean(line.trim_end(), limits::LOG_LINE));
    trace.to_string().lines().skip(1).take(2 * limits::BACKTRACE_FRAMES).map(line).collect()
}

fn human(duration: Duration) -> String {
    format!("{duration:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circumstances() -> Circumstances<'static> {
        let bounds = Bounds { timeout: Duration::from_secs(10), fuel: 1000, memory: 1 << 20, reuse: 0 };
        Circumstances {
            table: "channels.hook",
            bounds,
            memory_refused: false,
            denied: None,
            panic: None,
            hindered: None,
            has_folders: false,
        }
    }

    #[track_caller]
    fn check(
        circumstances: Circumstances<'_>,
        error: impl Into<wasmtime::Error>,
        class: Class,
        code: &str,
        says: &str,
    ) {
        let fault = circumstances.of_error(&error.into());
        assert_eq!((fault.class, fault.code.as_str()), (class, code));
        assert!(fault.message.contains(says), "{}", fault.message);
    }

    #[test]
    fn a_bound_names_itself_and_its_key_whatever_else_happened() {
        let busy = || Circumstances { memory_refused: true, panic: Some("p".to_owned()), ..circumstances() };
        check(busy(), Trap::OutOfFuel, Class::Fuel, "fuel", "channels.hook.fuel");
        check(busy(), Trap::Interrupt, Class::Timeout, "timeout", "channels.hook.timeout");
    }

    #[test]
    fn a_fall_is_explained_by_what_was_refused_before_it() {
        let fall = Trap::UnreachableCodeReached;
        check(
            circumstances(),
            fall,
            Class::Trap,
            "trap",
            "aborted itself without a message (wasm trap: wasm `unreachable`",
        );
        check(circumstances(), Trap::MemoryOutOfBounds, Class::Trap, "trap", "a larger stack");
        check(circumstances(), Trap::StackOverflow, Class::Trap, "trap", "nested too deeply");
        check(circumstances(), Trap::IntegerDivisionByZero, Class::Trap, "trap", "wasm trap: integer divide by zero");
        let panic = || Circumstances { panic: Some("panicked at x: y".to_owned()), ..circumstances() };
        check(panic(), fall, Class::Trap, "panic", "panicked at x: y");
        let denied = || Circumstances { denied: Some("add it".to_owned()), ..panic() };
        check(denied(), fall, Class::Denied, "denied", "add it");
        check(
            Circumstances { memory_refused: true, ..denied() },
            fall,
            Class::Memory,
            "memory",
            "channels.hook.memory",
        );
    }

    #[test]
    fn an_exit_is_not_a_result() {
        check(circumstances(), wasmtime::Error::from(I32Exit(3)), Class::Trap, "exit", "status 3");
    }

    #[test]
    fn a_failure_after_a_denial_is_the_denial() {
        let fault = || Fault::new(Class::Retry, "c", "could not");
        assert_eq!(circumstances().of_failure(fault()), fault());
        let denied = Circumstances { denied: Some("add it".to_owned()), ..circumstances() }.of_failure(fault());
        assert_eq!(denied, Fault::new(Class::Denied, "denied", "add it (the guest: could not)"));
        let file = || Fault::new(Class::Rejected, "io", "/x: No such file or directory (os error 44)");
        let denied = circumstances().of_failure(file());
        assert_eq!(
            (denied.class, denied.message.contains("channels.hook.grant.files")),
            (Class::Denied, true),
            "{denied:?}"
        );
        // With a folder it may be any file; and a retryable failure is not ended because of a word in its reason.
        let granted = Circumstances { has_folders: true, ..circumstances() };
        assert_eq!(granted.of_failure(file()), file());
        let again = Fault { class: Class::Retry, ..file() };
        assert_eq!(circumstances().of_failure(again.clone()), again);
    }
}
