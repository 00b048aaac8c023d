import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastCommonBlock } from '../../services/indexer/common-block.ts';
import { troubleOf, troubleOfStatus } from '../../services/indexer/node-error.ts';
import { backoff, pollDelay } from '../../services/indexer/pace.ts';
import { advanced, attachmentOf, chained, nextStep } from '../../services/indexer/plan.ts';
import { grown, halved, rangeSize } from '../../services/indexer/range.ts';

/** A block of a fork; its hash tells both. */
function block(number: number, fork = 'a', parentFork = fork) {
  return { number, hash: `${fork}${number}`, parentHash: `${parentFork}${number - 1}`, timestamp: number };
}

function blocks(from: number, to: number, fork = 'a') {
  return Array.from({ length: to - from + 1 }, (_, index) => block(from + index, fork));
}

const facts = {
  window: blocks(90, 100),
  start: 10,
  head: block(100),
  confirmations: 10,
  local: false,
  headSeenBefore: false,
};

describe('the next step', () => {
  it.each([
    ['waits at the head', {}, { kind: 'wait', why: 'at the head' }],
    ['reads a new block', { head: block(101) }, { kind: 'blocks', from: 101, to: 101 }],
    ['reads final blocks by range', { head: block(500) }, { kind: 'range', from: 101, to: 490 }],
    [
      'takes no more than 64 blocks at once',
      { head: block(180), confirmations: 100 },
      { kind: 'blocks', from: 101, to: 164 },
    ],
    ['begins at the first block', { window: [], head: block(15) }, { kind: 'blocks', from: 10, to: 15 }],
    [
      'waits until there is a first block',
      { window: [], head: block(5) },
      { kind: 'wait', why: 'not begun' },
    ],
    ['asks twice about another last block', { head: block(100, 'b') }, { kind: 'wait', why: 'asks twice' }],
    ['believes it then', { head: block(100, 'b'), headSeenBefore: true }, { kind: 'fork' }],
    ['waits for a node that is behind', { head: block(95) }, { kind: 'wait', why: 'node is behind' }],
    ['asks twice about a shorter fork', { head: block(95, 'b') }, { kind: 'wait', why: 'asks twice' }],
    ['believes that too then', { head: block(95, 'b'), headSeenBefore: true }, { kind: 'fork' }],
    ['believes a local node at once', { head: block(95, 'b'), local: true }, { kind: 'fork' }],
    [
      'waits for a node that is far behind',
      { head: block(50), headSeenBefore: true },
      { kind: 'wait', why: 'node is behind' },
    ],
    [
      'believes a local node that final blocks are gone',
      { head: block(50), local: true },
      { kind: 'deep fork' },
    ],
  ] as const)('%s', (_, given, step) => {
    expect(nextStep({ ...facts, ...given })).toEqual(step);
  });
});

describe('a block of a fork', () => {
  const window = blocks(90, 100);
  it.each([
    ['hangs on a known one', block(98, 'b', 'a'), { kind: 'known', parent: 97 }],
    ['has a parent to look at', block(98, 'b'), { kind: 'unknown' }],
    ['would hang on another final block', block(91, 'b'), { kind: 'below' }],
    ['may be the first one followed', block(10, 'b'), { kind: 'start' }],
  ] as const)('%s', (_, given, attachment) => {
    expect(attachmentOf(given, window, 10)).toEqual(attachment);
  });
});

describe('what is known', () => {
  it('goes on from the common block, and forgets what is older than the last final one', () => {
    const window = advanced(blocks(90, 100), { undoAbove: 97, blocks: blocks(98, 101, 'b') }, 95);
    expect(window.map(({ hash }) => hash)).toEqual(['a95', 'a96', 'a97', 'b98', 'b99', 'b100', 'b101']);
  });

  it('is never empty once there was a block that stays', () => {
    expect(advanced([], { blocks: blocks(5, 300) }, 290).map(({ number }) => number)).toEqual(
      Array.from({ length: 11 }, (_, index) => 290 + index),
    );
    expect(advanced(blocks(1, 3), { blocks: [block(50)] }, 100)).toEqual([block(50)]);
  });

  it('takes blocks only as far as they fit together', () => {
    expect(chained([...blocks(1, 3), block(4, 'b'), block(5, 'b')])).toEqual(blocks(1, 3));
    expect(chained([])).toEqual([]);
  });
});

