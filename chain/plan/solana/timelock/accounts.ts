import { base58 } from '../address.ts';
import { viewOf } from '../instruction.ts';
import description from './interface.json' with { type: 'json' };

/** Who decides, and how long a decision waits. */
export interface TimelockRules {
  /** 1 to 10, none twice. */
  readonly members: readonly string[];
  /** How many of them must approve. */
  readonly threshold: number;
  /** Between enough approvals and the execution, by the cluster's clock. At most 90 days. */
  readonly delaySeconds: number;
  /** How long after the delay it may still be executed. At most 90 days. */
  readonly graceSeconds: number;
}

/** A time lock as the chain has it. */
export interface Timelock {
  readonly rules: TimelockRules;
  readonly createKey: string;
  /** How many proposals there ever were: the number of the next one. */
  readonly proposals: bigint;
  /** Proposals with a lower number are stale: the rules were changed after them. */
  readonly firstValid: bigint;
}

/** What a proposal does. */
export type ProposedAction =
  | {
      readonly kind: 'upgrade';
      readonly program: string;
      readonly buffer: string;
      /** Who gets the lamports of the buffer. */
      readonly spill: string;
      /** SHA-256 of all bytes of the buffer behind the loader's header. */
      readonly hash: Uint8Array;
    }
  /** Another authority for a program's data account or a buffer; it signs the execution. */
  | { readonly kind: 'handOver'; readonly account: string; readonly authority: string }
  | { readonly kind: 'changeRules'; readonly rules: TimelockRules };

/** A proposal as the chain has it. What of it counts now is decided by `standingOf`. */
export interface TimelockProposal {
  readonly timelock: string;
  readonly index: bigint;
  readonly state: keyof typeof description.states;
  readonly proposer: string;
  /** Seconds of the cluster's clock. */
  readonly proposedAt: number;
  /** When enough had approved. */
  readonly approvedAt?: number;
  /** When it was executed or cancelled. */
  readonly endedAt?: number;
  /** A bit for each member, in the order of the rules. */
  readonly approvals: number;
  readonly cancellations: number;
  readonly action: ProposedAction;
}

/** Sizes of the accounts, which never change. */
export const timelockSize = 400;
export const proposalSize = 456;

/**
 * The largest buffer that can be proposed: the program hashes it in one transaction, at half a compute unit a byte, and
 * a transaction has 1.4 million. Measured: 2,726,297 bytes took 1,394,732 units to execute.
 */
export const largestBuffer = 2_600_000;

const layout = 1;
const rulesSize = 336;
const rulesOfTimelock = timelockSize - rulesSize;
const action = proposalSize - rulesSize;

/** Reads a time lock; undefined where the bytes are none. That the program owns the account is for the caller to see. */
export function readTimelock(data: Uint8Array): Timelock | undefined {
  if (data.length !== timelockSize || tagOf(data) !== 'timelock' || data[8] !== layout) return undefined;
  const view = viewOf(data);
  const rules = readRules(data.subarray(rulesOfTimelock));
  if (rules === undefined) return undefined;
  return {
    rules,
    createKey: base58(data.subarray(32, 64)),
    proposals: view.getBigUint64(16, true),
    firstValid: view.getBigUint64(24, true),
  };
}

/** Reads a proposal; undefined where the bytes are none. That the program owns the account is for the caller to see. */
export function readProposal(data: Uint8Array): TimelockProposal | undefined {
  if (data.length !== proposalSize || tagOf(data) !== 'proposal' || data[8] !== layout) return undefined;
  const view = viewOf(data);
  const state = nameOf(description.states, data[11]);
  const proposed = readAction(data[10], data.subarray(action));
  if (state === undefined || proposed === undefined) return undefined;
  const approvedAt = Number(view.getBigInt64(32, true));
  const endedAt = Number(view.getBigInt64(40, true));
  return {
    timelock: base58(data.subarray(56, 88)),
    index: view.getBigUint64(16, true),
    state,
    proposer: base58(data.subarray(88, 120)),
    proposedAt: Number(view.getBigInt64(24, true)),
    ...(approvedAt === 0 ? {} : { approvedAt }),
    ...(endedAt === 0 ? {} : { endedAt }),
    approvals: view.getUint32(48, true),
    cancellations: view.getUint32(52, true),
    action: proposed,
  };
}

function readAction(kind: number | undefined, data: Uint8Array): ProposedAction | undefined {
  const address = (at: number): string => base58(data.subarray(at, at + 32));
  switch (nameOf(description.kinds, kind)) {
    case 'upgrade': {
      const parts = { program: address(0), buffer: address(32), spill: address(64) };
      return { kind: 'upgrade', ...parts, hash: data.slice(96, 128) };
    }
    case 'handOver':
      return { kind: 'handOver', account: address(0), authority: address(32) };
    case 'changeRules': {
      const rules = readRules(data);
      return rules === undefined ? undefined : { kind: 'changeRules', rules };
    }
    case undefined:
      return undefined;
  }
}

function readRules(data: Uint8Array): TimelockRules | undefined {
  const view = viewOf(data);
  const threshold = view.getUint8(0);
  const count = view.getUint8(1);
  if (count > description.limits.members) return undefined;
  return {
    members: Array.from({ length: count }, (_, at) => base58(data.subarray(16 + 32 * at, 48 + 32 * at))),
    threshold,
    delaySeconds: view.getUint32(8, true),
    graceSeconds: view.getUint32(12, true),
  };
}

function nameOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
  wanted: number | undefined,
): Name | undefined {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === wanted);
}

function tagOf(data: Uint8Array): string {
  return String.fromCharCode(...data.subarray(0, 8));
}
