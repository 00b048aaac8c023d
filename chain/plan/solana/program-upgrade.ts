import { planBuffer } from './program-buffer.ts';
import type { ObservedProgram, ProgramWish } from './program-facts.ts';
import { programHash } from './program-hash.ts';
import type { ProgramPlan } from './program-plan.ts';
import { refuse } from './program-refusals.ts';
import type { ProgramStep } from './program-steps.ts';
import { affordable, buildWork, handOver } from './program-work.ts';
import { rentExempt } from './rent.ts';
import { extensionFor, programDataSize } from './room.ts';

/** The account of a program's code, with another build than is wanted. */
export interface RunningCode {
  readonly lamports: bigint;
  /** How many bytes it has room for. */
  readonly room: number;
  /** When it was last changed. */
  readonly slot: bigint;
  readonly authority: string;
}

/** An upgrade by a key, at once. */
export function planKeyUpgrade(wish: ProgramWish, observed: ObservedProgram, code: RunningCode): ProgramPlan {
  const { authority } = code;
  const buffer = planBuffer(wish, observed, authority);
  if (buffer.kind === 'refuse') return buffer;
  const extension = extend(wish, observed, code);
  const isHolder = wish.holder.kind !== 'none' && wish.holder.address === authority;
  const steps: readonly ProgramStep[] = [
    ...extension,
    ...buffer.steps,
    ...handOverBuffer(buffer.authority, authority),
    ...laterSlot(extension.length > 0 || observed.slot <= code.slot),
    { kind: 'upgrade', authority, paid: 0n, back: givenBack(wish, observed, code, buffer.lamports) },
    ...(isHolder ? [] : [handOver(wish, authority)]),
  ];
  return buildWork(wish, observed, 'upgrade', buffer, steps);
}

/** An upgrade that a council decides: proposed, waited for, executed. */
export function planCouncilUpgrade(
  wish: ProgramWish,
  observed: ObservedProgram,
  code: RunningCode,
): ProgramPlan {
  return observed.proposal === undefined
    ? planProposal(wish, observed, code)
    : planExecution(wish, observed, code, observed.proposal);
}

function planProposal(wish: ProgramWish, observed: ObservedProgram, code: RunningCode): ProgramPlan {
  const buffer = planBuffer(wish, observed, code.authority);
  if (buffer.kind === 'refuse') return buffer;
  const steps: readonly ProgramStep[] = [
    ...extend(wish, observed, code),
    ...buffer.steps,
    ...handOverBuffer(buffer.authority, code.authority),
    { kind: 'propose', paid: 0n, back: 0n },
  ];
  return buildWork(wish, observed, 'propose', buffer, steps);
}

function planExecution(
  wish: ProgramWish,
  observed: ObservedProgram,
  code: RunningCode,
  proposal: NonNullable<ObservedProgram['proposal']>,
): ProgramPlan {
  const { buffer } = observed;
  const wanted = programHash(wish.bytes);
  const found = buffer?.content.kind === 'buffer' ? programHash(buffer.content.bytes) : 'nothing';
  if (buffer === undefined || found !== wanted) return refuse('CUT-2420', wish, { found, wanted });
  if (proposal.kind === 'waiting') return { kind: 'wait', missing: proposal.missing };
  const extension = extend(wish, observed, code);
  return affordable(wish, observed, 'execute', [
    ...extension,
    ...laterSlot(extension.length > 0 || observed.slot <= code.slot),
    { kind: 'execute', paid: 0n, back: givenBack(wish, observed, code, buffer.lamports) },
  ]);
}

/** Makes room where the build needs more; not in the slot of the last change. */
function extend(
  { bytes }: ProgramWish,
  { rent, slot }: ObservedProgram,
  code: RunningCode,
): readonly ProgramStep[] {
  const extension = extensionFor(bytes.length, code.room);
  if (extension === 0) return [];
  const needed = rentExempt(programDataSize(code.room + extension), rent);
  const paid = needed > code.lamports ? needed - code.lamports : 0n;
  return [...laterSlot(slot <= code.slot), { kind: 'extend', bytes: extension, paid, back: 0n }];
}

/** What an upgrade gives back: the buffer's lamports, and what the code's account has above its rent. */
function givenBack(
  { bytes }: ProgramWish,
  { rent }: ObservedProgram,
  code: RunningCode,
  bufferLamports: bigint,
): bigint {
  const extension = extensionFor(bytes.length, code.room);
  const needed = rentExempt(programDataSize(code.room + extension), rent);
  const held = extension > 0 && needed > code.lamports ? needed : code.lamports;
  return bufferLamports + held - needed;
}

function handOverBuffer(from: string, to: string): readonly ProgramStep[] {
  return from === to ? [] : [{ kind: 'hand over buffer', to, paid: 0n, back: 0n }];
}

function laterSlot(isNeeded: boolean): readonly ProgramStep[] {
  return isNeeded ? [{ kind: 'wait for a slot', paid: 0n, back: 0n }] : [];
}
