import type { CatalogueEntry } from '../errors.ts';

/** CUT-4100 to 4199: database migrations. */
export const migrationErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
