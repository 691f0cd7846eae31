#!/usr/bin/env node
// Builds the project in the current folder into dist/<package name>.wasm. It reads, from package.json:
//   "fanfare": { "entry": "src/index.ts", "world": "channel" | "http-channel" | "batch-channel" | "batch-http-channel"
//                | "stage-plugin", "engine": "starlingmonkey" | "quickjs" }

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const WIT = fileURLToPath(new URL("../wit/0.1.0", import.meta.url));
/** What the entry must export. */
const WORLDS = {
  channel: "handler",
  "http-channel": "exchange",
  "batch-channel": "batchHandler",
  "batch-http-channel": "batchExchange",
  "stage-plugin": "stage",
};

const ENGINES = {
  starlingmonkey: {
    package: "@bytecodealliance/componentize-js",
    // A channel speaks HTTP through `fanfare:channel/http`. With these two, its world would need wasi:http as well.
    build: (bundle, world, out) =>
      run("componentize-js", bundle, "--wit", WIT, "--world-name", world, "--disable", "http", "fetch-event", "--out", out),
  },
  quickjs: {
    package: "componentize-qjs",
    build: (bundle, world, out) =>
      run("componentize-qjs", "--js", bundle, "--wit", WIT, "--world", world, "--sync", "--opt-size", "--output", out),
  },
};

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { entry = "src/index.js", world, engine } = manifest.fanfare ?? {};
if (!Object.hasOwn(WORLDS, world)) {
  fail(`package.json: "fanfare.world" must be one of ${Object.keys(WORLDS).join(", ")}`);
}
if (!Object.hasOwn(ENGINES, engine)) {
  fail(`package.json: "fanfare.engine" must be one of ${Object.keys(ENGINES).join(", ")}`);
}

const out = join("dist", `${manifest.name.split("/").pop()}.wasm`);
const bundle = join("dist", "bundle.js");
const meta = join("dist", "bundle.json");
mkdirSync("dist", { recursive: true });
rmSync(out, { force: true });
run(
  "esbuild", entry, `--outfile=${bundle}`, `--metafile=${meta}`, "--bundle", "--format=esm", "--platform=neutral",
  "--main-fields=module,main", "--target=es2022", "--charset=utf8", "--conditions=fanfare-guest",
  "--external:fanfare:*", "--external:wasi:*", "--log-level=warning",
);
// QuickJS would find out at the first delivery.
const { exports } = Object.values(JSON.parse(readFileSync(meta, "utf8")).outputs)[0];
if (!exports.includes(WORLDS[world])) fail(`${entry} must export "${WORLDS[world]}" for the world ${world}`);
ENGINES[engine].build(bundle, world, out);
console.log(`${out}: ${statSync(out).size} bytes`);

function run(tool, ...args) {
  const path = [resolve("node_modules/.bin"), process.env.PATH].join(delimiter);
  const { error, status, stdout, stderr } = spawnSync(tool, args, {
    env: { ...process.env, PATH: path },
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (error?.code === "ENOENT") fail(`${tool} is not installed: add ${ENGINES[engine].package} and esbuild to devDependencies`);
  if (error) fail(error.message);
  if (status !== 0) fail(`${tool} failed\n${stdout}${withoutStack(stderr)}`);
  process.stderr.write(stderr);
}

/** The npm package of a tool starts it by its own script, whose stack says nothing about what is wrong with the source. */
function withoutStack(said) {
  return said.split(/^node:\S+:\d+$/m)[0].trimEnd();
}

function fail(why) {
  console.error(`fanfare-build: ${why}`);
  process.exit(1);
}
