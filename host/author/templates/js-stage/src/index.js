// Trims a text of each event's data, and rejects an event without it.

import { Failure, eventStage, json, requiredSetting, setJson } from "fanfare-plugin-sdk";

export const stage = eventStage((event) => {
  const member = requiredSetting("member");
  const data = json(event);
  if (typeof data[member] !== "string") {
    // The publisher gets this message.
    throw Failure.reject("missing", `the data has no \`${member}\``);
  }
  if (data[member] !== data[member].trim()) {
    setJson(event, { ...data, [member]: data[member].trim() });
  }
  // `null` would drop the event.
  return event;
});
