// Writes each event as a point to InfluxDB.

#include <string.h>

#include "fanfare.h"
#include "point.h"

typedef struct {
    fanfare_string url, org, bucket, token, precision;
    point_options point;
} settings;

static const char *const PRECISIONS[] = {
    [NANOSECONDS] = "ns", [MICROSECONDS] = "us", [MILLISECONDS] = "ms", [SECONDS] = "s",
};

// `tags.<name>` and the members of the list `attributes`.
static void read_tags(point_options *point) {
    static const char tags[] = "tags.", attributes[] = "attributes.";
    static fanfare_string usual[3];
    fanfare_pairs all = fanfare_settings();
    fanfare_string *chosen = fanfare_alloc((all.len + 1) * sizeof *chosen);
    point->tags.ptr = fanfare_alloc((all.len + 1) * sizeof *point->tags.ptr);
    for (size_t i = 0; i < all.len; i++) {
        fanfare_string key = all.ptr[i].f0, value = all.ptr[i].f1;
        size_t length = sizeof tags - 1;
        if (key.len > length && memcmp(key.ptr, tags, length) == 0) {
            fanfare_string name = {key.ptr + length, key.len - length};
            point->tags.ptr[point->tags.len++] = (fanfare_pair){name, value};
        } else if (key.len > sizeof attributes - 1 && memcmp(key.ptr, attributes, sizeof attributes - 1) == 0) {
            chosen[point->attributes_len++] = value;
        }
    }
    point->attributes = chosen;
    if (point->attributes_len > 0) return;
    usual[0] = fanfare_text("type");
    usual[1] = fanfare_text("source");
    usual[2] = fanfare_text("severity");
    point->attributes = usual;
    point->attributes_len = sizeof usual / sizeof *usual;
}

static bool read_settings(const fanfare_delivery *delivery, settings *settings, fanfare_failure *failure) {
    point_options *point = &settings->point;
    if (!fanfare_needed_setting(delivery, "url", &settings->url, failure)) return false;
    if (!fanfare_needed_setting(delivery, "org", &settings->org, failure)) return false;
    if (!fanfare_needed_setting(delivery, "bucket", &settings->bucket, failure)) return false;
    if (!fanfare_needed_setting(delivery, "token", &settings->token, failure)) return false;

    point->measurement = fanfare_setting_or("measurement", "events");
    // A line that begins with # is a comment: InfluxDB would return 204 and write nothing.
    if (point->measurement.len == 0 || point->measurement.ptr[0] == '#') {
        return fanfare_bad_setting(delivery, "measurement", "is empty or begins with `#`", failure);
    }

    settings->precision = fanfare_setting_or("precision", "ns");
    size_t n = 0, known = sizeof PRECISIONS / sizeof *PRECISIONS;
    while (n < known && !fanfare_is(settings->precision, PRECISIONS[n])) n++;
    if (n == known) return fanfare_bad_setting(delivery, "precision", "is none of `ns`, `us`, `ms`, `s`", failure);
    point->precision = (precision)n;

    fanfare_string spread = fanfare_setting_or("spread", "true");
    point->spread = fanfare_is(spread, "true");
    if (!point->spread && !fanfare_is(spread, "false")) {
        return fanfare_bad_setting(delivery, "spread", "is neither true nor false", failure);
    }
    read_tags(point);
    return true;
}

static fanfare_string write_url(const settings *settings) {
    fanfare_string base = settings->url;
    while (base.len > 0 && base.ptr[base.len - 1] == '/') base.len--;
    fanfare_buffer url = {0};
    fanfare_add_string(&url, base);
    fanfare_add(&url, "/api/v2/write?org=");
    fanfare_add_encoded(&url, settings->org);
    fanfare_add(&url, "&bucket=");
    fanfare_add_encoded(&url, settings->bucket);
    fanfare_add(&url, "&precision=");
    fanfare_add_string(&url, settings->precision);
    return fanfare_built(&url);
}

bool fanfare_compose(const fanfare_delivery *delivery, fanfare_request *request, fanfare_failure *failure) {
    settings settings = {0};
    if (!read_settings(delivery, &settings, failure)) return false;
    int64_t timestamp = point_timestamp(&delivery->event, &settings.point);
    if (timestamp == NO_TIME) {
        return fanfare_reject(failure, "invalid_time", fanfare_text("InfluxDB holds times from 1677 to 2262 only"));
    }
    fanfare_buffer line = {0}, authorization = {0};
    point_write(&line, &delivery->event, &settings.point, timestamp);
    fanfare_add(&authorization, "Token ");
    fanfare_add_string(&authorization, settings.token);

    request->method = fanfare_text("POST");
    request->url = write_url(&settings);
    fanfare_add_header(request, "authorization", fanfare_built(&authorization));
    fanfare_add_header(request, "content-type", fanfare_text("text/plain; charset=utf-8"));
    fanfare_set_body(request, fanfare_built(&line));
    return true;
}

bool fanfare_interpret(const fanfare_delivery *delivery, const fanfare_response *response, fanfare_string *receipt,
                       fanfare_failure *failure) {
    if (!fanfare_check_status(response, failure)) return false;
    settings settings = {0};
    if (!read_settings(delivery, &settings, failure)) return false;
    fanfare_buffer timestamp = {0};
    fanfare_add_number(&timestamp, point_timestamp(&delivery->event, &settings.point));
    fanfare_object object = {0};
    fanfare_put_text(&object, "bucket", settings.bucket);
    fanfare_put_text(&object, "measurement", settings.point.measurement);
    // As text, because many JSON parsers keep only 53 bits of a number.
    fanfare_put_text(&object, "timestamp", fanfare_built(&timestamp));
    fanfare_put_text(&object, "precision", settings.precision);
    *receipt = fanfare_end(&object);
    return true;
}
