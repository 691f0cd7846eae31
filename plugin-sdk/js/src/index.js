export { batchChannel, batchHttpChannel, channel, eventStage, httpChannel } from "./channel.js";
export { emit } from "./emit.js";
export { bytes, extension, isJson, json, message, publishedJson, setExtension, setJson, severity, tags, text, toJson } from "./event.js";
export { Failure } from "./failure.js";
export { Response, request } from "./http.js";
export { log } from "./log.js";
export { metrics } from "./metrics.js";
export { invalidSetting, requiredSetting, setting, settings } from "./settings.js";
export { state } from "./state.js";
