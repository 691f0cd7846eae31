// Builds `dist/`, which is committed and embedded in the daemon. The build is reproducible: the same sources and lock file give the
// same bytes. With --tests it builds the unit tests instead; with --watch it rebuilds after every change.
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { context, build } from 'esbuild';

const here = new URL('.', import.meta.url).pathname;

const common = {
  absWorkingDir: here,
  bundle: true,
  format: 'esm',
  charset: 'utf8',
  logLevel: 'warning',
};

// The licences of the libraries must accompany their code.
async function notice() {
  const texts = [];
  for (const name of ['lit', 'uplot']) {
    const { version, license } = JSON.parse(await readFile(`${here}node_modules/${name}/package.json`, 'utf8'));
    const text = (await readFile(`${here}node_modules/${name}/LICENSE`, 'utf8')).replace(/\r\n/g, '\n').trim();
    texts.push(`${name} ${version} (${license})\n\n${text.replaceAll('*/', '* /')}`);
  }
  return `/*\nThis file contains:\n\n${texts.join('\n\n')}\n*/`;
}

export async function options() {
  return {
    ...common,
    entryPoints: { dashboard: 'src/main.ts' },
    outdir: 'dist',
    target: ['es2022'],
    minify: true,
    legalComments: 'none',
    footer: { js: await notice() },
    define: { 'process.env.NODE_ENV': '"production"' },
  };
}

async function statics() {
  await mkdir(`${here}dist`, { recursive: true });
  for (const file of await readdir(`${here}static`)) {
    await copyFile(`${here}static/${file}`, `${here}dist/${file}`);
  }
}

if (process.argv.includes('--tests')) {
  const tests = (await readdir(`${here}tests`)).filter((file) => file.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: tests.map((file) => `tests/${file}`),
    outdir: 'build',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
  });
} else {
  await statics();
  const made = await options();
  if (process.argv.includes('--watch')) {
    await (await context({ ...made, minify: false })).watch();
  } else {
    await build(made);
  }
}
