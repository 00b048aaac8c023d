import fc from 'fast-check';
import { getAddress, id, Interface, type EventFragment } from 'ethers';
import { describe, expect, it } from 'vitest';
import { readHeader, readLogs, type RawLog } from '../../services/indexer/blocks.ts';
import { bloomPattern, mayHold } from '../../services/indexer/bloom.ts';
import { filterOf, readContracts } from '../../services/indexer/contracts.ts';
import { argsReader, eventsOf } from '../../services/indexer/decode.ts';

const A = getAddress(`0x${'aa'.repeat(20)}`);
const B = `0x${'bb'.repeat(20)}`;

function read(entries: unknown, files: Readonly<Record<string, unknown>> = {}) {
  const problems: string[] = [];
  const readJson = (file: string): unknown => {
    if (file in files) return files[file];
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  };
  const text = typeof entries === 'string' ? entries : JSON.stringify(entries);
  return { contracts: readContracts(text, readJson, (problem) => problems.push(problem)), problems };
}

const token = {
  name: 'Token',
  address: A,
  fromBlock: 5,
  events: ['event Transfer(address indexed from, uint256 amount)'],
};

describe('the list of contracts', () => {
  it('takes events from signatures, ABIs, artifacts and several files together', () => {
    const { contracts, problems } = read(
      [
        { ...token, abi: ['facet.json', 'artifact.json'] },
        {
          name: 'Inline',
          address: B,
          fromBlock: 0,
          abi: [
            { type: 'event', name: 'E', inputs: [] },
            { type: 'function', name: 'f', inputs: [] },
          ],
        },
      ],
      {
        'facet.json': [
          { type: 'event', name: 'Cut', inputs: [] },
          { type: 'constructor', inputs: [] },
        ],
        'artifact.json': {
          abi: [{ type: 'event', name: 'Swept', inputs: [{ type: 'uint256', name: 'n' }] }],
        },
      },
    );
    expect(problems).toEqual([]);
    const names = contracts.map(({ events }) => [...events.values()].map(({ name }) => name).sort());
    expect(names).toEqual([['Cut', 'Swept', 'Transfer'], ['E']]);
    expect(filterOf(contracts).address).toEqual([A.toLowerCase(), B]);
    expect(filterOf(contracts).topics[0]).toContain(id('Swept(uint256)'));
  });

  it('calls events of one name by their signatures', () => {
    const { contracts } = read([{ ...token, events: ['event X(uint256)', 'event X(address)', 'event Y()'] }]);
    const names = [...(contracts[0]?.events.values() ?? [])].map(({ name }) => name);
    expect(names.sort()).toEqual(['X(address)', 'X(uint256)', 'Y']);
  });

  it.each([
    ['nonsense', 'not a JSON list'],
    [[], 'not a JSON list'],
    [[null], 'entry 1 has no name'],
    [[{ ...token, address: '0x12' }], 'Token has no address of 20 bytes'],
    [[{ ...token, fromBlock: '5' }], 'Token has no fromBlock'],
    [[{ ...token, events: ['event X(uint'] }], 'an event that cannot be understood'],
    [[{ ...token, events: [] }], 'has no events'],
    [
      [{ ...token, events: [], abi: [{ type: 'event', name: 'X', inputs: [], anonymous: true }] }],
      'has no events',
    ],
    [[{ ...token, address: `0xB${'b'.repeat(39)}` }], 'Token has an address with a wrong checksum'],
    [[{ ...token, abi: 'missing.json' }], 'missing.json, which cannot be read (ENOENT)'],
    [[{ ...token, abi: 5 }], 'an abi that is neither a list nor a file'],
    [[token, { ...token, address: B }], 'two are called Token'],
    [[token, { ...token, name: 'Other' }], 'two have the address'],
  ])('%j is refused', (entries, words) => {
    expect(read(entries).problems.join('\n')).toContain(words);
  });

  it('has another fingerprint when something else is read, and not for another order', () => {
    const print = (entry: object) => read([entry]).contracts[0]?.fingerprint;
    const two = ['event X()', 'event Y()'];
    expect(print({ ...token, events: two })).toBe(print({ ...token, events: two.toReversed() }));
    expect(print({ ...token, fromBlock: 6 })).not.toBe(print(token));
    expect(print({ ...token, events: two })).not.toBe(print(token));
  });
});

