#include "testing/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *key, *value;
} settings[32];

void host_set(const char *key, const char *value) {
    size_t at = 0;
    while (settings[at].key && strcmp(settings[at].key, key) != 0) at++;
    settings[at].key = key;
    settings[at].value = value;
}

static fanfare_string copy_of(fanfare_string text) {
    return (fanfare_string){text.len ? memcpy(malloc(text.len), text.ptr, text.len) : NULL, text.len};
}

static fanfare_string copy(const char *text) {
    return copy_of(fanfare_text(text));
}

bool fanfare_channel_config_get(fanfare_string *key, fanfare_string *ret) {
    for (size_t i = 0; settings[i].key; i++) {
        if (settings[i].value && fanfare_is(*key, settings[i].key)) {
            *ret = copy(settings[i].value);
            return true;
        }
    }
    return false;
}

void fanfare_channel_config_all(fanfare_pairs *ret) {
    *ret = (fanfare_pairs){calloc(32, sizeof *ret->ptr), 0};
    for (size_t i = 0; settings[i].key; i++) {
        if (settings[i].value) ret->ptr[ret->len++] = (fanfare_pair){copy(settings[i].key), copy(settings[i].value)};
    }
}

bool fanfare_channel_http_send(fanfare_request *request, fanfare_response *ret,
                               fanfare_channel_http_http_error_t *err) {
    (void)request, (void)ret;
    const uint8_t tag = FANFARE_CHANNEL_HTTP_HTTP_ERROR_CONNECTION;
    *err = (fanfare_channel_http_http_error_t){tag, {copy("there is no network in tests")}};
    return false;
}

static fanfare_new_event emitted[32];
static size_t emitted_len;
static struct {
    bool is_some;
    uint8_t tag;
} refusal;

void host_refuse_emit(uint8_t error) {
    refusal.is_some = true;
    refusal.tag = error;
}

const fanfare_new_event *host_emitted(size_t at) {
    return at < emitted_len ? &emitted[at] : NULL;
}

// Past its end, the channel's own is gone.
static void keep_copy(fanfare_string *text) {
    uint8_t *bytes = malloc(text->len + 1);
    if (text->len > 0) memcpy(bytes, text->ptr, text->len);
    text->ptr = bytes;
}

bool fanfare_channel_emit_emit(fanfare_new_event *event, fanfare_string *ret, fanfare_channel_emit_emit_error_t *err) {
    if (refusal.is_some) {
        refusal.is_some = false;
        *err = (fanfare_channel_emit_emit_error_t){refusal.tag, {copy("the test refuses it")}};
        return false;
    }
    if (emitted_len == sizeof emitted / sizeof *emitted) abort();
    fanfare_new_event *kept = &emitted[emitted_len++];
    *kept = *event;
    keep_copy(&kept->type);
    if (kept->subject.is_some) keep_copy(&kept->subject.val);
    if (kept->data_content_type.is_some) keep_copy(&kept->data_content_type.val);
    if (kept->data_schema.is_some) keep_copy(&kept->data_schema.val);
    if (kept->data.is_some) keep_copy(&kept->data.val.val.text);
    kept->extensions.ptr = calloc(event->extensions.len + 1, sizeof *kept->extensions.ptr);
    for (size_t i = 0; i < event->extensions.len; i++) {
        kept->extensions.ptr[i] = event->extensions.ptr[i];
        keep_copy(&kept->extensions.ptr[i].f0);
        keep_copy(&kept->extensions.ptr[i].f1);
    }
    char id[32];
    snprintf(id, sizeof id, "dlv_1.%zu", emitted_len);
    *ret = copy(id);
    return true;
}

static const fanfare_recipient *recipient;

void host_set_recipient(const fanfare_recipient *set) {
    recipient = set;
}

