// A daemon with something to show: working, failing, slow, unreachable, paused and hostile channels, and a steady load of events.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Hostile content for names, texts and ids. */
export const HOSTILE = {
  script: '<script>globalThis.pwned = 1</script>',
  image: '"><img src=x onerror="globalThis.pwned = 1">',
  link: 'javascript:globalThis.pwned=1',
  template: '${globalThis.pwned = 1}{{constructor.constructor("globalThis.pwned=1")()}}',
  bidi: 'safe\u202etxt.exe\u2066\u200b',
  control: 'bell\u0007 escape\u001b[31m null\u0000',
  long: 'n'.repeat(10_000),
  svg: '</svg><svg onload=globalThis.pwned=1>',
};

const SCHEMA = {
  type: 'object',
  required: ['total'],
  properties: { total: { type: 'number' } },
};

const RECIPIENTS = `
[usr_ada]
email = "ada@example.com"
locale = "en"
quiet = { from = "22:00", to = "07:00", zone = "Europe/London" }

[usr_grace]
email = "grace@example.com"
phone = "+1 555 0100"
locale = "en-US"
channels = { webhook = { off = ["promo.*"] } }
`;

/** The secret of the token with this name. */
export const secret = (name) => `ff_${name}`;

/** A token of the configuration. */
function token(name, { scopes, channels }) {
  const sha256 = createHash('sha256').update(secret(name)).digest('hex');
  const bound = channels ? `channels = ${JSON.stringify(channels)}\n` : '';
  return `\n[[server.tokens]]\nname = "${name}"\nsha256 = "${sha256}"\nscopes = ${JSON.stringify(scopes)}\n${bound}`;
}

function config(receiver, dead, missing) {
  const hook = (path) =>
    `settings = { url = "http://127.0.0.1:${receiver}/${path}" }\ngrant = { http = ["127.0.0.1:${receiver}"] }`;
  return `
[server]
listen = "127.0.0.1:0"
wait = "2s"

[defaults]
timeout = "5s"
backoff = { schedule = ["300ms", "900ms"], jitter = 0.0 }

[[stages]]
name = "enrich"
plugin = "builtin:enrich"
types = ["order.*"]
settings = { file = "/enrich/customers.json", key = "subject", into = "data.customer" }
grant = { files = [{ host = "enrich", guest = "/enrich" }] }

[channels.audit]
plugin = "builtin:log"

[channels.metrics]
plugin = "builtin:metrics"

[channels.webhook]
plugin = "builtin:webhook"
filter = { types = ["order.*", "user.*", "payment.*"] }
rate = "200/s"
${hook('ok')}

[channels.search-index]
plugin = "builtin:webhook"
filter = { types = ["order.*"] }
concurrency = 4
${hook('slow')}

[channels.crm]
plugin = "builtin:webhook"
filter = { types = ["user.*", "order.paid"], when = "event.type != 'user.login'" }
${hook('flaky')}

[channels.partner]
plugin = "builtin:webhook"
filter = { types = ["payment.*"] }
retries = 1
settings = { url = "http://127.0.0.1:${dead}/hook" }
grant = { http = ["127.0.0.1:${dead}"] }
breaker = { failures = 5, open = "20s" }

[channels.legacy]
plugin = "builtin:webhook"
filter = { types = ["legacy.*"] }
${hook('gone')}

[channels.billing]
plugin = "builtin:webhook"
filter = { types = ["payment.*"] }
${hook('ok')}

[channels.sandbox]
plugin = "hostile"
filter = { types = ["hostile.*", "saga.*"] }
retries = 0
fuel = 50_000_000
timeout = "2s"
grant = { emit = ["saga.>"] }

${missing ? '[channels.renamed]\nplugin = "gone"\nfilter = { types = ["nothing.*"] }\n' : ''}
[schemas."order.paid"]
file = "order-paid.json"
mode = "warn"

[recipients]
file = "recipients.toml"
`;
}

