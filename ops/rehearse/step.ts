import type { LedgerRow } from '../twin/cloud.ts';

/** What a step must be, for the rehearsal to be good. */
export type Expected =
  /** Nothing is asked of the cloud that changes it. */
  | { readonly kind: 'nothing changes' }
  /** Everything is made, and nothing is refused. */
  | { readonly kind: 'comes up' }
  /** These calls, each at least once, and no others; transactions where it is on a chain. */
  | { readonly kind: 'calls'; readonly calls: readonly string[]; readonly isOnChain?: boolean }
  /** The engine refuses, before anything is deleted. */
  | { readonly kind: 'is refused'; readonly because: string }
  /** What people put is left, and nothing else. */
  | { readonly kind: 'nothing is left' };

/** What a step was. */
export interface Observed {
  readonly outcome: 'done' | 'failed' | 'interrupted';
  /** What the engine said, for people. */
  readonly said: readonly string[];
  /** What contracts still wait for, in the end. */
  readonly waits: readonly string[];
  /** Resources that the engine made, changed and removed. */
  readonly engine: { readonly created: number; readonly updated: number; readonly removed: number };
  /** The ledger since the step began. */
  readonly ledger: readonly LedgerRow[];
  /** Things of the program that are in the cloud after it. */
  readonly things: number;
  /** Transactions that were sent to the nodes meanwhile. */
  readonly transactions: number;
}

/** A step of a rehearsal with its figures, as it is reported. */
export interface StepReport {
  readonly name: string;
  readonly seconds: number;
  readonly runs: number;
  readonly engine: Observed['engine'];
  /** Calls of the cloud's API that change something, and those that it said no to. */
  readonly cloud: { readonly changes: number; readonly refused: number; readonly things: number };
  readonly transactions: number;
  /** What was seen that is worth showing: a command line, and its answer. */
  readonly shown?: readonly string[];
  /** What was not as it must be. */
  readonly problems: readonly string[];
}

/** Whether nothing may wait for anybody once a step is done. */
export function settles({ kind }: Expected): boolean {
  return kind === 'comes up' || kind === 'calls';
}

/** What is wrong with a step that was told to stop. */
export const wasInterrupted = 'it was interrupted';

const changing = new Set(['create', 'update', 'delete']);

/** The calls of a ledger that changed something, each kind once: `update aws:ecs/service:Service`. */
export function changesIn(ledger: readonly LedgerRow[]): readonly string[] {
  const calls = ledger
    .filter(({ operation, outcome }) => changing.has(operation) && outcome === 'done')
    .map(({ operation, type }) => `${operation} ${type}`);
  return [...new Set(calls)].sort();
}

/** What of a step is not as it must be; nothing where all is well. */
export function judge(expected: Expected, observed: Observed): readonly string[] {
  const { outcome, said, waits, engine, ledger, things, transactions } = observed;
  const changes = changesIn(ledger);
  if (outcome === 'interrupted') return [wasInterrupted];
  if (expected.kind === 'is refused') {
    const text = said.join('\n');
    return [
      ...(outcome === 'done' ? ['it must be refused, and was not'] : []),
      ...(outcome === 'failed' && !text.includes(expected.because)
        ? [`it was refused for another reason than "${expected.because}"`]
        : []),
      ...changes.map((call) => `it changed something before it was refused: ${call}`),
    ];
  }
  const trouble = [
    ...(outcome === 'failed' ? ['the engine failed'] : []),
    ...ledger
      .filter((row) => row.outcome !== 'done')
      .map(({ operation, type, code }) => `the cloud refused ${operation} ${type}: ${code ?? 'no code'}`),
  ];
  const waiting = outcome === 'done' ? waits.map((line) => `it still waits: ${line}`) : [];
  switch (expected.kind) {
    case 'nothing changes':
      return [
        ...trouble,
        ...changes.map((call) => `nothing may change, but ${call} was called`),
        ...(transactions > 0 ? [`nothing may change, but ${transactions} transactions were sent`] : []),
      ];
    case 'comes up':
      return [...trouble, ...(engine.created === 0 ? ['nothing was made'] : []), ...waiting];
    case 'calls':
      return [
        ...trouble,
        ...(expected.isOnChain === true && transactions === 0 ? ['no transaction was sent'] : []),
        ...waiting,
        ...expected.calls.filter((call) => !changes.includes(call)).map((call) => `${call} was not called`),
        ...changes.filter((call) => !expected.calls.includes(call)).map((call) => `${call} was called too`),
      ];
    case 'nothing is left':
      return [...trouble, ...(things > 0 ? [`${things} things are left in the cloud`] : [])];
  }
}

/** A step with its figures and what is wrong with it. */
export function reportOf(
  name: string,
  expected: Expected,
  observed: Observed,
  { seconds, runs }: { readonly seconds: number; readonly runs: number },
): StepReport {
  const { engine, ledger, things, transactions } = observed;
  const changes = ledger.filter((row) => changing.has(row.operation) && row.outcome === 'done').length;
  const refused = ledger.filter(({ outcome }) => outcome !== 'done').length;
  // What is refused was previewed, and nothing of it done.
  const done = expected.kind === 'is refused' ? { created: 0, updated: 0, removed: 0 } : engine;
  return {
    ...{ name, seconds, runs, engine: done, transactions },
    cloud: { changes, refused, things },
    problems: judge(expected, observed),
  };
}
