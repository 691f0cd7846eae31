/* Preloaded into the daemon by tests: makes the journal's disk fail or wait, kills the daemon at a chosen commit, moves its
 * clock, and writes down when the disk was synced and when a client was answered. Only the journal's own files are touched
 * (their paths end in journal.db or journal.db-wal).
 *
 *   FANFARE_FAULT  a file of WORDS 64-bit numbers, shared with the test; tests/support/faults.rs has its other end
 *   FANFARE_TRACE  a file; one line is appended for each sync of the write-ahead log that has succeeded ("sync"), and for
 *                  each accepted event that is answered ("202")
 *
 * Every commit is one sync of the write-ahead log, so a kill before or after a chosen sync, or at a chosen write, falls
 * between any two commits that a test wants.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FAULT, SLOW_US, KILL_POINT, KILL_AFTER, CLOCK_US, SYNCS, WRITES, SYNCED_BYTES, WORDS };
enum { SYNC_FAILS = 1, DISK_FULL = 2 };
enum { NEVER, BEFORE_SYNC, AFTER_SYNC, BEFORE_WRITE, AFTER_WRITE };

static _Atomic int64_t nothing[WORDS];
static _Atomic int64_t *control = nothing;
static const char *trace_path;

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_send)(int, const void *, size_t, int);

/* Found at the first call: others' constructors may call any of these before ours has run. */
#define FIND(name) \
    if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FANFARE_FAULT");
    trace_path = getenv("FANFARE_TRACE");
    if (!path) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat is;
    if (fd < 0 || fstat(fd, &is) != 0 || is.st_size < (off_t)sizeof nothing) {
        fprintf(stderr, "%s is not a file of %d words\n", path, WORDS);
        abort();
    }
    void *shared = mmap(NULL, sizeof nothing, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared == MAP_FAILED) abort();
    control = shared;
}

static int ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* 1: the database, 2: its write-ahead log, 0: something else. */
static int journal_file(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (ends_with(path, "/journal.db-wal")) return 2;
    return ends_with(path, "/journal.db") ? 1 : 0;
}

static void trace(const char *what) {
    if (!trace_path) return;
    int fd = open(trace_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    struct iovec line = {.iov_base = (void *)what, .iov_len = strlen(what)};
    FIND(writev);
    real_writev(fd, &line, 1);
    close(fd);
}

/* Ends the daemon as `kill -9` does, if this is the moment that was asked for. */
static void perhaps_die(int point) {
    if (control[KILL_POINT] == point && atomic_fetch_sub(&control[KILL_AFTER], 1) == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

static void be_slow(void) {
    int64_t us = control[SLOW_US];
    if (us <= 0) return;
    struct timespec wait = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    nanosleep(&wait, NULL);
}

static int synced(int fd, int (*real)(int)) {
    int file = journal_file(fd);
    if (!file) return real(fd);
    if (file == 2) perhaps_die(BEFORE_SYNC);
    be_slow();
    if (control[FAULT] & SYNC_FAILS) {
        errno = EIO;
        return -1;
    }
    int result = real(fd);
    if (file == 2 && result == 0) {
        struct stat is;
        if (fstat(fd, &is) == 0) control[SYNCED_BYTES] = is.st_size;
        atomic_fetch_add(&control[SYNCS], 1);
        trace("sync\n");
        perhaps_die(AFTER_SYNC);
    }
    return result;
}

int fsync(int fd) {
    FIND(fsync);
    return synced(fd, real_fsync);
}

int fdatasync(int fd) {
    FIND(fdatasync);
    return synced(fd, real_fdatasync);
}

/* Whether the write may go on. */
static int may_write(int file) {
    if (file && control[FAULT] & DISK_FULL) {
        errno = ENOSPC;
        return 0;
    }
    if (file == 2) perhaps_die(BEFORE_WRITE);
    return 1;
}

static void has_written(int file) {
    if (file != 2) return;
    atomic_fetch_add(&control[WRITES], 1);
    perhaps_die(AFTER_WRITE);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    int file = journal_file(fd);
    if (!may_write(file)) return -1;
    FIND(pwrite64);
    ssize_t written = real_pwrite64(fd, data, length, at);
    has_written(file);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    int file = journal_file(fd);
    if (!may_write(file)) return -1;
    FIND(pwrite);
    ssize_t written = real_pwrite(fd, data, length, at);
    has_written(file);
    return written;
}

/* The wall clock alone: timers go on as they do when an operator sets the date. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    FIND(clock_gettime);
    int result = real_clock_gettime(clock, now);
    int64_t us = control[CLOCK_US];
    if (result != 0 || us == 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    int64_t ns = now->tv_nsec + us % 1000000 * 1000;
    now->tv_sec += us / 1000000 + (ns >= 1000000000) - (ns < 0);
    now->tv_nsec = ns >= 1000000000 ? ns - 1000000000 : ns < 0 ? ns + 1000000000 : ns;
    return result;
}

static void answered(const void *data, size_t length) {
    static const char accepted[] = "HTTP/1.1 202";
    if (!trace_path) return;
    if (length >= sizeof accepted - 1 && memcmp(data, accepted, sizeof accepted - 1) == 0) trace("202\n");
}

/* The answer is written down before it is sent: what comes after it in the file cannot have come before. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (count > 0) answered(parts[0].iov_base, parts[0].iov_len);
    FIND(writev);
    return real_writev(fd, parts, count);
}

ssize_t write(int fd, const void *data, size_t length) {
    answered(data, length);
    FIND(write);
    return real_write(fd, data, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    answered(data, length);
    FIND(send);
    return real_send(fd, data, length, flags);
}
