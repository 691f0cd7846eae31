// Write a Fanfare plugin in C: one function, or two for a channel whose requests the host sends.
//
// What these helpers return, and what a plugin is called with, lives until its function returns. Nothing
// has to be freed. Strings are UTF-8 with a length, without a NUL at the end.

#ifndef FANFARE_H
#define FANFARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The world: `channel`, or the one that a definition such as -DFANFARE_STAGE selects.
#if defined(FANFARE_HTTP_CHANNEL)
#include "bindings/http_channel.h"
#define FANFARE_OF_WORLD(name) http_channel_##name
#elif defined(FANFARE_BATCH_CHANNEL)
#include "bindings/batch_channel.h"
#define FANFARE_OF_WORLD(name) batch_channel_##name
#elif defined(FANFARE_BATCH_HTTP_CHANNEL)
#include "bindings/batch_http_channel.h"
#define FANFARE_OF_WORLD(name) batch_http_channel_##name
#elif defined(FANFARE_STAGE)
#include "bindings/stage_plugin.h"
#define FANFARE_OF_WORLD(name) stage_plugin_##name
#else
#include "bindings/channel.h"
#define FANFARE_OF_WORLD(name) channel_##name
#endif

typedef FANFARE_OF_WORLD(string_t) fanfare_string;
typedef FANFARE_OF_WORLD(list_string_t) fanfare_strings;
typedef FANFARE_OF_WORLD(tuple2_string_string_t) fanfare_pair;
typedef FANFARE_OF_WORLD(list_tuple2_string_string_t) fanfare_pairs;
typedef fanfare_channel_events_delivery_t fanfare_delivery;
typedef fanfare_channel_events_event_t fanfare_event;
typedef fanfare_channel_events_failure_t fanfare_failure;
typedef fanfare_channel_emit_new_event_t fanfare_new_event;
typedef fanfare_channel_http_types_request_t fanfare_request;
typedef fanfare_channel_http_types_response_t fanfare_response;
typedef fanfare_channel_templates_message_t fanfare_message;

// The result of one delivery of a batch. Until it is set, it is a failure that is retried (`no_result`).
typedef struct {
    bool delivered;
    // If it was delivered: a JSON object, or nothing.
    fanfare_string receipt;
    // If it was not.
    fanfare_failure failure;
} fanfare_result;

// What a plugin defines. True: delivered, and the receipt (a JSON object) may be set. False: the failure is set.
#if defined(FANFARE_HTTP_CHANNEL)
bool fanfare_compose(const fanfare_delivery *delivery, fanfare_request *request, fanfare_failure *failure);
// Called with every response, whatever its status.
bool fanfare_interpret(const fanfare_delivery *delivery, const fanfare_response *response, fanfare_string *receipt,
                       fanfare_failure *failure);
#elif defined(FANFARE_BATCH_CHANNEL)
typedef exports_fanfare_channel_batch_handler_list_delivery_t fanfare_batch;
// `results` has one result for each delivery of the batch, in their order.
void fanfare_deliver_batch(const fanfare_batch *batch, fanfare_result *results);
#elif defined(FANFARE_BATCH_HTTP_CHANNEL)
typedef exports_fanfare_channel_batch_exchange_list_delivery_t fanfare_batch;
// A failure for several says nothing about any one of them: each is attempted alone.
bool fanfare_compose_batch(const fanfare_batch *batch, fanfare_request *request, fanfare_failure *failure);
// Called with every response, whatever its status. `results` has one result for each delivery of the batch, in their order.
void fanfare_interpret_batch(const fanfare_batch *batch, const fanfare_response *response, fanfare_result *results);
#elif defined(FANFARE_STAGE)
// True: the event continues as it is now, or is dropped if `dropped` was set. Its id and source must not change.
// False: the failure is set. If it rejects the event, the publisher gets its message.
bool fanfare_process(fanfare_event *event, bool *dropped, fanfare_failure *failure);
#else
bool fanfare_deliver(const fanfare_delivery *delivery, fanfare_string *receipt, fanfare_failure *failure);
#endif

// Strings

