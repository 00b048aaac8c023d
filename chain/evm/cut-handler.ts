import { isDeepStrictEqual } from 'node:util';
import { keccak256 } from 'ethers/crypto';
import { id } from 'ethers/hash';
import { concat } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ChangePlan, ChangeStep } from '../plan/change.ts';
import { decodeDiamondCut, encodeDiamondCut } from '../plan/cut/diamond-call.ts';
import { describeCut } from '../plan/cut/describe-cut.ts';
import type { Initializer } from '../plan/cut/initializer.ts';
import { knownInterfaces } from '../plan/cut/known-interfaces.ts';
import { decodeFacets, type ObservedFacet } from '../plan/cut/loupe.ts';
import { planCut, type CutContext } from '../plan/cut/plan-cut.ts';
import { cutRefusal } from '../plan/cut/problem.ts';
import { functionRecord, readFunctionRecord } from '../plan/cut/record.ts';
import { verifyRouting } from '../plan/cut/routing-check.ts';
import { diamondFunctions, signatureTable, type FacetFunction } from '../plan/cut/selector.ts';
import type { WantedFacet } from '../plan/cut/wanted.ts';
import { splitCut } from '../plan/cut/split.ts';
import type { CompactLayout } from '../plan/layout/compact.ts';
import type { NamedLayout } from '../plan/layout/compare-layouts.ts';
import { describeNetwork } from '../plan/network.ts';
import { logsOf } from './authority/logs.ts';
import { changeHandler, type ChangeInputs, type ChangeState } from './change-handler.ts';
import type { RpcAnswer } from '../rpc/answers.ts';
import type { Rpc } from './rpc.ts';
import { describeKnownRevert } from './sender/known-errors.ts';

/** Which facet serves which function: signature -> `MinterFacet 0x…`. */
export type Routes = Readonly<Record<string, string>>;

/** What the engine keeps of the functions of a diamond. */
export interface CutInputs extends ChangeInputs {
  /** For people. */
  readonly title: string;
  readonly diamond: string;
  readonly routes: Routes;
  readonly unwanted: CutContext['unwanted'];
  readonly untouched: readonly string[];
  readonly mayLack: NonNullable<CutContext['mayLack']>;
  /** Run once, with the first cut that brings it. */
  readonly initializer?: KeptInitializer;
  /** Storage of each facet by its name, to compare with that of the facets to come. */
  readonly layouts: Readonly<Record<string, CompactLayout | null>>;
  /** Changes of storage that are meant, as previews name them. */
  readonly allow: readonly string[];
  /** `nothing`: what differs is shown and nothing is ever sent, for a diamond that others cut. */
  readonly sends: 'changes' | 'nothing';
}

/** An initialiser as plain JSON. */
export type KeptInitializer = Omit<Initializer, 'gas'> & { readonly gas: string };

export interface CutOutputs {
  /** What the diamond serves by its own loupe: signature -> facet and address. */
  readonly serves: Routes;
  /** What it served before the last cut: the way back. */
  readonly before: Routes | undefined;
  /** Hash of the initialiser that ran. */
  readonly initialized: string | undefined;
}

type CutState = CutInputs & CutOutputs & ChangeState;

/** What the chain says of a diamond. */
interface DiamondFacts {
  readonly facets: readonly ObservedFacet[];
  /** Whether the initialiser ran, by the state or by the events of the diamond. */
  readonly initialized: boolean;
  /** What changes in the storage of the diamond. Undefined where its facets are the same. */
  readonly storage?: StorageChange;
  /** Bytes of code of each facet. */
  readonly codeSizes?: Readonly<Record<string, number>>;
}

/** What of a diamond's storage a cut changes: for a reviewer, and why it must not be. */
interface StorageChange {
  readonly lines: readonly string[];
  readonly refusal: CutoverError | undefined;
}

