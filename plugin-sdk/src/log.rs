//! Lines for the daemon's log. The host adds the channel and the delivery.
//!
//! ```
//! use fanfare_plugin_sdk::{info, warn};
//!
//! let user = "u-1";
//! info!("signed up", user = user, plan = "free");
//! warn!("the receiver is slow: {} ms", 1200);
//! ```

use crate::{Level, host};

/// Writes one line.
pub fn log(level: Level, message: &str, fields: &[(String, String)]) {
    host::log::log(level, message, fields);
}

/// Writes one line at the given [`Level`]: a message as in `format!`, then fields as `name = value`, where the value is
/// anything that has a `to_string`.
#[macro_export]
macro_rules! log {
    ($level:ident, $message:literal $(, $field:ident = $value:expr)+ $(,)?) => {
        $crate::log::log(
            $crate::Level::$level,
            &::std::format!($message),
            &[$((
                ::std::string::String::from(::core::stringify!($field)),
                ::std::string::ToString::to_string(&$value),
            )),+],
        )
    };
    ($level:ident, $($message:tt)+) => {
        $crate::log::log($crate::Level::$level, &::std::format!($($message)+), &[])
    };
}

/// [`log!`](crate::log!) at the level trace.
#[macro_export]
macro_rules! trace { ($($line:tt)+) => { $crate::log!(Trace, $($line)+) }; }

/// [`log!`](crate::log!) at the level debug.
#[macro_export]
macro_rules! debug { ($($line:tt)+) => { $crate::log!(Debug, $($line)+) }; }

/// [`log!`](crate::log!) at the level info.
#[macro_export]
macro_rules! info { ($($line:tt)+) => { $crate::log!(Info, $($line)+) }; }

/// [`log!`](crate::log!) at the level warn.
#[macro_export]
macro_rules! warn { ($($line:tt)+) => { $crate::log!(Warn, $($line)+) }; }

/// [`log!`](crate::log!) at the level error.
#[macro_export]
macro_rules! error { ($($line:tt)+) => { $crate::log!(Error, $($line)+) }; }

/// Sends a panic's message to the daemon's log before the panic becomes a trap, which has no message.
pub(crate) fn hook_panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panic| {
        flush();
        let fields = panic.location().map(|at| ("location".to_owned(), at.to_string()));
        let message = panic.payload_as_str().unwrap_or("panicked with a value that is not text");
        log(Level::Error, &format!("panic: {message}"), fields.as_slice());
    }));
}

/// Logs what was printed without an end of line. The host does this for what it gets itself.
pub(crate) fn flush() {
    #[cfg(all(feature = "lean", target_os = "wasi"))]
    crate::lean::flush();
}

#[cfg(test)]
mod tests {
    use crate::{Level, testing::Host};

    #[test]
    fn a_line_has_a_message_like_format_and_fields() {
        let host = Host::new().install();
        let n = 3;
        info!("n is {n}");
        warn!("n is {}", n + 1);
        error!("failed {n} times", code = 7, why = "busy");
        let lines = host.lines();
        assert_eq!(lines[0], (Level::Info, "n is 3".to_owned(), vec![]));
        assert_eq!(lines[1], (Level::Warn, "n is 4".to_owned(), vec![]));
        let fields = vec![("code".to_owned(), "7".to_owned()), ("why".to_owned(), "busy".to_owned())];
        assert_eq!(lines[2], (Level::Error, "failed 3 times".to_owned(), fields));
    }
}
