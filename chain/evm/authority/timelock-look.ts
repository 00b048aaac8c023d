import { CutoverError } from '@cutover/base/errors.ts';
import type { Action } from '../../plan/authority/action.ts';
import type { TimelockAuthority } from '../../plan/authority/authority.ts';
import { doesCall, safeCallOf, zeroAddress } from '../../plan/authority/safe-transaction.ts';
import type { TimelockFacts } from '../../plan/authority/timelock.ts';
import {
  noPredecessor,
  operationId,
  operationOf,
  scheduleData,
  type Operation,
} from '../../plan/authority/timelock-operation.ts';
import { describeNetwork } from '../../plan/network.ts';
import { signerAddress } from '../account.ts';
import { trailOf, type Move } from './move.ts';
import { readProposals } from './proposals.ts';
import { readSafe } from './safe-facts.ts';
import { folderOf } from './safe-proposal.ts';
import {
  chainTime,
  hasRole,
  historyOf,
  minDelayOf,
  requireSameId,
  stateAt,
  timestampOf,
  type OperationHistory,
} from './timelock-facts.ts';

/** An action on its way through a time lock. */
export interface TimelockMove extends Move {
  readonly authority: TimelockAuthority;
  readonly action: Action;
}

/** Everything that one look at a time lock found out about an action. */
export interface TimelockLook {
  readonly facts: TimelockFacts;
  readonly operation: Operation;
  readonly id: string;
  readonly history: OperationHistory | undefined;
  readonly transactions: readonly string[];
}

// How often the same change is looked for as wanted, undone, and wanted again.
const mostRounds = 1_000;

/**
 * Looks at a time lock and at what became of the operation. `ours` are operations that this call has worked on.
 * SIDE EFFECTS: asks the node, reads files and keys.
 */
export async function lookAtTimelock(
  move: TimelockMove,
  sent: readonly string[],
  ours: ReadonlySet<string>,
): Promise<TimelockLook> {
  const { rpc, authority, previous } = move;
  const { address, predecessor = noPredecessor, delaySeconds } = authority;
  const satisfied = await move.satisfied?.();
  const { operation, id, timestamp } = await currentRound(move, satisfied, ours);
  await requireSameId(rpc, address, operation, id);
  const transactions = [...trailOf(move, { operationId: id }), ...sent];
  const [now, minDelay, may, before] = await Promise.all([
    chainTime(rpc),
    minDelayOf(rpc, address),
    permissions(move),
    predecessor === noPredecessor ? 1 : timestampOf(rpc, address, predecessor),
  ]);
  const recorded = previous?.ids.operationId === id ? previous : undefined;
  const history = await historyOf(rpc, address, id, recorded?.ids.block ?? 0, transactions);
  // What happened to it before it was wanted this time does not count: we may have cancelled it ourselves then.
  const wantedSince =
    previous === undefined || recorded?.kind === 'proposed' || recorded?.kind === 'cancelled';
  const wasScheduled =
    recorded?.kind === 'proposed' && (recorded.stage === 'delay' || recorded.stage === 'predecessor');
  const facts: TimelockFacts = {
    operation: stateAt(timestamp, now, history?.delay),
    now,
    minDelay,
    wantedDelay: delaySeconds,
    predecessorDone: before === 1,
    may,
    cancelled: wantedSince && (history?.cancelled ?? (wasScheduled || recorded?.kind === 'cancelled')),
    underway: timestamp === 0 && (await isSchedulingUnderway(move, operation, minDelay)),
    stale: await staleOperation(move, id),
    satisfied,
    again: move.again ?? false,
  };
  return { facts, operation, id, history, transactions };
}

interface Round {
  readonly operation: Operation;
  readonly id: string;
  readonly timestamp: number;
}

/**
 * A time lock does no operation twice. Where the same change was done before and what it brought about does not hold
 * any more, the next one with another salt is meant.
 */
