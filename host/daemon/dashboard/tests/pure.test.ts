import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as filter from '../src/lib/filter.ts';
import { curve, layout, type Node } from '../src/lib/graph.ts';
import { link, parse, search } from '../src/lib/route.ts';
import { known, path, recent, thin } from '../src/lib/spark.ts';

test('an address leads where it was made for', () => {
  const id = 'a/b?c#d%20&é"><img>';
  const { page, rest, query } = parse(link(['events', id], { source: '/x?y', none: '', nothing: undefined }));
  assert.deepEqual([page, rest, [...query]], ['events', [id], [['source', '/x?y']]]);
  assert.equal(parse('').page, 'overview');
  assert.equal(parse('#/').page, 'overview');
  assert.deepEqual(parse('#/events/%E0%A4%A').rest, ['%E0%A4%A'], 'what is not an address is taken as it is');
  assert.equal(search({ a: 0, b: null }), '?a=0');
});

test('filters become a query', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const query = new URLSearchParams(
    'type=order.*&status=failed&since=15m&until=2026-11-22T11:59:00Z&after=7&unknown=1',
  );
  const values = filter.events(query, now);
  assert.equal(
    search(values),
    '?type=order.*&status=failed&since=2026-11-22T11%3A45%3A00.000Z&until=2026-11-22T11%3A59%3A00.000Z',
  );
  for (const [text, seconds] of [
    ['30s', 30],
    ['15m', 900],
    ['1.5h', 5_400],
    ['7d', 604_800],
    ['1w', 604_800],
  ] as const) {
    assert.equal(filter.since(text, now), new Date(now.getTime() - seconds * 1_000).toISOString(), text);
  }
  assert.equal(filter.since(' ', now), undefined);
  for (const text of ['soon', '5', '2026-13-40']) {
    assert.equal(filter.since(text, now), text, 'the daemon says what is wrong');
  }
});

test('each list has filters of its own', () => {
  const query = new URLSearchParams('who=boss&what=pauseChannel&type=order.*&channel=log&code=http_503&until=x');
  assert.equal(search(filter.acts(query, new Date())), '?who=boss&what=pauseChannel&until=x');
  assert.equal(search(filter.letters(query, new Date())), '?channel=log&type=order.*&code=http_503&until=x');
});

test('what works on dead letters asks for all only without a filter', () => {
  const none = filter.letters(new URLSearchParams('after=3'), new Date());
  assert.deepEqual(filter.selection(none), { all: true });
  const some = filter.letters(new URLSearchParams('code=http_503&channel='), new Date());
  assert.deepEqual(filter.selection(some), { code: 'http_503' });
  assert.equal(filter.inWords(some), 'code http_503');
});

test('dead letters are grouped by channel and code, the largest group first', () => {
  const letters = [
    ['a', 'x'],
    ['b', 'x'],
    ['a', 'x'],
    ['a', 'y'],
  ].map(([channel = '', code = '']) => ({ channel, code, class: 'retry' }));
  const groups = filter.groups(letters).map(({ channel, code, items }) => [channel, code, items.length]);
  assert.deepEqual(groups, [
    ['a', 'x', 2],
    ['b', 'x', 1],
    ['a', 'y', 1],
  ]);
});

test('a graph has a column for each role, and a line between neighbours', () => {
  const node = (id: string, role: Node['role']): Node => ({ id, type: id, role });
  const { nodes, edges, width, height } = layout([
    node('0', 'first'),
    node('1', 'cause'),
    node('2', 'this'),
    node('3', 'effect'),
    node('4', 'effect'),
    node('5', 'more'),
  ]);
  assert.deepEqual([...new Set(nodes.map(({ x }) => x))].length, 4);
  assert.equal(edges.length, 5);
  assert.deepEqual(
    edges.map(({ indirect }) => indirect),
    [true, false, false, false, false],
  );
  const overlap = nodes.some((a) => nodes.some((b) => a !== b && a.x === b.x && Math.abs(a.y - b.y) < a.height));
  assert.ok(!overlap);
  assert.ok(nodes.every(({ x, y, width: w, height: h }) => x >= 0 && y >= 0 && x + w <= width && y + h <= height));
  assert.match(curve(edges[0]!), /^M\d+ \d+(\.\d+)?C/);
  assert.equal(layout([node('2', 'this')]).edges.length, 0);
});

test('a line has gaps where nothing is known', () => {
  assert.equal(path([0, 10, null, 5], 30, 10), 'M0 10L10 0M30 5');
  assert.equal(path([], 30, 10), '');
  assert.deepEqual(thin([null, null, 1, 3, 5, 7], 2), [null, 2, 6]);
  assert.deepEqual(known([null, null, null, 1], 2), [null, 1]);
  assert.equal(recent([null, 1, 3], 2), 2);
  assert.equal(recent([null], 3), undefined);
});
