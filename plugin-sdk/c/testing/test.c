// The helpers' own tests.

#include "testing/host.h"

bool fanfare_deliver(const fanfare_delivery *delivery, fanfare_string *receipt, fanfare_failure *failure) {
    fanfare_string url;
    if (!fanfare_needed_setting(delivery, "url", &url, failure)) return false;
    fanfare_object object = {0};
    fanfare_put_text(&object, "url", url);
    fanfare_put_number(&object, "least", INT64_MIN);
    fanfare_put_bool(&object, "yes", true);
    *receipt = fanfare_end(&object);
    return true;
}

static void a_channel_returns_a_receipt_or_a_failure(void) {
    fanfare_delivery delivery = host_delivery("a", NULL);
    fanfare_string receipt;
    fanfare_failure failure;

    EXPECT(!exports_fanfare_channel_handler_deliver(&delivery, &receipt, &failure));
    EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT);
    EXPECT_TEXT(failure.code, "invalid_settings");
    EXPECT_TEXT(failure.message, "`channels.test.settings.url` is missing: set it in the daemon's config");

    host_set("url", "a\"b\\c\n\x01ö");
    EXPECT(exports_fanfare_channel_handler_deliver(&delivery, &receipt, &failure));
    EXPECT_TEXT(receipt, "{\"url\":\"a\\\"b\\\\c\\n\\u0001ö\",\"least\":-9223372036854775808,\"yes\":true}");

    host_set("url", "");
    EXPECT(!exports_fanfare_channel_handler_deliver(&delivery, &receipt, &failure));
    EXPECT_TEXT(failure.message, "`channels.test.settings.url` is empty");
}

