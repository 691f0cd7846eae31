// Serves the current sources, and proxies everything else to a running daemon:
//     npm run dev -- http://127.0.0.1:8080
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';

process.argv.push('--watch');
await import('./build.mjs');

const daemon = new URL(
  process.argv.slice(2).find((argument) => argument.startsWith('http')) ?? 'http://127.0.0.1:8080',
);
const media = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

const server = createServer(async (incoming, outgoing) => {
  const path = incoming.url === '/' ? '/index.html' : incoming.url;
  const file = /^\/(index|dashboard)\.(html|js|css|svg)$/.exec(path);
  if (file) {
    const content = await readFile(new URL(`dist${path}`, import.meta.url));
    outgoing.writeHead(200, { 'content-type': `${media[file[2]]}; charset=utf-8`, 'cache-control': 'no-store' });
    outgoing.end(content);
    return;
  }
  // The daemon rejects pages of other origins.
  const headers = { ...incoming.headers, host: daemon.host };
  if (headers.origin) {
    headers.origin = daemon.origin;
  }
  const onwards = request(new URL(incoming.url, daemon), { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onwards.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onwards.destroy());
  incoming.pipe(onwards);
});
server.listen(Number(process.env.PORT ?? 8090), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port} shows ${daemon.origin}`);
});
