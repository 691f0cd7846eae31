// Posts a digest of many events as {"text": …} to a URL.

import { batchHttpChannel, message, requiredSetting } from "fanfare-plugin-sdk";

// The host sends it. Any 2xx delivers all of them; after anything else, each is retried or given up separately.
export const batchExchange = batchHttpChannel({
  compose(batch) {
    const lines = batch.map(({ event }) => `- ${message(event) ?? event.type}`);
    const title = batch.length === 1 ? "1 event" : `${batch.length} events`;
    return { url: requiredSetting("url"), json: { text: `${title}:\n${lines.join("\n")}` } };
  },
});