static void the_status_decides_whether_to_retry(void) {
    enum { RETRY, RETRY_AFTER, REJECT, SUSPEND };
    static const struct {
        uint16_t status;
        const char *retry_after;
        uint8_t disposition;
        uint32_t wait;
    } table[] = {
        {404, NULL, RETRY, 0},         {408, NULL, RETRY, 0},       {409, NULL, RETRY, 0},
        {425, NULL, RETRY, 0},         {429, NULL, RETRY, 0},       {500, NULL, RETRY, 0},
        {599, NULL, RETRY, 0},         {302, NULL, REJECT, 0},      {400, "5", REJECT, 0},
        {401, NULL, REJECT, 0},        {403, NULL, REJECT, 0},      {600, NULL, REJECT, 0},
        {410, "5", SUSPEND, 0},        {503, "0", RETRY_AFTER, 0},  {429, "120", RETRY_AFTER, 120000},
        {429, "86401", RETRY_AFTER, 86400000}, {429, "99999999999999999999999", RETRY_AFTER, 86400000},
        {503, "-1", RETRY, 0},         {503, "1.5", RETRY, 0},      {503, "", RETRY, 0},
        {503, "Sun, 06 Nov 1994 08:50:37 GMT", RETRY, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fanfare_response response = host_response(table[i].status, "");
        const char *wait = table[i].retry_after ? table[i].retry_after : "";
        fanfare_pair header = {fanfare_text("Retry-After"), fanfare_text(wait)};
        if (table[i].retry_after) response.headers = (fanfare_pairs){&header, 1};
        fanfare_failure failure = {0};
        EXPECT(!fanfare_check_status(&response, &failure));
        EXPECT(failure.disposition.tag == table[i].disposition);
        EXPECT(failure.disposition.tag != RETRY_AFTER || failure.disposition.val.retry_after == table[i].wait);
    }
    fanfare_response response = host_response(204, "");
    EXPECT(fanfare_check_status(&response, NULL));
}

static void the_receiver_s_response_is_quoted_and_truncated(void) {
    fanfare_failure failure = {0};
    fanfare_response response = host_response(500, " no\ndisk \n");
    EXPECT(!fanfare_check_status(&response, &failure));
    EXPECT_TEXT(failure.code, "http_500");
    EXPECT_TEXT(failure.message, "the receiver answered 500: no disk");

    fanfare_buffer long_body = {0};
    for (int i = 0; i < 500; i++) fanfare_add(&long_body, "ö");
    response.body.val.text = fanfare_built(&long_body);
    EXPECT(!fanfare_check_status(&response, &failure));
    EXPECT(failure.message.len == sizeof "the receiver answered 500: " - 1 + 200 * 2);
}

static void attributes_are_read_by_name(void) {
    fanfare_delivery delivery = host_delivery("a.b", "{}");
    fanfare_pair extension = {fanfare_text("severity"), fanfare_text("")};
    delivery.event.extensions = (fanfare_pairs){&extension, 1};
    EXPECT_TEXT(fanfare_attribute(&delivery.event, "type"), "a.b");
    EXPECT(fanfare_attribute(&delivery.event, "subject").ptr == NULL);
    EXPECT(fanfare_attribute(&delivery.event, "severity").ptr != NULL);
    EXPECT(fanfare_attribute(&delivery.event, "message").ptr == NULL);
    EXPECT_TEXT(fanfare_data(&delivery.event), "{}");

    fanfare_string name = {(uint8_t *)"severity of it", 8};
    EXPECT(fanfare_attribute(&delivery.event, fanfare_c_string(name)).ptr != NULL);
}

static void reserved_characters_of_a_url_are_encoded(void) {
    fanfare_buffer buffer = {0};
    fanfare_add_encoded(&buffer, fanfare_text("aZ0-._~ /ö%"));
    EXPECT_TEXT(fanfare_built(&buffer), "aZ0-._~%20%2F%C3%B6%25");
}

static void an_event_is_emitted_unchanged_and_an_error_becomes_a_failure(void) {
    fanfare_failure failure = {0};
    fanfare_string id;
    fanfare_new_event event = {.type = fanfare_text("a.b")};
    fanfare_set_attribute(&event, "subject", fanfare_text("s"));
    fanfare_set_attribute(&event, "level", fanfare_text("1"));
    fanfare_set_attribute(&event, "level", fanfare_text("2"));
    fanfare_set_attribute(&event, "room", fanfare_text(""));
    fanfare_set_data(&event, fanfare_text("{}"));
    EXPECT(fanfare_emit(&event, &id, &failure));
    EXPECT_TEXT(id, "dlv_1.1");
    const fanfare_new_event *seen = host_emitted(0);
    EXPECT_TEXT(seen->type, "a.b");
    EXPECT(seen->subject.is_some && !seen->data_content_type.is_some && !seen->data_schema.is_some);
    EXPECT_TEXT(seen->subject.val, "s");
    EXPECT(seen->extensions.len == 2);
    EXPECT_TEXT(seen->extensions.ptr[0].f0, "level");
    EXPECT_TEXT(seen->extensions.ptr[0].f1, "2");
    EXPECT_TEXT(seen->extensions.ptr[1].f0, "room");
    EXPECT(seen->data.is_some && seen->data.val.tag == FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT);
    EXPECT_TEXT(seen->data.val.val.text, "{}");

    event = (fanfare_new_event){0};
    fanfare_set_attribute(&event, "type", fanfare_text("c"));
    fanfare_set_attribute(&event, "datacontenttype", fanfare_text("image/png"));
    fanfare_set_attribute(&event, "dataschema", fanfare_text("/x"));
    fanfare_set_binary_data(&event, fanfare_text("\xFF"));
    EXPECT(fanfare_emit(&event, NULL, &failure));
    seen = host_emitted(1);
    EXPECT_TEXT(seen->type, "c");
    EXPECT_TEXT(seen->data_content_type.val, "image/png");
    EXPECT_TEXT(seen->data_schema.val, "/x");
    EXPECT(seen->data.val.tag == FANFARE_CHANNEL_EVENTS_PAYLOAD_BINARY);

    static const char *const codes[] = {"denied", "invalid_event", "too_many_events"};
    for (uint8_t error = 0; error < 3; error++) {
        host_refuse_emit(error);
        EXPECT(!fanfare_emit(&event, &id, &failure));
        EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT);
        EXPECT_TEXT(failure.code, codes[error]);
        EXPECT_TEXT(failure.message, "the test refuses it");
    }
    EXPECT(host_emitted(2) == NULL);
}

