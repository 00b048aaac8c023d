import type { ObservedProgram, ProgramHolder, ProgramWish } from './program-facts.ts';
import { programHash } from './program-hash.ts';
import type { ProgramPlan } from './program-plan.ts';
import { describeSol, sol } from './program-refusals.ts';
import type { ProgramStep } from './program-steps.ts';
import type { ProgramWork } from './program-work.ts';

/** A plan for a reviewer, line by line: what runs and what would, its size, the steps, who approves, and the SOL. */
export function describeProgramPlan(
  plan: ProgramPlan,
  wish: ProgramWish,
  observed: ObservedProgram,
): readonly string[] {
  switch (plan.kind) {
    case 'nothing':
      return [`${wish.title}: ${wish.program} runs ${programHash(wish.bytes)}; nothing to do`];
    case 'refuse':
      return plan.error.message.split('\n');
    case 'wait':
      return [
        ...changeLines(wish, observed),
        ...plan.missing.map(({ what, who = [], readyAt }) => {
          const from = who.length === 0 ? '' : ` from any of ${who.join(', ')}`;
          return `waits for ${what}${from}${readyAt === undefined ? '' : `, until ${readyAt}`}`;
        }),
      ];
    case 'tidy':
      return [
        `${wish.title}: ${wish.program} runs ${programHash(wish.bytes)} as wanted`,
        ...workLines(plan, wish),
      ];
    case 'hand over':
      return [`${wish.title}: ${wish.program} keeps ${programHash(wish.bytes)}`, ...workLines(plan, wish)];
    case 'deploy':
    case 'upgrade':
    case 'propose':
    case 'execute':
    case 'resume':
      return [
        ...changeLines(wish, observed),
        ...(plan.kind === 'resume' ? [resumeLine(plan.missing.length, wish)] : []),
        ...workLines(plan, wish),
      ];
  }
}

/** One step in words. */
export function describeStep(step: ProgramStep, { buffer, program, bytes }: ProgramWish): string {
  switch (step.kind) {
    case 'close buffer':
      return `close the buffer ${buffer}: ${sol(step.back)} SOL come back`;
    case 'create buffer':
      return `create the buffer ${buffer} with ${sol(step.paid)} SOL`;
    case 'write':
      return `write ${counted(step.chunks.length, 'piece')} into it`;
    case 'hand over buffer':
      return `hand the buffer over to ${step.to}: from then on nobody can write it`;
    case 'extend':
      return `extend ${program} by ${figure(step.bytes)} bytes for ${sol(step.paid)} SOL`;
    case 'wait for a slot':
      return 'wait for a later slot: the loader changes a program once in each';
    case 'deploy':
      return `deploy ${program} with room for ${figure(step.room)} bytes for ${sol(step.paid)} SOL; ${sol(step.back)} SOL come back from the buffer`;
    case 'upgrade':
      return `upgrade ${program} to the ${figure(bytes.length)} bytes; ${sol(step.back)} SOL come back from the buffer`;
    case 'hand over program':
      return step.to === undefined
        ? `take the authority over ${program} from ${step.authority}, FOR EVER: nobody can change it again`
        : `hand the authority over ${program} from ${step.authority} to ${step.to}`;
    case 'propose':
      return 'propose the upgrade; its proposal’s own rent and fees come on top';
    case 'execute':
      return `execute the approved upgrade; ${sol(step.back)} SOL come back from the buffer`;
  }
}

function changeLines(wish: ProgramWish, observed: ObservedProgram): readonly string[] {
  const { title, program, bytes, holder } = wish;
  const to = programHash(bytes);
  const code = observed.programData?.content;
  if (code?.kind !== 'programData') {
    return [`+ ${title}: ${program} with ${to}`, `${figure(bytes.length)} bytes`, ...approvalLines(holder)];
  }
  return [
    `~ ${title}: ${program} from ${programHash(code.bytes)} to ${to}`,
    `room for ${figure(code.bytes.length)} bytes, ${figure(bytes.length)} needed; last changed in slot ${code.slot}, now slot ${observed.slot}`,
    ...approvalLines(holder),
  ];
}

function approvalLines(holder: ProgramHolder): readonly string[] {
  switch (holder.kind) {
    case 'key':
      return [];
    case 'council':
      return [`authority ${holder.address}: ${holder.terms}`];
    case 'none':
      return ['warning: nobody will have the authority: it can never be changed again'];
  }
}

function resumeLine(missing: number, { buffer }: ProgramWish): string {
  return missing === 0
    ? `the buffer ${buffer} is whole: an earlier run wrote it`
    : `goes on with the buffer ${buffer}: ${counted(missing, 'piece')} missing`;
}

function workLines({ steps, account }: ProgramWork, wish: ProgramWish): readonly string[] {
  return [...steps.map((step, index) => `  ${index + 1}: ${describeStep(step, wish)}`), describeSol(account)];
}

function counted(number: number, what: string): string {
  return `${figure(number)} ${what}${number === 1 ? '' : 's'}`;
}

function figure(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
