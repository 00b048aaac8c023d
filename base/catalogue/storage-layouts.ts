import type { CatalogueEntry } from '../errors.ts';

/** CUT-2150 to 2179: storage layouts. */
export const layoutErrors = {
  'CUT-2150': {
    what: 'The upgrade of {name} breaks what it has stored: {count} finding(s).\n{list}',
    why: 'New code reads storage by slot: what lies at another slot, or is of another type, is read as something else.',
    remedy:
      'Leave variables where they are and add new ones at the end or in a gap. To go on all the same, allow:\n{allowances}',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
