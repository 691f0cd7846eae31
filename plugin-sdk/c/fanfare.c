#include "fanfare.h"

#include <stdlib.h>
#include <string.h>

// Memory: everything allocated in an attempt is on one list, and let go of at its end.

static void **kept;
static size_t kept_len, kept_capacity;

static void *must(void *memory) {
    if (!memory) abort();
    return memory;
}

static void keep(void *memory) {
    if (kept_len == kept_capacity) {
        kept_capacity = kept_capacity ? 2 * kept_capacity : 64;
        kept = must(realloc(kept, kept_capacity * sizeof *kept));
    }
    kept[kept_len++] = memory;
}

static void let_go(void) {
    while (kept_len > 0) free(kept[--kept_len]);
}

void *fanfare_alloc(size_t size) {
    void *memory = must(calloc(1, size ? size : 1));
    keep(memory);
    return memory;
}

// One that is there, but empty, may come without an address: NULL is for what is not there.
static fanfare_string present(fanfare_string text) {
    return text.len > 0 ? text : fanfare_text("");
}

// A string the host made for us.
static fanfare_string keep_string(fanfare_string text) {
    if (text.len > 0) keep(text.ptr);
    return present(text);
}

// What is handed to the host is freed by the bindings after it was read: give them a copy of their own.
static fanfare_string give(fanfare_string text) {
    if (text.len == 0) return (fanfare_string){0};
    uint8_t *copy = must(malloc(text.len));
    memcpy(copy, text.ptr, text.len);
    return (fanfare_string){copy, text.len};
}

static void give_failure(const fanfare_failure *ours, fanfare_failure *theirs) {
    *theirs = (fanfare_failure){ours->disposition, give(ours->code), give(ours->message)};
}

// The exports

#ifdef FANFARE_HTTP_CHANNEL

static void give_request(const fanfare_request *ours, fanfare_request *theirs) {
    fanfare_pairs headers = {0};
    if (ours->headers.len > 0) {
        headers.ptr = must(malloc(ours->headers.len * sizeof *headers.ptr));
        headers.len = ours->headers.len;
        for (size_t i = 0; i < headers.len; i++) {
            headers.ptr[i] = (fanfare_pair){give(ours->headers.ptr[i].f0), give(ours->headers.ptr[i].f1)};
        }
    }
    *theirs = (fanfare_request){give(ours->method), give(ours->url), headers, ours->body};
    // Text and bytes are alike in memory; the tag came over with the rest.
    theirs->body.val.text = give(ours->body.val.text);
}

bool exports_fanfare_channel_exchange_compose(fanfare_delivery *delivery, fanfare_request *ret, fanfare_failure *err) {
    fanfare_request request = {0};
    fanfare_failure failure = {0};
    bool composed = fanfare_compose(delivery, &request, &failure);
    if (composed) give_request(&request, ret);
    else give_failure(&failure, err);
    fanfare_channel_events_delivery_free(delivery);
    let_go();
    return composed;
}

bool exports_fanfare_channel_exchange_interpret(fanfare_delivery *delivery, fanfare_response *response,
                                                fanfare_string *ret, fanfare_failure *err) {
    fanfare_string receipt = {0};
    fanfare_failure failure = {0};
    bool delivered = fanfare_interpret(delivery, response, &receipt, &failure);
    if (delivered) *ret = give(receipt);
    else give_failure(&failure, err);
    fanfare_channel_events_delivery_free(delivery);
    fanfare_channel_http_types_response_free(response);
    let_go();
    return delivered;
}

#else

bool exports_fanfare_channel_handler_deliver(fanfare_delivery *delivery, fanfare_string *ret, fanfare_failure *err) {
    fanfare_string receipt = {0};
    fanfare_failure failure = {0};
    bool delivered = fanfare_deliver(delivery, &receipt, &failure);
    if (delivered) *ret = give(receipt);
    else give_failure(&failure, err);
    fanfare_channel_events_delivery_free(delivery);
    let_go();
    return delivered;
}

