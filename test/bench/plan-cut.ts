import { id } from 'ethers';
import type { ObservedFacet } from '@cutover/chain/plan/cut/loupe.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { describeCut } from '@cutover/chain/plan/cut/describe-cut.ts';
import { facetFunctions } from '@cutover/chain/plan/cut/facet-interface.ts';
import { planCut, type CutPlan } from '@cutover/chain/plan/cut/plan-cut.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import { verifyRouting } from '@cutover/chain/plan/cut/routing-check.ts';
import { diamondFunctions, signatureTable } from '@cutover/chain/plan/cut/selector.ts';
import { splitCut } from '@cutover/chain/plan/cut/split.ts';
import { median } from './figures.ts';
import { table } from '../../ops/terminal.ts';

// `node test/bench/plan-cut.ts`: what a large cut costs to plan, beside one pass over its selectors. A third of the
// functions is replaced, some are added and removed, the rest stays. CUTOVER_BENCH_RUNS sets how often (30).
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 30);
const facetCount = 256;
const perFacet = 20;
const diamond = addressOf('the diamond');

const functions = Array.from({ length: facetCount * perFacet }, (_, index) => {
  const signature = `function${index}(address,uint256,(bytes32,uint64)[])`;
  return { selector: id(signature).slice(0, 10), signature };
});
const core = { name: 'DiamondFacet', address: addressOf('core'), functions: Object.values(diamondFunctions) };

const wanted: WantedFacet[] = [core];
const observed: ObservedFacet[] = [
  { address: core.address, selectors: core.functions.map(({ selector }) => selector) },
];
for (let facet = 0; facet < facetCount; facet++) {
  const own = functions.slice(facet * perFacet, (facet + 1) * perFacet);
  const moved = facet % 3 === 0;
  const address = addressOf(`facet ${facet}`);
  wanted.push({ name: `Facet${facet}`, address, functions: own.slice(0, perFacet - (facet % 2)) });
  observed.push({
    address: moved ? addressOf(`facet ${facet} before`) : address,
    selectors: own.slice(facet % 5 === 0 ? 2 : 0).map(({ selector }) => selector),
  });
}
const context = { diamond, unwanted: 'remove', signatures: signatureTable(functions) } as const;
const abi = functions.map(({ signature }) => ({
  type: 'function',
  name: signature.slice(0, signature.indexOf('(')),
  inputs: [
    { type: 'address' },
    { type: 'uint256' },
    { type: 'tuple[]', components: [{ type: 'bytes32' }, { type: 'uint64' }] },
  ],
}));
const codeSizes = Object.fromEntries(
  [...wanted, ...observed].map(({ address }) => [address, 1] as [string, number]),
);

const sample = cutOf(planCut(wanted, observed, context));
const kinds = Map.groupBy(sample.cut.changes, ({ kind }) => kind);
const shape = [...kinds].map(([kind, changes]) => `${changes.length} ${kind}`).join(', ');

const work: readonly (readonly [what: string, run: () => unknown])[] = [
  ['floor: a Map of all wanted and observed selectors', onePass],
  ['plan and inverse', () => planCut(wanted, observed, context)],
  ['split into transactions', () => splitCut(sample.cut)],
  ['text for a reviewer', () => describeCut(sample.cut)],
  ['record for the inputs', () => functionRecord(wanted)],
  ['all of the above but the floor', everything],
  ['verify the routing', () => verifyRouting(wanted, { facets: observed, codeSizes }, context)],
  [
    `hash ${functions.length} signatures (once per artefact)`,
    () => functions.map((each) => id(each.signature)),
  ],
  ['facetFunctions of an ABI with as many (once per artefact)', () => facetFunctions(abi)],
];
const times = work.map(() => [] as number[]);
for (let run = -5; run < runs; run++) {
  for (const [index, [, work_]] of work.entries()) {
    const began = performance.now();
    work_();
    // The first rounds warm the compiler up and do not count.
    if (run >= 0) times[index]?.push(performance.now() - began);
  }
}
const floor = median(times[0] ?? []);
const rows = work.map(([what], index) => {
  const each = times[index] ?? [];
  const spread = `${median(each).toFixed(2)} (${Math.min(...each).toFixed(2)}-${Math.max(...each).toFixed(2)})`;
  return [what, spread, (median(each) / floor).toFixed(1)];
});
const first = `${facetCount + 1} facets, ${shape}; ${runs} runs, Node ${process.version}; medians (lowest-highest)`;
process.stdout.write([first, ...table([['what', 'ms', 'x floor'], ...rows]), ''].join('\n'));

function onePass(): Map<string, string> {
  const seen = new Map<string, string>();
  for (const facet of wanted) for (const { selector } of facet.functions) seen.set(selector, facet.address);
  for (const facet of observed) for (const selector of facet.selectors) seen.set(selector, facet.address);
  return seen;
}

function everything(): unknown {
  const { cut } = cutOf(planCut(wanted, observed, context));
  const split = splitCut(cut);
  return [describeCut(cut, { split }), functionRecord(wanted)];
}

function cutOf(plan: CutPlan): Extract<CutPlan, { kind: 'cut' }> {
  if (plan.kind === 'cut') return plan;
  throw new Error(
    plan.kind === 'nothing' ? 'nothing to cut' : plan.problems.map(({ words }) => words).join('\n'),
  );
}

function addressOf(text: string): string {
  return `0x${id(text).slice(26)}`;
}