fanfare_string fanfare_text(const char *literal);
bool fanfare_is(fanfare_string text, const char *literal);
// The text with a NUL at the end, for functions that take a C string.
const char *fanfare_c_string(fanfare_string text);
// Ignores case, for header names.
bool fanfare_is_ignoring_case(fanfare_string text, const char *literal);

// Zeroed memory that lives until the plugin's function returns.
void *fanfare_alloc(size_t size);

// A text that is being built: begin with {0}.
typedef struct {
    char *ptr;
    size_t len, capacity;
} fanfare_buffer;

void fanfare_add_byte(fanfare_buffer *buffer, char byte);
void fanfare_add(fanfare_buffer *buffer, const char *literal);
void fanfare_add_string(fanfare_buffer *buffer, fanfare_string text);
void fanfare_add_number(fanfare_buffer *buffer, int64_t number);
// A JSON string, with its quotes.
void fanfare_add_json(fanfare_buffer *buffer, fanfare_string text);
// Percent-encoded for a path segment or a query: everything but A-Z a-z 0-9 - . _ ~
void fanfare_add_encoded(fanfare_buffer *buffer, fanfare_string text);
fanfare_string fanfare_built(const fanfare_buffer *buffer);

// A JSON object, member by member: begin with {0}. For receipts.
typedef struct {
    fanfare_buffer buffer;
} fanfare_object;

void fanfare_put_text(fanfare_object *object, const char *name, fanfare_string value);
void fanfare_put_number(fanfare_object *object, const char *name, int64_t value);
void fanfare_put_bool(fanfare_object *object, const char *name, bool value);
fanfare_string fanfare_end(fanfare_object *object);

// The event

// An attribute by its CloudEvents name, extensions included; its `ptr` is NULL when the event does not have it.
fanfare_string fanfare_attribute(const fanfare_event *event, const char *name);
// The data's bytes; empty without data.
fanfare_string fanfare_data(const fanfare_event *event);
// Whether the data is text. JSON is.
bool fanfare_data_is_text(const fanfare_event *event);
// The event in the JSON event format of CloudEvents, with numbers and booleans as the publisher wrote them; in a batch,
// an array of them.
fanfare_string fanfare_published(void);

// Change the event, in a stage. Attributes have their CloudEvents names; any other name is an extension's.
void fanfare_change_attribute(fanfare_event *event, const char *name, fanfare_string value);
// For extensions and optional attributes: `subject`, `datacontenttype`, `dataschema`.
void fanfare_remove_attribute(fanfare_event *event, const char *name);
// Text, which must be JSON unless `datacontenttype` says otherwise.
void fanfare_change_data(fanfare_event *event, fanfare_string text);
void fanfare_change_binary_data(fanfare_event *event, fanfare_string bytes);

// Whom the event is for. Addresses are personal data: keep them out of the log.

typedef struct {
    fanfare_string subject;
    // The `ptr` of each is NULL if it is not on record.
    fanfare_string email, phone, locale;
    // Device tokens.
    fanfare_strings push;
    // Other attributes. Nested keys are joined by dots.
    fanfare_pairs attributes;
} fanfare_recipient;

// False if the event has no subject, and for a batch for several recipients. One without a record has the operator's
// defaults, and no addresses.
bool fanfare_get_recipient(fanfare_recipient *recipient);
// One of the attributes; its `ptr` is NULL if it is not on record.
fanfare_string fanfare_recipient_attribute(const fanfare_recipient *recipient, const char *name);

// Texts that the operator wrote (`[templates.NAME]`), in the recipient's language. A part that the template does not
// have is empty. False: the failure is set, and rejects with the code `template`. The name is often that of a setting:
//     fanfare_string name = fanfare_setting("template");
//     if (name.ptr && !fanfare_render(name, &message, failure)) return false;
bool fanfare_render(fanfare_string name, fanfare_message *message, fanfare_failure *failure);

// Settings

// One setting; its `ptr` is NULL when the operator has not set it.
fanfare_string fanfare_setting(const char *key);
fanfare_string fanfare_setting_or(const char *key, const char *otherwise);
// A required setting: false, with the failure set, if it is missing or empty. The delivery says whose setting
// it is: any one of a batch, and NULL in a stage.
bool fanfare_needed_setting(const fanfare_delivery *delivery, const char *key, fanfare_string *value,
                            fanfare_failure *failure);
