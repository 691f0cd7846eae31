// Posts a letter to whom the event is for, written by a template of the operator's:
// {"to": ..., "subject": ..., "text": ...}

#include "fanfare.h"

bool fanfare_deliver(const fanfare_delivery *delivery, fanfare_string *receipt, fanfare_failure *failure) {
    fanfare_string url, template;
    if (!fanfare_needed_setting(delivery, "url", &url, failure)) return false;
    if (!fanfare_needed_setting(delivery, "template", &template, failure)) return false;

    fanfare_recipient recipient;
    if (!fanfare_get_recipient(&recipient) || !recipient.email.ptr) {
        return fanfare_reject(failure, "no_address", fanfare_text("no address is on record for the event's subject"));
    }
    fanfare_message letter;
    if (!fanfare_render(template, &letter, failure)) return false;

    fanfare_object body = {0};
    fanfare_put_text(&body, "to", recipient.email);
    fanfare_put_text(&body, "subject", letter.subject);
    fanfare_put_text(&body, "text", letter.text);
    fanfare_request request = {.method = fanfare_text("POST"), .url = url};
    fanfare_add_header(&request, "content-type", fanfare_text("application/json"));
    fanfare_add_header(&request, "idempotency-key", delivery->id);
    fanfare_set_body(&request, fanfare_end(&body));

    fanfare_response response;
    if (!fanfare_send(&request, &response, failure)) return false;
    if (!fanfare_check_status(&response, failure)) return false;
    int64_t sent;
    if (!fanfare_increment_state("sent", 1, &sent, failure)) return false;
    fanfare_count("letters", 1, NULL);

    fanfare_object object = {0};
    fanfare_put_text(&object, "locale", recipient.locale);
    fanfare_put_number(&object, "sent", sent);
    *receipt = fanfare_end(&object);
    return true;
}
