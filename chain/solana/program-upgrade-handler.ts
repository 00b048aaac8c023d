import { CutoverError } from '@cutover/base/errors.ts';
import { programDataAddress } from '../plan/solana/address.ts';
import { requiredDelay, type ProgramAuthorityRef } from '../plan/solana/authority.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import type { SolanaSignerRef } from '../plan/solana/signer.ts';
import { buildName } from '../plan/solana/upgrade/announcement.ts';
import type { DesiredUpgrade } from '../plan/solana/upgrade/facts.ts';
import type { UpgradePlan } from '../plan/solana/upgrade/plan.ts';
import { describeUpgrade, type UpgradeProgress } from '../plan/solana/upgrade/progress.ts';
import { upgradeError } from '../plan/solana/upgrade/refusal.ts';
import { standingsOf, upgradeLines, type StageStanding } from '../plan/solana/upgrade/words.ts';
import { programFacts } from './authority/accounts.ts';
import { moveUpgrade, previewUpgrade, type UpgradeOrder } from './authority/move-upgrade.ts';
import type { SolanaPool } from './connection.ts';
import { solanaHandler, type SolanaInputs, type SolanaPlan } from './managed.ts';
import { readPrepared } from './prepare-program.ts';
import { progressLines } from './progress-lines.ts';
import { tell } from './tell.ts';

/** What the engine keeps of an upgrade. */
export interface ProgramUpgradeInputs extends SolanaInputs {
  readonly title: string;
  readonly artifact: string;
  readonly program: string;
  readonly hash: string;
  readonly fileHash: string;
  readonly version?: string;
  readonly signer: SolanaSignerRef;
  readonly authority: ProgramAuthorityRef;
  readonly again?: boolean;
}

export interface ProgramUpgradeOutputs {
  readonly progress: UpgradeProgress;
  readonly stages: readonly StageStanding[];
  /** Hash of what the program runs. */
  readonly runs: string;
}

/** An upgrade as a managed resource: each update moves it on as far as it goes. */
export const handler = solanaHandler<ProgramUpgradeInputs, ProgramUpgradeOutputs>({
  subject: ({ title, program, hash, version, network }) =>
    `the upgrade of ${title} (${program}) on ${describeSolanaNetwork(network)} to ${buildName({ hash, ...named(version) })}`,
  id: ({ network, program }) => `solana:${network.cluster}:${program}/upgrade`,
  identity: ['program'],
  inputs: (values) => {
    const { title, artifact, program, hash, fileHash, version, network, signer, authority, again } = values;
    return {
      ...{ title, artifact, program, hash, fileHash, network, signer, authority },
      ...named(version),
      ...(again === undefined ? {} : { again }),
    };
  },

  async plan(pool, inputs, olds) {
    const was = olds?.hash === inputs.hash ? olds.progress : undefined;
    // Once it is done, one look at the program says that it still is, and no key is needed.
    if (was !== undefined && isOver(was) && (await runningHash(pool, inputs)) === inputs.hash) {
      return { kind: 'nothing' };
    }
    try {
      const order = await orderOf(inputs);
      return planOf(inputs, await previewUpgrade(pool, order, olds?.progress.record), was);
    } catch (error) {
      if (!isYetToCome(error)) throw error;
      const lines = ['waits for its program and its authority, which this update is to bring'];
      return olds === undefined ? { kind: 'nothing' } : { kind: 'change', lines };
    }
  },

  async bring(pool, inputs, olds) {
    const { title, program, network, authority } = inputs;
    const progress = await moveUpgrade(pool, await orderOf(inputs), {
      previous: olds?.progress.record,
      log: console.log,
      announce: ({ text }) => tell(network, { kind: 'announced', account: program, purpose: title, text }),
      onProgress: progressLines(title, console.log),
    });
    const text = `${title} (${program}): ${describeUpgrade(progress)}`;
    if (isNews(progress, olds?.progress)) {
      tell(network, { kind: 'proposed', account: program, purpose: `upgrade ${title}`, text });
    } else console.log(text);
    return {
      progress,
      stages: standingsOf(kindOf(authority), planOfProgress(progress)),
      runs: (await runningHash(pool, inputs)) ?? '',
    };
  },

  async see(pool, olds) {
    const runs = await runningHash(pool, olds);
    if (runs === undefined) return undefined;
    const isUndone = isOver(olds.progress) && runs !== olds.hash;
    return isUndone
      ? { outputs: {}, drift: [`it runs ${runs}; this upgrade brought ${olds.hash}`] }
      : { outputs: { runs }, drift: [] };
  },
  forgotten: ({ title, progress }) =>
    `the upgrade of ${title}${isOver(progress) ? ': what it brought stays' : `, ${describeUpgrade(progress)}: what is proposed stays so until its members take it back`}`,
});

