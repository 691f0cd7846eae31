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
    // Tags that every point gets; one of the same name goes before an attribute.
    fanfare_pairs tags;
    // Whether events of one milli- or microsecond are told apart in the digits below it.
    bool spread;
} point_options;

// The answer for a time that is none, or that InfluxDB cannot hold.
#define NO_TIME INT64_MIN

// RFC 3339 to nanoseconds since 1970.
int64_t point_time(fanfare_string text);

// The point's time in the wanted precision, or NO_TIME.
int64_t point_timestamp(const fanfare_event *event, const point_options *options);

void point_write(fanfare_buffer *line, const fanfare_event *event, const point_options *options, int64_t timestamp);

#endif
