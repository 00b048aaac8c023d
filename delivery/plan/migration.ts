/** The three kinds of databases that migrations run on. */
export type DatabaseKind = 'postgres' | 'mongo' | 'sqlite';
export type Direction = 'up' | 'down';

/** A migration as it lies in the directory. */
export interface MigrationFile {
  /** The name that the database remembers: without its extension, or with it for migrate-mongo. */
  readonly name: string;
  /** 'sha256:' and the hash of its content, line ends made equal. */
  readonly checksum: string;
  /** Whether it can be undone. 'unknown' until the module is loaded. */
  readonly wayBack: 'yes' | 'none' | 'unknown';
}

/** A migration that the database says has run. */
export interface AppliedMigration {
  readonly name: string;
  /** What its file was when it ran; undefined when another tool ran it and kept no checksum. */
  readonly checksum: string | undefined;
}

/** A migration that was begun and not finished, where the server has no transactions to undo it. */
export interface InterruptedMigration {
  readonly name: string;
  readonly direction: Direction;
  /** Who began it and when, in words. */
  readonly by: string;
}

/** One migration to run, up or down. */
export interface Step {
  readonly direction: Direction;
  readonly name: string;
  readonly checksum: string;
  /** Set where it was begun before and is run again over what that left. */
  readonly again?: Direction;
}

/** Why a plan is refused. */
export type PlanProblem =
  | { readonly kind: 'target'; readonly target: string; readonly candidates: readonly string[] }
  | { readonly kind: 'edited'; readonly name: string; readonly recorded: string; readonly found: string }
  | { readonly kind: 'removed'; readonly name: string; readonly recorded: string | undefined }
  | { readonly kind: 'order'; readonly name: string; readonly applied: string }
  | { readonly kind: 'irreversible'; readonly name: string };

/** What must be known to plan. */
export interface PlanRequest {
  /** All migrations of the directory, in the order in which they run. */
  readonly files: readonly MigrationFile[];
  readonly applied: readonly AppliedMigration[];
  /** 'latest', 'none', or the migration that shall be the last one applied. */
  readonly target: string;
  /** Whether a migration may run that sorts before one already applied. @default 'refuse' */
  readonly outOfOrder?: 'refuse' | 'allow';
  /** Edited migrations whose new checksum is accepted, by name. @default none */
  readonly acceptEdited?: Readonly<Record<string, string>>;
  readonly interrupted?: InterruptedMigration | undefined;
}

/** What will be done, or why nothing will. */
export type MigrationPlan =
  | {
      readonly kind: 'ready';
      /** In the order in which they run; empty when the database is where it should be. */
      readonly steps: readonly Step[];
      /** Applied ones whose checksum is not recorded yet, or is accepted anew. */
      readonly adopt: readonly MigrationFile[];
    }
  | { readonly kind: 'refused'; readonly problems: readonly PlanProblem[] };

/** Plans the way from what is applied to the target: what is beyond it is undone first, last one first, then the rest runs. */
export function planMigrations(request: PlanRequest): MigrationPlan {
  const { files, applied, interrupted } = request;
  const wanted = filesUpTo(files, request.target);
  if (wanted.kind === 'unknown') {
    const { candidates } = wanted;
    return { kind: 'refused', problems: [{ kind: 'target', target: request.target, candidates }] };
  }
  const history = historyProblems(request);
  if (history.length > 0) return { kind: 'refused', problems: history };

  const isApplied = new Set(applied.map(({ name }) => name));
  const isWanted = new Set(wanted.files.map(({ name }) => name));
  const begun = interrupted?.name;
  // A begun migration is neither applied nor not: it is run again in whichever direction the target asks for.
  const again = (file: MigrationFile) => (file.name === begun ? { again: interrupted?.direction } : {});
  const downs = files
    .filter(({ name }) => !isWanted.has(name) && (isApplied.has(name) || name === begun))
    .toReversed();
  const ups = wanted.files.filter(({ name }) => !isApplied.has(name) || name === begun);

  const problems: PlanProblem[] = [
    ...downs.filter(({ wayBack }) => wayBack === 'none').map(({ name }) => irreversible(name)),
    ...(request.outOfOrder === 'allow' ? [] : orderProblems(files, ups, isApplied, isWanted)),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };

  const undone = new Set(downs.map(({ name }) => name));
  return {
    kind: 'ready',
    steps: [
      ...downs.map((file) => stepOf('down', file, again(file))),
      ...ups.map((file) => stepOf('up', file, again(file))),
    ],
    adopt: files.filter(({ name, checksum }) => {
      const record = applied.find((each) => each.name === name);
      return record !== undefined && record.checksum !== checksum && !undone.has(name);
    }),
  };
}

