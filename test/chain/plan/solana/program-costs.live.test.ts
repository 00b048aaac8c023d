import { Keypair, PublicKey, Transaction, type Signer } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base58, programDataAddress, sysvars } from '@cutover/chain/plan/solana/address.ts';
import { computeUnits, withComputeBudget } from '@cutover/chain/plan/solana/fees.ts';
import { viewOf, type Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { balanceChange } from '@cutover/chain/plan/solana/program-cost.ts';
import type {
  ObservedAccount,
  ObservedProgram,
  ProgramWish,
} from '@cutover/chain/plan/solana/program-facts.ts';
import { planProgram } from '@cutover/chain/plan/solana/program-plan.ts';
import { transactionsOf } from '@cutover/chain/plan/solana/program-steps.ts';
import { readRent, usualRent } from '@cutover/chain/plan/solana/rent.ts';
import { localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { startLocalSolana, type LocalSolana } from '../../solana/local-solana.ts';
import { exit, instruction, strictElf } from './elf-kit.ts';
import { asWeb3 } from './kit.ts';

const keys = [0, 1, 2, 3, 4].map((account) => Keypair.fromSecretKey(localKeypair(account)));
const [payer = '', writer = '', program = '', buffer = '', holder = ''] = keys.map(({ publicKey }) =>
  publicKey.toBase58(),
);
const microLamports = 1_000n;
let node: LocalSolana;

beforeAll(async () => {
  node = await startLocalSolana();
  await node.fund(payer, 10n ** 10n);
});
afterAll(() => node.stop());

interface Found {
  readonly data: Uint8Array;
  readonly lamports: bigint;
  readonly owner: string;
}

async function accounts(...addresses: readonly string[]): Promise<readonly (Found | undefined)[]> {
  const { value } = (await node.call('getMultipleAccounts', [addresses, { encoding: 'base64' }])) as {
    value: readonly ({ data: [string]; lamports: number; owner: string } | null)[];
  };
  return value.map((found) =>
    found === null || found.lamports === 0
      ? undefined
      : {
          data: new Uint8Array(Buffer.from(found.data[0], 'base64')),
          lamports: BigInt(found.lamports),
          owner: found.owner,
        },
  );
}

async function observe(): Promise<ObservedProgram> {
  const [account, programData, held, wallet, rent, clock] = await accounts(
    ...[program, programDataAddress(program), buffer, payer, sysvars.rent, sysvars.clock],
  );
  const read = (found: Found | undefined): ObservedAccount | undefined =>
    found && { content: readLoaderAccount(found.owner, found.data), lamports: found.lamports };
  return {
    account: read(account),
    programData: read(programData),
    buffer: read(held),
    balance: wallet?.lamports ?? 0n,
    slot: clock === undefined ? 0n : viewOf(clock.data).getBigUint64(0, true),
    rent: (rent && readRent(rent.data)) ?? usualRent,
    microLamports,
  };
}

/** Sends a transaction with web3.js, and answers what the node says that it used. */
async function send(instructions: readonly Instruction[]): Promise<number> {
  const { value } = (await node.call('getLatestBlockhash')) as { value: { blockhash: string } };
  const transaction = new Transaction({ feePayer: new PublicKey(payer), recentBlockhash: value.blockhash });
  transaction.add(...instructions.map(asWeb3));
  const { accountKeys, header } = transaction.compileMessage();
  const needed = accountKeys.slice(0, header.numRequiredSignatures);
  transaction.sign(
    ...(keys.filter(({ publicKey }): boolean => needed.some((key) => key.equals(publicKey))) as Signer[]),
  );
  await node.call('sendTransaction', [transaction.serialize().toString('base64'), { encoding: 'base64' }]);
  const signature = base58(transaction.signature ?? new Uint8Array());
  for (let look = 0; look < 200; look += 1) {
    const found = (await node.call('getTransaction', [signature, { commitment: 'confirmed' }])) as {
      meta: { err: unknown; computeUnitsConsumed: number };
    } | null;
    if (found !== null) {
      expect(found.meta.err).toBeNull();
      return found.meta.computeUnitsConsumed;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('it did not land');
}

/** Does what the plan says; each transaction uses exactly its limit, and the whole costs exactly what was said. */
async function bringAbout(wish: ProgramWish): Promise<readonly string[]> {
  const before = await observe();
  const plan = planProgram(wish, before);
  if (plan.kind === 'refuse') throw plan.error;
  if (!('steps' in plan)) return [plan.kind];
  for (const step of plan.steps) {
    // The clock of a node that makes a slot a transaction moves on with the next one.
    if (step.kind === 'wait for a slot') await node.timeTravel(1);
    for (const instructions of transactionsOf(step, wish)) {
      const limited = withComputeBudget(instructions, microLamports);
      expect(await send(limited), step.kind).toBe(computeUnits(limited));
    }
  }
  expect((await observe()).balance - before.balance).toBe(balanceChange(plan.account));
  return plan.steps.map(({ kind }) => kind);
}

function build(size: number, letter: string): Uint8Array {
  // mov64 r0, 0: the program succeeds.
  return strictElf(Buffer.alloc(size, letter), Buffer.concat([instruction(0xb7, 0), exit]));
}

describe('what a plan says of costs', () => {
  const wish = (bytes: Uint8Array, address: string): ProgramWish => ({
    ...{ title: 'perps', program, bytes, writer, payer, buffer },
    holder: { kind: 'key', address },
  });

  it('is what a real node takes, to the unit and the lamport: deployed, extended, upgraded, handed over, closed', async () => {
    expect(await bringAbout(wish(build(1_600, 'a'), writer))).toEqual(['create buffer', 'write', 'deploy']);
    expect(await bringAbout(wish(build(2_400, 'b'), writer))).toEqual(
      expect.arrayContaining(['extend', 'wait for a slot', 'upgrade']) as string[],
    );
    expect(await bringAbout(wish(build(800, 'c'), holder))).toContain('hand over program');
    expect(await bringAbout(wish(build(1_600, 'd'), holder))).toContain('hand over buffer');
    expect(await bringAbout(wish(build(1_600, 'd'), holder))).toEqual(['nothing']);
    // A run broken off with another build left its buffer.
    const [create = []] = transactionsOf(
      { kind: 'create buffer', paid: 5_000_000n, back: 0n },
      wish(build(80, 'e'), holder),
    );
    await send(create);
    expect(await bringAbout(wish(build(1_600, 'd'), holder))).toEqual(['close buffer']);
    expect(await bringAbout(wish(build(1_600, 'd'), holder))).toEqual(['nothing']);
  });
});
