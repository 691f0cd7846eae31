// Trims an attribute of each event, and rejects an event without it.

#include "fanfare.h"

bool fanfare_process(fanfare_event *event, bool *dropped, fanfare_failure *failure) {
    fanfare_string name;
    if (!fanfare_needed_setting(NULL, "attribute", &name, failure)) return false;

    const char *attribute = fanfare_c_string(name);
    fanfare_string value = fanfare_attribute(event, attribute);
    if (!value.ptr) {
        // The publisher gets this message.
        fanfare_buffer message = {0};
        fanfare_add(&message, "the event has no `");
        fanfare_add_string(&message, name);
        fanfare_add(&message, "`");
        return fanfare_reject(failure, "missing", fanfare_built(&message));
    }
    while (value.len > 0 && value.ptr[0] == ' ') value.ptr++, value.len--;
    while (value.len > 0 && value.ptr[value.len - 1] == ' ') value.len--;
    fanfare_change_attribute(event, attribute, value);
    // True would drop the event.
    *dropped = false;
    return true;
}
