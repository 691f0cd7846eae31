// Publishes each event to an ntfy topic.

import { Failure, channel, request, requiredSetting, setting, templates } from "fanfare-plugin-sdk";
import { notification } from "./notification.js";

export const handler = channel((delivery) => {
  const topic = requiredSetting("topic");
  const token = setting("token");
  // JSON is posted to the server's root. Posted to the topic's URL, it would itself be the message.
  const response = request({
    url: setting("server") ?? "https://ntfy.sh",
    headers: token ? { authorization: `Bearer ${token}` } : {},
    json: { topic, click: setting("click"), ...notification(delivery, templates.fromSettings()) },
  });
  if (!response.ok) throw failure(response);
  return { status: response.status, ntfy_id: parsed(response)?.id, topic };
});

/** ntfy reports errors as `{"code": 42901, "http": 429, "error": "…"}`. A proxy in front of it does not. */
function failure(response) {
  const { code, error } = parsed(response) ?? {};
  const known = Number.isInteger(code) ? { code: `ntfy_${code}`, message: `ntfy answered ${response.status}: ${error}` } : {};
  const failure = Failure.fromStatus(response, known);
  if (response.status !== 401 && response.status !== 403) return failure;
  // Every event fails until an operator fixes the token or the topic's access.
  return Failure.suspend(failure.code, failure.message);
}

function parsed(response) {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}
