// Posts each event as {"text": ...} to a URL.

#include "fanfare.h"

fanfare_string body_of(const fanfare_event *event) {
    fanfare_string message = fanfare_attribute(event, "message");
    fanfare_object body = {0};
    fanfare_put_text(&body, "text", message.ptr ? message : event->type);
    return fanfare_end(&body);
}

bool fanfare_deliver(const fanfare_delivery *delivery, fanfare_string *receipt, fanfare_failure *failure) {
    fanfare_string url;
    if (!fanfare_needed_setting(delivery, "url", &url, failure)) return false;

    fanfare_request request = {.method = fanfare_text("POST"), .url = url};
    fanfare_add_header(&request, "content-type", fanfare_text("application/json"));
    // The same on every attempt, so that the receiver can detect repeats.
    fanfare_add_header(&request, "idempotency-key", delivery->id);
    fanfare_set_body(&request, body_of(&delivery->event));

    fanfare_response response;
    if (!fanfare_send(&request, &response, failure)) return false;
    // A 503 is retried and a 400 becomes a dead letter: the status decides the failure.
    if (!fanfare_check_status(&response, failure)) return false;

    fanfare_object object = {0};
    fanfare_put_number(&object, "status", response.status);
    *receipt = fanfare_end(&object);
    return true;
}
