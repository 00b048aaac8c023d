import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreedBy,
  agreementOf,
  canonicalJson,
  describeVotes,
  votesNeeded,
  type QuorumAnswer,
  type Vote,
} from '@cutover/chain/plan/quorum.ts';

const vote = (endpoint: string, value: unknown): Vote => ({ endpoint, value });

describe('votes', () => {
  it('agree when enough are the same', () => {
    const votes = [vote('a', '0x1'), vote('b', '0x2'), vote('c', '0x1')];
    expect(agreementOf('eth_call', votes, 2)).toEqual({ kind: 'agreed', value: '0x1', by: ['a', 'c'] });
    expect(agreementOf('eth_call', votes, 3)).toEqual({ kind: 'open', most: 2 });
    expect(agreementOf('eth_call', [], 1)).toEqual({ kind: 'open', most: 0 });
  });

  it('on code are compared whole, but for the case of letters', () => {
    const code = [vote('a', '0x60AB'), vote('b', '0x60ab'), vote('c', '0x60ac')];
    expect(agreementOf('eth_getCode', code, 2)).toMatchObject({ kind: 'agreed', by: ['a', 'b'] });
  });

  it('on receipts differ by status, block and logs, not by what a client adds', () => {
    const log = { address: '0xA', topics: ['0x1'], data: '0x', logIndex: '0x0' };
    const receipt = { blockHash: '0x1', status: '0x1', logs: [log] };
    const others = [
      { ...receipt, l1Fee: '0x5', logs: [{ ...log, blockTimestamp: '0x9' }] },
      { ...receipt, status: '0x0' },
      { ...receipt, blockHash: '0x2' },
      { ...receipt, logs: [{ ...log, data: '0x01' }] },
      null,
    ];
    const agreed = others.map(
      (other) => agreementOf('eth_getTransactionReceipt', [vote('a', receipt), vote('b', other)], 2).kind,
    );
    expect(agreed).toEqual(['agreed', 'open', 'open', 'open', 'open']);
  });
});

describe('what is final', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('needs of %s endpoints that are well %s, the majority', (well, needed) => {
    expect(votesNeeded({ chainId: 1 }, well)).toBe(needed);
  });

  it('needs as many as the network says, whoever is well, and one on a local chain', () => {
    expect([0, 1, 3].map((well) => votesNeeded({ chainId: 1, quorum: 2 }, well))).toEqual([2, 2, 2]);
    expect(votesNeeded({ chainId: 31337 }, 3)).toBe(1);
    expect(votesNeeded({ chainId: 31337, quorum: 2 }, 3)).toBe(2);
  });

  it('rests on one voice only where nobody asked for more', () => {
    const alone: QuorumAnswer = { kind: 'alone', value: '0x1', by: 'a', of: 3 };
    expect(agreedBy({}, alone)).toEqual({ kind: 'agreed', value: '0x1' });
    expect(agreedBy({ quorum: 2 }, alone)).toEqual({ kind: 'open', votes: [vote('a', '0x1')] });
    const votes = [vote('a', '0x1'), vote('b', null)];
    expect(agreedBy({}, { kind: 'disagreed', votes })).toEqual({ kind: 'open', votes });
    expect(agreedBy({}, { kind: 'agreed', value: null, by: ['a', 'b'] })).toEqual({
      kind: 'agreed',
      value: null,
    });
  });

  it('is told with who says what, in what tells chains apart, shortened', () => {
    const receipt = {
      logsBloom: `0x${'00'.repeat(256)}`,
      status: '0x1',
      blockHash: '0xb1',
      blockNumber: '0x2',
    };
    const votes = [vote('a', null), vote('b', receipt), vote('c', `0x${'60'.repeat(300)}`), vote('d', ['x'])];
    expect(describeVotes(votes).split('\n')).toEqual([
      '  - a: nothing',
      '  - b: status 0x1, blockHash 0xb1, blockNumber 0x2',
      expect.stringMatching(/^ {2}- c: 0x(60){50,}…$/),
      '  - d: ["x"]',
    ]);
  });
});

describe('canonical JSON', () => {
  it('is the same in whatever order an object was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
      }),
    );
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('0x'));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
