import type { CatalogueEntry } from '../errors.ts';

/** CUT-2440 to 2469: clusters of Solana, transactions there, and bringing programs to them. */
export const solanaLoaderErrors = {
  // 2440 to 2443: endpoints.
  'CUT-2440': {
    what: 'No endpoint of {network} answers.\n{list}',
    remedy:
      'Start the node (on dev: ./cutover up), or correct the endpoints of this network in the stack file.',
  },
  'CUT-2441': {
    what: '{endpoint} is not {network}: {reason}.',
    why: 'A transaction for one cluster must not be sent to another.',
    remedy: 'Correct the cluster or the endpoint of this network in the stack file; nothing was sent.',
    exit: 2,
  },
  'CUT-2442': {
    what: 'The node {endpoint} refused {method}: {message}',
    remedy: 'See what the node says above; run the same command again when it is mended.',
  },
  'CUT-2443': {
    what: 'What a node answered to {method} is not understood: {problem}.',
    why: 'Its answer has another shape than the Solana RPC documents.',
    remedy: 'Use another endpoint, or tell which node and version answers so.',
  },
  // 2444 to 2451: sending.
  'CUT-2444': {
    what: '{purpose} on {network}: {reason}.{logs}',
    why: '{when}',
    remedy: 'Set right what is refused, then run the same command again.',
  },
  'CUT-2445': {
    what: '{purpose} on {network}: the transaction did not land within {seconds} s ({signature}).',
    why: 'The cluster is congested, the endpoints drop what they are given, or the priority fee is too low.',
    remedy:
      'Run the same command again: it finds this transaction, or signs it anew once it can never land. Another endpoint or a higher `priorityFee.ceilingMicroLamports` of this network helps.',
  },
  'CUT-2446': {
    what: 'The endpoints of {network} answer as of slot {slot}, for {seconds} s now, and slot {known} was seen before.',
    why: 'What they say is older than what is known already; to go on with it could do something twice.',
    remedy:
      'Wait until the endpoint keeps up, or name another one for this network; then run the same command again.',
  },
  'CUT-2447': {
    what: '{purpose} on {network} stands still: {done} of {count} chunks are there, and none came within {seconds} s.',
    why: '{reason}',
    remedy: 'Run the same command again: it goes on with what is missing. Nothing is paid twice.',
  },
  'CUT-2448': {
    what: 'Somebody is at this already: {what}, by {owner}.',
    why: 'Two at once would pay for the same twice.',
    remedy: 'Wait until it is done, then run the same command again: it finds what was done.',
    exit: 3,
  },
  'CUT-2449': {
    what: '{purpose}: the buffer {address} is not there any more, {when}.',
    why: 'Whoever has the key of {authority} has closed it, or has deployed out of it from another machine.',
    remedy:
      'Run the same command again: it goes on with what is there now. If nobody of you did that, find out first who has that key.',
  },
  'CUT-2450': {
    what: '{purpose}: the transaction has {size} bytes; a cluster takes {most}.',
    remedy: 'Give it fewer accounts or less data, or do it in two transactions.',
    exit: 2,
  },
  'CUT-2451': {
    what: '{purpose}: {address} has to sign, and its key was not given.',
    remedy: 'Name a signer for {address} in the program of the stack.',
    exit: 2,
  },
  // 2452 to 2469: programs and their buffers.
  'CUT-2452': {
    what: '{purpose} on {network} was confirmed, and what is there now is not what was wanted: {problem}.',
    why: 'Somebody else has changed it in the same moment, or an endpoint does not tell the truth.',
    remedy: 'Look at {address} in an explorer and at who has its authority, then run the same command again.',
  },
  'CUT-2453': {
    what: '{purpose}: {address} is no {wanted}: {found}.',
    remedy: 'Correct the address, or take an account of your own. Nothing was sent.',
    exit: 2,
  },
  'CUT-2454': {
    what: '{purpose}: {address} belongs to {authority}, not to {signer}.',
    why: 'Only its authority may change it. Nothing was sent.',
    remedy: 'Name the signer of {authority}, or have that authority do it.',
    exit: 3,
  },
  'CUT-2455': {
    what: '{purpose}: {address} is immutable.',
    why: 'Its authority was given up; no one can ever change or close it again. Nothing was sent.',
    remedy: 'Deploy under another address.',
    exit: 3,
  },
  'CUT-2456': {
    what: '{purpose}: no buffer of {authority} is free for this program: {count} were looked at.',
    why: 'Their addresses follow from the authority, the program and its hash, and all are handed over to somebody else.',
    remedy:
      'Have the proposals that hold them carried out or cancelled, and the buffers closed; then run the same command again.',
    exit: 3,
  },
  'CUT-2458': {
    what: '{purpose}: the hash of buffer {address} is {found}, not {wanted}.',
    why: 'What would be deployed is not the artefact. Nothing of it was deployed.',
    remedy: 'Close that buffer and write the artefact anew; see who else has the key of its authority.',
    exit: 3,
  },
  'CUT-2459': {
    what: '{network} does not get past slot {slot}, for {seconds} s now.',
    why: 'A program is changed once in a slot, and runs from the next one on.',
    remedy: 'See whether the cluster or the endpoint stands still, then run the same command again.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