static void the_recipient_has_what_the_host_returns(void) {
    fanfare_recipient recipient;
    EXPECT(!fanfare_get_recipient(&recipient));

    fanfare_string push[] = {fanfare_text("a"), fanfare_text("b")};
    fanfare_pair attributes[] = {
        {fanfare_text("name"), fanfare_text("Ada")},
        {fanfare_text("empty"), fanfare_text("")},
    };
    fanfare_recipient ada = {
        .subject = fanfare_text("usr_1"),
        .email = fanfare_text("ada@example.com"),
        .locale = fanfare_text("de-AT"),
        .push = {push, 2},
        .attributes = {attributes, 2},
    };
    host_set_recipient(&ada);
    EXPECT(fanfare_get_recipient(&recipient));
    EXPECT_TEXT(recipient.subject, "usr_1");
    EXPECT_TEXT(recipient.email, "ada@example.com");
    EXPECT_TEXT(recipient.locale, "de-AT");
    EXPECT(recipient.phone.ptr == NULL);
    EXPECT(recipient.push.len == 2);
    EXPECT_TEXT(recipient.push.ptr[1], "b");
    EXPECT_TEXT(fanfare_recipient_attribute(&recipient, "name"), "Ada");
    EXPECT(fanfare_recipient_attribute(&recipient, "empty").ptr != NULL);
    EXPECT(fanfare_recipient_attribute(&recipient, "plan").ptr == NULL);

    // The operator's defaults: no addresses.
    host_set_recipient(&(fanfare_recipient){.subject = fanfare_text("usr_2")});
    EXPECT(fanfare_get_recipient(&recipient));
    EXPECT(recipient.email.ptr == NULL && recipient.push.len == 0 && recipient.attributes.len == 0);
    host_set_recipient(NULL);
}

static void the_host_renders_a_template_and_an_error_rejects_the_delivery(void) {
    host_set_template("welcome", "Hello", "Hello Ada", "");
    fanfare_message message;
    fanfare_failure failure = {0};
    EXPECT(fanfare_render(fanfare_text("welcome"), &message, &failure));
    EXPECT_TEXT(message.subject, "Hello");
    EXPECT_TEXT(message.text, "Hello Ada");
    EXPECT_TEXT(message.html, "");
    EXPECT(!fanfare_render(fanfare_text("bye"), &message, &failure));
    EXPECT(failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT);
    EXPECT_TEXT(failure.code, "template");
    EXPECT_TEXT(failure.message, "there is no template `bye`");
}

static void state_is_kept_and_an_error_becomes_a_failure(void) {
    fanfare_failure failure = {0};
    fanfare_string value;
    int64_t sum;
    EXPECT(fanfare_get_state("k", &value, &failure) && value.ptr == NULL);
    EXPECT(fanfare_set_state("k", fanfare_text("v"), 60, &failure));
    EXPECT(fanfare_get_state("k", &value, &failure));
    EXPECT_TEXT(value, "v");
    EXPECT(fanfare_set_state("k", fanfare_text(""), 0, &failure));
    EXPECT(fanfare_get_state("k", &value, &failure) && value.ptr != NULL && value.len == 0);
    EXPECT(fanfare_delete_state("k", &failure));
    EXPECT(host_state("k").ptr == NULL);
    EXPECT(fanfare_increment_state("n", 2, NULL, &failure));
    EXPECT(fanfare_increment_state("n", -5, &sum, &failure) && sum == -3);
    EXPECT_TEXT(host_state("n"), "-3");

    static const char *const codes[] = {"state_too_large", "state_not_a_number", "state_unavailable"};
    for (uint8_t error = 0; error < 3; error++) {
        host_refuse_state(error);
        EXPECT(!fanfare_increment_state("n", 1, &sum, &failure));
        EXPECT_TEXT(failure.code, codes[error]);
        bool is_final = failure.disposition.tag == FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT;
        EXPECT(is_final == (error < 2));
    }
}

static void metrics_reach_the_host(void) {
    fanfare_pair color = {fanfare_text("color"), fanfare_text("red")};
    fanfare_count("sent", 1, NULL);
    fanfare_count("sent", 2, &(fanfare_pairs){&color, 1});
    fanfare_gauge("depth", 4, NULL);
    fanfare_observe("took", 0.5, NULL);
    EXPECT(host_measured("sent") == 3);
    EXPECT(host_measured("depth") == 4);
    EXPECT(host_measured("took") == 0.5);
}

static void the_host_returns_the_event_as_published(void) {
    EXPECT_TEXT(fanfare_published(), "");
    host_set_published("{\"level\":1}");
    EXPECT_TEXT(fanfare_published(), "{\"level\":1}");
}

int main(void) {
    a_channel_returns_a_receipt_or_a_failure();
    the_status_decides_whether_to_retry();
    the_receiver_s_response_is_quoted_and_truncated();
    attributes_are_read_by_name();
    reserved_characters_of_a_url_are_encoded();
    an_event_is_emitted_unchanged_and_an_error_becomes_a_failure();
    the_recipient_has_what_the_host_returns();
    the_host_renders_a_template_and_an_error_rejects_the_delivery();
    state_is_kept_and_an_error_becomes_a_failure();
    metrics_reach_the_host();
    the_host_returns_the_event_as_published();
}