const shape =
  'event All(address indexed who, int256 n, bytes32 id, bool yes, string text, bytes raw, uint8[] list, (uint64 x, string y)[] points, string indexed label, uint256)';
const all = new Interface([shape]);
const fragment = all.getEvent('All');

function logOf(values: readonly unknown[], given: Partial<RawLog> = {}): RawLog {
  if (fragment === null) throw new Error('no event');
  const { data, topics } = all.encodeEventLog(fragment, values);
  return {
    ...{ address: A.toLowerCase(), topics, data, blockNumber: 7, blockHash: `0x${'01'.repeat(32)}` },
    ...{ transactionHash: `0x${'02'.repeat(32)}`, logIndex: 3, ...given },
  };
}

/** What the library reads; undefined where it refuses, or cuts something off: encoding that again gives something else. */
function valuesThatFit(library: Interface, event: EventFragment, data: string, topics: string[]) {
  try {
    const values = [...library.decodeEventLog(event, data, topics)] as unknown[];
    const again = library.encodeEventLog(event, values);
    if (again.data !== data || again.topics.join() !== topics.join()) return undefined;
    return values.map((value) => (typeof value === 'boolean' ? value : String(value).toLowerCase()));
  } catch {
    return undefined;
  }
}

describe('an event', () => {
  const { contracts } = read([{ name: 'All', address: A, fromBlock: 5, events: [shape] }]);
  const byAddress = new Map(contracts.map((contract) => [contract.address, contract]));
  const args = (log: RawLog) => JSON.parse(eventsOf([log], byAddress)[0]?.args ?? 'null') as unknown;

  it('keeps its arguments by name, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
        fc.uint8Array({ maxLength: 50 }),
        fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 }),
        (n, text, raw, list) => {
          const found = args(
            logOf([A, n, `0x${'07'.repeat(32)}`, true, text, raw, list, [[5n, text]], 'label', 9]),
          );
          expect(found).toEqual({
            who: A.toLowerCase(),
            n: n.toString(),
            id: `0x${'07'.repeat(32)}`,
            yes: true,
            text,
            raw: `0x${Buffer.from(raw).toString('hex')}`,
            list: list.map(String),
            points: [{ x: '5', y: text }],
            label: { hash: id('label') },
            '9': '9',
          });
        },
      ),
    );
  });

  it('of plain words is read as the library reads it, or kept raw where it does not fit', () => {
    const types = [
      'uint8',
      'uint64',
      'uint256',
      'int8',
      'int128',
      'int256',
      'bool',
      'bytes1',
      'bytes32',
      'address',
    ];
    const most = 2n ** 256n - 1n;
    // Mostly small, or with zeros behind, so that it often fits.
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: 300n }),
      fc.bigInt({ min: most - 300n, max: most }),
      fc.bigInt({ min: 0n, max: most }),
      fc.constant(1n << 248n),
    );
    const argument = fc.record({ type: fc.constantFrom(...types), word, indexed: fc.boolean() });
    const several = fc
      .array(argument, { maxLength: 6 })
      .filter((all) => all.filter(({ indexed }) => indexed).length < 4);
    fc.assert(
      fc.property(several, (all) => {
        const inputs = all.map(({ type, indexed }, index) => `${type}${indexed ? ' indexed' : ''} p${index}`);
        const library = new Interface([`event W(${inputs.join(', ')})`]);
        const event = library.getEvent('W') as EventFragment;
        const hex = (of: boolean) =>
          all.filter(({ indexed }) => indexed === of).map((each) => each.word.toString(16).padStart(64, '0'));
        const topics = [event.topicHash, ...hex(true).map((digits) => `0x${digits}`)];
        const data = `0x${hex(false).join('')}`;
        const expected = valuesThatFit(library, event, data, topics);
        const read = () => Object.values(argsReader(event)({ topics, data }));
        if (expected === undefined) expect(read).toThrow(RangeError);
        else expect(read()).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is kept raw when PostgreSQL could not hold it, or it does not fit', () => {
    const good = logOf([A, 1, `0x${'07'.repeat(32)}`, true, 'a\0b', '0x', [], [], 'label', 9]);
    expect(args(good)).toEqual({ undecoded: { topics: good.topics, data: good.data } });
    const short = { ...good, data: '0x1234' };
    expect(args(short)).toEqual({ undecoded: { topics: short.topics, data: '0x1234' } });
  });

  it('counts only for its own contract, from its first block on', () => {
    const log = logOf([A, 1, `0x${'07'.repeat(32)}`, true, '', '0x', [], [], 'label', 9]);
    expect(eventsOf([log], byAddress)).toHaveLength(1);
    expect(eventsOf([{ ...log, address: B }], byAddress)).toEqual([]);
    expect(eventsOf([{ ...log, blockNumber: 4 }], byAddress)).toEqual([]);
    expect(eventsOf([{ ...log, topics: [id('Other()')] }], byAddress)).toEqual([]);
  });
});

