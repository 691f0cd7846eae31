#include "fanfare.h"

#include <stdlib.h>
#include <string.h>

// Memory: everything allocated in an attempt is on one list, and freed at its end.

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

// An empty string may come without an address, but NULL means that there is none.
static fanfare_string present(fanfare_string text) {
    return text.len > 0 ? text : fanfare_text("");
}

// A string the host made for us.
static fanfare_string keep_string(fanfare_string text) {
    if (text.len > 0) keep(text.ptr);
    return present(text);
}

static fanfare_pairs keep_pairs(fanfare_pairs pairs) {
    for (size_t i = 0; i < pairs.len; i++) {
        keep_string(pairs.ptr[i].f0);
        keep_string(pairs.ptr[i].f1);
    }
    if (pairs.len > 0) keep(pairs.ptr);
    return pairs;
}

// The bindings free what is passed to the host after reading it: give them their own copy.
static fanfare_string give(fanfare_string text) {
    if (text.len == 0) return (fanfare_string){0};
    uint8_t *copy = must(malloc(text.len));
    memcpy(copy, text.ptr, text.len);
    return (fanfare_string){copy, text.len};
}

static void give_failure(const fanfare_failure *ours, fanfare_failure *theirs) {
    *theirs = (fanfare_failure){ours->disposition, give(ours->code), give(ours->message)};
}

#if defined(FANFARE_HTTP_CHANNEL) || defined(FANFARE_BATCH_HTTP_CHANNEL) || defined(FANFARE_STAGE)

static fanfare_pairs give_pairs(fanfare_pairs ours) {
    fanfare_pairs theirs = {0};
    if (ours.len == 0) return theirs;
    theirs.ptr = must(malloc(ours.len * sizeof *theirs.ptr));
    theirs.len = ours.len;
    for (size_t i = 0; i < ours.len; i++) {
        theirs.ptr[i] = (fanfare_pair){give(ours.ptr[i].f0), give(ours.ptr[i].f1)};
    }
    return theirs;
}

#endif

#if defined(FANFARE_HTTP_CHANNEL) || defined(FANFARE_BATCH_HTTP_CHANNEL)

static void give_request(const fanfare_request *ours, fanfare_request *theirs) {
    *theirs = (fanfare_request){give(ours->method), give(ours->url), give_pairs(ours->headers), ours->body};
    // Text and bytes are the same in memory; the tag was copied with the rest.
    theirs->body.val.text = give(ours->body.val.text);
}

#endif

#if defined(FANFARE_BATCH_CHANNEL) || defined(FANFARE_BATCH_HTTP_CHANNEL)

#ifdef FANFARE_BATCH_CHANNEL
#define OF_BATCH(name) exports_fanfare_channel_batch_handler_##name
#else
#define OF_BATCH(name) exports_fanfare_channel_batch_exchange_##name
#endif

typedef OF_BATCH(list_result_receipt_failure_t) given_results;

static void give_results(fanfare_result *ours, size_t len, given_results *theirs) {
    *theirs = (given_results){len > 0 ? must(calloc(len, sizeof *theirs->ptr)) : NULL, len};
    for (size_t i = 0; i < len; i++) {
        fanfare_result *result = &ours[i];
        theirs->ptr[i].is_err = !result->delivered;
        if (result->delivered) {
            theirs->ptr[i].val.ok = give(result->receipt);
            continue;
        }
        if (result->failure.code.len == 0) {
            fanfare_retry(&result->failure, "no_result", fanfare_text("the channel set no result for this delivery"));
        }
        give_failure(&result->failure, &theirs->ptr[i].val.err);
    }
}

#endif

#ifdef FANFARE_STAGE

static fanfare_event give_event(const fanfare_event *ours) {
    fanfare_event theirs = {
        .id = give(ours->id),
        .source = give(ours->source),
        .type = give(ours->type),
        .subject = {ours->subject.is_some, give(ours->subject.val)},
        .time = give(ours->time),
        .data_content_type = {ours->data_content_type.is_some, give(ours->data_content_type.val)},
        .data_schema = {ours->data_schema.is_some, give(ours->data_schema.val)},
        .extensions = give_pairs(ours->extensions),
        .data = ours->data,
    };
    theirs.data.val.val.text = give(ours->data.val.val.text);
    return theirs;
}

