import { AsyncLocalStorage } from 'node:async_hooks';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import type { Reports } from '@cutover/chain/plan/verification/tasks.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { StackState } from './stack-state.ts';

/** A managed resource of a chain, as the state has it. */
export interface ChainResource {
  readonly urn: string;
  /** Its name in the program. */
  readonly name: string;
  /** Contract, Cut, Roles … */
  readonly type: string;
  readonly id: string;
  readonly outputs: Record<string, unknown>;
  /** The module that knows how it is looked at. */
  readonly module: string;
}

/** What a look at the chain found of a resource. */
export interface ChainLook {
  readonly name: string;
  readonly type: string;
  readonly address: string;
  readonly network: string;
  /** `unseen`: nobody could look, so nothing is known of it. */
  readonly state: 'sound' | 'faulty' | 'unseen';
  /** What is not as it should be, or why it could not be seen; one sentence each. */
  readonly faults: readonly string[];
  /** What was told beside that: where it stands with explorers, what a proposal waits for. */
  readonly told: readonly string[];
  /** What the resource would be in the state if this look were a refresh; undefined when it is gone or unseen. */
  readonly found: Readonly<Record<string, unknown>> | undefined;
}

/** The resources of EVM chains in a state. */
export function chainResources(state: StackState): readonly ChainResource[] {
  return state.resources.flatMap(({ urn, type, id, outputs = {} }) => {
    const { __provider: provider, ...rest } = outputs;
    const module =
      typeof provider === 'string' ? /@cutover\/chain\/evm\/[\w-]+\.ts/.exec(provider)?.[0] : undefined;
    if (module === undefined || id === undefined) return [];
    const name = urn.slice(urn.lastIndexOf('::') + 2);
    return [{ urn, name, type: type.slice(type.lastIndexOf(':') + 1), id, outputs: rest, module }];
  });
}

/**
 * Looks at resources as `refresh` would, at all of them at once so that their questions travel together, and changes
 * nothing. SIDE EFFECTS: asks chains and explorers.
 */
export async function lookAtAll(resources: readonly ChainResource[]): Promise<readonly ChainLook[]> {
  const silent = await silentChains(resources);
  return listeningTo(() =>
    Promise.all(
      resources.map(async (resource) => {
        const reason = silent.get(keyOf(resource));
        return reason === undefined ? lookAt(resource) : unseen(resource, reason);
      }),
    ),
  );
}

async function lookAt(resource: ChainResource): Promise<ChainLook> {
  const told: string[] = [];
  try {
    const { handler } = (await import(resource.module)) as { readonly handler: Handler<object, object> };
    const read = await ears.run(told, async () => handler.read?.(resource.id, resource.outputs));
    if (read === undefined) return unseen(resource, 'nobody knows how to look at it');
    if (read.id === undefined)
      return { ...faulty(resource, ['it is gone from the chain']), found: undefined };
    const found = (read.props ?? {}) as Record<string, unknown>;
    // A handler that could not ask takes what it knew for granted and says so.
    const missed = told.find((line) => line.includes('could not be looked at'));
    if (missed !== undefined) return unseen(resource, 'its chain did not answer');
    const notes = [...told.filter((line) => !line.startsWith('drift:')), ...(await standingOf(found))];
    return { ...faulty(resource, (found['drift'] ?? []) as readonly string[]), told: notes, found };
  } catch (error) {
    return unseen(resource, whatOf(error));
  }
}

/** Chains that do not answer, with the reason. One that hangs would be waited for by each resource in turn. */
async function silentChains(resources: readonly ChainResource[]): Promise<ReadonlyMap<string, string>> {
  const { connect } = await import('@cutover/chain/evm/rpc.ts');
  const chains = new Map(resources.map((resource) => [keyOf(resource), networkOf(resource)]));
  const answers = await Promise.all(
    [...chains].map(async ([key, network]): Promise<readonly (readonly [string, string])[]> => {
      // What only explorers are asked about names no endpoints.
      if (network?.endpoints === undefined) return [];
      try {
        const rpc = await connect(network, { timeoutMs: 5_000 });
        await rpc.ask('eth_blockNumber', []);
        return [];
      } catch (error) {
        return [[key, whatOf(error)]];
      }
    }),
  );
  return new Map(answers.flat());
}

/** How far a resource is with what takes longer than an update: proposals that wait, sources at explorers. */
async function standingOf(found: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const [{ describeProgress, isSettled }, { printReports }] = await Promise.all([
    import('@cutover/chain/plan/authority/progress.ts'),
    import('@cutover/chain/plan/verification/lines.ts'),
  ]);
  const progress = Object.values((found['progress'] ?? {}) as Record<string, Progress>);
  return [
    ...progress.filter((each) => !isSettled(each)).map(describeProgress),
    ...printReports(Object.values((found['reports'] ?? {}) as Reports)),
  ];
}

function faulty(resource: ChainResource, faults: readonly string[]): Omit<ChainLook, 'found'> {
  return { ...placeOf(resource), state: faults.length === 0 ? 'sound' : 'faulty', faults, told: [] };
}

function unseen(resource: ChainResource, reason: string): ChainLook {
  return { ...placeOf(resource), state: 'unseen', faults: [reason], told: [], found: undefined };
}

function placeOf(resource: ChainResource): Pick<ChainLook, 'name' | 'type' | 'address' | 'network'> {
  const { name, type, outputs } = resource;
  const network = networkOf(resource);
  const names = ['address', 'diamond', 'contract', 'proxy', 'factory', 'to'];
  const address = names.map((each) => outputs[each]).find((each) => typeof each === 'string') ?? '';
  return {
    name,
    type,
    address: String(address),
    network: `${network?.name ?? '?'} (${network?.chainId ?? '?'})`,
  };
}

function networkOf({ outputs }: ChainResource): NetworkRef | undefined {
  return outputs['network'] as NetworkRef | undefined;
}

function keyOf(resource: ChainResource): string {
  return JSON.stringify(networkOf(resource) ?? null);
}

/** What an error says happened, without its number and remedy, in one line. */
function whatOf(error: unknown): string {
  if (!(error instanceof CutoverError)) return messageOf(error);
  const [what = ''] = error.message.slice(error.code.length + 1).split(/\n {2}(?:why|fix): /);
  return what.replaceAll(/\s*\n[\s-]*/g, ' ');
}

const ears = new AsyncLocalStorage<string[]>();

/** Handlers tell what they find with console.log, as the engine wants it: here each is heard by itself. */
async function listeningTo<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = (...said: readonly unknown[]) => {
    const heard = ears.getStore();
    if (heard === undefined) log(...said);
    else heard.push(said.map(String).join(' '));
  };
  try {
    return await work();
  } finally {
    console.log = log;
  }
}
