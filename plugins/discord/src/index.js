// A plain wasi:http handler: it takes a CloudEvent in HTTP's binary mode and posts it to a Discord webhook.

import { getEnvironment } from "wasi:cli/environment@0.2.10";
import { Malformed, read } from "./event.js";
import { compose } from "./message.js";

addEventListener("fetch", (event) => event.respondWith(receive(event.request)));

async function receive(request) {
  const environment = Object.fromEntries(getEnvironment());
  const { DISCORD_WEBHOOK_URL: url, FANFARE_TEMPLATE_SUBJECT: subject, FANFARE_TEMPLATE_TEXT: text } = environment;
  if (!url) return answer(400, "the environment variable DISCORD_WEBHOOK_URL is not set");
  if (request.method !== "POST") return answer(405, "events come by POST", { allow: "POST" });

  let event;
  try {
    event = read(request.headers, new Uint8Array(await request.arrayBuffer()));
  } catch (error) {
    if (error instanceof Malformed) return answer(error.status, error.message);
    throw error;
  }

  let response;
  try {
    response = await fetch(`${url}${url.includes("?") ? "&" : "?"}wait=true`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(compose(event, { subject, text })),
    });
  } catch (error) {
    return answer(502, `Discord cannot be reached: ${error.message}`);
  }
  return judge(response.status, response.headers, await response.text());
}

function judge(status, headers, body) {
  const said = parsed(body);
  if (status >= 200 && status < 300) {
    const receipt = JSON.stringify({ discord_message_id: said?.id });
    return new Response(receipt, { status: 200, headers: { "content-type": "application/json" } });
  }
  const message = `Discord answered ${status}${said?.message ? `: ${said.message}` : ""}`;
  if (status === 429 || status >= 500) {
    // The body is more precise than the header: `retry_after` has fractions of a second.
    const wait = said?.retry_after === undefined ? headers.get("retry-after") : String(Math.ceil(said.retry_after));
    return answer(status, message, wait ? { "retry-after": wait } : {});
  }
  // The webhook was deleted, or its token is wrong. A 404 would be retried.
  if (status === 401 || status === 403 || status === 404) return answer(410, message);
  return answer(status >= 400 ? status : 400, message);
}

function answer(status, message, headers = {}) {
  return new Response(message, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
