// Delivers each event as a mail to a Maildir. A plain C program: the event's JSON comes on standard input and everything
// else in the environment. The last line of standard output is the result.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mime.h"

extern char **environ;

static const char *variable(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

// The result

static void print_json(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') printf("\\%c", *text);
        else if ((unsigned char)*text < ' ') printf("\\u%04x", *text);
        else putchar(*text);
    }
    putchar('"');
}

static _Noreturn void fail(const char *disposition, const char *code, const char *what, const char *why) {
    char message[1024];
    snprintf(message, sizeof message, "%s %s", what, why);
    printf("{\"disposition\":\"%s\",\"code\":\"%s\",\"message\":", disposition, code);
    print_json(message);
    puts("}");
    exit(EXIT_FAILURE);
}

// A missing grant or folder needs an operator. A full disk may get room again.
static _Noreturn void fail_io(const char *path) {
    int error = errno;
    char why[256];
    switch (error) {
        case EACCES: case EPERM: case EROFS: case ENOENT: case ENOTDIR: case EINVAL: case ENAMETOOLONG:
#ifdef ENOTCAPABLE
        case ENOTCAPABLE:
#endif
            snprintf(why, sizeof why, "cannot be written (%s): grant its folder with `write = true`", strerror(error));
            fail("reject", "io", path, why);
        default: fail("retry", "io", path, strerror(error));
    }
}

// The mail

typedef struct {
    const char *from, *to;
    // The delivery's id, the same for every attempt.
    char id[128];
    mime_time time;
    // The event's JSON.
    char *event;
    size_t length;
} letter;

static const char *address(const char *name, const char *setting, const char *otherwise) {
    const char *value = variable(name, otherwise);
    if (mime_is_printable(value) && strlen(value) < 900) return value;
    fail("reject", "invalid_settings", setting, "is not an address in printable ASCII");
}

static void read_id(letter *letter) {
    snprintf(letter->id, sizeof letter->id, "%s", variable("FANFARE_DELIVERY_ID", ""));
    if (!*letter->id) fail("reject", "no_delivery_id", "FANFARE_DELIVERY_ID", "is not set");
    // It becomes part of a file name and of a Message-ID.
    for (char *at = letter->id; *at; at++) {
        bool kept = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') || *at == '-';
        if (!kept) *at = '_';
    }
}

static void read_event(letter *letter) {
    size_t capacity = 64 * 1024;
    letter->event = malloc(capacity);
    while (letter->event) {
        letter->length += fread(letter->event + letter->length, 1, capacity - letter->length, stdin);
        if (letter->length < capacity) break;
        capacity *= 2;
        letter->event = realloc(letter->event, capacity);
    }
    if (!letter->event) abort();
    if (letter->length == 0) fail("reject", "no_event", "standard input", "is empty");
}

static void write_subject(FILE *mail) {
    const char *severity = variable("CE_SEVERITY", ""), *message = variable("CE_MESSAGE", variable("CE_TYPE", "event"));
    const char *own = variable("FANFARE_TEMPLATE_SUBJECT", "");
    if (*own) severity = "", message = own;
    char subject[512];
    int length = snprintf(subject, sizeof subject, *severity ? "[%s] %s" : "%s%s", severity, message);
    if ((size_t)length >= sizeof subject) {
        // Do not end in the middle of a character.
        size_t end = sizeof subject - 1;
        while (end > 0 && (subject[end - 1] & 0xC0) == 0x80) end--;
        if (end > 0 && (subject[end - 1] & 0x80)) end--;
        subject[end] = '\0';
    }
    for (char *at = subject; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) *at = ' ';
    }
    mime_header(mail, "Subject", subject);
}

// The event's attributes, for a mail reader's filters: `CE-Type`, `CE-Source`, and so on.
static void write_attributes(FILE *mail) {
    for (char **entry = environ; *entry; entry++) {
        const char *equals = strchr(*entry, '=');
        if (strncmp(*entry, "CE_", 3) != 0 || !equals || equals - *entry < 4 || equals[1] == '\0') continue;
        char name[50];
        int length = snprintf(name, sizeof name, "CE-%.*s", (int)(equals - *entry - 3), *entry + 3);
        if ((size_t)length >= sizeof name) continue;
        for (char *at = name + 4; *at; at++) {
            if (*at >= 'A' && *at <= 'Z') *at += 'a' - 'A';
        }
        mime_header(mail, name, equals + 1);
    }
}

