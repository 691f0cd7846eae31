// The helpers of a channel for batches.

#include "testing/host.h"

void fanfare_deliver_batch(const fanfare_batch *batch, fanfare_result *results) {
    for (size_t i = 0; i < batch->len; i++) {
        const fanfare_delivery *delivery = &batch->ptr[i];
        fanfare_result *result = &results[i];
        if (fanfare_is(delivery->event.type, "ok")) {
            fanfare_object object = {0};
            fanfare_put_number(&object, "at", (int64_t)i);
            result->receipt = fanfare_end(&object);
            result->delivered = true;
        } else if (fanfare_is(delivery->event.type, "setting")) {
            fanfare_string url;
            result->delivered = fanfare_needed_setting(delivery, "url", &url, &result->failure);
        } else if (fanfare_is(delivery->event.type, "later")) {
            fanfare_retry_after(&result->failure, 1500, "busy", fanfare_text("later"));
        }
    }
}

static void each_delivery_of_a_batch_has_its_own_result(void) {
    fanfare_delivery deliveries[] = {
        host_delivery("ok", NULL),
        host_delivery("setting", NULL),
        host_delivery("later", NULL),
        host_delivery("forgotten", NULL),
    };
    fanfare_batch batch = {deliveries, 4};
    exports_fanfare_channel_batch_handler_list_result_receipt_failure_t results;
    exports_fanfare_channel_batch_handler_deliver(&batch, &results);
    EXPECT(results.len == 4);
    EXPECT(!results.ptr[0].is_err);
    EXPECT_TEXT(results.ptr[0].val.ok, "{\"at\":0}");

    static const struct {
        uint8_t disposition;
        const char *code, *message;
    } failures[] = {
        {FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT, "invalid_settings",
         "`channels.test.settings.url` is missing: set it in the daemon's config"},
        {FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY_AFTER, "busy", "later"},
        {FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY, "no_result", "the channel set no result for this delivery"},
    };
    for (size_t i = 0; i < 3; i++) {
        EXPECT(results.ptr[i + 1].is_err);
        const fanfare_failure *failure = &results.ptr[i + 1].val.err;
        EXPECT(failure->disposition.tag == failures[i].disposition);
        EXPECT_TEXT(failure->code, failures[i].code);
        EXPECT_TEXT(failure->message, failures[i].message);
    }
}

static void an_empty_batch_has_no_results(void) {
    fanfare_batch batch = {0};
    exports_fanfare_channel_batch_handler_list_result_receipt_failure_t results;
    exports_fanfare_channel_batch_handler_deliver(&batch, &results);
    EXPECT(results.len == 0);
}

int main(void) {
    each_delivery_of_a_batch_has_its_own_result();
    an_empty_batch_has_no_results();
}