/** The receiver of the webhooks. */
async function receiver(words) {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      calls += 1;
      const path = request.url;
      const answer = (status, text = '') => {
        response.writeHead(status, { 'content-type': 'text/plain' });
        response.end(text);
      };
      if (path === '/slow') {
        setTimeout(() => answer(200), 120 + (calls % 7) * 40);
      } else if (path === '/flaky') {
        answer(calls % 3 === 0 ? 200 : calls % 5 === 0 ? 422 : 503, words);
      } else if (path === '/gone') {
        answer(410);
      } else {
        setTimeout(() => answer(200, '{"ok":true}'), calls % 4);
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export class World {
  /** `calm`: without hostile content, and without a channel that has no plugin. `tokens`: by name; the calls use the first one. */
  static async start(fanfare, guest, { calm = false, tokens = {} } = {}) {
    const world = new World();
    world.calm = calm;
    world.tokens = tokens;
    world.folder = await mkdtemp(join(tmpdir(), 'fanfare-dashboard-'));
    world.receiver = await receiver(calm ? 'try later' : HOSTILE.script);
    await mkdir(join(world.folder, 'plugins'));
    await copyFile(guest, join(world.folder, 'plugins/hostile.wasm'));
    await writeFile(join(world.folder, 'order-paid.json'), JSON.stringify(SCHEMA));
    await writeFile(join(world.folder, 'recipients.toml'), RECIPIENTS);
    await mkdir(join(world.folder, 'enrich'));
    await writeFile(
      join(world.folder, 'enrich/customers.json'),
      JSON.stringify({ usr_ada: { plan: 'pro' }, usr_grace: { plan: 'team' } }),
    );
    world.config = config(world.receiver.address().port, await freePort(), !calm);
    await world.configure();
    world.daemon = spawn(fanfare, ['serve', '--json', '--config', join(world.folder, 'config.toml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, RUST_LOG: 'error' },
    });
    world.log = '';
    world.daemon.stderr.on('data', (data) => (world.log = (world.log + data).slice(-20_000)));
    world.url = await new Promise((done, fail) => {
      let text = '';
      world.daemon.stdout.on('data', (data) => {
        text += data;
        const listening = /"listening": ?"([^"]+)"/.exec(text);
        if (listening) done(listening[1]);
      });
      world.daemon.on('exit', (code) => fail(new Error(`the daemon ended with ${code}: ${world.log}`)));
    });
    return world;
  }

  /** Writes the configuration, with the tokens. */
  configure() {
    const tables = Object.entries(this.tokens).map(([name, bounds]) => token(name, bounds));
    return writeFile(join(this.folder, 'config.toml'), this.config + tables.join(''));
  }

  async stop() {
    clearInterval(this.timer);
    this.daemon.removeAllListeners('exit');
    const ended = new Promise((done) => this.daemon.on('exit', done));
    this.daemon.kill('SIGTERM');
    await ended;
    this.receiver.closeAllConnections();
    this.receiver.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async call(method, path, body, headers = {}) {
    const [caller] = Object.keys(this.tokens);
    const authorization = caller ? { authorization: `Bearer ${secret(caller)}` } : {};
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  get(path) {
    return this.call('GET', path);
  }

  /** Publishes without waiting for the channels. */
  publish(event) {
    return this.call('POST', '/v1/events', event, { prefer: 'respond-async' });
  }

  /** Polls until `check` returns something. */
  async until(what, check, patience = 30_000) {
    const end = Date.now() + patience;
    for (;;) {
      const found = await check();
      if (found) return found;
      if (Date.now() > end) throw new Error(`there is no ${what}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  /** Creates one of everything: dead letters, a suspension, an open breaker, emitted events, hostile events. */
  async fill() {
    await this.until('plugin', async () => {
      const { channels } = await this.get('/v1/channels');
      const { stages } = await this.get('/v1/stages');
      return [...channels, ...stages].every((one) => one.name === 'renamed' || one.digest);
    });
    await this.call('POST', '/v1/channels/billing/pause', {
      reason: 'The provider moves its servers until noon',
    });
    for (let n = 0; n < 30; n += 1) await this.publish(ordinary(n));
    await this.publish({ type: 'legacy.export', id: 'legacy-1' });
    await this.publish({
      type: 'order.cancelled',
      id: 'cancelled-1',
      deliverat: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await this.call('DELETE', '/v1/events/cancelled-1');
    await this.publish({
      type: 'order.sent',
      id: 'later-1',
      deliverat: new Date(Date.now() + 3_600_000).toISOString(),
    });
    if (this.calm) return;
    // Recorded with their parameters: one is too long for a row, and one fails.
    const reason = Object.values({ ...HOSTILE, long: 'n'.repeat(500) }).join(' ');
    await this.call('POST', '/v1/channels/metrics/pause', { reason });
    await this.call('POST', '/v1/channels/metrics/resume');
    await this.call('POST', `/v1/channels/${encodeURIComponent(HOSTILE.script)}/pause`, {}).catch(() => {});
    for (const event of hostile()) await this.publish(event);
    // An event that causes two others.
    await this.publish({
      type: 'saga.begin',
      id: 'saga-1',
      source: '/shop',
      subject: 'order-77',
      data: {
        hostile: { mode: 'emit', type: 'saga.reserved', times: 2 },
        order: 'order-77',
      },
    });
    await this.until('dead letter of the sandbox', async () => {
      const { dead_letters: letters } = await this.get('/v1/dead-letters?channel=sandbox');
      return letters.length >= 5;
    });
    await this.until('suspended channel', async () => (await this.get('/v1/channels/legacy')).state === 'suspended');
    await this.until('open breaker', async () => (await this.get('/v1/channels/partner')).state === 'open');
    await this.until('event that was emitted', async () => {
      const { events } = await this.get('/v1/events?type=saga.reserved');
      return events.length >= 2;
    });
  }

  /** A steady load with a varying rate. */
  load(perSecond = 12) {
    let n = 1_000;
    let owed = 0;
    this.timer = setInterval(() => {
      const wave = 1 + 0.6 * Math.sin(Date.now() / 60_000) + 0.3 * Math.sin(Date.now() / 17_000);
      owed += (perSecond * wave) / 10;
      while (owed >= 1) {
        owed -= 1;
        n += 1;
        this.publish(ordinary(n)).catch(() => {});
      }
    }, 100);
  }
}

function ordinary(n) {
  const types = [
    'order.placed',
    'order.paid',
    'user.signup',
    'user.login',
    'order.sent',
    'payment.settled',
    'user.login',
    'order.placed',
  ];
  const type = types[n % types.length];
  const user = ['usr_ada', 'usr_grace', 'usr_alan', 'usr_katherine'][n % 4];
  return {
    type,
    id: `${type.replace('.', '-')}-${n}`,
    source: type.startsWith('user') ? '/accounts' : type.startsWith('payment') ? '/payments' : '/shop',
    subject: user,
    severity: n % 11 === 0 ? 'warning' : 'info',
    message: `${type} of ${user}`,
    data: {
      order: 1_000 + n,
      total: n % 9 === 0 ? undefined : 19.9 + n,
      currency: 'EUR',
      items: [{ sku: 'horn', quantity: 1 + (n % 3) }],
    },
  };
}

function hostile() {
  const fail = (id, parameters, more = {}) => ({
    type: `hostile.${id}`,
    id: `hostile-${id}`,
    data: { hostile: parameters },
    ...more,
  });
  return [
    fail('script', {
      mode: 'fail',
      disposition: 'reject',
      code: 'http_666',
      message: HOSTILE.script + HOSTILE.image,
    }),
    fail('code', {
      mode: 'fail',
      disposition: 'reject',
      code: HOSTILE.image,
      message: HOSTILE.svg,
    }),
    fail('bidi', {
      mode: 'fail',
      disposition: 'reject',
      code: 'bidi',
      message: `${HOSTILE.bidi} ${HOSTILE.control}`,
    }),
    fail('long', {
      mode: 'fail',
      disposition: 'reject',
      code: 'long',
      message: HOSTILE.long,
    }),
    fail('spin', { mode: 'spin' }),
    fail('panic', { mode: 'panic', message: HOSTILE.script }),
    fail('memory', { mode: 'memory' }),
    fail('trace', { mode: 'log-flood', lines: 30, bytes: 64, then: 'panic' }),
    fail('receipt', { mode: 'echo' }),
    {
      type: `hostile.${HOSTILE.script}`,
      id: HOSTILE.image,
      source: '/x',
      subject: HOSTILE.svg,
      data: { [HOSTILE.script]: HOSTILE.image },
    },
    {
      type: 'hostile.subject',
      id: HOSTILE.template,
      source: '/x',
      subject: HOSTILE.bidi,
      message: HOSTILE.script,
      data: HOSTILE.link,
    },
    // The id is part of the `Location` header, whose length HTTP clients limit.
    {
      type: `hostile.${HOSTILE.long}`,
      id: HOSTILE.long.slice(0, 2_000),
      source: `/${HOSTILE.long}`,
      subject: HOSTILE.long,
      data: HOSTILE.long,
    },
    {
      type: 'hostile.markup',
      id: 'a/b?c#d%20&e',
      source: '/x?y#z',
      data: '</script><script>globalThis.pwned = 1</script>',
    },
  ];
}

/** Adds a mistake to the configuration. Returns a function that removes it. */
export async function spoil(world) {
  const file = join(world.folder, 'config.toml');
  const good = await readFile(file, 'utf8');
  await writeFile(file, `${good}\n[channels.audit2]\nplugin = "builtin:log"\ntimeout = 10\n`);
  return () => writeFile(file, good);
}

// As a program: runs a daemon until it is interrupted.
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [fanfare, guest, rate] = process.argv.slice(2);
  const world = await World.start(fanfare, guest, { calm: true });
  console.log(world.url);
  await world.fill().catch((error) => console.error(error));
  world.load(Number(rate ?? 12));
  process.on('SIGTERM', () => void world.stop().then(() => process.exit(0)));
  process.on('SIGINT', () => void world.stop().then(() => process.exit(0)));
}
