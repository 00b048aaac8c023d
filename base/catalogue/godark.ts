import type { CatalogueEntry } from '../errors.ts';

/** CUT-5570 to 5599: GoDark's programs, its launch and its way back. */
export const godarkErrors = {
  'CUT-5570': {
    what: 'The release {release} of the program perps reads accounts as release {reads} of {file}, which does not describe one.',
    why: 'What a release can read decides whether a rollback to it is possible.',
    remedy: 'Name one of {known} in `reads`, or describe the release under `releases` in that file.',
    exit: 2,
  },
  'CUT-5571': {
    what: 'Nothing can be read at {address}, where the exchange of the program {program} is.',
    why: 'There is no such account, or a release wrote it that the interface file does not describe.',
    remedy:
      './cutover up makes the exchange. If it is there, describe its layout in the interface file; docs/programs.md tells how.',
    exit: 3,
  },
  'CUT-5572': {
    what: 'The rollback of {title} comes to no end: after {looks} looks at the chain there is still something to do.',
    why: 'Something undoes its steps: the admin lets the exchange run, or accounts are made while it is paused.',
    remedy: 'Find out who uses the keys of the admin or the relayer; then run the same command again.',
  },
  'CUT-5573': {
    what: 'The stack {stack} does not know of {what}; nothing was sent.',
    why: 'The last update did not come that far, or the system is not enabled.',
    remedy: './cutover up brings it.',
    exit: 3,
  },
  'CUT-5574': {
    what: 'A rollback of {what} from {from} to {wanted} is under way; one to {to} would lose track of it.',
    why: 'The exchange is paused, and what everybody had is noted for that one.',
    remedy:
      'Go on with it: ./cutover rollback {stack} {system} --to {wanted} --reason TEXT. Or give it up: ./cutover resume {stack} {system}.',
    exit: 3,
  },
  'CUT-5580': {
    what: 'The launch of {what} is stopped before {stage}; the limits of the beta hold:\n{list}',
    why: 'Each of these must be well before the next stage.',
    remedy:
      'Mend them and run the same command again: it goes on with this stage. ./cutover status shows processes.',
    exit: 3,
  },
  'CUT-5581': {
    what: 'A launch of {what} at {at} is under way; {given} is another time.',
    why: '{done} is done already, and counts for that time.',
    remedy:
      'Leave --at out to go on. To plan it anew while the limits still hold, remove .cutover/{stack}/{system}-launch.json.',
    exit: 3,
  },
  'CUT-5582': {
    what: '{given} is no time.',
    remedy: 'Write it as 2027-01-15T14:00:00Z, or `now`.',
    exit: 2,
  },
  'CUT-5583': {
    what: 'There is nothing of {system} that could be launched.',
    why: 'Systems with a beta: {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5584': {
    what: 'The limits of the beta of {what} still hold on the chain.',
    why: 'The update that lifts them did not come to its end, or the limits were set again behind it.',
    remedy:
      'The stack’s file says `phase: launched`: ./cutover up tells what is in the way. Then run ./cutover launch again.',
    exit: 1,
  },
} as const satisfies Record<string, CatalogueEntry>;