// Rejects the delivery (or the event) for a setting that cannot be used; `problem` continues after its name: "is
// not a URL".
bool fanfare_bad_setting(const fanfare_delivery *delivery, const char *key, const char *problem,
                         fanfare_failure *failure);
fanfare_pairs fanfare_settings(void);

// Failures. Each sets the failure and returns false, to be returned:
// `return fanfare_reject(failure, "no_data", fanfare_text("the event has no data"));`
// The code is short and stable, for programs; the message is for people.

// Retry, by the channel's policy.
bool fanfare_retry(fanfare_failure *failure, const char *code, fanfare_string message);
// Retry, but not before this many milliseconds (at most 24 hours).
bool fanfare_retry_after(fanfare_failure *failure, uint64_t milliseconds, const char *code, fanfare_string message);
// Do not retry: the delivery becomes a dead letter.
bool fanfare_reject(fanfare_failure *failure, const char *code, fanfare_string message);
// The receiver is gone: suspend the whole channel until an operator resumes it.
bool fanfare_suspend(fanfare_failure *failure, const char *code, fanfare_string message);

// HTTP

void fanfare_add_header(fanfare_request *request, const char *name, fanfare_string value);
void fanfare_set_body(fanfare_request *request, fanfare_string text);
// The first header of this name, ignoring case; its `ptr` is NULL if there is none.
fanfare_string fanfare_header(const fanfare_response *response, const char *name);
fanfare_string fanfare_body(const fanfare_response *response);
// One blocking request through the host. A response of any status is true; without one, the failure is set.
bool fanfare_send(const fanfare_request *request, fanfare_response *response, fanfare_failure *failure);
// True for 2xx. Any other status becomes `http_<status>`: 404, 408, 409, 425, 429 and 5xx are retried, not before
// what `Retry-After` says in seconds; 410 suspends; anything else is rejected.
bool fanfare_check_status(const fanfare_response *response, fanfare_failure *failure);

// New events: begin with {.type = ...}.

// An attribute by its CloudEvents name; any other name is an extension's.
void fanfare_set_attribute(fanfare_new_event *event, const char *name, fanfare_string value);
// Text, which must be JSON unless `datacontenttype` says otherwise.
void fanfare_set_data(fanfare_new_event *event, fanfare_string text);
void fanfare_set_binary_data(fanfare_new_event *event, fanfare_string bytes);
// Publishes it, if the attempt delivers, in the same commit. True: `id`, which may be NULL, gets the id it will have.
// False: the failure is set, and rejects: `denied` if the type was not granted to the channel, `invalid_event`,
// `too_many_events` past the host's bounds (16 events in an attempt, 256 KiB in an event, 16 events in a chain in which
// each causes the next).
bool fanfare_emit(const fanfare_new_event *event, fanfare_string *id, fanfare_failure *failure);

// The channel's own state, which is kept from one attempt to the next. Writes are kept if the attempt
// delivers, in the same commit. A stage has no state. False: the failure is set, `state_too_large`,
// `state_not_a_number` or `state_unavailable`.

// Its `ptr` is NULL if there is nothing under this key.
bool fanfare_get_state(const char *key, fanfare_string *value, fanfare_failure *failure);
// 0 seconds: until it is deleted.
bool fanfare_set_state(const char *key, fanfare_string value, uint32_t ttl_seconds, fanfare_failure *failure);
bool fanfare_delete_state(const char *key, fanfare_failure *failure);
// Adds to a whole number stored as decimal text (0 if there is none). `sum`, which may be NULL, gets the result.
bool fanfare_increment_state(const char *key, int32_t by, int64_t *sum, fanfare_failure *failure);

// Numbers for the daemon's metrics, as `fanfare_plugin_<name>`; `labels` may be NULL.
void fanfare_count(const char *name, double by, const fanfare_pairs *labels);
void fanfare_gauge(const char *name, double value, const fanfare_pairs *labels);
void fanfare_observe(const char *name, double value, const fanfare_pairs *labels);

// A line in the daemon's log: FANFARE_CHANNEL_LOG_LEVEL_INFO and its siblings.
void fanfare_log(fanfare_channel_log_level_t level, fanfare_string message);

#endif
