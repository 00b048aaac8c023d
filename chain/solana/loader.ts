import { CutoverError } from '@cutover/base/errors.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import { planProgram, type PlanOptions, type ProgramPlan } from '../plan/solana/program-plan.ts';
import { programHash } from '../plan/solana/program-hash.ts';
import type { ProgramStep } from '../plan/solana/program-steps.ts';
import type { UploadProgress } from '../plan/solana/upload.ts';
import type { SolanaPool } from './connection.ts';
import { claimed } from './journal/of-pool.ts';
import type { SolanaJournal } from './journal/journal.ts';
import { carryOut, type StepDone } from './loader-steps.ts';
import { observeProgram, type Observation, type ProgramOrder } from './observe-program.ts';
import { afterSlot } from './slots.ts';

export interface BringOptions extends PlanOptions {
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Called before each step. */
  readonly onStep?: (step: ProgramStep) => void;
  /** How long nothing may land of an upload before it is given up. @default 60 s */
  readonly standstillMs?: number;
}

/** What was done about a program. */
export interface Brought {
  /** What was planned: `nothing` when it was as wanted already. */
  readonly plan: ProgramPlan;
  readonly done: readonly StepDone[];
  /** Where its bytes were gathered. */
  readonly buffer: string;
}

/** Holds a program as it is wanted against the chain, and changes nothing. SIDE EFFECTS: asks nodes. */
export async function previewProgram(
  pool: SolanaPool,
  order: ProgramOrder,
  options: PlanOptions = {},
): Promise<ProgramPlan> {
  const { wish, observed } = await observeProgram(pool, order);
  return planProgram(wish, observed, options);
}

/**
 * Brings a program to the chain as it is wanted: deploys, extends, upgrades, hands over, by the plan that a preview
 * shows. A run after a crash goes on where the last one was, with nothing sent or paid twice; what is there in the end
 * is read and held against what was wanted. Where a council has the program it stops before the proposal, with the
 * buffer in the council's hands. SIDE EFFECTS: writes the journal, sends transactions.
 */
export async function bringProgram(
  pool: SolanaPool,
  order: ProgramOrder,
  options: BringOptions = {},
): Promise<Brought> {
  // Most runs find everything as it should be, and need no journal for that.
  const before = await observeProgram(pool, order);
  const plan = planned(before, options);
  if (!('steps' in plan)) return { plan, done: [], buffer: before.wish.buffer };
  return claimed(pool, `program ${order.program}`, async (journal) => {
    // Whoever had the claim until now may have done something.
    const now = await observeProgram(pool, order);
    const steps = planned(now, options);
    const done = 'steps' in steps ? await carryOutAll(pool, journal, order, now, steps.steps, options) : [];
    journal.finish(now.wish.buffer);
    return { plan: steps, done, buffer: now.wish.buffer };
  });
}

async function carryOutAll(
  pool: SolanaPool,
  journal: SolanaJournal,
  order: ProgramOrder,
  observation: Observation,
  steps: readonly ProgramStep[],
  options: BringOptions,
): Promise<readonly StepDone[]> {
  const done: StepDone[] = [];
  const { onProgress, standstillMs } = options;
  for (const step of steps) {
    options.onStep?.(step);
    done.push(await carryOut({ ...observation, pool, journal, order, onProgress, standstillMs }, step));
    if (step.kind === 'write') await verifyBuffer(pool, order);
  }
  // What a council decides comes later.
  const proposes = steps.some(({ kind }) => kind === 'propose' || kind === 'execute');
  if (!proposes) await verify(pool, order, options);
  return done;
}

/** Plans, or throws what is refused. */
function planned({ wish, observed }: Observation, options: PlanOptions): ProgramPlan {
  const plan = planProgram(wish, observed, options);
  if (plan.kind === 'refuse') throw plan.error;
  return plan;
}

/** Refuses to use a buffer that holds anything but the build, whoever wrote it. */
async function verifyBuffer(pool: SolanaPool, order: ProgramOrder): Promise<void> {
  const { wish, observed } = await observeProgram(pool, order);
  if (observed.buffer === undefined) {
    throw new CutoverError('CUT-2449', {
      ...{ purpose: order.title, address: wish.buffer, authority: order.writer.address },
      when: 'after it was written',
    });
  }
  const { content } = observed.buffer;
  const found = content.kind === 'buffer' ? programHash(content.bytes) : 'that of no buffer';
  const wanted = programHash(order.bytes);
  if (found === wanted) return;
  throw new CutoverError('CUT-2458', { purpose: order.title, address: wish.buffer, found, wanted });
}

/** Holds the program against what was wanted once more, in a slot in which it runs. */
async function verify(pool: SolanaPool, order: ProgramOrder, options: PlanOptions): Promise<void> {
  const { wish, observed } = await observeProgram(pool, order);
  const plan = planProgram(wish, observed, options);
  if (plan.kind !== 'nothing') {
    throw new CutoverError('CUT-2452', {
      purpose: order.title,
      network: describeSolanaNetwork(pool.network),
      address: order.program,
      problem: plan.kind === 'refuse' ? plan.error.message : `it still takes: ${plan.kind}`,
    });
  }
  const code = observed.programData?.content;
  if (code?.kind === 'programData') await afterSlot(pool, code.slot);
}
