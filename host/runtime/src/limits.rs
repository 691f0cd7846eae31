//! Limits on everything that a guest could make the host allocate.
//!
//! A guest's linear memory is limited by its channel's policy; these limit what it makes *the host* allocate. Each has
//! a test.

use std::time::Duration;

/// The largest plugin file. Compile time grows with it, and the engine has no limit of its own.
pub(crate) const WASM: usize = 32 << 20;

/// Imports of one file, and as many exports. They are listed in messages and the API.
pub(crate) const NAMES: usize = 4096;

/// Bytes of the names of all imports, and as many of those of all exports.
pub(crate) const NAME_BYTES: usize = 256 << 10;

/// Bytes of a name that a message repeats.
pub(crate) const LISTED_NAME: usize = 120;

/// The largest linear memory in the pool; a policy cannot ask for more.
pub(crate) const LINEAR_MEMORY: usize = 1 << 30;

/// Elements of all tables of one attempt.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;

/// Bytes that a guest may pass in one call, over all parameters or in its result. They are checked, and truncated or
/// rejected, before the host waits for anything. So at most as many exist at once as there are threads, not as there
/// are attempts.
pub(crate) const CALL_BYTES: usize = 32 << 20;

/// Open handles (streams, files, timers) of one attempt.
pub(crate) const HANDLES: usize = 256;

/// Random bytes per call.
pub(crate) const RANDOM_BYTES: u64 = 64 << 10;

/// The fuel that every host call costs, in proportion to its time.
pub(crate) const CALL_FUEL: u64 = 200;

/// Bytes that the host copies or reads for a guest, per additional unit of fuel.
pub(crate) const BYTES_PER_FUEL: u64 = 8;

/// Fuel that a guest burns before it yields its thread: about half a millisecond of plain instructions.
pub(crate) const FUEL_PER_TURN: u64 = 500_000;

/// The epoch's tick, which is the precision of a deadline.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// How long after the attempt's timer the epoch ends a guest that never yielded.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

/// Lines of log, standard output and standard error in one attempt. More are counted and dropped.
pub(crate) const LOG_LINES: usize = 256;

/// Bytes of one line, fields included.
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

/// TCP sockets in one attempt: each is a file descriptor of the daemon.
pub(crate) const SOCKETS: usize = 16;

/// Name look-ups in one attempt.
pub(crate) const LOOKUPS: usize = 16;

/// Bytes of bodies of requests and responses that one attempt may have in memory at once.
pub(crate) const ATTEMPT_BODIES: usize = 16 << 20;

/// The same for all attempts of one channel, so that no channel takes up the whole budget.
pub(crate) const CHANNEL_BODIES: usize = 96 << 20;

/// The same for all channels.
pub(crate) const ALL_BODIES: usize = 256 << 20;

/// How long a body waits for memory that others use.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(5);

/// Bytes that a body takes at first, until more of it has arrived.
pub(crate) const BODY_STEP: usize = 64 << 10;

/// Bytes of one write to an outgoing `wasi:http` body, which each of them may keep in memory.
pub(crate) const BODY_CHUNK: usize = 32 << 10;

/// Bytes of a request's URL.
pub(crate) const URL: usize = 8 << 10;

/// Headers of a request.
pub(crate) const HEADERS: usize = 64;

/// Bytes of all names and values of a request's headers.
pub(crate) const HEADER_BYTES: usize = 32 << 10;

/// Bytes of all headers in one collection that a `wasi:http` guest builds, overhead included.
pub(crate) const FIELDS: usize = 64 << 10;

/// Bytes of a request's body.
pub(crate) const REQUEST_BODY: usize = 4 << 20;

/// Bytes of a response's body.
pub(crate) const RESPONSE_BODY: usize = 4 << 20;

/// The time limit for connecting; the attempt's own timeout limits the rest.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// Connections over all channels, busy or idle: each is a file descriptor of the daemon.
pub(crate) const CONNECTIONS: usize = 4096;

/// How many of these may be idle. A host has at most as many as were busy with it at once.
pub(crate) const IDLE_CONNECTIONS: usize = 1024;

/// How long a connection stays idle: less than common servers keep one, so that we rarely find it closed.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// Requests in progress per channel, over all its attempts.
pub(crate) const CHANNEL_REQUESTS: usize = 1024;

/// Bytes of a response's head, and of one read from a connection.
pub(crate) const RESPONSE_HEAD: usize = 128 << 10;

/// The time limit for a name look-up, including the wait for others.
pub(crate) const LOOKUP: Duration = Duration::from_secs(10);

/// Concurrent name look-ups, each on a thread.
pub(crate) const LOOKUPS_AT_ONCE: usize = 64;

/// The same per channel.
pub(crate) const CHANNEL_LOOKUPS: usize = 8;

/// Bytes of the stack of such a thread: the system's resolver loads modules that need some.
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

/// Bytes that an event may grow to in a stage. A larger one may keep its size.
pub(crate) const STAGED: usize = 1 << 20;

/// How long an event waits for an instance of a stage.
pub(crate) const STAGE_WAIT: Duration = Duration::from_secs(5);

/// Metric samples in one attempt.
pub(crate) const SAMPLES: usize = 128;

/// Bytes of a metric's name, a label's name and a label's value.
pub(crate) const METRIC_TEXT: usize = 128;

/// Labels of one sample.
pub(crate) const METRIC_LABELS: usize = 8;

/// Truncates text to at most `limit` bytes, at a character boundary.
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
