// Posts each event as {"text": …} to a URL.

import { channel, message, request, requiredSetting } from "fanfare-plugin-sdk";

export const handler = channel(({ id, event }) => {
  const response = request({
    url: requiredSetting("url"),
    // The same on every attempt: the receiver can tell one that is repeated.
    headers: { "idempotency-key": id },
    json: { text: message(event) ?? event.type },
  });
  // 503 is tried again, 400 is a dead letter: each status becomes the failure that fits.
  response.throwForStatus();
  return { status: response.status };
});
