// Publishes each event to an ntfy topic.

import { Failure, channel, request, requiredSetting, setting, templates } from "fanfare-plugin-sdk";
import { notification } from "./notification.js";

export const handler = channel((delivery) => {
  const topic = requiredSetting("topic");
  const token = setting("token");
  // JSON goes to the server's root: to the topic's own URL, the JSON itself would be the message.
  const response = request({
    url: setting("server") ?? "https://ntfy.sh",
    headers: token ? { authorization: `Bearer ${token}` } : {},
    json: { topic, click: setting("click"), ...notification(delivery, templates.fromSettings()) },
  });
  if (!response.ok) throw failure(response);
  return { status: response.status, ntfy_id: parsed(response)?.id, topic };
});

/** ntfy says what is wrong as `{"code": 42901, "http": 429, "error": "…"}`; a proxy before it does not. */
function failure(response) {
  const { code, error } = parsed(response) ?? {};
  const known = Number.isInteger(code) ? { code: `ntfy_${code}`, message: `ntfy answered ${response.status}: ${error}` } : {};
  const failure = Failure.fromStatus(response, known);
  if (response.status !== 401 && response.status !== 403) return failure;
  // No event would get through until somebody has seen to the token or to the topic's access.
  return Failure.suspend(failure.code, failure.message);
}

function parsed(response) {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}
