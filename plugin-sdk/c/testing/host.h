// A host for tests on this machine, instead of the bindings.

#ifndef FANFARE_TESTING_HOST_H
#define FANFARE_TESTING_HOST_H

#include "fanfare.h"

// Sets a setting, or removes it with NULL.
void host_set(const char *key, const char *value);

// The events emitted so far, in their order (their ids are `dlv_1.1`, `dlv_1.2`, ...); NULL past the last.
const fanfare_new_event *host_emitted(size_t at);
// Refuses the next event with FANFARE_CHANNEL_EMIT_EMIT_ERROR_DENIED or another error of emit.
void host_refuse_emit(uint8_t error);

// Whom the event is for; NULL, the default, for nobody.
void host_set_recipient(const fanfare_recipient *recipient);
// The result of a template. One that is not set is an error.
void host_set_template(const char *name, const char *subject, const char *text, const char *html);
// What `fanfare_published` returns.
void host_set_published(const char *json);

// State under a key; its `ptr` is NULL when there is nothing.
fanfare_string host_state(const char *key);
// Refuses the next call of the state with FANFARE_CHANNEL_STATE_STATE_ERROR_TOO_LARGE or another of its errors.
void host_refuse_state(uint8_t error);

// The last number measured under this name; 0 without one. Counters add up.
double host_measured(const char *name);

fanfare_delivery host_delivery(const char *type, const char *data);
fanfare_event host_event(const char *type, const char *data);
fanfare_response host_response(uint16_t status, const char *body);

// Ends the test with a message if they differ.
#define EXPECT_TEXT(have, want) host_expect(__FILE__, __LINE__, have, want)
#define EXPECT(condition) host_expect(__FILE__, __LINE__, fanfare_text((condition) ? "true" : "false"), "true")
void host_expect(const char *file, int line, fanfare_string have, const char *want);

#endif