#endif

// Strings

fanfare_string fanfare_text(const char *literal) {
    // The bindings know no const; nobody writes to it.
    return (fanfare_string){(uint8_t *)literal, strlen(literal)};
}

bool fanfare_is(fanfare_string text, const char *literal) {
    return text.len == strlen(literal) && memcmp(text.ptr, literal, text.len) == 0;
}

static uint8_t lower(uint8_t byte) {
    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

bool fanfare_is_ignoring_case(fanfare_string text, const char *literal) {
    if (text.len != strlen(literal)) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (lower(text.ptr[i]) != lower((uint8_t)literal[i])) return false;
    }
    return true;
}

static void add_bytes(fanfare_buffer *buffer, const void *bytes, size_t len) {
    if (len == 0) return;
    if (buffer->capacity - buffer->len < len) {
        size_t capacity = 2 * buffer->capacity + len + 32;
        char *larger = fanfare_alloc(capacity);
        if (buffer->len > 0) memcpy(larger, buffer->ptr, buffer->len);
        buffer->ptr = larger;
        buffer->capacity = capacity;
    }
    memcpy(buffer->ptr + buffer->len, bytes, len);
    buffer->len += len;
}

void fanfare_add_byte(fanfare_buffer *buffer, char byte) {
    add_bytes(buffer, &byte, 1);
}

void fanfare_add(fanfare_buffer *buffer, const char *literal) {
    add_bytes(buffer, literal, strlen(literal));
}

void fanfare_add_string(fanfare_buffer *buffer, fanfare_string text) {
    add_bytes(buffer, text.ptr, text.len);
}

void fanfare_add_number(fanfare_buffer *buffer, int64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0) digits[--at] = '-';
    add_bytes(buffer, digits + at, sizeof digits - at);
}

static const char HEX[] = "0123456789ABCDEF";

void fanfare_add_json(fanfare_buffer *buffer, fanfare_string text) {
    fanfare_add_byte(buffer, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        switch (byte) {
            case '"': fanfare_add(buffer, "\\\""); break;
            case '\\': fanfare_add(buffer, "\\\\"); break;
            case '\n': fanfare_add(buffer, "\\n"); break;
            case '\r': fanfare_add(buffer, "\\r"); break;
            case '\t': fanfare_add(buffer, "\\t"); break;
            default:
                if (byte < 0x20) {
                    fanfare_add(buffer, "\\u00");
                    fanfare_add_byte(buffer, HEX[byte >> 4]);
                    fanfare_add_byte(buffer, HEX[byte & 15]);
                } else {
                    fanfare_add_byte(buffer, (char)byte);
                }
        }
    }
    fanfare_add_byte(buffer, '"');
}

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

void fanfare_add_encoded(fanfare_buffer *buffer, fanfare_string text) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i], small = lower(byte);
        if (is_digit(byte) || (small >= 'a' && small <= 'z') || byte == '-' || byte == '.' || byte == '_' || byte == '~') {
            fanfare_add_byte(buffer, (char)byte);
        } else {
            fanfare_add_byte(buffer, '%');
            fanfare_add_byte(buffer, HEX[byte >> 4]);
            fanfare_add_byte(buffer, HEX[byte & 15]);
        }
    }
}

fanfare_string fanfare_built(const fanfare_buffer *buffer) {
    return (fanfare_string){(uint8_t *)buffer->ptr, buffer->len};
}

static void put_name(fanfare_object *object, const char *name) {
    fanfare_add_byte(&object->buffer, object->buffer.len == 0 ? '{' : ',');
    fanfare_add_json(&object->buffer, fanfare_text(name));
    fanfare_add_byte(&object->buffer, ':');
}

void fanfare_put_text(fanfare_object *object, const char *name, fanfare_string value) {
    put_name(object, name);
    fanfare_add_json(&object->buffer, value);
}

