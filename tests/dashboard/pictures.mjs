// Takes the screenshots of the README, from a daemon that `world.mjs` started some minutes ago:
//     CHROMIUM=/usr/bin/chromium node pictures.mjs http://127.0.0.1:12345
import { launch } from './browser.mjs';

const [url] = process.argv.slice(2);
const folder = new URL('../../docs/dashboard/', import.meta.url).pathname;

const browser = await launch();

async function picture(name, hash, text, colorScheme) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}/#/${hash}`);
  await page.getByText(text).first().waitFor();
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}

await picture('overview', '', 'Throughput', 'light');
// One that passed a stage, was retried and is a dead letter of one channel.
const letters = await (
  await fetch(`${url}/v1/dead-letters?channel=crm&type=order.paid&code=http_503&order=newest&limit=1`)
).json();
const { event_id: id, source } = letters.dead_letters[0];
await picture('event', `events/${encodeURIComponent(id)}?source=${encodeURIComponent(source)}`, 'Timeline', 'dark');
await browser.close();
