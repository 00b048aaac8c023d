import { Interface } from 'ethers/abi';
import { solidityPacked, TypedDataEncoder } from 'ethers/hash';
import { concat, dataLength } from 'ethers/utils';
import { callsOf, type Action, type Call } from './action.ts';
import { addressOf, isHash, sameAddress } from './authority.ts';

/** A Safe transaction as its owners sign it, and as Safe's own tools write it: whole numbers as decimal text. */
export interface SafeTransaction {
  readonly to: string;
  readonly value: string;
  readonly data: string;
  /** 0 calls; 1 runs the code of `to` with the rights of the Safe. */
  readonly operation: 0 | 1;
  readonly safeTxGas: string;
  readonly baseGas: string;
  readonly gasPrice: string;
  readonly gasToken: string;
  readonly refundReceiver: string;
  readonly nonce: number;
}

/** What a Safe is to do, without the place in its queue. */
export type SafeCall = Pick<SafeTransaction, 'to' | 'value' | 'data' | 'operation'>;

/** The functions and events of a Safe (1.3.0 and later) that are used here. */
export const safeInterface = new Interface([
  'function VERSION() view returns (string)',
  'function nonce() view returns (uint256)',
  'function getOwners() view returns (address[])',
  'function getThreshold() view returns (uint256)',
  'function approvedHashes(address owner, bytes32 hash) view returns (uint256)',
  'function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)',
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool success)',
  // 1.3.0 does not index the hash; the topic of the event is the same.
  'event ExecutionSuccess(bytes32 indexed txHash, uint256 payment)',
  'event ExecutionFailure(bytes32 indexed txHash, uint256 payment)',
]);

/**
 * MultiSendCallOnly, which makes one Safe transaction of several calls: where each release of Safe puts it and the hash
 * of its code. Its code runs with the rights of the Safe, so no other code is accepted.
 * https://github.com/safe-global/safe-deployments
 */
export const multiSends: readonly { readonly address: string; readonly codeHash: string }[] = [
  {
    address: '0x9641d764fc13c8B624c04430C7356C1C7C8102e2', // 1.4.1
    codeHash: '0xecd5bd14a08c5d2122379900b2f272bdf107a7e92423c10dd5fe3254386c9939',
  },
  {
    address: '0xA83c336B20401Af773B6219BA5027174338D1836', // 1.5.0
    codeHash: '0xcdbdcec38d2f1c7d961b0029ff8416b7e86e9974d6f0e9c9580c7d17fcfb6663',
  },
  {
    address: '0x40A2aCCbd92BCA938b02010E17A5b8929b49130D', // 1.3.0
    codeHash: '0xa9865ac2d9c7a1591619b188c4d88167b50df6cc0c5327fcbd1c8c75f7c066ad',
  },
];

export const multiSendInterface = new Interface(['function multiSend(bytes transactions) payable']);

export const zeroAddress = `0x${'00'.repeat(20)}`;

/** What the Safe is to do for an action. Several calls need a MultiSendCallOnly to go through. */
export function safeCallOf(action: Action, multiSend: string): SafeCall {
  const [first, ...others] = callsOf(action);
  if (first !== undefined && others.length === 0) {
    return { to: first.to, value: String(first.value ?? 0n), data: first.data, operation: 0 };
  }
  const packed = concat(callsOf(action).map(packCall));
  return {
    to: multiSend,
    value: '0',
    data: multiSendInterface.encodeFunctionData('multiSend', [packed]),
    operation: 1,
  };
}

function packCall({ to, value, data }: Call): string {
  return solidityPacked(
    ['uint8', 'address', 'uint256', 'uint256', 'bytes'],
    [0, to, value ?? 0n, dataLength(data), data],
  );
}