bool fanfare_channel_recipient_current(fanfare_channel_recipient_recipient_t *ret) {
    if (!recipient) return false;
    *ret = (fanfare_channel_recipient_recipient_t){
        .subject = copy_of(recipient->subject),
        .email = {recipient->email.ptr != NULL, copy_of(recipient->email)},
        .phone = {recipient->phone.ptr != NULL, copy_of(recipient->phone)},
        .push = {calloc(recipient->push.len, sizeof *ret->push.ptr), recipient->push.len},
        .locale = {recipient->locale.ptr != NULL, copy_of(recipient->locale)},
        .attributes = {calloc(recipient->attributes.len, sizeof *ret->attributes.ptr), recipient->attributes.len},
    };
    for (size_t i = 0; i < ret->push.len; i++) ret->push.ptr[i] = copy_of(recipient->push.ptr[i]);
    for (size_t i = 0; i < ret->attributes.len; i++) {
        const fanfare_pair *pair = &recipient->attributes.ptr[i];
        ret->attributes.ptr[i] = (fanfare_pair){copy_of(pair->f0), copy_of(pair->f1)};
    }
    return true;
}

static struct {
    const char *name, *subject, *text, *html;
} templates[16];

void host_set_template(const char *name, const char *subject, const char *text, const char *html) {
    size_t at = 0;
    while (templates[at].name && strcmp(templates[at].name, name) != 0) at++;
    templates[at].name = name;
    templates[at].subject = subject;
    templates[at].text = text;
    templates[at].html = html;
}

bool fanfare_channel_templates_render(fanfare_string *name, fanfare_message *ret, fanfare_string *err) {
    for (size_t i = 0; templates[i].name; i++) {
        if (!fanfare_is(*name, templates[i].name)) continue;
        *ret = (fanfare_message){copy(templates[i].subject), copy(templates[i].text), copy(templates[i].html)};
        return true;
    }
    char problem[128];
    snprintf(problem, sizeof problem, "there is no template `%.*s`", (int)name->len, (const char *)name->ptr);
    *err = copy(problem);
    return false;
}

static const char *published = "";

void host_set_published(const char *json) {
    published = json;
}

void fanfare_channel_published_json(fanfare_string *ret) {
    *ret = copy(published);
}

static struct {
    fanfare_string key, value;
} state[32];
static struct {
    bool is_some;
    uint8_t tag;
} state_refusal;

void host_refuse_state(uint8_t error) {
    state_refusal.is_some = true;
    state_refusal.tag = error;
}

static bool state_takes(fanfare_channel_state_state_error_t *err) {
    if (!state_refusal.is_some) return true;
    state_refusal.is_some = false;
    *err = (fanfare_channel_state_state_error_t){state_refusal.tag, {copy("the test refuses it")}};
    return false;
}

// The place of a key, or the one where it would be.
static fanfare_string *stored(fanfare_string key) {
    size_t at = 0;
    for (; state[at].key.ptr; at++) {
        fanfare_string other = state[at].key;
        if (other.len == key.len && memcmp(other.ptr, key.ptr, key.len) == 0) return &state[at].value;
    }
    state[at].key = copy_of(key);
    return &state[at].value;
}

fanfare_string host_state(const char *key) {
    return *stored(fanfare_text(key));
}

bool fanfare_channel_state_get(fanfare_string *key, FANFARE_OF_WORLD(option_list_u8_t) * ret,
                               fanfare_channel_state_state_error_t *err) {
    if (!state_takes(err)) return false;
    fanfare_string value = *stored(*key), given = copy_of(value);
    ret->is_some = value.ptr != NULL;
    ret->val.ptr = given.ptr;
    ret->val.len = given.len;
    return true;
}

bool fanfare_channel_state_set(fanfare_string *key, FANFARE_OF_WORLD(list_u8_t) * value, uint32_t ttl_seconds,
                               fanfare_channel_state_state_error_t *err) {
    (void)ttl_seconds;
    if (!state_takes(err)) return false;
    fanfare_string text = copy_of((fanfare_string){value->ptr, value->len});
    *stored(*key) = text.ptr ? text : fanfare_text("");
    return true;
}

