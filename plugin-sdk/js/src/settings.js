import { config } from "#host";
import { Failure } from "./failure.js";

/** The operator's table for what runs, so that an error can name the key as it was written. */
let table = "channels.<name>";

export function rememberTable(name) {
  table = name;
}

export function setting(key) {
  return config.get(key) ?? undefined;
}

export function requiredSetting(key) {
  const value = setting(key);
  if (value === undefined) throw invalidSetting(key, "is missing: set it in the daemon's config");
  return value;
}

export function invalidSetting(key, what) {
  return Failure.reject("invalid_settings", `\`${table}.settings.${key}\` ${what}`);
}

export function settings() {
  const tree = new Map();
  for (const [key, value] of config.all()) {
    const path = key.split(".");
    const last = path.pop();
    let node = tree;
    for (const member of path) {
      if (!(node.get(member) instanceof Map)) node.set(member, new Map());
      node = node.get(member);
    }
    node.set(last, value);
  }
  return Object.fromEntries([...tree].map(([name, value]) => [name, plain(value)]));
}

/** A table whose members are all numbers was written as a list. */
function plain(node) {
  if (!(node instanceof Map)) return node;
  const members = [...node].map(([name, value]) => [name, plain(value)]);
  if (!members.every(([name]) => /^[0-9]+$/.test(name))) return Object.fromEntries(members);
  return members.sort(([a], [b]) => a - b).map(([, value]) => value);
}