static void write_part(FILE *mail, const char *type, const char *body, size_t length) {
    fprintf(mail, "Content-Type: %s; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n", type);
    mime_quoted_printable(mail, body, length);
}

// The operator's template, filled in, or else the event.
static void write_body(FILE *mail, const letter *letter) {
    const char *text = variable("FANFARE_TEMPLATE_TEXT", ""), *html = variable("FANFARE_TEMPLATE_HTML", "");
    fputs("MIME-Version: 1.0\n", mail);
    if (*text && *html) {
        // Quoted-printable never contains `=_`, so no part can end early.
        fprintf(mail, "Content-Type: multipart/alternative; boundary=\"=_%.60s\"\n\n", letter->id);
        fprintf(mail, "--=_%.60s\n", letter->id);
        write_part(mail, "text/plain", text, strlen(text));
        fprintf(mail, "\n--=_%.60s\n", letter->id);
        write_part(mail, "text/html", html, strlen(html));
        fprintf(mail, "\n--=_%.60s--\n", letter->id);
    } else if (*html) {
        write_part(mail, "text/html", html, strlen(html));
    } else if (*text) {
        write_part(mail, "text/plain", text, strlen(text));
    } else {
        write_part(mail, "text/plain", letter->event, letter->length);
    }
}

static void write_letter(FILE *mail, const letter *letter) {
    fprintf(mail, "From: %s\nTo: %s\n", letter->from, letter->to);
    write_subject(mail);
    mime_date(mail, &letter->time);
    fprintf(mail, "Message-ID: <%s@fanfare.localhost>\n", letter->id);
    mime_header(mail, "Fanfare-Channel", variable("FANFARE_CHANNEL", ""));
    write_attributes(mail);
    write_body(mail, letter);
}

// The Maildir

static char *join(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (!path) abort();
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static char *make_folder(const char *maildir, const char *name) {
    char *path = join(maildir, name);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) fail_io(path);
    return path;
}

// A mail reader moves what it has seen from new/ to cur/ and adds flags: `name:2,S`.
static bool is_in(const char *folder, const char *name) {
    DIR *dir = opendir(folder);
    if (!dir) fail_io(folder);
    size_t length = strlen(name);
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(dir));) {
        found = strncmp(entry->d_name, name, length) == 0 && (entry->d_name[length] == '\0' || entry->d_name[length] == ':');
    }
    closedir(dir);
    return found;
}

// A rename is durable only after its folder is synced. Not every file system can sync folders.
static void sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

static long deliver(const char *tmp, const char *new, const char *name, const letter *letter) {
    char *draft = join(tmp, name), *path = join(new, name);
    FILE *mail = fopen(draft, "w");
    if (!mail) fail_io(draft);
    write_letter(mail, letter);
    long size = ftell(mail);
    if (fflush(mail) != 0 || ferror(mail) || fsync(fileno(mail)) != 0) {
        int error = errno;
        unlink(draft);
        errno = error;
        fail_io(draft);
    }
    fclose(mail);
    if (rename(draft, path) != 0) fail_io(path);
    sync_folder(new);
    return size;
}

int main(void) {
    letter letter = {
        .from = address("FANFARE_SETTING_FROM", "the setting `from`", "Fanfare <fanfare@localhost>"),
        .to = address("FANFARE_SETTING_TO", "the setting `to`", "fanfare@localhost"),
    };
    read_id(&letter);
    if (!mime_read_time(variable("CE_TIME", ""), &letter.time)) fail("reject", "invalid_time", "CE_TIME", "is not a time");
    read_event(&letter);

    // Derived from the delivery alone, so that a repeated attempt finds the previous one's mail.
    char name[192];
    snprintf(name, sizeof name, "%lld.%s.fanfare", (long long)mime_seconds(&letter.time), letter.id);
    const char *maildir = variable("FANFARE_SETTING_PATH", "/mail");
    char *tmp = make_folder(maildir, "tmp"), *new = make_folder(maildir, "new"), *cur = make_folder(maildir, "cur");
    bool duplicate = is_in(new, name) || is_in(cur, name);
    long size = duplicate ? 0 : deliver(tmp, new, name, &letter);

    printf("{\"name\":\"%s\",\"bytes\":%ld,\"duplicate\":%s}\n", name, size, duplicate ? "true" : "false");
    return EXIT_SUCCESS;
}