void fanfare_put_number(fanfare_object *object, const char *name, int64_t value) {
    put_name(object, name);
    fanfare_add_number(&object->buffer, value);
}

void fanfare_put_bool(fanfare_object *object, const char *name, bool value) {
    put_name(object, name);
    fanfare_add(&object->buffer, value ? "true" : "false");
}

fanfare_string fanfare_end(fanfare_object *object) {
    fanfare_add(&object->buffer, object->buffer.len == 0 ? "{}" : "}");
    return fanfare_built(&object->buffer);
}

// The event

fanfare_string fanfare_attribute(const fanfare_event *event, const char *name) {
    const struct {
        const char *name;
        bool is_some;
        fanfare_string value;
    } known[] = {
        {"id", true, event->id},
        {"source", true, event->source},
        {"type", true, event->type},
        {"time", true, event->time},
        {"subject", event->subject.is_some, event->subject.val},
        {"datacontenttype", event->data_content_type.is_some, event->data_content_type.val},
        {"dataschema", event->data_schema.is_some, event->data_schema.val},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) == 0) return known[i].is_some ? present(known[i].value) : (fanfare_string){0};
    }
    for (size_t i = 0; i < event->extensions.len; i++) {
        if (fanfare_is(event->extensions.ptr[i].f0, name)) return present(event->extensions.ptr[i].f1);
    }
    return (fanfare_string){0};
}

fanfare_string fanfare_data(const fanfare_event *event) {
    // Text and bytes are alike in memory.
    return event->data.is_some ? event->data.val.val.text : (fanfare_string){0};
}

bool fanfare_data_is_text(const fanfare_event *event) {
    return event->data.is_some && event->data.val.tag == FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT;
}

// Settings

fanfare_string fanfare_setting(const char *key) {
    fanfare_string name = fanfare_text(key), value;
    return fanfare_channel_config_get(&name, &value) ? keep_string(value) : (fanfare_string){0};
}

fanfare_string fanfare_setting_or(const char *key, const char *otherwise) {
    fanfare_string value = fanfare_setting(key);
    return value.ptr ? value : fanfare_text(otherwise);
}

bool fanfare_bad_setting(const fanfare_delivery *delivery, const char *key, const char *problem, fanfare_failure *failure) {
    fanfare_buffer message = {0};
    fanfare_add(&message, "`channels.");
    fanfare_add_string(&message, delivery->channel);
    fanfare_add(&message, ".settings.");
    fanfare_add(&message, key);
    fanfare_add(&message, "` ");
    fanfare_add(&message, problem);
    return fanfare_reject(failure, "invalid_settings", fanfare_built(&message));
}

bool fanfare_needed_setting(const fanfare_delivery *delivery, const char *key, fanfare_string *value,
                            fanfare_failure *failure) {
    *value = fanfare_setting(key);
    if (value->len > 0) return true;
    const char *problem = value->ptr ? "is empty" : "is missing: set it in the daemon's config";
    return fanfare_bad_setting(delivery, key, problem, failure);
}

fanfare_pairs fanfare_settings(void) {
    fanfare_pairs all;
    fanfare_channel_config_all(&all);
    for (size_t i = 0; i < all.len; i++) {
        keep_string(all.ptr[i].f0);
        keep_string(all.ptr[i].f1);
    }
    if (all.len > 0) keep(all.ptr);
    return all;
}

// Failures

static bool fail(fanfare_failure *failure, uint8_t disposition, const char *code, fanfare_string message) {
    failure->disposition.tag = disposition;
    failure->code = fanfare_text(code);
    failure->message = message;
    return false;
}

bool fanfare_retry(fanfare_failure *failure, const char *code, fanfare_string message) {
    return fail(failure, FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY, code, message);
}

