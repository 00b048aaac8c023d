import fc from 'fast-check';
import { AbiCoder } from 'ethers';
import { describe, expect, it } from 'vitest';
import { decodeFacets, loupeOf, readLoupe } from '@cutover/chain/plan/cut/loupe.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import type { ObservedFacet } from '@cutover/chain/plan/cut/loupe.ts';
import { address, core, plain, routings, serving } from './kit.ts';

function problemsOf(answer: unknown): readonly string[] {
  const reading = readLoupe(answer);
  return reading.kind === 'malformed' ? reading.problems : [];
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0x1aFG'), maxLength: length }).map((digits) => `0x${digits}`);

describe('what a loupe answers', () => {
  it('is read whatever the case, the order and the repetitions', () => {
    const shouted = address('a').toUpperCase();
    const reading = readLoupe([
      { address: address('b').toLowerCase(), selectors: [] },
      { address: shouted, selectors: ['0XABCDEF01', '0xabcdef01'] },
      { address: address('a'), selectors: ['0x00000001'] },
    ]);
    if (reading.kind !== 'read') throw new Error(reading.problems.join());
    expect(loupeOf(reading.routing)).toEqual([
      { address: address('a'), selectors: ['0x00000001', '0xabcdef01'] },
    ]);
  });

  it('is refused where it leaves open which facet serves a function', () => {
    const twice = [
      { address: address('b'), selectors: ['0xabcdef01'] },
      { address: address('a'), selectors: ['0xABCDEF01'] },
    ];
    const words = `the loupe lists 0xabcdef01 twice: ${address('a')} and ${address('b')}`;
    expect(problemsOf(twice)).toEqual([words]);
    expect(problemsOf(twice.toReversed())).toEqual([words]);
  });

  it.each([
    ['no list', 'facets', ['the loupe gave no list of facets']],
    [
      'short selector',
      [{ address: address('a'), selectors: ['0xabcdef'] }],
      [/0xabcdef of the facet .* is no sel/],
    ],
    ['no hex', [{ address: address('a'), selectors: ['0xabcdefgh'] }], [/is no selector of four bytes/]],
    ['a number', [{ address: address('a'), selectors: [7] }], [/\(number\) of the facet/]],
    [
      'short address',
      [{ address: '0x1234', selectors: ['0xabcdef01'] }],
      ['0x1234 is no address of a facet'],
    ],
    ['no selectors', [{ address: address('a') }], [/has no list of selectors/]],
    ['null', [null], [/\(undefined\) is no address/, /has no list of selectors/]],
    [
      'zero address',
      [{ address: `0x${'0'.repeat(40)}`, selectors: ['0xabcdef01'] }],
      [/1 function\(s\) of the zero/],
    ],
  ])('is refused with words: %s', (_, answer, expected) => {
    const problems = problemsOf(answer).toSorted();
    expect(problems).toHaveLength(expected.length);
    for (const [index, each] of expected.toSorted().entries()) expect(problems[index]).toMatch(each);
  });

  it('never makes the reading or the planning crash', () => {
    const rubbish = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      fc.array(
        fc.record(
          {
            address: fc.oneof(
              fc.constantFrom(address('a'), address('b').toLowerCase()),
              hex(44),
              fc.anything(),
            ),
            selectors: fc.oneof(
              fc.array(fc.oneof(fc.constantFrom('0x00000001', '0XABCDEF01'), hex(10))),
              fc.anything(),
            ),
          },
          { requiredKeys: [] },
        ),
      ),
    );
    fc.assert(
      fc.property(rubbish, (answer) => {
        const reading = readLoupe(answer);
        const plan = planCut([core], answer as readonly ObservedFacet[], { unwanted: 'keep' });
        if (reading.kind === 'malformed') {
          expect(plan.kind).toBe('refused');
          expect(reading.problems.every((words) => words.length > 10)).toBe(true);
        }
      }),
    );
  });

  it('survives its encoding; other bytes are no answer', () => {
    const facets = serving(core);
    const bytes = AbiCoder.defaultAbiCoder().encode(
      ['tuple(address,bytes4[])[]'],
      [facets.map((each) => [each.address, each.selectors])],
    );
    expect(decodeFacets(bytes)).toEqual(facets);
    for (const broken of ['0x', '0x1234', 'facets', bytes.slice(0, -64), `0x${'ff'.repeat(96)}`]) {
      expect(decodeFacets(broken)).toBeUndefined();
    }
  });

  it('comes back from a routing', () => {
    fc.assert(
      fc.property(routings, (routing) => {
        const reading = readLoupe(loupeOf(routing));
        expect(reading.kind === 'read' && plain(reading.routing)).toEqual(plain(routing));
      }),
    );
  });
});
