// A host for tests on this machine, in the place of the bindings.

#ifndef FANFARE_TESTING_HOST_H
#define FANFARE_TESTING_HOST_H

#include "fanfare.h"

// Sets a setting, or takes it away with NULL.
void host_set(const char *key, const char *value);

// The events emitted so far, in their order (the ids answered are `dlv_1.1`, `dlv_1.2`, ...); NULL past the last.
const fanfare_new_event *host_emitted(size_t at);
// Refuses the next event with FANFARE_CHANNEL_EMIT_EMIT_ERROR_DENIED or a sibling of it.
void host_refuse_emit(uint8_t error);

fanfare_delivery host_delivery(const char *type, const char *data);
fanfare_response host_response(uint16_t status, const char *body);

// Ends the test with a message when they differ.
#define EXPECT_TEXT(have, want) host_expect(__FILE__, __LINE__, have, want)
#define EXPECT(condition) host_expect(__FILE__, __LINE__, fanfare_text((condition) ? "true" : "false"), "true")
void host_expect(const char *file, int line, fanfare_string have, const char *want);

#endif
