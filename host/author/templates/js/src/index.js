// Posts each event as {"text": …} to a URL.

import { channel, message, request, requiredSetting } from "fanfare-plugin-sdk";

export const handler = channel(({ id, event }) => {
  const response = request({
    url: requiredSetting("url"),
    // The same on every attempt, so that the receiver can detect repeats.
    headers: { "idempotency-key": id },
    json: { text: message(event) ?? event.type },
  });
  // A 503 is retried and a 400 becomes a dead letter: the status decides the failure.
  response.throwForStatus();
  return { status: response.status };
});
