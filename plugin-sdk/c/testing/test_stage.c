// The helpers of a stage.

#include "testing/host.h"

bool fanfare_process(fanfare_event *event, bool *dropped, fanfare_failure *failure) {
    fanfare_string word = fanfare_data(event);
    if (fanfare_is(word, "drop")) {
        *dropped = true;
    } else if (fanfare_is(word, "reject")) {
        return fanfare_reject(failure, "no", fanfare_text("never"));
    } else if (fanfare_is(word, "setting")) {
        fanfare_string value;
        return fanfare_needed_setting(NULL, "file", &value, failure);
    } else if (fanfare_is(word, "change")) {
        fanfare_change_attribute(event, "type", fanfare_text("b"));
        fanfare_change_attribute(event, "subject", fanfare_text("s"));
        fanfare_change_attribute(event, "dataschema", fanfare_text(""));
        fanfare_change_attribute(event, "level", fanfare_text("2"));
        fanfare_change_attribute(event, "room", fanfare_text("r"));
        fanfare_remove_attribute(event, "secret");
        fanfare_remove_attribute(event, "datacontenttype");
        fanfare_remove_attribute(event, "absent");
        fanfare_buffer data = {0};
        fanfare_add(&data, "{}");
        fanfare_change_data(event, fanfare_built(&data));
    } else if (fanfare_is(word, "binary")) {
        fanfare_change_binary_data(event, fanfare_text("\xFF"));
    }
    return true;
}

typedef exports_fanfare_channel_stage_option_event_t passed_event;

static void an_event_passes_unchanged(void) {
    fanfare_event event = host_event("a", "[1]");
    passed_event passed;
    fanfare_failure failure;
    EXPECT(exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT(passed.is_some);
    EXPECT_TEXT(passed.val.id, "e-1");
    EXPECT_TEXT(passed.val.source, "/test");
    EXPECT_TEXT(passed.val.type, "a");
    EXPECT_TEXT(passed.val.time, "2026-01-01T00:00:00Z");
    EXPECT(!passed.val.subject.is_some && passed.val.extensions.len == 0);
    EXPECT_TEXT(passed.val.data.val.val.text, "[1]");

    event = host_event("a", NULL);
    EXPECT(exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT(passed.is_some && !passed.val.data.is_some);
}

static void a_changed_event_leaves_the_original_unchanged(void) {
    fanfare_event event = host_event("a", "change");
    fanfare_pair extensions[] = {
        {fanfare_text("secret"), fanfare_text("x")},
        {fanfare_text("level"), fanfare_text("1")},
    };
    event.extensions = (fanfare_pairs){extensions, 2};
    event.data_content_type.is_some = true;
    event.data_content_type.val = fanfare_text("text/plain");
    passed_event passed;
    fanfare_failure failure;
    EXPECT(exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT_TEXT(passed.val.type, "b");
    EXPECT(passed.val.subject.is_some && passed.val.data_schema.is_some && !passed.val.data_content_type.is_some);
    EXPECT_TEXT(passed.val.subject.val, "s");
    EXPECT_TEXT(passed.val.data_schema.val, "");
    EXPECT(passed.val.extensions.len == 2);
    EXPECT_TEXT(passed.val.extensions.ptr[0].f0, "level");
    EXPECT_TEXT(passed.val.extensions.ptr[0].f1, "2");
    EXPECT_TEXT(passed.val.extensions.ptr[1].f0, "room");
    EXPECT_TEXT(passed.val.data.val.val.text, "{}");

    // It is freed unchanged.
    EXPECT(event.extensions.ptr == extensions && event.extensions.len == 2);
    EXPECT_TEXT(extensions[0].f0, "secret");
    EXPECT_TEXT(extensions[1].f1, "1");
    EXPECT_TEXT(event.type, "a");

    event = host_event("a", "binary");
    EXPECT(exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT(passed.val.data.val.tag == FANFARE_CHANNEL_EVENTS_PAYLOAD_BINARY);
    EXPECT_TEXT(passed.val.data.val.val.text, "\xFF");
}

static void an_event_is_dropped_or_rejected(void) {
    passed_event passed;
    fanfare_failure failure;
    fanfare_event event = host_event("a", "drop");
    EXPECT(exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT(!passed.is_some);

    event = host_event("a", "reject");
    EXPECT(!exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT);
    EXPECT_TEXT(failure.code, "no");

    event = host_event("a", "setting");
    EXPECT(!exports_fanfare_channel_stage_process(&event, &passed, &failure));
    EXPECT_TEXT(failure.code, "invalid_settings");
    EXPECT_TEXT(failure.message, "`stages.<name>.settings.file` is missing: set it in the daemon's config");
}

int main(void) {
    an_event_passes_unchanged();
    a_changed_event_leaves_the_original_unchanged();
    an_event_is_dropped_or_rejected();
}
