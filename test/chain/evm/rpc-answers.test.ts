import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReply } from '@cutover/chain/rpc/answers.ts';
import { addressOf } from '@cutover/chain/rpc/http.ts';

const item = (id: unknown, rest: object): object => ({ jsonrpc: '2.0', id, ...rest });
const read = (status: number, body: unknown, ids: readonly number[], batch = false) =>
  readReply(status, typeof body === 'string' ? body : JSON.stringify(body), ids, batch);

describe('a reply', () => {
  it('to one question is its answer or refusal', () => {
    expect(read(200, item(7, { result: null }), [7])).toMatchObject({
      kind: 'answers',
      byId: new Map([[7, { kind: 'value', value: null }]]),
    });
    const error = { code: 3, message: 'execution reverted', data: '0x08c379a0' };
    expect(read(200, item(7, { error }), [7])).toMatchObject({
      byId: new Map([[7, { kind: 'refused', ...error }]]),
    });
    expect(read(400, item(null, { error: { message: 'bad' } }), [7])).toMatchObject({
      byId: new Map([[7, { kind: 'refused', code: 0, message: 'bad' }]]),
    });
  });

  it('to a batch is put to the questions by their numbers', () => {
    const body = [item(3, { result: 'c' }), item(1, { result: 'a' }), item(99, { result: 'x' }), null];
    expect(read(200, body, [1, 2, 3], true)).toEqual({
      kind: 'answers',
      byId: new Map([
        [3, { kind: 'value', value: 'c' }],
        [1, { kind: 'value', value: 'a' }],
      ]),
      busy: [],
    });
  });

  it('with too many requests is no refusal, unless a contract says so', () => {
    const busy = item(1, { error: { code: -32005, message: 'daily request limit exceeded' } });
    expect(read(200, busy, [1])).toMatchObject({ kind: 'answers', busy: [1] });
    const reverted = item(1, { error: { code: 3, message: 'execution reverted: rate limit' } });
    expect(read(200, reverted, [1])).toMatchObject({ kind: 'answers', busy: [] });
  });

  it.each([
    ['one error for all', 200, item(null, { error: { code: -32600, message: 'batch too large' } })],
    ['an error in a list', 200, [item(null, { error: { code: -32600, message: 'no batches' } })]],
    ['a page', 413, '<html>too large</html>'],
  ])('to a batch may refuse it: %s', (_, status, body) => {
    expect(read(status, body, [1, 2], true)).toEqual({ kind: 'batch refused' });
  });

  it.each([
    ['a number that cannot be one', { id: { toString: [] }, result: 1 }],
    ['a refusal that cannot be told', { id: 2, error: [{ toString: [] }] }],
  ])('with %s is read without a crash', (_, body) => {
    expect(read(200, [body], [1], true)).toMatchObject({ kind: 'failed' });
    expect(read(200, body, [1])).toMatchObject({ kind: 'failed' });
  });

  it('is read without a crash, whatever it is, and gives only answers to what was asked', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .array(
          fc.record({ id: fc.oneof(fc.nat(5), fc.anything()), result: fc.anything(), error: fc.anything() }),
        )
        .map((items) => {
          try {
            return JSON.stringify(items);
          } catch {
            return '[';
          }
        }),
    );
    fc.assert(
      fc.property(anything, fc.integer({ min: 100, max: 599 }), fc.boolean(), (text, status, batch) => {
        const reading = readReply(status, text, [1, 2], batch);
        if (reading.kind === 'answers') {
          for (const id of [...reading.byId.keys(), ...reading.busy]) expect([1, 2]).toContain(id);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an address', () => {
  it('is shown by its origin alone', () => {
    const { label, url, headers } = addressOf(
      'https://user:pass%21@rpc.example.com/v2/key?token=t',
      'env:RPC',
    );
    expect(label).toBe('https://rpc.example.com (env:RPC)');
    expect(url).toBe('https://rpc.example.com/v2/key?token=t');
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('user:pass!').toString('base64')}` });
    expect(addressOf('http://half%:escaped@127.0.0.1').label).toBe('http://127.0.0.1');
    expect(addressOf('key-without-url').label).toBe('an endpoint that is not a URL');
  });
});
