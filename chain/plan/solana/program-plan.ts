import type { Missing } from '../authority/progress.ts';
import { programDataAddress } from './address.ts';
import { checkElf } from './elf.ts';
import { programAccountSize, type LoaderAccount } from './loader-accounts.ts';
import { planBuffer } from './program-buffer.ts';
import type { ObservedAccount, ObservedProgram, ProgramWish } from './program-facts.ts';
import { programHash } from './program-hash.ts';
import { refuse, refuseForeign, type ProgramRefusal } from './program-refusals.ts';
import type { ProgramStep } from './program-steps.ts';
import { planCouncilUpgrade, planKeyUpgrade } from './program-upgrade.ts';
import { affordable, buildWork, handOver, type BuildWork, type ProgramWork } from './program-work.ts';
import { rentExempt } from './rent.ts';
import { longestProgram, programDataSize } from './room.ts';

/** What has to happen so that a program is as wanted. The same data is previewed, executed and tested. */
export type ProgramPlan =
  | { readonly kind: 'nothing' }
  | BuildWork
  /** It runs as wanted; only its authority changes, or a buffer of ours is left over and gives its lamports back. */
  | (ProgramWork & { readonly kind: 'hand over' | 'tidy' })
  /** It is proposed and approved, and its time has come. */
  | (ProgramWork & { readonly kind: 'execute' })
  /** It is proposed; others or the clock have to act. */
  | { readonly kind: 'wait'; readonly missing: readonly Missing[] }
  | ProgramRefusal;

export interface PlanOptions {
  /** Whether the state knows the program as one that this stack deployed. @default false */
  readonly recorded?: boolean;
}

/** Holds a program as it is wanted against what the chain says. */
export function planProgram(
  wish: ProgramWish,
  observed: ObservedProgram,
  options: PlanOptions = {},
): ProgramPlan {
  const content = observed.account?.content;
  switch (content?.kind) {
    case undefined:
      return planDeployment(wish, observed, true);
    case 'uninitialized':
      return planDeployment(wish, observed, false);
    case 'program':
      return planExisting(wish, observed, content.programData, options);
    case 'foreign':
      return refuseForeign(wish, content.owner);
    case 'loader-v4':
      return refuse('CUT-2418', wish);
    case 'buffer':
      return refuse('CUT-2412', wish, { found: 'it is a buffer' });
    case 'programData':
      return refuse('CUT-2412', wish, { found: 'it has the code of another program' });
    case 'malformed':
      return refuse('CUT-2421', wish, { found: content.why });
  }
}

function planDeployment(wish: ProgramWish, observed: ObservedProgram, creates: boolean): ProgramPlan {
  const { bytes, room = bytes.length, holder, writer } = wish;
  const refusal = refuseBuild(wish, observed);
  if (refusal !== undefined) return refusal;
  if (!Number.isInteger(room) || room < bytes.length || room > longestProgram) {
    return refuse('CUT-2422', wish, { room, length: bytes.length, most: longestProgram });
  }
  const buffer = planBuffer(wish, observed, writer);
  if (buffer.kind === 'refuse') return buffer;
  const rent = creates ? rentExempt(programAccountSize, observed.rent) : 0n;
  const paid = rent + rentExempt(programDataSize(room), observed.rent);
  const isHolder = holder.kind !== 'none' && holder.address === writer;
  return buildWork(wish, observed, 'deploy', buffer, [
    ...buffer.steps,
    { kind: 'deploy', room, creates, rent, paid, back: buffer.lamports },
    ...(isHolder ? [] : [handOver(wish, writer)]),
  ]);
}

function planExisting(
  wish: ProgramWish,
  observed: ObservedProgram,
  place: string,
  { recorded = false }: PlanOptions,
): ProgramPlan {
  const { holder, writer, program } = wish;
  if (place !== programDataAddress(program)) {
    const found = `it says that its code is at ${place}, where the loader never puts it`;
    return refuse('CUT-2421', wish, { found });
  }
  const { programData } = observed;
  if (programData === undefined || isGone(programData.content)) return refuse('CUT-2413', wish);
  const code = programData.content;
  if (code.kind !== 'programData') {
    return refuse('CUT-2421', wish, { found: `the account of its code is of kind ${code.kind}` });
  }
  const { authority, slot } = code;
  const runs = programHash(code.bytes);
  const wanted = programHash(wish.bytes);
  if (authority === undefined) {
    if (runs === wanted && holder.kind === 'none') return planTidying(wish, observed);
    const differs = runs === wanted ? 'It runs the wanted build.' : `It runs ${runs}; wanted is ${wanted}.`;
    return refuse('CUT-2416', wish, { differs });
  }
  const isHolder = holder.kind !== 'none' && authority === holder.address;
  if (!isHolder && authority !== writer) {
    return refuse(recorded ? 'CUT-2415' : 'CUT-2414', wish, { authority });
  }
  if (runs === wanted) {
    if (isHolder) return planTidying(wish, observed);
    return affordable(wish, observed, 'hand over', [
      ...closeLeftOver(wish, observed.buffer),
      handOver(wish, writer),
    ]);
  }
  const refusal = refuseBuild(wish, observed);
  if (refusal !== undefined) return refusal;
  const running = { lamports: programData.lamports, room: code.bytes.length, slot, authority };
  return isHolder && holder.kind === 'council'
    ? planCouncilUpgrade(wish, observed, running)
    : planKeyUpgrade(wish, observed, running);
}

function planTidying(wish: ProgramWish, observed: ObservedProgram): ProgramPlan {
  const steps = closeLeftOver(wish, observed.buffer);
  return steps.length === 0 ? { kind: 'nothing' } : affordable(wish, observed, 'tidy', steps);
}

/** A buffer of ours that a broken-off run left, and that nobody will use, gives its lamports back. */
function closeLeftOver({ writer }: ProgramWish, buffer: ObservedAccount | undefined): readonly ProgramStep[] {
  const isOurs = buffer?.content.kind === 'buffer' && buffer.content.authority === writer;
  return isOurs ? [{ kind: 'close buffer', paid: 0n, back: buffer.lamports }] : [];
}

/** Whether the account of a program's code is what closing leaves. */
function isGone({ kind }: LoaderAccount): boolean {
  return kind === 'uninitialized' || kind === 'foreign';
}

function refuseBuild(wish: ProgramWish, { versions }: ObservedProgram): ProgramRefusal | undefined {
  const { bytes, syscalls } = wish;
  const check = checkElf(bytes, {
    ...(versions === undefined ? {} : { versions }),
    ...(syscalls === undefined ? {} : { syscalls }),
  });
  if (check.kind === 'valid') return undefined;
  return refuse('CUT-2410', wish, { list: check.problems.map((problem) => `  - ${problem}`).join('\n') });
}
