import { getAddress } from 'ethers/address';
import { id } from 'ethers/hash';
import { CutoverError } from '@cutover/base/errors.ts';
import { zeroAddress } from '../plan/cut/selector.ts';
import { factoryInterface } from '../plan/facet-factory.ts';
import { describeNetwork } from '../plan/network.ts';
import { question } from './authority/question.ts';
import { changeHandler, type ChangeInputs } from './change-handler.ts';
import type { KeptInitializer } from './cut-handler.ts';
import { noFactory } from './facet-set-handler.ts';
import type { Rpc } from './rpc.ts';

/** What the engine keeps of a diamond that a factory created. */
export interface SetDiamondInputs extends ChangeInputs {
  readonly title: string;
  readonly factory: string;
  readonly set: string;
  readonly admin: string;
  /** Tells diamonds apart that have all else in common. */
  readonly salt: string;
  readonly initializer?: KeptInitializer;
}

export interface SetDiamondOutputs {
  readonly address: string;
  /** The version of the set that it was created from; cuts may have changed it since. */
  readonly version: number;
  /** False while its creation waits for an approval, or for its set. */
  readonly exists: boolean;
}

/** More versions than these are not tried. */
const mostVersions = 50;

const creation = changeHandler<SetDiamondInputs, SetDiamondOutputs, SetDiamondOutputs>({
  subject: ({ title, network }) => `the diamond ${title} on ${describeNetwork(network)}`,
  id: ({ network, factory, set, salt }) => `eip155:${network.chainId}:${factory}/${set}/${salt}`,
  identity: ['factory', 'set', 'admin', 'salt'],
  standsOn: ({ factory, initializer }) => [
    factory,
    ...(initializer === undefined ? [] : [initializer.address]),
  ],
  inputs: ({ title, factory, set, admin, salt, initializer, network, authority }) => ({
    ...{ title, factory, set, admin, salt, network, authority },
    ...(initializer === undefined ? {} : { initializer }),
  }),

  async observe(rpc, inputs, _block, olds) {
    const { factory, set } = inputs;
    const ask = async (view: string): Promise<number | undefined> => {
      const answer = await question(rpc, factory, factoryInterface, view, [set]);
      return answer === undefined ? undefined : Number(answer[0]);
    };
    const [current, count] = await Promise.all([ask('currentVersion'), ask('versionCount')]);
    if (current === undefined || count === undefined) return noFactory(rpc, factory);
    // It stays of the version that it was created from; the set may have moved on, or the chain may have begun anew.
    const recorded =
      olds !== undefined && olds.version > 0 && olds.version <= count ? olds.version : undefined;
    const versions = recorded === undefined ? newestFirst(current, count) : [recorded];
    const found = await Promise.all(versions.map((version) => lookFor(rpc, inputs, version)));
    const there = found.find(({ exists }) => exists);
    if (there !== undefined) return there;
    // With another initialiser it would be elsewhere.
    if (olds?.exists === true && (await hasCode(rpc, olds.address))) {
      return { address: olds.address, version: olds.version, exists: true };
    }
    return found[0] ?? { address: zeroAddress, version: 0, exists: false };
  },

  plan(inputs, { exists, version, address }) {
    const { title, factory, set, authority } = inputs;
    if (exists) return { kind: 'nothing' };
    // Through an authority the set itself may still have to be approved.
    if (version === 0 && authority.kind !== 'key') return { kind: 'watch', lines: [waitsForSet(inputs)] };
    if (version === 0) throw new CutoverError('CUT-2342', { title, factory, set });
    const purpose = `diamond ${title} from version ${version} of the facet set ${set}`;
    const data = factoryInterface.encodeFunctionData('createFromSet', [orderOf(inputs, version)]);
    const action = { key: `create:${address}`, purpose, to: factory, data };
    return { kind: 'change', steps: [{ action }], lines: [`+ ${purpose}, will be at ${address}`] };
  },

  isNew: ({ exists }) => !exists,
  drift: (olds, { exists, version }) => {
    if (exists) return [];
    if (olds.exists) return ['it is gone from the chain'];
    return version === 0 ? [waitsForSet(olds)] : [];
  },
  outputs: (_inputs, { address, version, exists }) => ({ address, version, exists }),
  forgotten: ({ title, address }) => `the diamond ${title} at ${address} stays on the chain`,
});

/**
 * A diamond from a named set of a DiamondFactory. All that decides about it is in its address. What it was set up with
 * happened once: for a diamond that is there, another initialiser is no change.
 */
export const handler: typeof creation = {
  ...creation,
  diff: async (id, olds, news) =>
    (await creation.diff?.(id, olds, olds.exists ? asCreated(olds, news) : news)) ?? {},
};

/** What is wanted, with the initialiser that the diamond had. */
function asCreated({ initializer }: SetDiamondInputs, news: SetDiamondInputs): SetDiamondInputs {
  const { initializer: _, ...rest } = news;
  return initializer === undefined ? rest : { ...rest, initializer };
}

function waitsForSet({ set, factory }: SetDiamondInputs): string {
  return `it waits for the facet set ${set} of ${factory}, which has no version yet`;
}

/** After a lost state nobody knows the version that it was created from: these are tried, the current one first. */
function newestFirst(current: number, count: number): readonly number[] {
  if (current === 0) return [];
  const all = Array.from({ length: Math.min(count, mostVersions) }, (_, index) => count - index);
  return [current, ...all.filter((version) => version !== current)];
}

async function lookFor(rpc: Rpc, inputs: SetDiamondInputs, version: number): Promise<SetDiamondOutputs> {
  const [answer] =
    (await question(rpc, inputs.factory, factoryInterface, 'predict', [orderOf(inputs, version)])) ?? [];
  const address = getAddress(String(answer));
  return { address, version, exists: await hasCode(rpc, address) };
}

async function hasCode(rpc: Rpc, address: string): Promise<boolean> {
  return (await rpc.send<string>('eth_getCode', [address, 'latest'])) !== '0x';
}

function orderOf({ set, admin, salt, initializer }: SetDiamondInputs, version: number): object {
  return {
    ...{ name: set, version, admin },
    salt: id(salt),
    init: initializer?.address ?? zeroAddress,
    data: initializer?.calldata ?? '0x',
  };
}
