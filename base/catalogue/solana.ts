import type { CatalogueEntry } from '../errors.ts';

/** CUT-2400 to 2439: addresses, signers, programs and their plans on Solana. */
export const solanaErrors = {
  // 2400 to 2409: what a program of the stack says.
  'CUT-2400': {
    what: '{what} is {text}, which is no address of Solana.',
    why: 'An address is 32 bytes in base58: 32 to 44 letters and digits without 0, O, I and l.',
    remedy: 'Copy it again from `solana address` or an explorer.',
    exit: 2,
  },
  'CUT-2401': {
    what: 'No address of {program} can be derived from these seeds (bytes: {seeds}).',
    why: 'There may be 15 seeds of at most 32 bytes each.',
    remedy: 'Shorten the names that they are made of, or hash them.',
    exit: 2,
  },
  'CUT-2402': {
    what: 'The {signer} must not sign on {network}.',
    why: 'Everybody can compute its key; it is for localnet only.',
    remedy: "Name a keypair of your own: { kind: 'env', name: 'GODARK_DEPLOYER' } or another reference.",
    exit: 2,
  },
  'CUT-2403': {
    what: 'There is no local account {account}.',
    why: 'They are numbered from 0 to {last}.',
    remedy: 'Take one of these.',
    exit: 2,
  },
  'CUT-2404': {
    what: 'The keypair of {signer} cannot be used: {problem}.',
    remedy:
      'Put there what `solana-keygen new --outfile` writes: a JSON array of 64 numbers; or the same 64 bytes in base58.',
    exit: 2,
  },
  // 2410 to 2429: programs. Nothing was sent.
  'CUT-2410': {
    what: 'The build of {title} is no program that {program} could run:\n{list}',
    why: 'The loader would refuse it at the end, when all of its bytes have been paid for and sent.',
    remedy: 'Set right what each line names, then run the same command again. Nothing was sent.',
    exit: 2,
  },
  'CUT-2411': {
    what: '{title}: {payer} has {have} SOL and needs {need} SOL: {missing} SOL are missing.',
    why: '{account}',
    remedy: 'Send {missing} SOL to {payer}, then run the same command again. Nothing was sent.',
    exit: 3,
  },
  'CUT-2412': {
    what: '{title}: the address {program} is taken: {found}.',
    why: 'A program can only be deployed where nothing is.',
    remedy:
      'See that the program id and the cluster are the right ones; else make a new key with `solana-keygen new` and deploy under its address.',
    exit: 3,
  },
  'CUT-2413': {
    what: '{title}: the program {program} was closed.',
    why: 'The loader keeps the id of a closed program for ever, so that nobody can put other code in its place.',
    remedy:
      'Make a new key with `solana-keygen new`, deploy under its address, and tell it to those who call it.',
    exit: 3,
  },
  'CUT-2414': {
    what: '{title}: {program} is somebody else’s program: {authority} may upgrade it.',
    why: 'Its authority is neither {writer}, who would deploy it, nor {holder}, who is to have it.',
    remedy:
      'See that the program id, the signer and the cluster are the right ones. If it is yours, have {authority} hand it over with `solana program set-upgrade-authority`.',
    exit: 3,
  },
  'CUT-2415': {
    what: '{title}: the authority over {program} was handed away, to {authority}.',
    why: 'This stack deployed it; neither {writer} nor {holder} may change it any more.',
    remedy:
      'If that is meant, name the new authority in the program’s `authority`. If it is not, treat it as an incident: whoever has that key can replace the program.',
    exit: 3,
  },
  'CUT-2416': {
    what: '{title}: the program {program} can never be changed again: it has no authority.',
    why: 'That was taken away for good; no key, vote or cluster can give it back. {differs}',
    remedy:
      'Keep the build that runs and say `authority: { kind: "none" }`, or deploy the new build under a new program id.',
    exit: 3,
  },
  'CUT-2417': {
    what: '{title}: {program} belongs to {loader}, whose programs cannot be changed.',
    why: 'Cutover deploys with the upgradeable loader, as all clusters do.',
    remedy: 'Deploy it under a new program id.',
    exit: 3,
  },
  'CUT-2418': {
    what: '{title}: {program} belongs to loader v4, which Cutover does not use yet.',
    why: 'No public cluster has it switched on: its rules may still change.',
    remedy:
      'Deploy it under a new program id with the upgradeable loader, or change it with the tool that put it there.',
    exit: 3,
  },
  'CUT-2419': {
    what: '{title}: the buffer {buffer} cannot be used: {found}.',
    why: 'Only an account that {writer} may write, or that holds exactly this build for {holder}, is safe to use.',
    remedy:
      'Name another buffer, or none, so that a new one is made. Lamports in a buffer of your own come back with `solana program close {buffer}`.',
    exit: 3,
  },
  'CUT-2420': {
    what: '{title}: the buffer {buffer} does not hold the build that was proposed: {found} instead of {wanted}.',
    why: 'It was changed after it was proposed, or never was complete. Whoever approves would approve other code.',
    remedy:
      'Reject or cancel the proposal, find out who changed the buffer, and propose again with a new one.',
    exit: 3,
  },
  'CUT-2421': {
    what: '{title}: what the chain has for {program} cannot be read: {found}.',
    remedy: 'Compare with `solana program show {program}`; ask another endpoint.',
  },
  'CUT-2422': {
    what: '{title}: `room` is {room} bytes; it must be at least the {length} bytes of the build and at most {most}.',
    remedy: 'Set `room` between the two, or leave it out: a program is extended when it needs more.',
    exit: 2,
  },
  // 2430 to 2439: rollbacks, and accounts that are initialised once.
  'CUT-2430': {
    what: 'The rollback of {title} is refused: {list}',
    why: 'The older build would misread accounts that a newer one wrote, and with them the money of their owners.',
    remedy:
      'Keep it paused. Bring these accounts to a layout that {version} knows, or make a build that fixes the fault and knows them; if {version} does know them, say so in its `layouts`.',
    exit: 3,
  },
  'CUT-2431': {
    what: 'The rollback of {title} is refused: it runs {found}, neither the build to leave ({from}) nor the one to go back to ({to}).',
    why: 'Somebody changed the program after this rollback was planned.',
    remedy: 'Look at who upgraded it; then ask for the rollback again from what runs now.',
    exit: 3,
  },
  'CUT-2432': {
    what: 'The account {address} of {title} is there already with other content:\n{list}',
    why: 'It is initialised once; to change it silently could undo what its owners decided since.',
    remedy:
      'If the chain is right, put its values into the program of this stack; if not, change them with the instruction that is made for it.',
    exit: 3,
  },
  'CUT-2433': {
    what: 'The address {address} of {title} is taken: {found}.',
    why: 'The account has to belong to {owner}.',
    remedy: 'See that the address, the program and the cluster are the right ones.',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
