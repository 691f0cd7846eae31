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

static fanfare_string copy(const char *text) {
    size_t length = strlen(text);
    return (fanfare_string){length ? memcpy(malloc(length), text, length) : NULL, length};
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

bool fanfare_channel_http_send(fanfare_request *request, fanfare_response *ret, fanfare_channel_http_http_error_t *err) {
    (void)request, (void)ret;
    *err = (fanfare_channel_http_http_error_t){FANFARE_CHANNEL_HTTP_HTTP_ERROR_CONNECTION, {copy("there is no network in tests")}};
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

void fanfare_channel_log_log(fanfare_channel_log_level_t level, fanfare_string *message, fanfare_pairs *fields) {
    (void)level, (void)fields;
    fprintf(stderr, "log: %.*s\n", (int)message->len, (char *)message->ptr);
}

// A test's deliveries and responses are made of literals.
void fanfare_channel_events_delivery_free(fanfare_delivery *delivery) {
    (void)delivery;
}

void fanfare_channel_http_types_response_free(fanfare_response *response) {
    (void)response;
}

fanfare_delivery host_delivery(const char *type, const char *data) {
    fanfare_delivery delivery = {
        .id = fanfare_text("dlv_1"),
        .channel = fanfare_text("test"),
        .attempt = 1,
        .event = {
            .id = fanfare_text("e-1"),
            .source = fanfare_text("/test"),
            .type = fanfare_text(type),
            .time = fanfare_text("2026-01-01T00:00:00Z"),
        },
    };
    if (data) {
        delivery.event.data.is_some = true;
        delivery.event.data.val.val.text = fanfare_text(data);
    }
    return delivery;
}

fanfare_response host_response(uint16_t status, const char *body) {
    return (fanfare_response){.status = status, .body = {.val = {.text = fanfare_text(body)}}};
}

void host_expect(const char *file, int line, fanfare_string have, const char *want) {
    if (fanfare_is(have, want)) return;
    fprintf(stderr, "%s:%d:\n  have %.*s\n  want %s\n", file, line, (int)have.len, (char *)have.ptr, want);
    exit(EXIT_FAILURE);
}
