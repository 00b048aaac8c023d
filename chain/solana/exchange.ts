import { programDataAddress } from '../plan/solana/address.ts';
import { isLocalCluster } from '../plan/solana/network.ts';
import { accountAddress } from '../plan/solana/perps/accounts.ts';
import { emergencyInstructions, type EmergencyStep } from '../plan/solana/perps/emergency.ts';
import { readExchange, type ExchangeSeen } from '../plan/solana/perps/exchange.ts';
import { refusalWords } from '../plan/solana/perps/instructions.ts';
import type { ProgramInterface } from '../plan/solana/perps/interface.ts';
import { programFacts } from './authority/accounts.ts';
import type { SolanaPool } from './connection.ts';
import { takeFromFaucet } from './faucet.ts';
import type { SolanaSigner } from './keypairs.ts';
import { sendTransaction } from './send.ts';

/** An exchange, and how its program is called. */
export interface Exchange {
  readonly program: string;
  readonly description: ProgramInterface;
}

const oneSol = 1_000_000_000n;
/** What a wallet must keep, rounded up, and ten times what a transaction costs where nobody competes. */
const leastBalance = 1_000_000n;
const someFees = 50_000n;

/** An exchange as it is now, and its program. */
export interface ExchangeObserved {
  readonly seen: ExchangeSeen;
  /** Hash of what the program runs; undefined where there is no program. */
  readonly hash: string | undefined;
  /** Who may upgrade it; undefined where nobody may. */
  readonly authority: string | undefined;
}

/**
 * Reads the exchange with all users and positions, and its program. Two requests at once, whatever the number of users. SIDE EFFECTS: asks nodes.
 */
export async function observeExchange(
  pool: SolanaPool,
  { program, description }: Exchange,
): Promise<ExchangeObserved> {
  const [accounts, [account, data]] = await Promise.all([
    pool.getProgramAccounts(program, []),
    pool.getAccounts([program, programDataAddress(program)]),
  ]);
  const facts = programFacts(account, data);
  const { hash, authority } = typeof facts === 'string' ? { hash: undefined, authority: undefined } : facts;
  return { seen: readExchange(description, program, accounts), hash, authority };
}

/** Reads the exchange without its users and positions: all that a pause needs to know. SIDE EFFECTS: asks nodes. */
export async function lookAtExchange(
  pool: SolanaPool,
  { program, description }: Exchange,
): Promise<ExchangeSeen> {
  const address = accountAddress(description, program, 'exchange');
  const account = await pool.getAccount(address);
  // Anybody may send SOL to an address where nothing is yet.
  const accounts = account?.owner === program ? [{ ...account, address }] : [];
  return readExchange(description, program, accounts);
}

/**
 * Does one step in an emergency, and returns when all of it is on the chain: the guardian pauses, the admin does
 * the rest. Each signs for himself alone and pays for it. What an earlier run has sent is not sent again. SIDE EFFECTS:
 * sends transactions.
 */
export async function carryOutStep(
  pool: SolanaPool,
  { program, description }: Exchange,
  work: { readonly step: EmergencyStep; readonly seen: ExchangeSeen; readonly signer: SolanaSigner },
): Promise<readonly string[]> {
  const { step, seen, signer } = work;
  const groups = emergencyInstructions(description, seen, step);
  await payable(pool, signer, groups.length);
  const signatures: string[] = [];
  // Each writes the exchange's account, so they follow each other anyway.
  for (const [index, instructions] of groups.entries()) {
    const part = groups.length === 1 ? '' : ` (${index + 1} of ${groups.length})`;
    signatures.push(
      await sendTransaction(pool, {
        purpose: `${step} of the exchange ${seen.address}${part}`,
        payer: signer,
        instructions,
        explain: (where, code) => (where === program ? refusalWords(description, code) : undefined),
        effect: () => shows(pool, { program, description }, { step, seen, instructions }),
      }),
    );
  }
  return signatures;
}

/** Whether the chain shows what a transaction of a step was for. SIDE EFFECTS: asks nodes. */
async function shows(
  pool: SolanaPool,
  exchange: Exchange,
  { step, seen, instructions }: Part,
): Promise<boolean> {
  if (step === 'pause' || step === 'resume') {
    const { mode } = await lookAtExchange(pool, exchange);
    return mode === (step === 'pause' ? 'stopped' : 'running');
  }
  // Both end accounts: they are the program's no more.
  const ending = new Set(
    (step === 'close positions' ? seen.positions : seen.users).map(({ address }) => address),
  );
  const here = instructions.flatMap(({ accounts }) => accounts).map(({ address }) => address);
  const accounts = await pool.getAccounts(here.filter((address) => ending.has(address)));
  return accounts.every((account) => account?.owner !== exchange.program);
}

interface Part {
  readonly step: EmergencyStep;
  readonly seen: ExchangeSeen;
  readonly instructions: Parameters<typeof sendTransaction>[1]['instructions'];
}

/** A local node gives its keys what fees they need: a guardian has nothing there before the first emergency. */
async function payable(pool: SolanaPool, signer: SolanaSigner, transactions: number): Promise<void> {
  if (!isLocalCluster(pool.network)) return;
  const needed = leastBalance + BigInt(transactions) * someFees;
  if ((await pool.getBalance(signer.address)) < needed) {
    await takeFromFaucet(pool, signer.address, oneSol > needed ? oneSol : needed);
  }
}
