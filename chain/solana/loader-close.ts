import { CutoverError } from '@cutover/base/errors.ts';
import { addressBytes, base58, loaders, programDataAddress } from '../plan/solana/address.ts';
import { joined, u8, u32 } from '../plan/solana/instruction.ts';
import { bufferHeader, programDataHeader, readLoaderAccount } from '../plan/solana/loader-accounts.ts';
import { close } from '../plan/solana/loader-instructions.ts';
import type { SolanaPool } from './connection.ts';
import { claimed } from './journal/of-pool.ts';
import type { SolanaSigner } from './keypairs.ts';
import { sendTransaction } from './send.ts';

/** A buffer that is there, and what it holds. */
export interface FoundBuffer {
  readonly address: string;
  readonly lamports: bigint;
  /** How many bytes of a program it has room for. */
  readonly size: number;
}

/** What was closed, and what came back. */
export interface Closed {
  readonly accounts: readonly string[];
  readonly lamports: bigint;
  readonly recipient: string;
}

export interface CloseArgs {
  readonly authority: SolanaSigner;
  readonly payer: SolanaSigner;
  /** Who gets the lamports. @default the payer */
  readonly recipient?: string;
}

const closesPerTransaction = 8;

/** All buffers that an authority may write, the largest first: what broken-off deployments left. SIDE EFFECTS: asks nodes. */
export async function findBuffers(pool: SolanaPool, authority: string): Promise<readonly FoundBuffer[]> {
  // How a buffer begins that has an authority: its kind, that there is one, and which.
  const beginning = joined(u32(1), u8(1), addressBytes(authority, 'the authority of buffers'));
  const found = await pool.getProgramAccounts(
    loaders.upgradeable,
    [{ offset: 0, bytes: base58(beginning) }],
    { slice: { offset: 0, length: bufferHeader } },
  );
  return found
    .map(({ address, lamports, space }) => ({ address, lamports, size: space - bufferHeader }))
    .toSorted((a, b) => Number(b.lamports - a.lamports));
}

/**
 * Closes buffers, and returns what came back. Those that are gone already are passed over, so a run after a crash ends
 * what another began. Which ones nobody needs is for the caller to know: one may wait in a proposal.
 * SIDE EFFECTS: writes the journal, sends transactions.
 */
export async function closeBuffers(
  pool: SolanaPool,
  buffers: readonly string[],
  { authority, payer, recipient = payer.address }: CloseArgs,
): Promise<Closed> {
  const slice = { offset: 0, length: bufferHeader };
  const accounts = await pool.getAccounts(buffers, { slice });
  const open = buffers.flatMap((address, index) => {
    const account = accounts[index];
    if (account === undefined) return [];
    const content = readLoaderAccount(account.owner, account.data);
    if (content.kind !== 'buffer') {
      throw new CutoverError('CUT-2453', {
        purpose: 'Close a buffer',
        address,
        wanted: 'buffer',
        found: content.kind,
      });
    }
    checkAuthority('Close a buffer', address, content.authority, authority);
    return [{ address, lamports: account.lamports }];
  });
  for (let at = 0; at < open.length; at += closesPerTransaction) {
    const part = open.slice(at, at + closesPerTransaction).map(({ address }) => address);
    await sendTransaction(pool, {
      purpose: `Close ${part.length === 1 ? `the buffer ${part[0]}` : `${part.length} buffers`}`,
      payer,
      signers: [authority],
      instructions: part.map((account) => close({ account, recipient, authority: authority.address })),
      effect: async () => (await pool.getAccounts(part, { slice })).every((account) => account === undefined),
    });
  }
  return {
    accounts: open.map(({ address }) => address),
    lamports: open.reduce((sum, { lamports }) => sum + lamports, 0n),
    recipient,
  };
}

/**
 * Closes a program for ever: its address can never be used again. What its code held comes back; one that is closed
 * already is left as it is. SIDE EFFECTS: writes the journal, sends a transaction.
 */
export async function closeProgram(
  pool: SolanaPool,
  program: string,
  { authority, payer, recipient = payer.address }: CloseArgs,
): Promise<Closed> {
  const purpose = `Close the program ${program}`;
  const account = programDataAddress(program);
  const slice = { offset: 0, length: programDataHeader };
  return claimed(pool, `program ${program}`, async () => {
    const found = await pool.getAccount(account, { slice });
    const content = found === undefined ? undefined : readLoaderAccount(found.owner, found.data);
    if (found === undefined || content?.kind !== 'programData')
      return { accounts: [], lamports: 0n, recipient };
    checkAuthority(purpose, program, content.authority, authority);
    await sendTransaction(pool, {
      ...{ purpose, payer, signers: [authority] },
      instructions: [close({ account, recipient, authority: authority.address, program })],
      effect: async () => {
        const left = await pool.getAccount(account, { slice });
        return left === undefined || readLoaderAccount(left.owner, left.data).kind !== 'programData';
      },
    });
    return { accounts: [program], lamports: found.lamports, recipient };
  });
}

function checkAuthority(
  purpose: string,
  address: string,
  found: string | undefined,
  signer: SolanaSigner,
): void {
  if (found === undefined) throw new CutoverError('CUT-2455', { purpose, address });
  if (found !== signer.address) {
    throw new CutoverError('CUT-2454', { purpose, address, authority: found, signer: signer.address });
  }
}
