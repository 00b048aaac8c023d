import { parseArgs } from 'node:util';

/** What is to be done, as the command line says it. */
export interface MigrateRequest {
  readonly direction: 'up' | 'down';
  /** 'latest', 'none', or the migration that shall be the last one applied. */
  readonly target: string;
  /** The checksum of what was planned; other migrations are refused. @default none */
  readonly expect: string | undefined;
  readonly json: boolean;
}

export const usage = `usage: node services/migrate/main.ts up|down [--to latest|none|NAME] [--expect CHECKSUM] [--json]
  up     brings the database to the target and undoes nothing; --to is latest unless it is said
  down   undoes what is beyond the target, which must be said`;

/** Reads the command line; what is wrong with it, in words, where it makes no sense. */
export function readRequest(args: readonly string[]): MigrateRequest | { readonly wrong: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string' }, expect: { type: 'string' }, json: { type: 'boolean' } },
    });
    const [direction, ...more] = positionals;
    if (direction !== 'up' && direction !== 'down') return { wrong: 'say up or down' };
    if (more.length > 0) return { wrong: `${more.join(' ')} is too much` };
    const target = values.to ?? (direction === 'up' ? 'latest' : undefined);
    if (target === undefined || target === '') return { wrong: `${direction} to what? Say --to` };
    return { direction, target, expect: values.expect, json: values.json ?? false };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}
