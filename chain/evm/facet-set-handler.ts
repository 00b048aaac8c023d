import { CutoverError } from '@cutover/base/errors.ts';
import type { ChangePlan } from '../plan/change.ts';
import { facetSetCuts } from '../plan/cut/facet-set.ts';
import { cutRefusal } from '../plan/cut/problem.ts';
import { functionRecord, readFunctionRecord } from '../plan/cut/record.ts';
import type { WantedFacet } from '../plan/cut/wanted.ts';
import { describeSetChange, factoryInterface, planSet, type ObservedSet } from '../plan/facet-factory.ts';
import { describeNetwork } from '../plan/network.ts';
import { question } from './authority/question.ts';
import { changeHandler, type ChangeInputs } from './change-handler.ts';
import type { Routes } from './cut-handler.ts';
import type { Rpc } from './rpc.ts';

/** What the engine keeps of a named set of facets in a DiamondFactory. */
export interface FacetSetInputs extends ChangeInputs {
  readonly factory: string;
  readonly set: string;
  readonly routes: Routes;
}

export interface FacetSetOutputs {
  /** The current version, counted from 1; 0 while there is none. */
  readonly version: number;
  /** What the current version has, by the factory. */
  readonly has: Routes;
}

/** More versions than these are not looked at for one to go back to. */
const mostVersions = 50;

/** A set of facets under a name, from which a factory creates diamonds. */
export const handler = changeHandler<FacetSetInputs, ObservedSet, FacetSetOutputs>({
  subject: ({ set, factory, network }) => `the facet set ${set} of ${factory} on ${describeNetwork(network)}`,
  id: ({ network, factory, set }) => `eip155:${network.chainId}:${factory}/${set}`,
  identity: ['factory', 'set'],
  standsOn: ({ factory, routes }) => [factory, ...readFunctionRecord(routes).map(({ address }) => address)],
  inputs: ({ factory, set, routes, network, authority }) => ({ factory, set, routes, network, authority }),

  async observe(rpc, { factory, set }) {
    const [current, count] = await Promise.all([
      question(rpc, factory, factoryInterface, 'currentVersion', [set]),
      question(rpc, factory, factoryInterface, 'versionCount', [set]),
    ]);
    if (current === undefined || count === undefined) return noFactory(rpc, factory);
    const last = Number(count[0]);
    const first = Math.max(1, last - mostVersions + 1);
    const recent = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const old = [Number(current[0])].filter((version) => version > 0 && version < first);
    const numbers = [...old, ...recent];
    const versions = await Promise.all(
      numbers.map(async (version) => ({ version, facets: await facetsAt(rpc, factory, set, version) })),
    );
    return { current: Number(current[0]), versions };
  },

  plan(inputs, observed, olds): ChangePlan {
    const { set, factory, routes } = inputs;
    const facets = readFunctionRecord(routes);
    const cuts = facetSetCuts({ name: set, facets });
    const plan = planSet(cuts, observed);
    if (plan.kind === 'nothing') return { kind: 'nothing' };
    const data =
      plan.kind === 'rollback'
        ? factoryInterface.encodeFunctionData('rollbackFacets', [set, plan.version])
        : factoryInterface.encodeFunctionData('setFacets', [set, cuts]);
    const purpose = `${plan.kind === 'rollback' ? 'back to ' : ''}version ${plan.version} of the facet set ${set}`;
    const action = { key: `set:${factory}:${set}`, purpose, to: factory, data };
    return { kind: 'change', steps: [{ action }], lines: [purpose, ...linesOf(facets, observed, olds)] };
  },

  isNew: ({ versions }) => versions.length === 0,

  drift: (olds, observed) => {
    const plan = planSet(facetSetCuts({ name: olds.set, facets: readFunctionRecord(olds.routes) }), observed);
    return plan.kind === 'nothing'
      ? []
      : [`its current version is ${observed.current}, and has other functions`];
  },

  outputs: ({ routes }, observed, olds) => ({
    version: observed.current,
    has: functionRecord(named(currentOf(observed), [routes, olds?.routes, olds?.has])),
  }),

  forgotten: ({ set, factory }) => `the facet set ${set} stays in ${factory}`,
});

/** Nothing is there yet; what is there and is no factory is refused. */
export async function noFactory(rpc: Rpc, factory: string): Promise<undefined> {
  if ((await rpc.send<string>('eth_getCode', [factory, 'latest'])) === '0x') return undefined;
  const network = describeNetwork(rpc.network);
  const what = 'a DiamondFactory';
  throw new CutoverError('CUT-2345', { contract: factory, network, view: 'currentVersion', what });
}

async function facetsAt(
  rpc: Rpc,
  factory: string,
  set: string,
  version: number,
): Promise<readonly WantedFacet[]> {
  const answer = await question(rpc, factory, factoryInterface, 'getFacetsAt', [set, version]);
  const cuts = (answer?.[0] ?? []) as readonly (readonly [string, bigint, readonly string[]])[];
  return cuts.map(([address, , selectors]) => ({
    address,
    functions: [...selectors].map((selector) => ({ selector })),
  }));
}

function currentOf({ current, versions }: ObservedSet): readonly WantedFacet[] {
  return versions.find(({ version }) => version === current)?.facets ?? [];
}

/** What changes from the current version to the wanted one, function by function. */
function linesOf(
  facets: readonly WantedFacet[],
  observed: ObservedSet,
  olds: FacetSetOutputs | undefined,
): readonly string[] {
  const { lines, problems } = describeSetChange(named(currentOf(observed), [olds?.has]), facets);
  if (problems.length > 0) throw cutRefusal(problems, undefined);
  return lines;
}

/** Facets of the chain with the names and signatures that records know. */
function named(
  facets: readonly WantedFacet[],
  records: readonly (Routes | undefined)[],
): readonly WantedFacet[] {
  const known = records.flatMap((record) => readFunctionRecord(record ?? {}));
  const names = new Map(known.map(({ name, address }) => [address.toLowerCase(), name]));
  const signatures = new Map(
    known.flatMap(({ functions }) => functions.map(({ selector, signature }) => [selector, signature])),
  );
  return facets.map(({ address, functions }) => ({
    name: names.get(address.toLowerCase()),
    address,
    functions: functions.map(({ selector }) => ({ selector, signature: signatures.get(selector) })),
  }));
}
