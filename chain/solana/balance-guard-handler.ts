import { isDeepStrictEqual } from 'node:util';
import { refuseShortfall, shortfall, type Need, type Wallet } from '../plan/solana/guards/balance.ts';
import { describeSolanaNetwork, isLocalCluster } from '../plan/solana/network.ts';
import type { PreparedProgram } from '../plan/solana/prepared-program.ts';
import { planProgram } from '../plan/solana/program-plan.ts';
import { sol } from '../plan/solana/program-refusals.ts';
import { rentExempt } from '../plan/solana/rent.ts';
import { describeSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import type { SolanaPool } from './connection.ts';
import { takeFromFaucet } from './faucet.ts';
import { openSolanaSigner, type SolanaSigner } from './keypairs.ts';
import { solanaHandler, type SolanaInputs } from './managed.ts';
import { observeProgram } from './observe-program.ts';
import { readPrepared } from './prepare-program.ts';

/** What the engine keeps of a guard of a balance. */
export interface BalanceGuardInputs extends SolanaInputs {
  readonly account: SolanaSignerRef;
  readonly programs: readonly PreparedProgram[];
  /** In lamports, as decimal text. */
  readonly keeps: string;
  /** Whether a local node gives what is missing. */
  readonly faucet: boolean;
}

export interface BalanceGuardOutputs {
  readonly address: string;
}

/** Enough SOL for all programs together, as a managed resource: looked at in each preview and each update. */
export const handler = solanaHandler<BalanceGuardInputs, BalanceGuardOutputs>({
  subject: ({ network }) => `the SOL for programs on ${describeSolanaNetwork(network)}`,
  id: ({ network, account }) => `solana:${network.cluster}:balance/${describeSolanaSigner(account)}`,
  identity: ['account'],
  inputs: inputsOf,

  async plan(pool, inputs, olds) {
    const isKnown = olds !== undefined && isDeepStrictEqual(inputsOf(olds), inputs);
    const { needs, wallet } = await weigh(pool, inputs, isKnown);
    const missing = shortfall(needs, wallet);
    if (missing === 0n) return { kind: 'nothing' };
    if (!mayTake(inputs)) throw refuseShortfall(needs, wallet, describeSolanaNetwork(inputs.network));
    return { kind: 'change', lines: [`${sol(missing)} SOL from the node's faucet to ${wallet.address}`] };
  },

  async bring(pool, inputs) {
    const { needs, wallet } = await weigh(pool, inputs, false);
    const missing = shortfall(needs, wallet);
    if (missing > 0n) {
      if (!mayTake(inputs)) throw refuseShortfall(needs, wallet, describeSolanaNetwork(inputs.network));
      await takeFromFaucet(pool, wallet.address, missing);
    }
    return { address: wallet.address };
  },

  see: () => Promise.resolve({ outputs: {}, drift: [] }),
  forgotten: ({ address }) => `nobody watches the SOL of ${address} any more`,
});

function mayTake({ faucet, network }: BalanceGuardInputs): boolean {
  return faucet && isLocalCluster(network);
}

function inputsOf({ network, account, programs, keeps, faucet }: BalanceGuardInputs): BalanceGuardInputs {
  return { network, account, programs, keeps, faucet };
}

/**
 * What is needed, and what there is. All programs are asked for at once, so in one request. `isKnown`: an update before
 * has seen to what comes beside the programs, and may have spent it since.
 */
async function weigh(
  pool: SolanaPool,
  { account, programs, keeps }: BalanceGuardInputs,
  isKnown: boolean,
): Promise<{ readonly needs: readonly Need[]; readonly wallet: Wallet }> {
  const payer = await openSolanaSigner(account, pool.network);
  const [balance, ...needs] = await Promise.all([
    pool.getBalance(payer.address),
    ...programs.map((each) => needOf(pool, payer, each)),
  ]);
  const isIdle = isKnown && needs.every(({ lamports }) => lamports === 0n);
  return {
    needs: [...needs, { title: 'for what comes beside', lamports: isIdle ? 0n : BigInt(keeps) }],
    wallet: { address: payer.address, balance, least: rentExempt(0) },
  };
}

async function needOf(pool: SolanaPool, payer: SolanaSigner, prepared: PreparedProgram): Promise<Need> {
  const { title, program } = prepared;
  const bytes = await readPrepared(prepared);
  const mine = { kind: 'key', address: payer.address } as const;
  const { wish, observed } = await observeProgram(pool, {
    ...{ title, program, bytes, holder: mine, writer: payer, payer },
  });
  const code = observed.programData?.content;
  const other = code?.kind === 'programData' && code.authority !== payer.address ? code.authority : undefined;
  // A multisig upgrades out of a buffer that this account pays for.
  const holder = other === undefined ? mine : ({ kind: 'council', address: other, terms: '' } as const);
  const plan = planProgram({ ...wish, holder }, { ...observed, balance: 1n << 63n });
  return { title, lamports: 'account' in plan ? plan.account.now : 0n };
}
