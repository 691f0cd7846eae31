import { templates as host } from "#host";
import { Failure } from "./failure.js";
import { setting } from "./settings.js";

export const templates = {
  render(name) {
    try {
      return host.render(name);
    } catch (error) {
      // The host says in words what is missing or wrong. The same event would fail again.
      throw typeof error?.payload === "string" ? Failure.reject("template", error.payload) : error;
    }
  },

  /** The template that the setting `template` names. */
  fromSettings() {
    const name = setting("template");
    return name === undefined ? undefined : templates.render(name);
  },
};
