import { CutoverError } from '@cutover/base/errors.ts';
import type { Missing } from '../plan/authority/progress.ts';
import { rollbackFacts, type ExchangeSeen } from '../plan/solana/perps/exchange.ts';
import {
  planRollback,
  type RollbackPlan,
  type RollbackStep,
  type RollbackWish,
} from '../plan/solana/rollback.ts';
import type { SolanaPool } from './connection.ts';
import { carryOutStep, observeExchange, type Exchange } from './exchange.ts';
import type { SolanaSigner } from './keypairs.ts';

/** An exchange, from which release to which, and with whose keys. */
export interface RollbackOrder {
  readonly exchange: Exchange;
  readonly wish: RollbackWish;
  readonly guardian: SolanaSigner;
  readonly admin: SolanaSigner;
  /** Called before each step, with what the chain says then: what must be known later is noted here. */
  readonly before?: (step: RollbackStep, seen: ExchangeSeen) => Promise<void>;
  /** What the old program waits for, where it is proposed already. */
  readonly waiting?: readonly Missing[];
}

/** How far a rollback has come. */
export interface RollbackMove {
  readonly plan: RollbackPlan;
  readonly seen: ExchangeSeen;
  /** What this run sent, by step. */
  readonly sent: readonly { readonly step: RollbackStep; readonly transactions: readonly string[] }[];
}

/** A step that is done is not found to be missing again, but users may come between two looks. */
const mostLooks = 20;

/**
 * Takes the steps that a rollback needs, each after the chain has confirmed those before, up to where the old program
 * has to be put back: that is for whoever has the authority. Called again behind it, it ends the pause. A run after a
 * crash goes on where the chain stands. SIDE EFFECTS: asks nodes, sends transactions.
 */
export async function moveRollback(pool: SolanaPool, order: RollbackOrder): Promise<RollbackMove> {
  const { exchange, wish, guardian, admin } = order;
  const sent: { step: RollbackStep; transactions: readonly string[] }[] = [];
  for (let looks = 0; looks < mostLooks; looks++) {
    const { seen, hash } = await observeExchange(pool, exchange);
    const facts = rollbackFacts(seen, hash ?? 'no program', wish.to, order.waiting);
    const plan = planRollback(wish, facts);
    if (plan.kind !== 'step' || plan.step === 'old program') return { plan, seen, sent };
    const { step } = plan;
    await order.before?.(step, seen);
    const signer = step === 'pause' ? guardian : admin;
    sent.push({ step, transactions: await carryOutStep(pool, exchange, { step, seen, signer }) });
  }
  throw new CutoverError('CUT-5572', { title: wish.title, looks: mostLooks });
}
