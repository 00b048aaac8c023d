import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reachablePrograms } from '@cutover/delivery/processes/postgres/programs.ts';
import type { SystemUser } from '@cutover/delivery/processes/postgres/user.ts';

/** PostgreSQL's programs, and what this build of it knows. */
export interface Programs {
  readonly bin: string;
  /** `18.4`. */
  readonly version: string;
  /** Parameters that a file may set. */
  readonly known: ReadonlySet<string>;
  /** Libraries that can be loaded. */
  readonly libraries: ReadonlySet<string>;
}

let found: Promise<Programs> | undefined;

/** Finds PostgreSQL's programs, once. SIDE EFFECTS: may copy them to where the user of the server can reach them. */
export function postgresPrograms(name: string, user: SystemUser | undefined): Promise<Programs> {
  found ??= find(name, user);
  return found.catch((error: unknown) => {
    found = undefined;
    throw error;
  });
}

async function find(name: string, user: SystemUser | undefined): Promise<Programs> {
  const { bin, version } = await reachablePrograms(name, user);
  // Its names, contexts and defaults, one parameter a line; it runs as root too.
  const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--describe-config'], {
    env: { LC_ALL: 'C' },
    maxBuffer: 1 << 24,
  });
  const files = await readdir(join(bin, '..', 'lib', 'postgresql'));
  return {
    ...{ bin, version: version.split('-')[0] ?? version },
    known: new Set(stdout.split('\n').map((line) => line.split('\t')[0] ?? '')),
    libraries: new Set(
      files.flatMap((file) => (/\.(so|dylib)$/.test(file) ? [file.replace(/\.\w+$/, '')] : [])),
    ),
  };
}
