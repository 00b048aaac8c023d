import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { posted } from '../notify/webhook.ts';
import { payerOf, type AuthorityRef } from '../plan/authority/authority.ts';
import { describeProgress, isSettled, type Progress } from '../plan/authority/progress.ts';
import { isNews, planChangeDiff, planHash, type ChangePlan } from '../plan/change.ts';
import { describeNetwork, type NetworkRef } from '../plan/network.ts';
import { moveOn, withdraw } from './authority/move-on.ts';
import { signerAddress } from './account.ts';
import { awaitCode, type ReadyBlock } from './await-code.ts';
import { priceLines } from './change-price.ts';
import { connect, type Rpc } from './rpc.ts';
import { settle } from './sender.ts';
import { notify } from './sender/notify.ts';

/** What every change of a contract is given: where, and who may make it. */
export interface ChangeInputs {
  readonly network: NetworkRef;
  readonly authority: AuthorityRef;
  /** False while what it changes is proposed itself and not there yet: it waits as well. @default true */
  readonly ready?: boolean;
}

/** What the engine keeps of every change. */
export interface ChangeState {
  /** How far each call has come that an authority was asked for, by the call's key. */
  readonly progress: Readonly<Record<string, Progress>>;
  /** Hash of the plan that waits: it was shown in full, and is not shown again while it is the same. */
  readonly shown?: string;
  /** What the last look at the chain found otherwise than wanted, one sentence each. */
  readonly drift: readonly string[];
}

type Kept<Inputs, Outputs> = Inputs & Outputs & ChangeState;

/** One kind of change: what is asked of the chain, and what follows from the answer. All but `observe` is pure. */
export interface ManagedChange<Inputs extends ChangeInputs, Facts, Outputs extends object> {
  /** The change in words, for what is told and for errors: `the cut of Gemforce 0x… on local (chain 31337)`. */
  subject(inputs: Inputs): string;
  id(inputs: Inputs): string;
  /** The inputs, out of all that the engine hands over. */
  inputs(values: Inputs): Inputs;
  /** The block that it can be planned from; `pending`: it is sent right behind what it stands on. @default 'latest' */
  readonly plansFrom?: ReadyBlock;
  /** Inputs that make it another resource when they differ. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Throws what is wrong with the inputs alone. */
  check?(inputs: Inputs): void;
  /** Asks the chain about a block; undefined when the contract is not there. */
  observe(
    rpc: Rpc,
    inputs: Inputs,
    block: ReadyBlock,
    olds?: Kept<Inputs, Outputs>,
  ): Promise<Facts | undefined>;
  /** Asks more than planning needs, for who wants to know whether all is as it should be. @default nothing more */
  inspect?(rpc: Rpc, olds: Kept<Inputs, Outputs>, facts: Facts): Promise<Facts>;
  /** Who is asked for the step of a key, where that depends on the step. @default `authority` */
  authorityFor?(inputs: Inputs, key: string): AuthorityRef;
  /** Throws what must not be done. */
  plan(inputs: Inputs, facts: Facts, olds: Kept<Inputs, Outputs> | undefined): ChangePlan;
  /** Whether there is nothing yet to compare with: then a first update is no change that a reviewer must see. @default false */
  isNew?(facts: Facts): boolean;
  /** What is otherwise than the state says, one sentence each. */
  drift(olds: Kept<Inputs, Outputs>, facts: Facts): readonly string[];
  /** `settled` says that all that was wanted has happened. */
  outputs(inputs: Inputs, facts: Facts, olds: Kept<Inputs, Outputs> | undefined, settled: boolean): Outputs;
  /** Told when the resource is deleted; the chain is left as it is. */
  forgotten(olds: Kept<Inputs, Outputs>): string;
  /** Addresses that must have code before the change can be made: the contract, and what it is to use. */
  standsOn(inputs: Inputs): readonly string[];
}

type Look<Facts> =
  | { readonly kind: 'seen'; readonly facts: Facts }
  | { readonly kind: 'not there' }
  | { readonly kind: 'unreachable' };

/** A look must not hold up an update when a node hangs. */
const lookTimeoutMs = 5_000;

/** What is said where another contract than the wanted one answers. */
const misfits = new Set(['CUT-2333', 'CUT-2341', 'CUT-2345']);

