// The parts of a mail (RFC 5322, 2045, 2047), written to a file.

#ifndef MIME_H
#define MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// A header with a name of at most 50 characters. A value that is not short, printable ASCII is written as encoded words, so
// that it cannot break out of its line.
void mime_header(FILE *mail, const char *name, const char *value);

// The body, quoted-printable.
void mime_quoted_printable(FILE *mail, const char *body, size_t length);

bool mime_is_printable(const char *text);

typedef struct {
    int year, month, day, hour, minute, second, offset;   // in minutes
} mime_time;

// RFC 3339.
bool mime_read_time(const char *text, mime_time *time);
int64_t mime_seconds(const mime_time *time);
void mime_date(FILE *mail, const mime_time *time);

#endif