bool fanfare_channel_state_delete(fanfare_string *key, fanfare_channel_state_state_error_t *err) {
    if (!state_takes(err)) return false;
    *stored(*key) = (fanfare_string){0};
    return true;
}

bool fanfare_channel_state_increment(fanfare_string *key, int32_t by, int64_t *ret,
                                     fanfare_channel_state_state_error_t *err) {
    if (!state_takes(err)) return false;
    fanfare_string *value = stored(*key);
    char digits[32];
    snprintf(digits, sizeof digits, "%.*s", (int)value->len, value->ptr ? (const char *)value->ptr : "");
    *ret = strtoll(digits, NULL, 10) + by;
    snprintf(digits, sizeof digits, "%lld", (long long)*ret);
    *value = copy(digits);
    return true;
}

static struct {
    char name[64];
    double value;
} measured[32];

static double *measured_as(fanfare_string name) {
    size_t at = 0;
    while (measured[at].name[0] && !fanfare_is(name, measured[at].name)) at++;
    snprintf(measured[at].name, sizeof measured[at].name, "%.*s", (int)name.len, (const char *)name.ptr);
    return &measured[at].value;
}

double host_measured(const char *name) {
    return *measured_as(fanfare_text(name));
}

void fanfare_channel_metrics_counter(fanfare_string *name, double value, fanfare_pairs *labels) {
    (void)labels;
    *measured_as(*name) += value;
}

void fanfare_channel_metrics_gauge(fanfare_string *name, double value, fanfare_pairs *labels) {
    (void)labels;
    *measured_as(*name) = value;
}

void fanfare_channel_metrics_histogram(fanfare_string *name, double value, fanfare_pairs *labels) {
    (void)labels;
    *measured_as(*name) = value;
}

void fanfare_channel_log_log(fanfare_channel_log_level_t level, fanfare_string *message, fanfare_pairs *fields) {
    (void)level, (void)fields;
    fprintf(stderr, "log: %.*s\n", (int)message->len, (char *)message->ptr);
}

// A test's deliveries, events and responses are made of literals.
void fanfare_channel_events_delivery_free(fanfare_delivery *delivery) {
    (void)delivery;
}

void fanfare_channel_events_event_free(fanfare_event *event) {
    (void)event;
}

void fanfare_channel_http_types_response_free(fanfare_response *response) {
    (void)response;
}

#if defined(FANFARE_BATCH_CHANNEL)
void exports_fanfare_channel_batch_handler_list_delivery_free(fanfare_batch *batch) {
    (void)batch;
}
#elif defined(FANFARE_BATCH_HTTP_CHANNEL)
void exports_fanfare_channel_batch_exchange_list_delivery_free(fanfare_batch *batch) {
    (void)batch;
}
#endif

fanfare_event host_event(const char *type, const char *data) {
    fanfare_event event = {
        .id = fanfare_text("e-1"),
        .source = fanfare_text("/test"),
        .type = fanfare_text(type),
        .time = fanfare_text("2026-01-01T00:00:00Z"),
    };
    if (data) {
        event.data.is_some = true;
        event.data.val.val.text = fanfare_text(data);
    }
    return event;
}

fanfare_delivery host_delivery(const char *type, const char *data) {
    return (fanfare_delivery){
        .id = fanfare_text("dlv_1"),
        .channel = fanfare_text("test"),
        .attempt = 1,
        .event = host_event(type, data),
    };
}

fanfare_response host_response(uint16_t status, const char *body) {
    return (fanfare_response){.status = status, .body = {.val = {.text = fanfare_text(body)}}};
}

void host_expect(const char *file, int line, fanfare_string have, const char *want) {
    if (fanfare_is(have, want)) return;
    fprintf(stderr, "%s:%d:\n  have %.*s\n  want %s\n", file, line, (int)have.len, (char *)have.ptr, want);
    exit(EXIT_FAILURE);
}
