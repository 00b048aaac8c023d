import { FunctionFragment, Interface, type ParamType } from 'ethers/abi';
import { dataLength, dataSlice, formatEther } from 'ethers/utils';
import type { Abi } from '../artifact.ts';
import { callsOf, type Action, type Call } from './action.ts';
import { addressOf, sameAddress } from './authority.ts';
import { multiSendInterface, multiSends, zeroAddress, type SafeTransaction } from './safe-transaction.ts';
import { timelockInterface } from './timelock-operation.ts';

// Functions that change who may do what, and those around them: shown in words whatever ABI is at hand.
const known = [
  ...fragmentsOf(timelockInterface),
  ...fragmentsOf(multiSendInterface),
  'function transferOwnership(address newOwner)',
  'function acceptOwnership()',
  'function renounceOwnership()',
  'function grantRole(bytes32 role, address account)',
  'function revokeRole(bytes32 role, address account)',
  'function renounceRole(bytes32 role, address account)',
  'function pause()',
  'function unpause()',
  'function upgradeTo(address newImplementation)',
  'function upgradeToAndCall(address newImplementation, bytes data)',
  'function diamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] cuts, address init, bytes data)',
  'function addOwnerWithThreshold(address owner, uint256 threshold)',
  'function removeOwner(address previousOwner, address owner, uint256 threshold)',
  'function swapOwner(address previousOwner, address oldOwner, address newOwner)',
  'function changeThreshold(uint256 threshold)',
  'function enableModule(address module)',
  'function disableModule(address previousModule, address module)',
  'function setGuard(address guard)',
  'function setFallbackHandler(address handler)',
];

/**
 * The functions that an action calls, also inside of other calls, as signatures with names: kept with a proposal, so that
 * others can read its data.
 */
export function functionsOf(action: Action): readonly string[] {
  const data = callsOf(action).map((call) => call.data.toLowerCase());
  return functionsIn(action.abi ?? [])
    .filter(({ selector }) => data.some((each) => each.includes(selector.slice(2))))
    .map((fragment) => fragment.format('full'));
}

function functionsIn(abi: Abi): readonly FunctionFragment[] {
  return abi.filter(({ type }) => type === 'function').map((item) => FunctionFragment.from(item));
}

/**
 * A Safe transaction in words, one line a call, what is inside of a call below it. Only the transaction itself is
 * believed; `functions` lend names to what its data holds.
 */
export function describeSafeTransaction(
  transaction: SafeTransaction,
  functions: readonly string[],
): readonly string[] {
  const { to, value, data, operation, gasPrice, refundReceiver } = transaction;
  const warnings = [
    ...(operation === 1 && !multiSends.some(({ address }) => sameAddress(address, to))
      ? [`WARNING: the code of ${to} runs with all rights of the Safe`]
      : []),
    ...(gasPrice !== '0'
      ? [
          `WARNING: the Safe pays back gas to ${refundReceiver === zeroAddress ? 'whoever executes' : refundReceiver}`,
        ]
      : []),
  ];
  return [...describeCall({ to, value: BigInt(value), data }, functions), ...warnings];
}

/** A call in words. */
export function describeCall({ to, value, data }: Call, functions: readonly string[]): readonly string[] {
  const sum = value === undefined || value === 0n ? '' : ` with ${formatEther(value)} ETH`;
  if (dataLength(data) === 0) {
    return [
      sum === ''
        ? `an empty call of ${addressOf(to) ?? to}`
        : `send ${formatEther(value ?? 0n)} ETH to ${to}`,
    ];
  }
  const read = decode(data, functions);
  if (read === undefined) {
    const selector = data.slice(0, 10);
    return [`${to}: a function that is not known here, ${selector}, with ${dataLength(data)} bytes${sum}`];
  }
  const inside = innerCalls(read.fragment, read.values).flatMap((call) => describeCall(call, functions));
  // What a call only wraps is told below it, call by call.
  const args = read.fragment.inputs.flatMap((input, index) =>
    inside.length > 0 && wrapped.has(input.name)
      ? []
      : [`${input.name || index}: ${shown(input, read.values[index])}`],
  );
  return [`${to}: ${read.fragment.name}(${args.join(', ')})${sum}`, ...inside.map((line) => `  ${line}`)];
}

interface Decoded {
  readonly fragment: FunctionFragment;
  readonly values: readonly unknown[];
}

function decode(data: string, functions: readonly string[]): Decoded | undefined {
  // What is known here comes first: a proposal cannot lend a harmless name to a function that is not.
  for (const signature of [...known, ...functions]) {
    try {
      const fragment = FunctionFragment.from(signature);
      if (fragment.selector !== data.slice(0, 10).toLowerCase()) continue;
      return { fragment, values: [...new Interface([fragment]).decodeFunctionData(fragment, data)] };
    } catch {
      continue; // A signature that does not read or fit: the next may.
    }
  }
  return undefined;
}

const wrappers = new Set(
  [timelockInterface, multiSendInterface].flatMap((contract) =>
    contract.fragments.map((fragment) => (FunctionFragment.isFragment(fragment) ? fragment.selector : '')),
  ),
);

const wrapped = new Set([
  'target',
  'value',
  'data',
  'payload',
  'targets',
  'values',
  'payloads',
  'transactions',
]);

/** The calls that a call only wraps. */
function innerCalls(fragment: FunctionFragment, values: readonly unknown[]): readonly Call[] {
  if (!wrappers.has(fragment.selector)) return [];
  switch (fragment.name) {
    case 'schedule':
    case 'execute': {
      const [to, value, data] = values as readonly [string, bigint, string];
      return [{ to, value, data }];
    }
    case 'scheduleBatch':
    case 'executeBatch': {
      const [targets, sums, payloads] = values as readonly [
        readonly string[],
        readonly bigint[],
        readonly string[],
      ];
      return targets.map((to, index) => ({ to, value: sums[index] ?? 0n, data: payloads[index] ?? '0x' }));
    }
    case 'multiSend':
      return unpack(String(values[0]));
    default:
      return [];
  }
}

function unpack(packed: string): readonly Call[] {
  const calls: Call[] = [];
  for (let at = 0; at + 85 <= dataLength(packed);) {
    const length = Number(BigInt(dataSlice(packed, at + 53, at + 85)));
    const end = at + 85 + length;
    if (end > dataLength(packed)) break;
    calls.push({
      to: addressOf(dataSlice(packed, at + 1, at + 21)) ?? '',
      value: BigInt(dataSlice(packed, at + 21, at + 53)),
      data: dataSlice(packed, at + 85, end),
    });
    at = end;
  }
  return calls;
}

function shown(type: ParamType, value: unknown): string {
  if (type.baseType === 'array' && Array.isArray(value)) {
    return `[${value.map((each) => (type.arrayChildren ? shown(type.arrayChildren, each) : String(each))).join(', ')}]`;
  }
  if (type.baseType === 'tuple' && Array.isArray(value)) {
    const parts = (type.components ?? []).map((part, i) => `${part.name || i}: ${shown(part, value[i])}`);
    return `(${parts.join(', ')})`;
  }
  const text = typeof value === 'string' ? value : String(value);
  if (type.type === 'string') return JSON.stringify(text);
  return type.type === 'bytes' && text.length > 74
    ? `${text.slice(0, 74)}… (${dataLength(text)} bytes)`
    : text;
}

function fragmentsOf(contract: Interface): readonly string[] {
  return contract.fragments.filter(({ type }) => type === 'function').map((each) => each.format('full'));
}
