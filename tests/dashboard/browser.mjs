// Chromium, and a page on which every error is a failure.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    // CI runs as root without a network, so the browser must not look for updates.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
    ],
  });
}

export class Page {
  /** `expected`: the console errors that Chromium logs for status codes that a test provokes. */
  static async open(browser, url, { colorScheme = 'light', width = 1360, height = 900, expected = [] } = {}) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const self = new Page();
    self.context = context;
    self.url = url;
    self.wrong = [];
    self.page = await context.newPage();
    self.page.setDefaultTimeout(15_000);
    self.page.on('pageerror', (error) => self.wrong.push(`error: ${error.stack}`));
    self.page.on('dialog', (dialog) => {
      self.wrong.push(`a dialog says ${dialog.message()}`);
      void dialog.dismiss();
    });
    self.page.on('console', (message) => {
      const [text, from] = [message.text(), message.location().url];
      const known = expected.some((one) => one.text.test(text) && one.url.test(from));
      if (['error', 'warning'].includes(message.type()) && !known)
        self.wrong.push(`${message.type()}: ${text} (${from})`);
    });
    self.page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
        self.wrong.push(`loads ${request.url()}`);
    });
    // For development: the files of the last `npm run build`, without rebuilding the daemon.
    if (process.env.DIST) {
      for (const file of ['dashboard.js', 'dashboard.css']) {
        await self.page.route(`${url}/${file}`, (route) => route.fulfill({ path: `${process.env.DIST}/${file}` }));
      }
    }
    await self.page.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        globalThis.violations.push(
          `${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`,
        );
      });
    });
    return self;
  }

  async go(hash) {
    await this.page.goto(`${this.url}/#/${hash}`);
    await this.ready();
  }

  /** Waits until the page has loaded. */
  async ready() {
    await this.page.locator('main h1, form h1').first().waitFor();
    await this.page.waitForFunction(() => document.querySelector('.loading') === null);
  }

  /** No console error, no CSP violation, no injected script or markup, no horizontal overflow. */
  async sound() {
    assert.deepEqual(this.wrong, []);
    assert.deepEqual(
      await this.page.evaluate(() => globalThis.violations),
      [],
      'the content security policy was violated',
    );
    assert.equal(await this.page.evaluate(() => globalThis.pwned), undefined, 'a script of somebody else has run');
    const foreign = await this.page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'script, img, iframe, object, embed, base, meta[http-equiv], [onerror], [onload], a[href^="javascript:"]',
        ),
      ]
        .filter((element) => !['/dashboard.js', '/dashboard.svg'].includes(element.getAttribute('src')))
        .map((element) => element.outerHTML.slice(0, 200)),
    );
    assert.deepEqual(foreign, [], 'markup of somebody else is on the page');
    const [wide, window] = await this.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `the page is ${wide} wide in a window of ${window}`);
  }

  /** axe-core finds nothing serious or critical. */
  async accessible(what) {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run(document, { resultTypes: ['violations'] }),
    );
    const bad = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${id}: ${help}\n${nodes
            .slice(0, 5)
            .map((node) => `  ${node.target}: ${node.html.slice(0, 160)}\n  ${node.failureSummary}`)
            .join('\n')}`,
      );
    assert.deepEqual(bad, [], `${what} is not accessible:\n${bad.join('\n')}`);
  }

  async close() {
    await this.context.close();
  }
}
