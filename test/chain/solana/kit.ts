import { localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { signerOfKeypair, type SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import type { ProgramOrder } from '@cutover/chain/solana/observe-program.ts';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import { startFaultyNode, type Fault, type FaultyNode, type Question } from '../faulty-node.ts';
import type { LocalSolana } from './local-solana.ts';
import { makeProgram } from './make-program.ts';

export const sol = 1_000_000_000n;

/** One of the keys that everybody can compute. */
export function localSigner(account: number): SolanaSigner {
  return signerOfKeypair(localKeypair(account));
}

/** The payer of most tests, the one who writes, and keys for programs from the third on. */
export const payer = localSigner(0);
export const writer = localSigner(1);

/** A program as most tests want it: 16 KiB, held by its writer. */
export function orderOf(programKey: SolanaSigner, given: Partial<ProgramOrder> = {}): ProgramOrder {
  return {
    title: 'app',
    program: programKey.address,
    programKey,
    bytes: makeProgram(16_384),
    holder: { kind: 'key', address: writer.address },
    ...{ writer, payer },
    ...given,
  };
}

/** A fake: something between the loader and a real node that breaks what it is told to break. */
export function startFaultySolana(
  node: Pick<LocalSolana, 'url'>,
  fault: (question: Question) => Fault | undefined = () => undefined,
): Promise<FaultyNode> {
  return startFaultyNode({ url: node.url, chainId: 0 }, fault);
}

/** A connection to an endpoint that says nothing on the terminal. */
export function poolTo(...urls: readonly string[]): SolanaPool {
  const network = { name: 'test', cluster: 'localnet', endpoints: urls.map((url) => ({ url })) } as const;
  return openSolana(network, { tell: () => undefined });
}

/** An answer to sendTransaction from an endpoint that does nothing with the transaction. */
export const swallowed: Fault = {
  kind: 'swallow',
  answer: ({ params }) => base58(Buffer.from(String(params[0]), 'base64').subarray(1, 65)),
};

/** Something that happens to so many of a hundred, the same in each run. */
export function oftenEnough(percent: number): () => boolean {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % 100 < percent;
  };
}

/** The transactions of an account that are in a block. */
export async function transactionsOf(node: LocalSolana, address: string): Promise<readonly string[]> {
  const found = (await node.call('getSignaturesForAddress', [address, { limit: 1_000 }])) as readonly {
    readonly signature: string;
    readonly err: unknown;
  }[];
  // surfpool lists what it has refused, too.
  return found.filter(({ err }) => err !== 'BlockhashNotFound').map(({ signature }) => signature);
}

/** What transactions of an account have paid in fees, in lamports, from the node's own books. */
export async function feesPaid(node: LocalSolana, address: string): Promise<bigint> {
  const how = { encoding: 'json', maxSupportedTransactionVersion: 0 };
  const fees = await Promise.all(
    (await transactionsOf(node, address)).map(async (signature) => {
      const transaction = (await node.call('getTransaction', [signature, how])) as {
        readonly meta: { readonly fee: number };
      };
      return BigInt(transaction.meta.fee);
    }),
  );
  return fees.reduce((sum, fee) => sum + fee, 0n);
}
