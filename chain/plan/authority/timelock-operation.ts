import { AbiCoder, Interface } from 'ethers/abi';
import { id, solidityPackedKeccak256 } from 'ethers/hash';
import { keccak256 } from 'ethers/crypto';
import { callsOf, type Action, type Call } from './action.ts';

/** The functions and events of a TimelockController that are used here. */
export const timelockInterface = new Interface([
  'function getMinDelay() view returns (uint256)',
  'function getTimestamp(bytes32 id) view returns (uint256)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function hashOperation(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt) pure returns (bytes32)',
  'function hashOperationBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) pure returns (bytes32)',
  'function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)',
  'function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)',
  'function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable',
  'function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable',
  'function cancel(bytes32 id)',
  'function updateDelay(uint256 newDelay)',
  'event CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)',
  'event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)',
  'event Cancelled(bytes32 indexed id)',
  'error TimelockInvalidOperationLength(uint256 targets, uint256 payloads, uint256 values)',
  'error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)',
  'error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)',
  'error TimelockUnexecutedPredecessor(bytes32 predecessorId)',
  'error TimelockUnauthorizedCaller(address caller)',
]);

/** The roles of a TimelockController by their names in its source. */
export const timelockRoles = {
  proposer: id('PROPOSER_ROLE'),
  executor: id('EXECUTOR_ROLE'),
  canceller: id('CANCELLER_ROLE'),
} as const;
export type TimelockRole = keyof typeof timelockRoles;

/** An operation of a time lock: what it calls, and what makes its id its own. */
export interface Operation {
  readonly calls: readonly Call[];
  readonly predecessor: string;
  readonly salt: string;
}

export const noPredecessor = `0x${'00'.repeat(32)}`;

/**
 * The operation for an action. The salt comes from the action's key, so that every process finds the same one. A time
 * lock does no operation twice; `round` counts how often the same change was wanted, undone, and is wanted again.
 */
export function operationOf(action: Action, predecessor: string | undefined, round: number): Operation {
  const salt =
    round === 0 ? id(action.key) : solidityPackedKeccak256(['string', 'uint256'], [action.key, round]);
  return { calls: callsOf(action), predecessor: predecessor ?? noPredecessor, salt };
}

/** The id of an operation, as the contract computes it. */
export function operationId(operation: Operation): string {
  const [types, values] = isSingle(operation)
    ? [['address', 'uint256', 'bytes', 'bytes32', 'bytes32'], single(operation)]
    : [['address[]', 'uint256[]', 'bytes[]', 'bytes32', 'bytes32'], batch(operation)];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

/** The question to the contract for the id of an operation. */
export function idQuestion(operation: Operation): string {
  return encode(operation, 'hashOperation', 'hashOperationBatch', []);
}

export function scheduleData(operation: Operation, delay: number): string {
  return encode(operation, 'schedule', 'scheduleBatch', [delay]);
}

export function executeData(operation: Operation): string {
  return encode(operation, 'execute', 'executeBatch', []);
}

export function cancelData(id: string): string {
  return timelockInterface.encodeFunctionData('cancel', [id]);
}

function encode(operation: Operation, one: string, several: string, further: readonly unknown[]): string {
  return isSingle(operation)
    ? timelockInterface.encodeFunctionData(one, [...single(operation), ...further])
    : timelockInterface.encodeFunctionData(several, [...batch(operation), ...further]);
}

function isSingle({ calls }: Operation): boolean {
  return calls.length === 1;
}

function single({ calls, predecessor, salt }: Operation): readonly unknown[] {
  const [call] = calls;
  return [call?.to, call?.value ?? 0n, call?.data, predecessor, salt];
}

function batch({ calls, predecessor, salt }: Operation): readonly unknown[] {
  return [
    calls.map(({ to }) => to),
    calls.map(({ value }) => value ?? 0n),
    calls.map(({ data }) => data),
    predecessor,
    salt,
  ];
}
