import type { CatalogueEntry } from '../errors.ts';

/** CUT-2520 to 2559: managed resources and guards of Solana. */
export const solanaResourceErrors = {
  // 2520 to 2529: what a program of the stack says. Nothing was registered.
  'CUT-2520': {
    what: 'The build of {title} cannot be read: {artifact}.',
    why: '{reason}',
    remedy: 'Build it ({command}), or correct the path, which is taken from the project’s folder.',
    exit: 2,
  },
  'CUT-2521': {
    what: 'The build of {title} is not the one that the stack file names: {artifact} has the sha256 {found}, wanted is {wanted}.',
    why: 'What is deployed must be what was reviewed; another compiler, other sources or a build from elsewhere give another hash.',
    remedy:
      'Build the reviewed sources ({command}). If this build is meant, put {found} into the stack file and have that reviewed.',
    exit: 3,
  },
  'CUT-2522': {
    what: '{title} has neither a key nor an address.',
    why: 'A program is deployed under the address of its own keypair.',
    remedy:
      "Name its keypair, key: { kind: 'file', name: '…' }, or its address (program: '…') where it is deployed already.",
    exit: 2,
  },
  'CUT-2523': {
    what: 'The key of {title} ({key}) is that of {found}, and its address is given as {program}.',
    remedy: 'Correct one of the two; where the address is right, only its own key can deploy it.',
    exit: 2,
  },
  'CUT-2524': {
    what: 'The build of {title} changed while the update ran: {artifact} has the hash {found}, prepared was {wanted}.',
    why: 'Something else would be deployed than what the preview showed.',
    remedy: 'Run the same command again when nobody builds.',
  },
  'CUT-2525': {
    what: 'The authority of {title} is to be nobody, and nothing says that this is meant.',
    why: 'A program without authority can never be changed or closed again, by nobody.',
    remedy: "If that is meant, add immutable: 'for ever'. If not, name an authority.",
    exit: 2,
  },
  'CUT-2526': {
    what: 'Two resources would manage the program {program} on {network}: {first} and {second}.',
    why: 'Each would undo what the other does.',
    remedy: 'Keep one of them, or give the second a program key of its own.',
    exit: 2,
  },
  'CUT-2527': {
    what: 'The account {title} cannot be initialised as it is described:\n{list}',
    remedy: 'Correct the lines above; nothing was sent.',
    exit: 2,
  },
  // 2530 to 2539: guards.
  'CUT-2530': {
    what: 'What is checked out must not be deployed to {network}:\n{list}',
    why: 'Seen by {source}: {seen}.',
    remedy:
      'Check out {wanted} and run the same command there. A CI that git cannot tell of sets CUTOVER_GIT_REF (refs/heads/…) and CUTOVER_GIT_SHA.',
    exit: 3,
  },
  'CUT-2531': {
    what: 'What is checked out cannot be told: {reason}.',
    why: 'What goes to {network} must come from {wanted}.',
    remedy:
      'Run in a checkout with git, or set CUTOVER_GIT_REF (refs/heads/… or refs/tags/…) and CUTOVER_GIT_SHA.',
    exit: 3,
  },
  'CUT-2532': {
    what: '{account} has {have} SOL on {network}, and {need} SOL are needed: {missing} SOL are missing.\n{list}',
    why: 'Programs that run out of money half-way leave it in buffers until somebody goes on.',
    remedy: 'Send at least {missing} SOL to {account}, then run the same command again. Nothing was sent.',
    exit: 3,
  },
  // 2540 to 2549: programs and their authorities on a cluster.
  'CUT-2540': {
    what: 'The authority over {title} ({program}) on {network} is {found}: it cannot be handed to {wanted} from here.',
    why: 'Only who has it can hand it on; {signer} has it not.',
    remedy:
      'Have {found} hand it over, or name the signer who has it. If {found} is meant to keep it, name it as `to`.',
    exit: 3,
  },
  'CUT-2541': {
    what: 'The program {title} ({program}) on {network} has no authority any more, and is to be handed to {wanted}.',
    why: 'That was taken away for good: nobody can give a program an authority again.',
    remedy: "Say to: { kind: 'none' }, immutable: 'for ever', or deploy under a new program id.",
    exit: 3,
  },
  'CUT-2542': {
    what: 'The program {title} must not be handed to {wanted} on {network}:\n{list}',
    why: 'Once it is there, only that authority can change the program or give it back.',
    remedy: 'Set right what each line names, then run the same command again. Nothing was handed over.',
    exit: 3,
  },
  'CUT-2543': {
    what: 'At {program} on {network} there is no program {title} whose authority could be handed over: {found}.',
    remedy: 'Correct the address or the network, or let the resource depend on the one that deploys it.',
    exit: 2,
  },
  'CUT-2544': {
    what: 'It was sent and confirmed, and it is still not as wanted: {subject}.\n{list}',
    why: 'Somebody else may have been quicker, or the instruction does other than its name says.',
    remedy: 'Look at the account in an explorer, then run the same command again.',
  },
  'CUT-2545': {
    what: 'The faucet of {network} did not give SOL to {address} within {seconds} s.',
    remedy: 'See whether the node is well (./cutover status), then run the same command again.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