/** What an update would do, for a reviewer; throws what must not be done. */
function planOf(
  inputs: ProgramUpgradeInputs,
  plan: UpgradePlan,
  was: UpgradeProgress | undefined,
): SolanaPlan {
  const desired = desiredOf(inputs);
  const lines = upgradeLines(desired, kindOf(inputs.authority), plan);
  switch (plan.kind) {
    case 'refuse':
      throw upgradeError(plan.refusal, desired, describeSolanaNetwork(inputs.network));
    case 'step':
    case 'wait':
      return { kind: 'change', lines };
    case 'rejected':
    case 'cancelled':
      return { kind: was?.kind === plan.kind ? 'watch' : 'change', lines };
    case 'nothing':
    case 'done':
    case 'executed elsewhere':
      // Somebody has executed it since: the state is yet to say so.
      return was === undefined || isOver(was) ? { kind: 'nothing' } : { kind: 'change', lines };
  }
}

/** Whether the program runs the build, so that nothing is waited for. */
function isOver({ kind }: UpgradeProgress): boolean {
  return kind === 'nothing' || kind === 'done' || kind === 'executed elsewhere';
}

/** Whether operators have not heard yet that it waits, or that it waits for something else now. */
function isNews(reached: UpgradeProgress, before: UpgradeProgress | undefined): boolean {
  if (reached.kind !== 'proposed') return false;
  return !(
    before?.kind === 'proposed' &&
    before.stage === reached.stage &&
    before.record?.proposal === reached.record?.proposal
  );
}

/**
 * In a preview the program and its time lock may be yet to come with the same update: the first time, and on a local
 * node that began anew.
 */
function isYetToCome(error: unknown): boolean {
  return error instanceof CutoverError && ['CUT-2472', 'CUT-2490'].includes(error.code);
}

function planOfProgress(progress: UpgradeProgress): UpgradePlan {
  return progress.kind === 'proposed' ? { ...progress, kind: 'wait' } : progress;
}

function kindOf({ kind }: ProgramAuthorityRef): 'key' | 'council' {
  return kind === 'key' ? 'key' : 'council';
}

function named(version: string | undefined): { readonly version?: string } {
  return version === undefined ? {} : { version };
}

function desiredOf({
  program,
  hash,
  fileHash,
  version,
  authority,
  again,
}: ProgramUpgradeInputs): DesiredUpgrade {
  return {
    ...{ program, hash, fileHash, delaySeconds: requiredDelay(authority) },
    ...named(version),
    ...(again === undefined ? {} : { again }),
  };
}

async function orderOf(inputs: ProgramUpgradeInputs): Promise<UpgradeOrder> {
  const { title, program, version, authority, signer: writer, again } = inputs;
  return { title, program, version, authority, writer, again, bytes: await readPrepared(inputs) };
}

/** Hash of what the program runs; undefined where there is none. */
async function runningHash(pool: SolanaPool, { program }: ProgramUpgradeInputs): Promise<string | undefined> {
  const [account, data] = await pool.getAccounts([program, programDataAddress(program)]);
  const facts = programFacts(account, data);
  return typeof facts === 'string' ? undefined : facts.hash;
}
