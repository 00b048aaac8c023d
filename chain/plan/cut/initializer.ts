import { FunctionFragment, Interface } from 'ethers/abi';
import type { Abi } from '../artifact.ts';
import { printParameters } from '../arguments.ts';
import { checkAddress, zeroAddress } from './selector.ts';

/** An initialiser as it is given: code that the diamond runs once, in its own storage, at the end of a cut. */
export interface GivenInitializer {
  readonly address?: string | undefined;
  /** The call, encoded. */
  readonly calldata?: string | undefined;
  /** Says that a call with nothing is meant: the contract at the address does it all in its fallback. */
  readonly emptyCalldata?: 'meant';
  /** The contract's name and ABI: the call is then checked and shown in words. */
  readonly name?: string;
  readonly abi?: Abi;
  /** What it may use. @default 500,000 */
  readonly gas?: bigint;
}

/** An initialiser that can be sent. */
export interface Initializer {
  readonly address: string;
  readonly calldata: string;
  readonly gas: bigint;
  /** What is called, for a reader: `MigrateInit.init(owner = 0x…) at 0x…`. */
  readonly words: string;
}

export type InitializerCheck =
  | { readonly kind: 'none' }
  | { readonly kind: 'fits'; readonly initializer: Initializer }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const defaultGas = 500_000n;

/** Checks an initialiser before anything is sent. Neither address nor calldata means that there is none. */
export function checkInitializer(given: GivenInitializer): InitializerCheck {
  const calldata = (given.calldata ?? '0x').toLowerCase();
  const unset = given.address === undefined || given.address === zeroAddress;
  if (unset && calldata === '0x') return { kind: 'none' };
  const problems: string[] = [];
  if (unset) problems.push('calldata without an address: say which contract it is for');
  const address = unset ? undefined : checkAddress(given.address);
  if (!unset && address === undefined) {
    problems.push(`address ${given.address}: that is no address, or its checksum is wrong`);
  }
  const call = readCall(calldata, given);
  if (call.kind === 'wrong') problems.push(call.problem);
  if (address === undefined || call.kind === 'wrong') return { kind: 'wrong', problems };
  const words = `${given.name === undefined ? '' : `${given.name}.`}${call.words} at ${address}`;
  return { kind: 'fits', initializer: { address, calldata, gas: given.gas ?? defaultGas, words } };
}

type Call =
  { readonly kind: 'fits'; readonly words: string } | { readonly kind: 'wrong'; readonly problem: string };

function readCall(calldata: string, { abi, emptyCalldata }: GivenInitializer): Call {
  const wrong = (problem: string): Call => ({ kind: 'wrong', problem });
  if (!/^0x([0-9a-f]{2})*$/.test(calldata)) return wrong('calldata is not hex text of whole bytes');
  const bytes = (calldata.length - 2) / 2;
  if (bytes === 0) {
    return emptyCalldata === 'meant'
      ? { kind: 'fits', words: 'fallback()' }
      : wrong(
          "an address without calldata: give the call, or say that none is meant: emptyCalldata: 'meant'",
        );
  }
  if (bytes < 4) return wrong(`calldata of ${bytes} byte(s): a call begins with a selector of four`);
  const selector = calldata.slice(0, 10);
  if (abi === undefined) return { kind: 'fits', words: `${selector} with ${bytes - 4} bytes of arguments` };
  return decode(calldata, abi, selector);
}

function decode(calldata: string, abi: Abi, selector: string): Call {
  const functions = abi.filter(({ type }) => type === 'function').map((item) => FunctionFragment.from(item));
  const called = functions.find((fragment) => fragment.selector === selector);
  if (called === undefined) {
    const names = functions.map((fragment) => fragment.format('sighash')).join(', ');
    return {
      kind: 'wrong',
      problem: `calldata calls ${selector}, which the ABI does not have; it has ${names}`,
    };
  }
  const signature = `${called.name}(${printParameters(called.inputs)})`;
  try {
    const coder = new Interface([called]);
    const values = coder.decodeFunctionData(called, calldata);
    // What decodes and encodes to something else has bytes too many or an encoding that no compiler writes.
    if (coder.encodeFunctionData(called, values) !== calldata) {
      return {
        kind: 'wrong',
        problem: `the arguments in calldata are not encoded as ${signature} wants them`,
      };
    }
    const args = called.inputs.map(({ name }, index) => {
      const text = show(values[index]);
      return name === '' ? text : `${name} = ${text}`;
    });
    return { kind: 'fits', words: `${called.name}(${args.join(', ')})` };
  } catch {
    return { kind: 'wrong', problem: `the arguments in calldata do not fit ${signature}` };
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return typeof value === 'string' && !value.startsWith('0x') ? JSON.stringify(value) : String(value);
}