#endif

// The exports

#if defined(FANFARE_HTTP_CHANNEL)

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

#elif defined(FANFARE_BATCH_CHANNEL)

void exports_fanfare_channel_batch_handler_deliver(fanfare_batch *batch, given_results *ret) {
    fanfare_result *results = fanfare_alloc(batch->len * sizeof *results);
    fanfare_deliver_batch(batch, results);
    give_results(results, batch->len, ret);
    exports_fanfare_channel_batch_handler_list_delivery_free(batch);
    let_go();
}

#elif defined(FANFARE_BATCH_HTTP_CHANNEL)

bool exports_fanfare_channel_batch_exchange_compose(fanfare_batch *batch, fanfare_request *ret, fanfare_failure *err) {
    fanfare_request request = {0};
    fanfare_failure failure = {0};
    bool composed = fanfare_compose_batch(batch, &request, &failure);
    if (composed) give_request(&request, ret);
    else give_failure(&failure, err);
    exports_fanfare_channel_batch_exchange_list_delivery_free(batch);
    let_go();
    return composed;
}

void exports_fanfare_channel_batch_exchange_interpret(fanfare_batch *batch, fanfare_response *response,
                                                      given_results *ret) {
    fanfare_result *results = fanfare_alloc(batch->len * sizeof *results);
    fanfare_interpret_batch(batch, response, results);
    give_results(results, batch->len, ret);
    exports_fanfare_channel_batch_exchange_list_delivery_free(batch);
    fanfare_channel_http_types_response_free(response);
    let_go();
}

#elif defined(FANFARE_STAGE)

bool exports_fanfare_channel_stage_process(fanfare_event *event, exports_fanfare_channel_stage_option_event_t *ret,
                                           fanfare_failure *err) {
    // The stage changes a copy: the original is freed unchanged.
    fanfare_event changed = *event;
    changed.extensions.ptr = fanfare_alloc(event->extensions.len * sizeof *changed.extensions.ptr);
    if (event->extensions.len > 0) {
        memcpy(changed.extensions.ptr, event->extensions.ptr, event->extensions.len * sizeof *changed.extensions.ptr);
    }
    bool dropped = false;
    fanfare_failure failure = {0};
    bool processed = fanfare_process(&changed, &dropped, &failure);
    if (!processed) {
        give_failure(&failure, err);
    } else {
        ret->is_some = !dropped;
        if (!dropped) ret->val = give_event(&changed);
    }
    fanfare_channel_events_event_free(event);
    let_go();
    return processed;
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
    // The bindings do not use const; nothing writes to it.
    return (fanfare_string){(uint8_t *)literal, strlen(literal)};
}

bool fanfare_is(fanfare_string text, const char *literal) {
    return text.len == strlen(literal) && (text.len == 0 || memcmp(text.ptr, literal, text.len) == 0);
}

