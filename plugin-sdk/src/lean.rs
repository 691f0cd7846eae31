//! The feature `lean`: what the C library would import from WASI, defined within the guest.
//!
//! Every program refers to a few functions of the C library, if only for the standard library's own way to print a
//! panic. With them come fourteen WASI interfaces, and the host links each of them for every instance. Here they need
//! nothing but `fanfare:channel/log`. What a plugin uses beyond them is still imported from WASI: clocks, random
//! numbers, reading files.

#![allow(unsafe_code, reason = "these symbols are the C library's, with its pointers")]

use std::{
    ffi::{c_char, c_int, c_void},
    mem,
    ptr::{self, NonNull},
    slice,
    sync::{Mutex, PoisonError},
};

use crate::{Level, log};

/// Bytes of a line that are kept. The host cuts lines there anyway.
const LINE: usize = 4 << 10;

/// Unfinished lines of standard output and standard error.
static UNFINISHED: Mutex<[Vec<u8>; 2]> = Mutex::new([vec![], vec![]]);

/// The levels at which the host logs the same streams of any other guest.
const LEVELS: [Level; 2] = [Level::Info, Level::Warn];

/// Logs unfinished lines, at the end of a call.
pub(crate) fn flush() {
    for (stream, level) in LEVELS.into_iter().enumerate() {
        let line = mem::take(&mut lines()[stream]);
        if !line.is_empty() {
            say(level, &line);
        }
    }
}

/// Logs each line that is complete, and keeps the rest.
fn print(stream: usize, text: &[u8]) {
    for piece in text.split_inclusive(|&byte| byte == b'\n') {
        // Not held while logging: a line is written by one caller at a time, as there are no threads.
        let line = {
            let unfinished = &mut lines()[stream];
            let (piece, is_complete) = piece.strip_suffix(b"\n").map_or((piece, false), |line| (line, true));
            unfinished.extend_from_slice(&piece[..piece.len().min(LINE - unfinished.len())]);
            if !is_complete {
                return;
            }
            mem::take(unfinished)
        };
        say(LEVELS[stream], &line);
    }
}

fn say(level: Level, line: &[u8]) {
    log::log(level, String::from_utf8_lossy(line).trim_end_matches('\r'), &[]);
}

fn lines() -> std::sync::MutexGuard<'static, [Vec<u8>; 2]> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Safety
/// `bytes` points to `count` bytes.
#[cfg_attr(target_os = "wasi", unsafe(no_mangle))]
unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: usize) -> isize {
    let Some(bytes) = NonNull::new(bytes.cast_mut().cast::<u8>()) else { return 0 };
    // SAFETY: see above.
    let text = unsafe { slice::from_raw_parts(bytes.as_ptr(), count) };
    match stream(fd) {
        Some(stream) => print(stream, text),
        None => panic!(
            "this plugin cannot write to files, because it was built with the feature `lean` of \
             fanfare-plugin-sdk: remove the feature from Cargo.toml"
        ),
    }
    count.cast_signed()
}

fn stream(fd: c_int) -> Option<usize> {
    match fd {
        1 => Some(0),
        2 => Some(1),
        _ => None,
    }
}

/// The sandbox of a channel or stage has no variables.
#[cfg_attr(target_os = "wasi", unsafe(no_mangle))]
extern "C" fn getenv(_: *const c_char) -> *mut c_char {
    ptr::null_mut()
}

/// As in WASI, where every path begins at the root.
///
/// # Safety
/// `buffer` has room for `size` bytes.
#[cfg_attr(target_os = "wasi", unsafe(no_mangle))]
unsafe extern "C" fn getcwd(buffer: *mut c_char, size: usize) -> *mut c_char {
    if buffer.is_null() || size < 2 {
        return ptr::null_mut();
    }
    // SAFETY: see above.
    unsafe { ptr::copy_nonoverlapping(c"/".as_ptr(), buffer, 2) };
    buffer
}

#[cfg(test)]
mod tests {
    use crate::{Level, testing::Host};

    fn write(fd: i32, text: &str) {
        // SAFETY: it is a text's pointer and length.
        let written = unsafe { super::write(fd, text.as_ptr().cast(), text.len()) };
        assert_eq!(written, text.len().cast_signed());
    }

    #[test]
    fn what_is_printed_is_logged_by_the_line_and_the_rest_at_the_end() {
        let host = Host::new().install();
        write(1, "one\r\ntw");
        write(2, "oops");
        write(2, "\n");
        write(1, "o\n\nthree");
        write(2, &"x".repeat(5000));
        write(2, "y");
        super::flush();
        super::flush();
        let lines: Vec<_> = host.lines().into_iter().map(|(level, line, _)| (level, line)).collect();
        let info = |line: &str| (Level::Info, line.to_owned());
        let warn = |line: &str| (Level::Warn, line.to_owned());
        let expected = [info("one"), warn("oops"), info("two"), info(""), info("three"), warn(&"x".repeat(4096))];
        assert_eq!(lines, expected);
    }

    #[test]
    fn only_standard_streams_are_written() {
        assert_eq!([-1, 0, 1, 2, 3].map(super::stream), [None, None, Some(0), Some(1), None]);
    }

    #[test]
    fn there_are_no_variables_and_the_working_directory_is_the_root_if_there_is_room_for_it() {
        assert!(super::getenv(c"HOME".as_ptr()).is_null());
        let mut buffer = [1; 4];
        for (size, has_room) in [(4, true), (2, true), (1, false), (0, false)] {
            // SAFETY: the buffer has four bytes.
            assert_eq!(!unsafe { super::getcwd(buffer.as_mut_ptr(), size) }.is_null(), has_room);
        }
        assert_eq!(buffer, [b'/'.cast_signed(), 0, 1, 1]);
    }
}
