import type { CatalogueEntry } from '../errors.ts';

/** CUT-5540 to 5569: real things behind the twin's cloud. */
export const liveErrors = {
  // 5540 to 5554: the ground and data.
  'CUT-5540': {
    what: 'The twin is to have real things behind it, and nothing brings them.',
    why: 'The process that does, its ground, does not run. Calls that wait for a database or a service would wait for ever.',
    remedy: 'Run ./cutover twin live STACK, or rehearse again with --live.',
  },
  'CUT-5541': {
    what: 'The twin in {folder} has a ground already ({holder}).',
    remedy: 'Use that one, or end it first: it ends in order on SIGTERM.',
    exit: 2,
  },
  'CUT-5542': {
    what: 'The ground of the twin in {folder} did not start: {how}.',
    why: 'The end of its log:\n{lastLines}',
    remedy: 'Mend what the log names ({log}) and run the command again.',
  },
  // 5555 to 5569: compute, network, the endpoint.
  'CUT-5555': {
    what: 'The twin in {folder} has nothing real behind it.',
    why: 'It was made by a rehearsal without --live.',
    remedy: 'Rehearse with --live --keep, then look at it.',
    exit: 2,
  },
} as const satisfies Record<string, CatalogueEntry>;
