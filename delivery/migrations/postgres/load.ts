import { createJiti } from 'jiti';
import type { MigrationBuilder } from 'node-pg-migrate';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { sqlSection } from '../../plan/migration-sql.ts';
import { readSql, type LoadedFile } from '../files.ts';

type Action = ((pgm: MigrationBuilder, done?: () => void) => Promise<void> | void) | false;

/** What a migration file exports, as node-pg-migrate takes it. */
export interface PostgresModule {
  readonly up?: Action;
  /** Left out, node-pg-migrate turns `up` around; false, there is no way back. */
  readonly down?: Action;
  readonly shorthands?: Record<string, unknown>;
}

/** Loads a migration as node-pg-migrate does. SIDE EFFECTS: runs the module's top level. */
export async function loadPostgres(file: LoadedFile): Promise<PostgresModule> {
  const [main, down] = file.paths;
  if (main.endsWith('.sql')) return sqlModule(readSql(main), down === undefined ? undefined : readSql(down));
  try {
    // The loader of node-pg-migrate itself: ES and CommonJS modules and TypeScript alike, whatever the folder's
    // package.json says. Without its caches: an edited file is read anew, and nothing is written into node_modules.
    const loader = createJiti(import.meta.url, { moduleCache: false, fsCache: false });
    const module = await loader.import<PostgresModule & { default?: PostgresModule }>(main);
    return module.up === undefined && module.default !== undefined ? module.default : module;
  } catch (cause) {
    throw new CutoverError(
      'CUT-4124',
      { name: file.name, directory: toRoot(main), reason: messageOf(cause) },
      { cause },
    );
  }
}

function sqlModule(main: string, other: string | undefined): PostgresModule {
  if (other !== undefined) return { up: (pgm) => pgm.sql(main), down: (pgm) => pgm.sql(other) };
  const up = sqlSection(main, 'up')?.text ?? '';
  const down = sqlSection(main, 'down')?.text;
  return { up: (pgm) => pgm.sql(up), down: down === undefined ? false : (pgm) => pgm.sql(down) };
}
