import { createHash } from 'node:crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { instructionCount } from '../plan/solana/message.ts';
import { describeSolanaNetwork, type Commitment } from '../plan/solana/network.ts';
import { withBudget } from './budget.ts';
import { follow, type Followed } from './confirm.ts';
import type { SolanaPool } from './connection.ts';
import { journalOf } from './journal/of-pool.ts';
import type { JournalEntry, SolanaJournal } from './journal/journal.ts';
import { describeTransactionError, lastLogs, type Explain } from './transaction-errors.ts';
import { signTransaction, type Unsigned } from './transaction.ts';

export interface SendArgs extends Unsigned {
  /** Names the need, so that a run after a crash finds it: `create:<buffer>`. @default what it does */
  readonly key?: string;
  /**
   * Whether what the transaction is for shows on the chain. Where it is given it is the judge: an endpoint that calls
   * a transaction confirmed is not believed, and one that has forgotten it does no harm.
   */
  readonly effect?: () => Promise<boolean>;
  /** What the numbers mean that its programs fail with. */
  readonly explain?: Explain;
  /** @default the network's */
  readonly commitment?: Commitment | undefined;
  /** @default 120 s for all attempts together */
  readonly timeoutMs?: number;
}

const running = new Map<string, Promise<string>>();

/**
 * Sends a transaction and returns its signature once it has landed. It is signed and kept in the journal before it is
 * sent, sent again until it lands or its blockhash has expired, and only then signed anew: so it lands once. A run after
 * a crash goes on with what was signed. SIDE EFFECTS: writes the journal, sends transactions.
 */
export async function sendTransaction(pool: SolanaPool, args: SendArgs): Promise<string> {
  const journal = await journalOf(pool);
  const key = args.key ?? `content:${contentOf(args)}`;
  const task = `${journal.path} ${key}`;
  // Two of the same in one process are one.
  const promise = running.get(task) ?? send(pool, journal, key, args).finally(() => running.delete(task));
  running.set(task, promise);
  return promise;
}

async function send(pool: SolanaPool, journal: SolanaJournal, key: string, args: SendArgs): Promise<string> {
  const started = performance.now();
  const timeoutMs = args.timeoutMs ?? 120_000;
  const deadline = started + timeoutMs;
  const commitment = args.commitment ?? pool.network.commitment ?? 'confirmed';
  let entry = journal.open(key).at(-1);
  let again = entry !== undefined;
  for (;;) {
    entry ??= await signed(pool, journal, key, args);
    const followed = await follow(pool, entry, { effect: args.effect, commitment, deadline, again });
    switch (followed.kind) {
      case 'landed':
        journal.settle([entry.signature], 'landed');
        return entry.signature;
      case 'failed':
        journal.settle([entry.signature], 'failed');
        // It may have failed because somebody was there before it.
        if (args.effect !== undefined && (await args.effect())) return entry.signature;
        throw await failure(pool, args, entry, followed);
      case 'expired':
        journal.settle([entry.signature], 'expired');
        // What another attempt has done is done.
        if (args.effect !== undefined && (await args.effect())) return entry.signature;
        break;
      case 'not yet':
        throw new CutoverError('CUT-2445', {
          purpose: args.purpose,
          network: describeSolanaNetwork(pool.network),
          seconds: Math.round(timeoutMs / 1000),
          signature: entry.signature,
        });
    }
    entry = undefined;
    again = false;
  }
}

/** Tries, prices, signs, and keeps what is to be sent. */
async function signed(
  pool: SolanaPool,
  journal: SolanaJournal,
  key: string,
  args: SendArgs,
): Promise<JournalEntry> {
  const [instructions, { blockhash, lastValidBlockHeight }] = await Promise.all([
    withBudget(pool, args),
    pool.getLatestBlockhash(),
  ]);
  const { raw, signature } = signTransaction({ ...args, instructions }, blockhash);
  const entry = { key, item: 0, purpose: args.purpose, signature, raw, blockhash, lastValidBlockHeight };
  journal.record([entry]);
  return entry;
}

async function failure(
  pool: SolanaPool,
  args: SendArgs,
  { signature, raw }: JournalEntry,
  { error }: Extract<Followed, { kind: 'failed' }>,
): Promise<CutoverError> {
  const logs = await pool.getLogs(signature).catch(() => undefined);
  const budget = instructionCount(raw) - args.instructions.length;
  return new CutoverError('CUT-2444', {
    purpose: args.purpose,
    network: describeSolanaNetwork(pool.network),
    reason: describeTransactionError(error, args.instructions, args.explain, budget),
    logs: lastLogs(logs ?? []),
    when: `It is in a block as ${signature}, and has changed nothing but the payer's fee.`,
  });
}

/** All that a transaction does, and who does it. */
function contentOf({ payer, instructions }: Unsigned): string {
  const hash = createHash('sha256').update(payer.address);
  for (const { program, accounts, data } of instructions) {
    hash.update(JSON.stringify([program, accounts])).update(data);
  }
  return hash.digest('hex').slice(0, 32);
}
