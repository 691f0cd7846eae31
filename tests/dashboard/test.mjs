// Tests the dashboard in Chromium against a real daemon: every page, every action, hostile content.
// `run` sets FANFARE, GUEST, CHROMIUM and SHOTS.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Page, launch } from './browser.mjs';
import { HOSTILE, World, secret, spoil } from './world.mjs';

const { FANFARE, GUEST, SHOTS } = process.env;

let browser;
let world;

before(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await launch();
  world = await World.start(FANFARE, GUEST);
  await world.fill();
  world.load(6);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

/** Runs a test on a page of its own, which must be sound at the end. */
async function on(hash, act, options) {
  const page = await Page.open(browser, world.url, options);
  try {
    await page.go(hash);
    await act(page.page, page);
    await page.sound();
  } finally {
    await page.close();
  }
}

const letter = async (channel) =>
  (await world.get(`/v1/dead-letters?channel=${channel}&limit=1`)).dead_letters[0].delivery_id;

/** Each page: the name of its screenshot, its route, and a text on it. */
const PAGES = [
  ['overview', () => '', 'Throughput'],
  ['events', () => 'events', 'user.login'],
  ['event', () => 'events/saga-1', 'Cause and effect'],
  ['event-failed', () => 'events/hostile-trace', 'panicked on purpose'],
  ['channels', () => 'channels', 'search-index'],
  ['channel', () => 'channels/crm', 'Policy'],
  ['channel-open', () => 'channels/partner', 'breaker is open'],
  ['dead-letters', () => 'dead-letters', 'By code'],
  ['dead-letter', async () => `dead-letters/${await letter('crm')}`, 'attempt 1'],
  ['plugins', () => 'plugins', 'may need'],
  ['schemas', () => 'schemas', 'order.paid'],
  ['schema', () => 'schemas/order.paid', 'The newest event'],
  ['recipients', () => 'recipients', 'usr_ada'],
  ['recipient', () => 'recipients/usr_ada', 'ada@example.com'],
  ['config', () => 'config', 'server'],
  ['audit', () => 'audit', 'pauseChannel'],
];

const everyPage = (look, options) => async (t) => {
  const page = await Page.open(browser, world.url, options);
  t.after(() => page.close());
  for (const [name, hash, text] of PAGES) {
    await t.test(name, async () => {
      await page.go(await hash());
      await page.page.getByText(text).first().waitFor();
      // Charts and graphs load separately.
      await page.page.waitForLoadState('networkidle', { timeout: 700 }).catch(() => {});
      await page.page.screenshot({
        path: `${SHOTS}/${name}-${look}.png`,
        fullPage: name !== 'events',
      });
      await page.accessible(`${name}, ${look}`);
      await page.sound();
    });
  }
};

test('every page, light', everyPage('light', { colorScheme: 'light' }));
test('every page, dark', everyPage('dark', { colorScheme: 'dark' }));
test('every page, phone', everyPage('phone', { colorScheme: 'light', width: 380, height: 800 }));

test('an event arrives on the list by itself, and waits while somebody has paused it or looks', () =>
  on('events', async (page) => {
    await page.getByRole('main').getByText('Live', { exact: true }).waitFor();
    await world.publish({ type: 'live.first', id: 'live-1' });
    await page.getByRole('link', { name: 'live.first' }).waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await world.publish({ type: 'live.second', id: 'live-2' });
    await page.getByRole('button', { name: /new events?$/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'live.second' }).count(), 0);
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByRole('link', { name: 'live.second' }).waitFor();

    await page.locator('tbody tr').first().hover();
    await page.getByText('Paused while you look').waitFor();
    await page.locator('h1').hover();
    await page.getByRole('main').getByText('Live', { exact: true }).waitFor();
  }));

test('events are filtered, the filter is in the address, and the back button undoes it', () =>
  on('events', async (page) => {
    await page.getByLabel('Type').fill('saga.*');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: 'saga.begin' }).waitFor();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tbody th a')].every((link) => link.textContent.startsWith('saga.')),
    );
    assert.match(page.url(), /#\/events\?type=saga\.\*/);

    await page.getByLabel('Source').fill('/channels/sandbox');
    await page.getByLabel('Source').press('Enter');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('tbody th a')].map((link) => link.textContent).join() ===
        'saga.reserved,saga.reserved',
    );

    await page.goBack();
    await page.getByRole('link', { name: 'saga.begin' }).waitFor();
    assert.equal(await page.getByLabel('Source').inputValue(), '');
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.getByLabel('Status').selectOption('cancelled');
    await page.getByRole('link', { name: 'order.cancelled' }).waitFor();
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.getByLabel('Channel').selectOption('legacy');
    await page.getByRole('link', { name: 'legacy.export' }).waitFor();
    await page.getByLabel('Since').fill('1s');
    await page.getByLabel('Since').press('Enter');
    await page.getByText('No event matches.').waitFor();
    await page.getByRole('link', { name: 'Show all events' }).click();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Back to the newest' }).click();
    await page.getByRole('link', { name: 'Older' }).waitFor();
  }));

