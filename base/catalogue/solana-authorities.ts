import type { CatalogueEntry } from '../errors.ts';

/** CUT-2470 to 2499: who may upgrade a program on Solana, and how far an upgrade has come. */
export const solanaAuthorityErrors = {
  // 2470 to 2489: what was given, and upgrades that do not go on.
  'CUT-2470': {
    what: 'The authority of a program is described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was sent.',
    exit: 2,
  },
  'CUT-2472': {
    what: 'At {program} on {network} there is no program that could be upgraded: {reason}.',
    why: 'An upgrade changes a program that is there; it does not deploy one.',
    remedy: 'Correct the address or the network, or deploy the program first.',
    exit: 2,
  },
  'CUT-2473': {
    what: 'The program {program} on {network} is immutable.',
    why: '{reason}. Nobody can ever change it again, and nothing can undo that.',
    remedy:
      'Want the build that runs ({found}), or deploy the new one as another program and move its users there.',
    exit: 3,
  },
  'CUT-2474': {
    what: 'The program {program} on {network} belongs to {authority}, not to {wanted}.',
    why: 'Its authority was handed away. Only who has it now can upgrade it, or give it back.',
    remedy: 'Name that authority in the stack file, or have it hand the program to {wanted}.',
    exit: 3,
  },
  'CUT-2475': {
    what: 'Somebody else changed the program {program} on {network} since this upgrade began.',
    why: 'It ran {from} then. It runs {found} now, which is not the build that is wanted either ({wanted}).',
    remedy:
      'Find out what it runs and why. If this build is to take its place all the same, set `again: true`.',
    exit: 3,
  },
  'CUT-2476': {
    what: 'The buffer of the proposal {proposal} on {network} is not what was proposed: {found}. It must not be executed.',
    why: 'The buffer {buffer} was to hold {wanted}, under the authority {authority}. Approvals were given to that.',
    remedy:
      'Have the members cancel the proposal, and find out who could write into the buffer. Then set `again: true`: the build is written into another buffer and proposed anew.',
    exit: 3,
  },
  'CUT-2477': {
    what: 'The authority of {program} on {network} delays an upgrade by {delay} s; {wanted} s are required.',
    why: 'Those whom the delay protects would have less time than was promised.',
    remedy:
      'Have its members lengthen the delay, then run the same command again; or require less (`delaySeconds`).',
    exit: 3,
  },
  'CUT-2478': {
    what: 'Another upgrade of {program} on {network} waits already: {proposal}, to {build}, proposed by {creator}.',
    why: 'Of two that wait, the one that is executed last stays, whichever is older.',
    remedy: 'Have it executed or taken back first. To propose beside it all the same, set `again: true`.',
    exit: 3,
  },
  'CUT-2479': {
    what: '{account} may not {what} an upgrade of {program} on {network}.',
    why: 'Those who may: {holders}.',
    remedy: 'Name one of them as `proposer`, or have its members give {account} the permission.',
    exit: 3,
  },
  'CUT-2480': {
    what: 'The upgrade of {program} on {network} was executed by {how}, but it runs {found} now, not {wanted}.',
    why: 'Either somebody has put other code in its place since, or that transaction did something else.',
    remedy: 'Find out which. If this build is to be put there once more, set `again: true`.',
    exit: 3,
  },
  'CUT-2481': {
    what: 'The upgrade of {program} on {network} does not come to rest: others act on it all the time.',
    remedy: 'Run the same command again when others are done.',
  },
  'CUT-2482': {
    what: 'What was noted of the upgrade of {program} cannot be read: {file}.',
    why: '{problem}',
    remedy:
      'Move the file away and run the same command again. The chain tells what is to be done; only times and transactions are lost.',
  },
  // 2490 to 2499: multisigs and time locks.
  'CUT-2490': {
    what: 'At {address} on {network} there is no {kind} that can be used: {reason}.',
    remedy: 'Correct the address or the network.',
    exit: 2,
  },
  'CUT-2491': {
    what: '{address} ({signer}) is no member of the time lock {timelock} on {network}.',
    why: 'Its members are: {members}.',
    remedy: 'Approve as one of them: --signer NAME, a name of cutover:signers.',
    exit: 3,
  },
  'CUT-2492': {
    what: 'No time lock of {stack} has {which} that waits for its members.',
    why: 'There wait: {known}.',
    remedy: 'Run ./cutover approve {stack} to see what waits now.',
    exit: 2,
  },
  'CUT-2493': {
    what: '{count} proposals of {stack} wait; it must be said which one to approve.',
    why: 'They are: {known}.',
    remedy: 'Name one: --proposal ADDRESS, or --hash SAFE_TX_HASH where it is one of a Safe.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
