// Events as points of InfluxDB's line protocol.

#ifndef POINT_H
#define POINT_H

#include "fanfare.h"

typedef enum { NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS } precision;

typedef struct {
    fanfare_string measurement;
    precision precision;
    // Attributes that become tags.
    const fanfare_string *attributes;
    size_t attributes_len;
    // Tags of every point. They take precedence over attributes of the same name.
    fanfare_pairs tags;
    // Whether events of the same milli- or microsecond get different times, in the digits below it.
    bool spread;
} point_options;

// Returned for an invalid time, or one outside InfluxDB's range.
#define NO_TIME INT64_MIN

// RFC 3339 to nanoseconds since 1970.
int64_t point_time(fanfare_string text);

// The point's time in the wanted precision, or NO_TIME.
int64_t point_timestamp(const fanfare_event *event, const point_options *options);

void point_write(fanfare_buffer *line, const fanfare_event *event, const point_options *options, int64_t timestamp);

#endif
