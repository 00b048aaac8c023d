import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { fromRoot } from '@cutover/base/project.ts';
import * as loader from '@cutover/chain/plan/solana/loader-instructions.ts';
import { loaders, sysvars } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { bufferHeader, programAccountSize } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { signerOfKeypair, type SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { signTransaction } from '@cutover/chain/solana/transaction.ts';
import type { SbpfVersion } from '../../../toolchain/sbpf/link.ts';
import { startLocalSolana, type LocalSolana } from '../solana/local-solana.ts';

/** A real node with somebody who pays, and what tests of programs do with it. */
export interface ProgramBench {
  readonly node: LocalSolana;
  readonly payer: SolanaSigner;
  /** Sends a transaction; rejects with the node's words where it fails. */
  send(instructions: readonly Instruction[], signers?: readonly SolanaSigner[]): Promise<void>;
  /** The program's own error number that a transaction fails with; fails when it does not, or with anything else. */
  refused(instructions: readonly Instruction[], signers?: readonly SolanaSigner[]): Promise<number>;
  /** Compute units that a transaction uses. */
  unitsOf(instructions: readonly Instruction[], signers?: readonly SolanaSigner[]): Promise<number>;
  /** Somebody with lamports. */
  person(lamports?: bigint): Promise<SolanaSigner>;
  /** A buffer with these bytes, written through the loader. */
  buffer(bytes: Uint8Array, authority?: SolanaSigner, key?: SolanaSigner): Promise<string>;
  /** A program, deployed through the loader; the payer is its upgrade authority. */
  deploy(bytes: Uint8Array): Promise<string>;
  account(address: string): Promise<AccountThere | undefined>;
  now(): Promise<number>;
}

export interface AccountThere {
  readonly lamports: bigint;
  readonly owner: string;
  readonly data: Uint8Array;
}

/** A built program of chain/programs, for a version of sBPF. Some tests run one, some the other. */
export function builtProgram(name: string, version: SbpfVersion = 0): Uint8Array {
  return readFileSync(join(fromRoot('chain/programs'), `${name}${version === 3 ? '.v3' : ''}.so`));
}

/** A keypair that nobody else has. */
export function newSigner(): SolanaSigner {
  const seed = randomBytes(32);
  return signerOfKeypair(Buffer.concat([seed, ed25519.getPublicKey(seed)]));
}

/** Starts a node. Stop it in afterAll: `bench.node.stop()`. */
export async function startProgramBench(): Promise<ProgramBench> {
  const node = await startLocalSolana();
  const payer = newSigner();
  await node.fund(payer.address, 100_000_000_000_000n);

  const signed = async (
    instructions: readonly Instruction[],
    signers: readonly SolanaSigner[],
  ): Promise<string> => {
    const answer = (await node.call('getLatestBlockhash')) as { value: { blockhash: string } };
    const { raw } = signTransaction(
      { purpose: 'a test', payer, signers, instructions },
      answer.value.blockhash,
    );
    return Buffer.from(raw).toString('base64');
  };
  const bench: ProgramBench = {
    node,
    payer,
    send: async (instructions, signers = []) => {
      // Two tests may send the same instructions: a price of their own makes the transactions differ.
      const price = loader.setComputeUnitPrice(BigInt(randomBytes(4).readUInt32LE()) % 1000n);
      const raw = await signed([price, ...instructions], signers);
      const signature = (await node.call('sendTransaction', [raw, { encoding: 'base64' }])) as string;
      await landed(node, signature);
    },
    refused: async (instructions, signers = []) => {
      const error = await bench.send(instructions, signers).then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (error === undefined) throw new Error('it was not refused');
      const code = /custom program error: 0x([0-9a-f]+)/.exec(error.message)?.[1];
      if (code === undefined) throw error;
      return parseInt(code, 16);
    },
    unitsOf: async (instructions, signers = []) => {
      const raw = await signed(instructions, signers);
      const answer = (await node.call('simulateTransaction', [raw, { encoding: 'base64' }])) as {
        readonly value: { readonly err: unknown; readonly unitsConsumed: number };
      };
      if (answer.value.err !== null) throw new Error(JSON.stringify(answer.value));
      return answer.value.unitsConsumed;
    },
    person: async (lamports = 100_000_000_000n) => {
      const signer = newSigner();
      await node.fund(signer.address, lamports);
      return signer;
    },
    buffer: async (bytes, authority = payer, key = newSigner()) => {
      const space = bufferHeader + bytes.length;
      await bench.send(
        [
          loader.createAccount({
            payer: payer.address,
            account: key.address,
            lamports: await rentOf(node, space),
            space,
            owner: loaders.upgradeable,
          }),
          loader.initializeBuffer({ buffer: key.address, authority: authority.address }),
        ],
        [key],
      );
      for (let offset = 0; offset < bytes.length; offset += 900) {
        const chunk = bytes.subarray(offset, offset + 900);
        await bench.send(
          [loader.write({ buffer: key.address, authority: authority.address, offset, bytes: chunk })],
          [authority],
        );
      }
      return key.address;
    },
    deploy: async (bytes) => {
      const buffer = await bench.buffer(bytes);
      const program = newSigner();
      await bench.send(
        [
          loader.createAccount({
            payer: payer.address,
            account: program.address,
            lamports: await rentOf(node, programAccountSize),
            space: programAccountSize,
            owner: loaders.upgradeable,
          }),
          loader.deployWithMaxDataLen({
            payer: payer.address,
            program: program.address,
            buffer,
            authority: payer.address,
            maxDataLength: 2 * bytes.length,
          }),
        ],
        [program],
      );
      // A program runs from the slot after that of its deployment on.
      await bench.send([loader.transfer({ from: payer.address, to: payer.address, lamports: 1n })]);
      return program.address;
    },
    account: async (address) => {
      const answer = (await node.call('getAccountInfo', [address, { encoding: 'base64' }])) as {
        readonly value: { readonly lamports: number; readonly owner: string; readonly data: [string] } | null;
      };
      if (answer.value === null || answer.value.lamports === 0) return undefined;
      const { lamports, owner, data } = answer.value;
      return { lamports: BigInt(lamports), owner, data: Buffer.from(data[0], 'base64') };
    },
    now: async () => {
      const clock = await bench.account(sysvars.clock);
      return Number(Buffer.from(clock?.data ?? []).readBigInt64LE(32));
    },
  };
  return bench;
}

/** Lamports that keep an account of this size. */
export async function rentOf(node: LocalSolana, space: number): Promise<bigint> {
  return BigInt((await node.call('getMinimumBalanceForRentExemption', [space])) as number);
}

async function landed(node: LocalSolana, signature: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = (await node.call('getSignatureStatuses', [[signature]])) as {
      readonly value: readonly [{ readonly err: unknown } | null];
    };
    const status = answer.value[0];
    if (status !== null) {
      if (status.err === null) return;
      throw new Error(JSON.stringify(status.err));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the transaction ${signature} did not land within 2 s`);
}
