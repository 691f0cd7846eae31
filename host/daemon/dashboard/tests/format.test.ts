import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../src/lib/format.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('what misleads is written out, and what is long is cut', () => {
  assert.equal(format.clean('a\u202eb\u200bc\u0007d\u001b[31m'), 'a\\u{202e}b\\u{200b}c\\u{7}d\\u{1b}[31m');
  assert.equal(format.clean('two\nlines\tand tabs'), 'two\nlines\tand tabs');
  assert.equal(format.line('two\nlines'), 'two lines');
  assert.equal(format.clean('x'.repeat(400), 10), 'xxxxxxxxxx…');
  assert.equal(format.clean('<b>&amp;'), '<b>&amp;', 'markup is the template\u2019s business');
});

test("the daemon's details become sentences", () => {
  assert.equal(
    format.sentence('the token has expired; ask for a new one'),
    'The token has expired; ask for a new one.',
  );
  assert.equal(format.sentence('Allow cookies.'), 'Allow cookies.');
});

test('numbers', () => {
  const cases: [string, string][] = [
    [format.count(1_234_567), '1 234 567'],
    [format.counted(1, 'delivery', 'deliveries'), '1 delivery'],
    [format.counted(0, 'event'), '0 events'],
    [format.short(999), '999'],
    [format.short(1_000), '1k'],
    [format.short(12_345), '12.3k'],
    [format.short(1e9), '1G'],
    [format.rate(0), '0'],
    [format.rate(0.001), '<0.01'],
    [format.rate(4.25), '4.25'],
    [format.rate(null), '–'],
    [format.share(1), '100 %'],
    [format.share(0.99999), '99.99 %'],
    [format.share(0.976), '97.6 %'],
    [format.share(0), '0 %'],
    [format.share(undefined), '–'],
    [format.bytes(131_072), '128 KiB'],
    [format.bytes(100), '100 B'],
    [format.digest(null), '–'],
  ];
  for (const [shown, want] of cases) {
    assert.equal(plain(shown), want);
  }
});

test('stretches of time', () => {
  const cases: [string, string][] = [
    [format.milliseconds(0.02), '0.1 ms'],
    [format.milliseconds(12.34), '12.3 ms'],
    [format.milliseconds(1_240), '1.24 s'],
    [format.milliseconds(125_000), '2 min 5 s'],
    [format.seconds(0), '0 s'],
    [format.seconds(90_061), '1 d 1 h'],
    [format.seconds(3_600), '1 h'],
  ];
  for (const [shown, want] of cases) {
    assert.equal(plain(shown), want);
  }
});

test('moments', () => {
  const now = new Date(2026, 10, 22, 12, 0, 0);
  const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).toISOString();
  assert.equal(format.moment(at(2026, 10, 22, 9, 5, 7), now), '09:05:07');
  assert.equal(format.moment(at(2026, 10, 20, 9, 5, 7), now), '20 Nov 09:05');
  assert.equal(format.moment(at(2025, 0, 2, 9, 5, 7), now), '2 Jan 2025 09:05');
  assert.equal(plain(format.ago(at(2026, 10, 22, 11, 57, 0), now)), '3 min ago');
  assert.equal(plain(format.ago(at(2026, 10, 22, 12, 0, 12), now)), 'in 12 s');
  assert.equal(format.ago('never', now), 'never');
  assert.equal(format.moment('<script>', now), '<script>');
});
