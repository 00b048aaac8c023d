import type { DatabaseOf, MigrationOptions } from '../plan/migration-inputs.ts';
import type { MigrationFailure } from '../plan/migration-text.ts';
import type {
  AppliedMigration,
  DatabaseKind,
  InterruptedMigration,
  MigrationFile,
  Step,
} from '../plan/migration.ts';
import type { LoadedFile } from './files.ts';

/** The migrations of one database: where the files are, where the database is, how to go about it. */
export interface Migrations<Kind extends DatabaseKind = DatabaseKind> extends MigrationOptions {
  readonly kind: Kind;
  /** Relative to the project, or absolute. */
  readonly directory: string;
  readonly database: DatabaseOf[Kind];
}

/** What a database remembers of its migrations. */
export interface Ledger {
  /** In the order in which they ran. */
  readonly applied: readonly AppliedMigration[];
  readonly interrupted?: InterruptedMigration | undefined;
}

/** How a run of steps ended. */
export type RunOutcome =
  | {
      readonly kind: 'done';
      /** Set where the run was taken back at its end, because it reaches beyond its database; why. */
      readonly takenBack?: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly failure: MigrationFailure;
      /** 'nothing': the database is as it was. Else what is left of the run, why, and what to do about it. */
      readonly stands: 'nothing' | { readonly what: string; readonly why: string; readonly fix: string };
      /** What to do, where the cause has a known remedy; ends with a blank. */
      readonly fix?: string;
    };

/** A copy of a database, to try migrations on. */
export interface Copy {
  /** How it was made and what it lacks, in words. */
  readonly how: string;
  run(steps: readonly Step[]): Promise<RunOutcome>;
  /** SIDE EFFECTS: deletes the copy. */
  drop(): Promise<void>;
}

/** A lock that others see. */
export interface Lock {
  release(): Promise<void>;
}

/** What a session is opened with. */
export interface SessionRequest<Kind extends DatabaseKind> {
  readonly migrations: Migrations<Kind>;
  readonly files: readonly LoadedFile[];
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
  /** Ends a wait early. */
  readonly signal: AbortSignal | undefined;
  /** 'look': one short attempt to connect, nothing is made. 'work': a server that is just starting is waited for. */
  readonly purpose: 'look' | 'work';
}

/** A connection to one database and what is done over it. Every kind of database implements this, and nothing else does. */
export interface Session {
  ledger(): Promise<Ledger>;
  /** Who migrates it now, in words. */
  holder(): Promise<string | undefined>;
  /** Takes the lock, or waits for it. Throws when it stays taken. */
  lock(): Promise<Lock>;
  /** Loads what the steps need; the names of those of them that have no way back. Throws when a file is not fit. */
  inspect(steps: readonly Step[]): Promise<string[]>;
  /** Records checksums of migrations that have run. */
  adopt(files: readonly MigrationFile[]): Promise<void>;
  /** Makes a copy; deletes those that crashed runs left. Throws when none can be made. */
  copy(): Promise<Copy>;
  run(steps: readonly Step[]): Promise<RunOutcome>;
  close(): Promise<void>;
}

/** How the sessions of one kind of database are opened. */
export type OpenSession<Kind extends DatabaseKind> = (request: SessionRequest<Kind>) => Promise<Session>;
