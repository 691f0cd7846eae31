#include "point.h"

#include <string.h>

// The largest string field, in bytes.
static const size_t LARGEST_FIELD = 64 * 1024;

// Time

// Reads this many digits as a number. -1 if they are not all digits.
static int digits(const uint8_t *at, size_t count) {
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') return -1;
        number = 10 * number + (at[i] - '0');
    }
    return number;
}

// Days since 1970-01-01 (Howard Hinnant's algorithm: years begin in March, so that a leap day is the last of its year).
static int64_t days(int year, int month, int day) {
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - 400 * era;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 146097 * era + 365 * of_era + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t point_time(fanfare_string text) {
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    if (text.len < sizeof "2006-01-02T15:04:05Z" - 1) return NO_TIME;
    int year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
    int hour = digits(at + 11, 2), minute = digits(at + 14, 2), second = digits(at + 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return NO_TIME;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return NO_TIME;
    at += 19;

    int64_t nanoseconds = 0;
    if (*at == '.') {
        int64_t unit = 100000000;
        for (at++; at < end && *at >= '0' && *at <= '9'; at++, unit /= 10) nanoseconds += unit * (*at - '0');
    }

    int offset = 0;
    if (end - at == 6 && (*at == '+' || *at == '-')) {
        int hours = digits(at + 1, 2), minutes = digits(at + 4, 2);
        if (hours < 0 || minutes < 0) return NO_TIME;
        offset = (*at == '-' ? -1 : 1) * (60 * hours + minutes);
    } else if (end - at != 1 || (*at != 'Z' && *at != 'z')) {
        return NO_TIME;
    }

    int64_t seconds = 86400 * days(year, month, day) + 3600 * hour + 60 * (minute - offset) + second;
    const int64_t most = INT64_MAX / 1000000000 - 1;
    if (seconds < -most || seconds > most) return NO_TIME;
    return 1000000000 * seconds + nanoseconds;
}

// FNV-1a.
static uint64_t hash(uint64_t hash, fanfare_string text) {
    for (size_t i = 0; i < text.len; i++) hash = (hash ^ text.ptr[i]) * 0x100000001b3;
    return hash;
}

int64_t point_timestamp(const fanfare_event *event, const point_options *options) {
    static const int64_t units[] = {1, 1000, 1000000, 1000000000};
    int64_t time = point_time(event->time), unit = units[options->precision];
    if (time == NO_TIME) return NO_TIME;
    // A point replaces one with the same tags and time. The digits come from the event, so that a repeated delivery
    // replaces its own point and no other.
    if (options->spread && unit == 1) {
        int64_t unused = time % 1000000 == 0 ? 1000000 : time % 1000 == 0 ? 1000 : 1;
        time += (int64_t)(hash(hash(0xcbf29ce484222325, event->source), event->id) % (uint64_t)unused);
    }
    // The division must round down for times before 1970 too.
    return time / unit - (time % unit < 0);
}

// The line

// Escapes measurements, tags and keys with backslashes. Line breaks are replaced.
static void add_escaped(fanfare_buffer *line, fanfare_string text, const char *special) {
    for (size_t i = 0; i < text.len; i++) {
        char byte = (char)text.ptr[i];
        bool last = i + 1 == text.len;
        if ((uint8_t)byte < ' ' || byte == 0x7F) {
            byte = ' ';
        } else if (byte == '\\' && (last || text.ptr[i + 1] <= ' ' || strchr(",=\\", text.ptr[i + 1]))) {
            // The protocol cannot represent a backslash here: it would escape the next character.
            byte = '/';
        }
        if (strchr(special, byte)) fanfare_add_byte(line, '\\');
        fanfare_add_byte(line, byte);
    }
}

static void add_tag(fanfare_buffer *line, fanfare_string name, fanfare_string value) {
    if (name.len == 0 || value.len == 0) return;
    fanfare_add_byte(line, ',');
    add_escaped(line, name, ",= ");
    fanfare_add_byte(line, '=');
    add_escaped(line, value, ",= ");
}

static void add_text_field(fanfare_buffer *line, const char *name, fanfare_string value) {
    if (value.ptr == NULL || value.len > LARGEST_FIELD) return;
    fanfare_add(line, name);
    fanfare_add(line, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\') fanfare_add_byte(line, '\\');
        fanfare_add_byte(line, (char)value.ptr[i]);
    }
    fanfare_add(line, "\",");
}

static bool same(fanfare_string a, fanfare_string b) {
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_own_tag(const point_options *options, fanfare_string name) {
    for (size_t i = 0; i < options->tags.len; i++) {
        if (same(options->tags.ptr[i].f0, name)) return true;
    }
    return false;
}

static bool is_tag(const point_options *options, const char *name) {
    for (size_t i = 0; i < options->attributes_len; i++) {
        if (fanfare_is(options->attributes[i], name)) return true;
    }
    return is_own_tag(options, fanfare_text(name));
}

static fanfare_string attribute(const fanfare_event *event, fanfare_string name) {
    char *ended = fanfare_alloc(name.len + 1);
    memcpy(ended, name.ptr, name.len);
    return fanfare_attribute(event, ended);
}

void point_write(fanfare_buffer *line, const fanfare_event *event, const point_options *options, int64_t timestamp) {
    add_escaped(line, options->measurement, ", ");
    for (size_t i = 0; i < options->attributes_len; i++) {
        fanfare_string name = options->attributes[i];
        if (!is_own_tag(options, name)) add_tag(line, name, attribute(event, name));
    }
    for (size_t i = 0; i < options->tags.len; i++) add_tag(line, options->tags.ptr[i].f0, options->tags.ptr[i].f1);

    fanfare_add_byte(line, ' ');
    static const char *const fields[] = {"id", "message", "subject"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        // A tag and a field with the same name would make queries ambiguous.
        if (!is_tag(options, fields[i])) add_text_field(line, fields[i], fanfare_attribute(event, fields[i]));
    }
    if (fanfare_data_is_text(event)) add_text_field(line, "data", fanfare_data(event));
    fanfare_add(line, "data_bytes=");
    fanfare_add_number(line, (int64_t)fanfare_data(event).len);
    fanfare_add(line, "i ");
    fanfare_add_number(line, timestamp);
}
