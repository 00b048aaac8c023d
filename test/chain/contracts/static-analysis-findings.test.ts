import { describe, expect, it } from 'vitest';
import {
  compareFindings,
  readFindings,
  type Explained,
  type SlitherOutput,
} from './static-analysis-findings.ts';

interface Place {
  readonly detector?: string;
  readonly contract?: string;
  readonly fn?: string;
  readonly statement?: string;
  readonly line?: number;
}

/** A finding about one statement, as Slither writes it. */
function finding(place: Place = {}): NonNullable<SlitherOutput['results']['detectors']>[number] {
  const {
    detector = 'timestamp',
    contract = 'Vault',
    fn = 'open(uint256)',
    statement = 'now < end',
    line = 7,
  } = place;
  const parent = { type: 'contract', name: contract };
  const inFunction = { type: 'function', name: 'open', type_specific_fields: { parent, signature: fn } };
  return {
    check: detector,
    impact: 'Low',
    description: `${contract}.${fn} (Vault.sol#${line}) uses timestamp for comparisons\n`,
    elements: [inFunction, { type: 'node', name: statement, type_specific_fields: { parent: inFunction } }],
  };
}

const read = (...detectors: ReturnType<typeof finding>[]): ReturnType<typeof readFindings> =>
  readFindings({ success: true, error: null, results: { detectors } });
const print = (place?: Place): string => read(finding(place))[0]?.fingerprint ?? '';
const explain = (place?: Place, reason = 'It counts in days.'): Explained => ({
  fingerprint: print(place),
  detector: 'timestamp',
  where: 'Vault.open(uint256)',
  reason,
});

describe('a finding', () => {
  it('says what, where, and what Slither says', () => {
    expect(read(finding())).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        detector: 'timestamp',
        impact: 'Low',
        where: 'Vault.open(uint256)',
        says: 'Vault.open(uint256) (Vault.sol#7) uses timestamp for comparisons',
      },
    ]);
  });

  it('is the same wherever its code stands in the file', () => {
    expect(print({ line: 700 })).toBe(print());
  });

  it.each<[string, Place]>([
    ['detector', { detector: 'reentrancy-eth' }],
    ['contract', { contract: 'Safe' }],
    ['function', { fn: 'open(uint8)' }],
    ['statement', { statement: 'now <= end' }],
  ])('is another one with another %s', (_, place) => {
    expect(print(place)).not.toBe(print());
  });

  it('is counted where the same statement stands twice in a function', () => {
    const [first, second] = read(finding({ line: 7 }), finding({ line: 9 }));
    expect(first?.fingerprint).toBe(print());
    expect(second?.fingerprint).not.toBe(print());
  });

  it('does not depend on the order of what Slither names beside the first', () => {
    const one = finding();
    const more = finding({ statement: 'end < now' }).elements.slice(1);
    const [head, ...rest] = one.elements;
    const there = read({ ...one, elements: [head, ...rest, ...more] as typeof one.elements });
    const back = read({ ...one, elements: [head, ...more, ...rest] as typeof one.elements });
    expect(there).toEqual(back);
  });

  it('is none, and no silence, when Slither failed', () => {
    const failed = { success: false, error: 'Invalid compilation', results: {} };
    expect(() => readFindings(failed)).toThrow('Slither failed: Invalid compilation');
  });
});

describe('findings and explanations', () => {
  it('agree when each has the other', () => {
    expect(compareFindings(read(finding()), [explain()])).toEqual({ unexplained: [], gone: [] });
  });

  it('differ by a finding that nobody has explained', () => {
    const found = read(finding(), finding({ fn: 'close()' }));
    expect(compareFindings(found, [explain()]).unexplained).toEqual([found[1]]);
  });

  it('differ by an explanation of something that is found no more', () => {
    const old = explain({ fn: 'close()' });
    expect(compareFindings(read(finding()), [explain(), old]).gone).toEqual([old]);
  });

  it('differ where the reason is empty', () => {
    const found = read(finding());
    expect(compareFindings(found, [explain({}, ' ')])).toEqual({ unexplained: found, gone: [] });
  });
});