test('an event shows every attempt, what it caused, and is replayed to a channel', () =>
  on('events/saga-1', async (page) => {
    const graph = page.getByRole('region', { name: /Cause and effect/ });
    const effects = graph.getByRole('link', { name: /saga\.reserved/ });
    assert.equal(await effects.count(), 2);
    await effects.first().click();
    await page.getByRole('heading', { name: 'saga.reserved' }).waitFor();
    await graph.getByRole('link', { name: /saga-1/ }).click();
    await page.getByRole('heading', { name: 'saga.begin' }).waitFor();

    await page.getByLabel('Channel to send it to').selectOption('audit');
    await page.getByRole('button', { name: 'Replay to this channel' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 event is replayed.').waitFor();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await page
      .getByRole('status')
      .getByText(/job \d+ replays it/)
      .waitFor();
    await page.locator('.timeline').getByText('attempt 1, replay').first().waitFor();

    await page.goto(`${world.url}/#/events/hostile-trace`);
    const timeline = page.locator('.timeline');
    await timeline.getByText('trap').first().waitFor();
    await timeline.getByRole('region', { name: 'What the plugin logged' }).waitFor();
    for (const cost of ['took', 'fuel', 'memory', 'plugin'])
      await timeline.getByText(cost, { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Copy: Data' }).click();
    await page.getByText('Copied').waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /log-flood/);
  }));

test('a pending delivery is dropped with a reason', () =>
  on('events/later-1', async (page) => {
    await page.getByRole('button', { name: 'Drop the delivery to webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('ordered twice');
    await dialog.getByRole('button', { name: 'Drop' }).click();
    await page.getByText('It is a dead letter now.').waitFor();
    await page.getByRole('link', { name: 'dead letter', exact: true }).click();
    await page.getByText('ordered twice').first().waitFor();
  }));

test('a channel is paused with a reason, resumed and tested', () =>
  on('channels', async (page) => {
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Pause search-index' }).click();
    await dialog.getByText(/pending, \d+ in flight/).waitFor();
    await dialog.getByRole('textbox').fill('reindexing <b>now</b>');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('search-index is paused.').waitFor();
    await page.getByText('reindexing <b>now</b>').waitFor();
    assert.equal((await world.get('/v1/channels/search-index')).state, 'paused');

    await page.getByRole('link', { name: 'search-index' }).click();
    await page.getByText('Paused by an operator').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('search-index is resumed.').waitFor();
    assert.equal((await world.get('/v1/channels/search-index')).state, 'active');

    await page.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('Its receiver gets it').waitFor();
    await dialog.getByRole('button', { name: 'Send the sample' }).click();
    await dialog.getByRole('heading', { name: 'search-index delivered the sample' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.goto(`${world.url}/#/channels/partner`);
    await page.getByRole('heading', { name: 'partner' }).waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await dialog.getByRole('button', { name: 'Send the sample' }).click();
    await dialog.getByRole('heading', { name: 'partner failed' }).waitFor();
    await dialog.getByText('connection_refused').first().waitFor();
  }));

test('a policy names what sets each of its keys', () =>
  on('channels/partner', async (page) => {
    const row = (key) =>
      page.locator('.policy tr').filter({
        has: page.locator('th', { hasText: new RegExp(`^${key}$`) }),
      });
    for (const [key, value, from] of [
      ['retries', '1', 'channel'],
      ['backoff', '300ms', '[defaults]'],
      ['timeout', '30s', 'sidecar'],
      ['fuel', '1G', 'built in'],
    ]) {
      assert.match(await row(key).innerText(), new RegExp(`${value}[\\s\\S]*${from.replace(/[[\]]/g, '\\$&')}`), key);
    }
    await page
      .getByText(/127\.0\.0\.1:\d+/)
      .first()
      .waitFor();
  }));

test('dead letters are grouped, redriven and purged, after they were counted', () =>
  on('dead-letters?channel=sandbox', async (page) => {
    const dialog = page.getByRole('dialog');
    const groups = page.locator('.groups');
    await groups.getByText('http_666').click();
    await page.waitForURL(/code=http_666/);
    const before = (await world.get('/v1/dead-letters?code=http_666')).dead_letters.length;
    await page.getByRole('button', { name: 'Redrive these' }).click();
    await dialog.getByText(`${before} dead letter is redriven.`).waitFor();
    await dialog.getByRole('button', { name: 'Redrive' }).click();
    await page.getByText(/1 dead letter: job \d+ works through them\./).waitFor();
    await page.getByRole('region', { name: 'Jobs' }).getByText('redrive').first().waitFor();
    await world.until(
      'letter that is dead again',
      async () => (await world.get('/v1/dead-letters?code=http_666')).dead_letters.length === before,
    );

    await page.goto(`${world.url}/#/dead-letters?channel=sandbox&code=bidi`);
    await page.getByRole('button', { name: 'Purge these' }).click();
    await dialog.getByText('1 dead letter is purged.').waitFor();
    const confirm = dialog.getByRole('button', { name: 'Purge' });
    assert.equal(await confirm.isDisabled(), true, 'purging needs a word');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await world.get('/v1/dead-letters?code=bidi')).dead_letters.length, 1, 'nothing happens without it');
    await page.getByRole('button', { name: 'Purge these' }).click();
    await dialog.getByRole('textbox').fill('purge');
    await confirm.click();
    await page.getByText('No dead letter matches.').waitFor();
    assert.equal((await world.get('/v1/dead-letters?code=bidi')).dead_letters.length, 0);

    const one = await letter('sandbox');
    await page.goto(`${world.url}/#/dead-letters/${one}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('textbox').fill('delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/#\/dead-letters$/);
  }));

test('a job is paused, resumed and cancelled', async () => {
  // Every event so far, to a slow channel.
  const { id } = await world.call('POST', '/v1/replays', {
    channels: ['search-index'],
    after: 0,
  });
  await on('dead-letters', async (page) => {
    const jobs = page.getByRole('region', { name: 'Jobs' });
    await jobs.getByText(`replay ${id}`).waitFor();
    for (const what of ['Pause', 'Resume']) {
      const button = page.getByRole('button', { name: `${what} job ${id}` });
      // The job may have ended already.
      if (await button.isVisible()) await button.click();
    }
    const cancel = page.getByRole('button', { name: `Cancel job ${id}` });
    if (await cancel.isVisible()) {
      await cancel.click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    }
    await jobs
      .getByText(/cancelled|done/)
      .first()
      .waitFor();
  });
});

test('a mistake in the configuration shows with its place until it is mended', () =>
  on(
    'config',
    async (page) => {
      assert.match(await page.locator('tr', { hasText: 'wait' }).first().innerText(), /2s[\s\S]*line \d+/);
      const mend = await spoil(world);
      await page
        .getByText(/config\.toml:\d+:\d+:/)
        .filter({ hasText: '' })
        .first()
        .waitFor();
      await page.getByText('must be a duration in quotes').first().waitFor();
      await page.goto(`${world.url}/#/`);
      await page.getByText('The last reload was rejected.').waitFor();
      await mend();
      await page.goto(`${world.url}/#/plugins`);
      const reloads = page.getByRole('region', { name: 'Reloads' });
      await reloads.getByText('must be a duration in quotes').first().waitFor();
      await page.getByRole('button', { name: 'Reload' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Reload' }).click();
      // One channel has no plugin, so the reload is still rejected.
      await page.getByRole('dialog').getByText('there is no gone.wasm').waitFor();
    },
    { expected: [{ text: /status of 422/, url: /\/v1\/reload$/ }] },
  ));

test('a recipient is changed, with the mistakes said, and removed', () =>
  on(
    'recipients/usr_ada',
    async (page) => {
      await page.getByRole('button', { name: 'Edit' }).click();
      const text = page.getByRole('textbox');
      await text.fill('{ "email": 1 }');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').getByText('/email').waitFor();
      await text.fill('{ "email": ');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').getByText('It is not JSON').waitFor();
      await text.fill(
        JSON.stringify({
          email: 'ada@example.net',
          locale: 'de',
          attributes: { note: HOSTILE.script, [HOSTILE.image]: HOSTILE.bidi },
        }),
      );
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('The recipient is saved.').waitFor();
      await page.getByText('Set through the API').waitFor();
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('remove');
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('The recipient is removed.').waitFor();
      await page.getByLabel('Subject begins with').fill('usr_a');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    },
    { expected: [{ text: /status of 422/, url: /\/v1\/recipients\// }] },
  ));

test('types of events lead to their newest event and their schema', () =>
  on('schemas', async (page) => {
    await page.getByRole('textbox', { name: 'Type' }).fill('order.*');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('tbody th a')].every((link) => link.textContent.startsWith('order.')),
    );
    await page.getByRole('link', { name: 'order.paid' }).first().click();
    await page.getByRole('region', { name: 'Schema order.paid as JSON' }).waitFor();
    await page.getByRole('region', { name: 'The newest event as JSON' }).waitFor();
  }));

test('what a stranger writes is text, wherever it stands', () =>
  on(
    'events?type=hostile.>',
    async (page, own) => {
      const { events } = await world.get('/v1/events?type=hostile.>&limit=100');
      assert.ok(events.length >= 12);
      await own.sound();
      for (const { event } of events) {
        await own.go(`events/${encodeURIComponent(event.id)}?source=${encodeURIComponent(event.source)}`);
        await page.getByRole('heading', { name: 'Timeline' }).waitFor();
        await own.sound();
      }
      const { dead_letters: letters } = await world.get('/v1/dead-letters?channel=sandbox&limit=100');
      for (const { delivery_id: id } of letters) {
        await own.go(`dead-letters/${id}`);
        await own.sound();
      }
      const { types } = await world.get('/v1/schemas?type=hostile.*&examples=false');
      for (const { type } of types) {
        await own.go(`schemas/${encodeURIComponent(type)}`);
        await own.sound();
      }
      await own.go('audit');
      await page.getByText('</script>').first().waitFor();
      for (const folded of await page.locator('tbody summary').all()) await folded.click();
      await page
        .getByRole('region', { name: /^Parameters of act/ })
        .first()
        .waitFor();
      await own.sound();
      // URLs are untrusted too.
      for (const hash of [
        `events/${HOSTILE.script}`,
        `channels/${HOSTILE.image}`,
        HOSTILE.script,
        `events?type=${HOSTILE.image}&since=${HOSTILE.script}`,
        `audit?who=${HOSTILE.image}&until=${HOSTILE.script}`,
      ]) {
        await page.goto(`${world.url}/#/${hash}`);
        await page.waitForTimeout(300);
      }
    },
    { expected: [{ text: /status of (404|400)/, url: /\/v1\// }] },
  ));

test('marks that change how a line reads are written out', () =>
  on('events/hostile-bidi', async (page) => {
    const text = await page.locator('.timeline').innerText();
    assert.ok(text.includes('\\u{202e}') && !text.includes('\u202e'), text);
  }));

test('numbers are shown with the digits that were sent', async () => {
  const body = '{"type":"exact","id":"exact-1","data":{"big":12345678901234567890,"price":1.10,"1":2,"a":3}}';
  await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await on('events/exact-1', async (page) => {
    const text = await page.getByRole('region', { name: 'Data as JSON' }).innerText();
    assert.equal(text.replace(/\s+/g, ''), '{"big":12345678901234567890,"price":1.10,"1":2,"a":3}');
  });
});

test('everything can be done from the keyboard', () =>
  on('channels', async (page) => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    const pause = page.getByRole('button', { name: 'Pause webhook' });
    await pause.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.ok(
      await page.evaluate(() => document.querySelector('dialog').contains(document.activeElement)),
      'the focus is in the dialog',
    );
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(
      await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      'Pause webhook',
      'and goes back',
    );
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', 'the focus is visible');
  }));

test('colours are chosen and kept', () =>
  on('', async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: 'Dark', exact: true }).click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(await ground(), dark);
    await page.getByRole('button', { name: 'System colours' }).click();
    assert.equal(await ground(), light);
  }));

test('on a phone the pages are reached through the menu', () =>
  on(
    '',
    async (page) => {
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('link', { name: 'Dead letters' }).click();
      await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
      assert.equal(await page.getByRole('link', { name: 'Recipients' }).isVisible(), false, 'the menu closes');
    },
    { width: 380, height: 800 },
  ));

test('acts are listed by who, what and when, page by page', () =>
  on('audit', async (page) => {
    const rows = page.locator('tbody tr');
    const row = (text) => rows.filter({ hasText: text }).first();
    const paused = await row('The provider moves its servers until noon').innerText();
    for (const part of ['local', 'pauseChannel', '/v1/channels/billing/pause', '127.0.0.1:', 'ok'])
      assert.ok(paused.includes(part), `${part}: ${paused}`);
    assert.match(await row('%3Cscript%3E').innerText(), /404/);

    await page.getByRole('link', { name: 'cancelEvent' }).first().click();
    await page.waitForURL(/#\/audit\?what=cancelEvent$/);
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    assert.equal(await page.getByLabel('What').inputValue(), 'cancelEvent');
    await page.getByLabel('What').fill('');
    await page.getByLabel('Who').fill('daemon');
    await page.getByLabel('Who').press('Enter');
    await page.waitForURL(/#\/audit\?who=daemon$/);
    await page.getByRole('link', { name: 'start' }).waitFor();
    await page.getByLabel('Since').fill('1s');
    await page.getByLabel('Since').press('Enter');
    await page.getByText('No act matches.').waitFor();
    await page.getByRole('link', { name: 'Show all acts' }).click();
    await row('pauseChannel').waitFor();

    for (let n = 0; n < 50; n += 1) await world.call('POST', '/v1/channels/audit/resume');
    await page.getByRole('link', { name: 'Older' }).click();
    await row('start').waitFor();
    await page.getByRole('link', { name: 'Back to the newest' }).click();
    await page.getByRole('link', { name: 'Older' }).waitFor();
  }));

test('the daemon says what is wrong with a filter', () =>
  on(
    'audit?since=soon',
    async (page) => {
      await page.getByRole('alert').getByText('since').first().waitFor();
    },
    { expected: [{ text: /status of 400/, url: /\/v1\/audit\?/ }] },
  ));

test('a token signs in, may do what it allows, and is signed out when it is gone', async (t) => {
  const other = await World.start(FANFARE, GUEST, {
    calm: true,
    tokens: {
      boss: { scopes: ['admin'] },
      reader: { scopes: ['read'] },
      'on-call': { scopes: ['operate'], channels: ['webhook'] },
      shop: { scopes: ['publish'] },
    },
  });
  t.after(() => other.stop());
  await other.fill();
  const session = /\/v1\/session$/;
  const expected = [{ text: /status of (401|429)/, url: session }];
  const own = await Page.open(browser, other.url, { expected });
  t.after(() => own.close());
  const { page } = own;
  const input = page.getByLabel('Access token');
  const submit = page.getByRole('button', { name: 'Sign in' });
  const form = page.getByRole('heading', { name: 'Sign in' });
  const pages = page.getByRole('navigation', { name: 'Pages' });
  const signIn = async (name) => {
    await input.fill(secret(name));
    await submit.click();
    await own.ready();
    await pages.getByText(name, { exact: true }).waitFor();
  };
  const signOut = async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await form.waitFor();
  };
  const refused = async (name, reason) => {
    const button = page.getByRole('button', { name });
    await button.waitFor();
    assert.equal(await button.isDisabled(), true, name);
    assert.match(await button.getAttribute('title'), reason);
  };
  // Without the badges.
  const menu = () => pages.locator('a > span:first-of-type').allInnerTexts();
  const becomes = async (read, want) => {
    await other.until('expected text', async () => isDeepStrictEqual(await read(), want), 15_000).catch(() => {});
    assert.deepEqual(await read(), want);
  };
  const all = ['Overview', 'Events', 'Channels', 'Dead letters', 'Plugins', 'Schemas', 'Recipients', 'Config'];

  await page.goto(`${other.url}/#/channels`);
  await form.waitFor();
  await own.accessible('sign-in');
  await input.fill('ff_nobody');
  await submit.click();
  await page.getByRole('alert').getByText('The token is not valid').waitFor();
  assert.deepEqual(await own.context.cookies(), []);

  await signIn('reader');
  const [cookie, ...more] = await own.context.cookies();
  assert.deepEqual(more, []);
  const { name, httpOnly, sameSite, path } = cookie;
  assert.deepEqual([name, httpOnly, sameSite, path], ['fanfare_session', true, 'Strict', '/']);
  assert.equal(await page.evaluate(() => document.cookie), '', 'scripts do not see the cookie');
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!stored.includes(secret('reader')), 'the token is not kept');
  await page.reload();
  await refused('Pause webhook', /reader lacks the scope operate/);
  await own.go('dead-letters');
  await refused(/^Redrive all/, /lacks the scope operate/);
  await own.go('plugins');
  await refused('Reload', /lacks the scope admin/);
  await becomes(menu, all);
  await own.go('audit');
  await page.getByText('The token reader lacks the scope admin.').waitFor();
  await own.accessible('a page that the token does not allow');
  await signOut();
  assert.deepEqual(await own.context.cookies(), []);

  await own.page.goto(`${other.url}/#/channels`);
  await signIn('on-call');
  await becomes(menu, all.slice(0, -2));
  // Its channel, and the stage.
  await becomes(() => page.locator('tbody th').allInnerTexts(), ['webhook', 'enrich']);
  await own.go('recipients');
  await page.getByText('The token on-call is only for the channels webhook.').waitFor();
  await own.go('channels/webhook');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.getByText('webhook is paused.').waitFor();
  await signOut();

  await signIn('shop');
  await page.getByText('The token shop lacks the scope read.').waitFor();
  await becomes(menu, []);
  await signOut();

  await page.goto(`${other.url}/#/audit`);
  await signIn('boss');
  const acts = page.locator('tbody tr');
  await acts.filter({ hasText: 'signOut' }).filter({ hasText: 'shop' }).waitFor();
  assert.match(
    await acts.filter({ hasText: 'on-call' }).filter({ hasText: 'pauseChannel' }).innerText(),
    /webhook\/pause/,
  );
  await acts.filter({ hasText: 'refuseSignIn' }).filter({ hasText: 'anyone' }).waitFor();
  await becomes(menu, [...all, 'Audit trail']);
  await own.sound();

  // The token is removed while the page is open.
  await own.go('events');
  expected.push({ text: /status of 401/, url: /\/v1\// });
  delete other.tokens.boss;
  await other.configure();
  await page.getByText('Your session has ended.').waitFor();
  assert.equal(await input.inputValue(), '');
  await submit.click();
  assert.equal(await page.getByRole('alert').count(), 0, 'an empty token is not sent');
  await signIn('reader');
  assert.match(page.url(), /#\/events$/, 'what was open is open again');
  await signOut();

  await input.fill('ff_guess');
  await page.waitForFunction(() => {
    document.querySelector('form button').click();
    return /Try again in \d/.test(document.querySelector('[role=alert]')?.textContent ?? '');
  });
  await own.sound();
});

test('the sign-in looks right', async () => {
  const other = await World.start(FANFARE, GUEST, { calm: true, tokens: { boss: { scopes: ['admin'] } } });
  try {
    for (const [look, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', width: 380, height: 800 }],
    ]) {
      const page = await Page.open(browser, other.url, {
        ...options,
        expected: [{ text: /status of 401/, url: /\/v1\/session$/ }],
      });
      await page.go('');
      await page.page.getByLabel('Access token').fill('ff_nobody');
      await page.page.getByRole('button', { name: 'Sign in' }).click();
      await page.page.getByRole('alert').waitFor();
      await page.page.screenshot({ path: `${SHOTS}/sign-in-${look}.png` });
      await page.accessible(`sign-in, ${look}`);
      await page.sound();
      await page.close();
    }
  } finally {
    await other.stop();
  }
});

test('a daemon that has stopped is said to be out of reach', async () => {
  const other = await World.start(FANFARE, GUEST);
  const page = await Page.open(browser, other.url, {
    expected: [{ text: /./, url: /./ }],
  });
  await page.go('');
  await page.page.getByText('Live', { exact: true }).waitFor();
  await other.stop();
  await page.page.getByText('Not reachable').waitFor();
  await page.page.getByRole('alert').getByText('The daemon does not respond').first().waitFor();
  assert.ok(await page.page.getByRole('heading', { name: 'Throughput' }).isVisible(), 'what was known stays');
  await page.close();
});

test('a daemon without an event says how to send one', async () => {
  const other = await World.start(FANFARE, GUEST);
  const page = await Page.open(browser, other.url);
  try {
    for (const [hash, text] of [
      ['', 'No event has arrived yet.'],
      ['events', 'curl'],
      ['dead-letters', 'There are no dead letters.'],
      ['schemas', 'order.paid'],
      ['recipients', 'usr_ada'],
    ]) {
      await page.go(hash);
      await page.page.getByText(text).first().waitFor();
      await page.accessible(`${hash || 'overview'}, empty`);
      await page.sound();
    }
  } finally {
    await page.close();
    await other.stop();
  }
});
