#include "mime.h"

#include <string.h>

bool mime_is_printable(const char *text) {
    for (; *text; text++) {
        if (*text < ' ' || *text > '~') return false;
    }
    return true;
}

static void base64(FILE *mail, const uint8_t *bytes, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < length) group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < length) group |= bytes[i + 2];
        fputc(digits[group >> 18], mail);
        fputc(digits[group >> 12 & 63], mail);
        fputc(i + 1 < length ? digits[group >> 6 & 63] : '=', mail);
        fputc(i + 2 < length ? digits[group & 63] : '=', mail);
    }
}

void mime_header(FILE *mail, const char *name, const char *value) {
    size_t length = strlen(value);
    if (strlen(name) + length <= 76 && mime_is_printable(value) && !strstr(value, "=?")) {
        fprintf(mail, "%s: %s\n", name, value);
        return;
    }
    // A line with encoded words has at most 76 characters, and no character is split between words.
    const size_t line = 76, frame = strlen("=?UTF-8?B?" "?=");
    size_t indent = (size_t)fprintf(mail, "%s: ", name);
    while (length > 0) {
        size_t part = (line - indent - frame) / 4 * 3;
        if (part > length) part = length;
        while (part < length && part > 1 && ((uint8_t)value[part] & 0xC0) == 0x80) part--;
        fputs("=?UTF-8?B?", mail);
        base64(mail, (const uint8_t *)value, part);
        fputs("?=\n", mail);
        value += part;
        length -= part;
        if (length > 0) indent = (size_t)fprintf(mail, " ");
    }
}

void mime_quoted_printable(FILE *mail, const char *body, size_t length) {
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)body[i];
        if (byte == '\n') {
            fputc('\n', mail);
            column = 0;
            continue;
        }
        bool ends_line = i + 1 == length || body[i + 1] == '\n';
        bool plain = (byte > ' ' && byte <= '~' && byte != '=') || (byte == ' ' && !ends_line);
        size_t width = plain ? 1 : 3;
        // A line has at most 76 characters, including the = of a soft break.
        if (column + width > 75) {
            fputs("=\n", mail);
            column = 0;
        }
        if (plain) {
            fputc(byte, mail);
        } else {
            fputc('=', mail);
            fputc(hex[byte >> 4], mail);
            fputc(hex[byte & 15], mail);
        }
        column += width;
    }
    fputc('\n', mail);
}

bool mime_read_time(const char *text, mime_time *time) {
    int used = 0;
    int fields = sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &time->year, &time->month, &time->day, &time->hour,
                        &time->minute, &time->second, &used);
    if (fields != 6 || used == 0 || time->month < 1 || time->month > 12) return false;
    text += used;
    if (*text == '.') text += 1 + strspn(text + 1, "0123456789");
    time->offset = 0;
    if (*text == 'Z' || *text == 'z') return true;
    int hours, minutes;
    if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2) return false;
    time->offset = (*text == '-' ? -1 : 1) * (60 * hours + minutes);
    return true;
}

// Days since 1970-01-01 (Howard Hinnant's algorithm: years begin in March, so that a leap day is the last of its year).
static int64_t days(const mime_time *time) {
    int64_t y = time->month > 2 ? time->year : time->year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - 400 * era;
    int64_t of_year = (153 * (time->month + (time->month > 2 ? -3 : 9)) + 2) / 5 + time->day - 1;
    return 146097 * era + 365 * of_era + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t mime_seconds(const mime_time *time) {
    return 86400 * days(time) + 3600 * time->hour + 60 * (time->minute - time->offset) + time->second;
}

void mime_date(FILE *mail, const mime_time *time) {
    static const char *const weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int weekday = (int)((days(time) % 7 + 7) % 7);
    int offset = time->offset < 0 ? -time->offset : time->offset;
    fprintf(mail, "Date: %s, %d %s %04d %02d:%02d:%02d %c%02d%02d\n", weekdays[weekday], time->day,
            months[time->month - 1], time->year, time->hour, time->minute, time->second, time->offset < 0 ? '-' : '+',
            offset / 60, offset % 60);
}