/** The functions of a diamond as a managed resource: a cut is planned from its loupe, whatever the state says. */
export const handler = changeHandler<CutInputs, DiamondFacts, CutOutputs>({
  subject: ({ title, diamond, network }) =>
    `the functions of ${title} at ${diamond} on ${describeNetwork(network)}`,
  id: ({ network, diamond }) => `eip155:${network.chainId}:${diamond}/cut`,
  identity: ['diamond'],
  plansFrom: 'pending',
  inputs: (values) => {
    const { title, diamond, routes, unwanted, untouched, mayLack, initializer } = values;
    const { layouts, allow, sends, network, authority } = values;
    return {
      ...{ title, diamond, routes, unwanted, untouched, mayLack },
      ...{ layouts, allow, sends, network, authority },
      ...(initializer === undefined ? {} : { initializer }),
    };
  },

  async observe(rpc, inputs, block, olds) {
    const { diamond, initializer } = inputs;
    const data = diamondFunctions.facets.selector;
    const answer = await rpc.ask('eth_call', [{ to: diamond, data }, block]);
    const facets = answer.kind === 'value' ? decodeFacets(answer.value as string) : undefined;
    if (facets === undefined) {
      if ((await rpc.send<string>('eth_getCode', [diamond, block])) === '0x') return undefined;
      throw noLoupe(rpc, diamond, answer);
    }
    const wanted = initializer === undefined ? undefined : initializerHash(initializer);
    const known = wanted === undefined || olds?.initialized === wanted;
    const storage = await storageChange(inputs, olds);
    return {
      ...{ facets, initialized: known || (await ranBefore(rpc, inputs)) },
      ...(storage === undefined ? {} : { storage }),
    };
  },

  plan: planOf,
  isNew: ({ facets }) => facets.length === 0,

  async inspect(rpc, _olds, facts) {
    const sizes = await Promise.all(
      facts.facets.map(async ({ address }) => {
        const code = await rpc.send<string>('eth_getCode', [address, 'latest']);
        return [address, (code.length - 2) / 2] as const;
      }),
    );
    return { ...facts, codeSizes: Object.fromEntries(sizes) };
  },

  drift: (olds, { facets, codeSizes }) => {
    const context = contextOf(olds, olds);
    const wanted =
      olds.sends === 'nothing' ? readFunctionRecord(olds.serves) : readFunctionRecord(olds.routes);
    const observed = { facets, ...(codeSizes === undefined ? {} : { codeSizes }) };
    return verifyRouting(wanted, observed, context).map(({ words }) => words);
  },

  outputs: (inputs, { facets }, olds, settled) => {
    const serves = servedBy(inputs, facets, olds);
    const changed = olds !== undefined && JSON.stringify(olds.serves) !== JSON.stringify(serves);
    const { initializer } = inputs;
    return {
      serves,
      before: changed ? olds.serves : olds?.before,
      initialized: initializer === undefined || !settled ? olds?.initialized : initializerHash(initializer),
    };
  },

  forgotten: ({ title, diamond }) => `${title} at ${diamond} keeps its functions; nothing is cut`,

  standsOn: ({ diamond, routes, initializer, sends }) =>
    sends === 'nothing'
      ? []
      : [
          diamond,
          ...readFunctionRecord(routes).map(({ address }) => address),
          ...(initializer === undefined ? [] : [initializer.address]),
        ],
});

/** A loupe may be paused or too long for the node; the address of something else answers other things, or nothing. */
function noLoupe(rpc: Rpc, diamond: string, answer: RpcAnswer): CutoverError {
  const network = describeNetwork(rpc.network);
  if (answer.kind === 'value') {
    const reason = answer.value === '0x' ? 'it answers nothing' : 'what it answers is no list of facets';
    return new CutoverError('CUT-2333', { diamond, network, reason });
  }
  const { data, message } = answer;
  const reason = data === undefined ? `the node says: ${message}` : `it ${describeKnownRevert(data)}`;
  return new CutoverError('CUT-2333', { diamond, network, reason });
}

function planOf(inputs: CutInputs, facts: DiamondFacts, olds: CutState | undefined): ChangePlan {
  const { title, diamond, routes, sends } = inputs;
  const plan = planCut(readFunctionRecord(routes), facts.facets, contextOf(inputs, olds));
  if (plan.kind === 'refused') throw cutRefusal(plan.problems, diamond);
  const pending = inputs.initializer === undefined || facts.initialized ? undefined : inputs.initializer;
  if (plan.kind === 'nothing' && pending === undefined) return { kind: 'nothing' };
  const initializer = pending === undefined ? undefined : { ...pending, gas: BigInt(pending.gas) };
  const split = splitCut(plan.cut, { initializer });
  if (split.kind === 'too large') {
    throw new CutoverError('CUT-2107', { diamond, gas: split.gas, limit: split.limit });
  }
  const lines = [...describeCut(plan.cut, { initializer, split }), ...(facts.storage?.lines ?? [])];
  if (sends === 'nothing') return { kind: 'watch', lines };
  if (facts.storage?.refusal !== undefined) throw facts.storage.refusal;
  const steps = split.steps.map(({ facetCuts, initializer: runs, gas }, index): ChangeStep => {
    const left = split.steps.length - index;
    return {
      action: {
        // What is still to come tells the parts apart: after the first is done, the others keep their names.
        key: `cut:${diamond}:${left}`,
        purpose: `cut of ${title}${split.steps.length === 1 ? '' : `, ${index + 1} of ${split.steps.length}`}`,
        to: diamond,
        data: encodeDiamondCut({ facetCuts, initializer: runs }),
      },
      gas,
    };
  });
  return { kind: 'change', steps, lines };
}

