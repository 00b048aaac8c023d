import type { CatalogueEntry } from '../errors.ts';

/** CUT-4200 to 4299: health gates. */
export const gateErrors = {
  'CUT-4200': {
    what:
      'The gate after the {tier} of {system} stays shut: {check} is not healthy.\n' +
      '  asked: {target}\n' +
      '  {reason}\n' +
      '  last answer: {answer}\n' +
      '  tried: {tried}',
    why: 'The update stops here. Nothing behind this gate was changed; what was live stays live.',
    remedy: '{look} Mend what the answer says, then run the same command again.',
    exit: 3,
  },
  'CUT-4201': {
    what: 'The health gate {gate} is described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was changed.',
    exit: 2,
  },
  'CUT-4202': {
    what: 'The wait at {gate} was stopped before it was decided.',
    why: 'The update was cancelled. Nothing behind this gate was changed; what was live stays live.',
    remedy: 'Run the same command again; it waits at this gate anew.',
  },
  'CUT-4203': {
    what: 'The tiers of {system} are out of order: {problem}.',
    remedy: 'Describe each tier once: contracts, database, backend, frontend. A system may leave tiers out.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
