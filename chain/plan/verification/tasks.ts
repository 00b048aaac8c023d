import { explorerName, pageOf, whySkipped, type ExplorerRef } from './explorer.ts';
import { isDue, newStanding, type Standing, type Step, type Turn } from './standing.ts';

/** A contract as far as it decides about what is asked. */
export interface Subject {
  readonly contract: string;
  readonly address: string;
  /** What it delegates to, when it is a proxy whose implementation the explorer is to show. */
  readonly implementation?: string;
}

/** One thing that one explorer is to be brought to show. */
export interface Task {
  /** The same for the same thing in every update. */
  readonly key: string;
  readonly subject: Subject;
  readonly explorer: ExplorerRef;
  /** `source`: the sources of the contract. `proxy`: what it delegates to; it comes after the sources. */
  readonly what: 'source' | 'proxy';
  readonly after?: string;
}

/** A standing with what it is about: what the outputs hold. */
export type Report = Standing & {
  readonly contract: string;
  readonly address: string;
  readonly explorer: string;
  readonly what: Task['what'];
  /** Where people look. */
  readonly url: string;
};

/** By the keys of tasks. */
export type Reports = Readonly<Record<string, Report>>;

/** All that is to be shown by all explorers. Sourcify finds implementations of proxies by itself. */
export function tasksOf(subjects: readonly Subject[], explorers: readonly ExplorerRef[]): readonly Task[] {
  return explorers.flatMap((explorer) =>
    subjects.flatMap((subject): Task[] => {
      const key = `${explorerName(explorer)}: ${subject.address}`;
      const source: Task = { key, subject, explorer, what: 'source' };
      if (subject.implementation === undefined || explorer.kind === 'sourcify') return [source];
      const proxy: Task = {
        ...source,
        key: `${key} -> ${subject.implementation}`,
        what: 'proxy',
        after: key,
      };
      return [source, proxy];
    }),
  );
}

/** The standing of a task as the last update left it; a new one where there is none. */
export function standingOf(task: Task, chainId: number, reports: Reports, now: number): Standing {
  const reason = whySkipped(task.explorer, chainId);
  const known = reports[task.key];
  if (known === undefined || (reason === undefined) === (known.status === 'skipped')) {
    const fresh = newStanding(now);
    return reason === undefined ? fresh : { ...fresh, status: 'skipped', reason };
  }
  const { contract: _c, address: _a, explorer: _e, what: _w, url: _u, ...standing } = known;
  return standing;
}

export function reportOf(task: Task, chainId: number, standing: Standing): Report {
  const { contract, address } = task.subject;
  return {
    contract,
    address,
    explorer: explorerName(task.explorer),
    what: task.what,
    url: pageOf(task.explorer, chainId, address),
    ...standing,
  };
}

/** Whether an update would do anything: sources that are due, or proxies whose sources are shown. */
export function anythingDue(tasks: readonly Task[], chainId: number, reports: Reports, now: number): boolean {
  return tasks.some((task) => {
    const mayStart = task.after === undefined || reports[task.after]?.status === 'verified';
    return mayStart && isDue(standingOf(task, chainId, reports, now), now);
  });
}

/** What an explorer is asked next. */
export type Choice =
  | { readonly kind: 'ask'; readonly task: Task; readonly step: Exclude<Step, 'nothing'> }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'done' };

// What is begun is handed over before anything else is looked at; answers are asked for at the end.
const precedence: Readonly<Record<Step, number>> = { submit: 0, look: 1, check: 2, nothing: 3 };

/** Chooses among the tasks of one explorer. A proxy waits until the sources are shown. */
export function choose(tasks: readonly Task[], turns: ReadonlyMap<string, Turn>, now: number): Choice {
  const open = tasks.flatMap((task) => {
    const turn = turns.get(task.key);
    if (turn === undefined || turn.next === 'nothing') return [];
    const source = task.after === undefined ? undefined : turns.get(task.after);
    if (turn.goal === 'verify' && source !== undefined && source.standing.status !== 'verified') return [];
    return [{ task, step: turn.next, readyAt: turn.readyAt }];
  });
  const [first] = open
    .filter(({ readyAt }) => readyAt <= now)
    .toSorted((a, b) => precedence[a.step] - precedence[b.step] || a.readyAt - b.readyAt);
  if (first !== undefined) return { kind: 'ask', task: first.task, step: first.step };
  if (open.length === 0) return { kind: 'done' };
  return { kind: 'wait', until: Math.min(...open.map(({ readyAt }) => readyAt)) };
}