const char *fanfare_c_string(fanfare_string text) {
    char *copy = fanfare_alloc(text.len + 1);
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    return copy;
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
        bool is_plain = is_digit(byte) || (small >= 'a' && small <= 'z') || (byte && strchr("-._~", byte));
        if (is_plain) {
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

static fanfare_string *value_of(const fanfare_pairs *pairs, const char *name) {
    for (size_t i = 0; i < pairs->len; i++) {
        if (fanfare_is(pairs->ptr[i].f0, name)) return &pairs->ptr[i].f1;
    }
    return NULL;
}

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
    const fanfare_string *extension = value_of(&event->extensions, name);
    return extension ? present(*extension) : (fanfare_string){0};
}

fanfare_string fanfare_data(const fanfare_event *event) {
    // Text and bytes are the same in memory.
    return event->data.is_some ? event->data.val.val.text : (fanfare_string){0};
}

bool fanfare_data_is_text(const fanfare_event *event) {
    return event->data.is_some && event->data.val.tag == FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT;
}

fanfare_string fanfare_published(void) {
    fanfare_string json;
    fanfare_channel_published_json(&json);
    return keep_string(json);
}

// An attribute with its own field; it may be absent if `is_some` is not NULL.
typedef struct {
    const char *name;
    bool *is_some;
    fanfare_string *value;
} known_attribute;

static const known_attribute *known_by_name(const known_attribute *known, size_t len, const char *name) {
    for (size_t i = 0; i < len; i++) {
        if (strcmp(known[i].name, name) == 0) return &known[i];
    }
    return NULL;
}

static void add_pair(fanfare_pairs *pairs, const char *name, fanfare_string value) {
    fanfare_pair *larger = fanfare_alloc((pairs->len + 1) * sizeof *larger);
    if (pairs->len > 0) memcpy(larger, pairs->ptr, pairs->len * sizeof *larger);
    larger[pairs->len] = (fanfare_pair){fanfare_text(name), value};
    pairs->ptr = larger;
    pairs->len++;
}

static void set_attribute(const known_attribute *known, fanfare_pairs *extensions, const char *name,
                          fanfare_string value) {
    if (known) {
        *known->value = value;
        if (known->is_some) *known->is_some = true;
        return;
    }
    fanfare_string *extension = value_of(extensions, name);
    if (extension) *extension = value;
    else add_pair(extensions, name, value);
}

#define KNOWN_OF_EVENT(event)                                                                            \
    {                                                                                                    \
        {"id", NULL, &(event)->id}, {"source", NULL, &(event)->source}, {"type", NULL, &(event)->type},  \
        {"time", NULL, &(event)->time}, {"subject", &(event)->subject.is_some, &(event)->subject.val},   \
        {"datacontenttype", &(event)->data_content_type.is_some, &(event)->data_content_type.val},       \
        {"dataschema", &(event)->data_schema.is_some, &(event)->data_schema.val},                        \
    }

void fanfare_change_attribute(fanfare_event *event, const char *name, fanfare_string value) {
    const known_attribute known[] = KNOWN_OF_EVENT(event);
    set_attribute(known_by_name(known, sizeof known / sizeof *known, name), &event->extensions, name, value);
}

void fanfare_remove_attribute(fanfare_event *event, const char *name) {
    const known_attribute known[] = KNOWN_OF_EVENT(event);
    const known_attribute *attribute = known_by_name(known, sizeof known / sizeof *known, name);
    if (attribute) {
        if (attribute->is_some) *attribute->is_some = false;
        return;
    }
    size_t kept_pairs = 0;
    for (size_t i = 0; i < event->extensions.len; i++) {
        fanfare_pair pair = event->extensions.ptr[i];
        if (!fanfare_is(pair.f0, name)) event->extensions.ptr[kept_pairs++] = pair;
    }
    event->extensions.len = kept_pairs;
}

static void change_data(fanfare_event *event, uint8_t tag, fanfare_string data) {
    event->data.is_some = true;
    event->data.val.tag = tag;
    event->data.val.val.text = data;
}

void fanfare_change_data(fanfare_event *event, fanfare_string text) {
    change_data(event, FANFARE_CHANNEL_EVENTS_PAYLOAD_TEXT, text);
}

void fanfare_change_binary_data(fanfare_event *event, fanfare_string bytes) {
    change_data(event, FANFARE_CHANNEL_EVENTS_PAYLOAD_BINARY, bytes);
}

// The recipient and the templates

bool fanfare_get_recipient(fanfare_recipient *recipient) {
    fanfare_channel_recipient_recipient_t current;
    *recipient = (fanfare_recipient){0};
    if (!fanfare_channel_recipient_current(&current)) return false;
    recipient->subject = keep_string(current.subject);
    if (current.email.is_some) recipient->email = keep_string(current.email.val);
    if (current.phone.is_some) recipient->phone = keep_string(current.phone.val);
    if (current.locale.is_some) recipient->locale = keep_string(current.locale.val);
    recipient->push = current.push;
    for (size_t i = 0; i < current.push.len; i++) keep_string(current.push.ptr[i]);
    if (current.push.len > 0) keep(current.push.ptr);
    recipient->attributes = keep_pairs(current.attributes);
    return true;
}

fanfare_string fanfare_recipient_attribute(const fanfare_recipient *recipient, const char *name) {
    const fanfare_string *value = value_of(&recipient->attributes, name);
    return value ? present(*value) : (fanfare_string){0};
}

bool fanfare_render(fanfare_string name, fanfare_message *message, fanfare_failure *failure) {
    fanfare_string problem;
    if (!fanfare_channel_templates_render(&name, message, &problem)) {
        return fanfare_reject(failure, "template", keep_string(problem));
    }
    message->subject = keep_string(message->subject);
    message->text = keep_string(message->text);
    message->html = keep_string(message->html);
    return true;
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

bool fanfare_bad_setting(const fanfare_delivery *delivery, const char *key, const char *problem,
                         fanfare_failure *failure) {
    fanfare_buffer message = {0};
    fanfare_add(&message, delivery ? "`channels." : "`stages.");
    fanfare_add_string(&message, delivery ? delivery->channel : fanfare_text("<name>"));
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
    return keep_pairs(all);
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
        keep_pairs(response->headers);
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

// The status, and the beginning of the receiver's response.
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

// `Retry-After` in seconds. A date is ignored.
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
    const known_attribute known[] = {
        {"type", NULL, &event->type},
        {"subject", &event->subject.is_some, &event->subject.val},
        {"datacontenttype", &event->data_content_type.is_some, &event->data_content_type.val},
        {"dataschema", &event->data_schema.is_some, &event->data_schema.val},
    };
    set_attribute(known_by_name(known, sizeof known / sizeof *known, name), &event->extensions, name, value);
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

// State

static bool state_failure(const fanfare_channel_state_state_error_t *error, fanfare_failure *failure) {
    fanfare_string why = keep_string(error->val.too_large);
    switch (error->tag) {
        case FANFARE_CHANNEL_STATE_STATE_ERROR_TOO_LARGE: return fanfare_reject(failure, "state_too_large", why);
        case FANFARE_CHANNEL_STATE_STATE_ERROR_NOT_A_NUMBER: return fanfare_reject(failure, "state_not_a_number", why);
        default: return fanfare_retry(failure, "state_unavailable", why);
    }
}

bool fanfare_get_state(const char *key, fanfare_string *value, fanfare_failure *failure) {
    fanfare_string name = fanfare_text(key);
    FANFARE_OF_WORLD(option_list_u8_t) found;
    fanfare_channel_state_state_error_t error;
    if (!fanfare_channel_state_get(&name, &found, &error)) return state_failure(&error, failure);
    *value = found.is_some ? keep_string((fanfare_string){found.val.ptr, found.val.len}) : (fanfare_string){0};
    return true;
}

bool fanfare_set_state(const char *key, fanfare_string value, uint32_t ttl_seconds, fanfare_failure *failure) {
    fanfare_string name = fanfare_text(key);
    FANFARE_OF_WORLD(list_u8_t) bytes = {value.ptr, value.len};
    fanfare_channel_state_state_error_t error;
    return fanfare_channel_state_set(&name, &bytes, ttl_seconds, &error) || state_failure(&error, failure);
}

bool fanfare_delete_state(const char *key, fanfare_failure *failure) {
    fanfare_string name = fanfare_text(key);
    fanfare_channel_state_state_error_t error;
    return fanfare_channel_state_delete(&name, &error) || state_failure(&error, failure);
}

bool fanfare_increment_state(const char *key, int32_t by, int64_t *sum, fanfare_failure *failure) {
    fanfare_string name = fanfare_text(key);
    int64_t total;
    fanfare_channel_state_state_error_t error;
    if (!fanfare_channel_state_increment(&name, by, &total, &error)) return state_failure(&error, failure);
    if (sum) *sum = total;
    return true;
}

// Metrics and the log

void fanfare_count(const char *name, double by, const fanfare_pairs *labels) {
    fanfare_string text = fanfare_text(name);
    fanfare_pairs all = labels ? *labels : (fanfare_pairs){0};
    fanfare_channel_metrics_counter(&text, by, &all);
}

void fanfare_gauge(const char *name, double value, const fanfare_pairs *labels) {
    fanfare_string text = fanfare_text(name);
    fanfare_pairs all = labels ? *labels : (fanfare_pairs){0};
    fanfare_channel_metrics_gauge(&text, value, &all);
}

void fanfare_observe(const char *name, double value, const fanfare_pairs *labels) {
    fanfare_string text = fanfare_text(name);
    fanfare_pairs all = labels ? *labels : (fanfare_pairs){0};
    fanfare_channel_metrics_histogram(&text, value, &all);
}

void fanfare_log(fanfare_channel_log_level_t level, fanfare_string message) {
    fanfare_pairs none = {0};
    fanfare_channel_log_log(level, &message, &none);
}
