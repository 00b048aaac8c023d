import { CutoverError } from '@cutover/base/errors.ts';
import type { Action } from '../../plan/authority/action.ts';
import type { Ids, Missing, Progress } from '../../plan/authority/progress.ts';
import type { TimelockStep } from '../../plan/authority/timelock.ts';
import {
  cancelData,
  executeData,
  timelockRoles,
  type TimelockRole,
} from '../../plan/authority/timelock-operation.ts';
import { describeNetwork } from '../../plan/network.ts';
import { openAccount, signerAddress } from '../account.ts';
import { moveKey } from './key.ts';
import type { Move } from './move.ts';
import { blockNumber } from './question.ts';
import { insideError } from './safe-failure.ts';
import { moveSafe } from './safe.ts';
import type { Taken } from './safe-steps.ts';
import { sendAndWait } from './send.ts';
import { timestampOf } from './timelock-facts.ts';
import { proposerAddress, scheduleAction, type TimelockLook, type TimelockMove } from './timelock-look.ts';
import { holdersOf } from './who-may.ts';

/** Takes the step that was planned. SIDE EFFECTS: writes files, sends transactions. */
export async function takeTimelockStep(
  move: TimelockMove,
  step: TimelockStep,
  look: TimelockLook,
): Promise<Taken> {
  const trail = { ids: await idsOf(move, look), transactions: look.transactions };
  switch (step.kind) {
    case 'schedule':
      return schedule(move, step.delay, look);
    case 'cancel': {
      const id = step.which === 'this' ? look.id : (look.facts.stale ?? look.id);
      return cancel(move, move.authority, id, look.transactions);
    }
    case 'wait': {
      const { seconds, readyAt } = step;
      const missing = [{ what: `${seconds} s of its delay`, seconds, readyAt: iso(readyAt) }];
      return { kind: 'proposed', stage: 'delay', missing, ...trail };
    }
    case 'wait for predecessor': {
      const missing = [{ what: `the operation ${move.authority.predecessor} to be done first` }];
      return { kind: 'proposed', stage: 'predecessor', missing, ...trail };
    }
    case 'execute':
      return execute(move, look);
    case 'done': {
      const executed = look.history?.executed;
      if (executed !== undefined) {
        const transactions = [...new Set([...look.transactions, executed.transactionHash])];
        return { kind: 'done', ...executed, ids: trail.ids, transactions };
      }
      const reason = 'the time lock says that it is done; which transaction did it could not be looked up';
      return { kind: 'executed elsewhere', reason, ...trail };
    }
    case 'executed elsewhere': {
      const left =
        look.facts.operation.kind === 'unset'
          ? ''
          : `; the operation ${look.id} stays scheduled, as only a canceller may cancel it`;
      return {
        kind: 'executed elsewhere',
        reason: `what it should bring about holds already${left}`,
        ...trail,
      };
    }
    case 'cancelled': {
      const reason = `the operation ${look.id} was cancelled in the time lock; \`again: true\` proposes it once more`;
      return { kind: 'cancelled', reason, ...trail };
    }
    case 'refuse':
      throw await refusal(move, step, look);
  }
}

async function schedule(move: TimelockMove, delay: number, look: TimelockLook): Promise<Taken> {
  const { rpc, authority } = move;
  const scheduled = async (): Promise<boolean> => (await timestampOf(rpc, authority.address, look.id)) !== 0;
  const action = scheduleAction(move, look.operation, delay);
  const reached = await propose(move, authority.proposer, action, scheduled);
  if (reached.kind !== 'proposed') return { kind: 'look again', sent: reached.transactions };
  const missing: Missing[] = [...reached.missing, { what: `then ${delay} s of its delay`, seconds: delay }];
  return { ...reached, stage: 'scheduling', missing, ids: { ...reached.ids, operationId: look.id } };
}

/** Cancels an operation through the proposer. SIDE EFFECTS: writes files, sends transactions. */
export async function cancel(
  move: Move,
  authority: TimelockMove['authority'],
  id: string,
  transactions: readonly string[],
): Promise<Taken> {
  const { rpc, log } = move;
  const action = {
    key: `${authority.address}/cancel/${id}`,
    purpose: `cancel the operation ${id}`,
    to: authority.address,
    data: cancelData(id),
  };
  const gone = async (): Promise<boolean> => (await timestampOf(rpc, authority.address, id)) <= 1;
  const reached = await propose(move, authority.proposer, action, gone);
  if (reached.kind !== 'proposed') {
    log(`the operation ${id} of the time lock ${authority.address} is cancelled`);
    return { kind: 'look again', sent: reached.transactions };
  }
  const all = [...new Set([...transactions, ...reached.transactions])];
  return {
    ...reached,
    stage: 'cancelling',
    ids: { ...reached.ids, operationId: id },
    transactions: all,
  };
}

function propose(
  move: Move,
  proposer: TimelockMove['authority']['proposer'],
  action: Action,
  satisfied: () => Promise<boolean>,
): Promise<Progress> {
  const inner = { ...move, satisfied };
  return proposer.kind === 'key' ? moveKey(inner, proposer, action) : moveSafe(inner, proposer, action);
}

async function execute(move: TimelockMove, look: TimelockLook): Promise<Taken> {
  const { rpc, authority, action, log } = move;
  const account = await openAccount(authority.executor, rpc.network);
  const sending = {
    to: authority.address,
    data: executeData(look.operation),
    purpose: action.purpose,
    key: `${action.key}/execute/${look.id}`,
    abi: action.abi ?? [],
  };
  try {
    const { transactionHash } = await sendAndWait(rpc, account, sending, log);
    return { kind: 'look again', sent: [transactionHash] };
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    // Somebody may have been quicker, to execute or to cancel it.
    if ((await timestampOf(rpc, authority.address, look.id)) <= 1) return { kind: 'look again', sent: [] };
    throw error.code === 'CUT-2252' ? await insideError(rpc, authority.address, action, error) : error;
  }
}

async function refusal(
  { rpc, authority, action }: TimelockMove,
  step: TimelockStep & { readonly kind: 'refuse' },
  { id }: TimelockLook,
): Promise<CutoverError> {
  const { address, executor } = authority;
  const common = { purpose: action.purpose, address, network: describeNetwork(rpc.network) };
  const holders = (role: TimelockRole): Promise<string> => holdersOf(rpc, address, timelockRoles[role]);
  if (step.reason === 'delay') {
    const { delay, wanted } = step;
    return new CutoverError('CUT-2273', {
      ...{ ...common, id, delay, wanted, holders: await holders('canceller') },
    });
  }
  const { role } = step;
  const account = role === 'executor' ? await signerAddress(executor) : await proposerAddress(authority);
  return new CutoverError('CUT-2272', {
    ...{ ...common, account, role: `${role.toUpperCase()}_ROLE`, holders: await holders(role) },
  });
}

async function idsOf({ rpc, previous }: Move, { id }: TimelockLook): Promise<Ids> {
  const recorded = previous?.ids.operationId === id ? previous.ids : undefined;
  return { ...recorded, operationId: id, block: recorded?.block ?? (await blockNumber(rpc)) };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