/** A change of a contract as a managed resource: looked at, previewed, carried through its authority, looked at again. */
export function changeHandler<Inputs extends ChangeInputs, Facts, Outputs extends object>(
  managed: ManagedChange<Inputs, Facts, Outputs>,
): Handler<Inputs, Kept<Inputs, Outputs>> {
  type State = Kept<Inputs, Outputs>;

  const inputsOf = (values: Inputs): Inputs => ({
    ...managed.inputs(values),
    ...(values.ready === false ? { ready: false } : {}),
  });

  const authorityFor = (inputs: Inputs, key: string): AuthorityRef =>
    managed.authorityFor?.(inputs, key) ?? inputs.authority;

  // A contract may come to be between two questions about it: what does not fit is asked once more.
  const observe: typeof managed.observe = async (...about) => {
    try {
      return await managed.observe(...about);
    } catch (error) {
      if (!(error instanceof CutoverError && misfits.has(error.code))) throw error;
      return managed.observe(...about);
    }
  };

  const look = async (inputs: Inputs, olds: State | undefined): Promise<Look<Facts>> => {
    try {
      const rpc = await connect(inputs.network, { timeoutMs: lookTimeoutMs });
      const facts = await observe(rpc, inputs, 'latest', olds);
      return facts === undefined ? { kind: 'not there' } : { kind: 'seen', facts };
    } catch (error) {
      if (!(error instanceof CutoverError) || error.code !== 'CUT-2030') throw error;
      // Before the first update there may be no chain yet.
      if (olds !== undefined) {
        console.log(`warning: ${managed.subject(inputs)} could not be looked at: no endpoint answers`);
      }
      return { kind: 'unreachable' };
    }
  };

  /** Says to a reviewer what an update would do. */
  const preview = async (inputs: Inputs, plan: ChangePlan): Promise<void> => {
    if (plan.kind === 'nothing') return;
    const steps = plan.kind === 'change' ? plan.steps : [];
    const [first] = steps;
    const price =
      first === undefined
        ? []
        : await priceLines(inputs.network, authorityFor(inputs, first.action.key), steps);
    // In one piece: the engine sets every line apart.
    console.log([`${managed.subject(inputs)}:`, ...plan.lines, ...price].join('\n  '));
  };

  const bring = async (inputs: Inputs, olds: State | undefined): Promise<State> => {
    managed.check?.(inputs);
    if (inputs.ready === false) return notYet(inputs);
    const rpc = await connect(inputs.network);
    const addresses = managed.standsOn(inputs);
    const block =
      addresses.length === 0
        ? 'latest'
        : await awaitCode(rpc, addresses, managed.plansFrom ?? 'latest', console.log);
    const before = await observe(rpc, inputs, block, olds);
    if (before === undefined) throw notThere(inputs);
    const plan = managed.plan(inputs, before, olds);
    const progress = await carryOut(rpc, inputs, plan, olds);
    const waits = Object.values(progress).some((each) => !isSettled(each));
    await Promise.all(
      Object.entries(progress).map(([key, reached]) => settleDone(rpc, authorityFor(inputs, key), reached)),
    );
    const facts = plan.kind === 'change' ? await observe(rpc, inputs, 'latest', olds) : before;
    if (facts === undefined) throw notThere(inputs);
    const settled = plan.kind !== 'watch' && !waits;
    const outputs = managed.outputs(inputs, facts, olds, settled);
    const shown = waits ? planHash(plan) : undefined;
    const outs = {
      ...{ ...inputsOf(inputs), ...outputs, progress, drift: [] },
      ...(shown === undefined ? {} : { shown }),
    };
    const left = plan.kind === 'change' && !waits ? managed.plan(inputs, facts, outs) : plan;
    if (!waits) requireDone(inputs, left);
    return { ...outs, drift: left.kind === 'watch' ? left.lines : [] };
  };

  /** Kept while there is nothing to change yet. What only the chain can tell is left out. */
  const notYet = (inputs: Inputs): State => {
    const sentence = 'it waits until what it changes is there';
    console.log(`${managed.subject(inputs)}: ${sentence}`);
    return { ...inputs, progress: {}, drift: [sentence] } as unknown as State;
  };

  /** Each call through the authority, as far as it goes now. What was proposed and is no longer wanted is withdrawn. */
  const carryOut = async (
    rpc: Rpc,
    inputs: Inputs,
    plan: ChangePlan,
    olds: State | undefined,
  ): Promise<Record<string, Progress>> => {
    const earlier = olds?.progress ?? {};
    const steps = plan.kind === 'change' ? plan.steps : [];
    const progress: Record<string, Progress> = {};
    for (const [key, previous] of Object.entries(earlier)) {
      if (isSettled(previous) || steps.some(({ action }) => action.key === key)) continue;
      const left = await withdraw(rpc, authorityFor(inputs, key), previous, console.log);
      const fulfilled = plan.kind === 'nothing' && left.kind === 'superseded';
      const words = fulfilled ? 'what was proposed holds; nothing waits any more' : describeProgress(left);
      console.log(`${managed.subject(inputs)}: ${words}`);
      if (left.kind === 'proposed') progress[key] = left;
    }
    for (const { action } of steps) {
      const options = { previous: earlier[action.key], ...whetherSatisfied(rpc, inputs, olds, action.key) };
      const authority = authorityFor(inputs, action.key);
      const reached = await moveOn(rpc, authority, action, console.log, options);
      progress[action.key] = reached;
      const text = `${managed.subject(inputs)}: ${describeProgress(reached)}`;
      if (authority.kind !== 'key' && isNews(reached, earlier[action.key])) {
        const { purpose } = action;
        notify(inputs.network, { kind: 'proposed', account: authority.address, purpose, text });
      } else console.log(text);
      // What follows stands on this one.
      if (!isSettled(reached)) break;
    }
    return progress;
  };

  /**
   * The same change may have been made and undone before, and what was proposed may have happened in another way: only
   * the contract tells. For a key it was asked a moment ago.
   */
  const whetherSatisfied = (
    rpc: Rpc,
    inputs: Inputs,
    olds: State | undefined,
    key: string,
  ): { readonly satisfied?: () => Promise<boolean> } => {
    if (authorityFor(inputs, key).kind === 'key') return {};
    const satisfied = async (): Promise<boolean> => {
      const facts = await observe(rpc, inputs, 'latest', olds);
      const plan = facts === undefined ? undefined : managed.plan(inputs, facts, olds);
      return (
        plan !== undefined && !(plan.kind === 'change' && plan.steps.some((step) => step.action.key === key))
      );
    };
    return { satisfied };
  };

  const requireDone = (inputs: Inputs, plan: ChangePlan): void => {
    if (plan.kind !== 'change') return;
    const list = plan.lines.map((line) => `  ${line}`).join('\n');
    throw new CutoverError('CUT-2331', { subject: managed.subject(inputs), list });
  };

  const notThere = (inputs: Inputs): CutoverError =>
    new CutoverError('CUT-2330', {
      subject: managed.subject(inputs),
      network: describeNetwork(inputs.network),
    });

  return {
    async check(olds, news) {
      if (hasUnknown(news)) return {};
      managed.check?.(inputsOf(news));
      // The first time there is no diff: what is already on the chain is compared here.
      if (Object.keys(olds).length > 0 || news.ready === false) return {};
      const looked = await look(news, undefined);
      if (looked.kind !== 'seen') return {};
      const plan = managed.plan(news, looked.facts, undefined);
      if (managed.isNew?.(looked.facts) !== true) await preview(news, plan);
      return {};
    },

    async diff(_id, olds, news) {
      if (hasUnknown({ ...news, network: undefined })) return { changes: true };
      // Where a URL is known only after the update, the one of the last update still tells what is there.
      const wanted = hasUnknown(news.network) ? { ...news, network: olds.network } : news;
      const moved = managed.identity.filter((name) => !isDeepStrictEqual(olds[name], wanted[name]));
      if (olds.network.chainId !== wanted.network.chainId) moved.push('network');
      const looked = moved.length > 0 || wanted.ready === false ? undefined : await look(wanted, olds);
      const plan = looked?.kind === 'seen' ? managed.plan(inputsOf(wanted), looked.facts, olds) : undefined;
      const waiting = Object.values(olds.progress).filter((each) => !isSettled(each));
      const isShown = olds.shown !== undefined && plan !== undefined && planHash(plan) === olds.shown;
      if (plan !== undefined && !isShown) await preview(wanted, plan);
      for (const each of waiting) console.log(`${managed.subject(olds)}: ${describeProgress(each)}`);
      const diff = planChangeDiff({
        moved,
        plan,
        gone: looked?.kind === 'not there',
        otherInputsDiffer: !isDeepStrictEqual(inputsOf(olds), inputsOf(wanted)),
        waiting: waiting.length > 0,
        knownDrift: olds.drift.length > 0,
      });
      if (diff.kind === 'replace') return { changes: true, replaces: [...diff.because] };
      return { changes: diff.kind === 'update' };
    },

    async create(inputs) {
      return { id: managed.id(inputs), outs: await bring(inputsOf(inputs), undefined).finally(posted) };
    },

    async update(_id, olds, news) {
      return { outs: await bring(inputsOf(news), olds).finally(posted) };
    },

    async read(id, olds) {
      if (olds.ready === false) return { id, props: olds, inputs: inputsOf(olds) };
      const rpc = await connect(olds.network, { timeoutMs: lookTimeoutMs });
      const seen = await observe(rpc, olds, 'latest', olds);
      const facts = seen === undefined ? undefined : ((await managed.inspect?.(rpc, olds, seen)) ?? seen);
      if (facts === undefined) {
        console.log(`drift: ${managed.subject(olds)}: the contract is gone from the chain`);
        return {};
      }
      const drift = managed.drift(olds, facts);
      for (const sentence of drift) console.log(`drift: ${managed.subject(olds)}: ${sentence}`);
      const props = { ...olds, ...managed.outputs(olds, facts, olds, false), drift };
      return { id, props, inputs: inputsOf(olds) };
    },

    delete(_id, olds) {
      if (olds.ready !== false) console.log(`forgotten: ${managed.forgotten(olds)}`);
      return Promise.resolve();
    },
  };
}

/** Waits until what was done is as deep in the chain as the network wants; what came before it then is as well. */
async function settleDone(rpc: Rpc, authority: AuthorityRef, progress: Progress): Promise<void> {
  if (progress.kind !== 'done') return;
  const address = await signerAddress(payerOf(authority));
  await settle(rpc, { address }, console.log, [progress.transactionHash]);
}
