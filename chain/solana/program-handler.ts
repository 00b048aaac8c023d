import { programDataAddress } from '../plan/solana/address.ts';
import { describeProgramAuthority } from '../plan/solana/authority.ts';
import { readLoaderAccount } from '../plan/solana/loader-accounts.ts';
import { describeSolanaNetwork, isLocalCluster } from '../plan/solana/network.ts';
import type { ProgramPlan } from '../plan/solana/program-plan.ts';
import { sol } from '../plan/solana/program-refusals.ts';
import { programDrift, seenProgram, type SeenProgram } from '../plan/solana/program-seen.ts';
import { describeProgramPlan, describeStep } from '../plan/solana/program-words.ts';
import type { SolanaPool } from './connection.ts';
import { holderOf, requireFit } from './holder.ts';
import { openSolanaSigner } from './keypairs.ts';
import { closeProgram } from './loader-close.ts';
import { bringProgram } from './loader.ts';
import { solanaHandler, type SolanaInputs, type SolanaState } from './managed.ts';
import { planOwned, type OwnedProgram, type PlannedProgram } from './program-order.ts';
import { progressLines } from './progress-lines.ts';

/** What the engine keeps of a program: no code, only hashes and where to find the rest. */
export interface ProgramInputs extends SolanaInputs, OwnedProgram {
  readonly close?: 'allowed';
}

export interface ProgramOutputs extends SeenProgram {
  /** Of the last update that changed it. */
  readonly transactions: readonly string[];
}

export type ProgramState = ProgramInputs & ProgramOutputs & SolanaState;

/** A program as a managed resource. The cluster is the truth: state only says where to look. */
export const handler = solanaHandler<ProgramInputs, ProgramOutputs>({
  subject: ({ title, program, network }) => `${title} at ${program} on ${describeSolanaNetwork(network)}`,
  id: ({ network, program }) => `solana:${network.cluster}:${program}`,
  identity: ['program'],
  inputs: (values) => {
    const { title, artifact, program, key, hash, fileHash, size } = values;
    const { network, signer, authority, handOver, room, close } = values;
    return {
      ...{ title, artifact, program, hash, fileHash, size, network, signer, authority },
      ...(key === undefined ? {} : { key }),
      ...(handOver === undefined ? {} : { handOver }),
      ...(room === undefined ? {} : { room }),
      ...(close === undefined ? {} : { close }),
    };
  },

  async plan(pool, inputs, olds) {
    const { wish, observed, plan } = await planOwned(pool, inputs, {
      recorded: olds !== undefined,
      // There a guard takes what is missing from the faucet before the program comes.
      unlimited: isLocalCluster(inputs.network),
    });
    if (plan.kind === 'refuse') throw plan.error;
    if (plan.kind === 'nothing') return { kind: 'nothing' };
    await requireMultisig(pool, inputs, plan);
    return isForCouncil(plan)
      ? { kind: 'watch', lines: [leftToCouncil(inputs, observed)] }
      : { kind: 'change', lines: describeProgramPlan(plan, wish, observed) };
  },

  async bring(pool, inputs, olds) {
    const planned = await planOwned(pool, inputs, { recorded: olds !== undefined });
    if (planned.plan.kind === 'refuse') throw planned.plan.error;
    const signatures = isForCouncil(planned.plan)
      ? []
      : await carryOut(pool, inputs, planned, olds !== undefined);
    const seen = await look(pool, inputs.program);
    if (seen === undefined)
      throw new TypeError(`${inputs.program} was brought to the cluster, and is not there`);
    return { ...seen, transactions: signatures.length > 0 ? signatures : (olds?.transactions ?? []) };
  },

  async see(pool, olds) {
    const seen = await look(pool, olds.program);
    if (seen === undefined) return undefined;
    const drift = programDrift(olds, seen);
    // How it was left is kept as long as it drifts, so that the next look says it too.
    return { outputs: drift.length > 0 ? {} : seen, drift };
  },

  async remove(pool, { title, program, network, signer, authority, close }) {
    if (close === undefined) return undefined;
    const payer = await openSolanaSigner(signer, network);
    const holder = authority.kind === 'key' ? await openSolanaSigner(authority.signer, network) : payer;
    const { lamports } = await closeProgram(pool, program, { authority: holder, payer });
    return `closed: ${title} at ${program}; ${sol(lamports)} SOL came back to ${payer.address}. Its id can never be used again`;
  },
  forgotten: ({ title, program }) => `${title} stays at ${program}, with its SOL`,
});

/** Steps and uploads, with a line for each. */
async function carryOut(
  pool: SolanaPool,
  inputs: ProgramInputs,
  { plan, wish, order }: PlannedProgram,
  recorded: boolean,
): Promise<readonly string[]> {
  const steps = 'steps' in plan ? plan.steps : [];
  await requireMultisig(pool, inputs, plan);
  if (steps.some(({ kind }) => kind === 'hand over program')) {
    await requireFit(pool, inputs.authority, order.holder, inputs);
  }
  // The program's own key signs its first deployment, and may be far away ever after.
  const deploys = steps.some(({ kind }) => kind === 'deploy') && inputs.key !== undefined;
  const programKey = deploys ? await openSolanaSigner(inputs.key, inputs.network) : undefined;
  const { done } = await bringProgram(
    pool,
    { ...order, programKey },
    {
      recorded,
      onStep: (step) => console.log(`${inputs.title}: ${describeStep(step, wish)}`),
      onProgress: progressLines(inputs.title, console.log),
    },
  );
  return done.flatMap(({ signature }) => signature ?? []);
}

/** A multisig is there before its first program. Found out at the hand-over, everything would be paid for by then. */
async function requireMultisig(pool: SolanaPool, inputs: ProgramInputs, plan: ProgramPlan): Promise<void> {
  const deploys = 'steps' in plan && plan.steps.some(({ kind }) => kind === 'deploy');
  if (!deploys || inputs.authority.kind !== 'squads') return;
  const { holder } = await holderOf(inputs.authority, inputs.network);
  await requireFit(pool, inputs.authority, holder, inputs);
}

/** What a multisig or time lock has to decide. */
function isForCouncil(plan: ProgramPlan): boolean {
  const kind = plan.kind === 'resume' ? plan.toward : plan.kind;
  return kind === 'propose' || kind === 'wait' || kind === 'execute';
}

function leftToCouncil(
  { title, hash, authority }: ProgramInputs,
  { account, programData }: PlannedProgram['observed'],
): string {
  const seen = seenProgram(account?.content, programData?.content);
  return `${title} runs ${seen?.runs}; ${hash} comes by a ProgramUpgrade, since ${describeProgramAuthority(authority)} has it`;
}

/** What there is, in one request. */
async function look(pool: SolanaPool, program: string): Promise<SeenProgram | undefined> {
  const [account, data] = (await pool.getAccounts([program, programDataAddress(program)])).map((each) =>
    each === undefined ? undefined : readLoaderAccount(each.owner, each.data),
  );
  return seenProgram(account, data);
}
