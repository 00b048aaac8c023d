import { createHash } from 'node:crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { programDataAddress } from '../../plan/solana/address.ts';
import { programDataHeader, readLoaderAccount } from '../../plan/solana/loader-accounts.ts';
import { describeSolanaNetwork } from '../../plan/solana/network.ts';
import { programHash } from '../../plan/solana/program-hash.ts';
import type { BufferFacts, ProgramFacts } from '../../plan/solana/upgrade/facts.ts';
import type { SolanaAccount } from '../answers.ts';
import type { SolanaPool } from '../connection.ts';

/** What a buffer is now; undefined when there is none at the address. */
export function bufferFacts(address: string, account: SolanaAccount | undefined): BufferFacts | undefined {
  if (account === undefined) return undefined;
  const content = readLoaderAccount(account.owner, account.data);
  if (content.kind !== 'buffer') return undefined;
  const { bytes, authority } = content;
  return {
    address,
    authority,
    hash: programHash(bytes),
    fileHash: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** What a program is now; a text says what there is in its place. */
export function programFacts(
  account: SolanaAccount | undefined,
  programData: SolanaAccount | undefined,
): ProgramFacts | string {
  if (account === undefined) return 'there is no account at the address';
  const program = readLoaderAccount(account.owner, account.data);
  switch (program.kind) {
    case 'program':
      break;
    case 'loader-v4':
      return 'it is a program of loader v4, which is not known here yet';
    case 'foreign':
      return `the account belongs to ${program.owner}, not to the upgradeable loader`;
    case 'malformed':
      return program.why;
    case 'buffer':
    case 'programData':
    case 'uninitialized':
      return `the account is no program (${program.kind})`;
  }
  if (programData === undefined) return 'the program was closed, and its address cannot be used again';
  const data = readLoaderAccount(programData.owner, programData.data);
  if (data.kind !== 'programData') return `its data account is none (${data.kind})`;
  return { authority: data.authority, hash: programHash(data.bytes) };
}

/** The bytes of an account that belongs to a program; none where it belongs to another one, or is not there. */
export function ownedBy(program: string, account: SolanaAccount | undefined): Uint8Array {
  return account?.owner === program ? account.data : new Uint8Array();
}

/** There is not what an authority needs. */
export function notThere(pool: SolanaPool, address: string, kind: string, reason: string): CutoverError {
  return new CutoverError('CUT-2490', {
    address,
    network: describeSolanaNetwork(pool.network),
    kind,
    reason,
  });
}

/** The program and a buffer, as they are now. SIDE EFFECTS: asks nodes. */
export async function readProgramAndBuffer(
  pool: SolanaPool,
  program: string,
  buffer: string | undefined,
): Promise<{ readonly program: ProgramFacts | string; readonly buffer: BufferFacts | undefined }> {
  const further = buffer === undefined ? [] : [buffer];
  const [account, data, bytes] = await pool.getAccounts([program, programDataAddress(program), ...further]);
  return {
    program: programFacts(account, data),
    buffer: buffer === undefined ? undefined : bufferFacts(buffer, bytes),
  };
}

/** The slot in which a program was changed last. SIDE EFFECTS: asks nodes. */
export async function lastChange(pool: SolanaPool, program: string): Promise<bigint> {
  const slice = { offset: 0, length: programDataHeader };
  const account = await pool.getAccount(programDataAddress(program), { slice });
  const content = account === undefined ? undefined : readLoaderAccount(account.owner, account.data);
  return content?.kind === 'programData' ? content.slot : 0n;
}

/** Buffers by their addresses, as far as they are there. SIDE EFFECTS: asks nodes. */
export async function readBuffers(
  pool: SolanaPool,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, BufferFacts>> {
  const wanted = [...new Set(addresses)];
  const accounts = wanted.length === 0 ? [] : await pool.getAccounts(wanted);
  return new Map(
    wanted.flatMap((address, at) => {
      const facts = bufferFacts(address, accounts[at]);
      return facts === undefined ? [] : [[address, facts] as const];
    }),
  );
}
