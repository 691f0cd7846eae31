import assert from 'node:assert/strict';
import { test } from 'node:test';
import { member, pretty, tokens } from '../src/lib/json.ts';

const text = (json: string) =>
  pretty(json)
    .map((token) => token.text)
    .join('');

test('a value is indented and nothing of it is lost', () => {
  const json = '{"a":[1,2.50,{"b":null}],"empty":{},"none":[],"s":"x, \\"y\\": {}"}';
  const want = `{
  "a": [
    1,
    2.50,
    {
      "b": null
    }
  ],
  "empty": {},
  "none": [],
  "s": "x, \\"y\\": {}"
}`;
  assert.equal(text(json), want);
  assert.equal(text('12345678901234567890'), '12345678901234567890');
});

test('names are told from strings', () => {
  const kinds = pretty('{"a":"b"}').filter(({ kind }) => kind !== 'space' && kind !== 'mark');
  assert.deepEqual(
    kinds.map(({ kind, text }) => [kind, text]),
    [
      ['name', '"a"'],
      ['string', '"b"'],
    ],
  );
});

test('what is not JSON is kept as it is', () => {
  for (const broken of ['{"a":', '"open', 'nul', '}}}', '<script>', '{"a" "b"}']) {
    assert.equal([...tokens(broken)].map((token) => token.text).join(''), broken);
    assert.equal(text(broken).replace(/\s/g, ''), broken.replace(/\s/g, ''));
  }
});

test('a member is found as it stands', () => {
  const json = '{ "x" : {"data": 1}, "d\\u0061ta": { "n" : 1.10 } , "z": [1, 2], "s": "data" }';
  assert.equal(member(json, 'data'), '{ "n" : 1.10 }');
  assert.equal(member(json, 'z'), '[1, 2]');
  assert.equal(member(json, 's'), '"data"');
  assert.equal(member(json, 'n'), undefined, 'of the object itself');
  assert.equal(member('[]', 'a'), undefined);
  assert.equal(member('{"a":1}', 'a'), '1');
});
