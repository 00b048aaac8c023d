import { CutoverError } from '@cutover/base/errors.ts';
import type { OperationState } from '../../plan/authority/timelock.ts';
import {
  idQuestion,
  timelockInterface,
  timelockRoles,
  type Operation,
  type TimelockRole,
} from '../../plan/authority/timelock-operation.ts';
import { describeNetwork, isLocal } from '../../plan/network.ts';
import { codeAt } from '../deploy.ts';
import type { Rpc } from '../rpc.ts';
import { logsOf, logsOfTransaction, type LogEntry } from './logs.ts';
import { question } from './question.ts';
import type { Sent } from './send.ts';

/** The least delay of a time lock; refuses what is none. SIDE EFFECTS: asks the node. */
export async function minDelayOf(rpc: Rpc, address: string): Promise<number> {
  const [delay] = (await question(rpc, address, timelockInterface, 'getMinDelay')) ?? [];
  if (typeof delay === 'bigint') return Number(delay);
  const empty = (await codeAt(rpc, address)) === '0x';
  throw new CutoverError('CUT-2270', {
    ...{ address, network: describeNetwork(rpc.network) },
    reason: empty ? 'no code is there' : 'what is there answers otherwise',
  });
}

/** Has the time lock itself compute the id of an operation. SIDE EFFECTS: asks the node. */
export async function requireSameId(
  rpc: Rpc,
  address: string,
  operation: Operation,
  ours: string,
): Promise<void> {
  const theirs = await rpc.send<string>('eth_call', [{ to: address, data: idQuestion(operation) }, 'latest']);
  if (theirs === ours) return;
  throw new CutoverError('CUT-2271', { address, network: describeNetwork(rpc.network), theirs, ours });
}

/**
 * The chain's clock: the time of its latest block. A local node makes blocks only when there is something to put into
 * them, so there it is the time that the next one would have. SIDE EFFECTS: asks the node.
 */
export async function chainTime(rpc: Rpc): Promise<number> {
  const block = isLocal(rpc.network) ? 'pending' : 'latest';
  const { timestamp } = await rpc.send<{ readonly timestamp: string }>('eth_getBlockByNumber', [
    block,
    false,
  ]);
  return Number(timestamp);
}

/** When an operation may be executed: 0 when it is not scheduled, 1 when it is done. SIDE EFFECTS: asks the node. */
export async function timestampOf(rpc: Rpc, address: string, id: string): Promise<number> {
  const [timestamp] = (await question(rpc, address, timelockInterface, 'getTimestamp', [id])) ?? [];
  return Number(timestamp ?? 0);
}

/** How far an operation is. */
export function stateAt(timestamp: number, now: number, delay: number | undefined): OperationState {
  if (timestamp === 0) return { kind: 'unset' };
  if (timestamp === 1) return { kind: 'done' };
  return { kind: timestamp > now ? 'waiting' : 'ready', readyAt: timestamp, delay };
}

/** Whether an account has a role, or everybody has it. SIDE EFFECTS: asks the node. */
export async function hasRole(
  rpc: Rpc,
  address: string,
  role: TimelockRole,
  account: string,
): Promise<boolean> {
  const [has] =
    (await question(rpc, address, timelockInterface, 'hasRole', [timelockRoles[role], account])) ?? [];
  return has === true;
}

/** What the events of an operation tell. */
export interface OperationHistory {
  /** The delay that it was last scheduled with. */
  readonly delay: number | undefined;
  /** Whether the last thing that happened to it is that it was cancelled. */
  readonly cancelled: boolean;
  readonly executed: Sent | undefined;
}

/**
 * The history of an operation: of transactions that we sent first, then of the time lock since a block; undefined where
 * the endpoints do not list events. SIDE EFFECTS: asks the node.
 */
export async function historyOf(
  rpc: Rpc,
  address: string,
  id: string,
  fromBlock: number,
  sent: readonly string[],
): Promise<OperationHistory | undefined> {
  const names = ['CallScheduled', 'CallExecuted', 'Cancelled'];
  const topics = names.map((name) => timelockInterface.getEvent(name)?.topicHash ?? '');
  const ours = (await Promise.all(sent.map((hash) => logsOfTransaction(rpc, hash)))).flat();
  const listed = await logsOf(rpc, { address, topics: [topics, id], fromBlock });
  if (listed === undefined && ours.length === 0) return undefined;
  const events = (listed ?? ours).filter(({ topics: [, subject] }) => subject === id);
  const named = (name: string): LogEntry[] =>
    events.filter(({ topics: [topic] }) => topic === timelockInterface.getEvent(name)?.topicHash);
  const scheduled = named('CallScheduled').at(-1);
  const executed = named('CallExecuted').at(-1);
  return {
    delay: scheduled === undefined ? undefined : Number(timelockInterface.parseLog(scheduled)?.args['delay']),
    cancelled: events.at(-1)?.topics[0] === topics[2],
    executed: executed && {
      transactionHash: executed.transactionHash,
      blockNumber: executed.blockNumber,
    },
  };
}