describe("a node's words", () => {
  const header = {
    ...{ number: '0x7', hash: `0x${'0A'.repeat(32)}`, parentHash: `0x${'0b'.repeat(32)}` },
    ...{ timestamp: '0x10', logsBloom: `0x${'00'.repeat(256)}` },
  };
  const log = {
    ...{ address: A, topics: [id('X()')], data: '0x', blockNumber: '0x7', blockHash: header.hash },
    ...{ transactionHash: header.parentHash, logIndex: '0x0', removed: false },
  };

  it('become blocks and logs, in order and in small letters', () => {
    expect(readHeader(header)).toMatchObject({ number: 7, hash: `0x${'0a'.repeat(32)}`, timestamp: 16 });
    expect(readHeader(null)).toBeUndefined();
    const logs = readLogs([{ ...log, logIndex: '0x2' }, log, { ...log, blockNumber: '0x3' }]);
    expect(logs.map(({ blockNumber, logIndex }) => [blockNumber, logIndex])).toEqual([
      [3, 0],
      [7, 0],
      [7, 2],
    ]);
    expect(logs[0]?.address).toBe(A.toLowerCase());
  });

  it('are refused when they are not what they should be', () => {
    expect(() => readLogs([log, log])).toThrow('there twice');
    expect(() => readLogs([{ ...log, removed: true }])).toThrow('taken back');
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(log)), fc.anything(), (key, value) => {
        try {
          readLogs([{ ...log, [key]: value }]);
        } catch (error) {
          expect((error as Error).name).toBe('NodeError');
        }
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(header)), fc.anything(), (key, value) => {
        try {
          readHeader({ ...header, [key]: value });
        } catch (error) {
          expect((error as Error).name).toBe('NodeError');
        }
      }),
    );
  });
});

describe('the filter of a block', () => {
  it('never denies what is there', () => {
    const pattern = bloomPattern(A.toLowerCase(), [id('X()'), id('Y()')]);
    const withBits = (...items: string[]): string => {
      const bloom = Buffer.alloc(256);
      for (const item of items) {
        for (const [byte, mask] of bloomPattern(item, []).address) bloom[byte] = (bloom[byte] ?? 0) | mask;
      }
      return `0x${bloom.toString('hex')}`;
    };
    expect(mayHold(withBits(A.toLowerCase(), id('Y()')), [pattern])).toBe(true);
    expect(mayHold(withBits(A.toLowerCase(), id('Z()')), [pattern])).toBe(false);
    expect(mayHold(withBits(B, id('Y()')), [pattern])).toBe(false);
    expect(mayHold(`0x${'00'.repeat(256)}`, [pattern])).toBe(false);
    expect(mayHold(`0x${'ff'.repeat(256)}`, [pattern])).toBe(true);
  });
});
