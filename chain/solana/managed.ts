import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError, type ErrorCode } from '@cutover/base/errors.ts';
import { posted } from '../notify/webhook.ts';
import type { SolanaNetworkRef } from '../plan/solana/network.ts';
import { accountsTogether } from './accounts-together.ts';
import { openSolana, type SolanaPool } from './connection.ts';

/** What every resource on a cluster is given. */
export interface SolanaInputs {
  readonly network: SolanaNetworkRef;
}

/** What the engine keeps of every one. */
export interface SolanaState {
  /** What the last look at the cluster found otherwise than wanted, one sentence each. */
  readonly drift: readonly string[];
}

/** What an update has to do about a resource, as lines for a reviewer. */
export type SolanaPlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'change'; readonly lines: readonly string[] }
  /** It differs, and nothing can be done about it here: it is told. */
  | { readonly kind: 'watch'; readonly lines: readonly string[] };

/** What a look at the cluster found, without any key. Undefined: it is gone. */
export type Seen<Outputs> =
  { readonly outputs: Partial<Outputs>; readonly drift: readonly string[] } | undefined;

type Kept<Inputs, Outputs> = Inputs & Outputs & SolanaState;

/** One kind of resource on a cluster: what is asked, what follows, and what is done. */
export interface ManagedSolana<Inputs extends SolanaInputs, Outputs extends object> {
  /** In words, for what is told and for errors: `perps at 7Np… on local (localnet)`. */
  subject(inputs: Inputs): string;
  id(inputs: Inputs): string;
  /** The inputs, out of all that the engine hands over. */
  inputs(values: Inputs): Inputs;
  /** Inputs that make it another resource when they differ. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Asks the cluster and says what is to be done; throws what must not be. */
  plan(pool: SolanaPool, inputs: Inputs, olds: Kept<Inputs, Outputs> | undefined): Promise<SolanaPlan>;
  /** Brings it about, from wherever an earlier run left it. */
  bring(
    pool: SolanaPool,
    inputs: Inputs,
    olds: Kept<Inputs, Outputs> | undefined,
  ): Promise<Outputs & Partial<SolanaState>>;
  /** What there is now. It must need no key: whoever refreshes may have none. */
  see(pool: SolanaPool, olds: Kept<Inputs, Outputs>): Promise<Seen<Outputs>>;
  /** Takes it off the cluster and says what came of it. @default nothing: it is forgotten and stays */
  remove?(pool: SolanaPool, olds: Kept<Inputs, Outputs>): Promise<string | undefined>;
  /** What stays when the resource is deleted. */
  forgotten(olds: Kept<Inputs, Outputs>): string;
}

/** A look must not hold up an update when a node hangs. */
const lookTimeoutMs = 10_000;

/** Why a preview cannot look: no endpoint answers, or its keys are elsewhere. The update asks again. */
const unseen: Readonly<Partial<Record<ErrorCode, string>>> = {
  'CUT-2440': 'no endpoint answers',
  'CUT-1100': 'a key or an endpoint’s URL is not at hand here',
};

/** A resource on a cluster for the engine: looked at, previewed, brought about, looked at again. */
export function solanaHandler<Inputs extends SolanaInputs, Outputs extends object>(
  managed: ManagedSolana<Inputs, Outputs>,
): Handler<Inputs, Kept<Inputs, Outputs>> {
  type State = Kept<Inputs, Outputs>;

  // In a refresh the engine asks for a diff right after it has read.
  const justRead = new Set<string>();

  const look = async (inputs: Inputs, olds: State | undefined): Promise<SolanaPlan | undefined> => {
    try {
      const pool = accountsTogether(openSolana(inputs.network, { timeoutMs: lookTimeoutMs }));
      return await managed.plan(pool, managed.inputs(inputs), olds);
    } catch (error) {
      const why = error instanceof CutoverError ? unseen[error.code] : undefined;
      if (why === undefined) throw error;
      // Before the first update there may be no cluster yet.
      if (olds !== undefined)
        console.log(`warning: ${managed.subject(inputs)} could not be looked at: ${why}`);
      return undefined;
    }
  };

  const preview = (inputs: Inputs, plan: SolanaPlan | undefined): void => {
    if (plan === undefined || plan.kind === 'nothing') return;
    // In one piece: the engine sets every line apart.
    console.log([`${managed.subject(inputs)}:`, ...plan.lines].join('\n  '));
  };

  const bring = async (inputs: Inputs, olds: State | undefined): Promise<State> => {
    const given = managed.inputs(inputs);
    return { ...given, drift: [], ...(await managed.bring(openSolana(inputs.network), given, olds)) };
  };

  return {
    async check(olds, news) {
      // The first time there is no diff: what is there already is compared here, and what must not be is refused.
      if (Object.keys(olds).length === 0 && !hasUnknown(news)) preview(news, await look(news, undefined));
      return {};
    },

    async diff(id, olds, news) {
      if (hasUnknown({ ...news, network: undefined })) return { changes: true };
      // Where a URL is known only after the update, the one of the last update still tells what is there.
      const wanted = hasUnknown(news.network) ? { ...news, network: olds.network } : news;
      const moved: string[] = managed.identity.filter((name) => !isDeepStrictEqual(olds[name], wanted[name]));
      if (!isSameNetwork(olds.network, wanted.network)) moved.push('network');
      if (moved.length > 0) return { changes: true, replaces: moved };
      const isRefresh = justRead.delete(id);
      const plan = await look(wanted, olds).catch((error: unknown) => {
        if (isRefresh) return refused(error);
        throw error;
      });
      preview(wanted, plan);
      const differs = !isDeepStrictEqual(managed.inputs(olds), managed.inputs(wanted));
      const isStale = olds.drift.length > 0 && plan?.kind === 'nothing';
      return { changes: plan?.kind === 'change' || differs || isStale };
    },

    async create(inputs) {
      return { id: managed.id(inputs), outs: await bring(inputs, undefined).finally(posted) };
    },

    async update(_id, olds, news) {
      return { outs: await bring(news, olds).finally(posted) };
    },

    async read(id, olds) {
      justRead.add(id);
      const pool = accountsTogether(openSolana(olds.network, { timeoutMs: lookTimeoutMs }));
      const seen = await managed.see(pool, olds);
      if (seen === undefined) {
        console.log(`drift: ${managed.subject(olds)} is gone from the cluster`);
        return {};
      }
      const { outputs, drift } = seen;
      for (const sentence of drift) console.log(`drift: ${managed.subject(olds)}: ${sentence}`);
      return { id, props: { ...olds, ...outputs, drift }, inputs: managed.inputs(olds) };
    },

    async delete(_id, olds) {
      const removed = await managed.remove?.(openSolana(olds.network), olds);
      console.log(removed ?? `forgotten: ${managed.forgotten(olds)}`);
    },
  };
}

/** What is refused, as lines: for a refresh, which has to come to its end. */
function refused(error: unknown): SolanaPlan {
  if (!(error instanceof CutoverError)) throw error;
  return { kind: 'change', lines: ['an update will be refused:', ...error.message.split('\n')] };
}

function isSameNetwork(a: SolanaNetworkRef, b: SolanaNetworkRef): boolean {
  return a.cluster === b.cluster && a.genesisHash === b.genesisHash;
}
