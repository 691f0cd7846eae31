#include "testing/host.h"

static void the_attribute_is_trimmed(void) {
    host_set("attribute", "message");
    fanfare_event event = host_event("user.signup", NULL);
    fanfare_pair message = {fanfare_text("message"), fanfare_text("  hi Ada ")};
    event.extensions = (fanfare_pairs){&message, 1};
    bool dropped = false;
    fanfare_failure failure;
    EXPECT(fanfare_process(&event, &dropped, &failure));
    EXPECT(!dropped);
    EXPECT_TEXT(fanfare_attribute(&event, "message"), "hi Ada");
}

static void an_event_without_the_attribute_is_rejected(void) {
    host_set("attribute", "message");
    fanfare_event event = host_event("user.signup", NULL);
    bool dropped = false;
    fanfare_failure failure;
    EXPECT(!fanfare_process(&event, &dropped, &failure));
    EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT);
    EXPECT_TEXT(failure.message, "the event has no `message`");
}

int main(void) {
    the_attribute_is_trimmed();
    an_event_without_the_attribute_is_rejected();
}
