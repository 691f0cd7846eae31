// Writes `src/schema.ts`, the types of the daemon's answers, out of the OpenAPI document that `fanfare openapi` prints:
//     FANFARE=path/to/fanfare npm run types
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const fanfare = process.env.FANFARE ?? new URL('../../../target/debug/fanfare', import.meta.url).pathname;
const document = JSON.parse(execFileSync(fanfare, ['openapi'], { encoding: 'utf8', maxBuffer: 64 << 20 }));
// Only the schemas are used.
document.paths = {};
// A change of a description must not change the types.
for (const schema of Object.values(document.components.schemas)) {
  strip(schema);
}

function strip(schema) {
  if (typeof schema !== 'object' || schema === null) {
    return;
  }
  if (typeof schema.description === 'string') {
    delete schema.description;
  }
  Object.values(schema).forEach(strip);
}

const text = astToString(await openapiTS(document, { alphabetize: true }));
await writeFile(
  new URL('src/schema.ts', import.meta.url),
  `// Made by \`npm run types\` from \`fanfare openapi\`. Not to be edited.\n\n${text}`,
);
