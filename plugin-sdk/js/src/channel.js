import { Failure } from "./failure.js";
import { Response, toWit } from "./http.js";
import { log } from "./log.js";
import { rememberTable } from "./settings.js";

export function channel(deliver) {
  return {
    deliver: (delivery) => attempt(delivery, () => receipt(deliver(delivery))),
  };
}

export function httpChannel({ compose, interpret = status }) {
  return {
    compose: (delivery) => attempt(delivery, () => toWit(awaited(compose(delivery)))),
    interpret: (delivery, response) =>
      attempt(delivery, () => receipt(interpret(delivery, new Response(response)))),
  };
}

export function batchChannel(deliver) {
  return {
    deliver: (batch) => each(batch, () => deliver(batch)),
  };
}

export function batchHttpChannel({ compose, interpret = statusOfAll }) {
  return {
    compose: (batch) => attempt(batch[0], () => toWit(awaited(compose(batch)))),
    interpret: (batch, response) => each(batch, () => interpret(batch, new Response(response))),
  };
}

export function eventStage(process) {
  return {
    process: (event) => inside("stages.<name>", () => passed(awaited(process(event)))),
  };
}

/** The event that continues; null drops it. A forgotten `return` must not drop it. */
function passed(event) {
  if (event === null) return undefined;
  if (typeof event === "object" && typeof event.id === "string") return event;
  throw new TypeError("the stage's function must return the event, or null to drop it");
}

function statusOfAll(batch, response) {
  return batch.map(() => status(undefined, response));
}

/** One result for each delivery: what is thrown applies to all, a `Failure` in the list to its own delivery. */
function each(batch, run) {
  let results;
  try {
    results = attempt(batch[0], () => list(awaited(run())));
  } catch (failure) {
    return batch.map(() => ({ tag: "err", val: failure.payload }));
  }
  return results.map((result) =>
    result instanceof Failure ? { tag: "err", val: result.payload } : { tag: "ok", val: receipt(result) });
}

function list(results) {
  if (!Array.isArray(results)) throw new TypeError("the channel's function must return a list with one result for each delivery");
  return results;
}

function status(_delivery, response) {
  response.throwForStatus();
  return { status: response.status };
}

function attempt(delivery, run) {
  return inside(`channels.${delivery.channel}`, run);
}

/** Turns whatever the plugin throws into a failure: otherwise it would be a trap, which says less. */
function inside(table, run) {
  rememberTable(table);
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    log.error(String(thrown), thrown?.stack ? { stack: thrown.stack.slice(0, 1000) } : {});
    throw Failure.retry("exception", thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function receipt(value) {
  awaited(value);
  if (value === undefined || value === null) return "";
  // It is delivered: failing because of the receipt would deliver it again.
  try {
    if (typeof value === "object" && !Array.isArray(value)) return JSON.stringify(value);
    log.warn("the receipt is not an object, so it is not kept");
  } catch (error) {
    log.warn(`the receipt is not kept: ${error.message}`);
  }
  return "";
}

function awaited(value) {
  if (typeof value?.then === "function") {
    throw Failure.reject("async_channel", "the channel's function is async: it must return its result, not a promise");
  }
  return value;
}