/** A Safe transaction as Cutover proposes them: nothing is refunded, and a call that fails takes all back. */
export function safeTransaction(call: SafeCall, nonce: number): SafeTransaction {
  const { to, value, data, operation } = call;
  const refund = { safeTxGas: '0', baseGas: '0', gasPrice: '0' };
  return {
    ...{ to, value, data, operation },
    ...{ ...refund, gasToken: zeroAddress, refundReceiver: zeroAddress, nonce },
  };
}

/** Whether a Safe transaction does what is wanted, wherever in the queue it stands. */
export function doesCall(transaction: SafeTransaction, call: SafeCall): boolean {
  return (
    sameAddress(transaction.to, call.to) &&
    transaction.value === call.value &&
    transaction.operation === call.operation &&
    transaction.data.toLowerCase() === call.data.toLowerCase()
  );
}

const fields = {
  SafeTx: [
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'data', type: 'bytes' },
    { name: 'operation', type: 'uint8' },
    { name: 'safeTxGas', type: 'uint256' },
    { name: 'baseGas', type: 'uint256' },
    { name: 'gasPrice', type: 'uint256' },
    { name: 'gasToken', type: 'address' },
    { name: 'refundReceiver', type: 'address' },
    { name: 'nonce', type: 'uint256' },
  ],
};

/** What owners sign: the EIP-712 hash of a Safe transaction, for one Safe on one chain. */
export function safeTransactionHash(safe: string, chainId: number, transaction: SafeTransaction): string {
  return TypedDataEncoder.hash({ chainId, verifyingContract: safe }, fields, transaction);
}

/** The transaction that makes the Safe execute. */
export function executionData(transaction: SafeTransaction, signatures: string): string {
  return safeInterface.encodeFunctionData('execTransaction', [...fieldsOf(transaction), signatures]);
}

/** The question to the Safe for its own hash of the transaction. */
export function hashQuestion(transaction: SafeTransaction): string {
  return safeInterface.encodeFunctionData('getTransactionHash', [
    ...fieldsOf(transaction),
    transaction.nonce,
  ]);
}

function fieldsOf(transaction: SafeTransaction): readonly unknown[] {
  const { to, value, data, operation } = transaction;
  const { safeTxGas, baseGas, gasPrice, gasToken, refundReceiver } = transaction;
  return [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver];
}

/** Whether something read from a file has the shape of a Safe transaction. */
export function isSafeTransaction(value: unknown): value is SafeTransaction {
  if (typeof value !== 'object' || value === null) return false;
  const each = value as Readonly<Record<string, unknown>>;
  const numbers = ['value', 'safeTxGas', 'baseGas', 'gasPrice'].map((name) => each[name]);
  const addresses = ['to', 'gasToken', 'refundReceiver'].map((name) => each[name]);
  return (
    numbers.every((number) => typeof number === 'string' && /^\d{1,78}$/.test(number)) &&
    addresses.every((address) => typeof address === 'string' && addressOf(address) !== undefined) &&
    typeof each['data'] === 'string' &&
    /^0x([0-9a-fA-F]{2})*$/.test(each['data']) &&
    (each['operation'] === 0 || each['operation'] === 1) &&
    Number.isSafeInteger(each['nonce']) &&
    Number(each['nonce']) >= 0
  );
}

/** What became of a Safe transaction according to one log entry; undefined when it is about another. */
export function executionIn(
  hash: string,
  log: { readonly topics: readonly string[]; readonly data: string },
): 'success' | 'failure' | undefined {
  const [event, topic] = log.topics;
  const subject = topic ?? log.data.slice(0, 66);
  if (!isHash(subject) || subject.toLowerCase() !== hash.toLowerCase()) return undefined;
  if (event === executionTopics[0]) return 'success';
  return event === executionTopics[1] ? 'failure' : undefined;
}

/** The topics of the events that tell of executions. */
export const executionTopics = ['ExecutionSuccess', 'ExecutionFailure'].map(
  (name) => safeInterface.getEvent(name)?.topicHash ?? '',
);
