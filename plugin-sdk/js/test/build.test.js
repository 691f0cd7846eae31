import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../bin/fanfare-build.js", import.meta.url));

// As esbuild's package fails without its install script: by the stack of the script that starts the real program.
const ESBUILD = `#!/usr/bin/env node
process.stderr.write('✘ [ERROR] Unexpected "="\\n\\n    src/index.js:1:10:\\n      1 │ const a = = 1;\\n        ╵           ^\\n\\n');
require("node:child_process").execFileSync("false", { stdio: "inherit" });
`;

test("a syntax error is reported with its place, without the tool's own stack", () => {
  const project = mkdtempSync(join(tmpdir(), "fanfare-build-"));
  try {
    const bin = join(project, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "package.json"), '{"type":"commonjs"}');
    writeFileSync(join(bin, "esbuild"), ESBUILD);
    chmodSync(join(bin, "esbuild"), 0o755);
    const manifest = { name: "x", fanfare: { world: "channel", engine: "quickjs" } };
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    const { status, stderr } = spawnSync(process.execPath, [BUILD], { cwd: project, encoding: "utf8" });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      'fanfare-build: esbuild failed\n✘ [ERROR] Unexpected "="\n\n    src/index.js:1:10:\n      1 │ const a = = 1;\n        ╵           ^\n',
    );
  } finally {
    rmSync(project, { recursive: true });
  }
});
