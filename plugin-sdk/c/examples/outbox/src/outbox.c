// Takes many events in one call, and posts each as it was published: a batch saves the start, not the requests.

#include "fanfare.h"

static bool post(const fanfare_delivery *delivery, fanfare_string *receipt, fanfare_failure *failure) {
    fanfare_string url;
    if (!fanfare_needed_setting(delivery, "url", &url, failure)) return false;
    if (!delivery->event.data.is_some) return fanfare_reject(failure, "no_data", fanfare_text("the event has no data"));

    fanfare_request request = {.method = fanfare_text("POST"), .url = url};
    fanfare_add_header(&request, "content-type", fanfare_text("application/json"));
    fanfare_add_header(&request, "idempotency-key", delivery->id);
    fanfare_set_body(&request, fanfare_data(&delivery->event));

    fanfare_response response;
    if (!fanfare_send(&request, &response, failure)) return false;
    if (!fanfare_check_status(&response, failure)) return false;
    fanfare_object object = {0};
    fanfare_put_number(&object, "status", response.status);
    *receipt = fanfare_end(&object);
    return true;
}

void fanfare_deliver_batch(const fanfare_batch *batch, fanfare_result *results) {
    for (size_t i = 0; i < batch->len; i++) {
        fanfare_result *result = &results[i];
        result->delivered = post(&batch->ptr[i], &result->receipt, &result->failure);
    }
}