describe('the last common block', () => {
  it('is found exactly, in few questions, wherever the chain forked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        async (numbers, forkedAbove) => {
          let questions = 0;
          const good = await lastCommonBlock({
            lowest: -1,
            highest: 1_000_000,
            node: {
              at: (number) => {
                questions += 1;
                const found = block(number, number <= forkedAbove ? 'a' : 'b');
                return Promise.resolve({ ...found, logsBloom: '0x' });
              },
            },
            writer: {
              highestEventBlock: (above, atMost) => {
                const found = numbers.filter((number) => number > above && number <= atMost);
                return Promise.resolve(found.length === 0 ? undefined : block(Math.max(...found)));
              },
            },
          });
          const lost = numbers.filter((number) => number > forkedAbove);
          // Nothing that is lost stays, and nothing that is good is read again.
          expect(good).toBeLessThan(Math.min(...lost, 1_000_001));
          expect(numbers.filter((number) => number <= forkedAbove).every((number) => number <= good)).toBe(
            true,
          );
          expect(questions).toBeLessThanOrEqual(21);
        },
      ),
    );
  });
});

describe('the size of a range', () => {
  it('settles just below what the node takes, whatever that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (limit) => {
        let size = rangeSize(10_000);
        let refusals = 0;
        let blocksRead = 0;
        for (let question = 0; question < 100; question++) {
          const asked = size.size;
          if (asked > limit) {
            size = halved(size, asked);
            refusals += 1;
          } else {
            size = grown(size, 10);
            blocksRead += asked;
          }
        }
        expect(refusals).toBeLessThan(25);
        expect(blocksRead).toBeGreaterThan(0.5 * 75 * Math.min(limit, 10_000));
      }),
    );
  });

  it('does not grow beyond answers that are large already', () => {
    const size = rangeSize(10_000);
    expect(grown(size, 6000).size).toBe(size.size);
    expect(grown(size, 60).size).toBeGreaterThan(size.size);
  });
});

describe('the pace', () => {
  const limits = { minMs: 250, maxMs: 4000 };
  it.each([
    [12_000, 1000, 4000],
    [12_000, 8000, 2800],
    [12_000, 13_000, 250],
    [250, 0, 250],
    [0, 99_000, 250],
  ])('with blocks of %d ms, %d ms after the last, waits %d ms', (blockMs, since, delay) => {
    expect(pollDelay(blockMs, since, limits)).toBe(delay);
  });

  it('waits longer with each failure, up to ten seconds, and as long as it is asked to', () => {
    const waits = [1, 2, 3, 4, 50].map((failures) => backoff(failures, 1));
    expect(waits).toEqual([250, 500, 1000, 2000, 10_000]);
    expect(backoff(1, 0)).toBe(125);
    expect(backoff(1, 0, 7000)).toBe(7000);
    expect(backoff(1, 0, 1e9)).toBe(30_000);
  });
});

describe("a node's refusal", () => {
  it.each([
    ['query returned more than 10000 results', 'too-much'],
    ['block range too large', 'too-much'],
    ['eth_getLogs is limited to a 10,000 range', 'too-much'],
    ['Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range', 'too-much'],
    ['query timeout exceeded', 'too-much'],
    ['exceed maximum block range: 50000', 'too-much'],
    ['daily request count exceeded, request rate limited', 'busy'],
    ['Your app has exceeded its compute units per second capacity', 'busy'],
    ['Too Many Requests', 'busy'],
    ['unknown block', 'behind'],
    ['One of the blocks specified in filter cannot be found: header not found', 'behind'],
    ['BlockOutOfRangeError: block height is 5 but requested was 50', 'behind'],
    ['method not found', 'refused'],
  ] as const)('"%s" means %s', (message, trouble) => {
    expect(troubleOf('eth_getLogs', message)).toBe(trouble);
  });

  it('means smaller pieces only where there are pieces', () => {
    expect(troubleOf('eth_getBlockByNumber', 'query timeout exceeded')).toBe('refused');
    expect(troubleOfStatus('eth_getLogs', 413)).toBe('too-much');
    expect(troubleOfStatus('eth_chainId', 504)).toBe('unreachable');
    expect(troubleOfStatus('eth_getLogs', 429)).toBe('busy');
    expect(troubleOfStatus('eth_getLogs', 200)).toBeUndefined();
  });
});