bool fanfare_retry_after(fanfare_failure *failure, uint64_t milliseconds, const char *code, fanfare_string message) {
    const uint32_t day = 24 * 60 * 60 * 1000;
    failure->disposition.val.retry_after = milliseconds < day ? (uint32_t)milliseconds : day;
    return fail(failure, FANFARE_CHANNEL_EVENTS_DISPOSITION_RETRY_AFTER, code, message);
}

bool fanfare_reject(fanfare_failure *failure, const char *code, fanfare_string message) {
    return fail(failure, FANFARE_CHANNEL_EVENTS_DISPOSITION_REJECT, code, message);
}

bool fanfare_suspend(fanfare_failure *failure, const char *code, fanfare_string message) {
    return fail(failure, FANFARE_CHANNEL_EVENTS_DISPOSITION_SUSPEND, code, message);
}

// HTTP

static void add_pair(fanfare_pairs *pairs, const char *name, fanfare_string value) {
    fanfare_pair *larger = fanfare_alloc((pairs->len + 1) * sizeof *larger);
    if (pairs->len > 0) memcpy(larger, pairs->ptr, pairs->len * sizeof *larger);
    larger[pairs->len] = (fanfare_pair){fanfare_text(name), value};
    pairs->ptr = larger;
    pairs->len++;
}

void fanfare_add_header(fanfare_request *request, const char *name, fanfare_string value) {
    add_pair(&request->headers, name, value);
}

void fanfare_set_body(fanfare_request *request, fanfare_string text) {
    request->body.tag = FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT;
    request->body.val.text = text;
}

fanfare_string fanfare_header(const fanfare_response *response, const char *name) {
    for (size_t i = 0; i < response->headers.len; i++) {
        const fanfare_pair *header = &response->headers.ptr[i];
        if (fanfare_is_ignoring_case(header->f0, name)) return present(header->f1);
    }
    return (fanfare_string){0};
}

fanfare_string fanfare_body(const fanfare_response *response) {
    return response->body.val.text;
}

bool fanfare_send(const fanfare_request *request, fanfare_response *response, fanfare_failure *failure) {
    fanfare_channel_http_http_error_t error;
    if (fanfare_channel_http_send((fanfare_request *)request, response, &error)) {
        for (size_t i = 0; i < response->headers.len; i++) {
            keep_string(response->headers.ptr[i].f0);
            keep_string(response->headers.ptr[i].f1);
        }
        if (response->headers.len > 0) keep(response->headers.ptr);
        keep_string(response->body.val.text);
        return true;
    }
    fanfare_string why = keep_string(error.val.denied);
    switch (error.tag) {
        case FANFARE_CHANNEL_HTTP_HTTP_ERROR_DENIED: return fanfare_reject(failure, "denied", why);
        case FANFARE_CHANNEL_HTTP_HTTP_ERROR_INVALID: return fanfare_reject(failure, "invalid_request", why);
        case FANFARE_CHANNEL_HTTP_HTTP_ERROR_TIMEOUT: return fanfare_retry(failure, "timeout", why);
        case FANFARE_CHANNEL_HTTP_HTTP_ERROR_TOO_LARGE: return fanfare_reject(failure, "response_too_large", why);
        default: return fanfare_retry(failure, "connection", why);
    }
}

// The status, and the beginning of what the receiver says about it.
static fanfare_string answer(const fanfare_response *response) {
    fanfare_buffer message = {0};
    fanfare_add(&message, "the receiver answered ");
    fanfare_add_number(&message, response->status);
    if (response->body.tag != FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT) return fanfare_built(&message);
    fanfare_string said = fanfare_body(response);
    while (said.len > 0 && said.ptr[0] <= ' ') said.ptr++, said.len--;
    while (said.len > 0 && said.ptr[said.len - 1] <= ' ') said.len--;
    if (said.len > 0) fanfare_add(&message, ": ");
    size_t characters = 0;
    for (size_t i = 0; i < said.len; i++) {
        uint8_t byte = said.ptr[i];
        bool begins_character = (byte & 0xC0) != 0x80;
        if (begins_character && ++characters > 200) break;
        fanfare_add_byte(&message, byte < 0x20 || byte == 0x7F ? ' ' : (char)byte);
    }
    return fanfare_built(&message);
}

