import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import type { PreparedProgram } from '@cutover/chain/plan/solana/prepared-program.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { signerOfKeypair } from '@cutover/chain/solana/keypairs.ts';
import { prepareProgram } from '@cutover/chain/solana/prepare-program.ts';
import type { ProgramInputs } from '@cutover/chain/solana/program-handler.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';

export const sol = 1_000_000_000n;
export const deployer = { kind: 'local', account: 0 } as const;
export const deployerAddress = addressOfKeypair(localKeypair(0));
export const otherAddress = addressOfKeypair(localKeypair(7));

/** A real node, a folder with builds that tests may change, and what a stack would say of its programs. */
export interface ResourceBench {
  readonly node: LocalSolana;
  readonly pool: SolanaPool;
  /** A build of the project, copied, with the key of a local account as its program's. */
  prepare(build: string, keyAccount: number): Promise<PreparedProgram>;
  /** Puts another build in the place of a copied one. */
  rebuild(prepared: PreparedProgram, build: string): Promise<PreparedProgram>;
  /** The same with any bytes. */
  overwrite(prepared: PreparedProgram, bytes: Uint8Array): void;
  inputs(prepared: PreparedProgram, more?: Partial<ProgramInputs>): ProgramInputs;
  /** Hands a program's authority on, behind the back of the stack. */
  handAway(program: string, to: string | undefined): Promise<void>;
  balance(): Promise<bigint>;
  stop(): Promise<void>;
}

/** Starts a node on which the deployer has 100 SOL. */
export async function startResourceBench(): Promise<ResourceBench> {
  const node = await startLocalSolana();
  await node.fund(deployerAddress, 100n * sol);
  const folder = mkdtempSync(join(tmpdir(), 'cutover-builds-'));
  const pool = openSolana(node.network);
  const writer = signerOfKeypair(localKeypair(0));
  return {
    ...{ node, pool },
    prepare(build, keyAccount) {
      const artifact = join(folder, `${keyAccount}.so`);
      copyFileSync(fromRoot(`chain/programs/${build}`), artifact);
      const key = { kind: 'local', account: keyAccount } as const;
      return prepareProgram({ title: `program ${keyAccount}`, artifact, key });
    },
    rebuild({ title, artifact, program, key }, build) {
      copyFileSync(fromRoot(`chain/programs/${build}`), artifact);
      return prepareProgram({ title, artifact, program, ...(key === undefined ? {} : { key }) });
    },
    overwrite: ({ artifact }, bytes) => writeFileSync(artifact, bytes),
    inputs: (prepared, more = {}) => ({
      ...prepared,
      network: node.network,
      signer: deployer,
      authority: { kind: 'key', signer: deployer },
      ...more,
    }),
    async handAway(program, to) {
      const account = programDataAddress(program);
      await sendTransaction(pool, {
        purpose: 'hand a program away',
        payer: writer,
        instructions: [setAuthority({ account, authority: writer.address, newAuthority: to })],
      });
    },
    balance: () => pool.getBalance(deployerAddress),
    async stop() {
      rmSync(folder, { recursive: true, force: true });
      await node.stop();
    },
  };
}

/** All that is written to the terminal while something is done. */
export async function terminalOf(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...parts: readonly unknown[]) => void lines.push(parts.join(' '));
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}