/** The migrations that are applied when the target is reached. */
export function filesUpTo(
  files: readonly MigrationFile[],
  target: string,
):
  | { readonly kind: 'known'; readonly files: readonly MigrationFile[] }
  | { readonly kind: 'unknown'; readonly candidates: readonly string[] } {
  if (target === 'latest') return { kind: 'known', files };
  if (target === 'none') return { kind: 'known', files: [] };
  const names = files.map(({ name }) => name);
  const found = matching(names, target);
  if (found.length !== 1) return { kind: 'unknown', candidates: found.length > 1 ? found : names };
  return { kind: 'known', files: files.slice(0, names.indexOf(found[0] ?? '') + 1) };
}

/** A target may be a whole name, a name without its extension, or the number in front: 20250615_001, 1625000000000. */
function matching(names: readonly string[], target: string): string[] {
  if (names.includes(target)) return [target];
  return names.filter((name) => name.startsWith(target) && /^[._-]/.test(name.slice(target.length)));
}

function historyProblems({ files, applied, acceptEdited = {} }: PlanRequest): PlanProblem[] {
  return applied.flatMap(({ name, checksum: recorded }): PlanProblem[] => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) return [{ kind: 'removed', name, recorded }];
    const { checksum: found } = file;
    if (recorded === undefined || recorded === found || acceptEdited[name] === found) return [];
    return [{ kind: 'edited', name, recorded, found }];
  });
}

function orderProblems(
  files: readonly MigrationFile[],
  ups: readonly MigrationFile[],
  isApplied: ReadonlySet<string>,
  isWanted: ReadonlySet<string>,
): PlanProblem[] {
  const last = files.findLastIndex(({ name }) => isApplied.has(name) && isWanted.has(name));
  const before = new Set(files.slice(0, Math.max(last, 0)).map(({ name }) => name));
  return ups
    .filter(({ name }) => before.has(name) && !isApplied.has(name))
    .map(({ name }) => ({ kind: 'order', name, applied: files[last]?.name ?? '' }));
}

function irreversible(name: string): PlanProblem {
  return { kind: 'irreversible', name };
}

function stepOf(
  direction: Direction,
  { name, checksum }: MigrationFile,
  { again }: { again?: Direction | undefined },
): Step {
  return { direction, name, checksum, ...(again === undefined ? {} : { again }) };
}

/** What is applied after the steps, by name. */
export function appliedAfter(applied: readonly string[], steps: readonly Step[]): string[] {
  const names = new Set(applied);
  for (const { direction, name } of steps) {
    if (direction === 'up') names.add(name);
    else names.delete(name);
  }
  return [...names];
}

/** How a plan is rehearsed on a copy: forward; and, where asked, back again as far as there is a way back, and forward. */
export function rehearsal(
  steps: readonly Step[],
  files: readonly MigrationFile[],
  extent: 'there' | 'there-and-back',
): { readonly forward: readonly Step[]; readonly back: readonly Step[]; readonly again: readonly Step[] } {
  const oneWay = (step: Step) =>
    step.direction === 'up' && files.find(({ name }) => name === step.name)?.wayBack === 'none';
  const undoable = extent === 'there' ? [] : steps.slice(steps.findLastIndex(oneWay) + 1);
  const plain = undoable.map(({ direction, name, checksum }): Step => ({ direction, name, checksum }));
  return {
    forward: steps,
    back: plain.toReversed().map((step) => ({ ...step, direction: step.direction === 'up' ? 'down' : 'up' })),
    again: plain,
  };
}
