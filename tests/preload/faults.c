/* Preloaded into the daemon by tests: makes the journal's disk fail on demand, and writes down when it was synced and when a client
 * was answered. Only the journal's own files are touched (their paths end in journal.db or journal.db-wal).
 *
 *   FANFARE_FAULT  a file; while it says "fsync", syncing fails with EIO, and while it says "full", writing fails with ENOSPC
 *   FANFARE_TRACE  a file; one line is appended for each sync of the write-ahead log that has succeeded ("sync"), and for each
 *                  accepted event that is answered ("202")
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

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

static int fault_is(const char *kind) {
    const char *path = getenv("FANFARE_FAULT");
    char said[16] = {0};
    if (!path) return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, said, sizeof said - 1);
    close(fd);
    return length > 0 && strncmp(said, kind, strlen(kind)) == 0;
}

static ssize_t (*real_writev)(int, const struct iovec *, int);

static void trace(const char *what) {
    const char *path = getenv("FANFARE_TRACE");
    if (!path) return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    struct iovec line = {.iov_base = (void *)what, .iov_len = strlen(what)};
    if (!real_writev) real_writev = dlsym(RTLD_NEXT, "writev");
    real_writev(fd, &line, 1);
    close(fd);
}

static int synced(int fd, const char *name) {
    int file = journal_file(fd);
    if (file && fault_is("fsync")) {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    int result = real(fd);
    if (file == 2 && result == 0) trace("sync\n");
    return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }

static int is_full(int fd) {
    if (journal_file(fd) && fault_is("full")) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    return is_full(fd) ? -1 : real(fd, data, length, at);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite");
    return is_full(fd) ? -1 : real(fd, data, length, at);
}

static void answered(const void *data, size_t length) {
    static const char accepted[] = "HTTP/1.1 202";
    if (length >= sizeof accepted - 1 && memcmp(data, accepted, sizeof accepted - 1) == 0) trace("202\n");
}

/* The answer is written down before it is sent: what comes after it in the file cannot have come before. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!real_writev) real_writev = dlsym(RTLD_NEXT, "writev");
    if (count > 0) answered(parts[0].iov_base, parts[0].iov_len);
    return real_writev(fd, parts, count);
}

ssize_t write(int fd, const void *data, size_t length) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    answered(data, length);
    return real(fd, data, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "send");
    answered(data, length);
    return real(fd, data, length, flags);
}
