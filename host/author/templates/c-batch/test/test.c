#include "testing/host.h"

static void a_batch_becomes_one_text(void) {
    host_set("url", "https://example.com/hook");
    fanfare_pair message = {fanfare_text("message"), fanfare_text("New user")};
    fanfare_delivery deliveries[] = {host_delivery("user.signup", NULL), host_delivery("user.left", NULL)};
    deliveries[0].event.extensions = (fanfare_pairs){&message, 1};
    fanfare_batch batch = {deliveries, 2};
    fanfare_request request;
    fanfare_failure failure;
    EXPECT(fanfare_compose_batch(&batch, &request, &failure));
    EXPECT_TEXT(request.url, "https://example.com/hook");
    EXPECT_TEXT(request.body.val.text, "{\"text\":\"2 events:\\n- New user\\n- user.left\"}");
}

static void each_delivery_is_retried_if_the_receiver_is_down(void) {
    fanfare_delivery deliveries[] = {host_delivery("user.signup", NULL), host_delivery("user.left", NULL)};
    fanfare_batch batch = {deliveries, 2};
    fanfare_response response = host_response(503, "");
    fanfare_result results[2] = {0};
    fanfare_interpret_batch(&batch, &response, results);
    for (size_t i = 0; i < 2; i++) {
        EXPECT(!results[i].delivered);
        EXPECT(results[i].failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY);
    }
}

int main(void) {
    a_batch_becomes_one_text();
    each_delivery_is_retried_if_the_receiver_is_down();
}