// `Retry-After` in seconds. One that is a date counts as none.
static bool wanted_wait(const fanfare_response *response, uint64_t *milliseconds) {
    fanfare_string value = fanfare_header(response, "retry-after");
    if (value.len == 0) return false;
    uint64_t seconds = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.ptr[i])) return false;
        // Digits that do not fit are a very long wait, not none.
        if (seconds < UINT32_MAX) seconds = 10 * seconds + (value.ptr[i] - '0');
    }
    *milliseconds = 1000 * seconds;
    return true;
}

bool fanfare_check_status(const fanfare_response *response, fanfare_failure *failure) {
    uint16_t status = response->status;
    if (status >= 200 && status < 300) return true;
    fanfare_buffer code = {0};
    fanfare_add(&code, "http_");
    fanfare_add_number(&code, status);
    fanfare_add_byte(&code, '\0');
    fanfare_string message = answer(response);
    uint64_t wait;
    switch (status) {
        case 404: case 408: case 409: case 425: case 429: break;
        case 410: return fanfare_suspend(failure, code.ptr, message);
        default:
            if (status < 500 || status > 599) return fanfare_reject(failure, code.ptr, message);
    }
    if (wanted_wait(response, &wait)) return fanfare_retry_after(failure, wait, code.ptr, message);
    return fanfare_retry(failure, code.ptr, message);
}

// Events of the channel's own

void fanfare_set_attribute(fanfare_new_event *event, const char *name, fanfare_string value) {
    const struct {
        const char *name;
        bool *is_some;
        fanfare_string *value;
    } known[] = {
        {"type", NULL, &event->type},
        {"subject", &event->subject.is_some, &event->subject.val},
        {"datacontenttype", &event->data_content_type.is_some, &event->data_content_type.val},
        {"dataschema", &event->data_schema.is_some, &event->data_schema.val},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) != 0) continue;
        *known[i].value = value;
        if (known[i].is_some) *known[i].is_some = true;
        return;
    }
    for (size_t i = 0; i < event->extensions.len; i++) {
        if (!fanfare_is(event->extensions.ptr[i].f0, name)) continue;
        event->extensions.ptr[i].f1 = value;
        return;
    }
    add_pair(&event->extensions, name, value);
}

static void set_data(fanfare_new_event *event, uint8_t tag, fanfare_string data) {
    event->data.is_some = true;
    event->data.val.tag = tag;
    event->data.val.val.text = data;
}

void fanfare_set_data(fanfare_new_event *event, fanfare_string text) {
    set_data(event, FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT, text);
}

void fanfare_set_binary_data(fanfare_new_event *event, fanfare_string bytes) {
    set_data(event, FANFARE_CHANNEL_EVENTS_PAYLOAD_BINARY, bytes);
}

bool fanfare_emit(const fanfare_new_event *event, fanfare_string *id, fanfare_failure *failure) {
    fanfare_string published;
    fanfare_channel_emit_emit_error_t error;
    if (fanfare_channel_emit_emit((fanfare_new_event *)event, &published, &error)) {
        published = keep_string(published);
        if (id) *id = published;
        return true;
    }
    fanfare_string why = keep_string(error.val.denied);
    switch (error.tag) {
        case FANFARE_CHANNEL_EMIT_EMIT_ERROR_DENIED: return fanfare_reject(failure, "denied", why);
        case FANFARE_CHANNEL_EMIT_EMIT_ERROR_INVALID: return fanfare_reject(failure, "invalid_event", why);
        default: return fanfare_reject(failure, "too_many_events", why);
    }
}

void fanfare_log(fanfare_channel_log_level_t level, fanfare_string message) {
    fanfare_pairs none = {0};
    fanfare_channel_log_log(level, &message, &none);
}
