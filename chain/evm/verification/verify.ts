import { explorerName, type ExplorerRef } from '../../plan/verification/explorer.ts';
import { afterAnswer, beginLook, beginTurn, endTurn, type Turn } from '../../plan/verification/standing.ts';
import {
  choose,
  reportOf,
  standingOf,
  tasksOf,
  type Reports,
  type Task,
} from '../../plan/verification/tasks.ts';
import { askExplorer } from './ask-explorer.ts';
import { prepareSubmission, type PreparedSubmission, type VerifiedContract } from './submission.ts';

/** What is to be shown by whom, and how far it was. */
export interface VerifyArgs {
  readonly contracts: readonly VerifiedContract[];
  readonly chainId: number;
  readonly explorers: readonly ExplorerRef[];
  readonly reports: Reports;
  /** How long all of it may take. */
  readonly patienceMs: number;
  readonly log: (line: string) => void;
  /** The first pause before an explorer at work is asked again. @default 1,000 */
  readonly pauseMs?: number;
}

const requestTimeoutMs = 15_000;
/** Answers in a row that are none, after which an explorer is left alone. */
const brokenInARow = 3;
const progressEveryMs = 10_000;

/**
 * Brings explorers to show the sources of contracts, as far as they get in the time: what is due is submitted, what is
 * on its way is asked about. It never throws. `always`: rests are cut short. SIDE EFFECTS: asks explorers, submits
 * sources to them.
 */
export function verifyContracts(args: VerifyArgs, when: 'due' | 'always' = 'due'): Promise<Reports> {
  return visitAll(args, (task, now) =>
    beginTurn(standingOf(task, args.chainId, args.reports, now), now, when),
  );
}

/** Asks explorers what they show and submits nothing; without an answer, things are as they were. SIDE EFFECTS: asks. */
export function lookAtContracts(args: VerifyArgs): Promise<Reports> {
  return visitAll(args, (task, now) => beginLook(standingOf(task, args.chainId, args.reports, now), now));
}

async function visitAll(args: VerifyArgs, begin: (task: Task, now: number) => Turn): Promise<Reports> {
  const clock = startClock();
  const submissions = new Map<string, Promise<PreparedSubmission>>();
  const submissionOf = (contract: VerifiedContract): Promise<PreparedSubmission> => {
    const known = submissions.get(contract.address) ?? prepareSubmission(contract);
    submissions.set(contract.address, known);
    return known;
  };
  const visits = args.explorers.map((explorer) => {
    const tasks = tasksOf(args.contracts, [explorer]);
    const turns = new Map(tasks.map((task) => [task.key, begin(task, clock())]));
    return visit(args, explorer, tasks, turns, clock, submissionOf);
  });
  const left = await Promise.all(visits);
  return Object.fromEntries(left.flat());
}

/** Asks one explorer, one thing after the other. */
async function visit(
  args: VerifyArgs,
  explorer: ExplorerRef,
  tasks: readonly Task[],
  turns: Map<string, Turn>,
  clock: () => number,
  submissionOf: (contract: VerifiedContract) => Promise<PreparedSubmission>,
): Promise<readonly (readonly [string, Reports[string]])[]> {
  const pauseMs = args.pauseMs ?? 1_000;
  const started = clock();
  const deadline = started + args.patienceMs;
  let told = started;
  let broken = 0;
  for (;;) {
    const now = clock();
    const choice = choose(tasks, turns, now);
    if (choice.kind === 'done' || now >= deadline) break;
    if (now - told >= progressEveryMs) {
      told = now;
      args.log(progressLine(explorer, turns, now - started));
    }
    if (choice.kind === 'wait') {
      if (choice.until > deadline) break;
      await new Promise((resolve) => setTimeout(resolve, choice.until - now));
      continue;
    }
    const { task, step } = choice;
    const turn = turns.get(task.key);
    const contract = args.contracts.find(({ address }) => address === task.subject.address);
    if (turn === undefined || contract === undefined) break;
    const answer = await askExplorer(
      {
        task,
        step,
        chainId: args.chainId,
        job: 'job' in turn.standing ? turn.standing.job : undefined,
        creationTransaction: contract.creationTransaction,
        submission: () => submissionOf(contract),
      },
      Math.max(1_000, Math.min(requestTimeoutMs, deadline - now)),
    );
    turns.set(task.key, afterAnswer(turn, answer, clock(), pauseMs));
    if (answer.kind !== 'unreachable') {
      broken = 0;
      continue;
    }
    broken++;
    // What is true for one is true for all: nobody is there, or the key is wrong.
    if (answer.trouble === 'broken' && broken < brokenInARow) continue;
    for (const [key, other] of turns) {
      if (other.next !== 'nothing') turns.set(key, afterAnswer(other, answer, clock(), pauseMs));
    }
  }
  const ended = clock();
  return tasks.flatMap((task) => {
    const turn = turns.get(task.key);
    return turn === undefined
      ? []
      : [[task.key, reportOf(task, args.chainId, endTurn(turn, ended))] as const];
  });
}

function progressLine(explorer: ExplorerRef, turns: ReadonlyMap<string, Turn>, elapsedMs: number): string {
  const settled = [...turns.values()].filter(({ next }) => next === 'nothing').length;
  const seconds = Math.round(elapsedMs / 1000);
  return `waiting for ${explorerName(explorer)}: ${settled} of ${turns.size} settled, ${seconds} s`;
}

/** The time of day, but for jumps of this machine's clock: waits must end. */
function startClock(): () => number {
  const offset = Date.now() - performance.now();
  return () => Math.round(offset + performance.now());
}
