// Tests of the points, on this machine.

#include "src/point.h"
#include "testing/host.h"

#include <string.h>

static const char SENT_TO[] = "http://h:8086/api/v2/write?org=my%20org&bucket=b&precision=";

static void set_up(void) {
    host_set("url", "http://h:8086/");
    host_set("org", "my org");
    host_set("bucket", "b");
    host_set("token", "t");
    static const char *const rest[] = {"measurement", "precision", "spread", "tags.env", "attributes.0", "attributes.1"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) host_set(rest[i], NULL);
}

static void expect_line(fanfare_delivery delivery, const char *precision, const char *line) {
    fanfare_request request;
    fanfare_failure failure;
    EXPECT(exports_fanfare_channel_exchange_compose(&delivery, &request, &failure));
    EXPECT(request.url.len > strlen(SENT_TO) && memcmp(request.url.ptr, SENT_TO, strlen(SENT_TO)) == 0);
    request.url.ptr += strlen(SENT_TO);
    request.url.len -= strlen(SENT_TO);
    EXPECT_TEXT(request.url, precision);
    EXPECT_TEXT(request.body.val.text, line);
}

static void an_event_becomes_a_point(void) {
    set_up();
    fanfare_delivery delivery = host_delivery("user.signup", "{\"a\":\"\\\\\"}");
    fanfare_pair extensions[] = {
        {fanfare_text("message"), fanfare_text("say \"hi\"\nö")},
        {fanfare_text("severity"), fanfare_text("info")},
    };
    delivery.event.extensions = (fanfare_pairs){extensions, 2};
    delivery.event.time = fanfare_text("2026-11-21T07:00:00.123456789Z");
    expect_line(delivery, "ns",
                "events,type=user.signup,source=/test,severity=info id=\"e-1\",message=\"say \\\"hi\\\"\nö\","
                "data=\"{\\\"a\\\":\\\"\\\\\\\\\\\"}\",data_bytes=10i 1795244400123456789");
}

static void what_the_protocol_uses_is_escaped(void) {
    set_up();
    host_set("measurement", "my m,=x\\");
    host_set("precision", "s");
    host_set("tags.env", "a b\\");
    host_set("attributes.0", "type");
    host_set("attributes.1", "id");
    fanfare_delivery delivery = host_delivery("a=b, c\\,d\ne", NULL);
    expect_line(delivery, "s", "my\\ m\\,=x/,type=a\\=b\\,\\ c/\\,d\\ e,id=e-1,env=a\\ b/ data_bytes=0i 1767225600");
}

static void times_are_read(void) {
    static const struct {
        const char *text;
        int64_t time;
    } table[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"2024-02-29T23:59:60z", 1709251200000000000},
        {"2026-11-21T09:30:00.5+02:30", 1795244400500000000},
        {"2026-11-21T02:00:00.0000000019-05:00", 1795244400000000001},
        {"2262-04-11T23:47:14Z", 9223372034000000000},
        {"2262-04-12T00:00:00Z", NO_TIME},
        {"1600-01-01T00:00:00Z", NO_TIME},
        {"2026-13-21T07:00:00Z", NO_TIME},
        {"2026-11-21T07:00:00", NO_TIME},
        {"2026-11-21T07:00:00+02", NO_TIME},
        {"", NO_TIME},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) EXPECT(point_time(fanfare_text(table[i].text)) == table[i].time);
}

static void events_of_one_moment_are_told_apart(void) {
    fanfare_delivery one = host_delivery("a", NULL), other = one;
    other.event.id = fanfare_text("e-2");
    point_options options = {.precision = NANOSECONDS, .spread = true};
    int64_t time = point_timestamp(&one.event, &options), exact = 1767225600000000000;
    EXPECT(time == point_timestamp(&one.event, &options) && time != point_timestamp(&other.event, &options));
    EXPECT(time >= exact && time < exact + 1000000);
    one.event.time = fanfare_text("2026-01-01T00:00:00.000001Z");
    time = point_timestamp(&one.event, &options);
    EXPECT(time >= exact + 1000 && time < exact + 2000);
    options.spread = false;
    EXPECT(point_timestamp(&one.event, &options) == exact + 1000);
    one.event.time = fanfare_text("1969-12-31T23:59:59.999999999Z");
    options.precision = SECONDS;
    EXPECT(point_timestamp(&one.event, &options) == -1);
}

static void a_setting_that_cannot_be_used_is_named(void) {
    static const char *const bad[][3] = {
        {"bucket", NULL, "`channels.test.settings.bucket` is missing: set it in the daemon's config"},
        {"precision", "m", "`channels.test.settings.precision` is none of `ns`, `us`, `ms`, `s`"},
        {"measurement", "#x", "`channels.test.settings.measurement` is empty or begins with `#`"},
        {"spread", "no", "`channels.test.settings.spread` is neither true nor false"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        set_up();
        host_set(bad[i][0], bad[i][1]);
        fanfare_delivery delivery = host_delivery("a", NULL);
        fanfare_request request;
        fanfare_failure failure;
        EXPECT(!exports_fanfare_channel_exchange_compose(&delivery, &request, &failure));
        EXPECT_TEXT(failure.code, "invalid_settings");
        EXPECT_TEXT(failure.message, bad[i][2]);
    }
}

static void a_written_point_has_a_receipt(void) {
    set_up();
    host_set("precision", "ms");
    fanfare_delivery delivery = host_delivery("a", NULL);
    fanfare_response written = host_response(204, ""), refused = host_response(401, "unauthorized");
    fanfare_string receipt;
    fanfare_failure failure;
    EXPECT(exports_fanfare_channel_exchange_interpret(&delivery, &written, &receipt, &failure));
    EXPECT_TEXT(receipt, "{\"bucket\":\"b\",\"measurement\":\"events\",\"timestamp\":\"1767225600000\",\"precision\":\"ms\"}");
    EXPECT(!exports_fanfare_channel_exchange_interpret(&delivery, &refused, &receipt, &failure));
    EXPECT_TEXT(failure.code, "http_401");
}

int main(void) {
    an_event_becomes_a_point();
    what_the_protocol_uses_is_escaped();
    times_are_read();
    events_of_one_moment_are_told_apart();
    a_setting_that_cannot_be_used_is_named();
    a_written_point_has_a_receipt();
}
