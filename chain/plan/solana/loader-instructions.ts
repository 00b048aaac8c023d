import {
  addressBytes,
  computeBudgetProgram,
  loaders,
  programDataAddress,
  systemProgram,
  sysvars,
} from './address.ts';
import {
  joined,
  readable,
  signing,
  u32,
  u64,
  u8,
  viewOf,
  writable,
  type AccountUse,
  type Instruction,
} from './instruction.ts';

/** Instructions of the upgradeable loader in the order of their numbers. */
export const loaderInstructions = [
  'initializeBuffer',
  'write',
  'deployWithMaxDataLen',
  'upgrade',
  'setAuthority',
  'close',
  'extendProgram',
  'setAuthorityChecked',
  'migrate',
  'extendProgramChecked',
] as const;

export type LoaderInstruction = (typeof loaderInstructions)[number];

/** Which instruction of the upgradeable loader this is; undefined where it is none. */
export function loaderInstructionOf({ program, data }: Instruction): LoaderInstruction | undefined {
  return program === loaders.upgradeable && data.length >= 4
    ? loaderInstructions[viewOf(data).getUint32(0, true)]
    : undefined;
}

/** Makes an empty account a buffer. The same transaction has to create it: until then anybody may take it. */
export function initializeBuffer(args: { readonly buffer: string; readonly authority: string }): Instruction {
  return loader('initializeBuffer', [writable(args.buffer), readable(args.authority)]);
}

/** Writes bytes into a buffer. */
export function write(args: {
  readonly buffer: string;
  readonly authority: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}): Instruction {
  const { buffer, authority, offset, bytes } = args;
  return loader(
    'write',
    [writable(buffer), signing(readable(authority))],
    u32(offset),
    u64(bytes.length),
    bytes,
  );
}

/** Makes a program of a buffer, with room for `maxDataLength` bytes; what the buffer held goes to the payer. */
export function deployWithMaxDataLen(args: {
  readonly payer: string;
  readonly program: string;
  readonly buffer: string;
  readonly authority: string;
  readonly maxDataLength: number;
}): Instruction {
  const { payer, program, buffer, authority, maxDataLength } = args;
  return loader(
    'deployWithMaxDataLen',
    [
      signing(writable(payer)),
      writable(programDataAddress(program)),
      writable(program),
      writable(buffer),
      readable(sysvars.rent),
      readable(sysvars.clock),
      readable(systemProgram),
      signing(readable(authority)),
    ],
    u64(maxDataLength),
  );
}

/** Puts a buffer's bytes in a program's place; what the buffer held goes to `spill`. */
export function upgrade(args: {
  readonly program: string;
  readonly buffer: string;
  readonly spill: string;
  readonly authority: string;
}): Instruction {
  const { program, buffer, spill, authority } = args;
  return loader('upgrade', [
    writable(programDataAddress(program)),
    writable(program),
    writable(buffer),
    writable(spill),
    readable(sysvars.rent),
    readable(sysvars.clock),
    signing(readable(authority)),
  ]);
}

/**
 * Gives a buffer, or a program's data, another authority that need not sign: a slip of the pen loses it. Without one a
 * program can never be changed again.
 */
export function setAuthority(args: {
  /** A buffer, or a program's data account. */
  readonly account: string;
  readonly authority: string;
  readonly newAuthority?: string | undefined;
}): Instruction {
  const { account, authority, newAuthority } = args;
  const next = newAuthority === undefined ? [] : [readable(newAuthority)];
  return loader('setAuthority', [writable(account), signing(readable(authority)), ...next]);
}

/** Gives a buffer, or a program's data, another authority, which signs too: so somebody has its key. */
export function setAuthorityChecked(args: {
  readonly account: string;
  readonly authority: string;
  readonly newAuthority: string;
}): Instruction {
  const { account, authority, newAuthority } = args;
  return loader('setAuthorityChecked', [
    writable(account),
    signing(readable(authority)),
    signing(readable(newAuthority)),
  ]);
}

/** Closes a buffer, or a program's data for ever when `program` is given; what it held goes to the recipient. */
export function close(args: {
  readonly account: string;
  readonly recipient: string;
  readonly authority: string;
  readonly program?: string | undefined;
}): Instruction {
  const { account, recipient, authority, program } = args;
  return loader('close', [
    writable(account),
    writable(recipient),
    signing(readable(authority)),
    ...(program === undefined ? [] : [writable(program)]),
  ]);
}

/** Makes room for more bytes in a program's data. The payer adds the rent. */
export function extendProgram(args: {
  readonly program: string;
  readonly payer: string;
  readonly additionalBytes: number;
}): Instruction {
  const { program, payer, additionalBytes } = args;
  return loader('extendProgram', [...extended(program), ...extensionPayer(payer)], u32(additionalBytes));
}

/** The same where the cluster asks for the authority's signature (SIMD-0164). */
export function extendProgramChecked(args: {
  readonly program: string;
  readonly authority: string;
  readonly payer: string;
  readonly additionalBytes: number;
}): Instruction {
  const { program, authority, payer, additionalBytes } = args;
  return loader(
    'extendProgramChecked',
    [...extended(program), signing(readable(authority)), ...extensionPayer(payer)],
    u32(additionalBytes),
  );
}

/** Creates an account; it signs, or its address could be taken from somebody. */
export function createAccount(args: {
  readonly payer: string;
  readonly account: string;
  readonly lamports: bigint;
  readonly space: number;
  readonly owner: string;
}): Instruction {
  const { payer, account, lamports, space, owner } = args;
  return {
    program: systemProgram,
    accounts: [signing(writable(payer)), signing(writable(account))],
    data: joined(u32(0), u64(lamports), u64(space), addressBytes(owner, 'the owner of a new account')),
  };
}

/** Moves lamports. */
export function transfer(args: {
  readonly from: string;
  readonly to: string;
  readonly lamports: bigint;
}): Instruction {
  return {
    program: systemProgram,
    accounts: [signing(writable(args.from)), writable(args.to)],
    data: joined(u32(2), u64(args.lamports)),
  };
}

/** The most compute units that the transaction may use. */
export function setComputeUnitLimit(units: number): Instruction {
  return { program: computeBudgetProgram, accounts: [], data: joined(u8(2), u32(units)) };
}

/** What a compute unit pays beside the fee of the signatures, in millionths of a lamport. */
export function setComputeUnitPrice(microLamports: bigint): Instruction {
  return { program: computeBudgetProgram, accounts: [], data: joined(u8(3), u64(microLamports)) };
}

function extended(program: string): readonly AccountUse[] {
  return [writable(programDataAddress(program)), writable(program)];
}

function extensionPayer(payer: string): readonly AccountUse[] {
  return [readable(systemProgram), signing(writable(payer))];
}

function loader(
  name: LoaderInstruction,
  accounts: readonly AccountUse[],
  ...data: readonly Uint8Array[]
): Instruction {
  return {
    program: loaders.upgradeable,
    accounts,
    data: joined(u32(loaderInstructions.indexOf(name)), ...data),
  };
}
