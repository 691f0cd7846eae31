#include "testing/host.h"

fanfare_string body_of(const fanfare_event *event);

static void the_message_is_posted(void) {
    fanfare_delivery delivery = host_delivery("user.signup", NULL);
    EXPECT_TEXT(body_of(&delivery.event), "{\"text\":\"user.signup\"}");

    fanfare_pair message = {fanfare_text("message"), fanfare_text("say \"hi\"")};
    delivery.event.extensions = (fanfare_pairs){&message, 1};
    EXPECT_TEXT(body_of(&delivery.event), "{\"text\":\"say \\\"hi\\\"\"}");
}

// There is no network in tests.
static void a_delivery_is_retried_if_the_receiver_is_down(void) {
    host_set("url", "https://example.com/hook");
    fanfare_delivery delivery = host_delivery("user.signup", NULL);
    fanfare_string receipt;
    fanfare_failure failure;
    EXPECT(!fanfare_deliver(&delivery, &receipt, &failure));
    EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY);
    EXPECT_TEXT(failure.code, "connection");
}

int main(void) {
    the_message_is_posted();
    a_delivery_is_retried_if_the_receiver_is_down();
}
