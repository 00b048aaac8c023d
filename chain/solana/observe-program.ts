import { CutoverError } from '@cutover/base/errors.ts';
import { programDataAddress, sysvars } from '../plan/solana/address.ts';
import { chooseBuffer } from '../plan/solana/buffer-choice.ts';
import { acceptedVersions, featureGates, isActiveFeature } from '../plan/solana/elf-versions.ts';
import { readLoaderAccount } from '../plan/solana/loader-accounts.ts';
import { write } from '../plan/solana/loader-instructions.ts';
import type {
  ObservedAccount,
  ObservedProgram,
  ProgramHolder,
  ProgramWish,
} from '../plan/solana/program-facts.ts';
import { programHash } from '../plan/solana/program-hash.ts';
import { readRent, usualRent } from '../plan/solana/rent.ts';
import { clockOf, type SolanaAccount } from './answers.ts';
import { currentPrice } from './budget.ts';
import { bufferKey, bufferTurns } from './buffer-key.ts';
import type { SolanaPool } from './connection.ts';
import type { SolanaSigner } from './keypairs.ts';

/** A program as a stack wants it, and the keys that bring it about. */
export interface ProgramOrder {
  /** For people. */
  readonly title: string;
  /** The program's address; its own key is needed for the first deployment only. */
  readonly program: string;
  readonly programKey?: SolanaSigner | undefined;
  readonly bytes: Uint8Array;
  /** Bytes to make room for when it is deployed. @default as many as it has */
  readonly room?: number | undefined;
  /** Whose authority it is to be under. */
  readonly holder: ProgramHolder;
  /** The key of a holder that is one, where it is another than the writer: it signs when it takes over. */
  readonly holderKey?: SolanaSigner | undefined;
  /** Writes buffers, deploys, and has the authority until it is handed over. */
  readonly writer: SolanaSigner;
  readonly payer: SolanaSigner;
}

/** What is wanted and what there is, as `planProgram` takes it. */
export interface Observation {
  readonly wish: ProgramWish;
  readonly observed: ObservedProgram;
  /** Creates the buffer of the wish. */
  readonly buffer: SolanaSigner;
}

/**
 * Reads all that a program's plan depends on: one request, at one moment of the chain, and on public clusters one more
 * for the price of compute units. SIDE EFFECTS: asks nodes.
 */
export async function observeProgram(pool: SolanaPool, order: ProgramOrder): Promise<Observation> {
  const { title, program, bytes, room, holder, writer, payer } = order;
  const hash = programHash(bytes);
  const buffers = Array.from({ length: bufferTurns }, (_, turn) => bufferKey(writer, program, hash, turn));
  const [first] = buffers;
  const sample = write({
    ...{ buffer: first?.address ?? program, authority: writer.address, offset: 0 },
    bytes: new Uint8Array(),
  });
  const [[account, programData, wallet, rent, clock, ...further], microLamports] = await Promise.all([
    pool.getAccounts([
      ...[program, programDataAddress(program), payer.address, sysvars.rent, sysvars.clock],
      ...buffers.map(({ address }) => address),
      ...gates,
    ]),
    currentPrice(pool, [sample]),
  ]);
  const candidates = buffers.map((key, index) => ({
    address: key.address,
    account: observedOf(further[index]),
    key,
  }));
  const user = holder.kind === 'none' ? undefined : holder.address;
  const chosen = chooseBuffer(candidates, bytes, writer.address, user);
  const buffer = candidates.find(({ address }) => address === chosen?.address);
  if (buffer === undefined) {
    throw new CutoverError('CUT-2456', { purpose: title, authority: writer.address, count: bufferTurns });
  }
  return {
    buffer: buffer.key,
    wish: {
      ...{ title, program, bytes, room, holder },
      ...{ writer: writer.address, payer: payer.address, buffer: buffer.address },
    },
    observed: {
      account: observedOf(account),
      programData: observedOf(programData),
      buffer: buffer.account,
      balance: wallet?.lamports ?? 0n,
      slot: BigInt(clockOf(clock).slot),
      rent: (rent === undefined ? undefined : readRent(rent.data)) ?? usualRent,
      microLamports,
      versions: versionsOf(further.slice(buffers.length)),
    },
  };
}

const gates = Object.values(featureGates);

/** What the cluster takes by its gates; undefined where it has none of them, as local nodes that need none. */
function versionsOf(accounts: readonly (SolanaAccount | undefined)[]): readonly number[] | undefined {
  if (accounts.every((account) => account === undefined)) return undefined;
  const active = gates.filter((_, index) => isActiveFeature(accounts[index]?.data ?? new Uint8Array()));
  return acceptedVersions(new Set(active));
}

function observedOf(account: SolanaAccount | undefined): ObservedAccount | undefined {
  return account === undefined
    ? undefined
    : { content: readLoaderAccount(account.owner, account.data), lamports: account.lamports };
}
