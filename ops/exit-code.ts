import { catalogue, type CatalogueEntry, type ErrorCode } from '@cutover/base/errors.ts';
import type { EngineRun } from './engine.ts';

/** The exit code of a command that ran the engine: as the errors that were met say, else 1. */
export function exitFor(run: Pick<EngineRun, 'outcome' | 'codes'>): number {
  if (run.outcome === 'done') return 0;
  const exits = run.codes.flatMap((code) => {
    const entry: CatalogueEntry | undefined = code in catalogue ? catalogue[code as ErrorCode] : undefined;
    return entry === undefined ? [] : [entry.exit ?? 1];
  });
  return exits.length === 0 || exits.includes(1) ? 1 : Math.max(...exits);
}
