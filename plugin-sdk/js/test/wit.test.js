import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

test("the copy of the contract matches the repository", () => {
  const [original, copy] = ["../../../wit/0.1.0/", "../wit/0.1.0/"].map((folder) => {
    const url = new URL(folder, import.meta.url);
    return readdirSync(url).sort().map((name) => [name, readFileSync(new URL(name, url), "utf8")]);
  });
  assert.deepEqual(copy, original, "copy wit/0.1.0 to plugin-sdk/js/wit/0.1.0");
});
