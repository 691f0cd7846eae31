// Posts each event to a Slack channel, through an incoming webhook. The host does the sending.

import { Failure, type Response, httpChannel, invalidSetting, requiredSetting, settings, templates } from "fanfare-plugin-sdk";
import { compose, fromTemplate } from "./message";

/** Slack's codes for a webhook that no longer works: every event fails until an operator fixes it. */
const GONE = new Set([
  "action_prohibited",
  "channel_is_archived",
  "channel_not_found",
  "invalid_token",
  "no_active_hooks",
  "no_service",
  "no_service_id",
  "no_team",
  "posting_to_general_channel_denied",
  "team_disabled",
]);

export const exchange = httpChannel({
  compose({ event }) {
    const { fields } = settings();
    if (fields && !Array.isArray(fields)) throw invalidSetting("fields", "must be a list of names");
    const message = templates.fromSettings();
    return { url: requiredSetting("url"), json: message ? fromTemplate(message) : compose(event, fields) };
  },

  interpret(_delivery, response) {
    if (!response.ok) throw failure(response);
    return { status: response.status };
  },
});

/** Slack returns codes such as `invalid_payload`. A proxy in front of it does not. */
function failure(response: Response): Failure {
  const word = /^\s*([a-z]+(?:_[a-z]+)+)\s*$/.exec(String(response.body))?.[1];
  if (!word) return Failure.fromStatus(response);
  const [code, message] = [`slack_${word}`, `Slack answered ${response.status}: ${word}`];
  return GONE.has(word) ? Failure.suspend(code, message) : Failure.fromStatus(response, { code, message });
}
