// The helpers of a channel for batches whose requests the host sends.

#include "testing/host.h"

bool fanfare_compose_batch(const fanfare_batch *batch, fanfare_request *request, fanfare_failure *failure) {
    fanfare_string url;
    if (!fanfare_needed_setting(&batch->ptr[0], "url", &url, failure)) return false;
    *request = (fanfare_request){.method = fanfare_text("POST"), .url = url};
    fanfare_add_header(request, "x-count", fanfare_text(batch->len == 2 ? "2" : "?"));
    fanfare_set_body(request, fanfare_text("{}"));
    return true;
}

void fanfare_interpret_batch(const fanfare_batch *batch, const fanfare_response *response, fanfare_result *results) {
    for (size_t i = 0; i < batch->len; i++) {
        results[i].delivered = fanfare_check_status(response, &results[i].failure);
    }
}

static void an_http_channel_sends_one_request_for_a_batch(void) {
    fanfare_delivery deliveries[] = {host_delivery("a", NULL), host_delivery("b", NULL)};
    fanfare_batch batch = {deliveries, 2};
    fanfare_request request;
    fanfare_failure failure;
    EXPECT(!exports_fanfare_channel_batch_exchange_compose(&batch, &request, &failure));
    EXPECT_TEXT(failure.message, "`channels.test.settings.url` is missing: set it in the daemon's config");

    host_set("url", "http://x/");
    EXPECT(exports_fanfare_channel_batch_exchange_compose(&batch, &request, &failure));
    EXPECT_TEXT(request.method, "POST");
    EXPECT_TEXT(request.url, "http://x/");
    EXPECT(request.headers.len == 1);
    EXPECT_TEXT(request.headers.ptr[0].f1, "2");
    EXPECT_TEXT(request.body.val.text, "{}");
}

static void each_delivery_of_a_batch_has_its_own_result(void) {
    fanfare_delivery deliveries[] = {host_delivery("a", NULL), host_delivery("b", NULL)};
    fanfare_batch batch = {deliveries, 2};
    exports_fanfare_channel_batch_exchange_list_result_receipt_failure_t results;
    fanfare_response response = host_response(202, "");
    exports_fanfare_channel_batch_exchange_interpret(&batch, &response, &results);
    EXPECT(results.len == 2 && !results.ptr[0].is_err && !results.ptr[1].is_err);

    response = host_response(503, "busy");
    exports_fanfare_channel_batch_exchange_interpret(&batch, &response, &results);
    EXPECT(results.len == 2 && results.ptr[0].is_err && results.ptr[1].is_err);
    EXPECT_TEXT(results.ptr[1].val.err.code, "http_503");
    EXPECT_TEXT(results.ptr[1].val.err.message, "the receiver answered 503: busy");
}

int main(void) {
    an_http_channel_sends_one_request_for_a_batch();
    each_delivery_of_a_batch_has_its_own_result();
}
