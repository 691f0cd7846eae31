// Posts a digest of many events as {"text": …} to a URL.

import { batchHttpChannel, message, requiredSetting } from "fanfare-plugin-sdk";

// The host sends it. Any 2xx delivers all of them; otherwise each is retried or becomes a dead letter separately.
export const batchExchange = batchHttpChannel({
  compose(batch) {
    const lines = batch.map(({ event }) => `- ${message(event) ?? event.type}`);
    const title = batch.length === 1 ? "1 event" : `${batch.length} events`;
    return { url: requiredSetting("url"), json: { text: `${title}:\n${lines.join("\n")}` } };
  },
});
