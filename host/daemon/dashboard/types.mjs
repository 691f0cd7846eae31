// Writes `src/schema.ts`, the types of the daemon's responses, from the OpenAPI document that `fanfare openapi` prints:
//     FANFARE=path/to/fanfare npm run types
// It contains the schemas that the sources use, so that it changes only when one of those does.
import { execFileSync } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const fanfare = process.env.FANFARE ?? new URL('../../../target/debug/fanfare', import.meta.url).pathname;
const document = JSON.parse(execFileSync(fanfare, ['openapi'], { encoding: 'utf8', maxBuffer: 64 << 20 }));

const schemas = {};
for (const file of await readdir(new URL('src/', import.meta.url), { recursive: true })) {
  if (file.endsWith('.ts') && file !== 'schema.ts') {
    const source = await readFile(new URL(`src/${file}`, import.meta.url), 'utf8');
    for (const [, name] of source.matchAll(/\bS\['(\w+)'\]/g)) {
      take(name);
    }
  }
}

/** Takes a schema, and those that it refers to. */
function take(name) {
  if (name in schemas) {
    return;
  }
  const schema = document.components.schemas[name];
  if (schema === undefined) {
    throw new Error(`the API has no schema ${name}`);
  }
  schemas[name] = schema;
  visit(schema);
}

function visit(value) {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  // A change of a description must not change the types.
  if (typeof value.description === 'string') {
    delete value.description;
  }
  if (typeof value.$ref === 'string') {
    take(value.$ref.replace('#/components/schemas/', ''));
  }
  Object.values(value).forEach(visit);
}

document.paths = {};
document.components = { schemas };
const text = astToString(await openapiTS(document, { alphabetize: true }));
await writeFile(
  new URL('src/schema.ts', import.meta.url),
  `// Made by \`npm run types\` from \`fanfare openapi\`. Not to be edited.\n\n${text}`,
);
