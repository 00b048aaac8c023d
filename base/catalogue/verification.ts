import type { CatalogueEntry } from '../errors.ts';

/** CUT-2300 to 2329: verification of sources with explorers. */
export const verificationErrors = {
  'CUT-2300': {
    what: 'The verification {name} is described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was sent to an explorer.',
    exit: 2,
  },
  'CUT-2301': {
    what: 'What {contract} ({artifact}) was compiled from cannot be put together: {reason}.',
    why: 'Explorers compile it anew, and only the same sources and settings give the same code.',
    remedy: '{fix}',
  },
  'CUT-2302': {
    what: '{artifact} is no longer what was deployed as {contract} at {address}.',
    why: 'It was compiled again, or its arguments or libraries changed, after the program began.',
    remedy: 'Run the same command again.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
