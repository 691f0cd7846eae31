//! Resource usage of the process, under the names that Prometheus clients use. The source is `/proc` on Linux;
//! elsewhere there are no such series.

use std::{fs, sync::atomic::AtomicU64};

use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use rustix::{
    param::{clock_ticks_per_second, page_size},
    process::{Resource, getrlimit},
};

pub(super) fn register(registry: &mut Registry, started: Timestamp) {
    let start = Gauge::<f64, AtomicU64>::default();
    start.set(started.as_duration().as_secs_f64());
    registry.register("process_start_time_seconds", "When the daemon started, since the Unix epoch", start);
    if let Some((cpu, resident)) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(stat) {
        let seconds = Counter::<f64, AtomicU64>::default();
        seconds.inc_by(cpu as f64 / clock_ticks_per_second() as f64);
        registry.register("process_cpu_seconds", "User and system CPU time", seconds);
        let bytes = Gauge::<u64, AtomicU64>::default();
        bytes.set(resident.saturating_mul(page_size() as u64));
        registry.register("process_resident_memory_bytes", "Resident memory", bytes);
    }
    if let Some(open) = open_files() {
        let descriptors = Gauge::<u64, AtomicU64>::default();
        descriptors.set(open);
        registry.register("process_open_fds", "Open file descriptors", descriptors);
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        let limit = Gauge::<u64, AtomicU64>::default();
        limit.set(most);
        registry.register("process_max_fds", "File descriptors that may be open", limit);
    }
}

/// From the folder's size, which is their number since Linux 6.2; listing thousands takes as long as all else here.
fn open_files() -> Option<u64> {
    let folder = "/proc/self/fd";
    match fs::metadata(folder).ok()?.len() {
        // The list has a descriptor of its own.
        0 => Some(fs::read_dir(folder).ok()?.count().saturating_sub(1) as u64),
        open => Some(open),
    }
}

/// Clock ticks of CPU time, and pages of resident memory. The program's name, in parentheses, may contain any
/// character.
fn stat(line: &str) -> Option<(u64, u64)> {
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    // proc(5) counts fields from 1, including the two before the closing parenthesis.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some((field(14)? + field(15)?, field(24)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_files_are_counted() {
        let before = open_files().unwrap();
        let files: Vec<_> = (0..500).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        // Other tests open and close some meanwhile.
        assert!((before + 400..before + 600).contains(&open_files().unwrap()), "{before}");
        drop(files);
    }

    #[test]
    fn a_program_may_have_any_name() {
        let line =
            "7 (a) b) 1) S 1 7 7 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 9 0 8000 500000 64 18446744073709551615 1";
        assert_eq!(stat(line), Some((42, 64)));
        assert_eq!(stat("7 (short) S 1"), None);
        assert_eq!(stat(""), None);
    }
}