async function currentRound(
  { rpc, authority, action, previous, again }: TimelockMove,
  satisfied: boolean | undefined,
  ours: ReadonlySet<string>,
): Promise<Round> {
  let done: Round | undefined;
  for (let round = 0; round < mostRounds; round++) {
    const operation = operationOf(action, authority.predecessor, round);
    const id = operationId(operation);
    const timestamp = await timestampOf(rpc, authority.address, id);
    const each = { operation, id, timestamp };
    if (timestamp === 1) {
      done = each;
      continue;
    }
    if (done === undefined || timestamp !== 0) return each;
    if (satisfied !== false) return done;
    // Waited for, done, and without effect: the same again would have none either.
    const awaited =
      ours.has(done.id) || (previous?.kind === 'proposed' && previous.ids.operationId === done.id);
    if (!awaited || again === true) return each;
    const history = await historyOf(rpc, authority.address, done.id, previous?.ids.block ?? 0, []);
    throw new CutoverError('CUT-2264', {
      purpose: action.purpose,
      hash: history?.executed?.transactionHash ?? `operation ${done.id}`,
      network: describeNetwork(rpc.network),
    });
  }
  throw new CutoverError('CUT-2266', { purpose: action.purpose, address: authority.address });
}

/** Whether those who would act for us may. Asked before anything is scheduled, not after the delay. */
async function permissions({ rpc, authority }: TimelockMove): Promise<TimelockFacts['may']> {
  const { address, executor } = authority;
  const proposer = await proposerAddress(authority);
  const [propose, cancel, open] = await Promise.all([
    hasRole(rpc, address, 'proposer', proposer),
    hasRole(rpc, address, 'canceller', proposer),
    hasRole(rpc, address, 'executor', zeroAddress),
  ]);
  const execute = open || (await hasRole(rpc, address, 'executor', await signerAddress(executor)));
  return { proposer: propose, canceller: cancel, executor: execute };
}

/** Whom a time lock sees when something is proposed. SIDE EFFECTS: may read a key. */
export function proposerAddress({ proposer }: TimelockAuthority): Promise<string> {
  return proposer.kind === 'key' ? signerAddress(proposer.signer) : Promise.resolve(proposer.address);
}

/** The operation that was proposed for the same change before, while it could still be executed. */
async function staleOperation(
  { rpc, authority, previous }: TimelockMove,
  id: string,
): Promise<string | undefined> {
  const earlier = previous?.ids.operationId;
  if (earlier === undefined || earlier === id || previous?.kind !== 'proposed') return undefined;
  return (await timestampOf(rpc, authority.address, earlier)) > 1 ? earlier : undefined;
}

/** What the proposer is to do so that an operation is scheduled. */
export function scheduleAction(
  { authority, action }: TimelockMove,
  operation: Operation,
  delay: number,
): Action {
  return {
    key: `${action.key}/schedule`,
    purpose: `schedule: ${action.purpose}`,
    to: authority.address,
    data: scheduleData(operation, delay),
    abi: action.abi ?? [],
  };
}

/** Whether the proposer, a Safe, has an open proposal that would schedule the operation. SIDE EFFECTS: reads files. */
async function isSchedulingUnderway(
  move: TimelockMove,
  operation: Operation,
  minDelay: number,
): Promise<boolean> {
  const { rpc, authority, previous } = move;
  const { proposer, delaySeconds = 0 } = authority;
  if (proposer.kind === 'key') return false;
  const { nonce } = await readSafe(rpc, proposer.address);
  const recorded =
    previous?.kind === 'proposed' && previous.stage === 'scheduling' ? previous.ids : undefined;
  if (recorded?.safeNonce !== undefined && recorded.safeNonce >= nonce) return true;
  const action = scheduleAction(move, operation, Math.max(minDelay, delaySeconds));
  const { proposals } = await readProposals(folderOf(proposer));
  return proposals.some(
    (each) =>
      each.key === action.key &&
      each.withdrawn === undefined &&
      each.transaction.nonce >= nonce &&
      doesCall(each.transaction, safeCallOf(action, '')),
  );
}
