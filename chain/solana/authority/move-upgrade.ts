import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  describeProgramAuthority,
  requiredDelay,
  type ProgramAuthorityRef,
} from '../../plan/solana/authority.ts';
import { describeSolanaNetwork } from '../../plan/solana/network.ts';
import { programHash } from '../../plan/solana/program-hash.ts';
import type { SolanaSignerRef } from '../../plan/solana/signer.ts';
import type { UploadProgress } from '../../plan/solana/upload.ts';
import type { DesiredUpgrade } from '../../plan/solana/upgrade/facts.ts';
import type { UpgradeStep } from '../../plan/solana/upgrade/next.ts';
import { planUpgrade, type UpgradePlan } from '../../plan/solana/upgrade/plan.ts';
import type { UpgradeProgress } from '../../plan/solana/upgrade/progress.ts';
import type { UpgradeRecord } from '../../plan/solana/upgrade/record.ts';
import { upgradeError } from '../../plan/solana/upgrade/refusal.ts';
import { describeUpgradeStep } from '../../plan/solana/upgrade/words.ts';
import type { SolanaPool } from '../connection.ts';
import { claimed } from '../journal/of-pool.ts';
import { openSolanaSigner } from '../keypairs.ts';
import { bringProgram } from '../loader.ts';
import { observeUpgrade } from './observe.ts';
import { openAuthority } from './open.ts';
import type { AuthorityPort } from './port.ts';
import { readRecord, recordPath, writeRecord } from './record.ts';
import { takeStep, type PreparedBuffer, type StepTools } from './step.ts';

/** An upgrade as a stack wants it. */
export interface UpgradeOrder {
  /** For people. */
  readonly title: string;
  readonly program: string;
  readonly bytes: Uint8Array;
  /** What people call the build: v2.0.0. @default the beginning of its hash */
  readonly version?: string | undefined;
  readonly authority: ProgramAuthorityRef;
  /** Writes the buffer, and pays for it. */
  readonly writer: SolanaSignerRef;
  /** Goes on after a decision or a finding that stopped it. @default false */
  readonly again?: boolean | undefined;
}

/** What else a call knows, and whom it tells. */
export interface UpgradeOptions {
  /** The record that the call before this one returned, out of the state. @default the one in the journal's folder */
  readonly previous?: UpgradeRecord | undefined;
  readonly log: (line: string) => void;
  /** Tells those who use the program: what is proposed, when it comes, that it came. */
  readonly announce: StepTools['announce'];
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** Says what the next call would do, and changes nothing. SIDE EFFECTS: asks nodes, reads keys and the record. */
export async function previewUpgrade(
  pool: SolanaPool,
  order: UpgradeOrder,
  previous?: UpgradeRecord,
): Promise<UpgradePlan> {
  const desired = desiredOf(order);
  const port = await openAuthority(pool, order.authority, desired);
  const record = await readRecord(await recordPath(pool, desired.program), desired.program, previous);
  return planUpgrade(desired, await observeUpgrade(pool, port, desired, record));
}

/**
 * Moves an upgrade on as far as it goes now, and never waits for people or for hours: what is lacking is in the answer,
 * and the next call, in whatever process, goes on from there. It finds its own earlier work on the chain; the record
 * adds times and transactions. One process at a time. SIDE EFFECTS: sends transactions, writes the record, announces.
 */
export async function moveUpgrade(
  pool: SolanaPool,
  order: UpgradeOrder,
  options: UpgradeOptions,
): Promise<UpgradeProgress> {
  const desired = desiredOf(order);
  const port = await openAuthority(pool, order.authority, desired);
  const path = await recordPath(pool, desired.program);
  const prepareBuffer = (): Promise<PreparedBuffer> => prepare(pool, order, port, options);
  const tools = { port, desired, prepareBuffer, announce: options.announce };
  return claimed(pool, `upgrade of ${desired.program}`, async () => {
    const noted = await readRecord(path, desired.program, options.previous);
    return goOn(pool, tools, noted, (record) => writeRecord(path, record), options.log);
  });
}

// A whole upgrade with all keys at hand takes ten steps. Others may act in between.
const mostTurns = 30;

async function goOn(
  pool: SolanaPool,
  tools: StepTools,
  noted: UpgradeRecord | undefined,
  keep: (record: UpgradeRecord) => Promise<void>,
  log: UpgradeOptions['log'],
): Promise<UpgradeProgress> {
  const { port, desired } = tools;
  const network = describeSolanaNetwork(pool.network);
  let record = noted;
  let failed: { readonly step: UpgradeStep; readonly error: CutoverError } | undefined;
  for (let turn = 1; turn <= mostTurns; turn++) {
    const facts = await observeUpgrade(pool, port, desired, record);
    const plan = planUpgrade(desired, facts);
    if (plan.record !== undefined && !isDeepStrictEqual(plan.record, record)) await keep(plan.record);
    if (plan.kind === 'refuse') throw upgradeError(plan.refusal, desired, network);
    if (plan.kind === 'wait') return { ...plan, kind: 'proposed' };
    if (plan.kind !== 'step') return plan;
    const { step } = plan;
    // What failed and is still to be done failed for a reason; where somebody was quicker, the plan is another now.
    if (failed !== undefined && isDeepStrictEqual(failed.step, step)) throw failed.error;
    if (step.kind !== 'announce') log(`${desired.program}: ${describeUpgradeStep(step)}`);
    // A crash behind the execution finds that it was us who were about to do it.
    record = step.kind === 'execute' ? { ...plan.record, executing: true } : plan.record;
    if (record !== plan.record) await keep(record);
    try {
      record = await takeStep(tools, step, record, facts.now);
      await keep(record);
      failed = undefined;
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error;
      failed = { step, error };
    }
  }
  throw new CutoverError('CUT-2481', { program: desired.program, network });
}

function desiredOf({ program, bytes, version, authority, again }: UpgradeOrder): DesiredUpgrade {
  return {
    program,
    hash: programHash(bytes),
    fileHash: createHash('sha256').update(bytes).digest('hex'),
    delaySeconds: requiredDelay(authority),
    ...(version === undefined ? {} : { version }),
    ...(again === undefined ? {} : { again }),
  };
}

/** Has the loader prepare the buffer. It stops before the authority has to act, also where that is a key. */
async function prepare(
  pool: SolanaPool,
  { title, program, bytes, authority, writer }: UpgradeOrder,
  { address }: AuthorityPort,
  { onProgress }: UpgradeOptions,
): Promise<PreparedBuffer> {
  const signer = await openSolanaSigner(writer, pool.network);
  const terms = describeProgramAuthority(authority);
  const holder = { kind: 'council', address, terms } as const;
  const order = { title, program, bytes, holder, writer: signer, payer: signer };
  const { buffer, done } = await bringProgram(pool, order, onProgress === undefined ? {} : { onProgress });
  const handedOver = done.find(({ kind }) => kind === 'hand over buffer')?.signature;
  return { address: buffer, handedOver };
}
