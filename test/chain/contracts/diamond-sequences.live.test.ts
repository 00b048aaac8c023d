import { ZeroAddress } from 'ethers';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { applyCut, type CutOutcome } from '@cutover/chain/plan/cut/diamond-model.ts';
import { loupeOf, readLoupe, type Routing } from '@cutover/chain/plan/cut/loupe.ts';
import type { FacetCut } from '@cutover/chain/plan/cut/change.ts';
import { outcome } from './access-matrix.ts';
import { face, heard, openStage, rawCall, routingOf, type Stage } from './diamond-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base, echoes } = stage;
const diamond = await stage.newDiamond();
const cutter = face(diamond, base.cut);
const loupe = face(diamond, base.loupe);
const start = await chain.checkpoint();
afterAll(() => chain.stop());

const selectors = ['0x00000001', '0x00000100', '0x0000aaaa', '0x12345678', '0xabcdef00', '0xffffffff'];
const facets = echoes.map(({ address }) => address);
const codeSizes = Object.fromEntries([...echoes, ...Object.values(base)].map(({ address }) => [address, 1]));

/** The contract's word for what the model says in a sentence. */
const errors: readonly (readonly [RegExp, string])[] = [
  [/has no selectors/, 'NoSelectors'],
  [/goes with the zero address/, 'RemovalWithFacet'],
  [/has no code|to the zero address/, 'FacetHasNoCode'],
  [/cannot be added: .* has it already/, 'FunctionExists'],
  [/cannot be replaced: .* has it already/, 'FunctionUnchanged'],
  [/the diamond does not have it/, 'FunctionNotFound'],
];

/** An entry that is often in order: what it names depends on what is served by then. */
interface Draft {
  readonly action: 0 | 1 | 2;
  readonly facet: string;
  readonly picks: readonly number[];
  readonly flawed: boolean;
}

const drafts: fc.Arbitrary<Draft[]> = fc.array(
  fc.record({
    action: fc.constantFrom<Draft['action']>(0, 0, 1, 2),
    facet: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...facets) },
      { weight: 1, arbitrary: fc.constantFrom(ZeroAddress, who.stranger) },
    ),
    picks: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
    flawed: fc.integer({ min: 0, max: 7 }).map((dice) => dice === 0),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Makes the entries of a cut: those in order name only what their action fits. */
function entriesOf(wanted: readonly Draft[], routing: Routing): FacetCut[] {
  const entries: FacetCut[] = [];
  let now = routing;
  for (const { action, facet, picks, flawed } of wanted) {
    const named = picks.map((pick) => selectors[pick] as string);
    const fitting = [...new Set(named)].filter((selector) => {
      const at = now.get(selector);
      return action === 0 ? at === undefined : at !== undefined && (action === 2 || at !== facet);
    });
    entries.push({
      facetAddress: action === 2 && !flawed ? ZeroAddress : facet,
      action,
      functionSelectors: flawed ? named : fitting,
    });
    const after = applyCut(now, entries.slice(-1), { codeSizes });
    if (after.kind === 'applied') now = after.routing;
  }
  return entries;
}

async function observed(): Promise<Routing> {
  const reading = readLoupe(await routingOf(chain, loupe));
  if (reading.kind !== 'read') throw new Error(reading.problems.join('; '));
  return reading.routing;
}

/** Everything that the diamond says of a routing is this routing: all of the loupe, and where calls arrive. */
async function holds(routing: Routing): Promise<void> {
  expect(loupeOf(await observed())).toEqual(loupeOf(routing));
  const listed = (await chain.read(loupe, 'facetAddresses'))[0] as string[];
  expect([...listed].sort()).toEqual(
    loupeOf(routing)
      .map(({ address }) => address)
      .sort(),
  );
  for (const facet of facets) {
    const own = [...routing.keys()].filter((selector) => routing.get(selector) === facet);
    const [said] = (await chain.read(loupe, 'facetFunctionSelectors', facet)) as unknown as [string[]];
    expect([...said].sort()).toEqual(own.sort());
  }
  for (const selector of selectors) {
    const at = routing.get(selector);
    expect((await chain.read(loupe, 'facetAddress', selector))[0]).toBe(at ?? ZeroAddress);
    const answer = await rawCall(chain, diamond.address, selector);
    if (at === undefined) expect(answer).toBe(`FunctionNotFound(${selector})`);
    else expect(heard(answer).number).toBe(BigInt(facets.indexOf(at) + 1));
  }
}

describe('any sequence of cuts', () => {
  const met = new Map<string, number>();
  const count = (what: string): unknown => met.set(what, (met.get(what) ?? 0) + 1);

  /** Has the chain say what the model says; the routing after it. */
  async function step(entries: readonly FacetCut[], routing: Routing): Promise<Routing> {
    const args = [entries, ZeroAddress, '0x'];
    const expected: CutOutcome = applyCut(routing, entries, { codeSizes });
    const refusal = await outcome(chain, who.admin, cutter, 'diamondCut', args);
    if (expected.kind === 'reverted') {
      const error = errors.find(([words]) => words.test(expected.reason))?.[1];
      expect(error, expected.reason).toBeDefined();
      expect(refusal?.split('(')[0], expected.reason).toBe(error);
      count(error as string);
      return routing;
    }
    expect(refusal).toBeUndefined();
    await chain.send(who.admin, cutter, 'diamondCut', args);
    count('applied');
    await holds(expected.routing);
    return expected.routing;
  }

  /** Every kind of refusal once: chance alone might leave one out. */
  const [facet, other] = facets as [string, string];
  const [first, second] = selectors as [string, string];
  const entry = (action: 0 | 1 | 2, facetAddress: string, ...functionSelectors: string[]): FacetCut => {
    return { facetAddress, action, functionSelectors };
  };
  const tour: readonly (readonly FacetCut[])[] = [
    [entry(0, facet, first, second)],
    [entry(0, other)],
    [entry(2, facet, first)],
    [entry(0, who.stranger, '0xffffffff')],
    [entry(0, ZeroAddress, '0xffffffff')],
    [entry(0, other, first)],
    [entry(1, facet, first)],
    [entry(1, other, '0xffffffff')],
    [entry(2, ZeroAddress, '0xffffffff')],
    [entry(1, other, first), entry(1, facet, first), entry(2, ZeroAddress, first), entry(0, other, first)],
    [entry(2, ZeroAddress, second, first)],
  ];

  it('leaves a diamond as the model says, and is refused when the model says so', async () => {
    let routing = await observed();
    for (const entries of tour) routing = await step(entries, routing);
    await fc.assert(
      fc.asyncProperty(fc.array(drafts, { minLength: 6, maxLength: 14, size: 'max' }), async (sequence) => {
        await start();
        let routing = await observed();
        for (const wanted of sequence) routing = await step(entriesOf(wanted, routing), routing);
      }),
      { numRuns: 25 },
    );
    // Most cuts worked, and every kind of refusal came up.
    for (const [, error] of errors) expect(met.get(error), error).toBeGreaterThan(0);
    expect(met.get('applied')).toBeGreaterThan(40);
  }, 120_000);
});
