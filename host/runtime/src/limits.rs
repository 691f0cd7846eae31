//! Everything a guest could make the host hold, and how much of it we are willing to.
//!
//! A guest's linear memory is bounded by its channel's policy; these bound what it makes *us* allocate. Each has a test.

use std::time::Duration;

/// The largest file taken as a plugin. Compile time grows with it, and the engine has no limit of its own.
pub(crate) const WASM: usize = 32 << 20;

/// Imports of one file, and as many exports. Lists of them go into messages and the API.
pub(crate) const NAMES: usize = 4096;

/// Bytes of the names of all imports, and as many of those of all exports.
pub(crate) const NAME_BYTES: usize = 256 << 10;

/// Bytes of a name that a message repeats.
pub(crate) const LISTED_NAME: usize = 120;

/// The largest linear memory the pool can hold; a policy cannot ask for more.
pub(crate) const LINEAR_MEMORY: usize = 1 << 30;

/// Elements of all tables of one attempt together.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;

/// Bytes a guest may hand over in one call, over all its parameters or in its answer. They are looked at, and cut or refused,
/// before anything is waited for, so the host holds as many of these at once as it has threads, not as there are attempts.
pub(crate) const CALL_BYTES: usize = 32 << 20;

/// Open handles (streams, files, timers) of one attempt.
pub(crate) const HANDLES: usize = 256;

/// Random bytes in one call.
pub(crate) const RANDOM_BYTES: u64 = 64 << 10;

/// What a call of the host costs in fuel, whatever it does: about what it takes in time.
pub(crate) const CALL_FUEL: u64 = 200;

/// So many bytes that the host copies or looks at for a guest cost one more.
pub(crate) const BYTES_PER_FUEL: u64 = 8;

/// How much fuel a guest burns before it lets others on its thread run: about half a millisecond of plain instructions.
pub(crate) const FUEL_PER_TURN: u64 = 500_000;

/// The epoch's tick. A deadline is this exact.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// How long after the attempt's timer the epoch ends a guest that never came back to the executor.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

/// Lines of log, standard output and standard error together, in one attempt. What follows is counted and dropped.
pub(crate) const LOG_LINES: usize = 256;

/// Bytes of one line, its fields included.
pub(crate) const LOG_LINE: usize = 4 << 10;

/// Fields of one line.
pub(crate) const LOG_FIELDS: usize = 32;

/// The last lines, kept with a failed attempt.
pub(crate) const TRACE_LINES: usize = 20;

/// Frames of a trap's backtrace that are kept.
pub(crate) const BACKTRACE_FRAMES: usize = 8;

/// Bytes of a receipt.
pub(crate) const RECEIPT: usize = 64 << 10;

/// Bytes of a failure's code.
pub(crate) const CODE: usize = 64;

/// Bytes of a failure's message.
pub(crate) const MESSAGE: usize = 4 << 10;

/// HTTP requests in one attempt.
pub(crate) const HTTP_SENDS: usize = 32;

/// TCP sockets in one attempt: each is a file descriptor of the daemon's.
pub(crate) const SOCKETS: usize = 16;

/// Names looked up in one attempt.
pub(crate) const LOOKUPS: usize = 16;

/// Bytes of bodies, of requests and responses alike, that one attempt may have on our side at once.
pub(crate) const ATTEMPT_BODIES: usize = 16 << 20;

/// The same over all attempts of one channel, so that none of them takes up everybody's room.
pub(crate) const CHANNEL_BODIES: usize = 96 << 20;

/// The same over all channels.
pub(crate) const ALL_BODIES: usize = 256 << 20;

/// How long a body waits for room that others hold.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(5);

/// Bytes that a body takes at first, until more of it has come.
pub(crate) const BODY_STEP: usize = 64 << 10;

/// Bytes of one write to an outgoing body of `wasi:http`: what each of them may hold on our side.
pub(crate) const BODY_CHUNK: usize = 32 << 10;

/// Bytes of a request's URL.
pub(crate) const URL: usize = 8 << 10;

/// Headers of a request.
pub(crate) const HEADERS: usize = 64;

/// Bytes of all names and values of a request's headers.
pub(crate) const HEADER_BYTES: usize = 32 << 10;

/// Bytes of all headers that a `wasi:http` guest builds in one collection, with what holds them.
pub(crate) const FIELDS: usize = 64 << 10;

/// Bytes of a request's body.
pub(crate) const REQUEST_BODY: usize = 4 << 20;

/// Bytes of a response's body.
pub(crate) const RESPONSE_BODY: usize = 4 << 20;

/// How long a connection may take to come up; the attempt's own timeout bounds the rest.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// Connections over all channels, busy or idle: each is a file descriptor of the daemon's.
pub(crate) const CONNECTIONS: usize = 4096;

/// Of these, how many may wait for their next request. No host has more of them than were busy with it at once.
pub(crate) const IDLE_CONNECTIONS: usize = 1024;

/// How long a connection waits for its next request: less than common servers keep one, so that we are seldom the ones
/// to find it closed.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// Requests of one channel under way at once, over all its attempts.
pub(crate) const CHANNEL_REQUESTS: usize = 1024;

/// Bytes of a response before its body, and of what is read from a connection at once.
pub(crate) const RESPONSE_HEAD: usize = 128 << 10;

/// How long a name may take to be looked up, the wait for others included.
pub(crate) const LOOKUP: Duration = Duration::from_secs(10);

/// Names that are looked up at once, each on a thread.
pub(crate) const LOOKUPS_AT_ONCE: usize = 64;

/// The same for one channel.
pub(crate) const CHANNEL_LOOKUPS: usize = 8;

/// Bytes of the stack of such a thread: the system's resolver loads modules that want some.
pub(crate) const LOOKUP_STACK: usize = 512 << 10;

/// Bytes of a state key.
pub(crate) const STATE_KEY: usize = 256;

/// Bytes of a state value.
pub(crate) const STATE_VALUE: usize = 64 << 10;

/// State writes in one attempt.
pub(crate) const STATE_WRITES: usize = 64;

/// Events emitted in one attempt.
pub(crate) const EMITS: usize = 16;

/// Bytes of one emitted event, as JSON.
pub(crate) const EMIT: usize = 256 << 10;

/// Templates rendered in one attempt.
pub(crate) const RENDERS: usize = 16;

/// Bytes that an event may grow to in a stage. One that was larger may stay as large.
pub(crate) const STAGED: usize = 1 << 20;

/// How long an event waits for an instance of a stage.
pub(crate) const STAGE_WAIT: Duration = Duration::from_secs(5);

/// Metric samples in one attempt.
pub(crate) const SAMPLES: usize = 128;

/// Bytes of a metric's name, a label's name and a label's value.
pub(crate) const METRIC_TEXT: usize = 128;

/// Labels of one sample.
pub(crate) const METRIC_LABELS: usize = 8;

/// Cuts text to at most `limit` bytes, at a character's border.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit { text } else { &text[..text.floor_char_boundary(limit)] }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 2), "ab");
        assert_eq!(cut("aü", 2), "a");
        assert_eq!(cut("", 0), "");
    }
}