/** Loaded only when facets change: most updates compare nothing. */
async function storageChange(
  inputs: CutInputs,
  olds: CutState | undefined,
): Promise<StorageChange | undefined> {
  if (isDeepStrictEqual(olds?.layouts, inputs.layouts)) return undefined;
  const [{ readLayout }, { compareDiamondLayouts }, { describeLayout }, { layoutRefusal }] =
    await Promise.all([
      import('../plan/layout/compact.ts'),
      import('../plan/layout/compare-layouts.ts'),
      import('../plan/layout/describe-layout.ts'),
      import('../plan/layout/judge-layout.ts'),
    ]);
  const named = (layouts: CutInputs['layouts']): readonly NamedLayout[] =>
    Object.entries(layouts).map(([name, layout]) => ({ name, reading: readLayout(layout ?? undefined) }));
  const comparison = compareDiamondLayouts(inputs.title, named(olds?.layouts ?? {}), named(inputs.layouts));
  return {
    lines: describeLayout(comparison, inputs.allow),
    refusal: layoutRefusal(comparison, inputs.allow),
  };
}

function contextOf(inputs: CutInputs, olds: CutState | undefined): CutContext {
  const { diamond, unwanted, untouched, mayLack } = inputs;
  const known = recorded(olds);
  const named = known.flatMap(({ name, address }) => (name === undefined ? [] : [[address, name]]));
  return {
    ...{ diamond, unwanted, untouched, mayLack },
    signatures: signatureTable([...known.flatMap(signedFunctions), ...standardFunctions]),
    facetNames: Object.fromEntries(named) as Record<string, string>,
  };
}

/** What the loupe lists, with the names that are known. */
function servedBy(inputs: CutInputs, observed: readonly ObservedFacet[], olds: CutState | undefined): Routes {
  const known = [...recorded(olds), ...readFunctionRecord(inputs.routes)];
  const names = new Map(known.map(({ name, address }) => [address.toLowerCase(), name]));
  names.set(inputs.diamond.toLowerCase(), 'the diamond itself');
  const signatures = new Map(
    [...standardFunctions, ...known.flatMap(signedFunctions)].map(({ selector, signature }) => [
      selector,
      signature,
    ]),
  );
  return functionRecord(
    observed.map(({ address, selectors }) => ({
      name: names.get(address.toLowerCase()),
      address,
      functions: selectors.map((selector) => ({ selector, signature: signatures.get(selector) })),
    })),
  );
}

/** All facets that the state knows of, the latest last. */
function recorded(olds: CutState | undefined): readonly WantedFacet[] {
  return [olds?.before, olds?.serves, olds?.routes].flatMap((routes) => readFunctionRecord(routes ?? {}));
}

function signedFunctions({ functions }: WantedFacet): readonly FacetFunction[] {
  return functions.flatMap(({ selector, signature }) =>
    signature === undefined ? [] : [{ selector, signature }],
  );
}

/** What most diamonds have, so that those of others are shown in words as well. */
const standardFunctions: readonly FacetFunction[] = knownInterfaces.flatMap(({ functions }) => functions);

const cutEvent = id('DiamondCut((address,uint8,bytes4[])[],address,bytes)');

function initializerHash({ address, calldata }: Pick<Initializer, 'address' | 'calldata'>): string {
  return keccak256(concat([address, calldata]));
}

/** After a crash only the diamond's events know whether the initialiser ran; twice it could do harm. */
async function ranBefore(rpc: Rpc, inputs: CutInputs): Promise<boolean> {
  const { initializer } = inputs;
  if (initializer === undefined) return true;
  const logs = await logsOf(rpc, { address: inputs.diamond, topics: [cutEvent], fromBlock: 0 });
  if (logs === undefined) {
    throw new CutoverError('CUT-2338', { title: inputs.title, diamond: inputs.diamond });
  }
  const wanted = initializerHash(initializer);
  return logs.some(({ data }) => {
    // The event carries what the call does, without the selector.
    const ran = decodeDiamondCut(diamondFunctions.diamondCut.selector + data.slice(2))?.initializer;
    return ran !== undefined && initializerHash(ran) === wanted;
  });
}
