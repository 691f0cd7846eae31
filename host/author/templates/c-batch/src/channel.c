// Posts a digest of many events as {"text": ...} to a URL.

#include "fanfare.h"

static fanfare_string digest_of(const fanfare_batch *batch) {
    fanfare_buffer text = {0};
    fanfare_add_number(&text, (int64_t)batch->len);
    fanfare_add(&text, batch->len == 1 ? " event:" : " events:");
    for (size_t i = 0; i < batch->len; i++) {
        const fanfare_event *event = &batch->ptr[i].event;
        fanfare_string message = fanfare_attribute(event, "message");
        fanfare_add(&text, "\n- ");
        fanfare_add_string(&text, message.ptr ? message : event->type);
    }
    return fanfare_built(&text);
}

// The host sends it.
bool fanfare_compose_batch(const fanfare_batch *batch, fanfare_request *request, fanfare_failure *failure) {
    fanfare_string url;
    if (!fanfare_needed_setting(&batch->ptr[0], "url", &url, failure)) return false;

    fanfare_object body = {0};
    fanfare_put_text(&body, "text", digest_of(batch));
    *request = (fanfare_request){.method = fanfare_text("POST"), .url = url};
    fanfare_add_header(request, "content-type", fanfare_text("application/json"));
    fanfare_set_body(request, fanfare_end(&body));
    return true;
}

// Any 2xx delivers all of them; otherwise each is retried or becomes a dead letter separately.
void fanfare_interpret_batch(const fanfare_batch *batch, const fanfare_response *response, fanfare_result *results) {
    for (size_t i = 0; i < batch->len; i++) {
        results[i].delivered = fanfare_check_status(response, &results[i].failure);
    }
}
