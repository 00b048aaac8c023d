import type { CatalogueEntry } from '../errors.ts';

/** CUT-2200 to 2249: transactions of EVM chains, their journal, nonces and fees. */
export const senderErrors = {
  // 2200 to 2209: the journal's file.
  'CUT-2200': {
    what: 'The journal of transactions {path} cannot be written: {reason}.',
    why: 'Every transaction is written there before it is sent, so that none is doubled or lost. Nothing was sent that is not in it.',
    remedy:
      'Make room on the disk and let this user write to that folder, or name another one in CUTOVER_JOURNAL; then run the same command again.',
  },
  'CUT-2201': {
    what: 'The journal of transactions {path} is damaged: {reason}.',
    why: 'It may name transactions that are on their way; without it some could be sent twice. Nothing was changed in it.',
    remedy:
      'Put a backup in its place. Without one, see in an explorer that the account has nothing pending, move the file aside (with those that end in -wal and -shm), and run the same command again: what is deployed is found on the chain.',
  },
  'CUT-2202': {
    what: '{path} is not a journal of transactions: another program made that file.',
    remedy: 'Move it away, or name another folder in CUTOVER_JOURNAL.',
  },
  'CUT-2203': {
    what: 'The journal of transactions {path} has version {version}; this Cutover knows version {known}.',
    why: 'A newer Cutover wrote it.',
    remedy: 'Use the Cutover that wrote it, or a newer one.',
  },
  // 2210 to 2229: sending and waiting.
  'CUT-2210': {
    what: '{purpose}: something else is on its way under the same name, {key} ({hash}).',
    why: 'A name stands for one transaction, so that a run after a crash finds it.',
    remedy:
      'Wait until that one is done (./cutover tx shows it) or cancel it, then run the same command again.',
    exit: 3,
  },
  'CUT-2211': {
    what: '{network} is behind: its latest block is {head}, but block {block} has a transaction of {account}.',
    why: 'A node that has not caught up would give nonces that are used.',
    remedy:
      'Wait until the endpoint has caught up, or use another one. If that chain was thrown away and made anew, move its journal aside: {path}',
  },
  'CUT-2212': {
    what: '{purpose}: gas on {network} costs {have} gwei, above the ceiling of {limit} gwei, for {seconds} s now.',
    why: 'Nothing is sent at a price above the ceiling; what was sent before is kept.',
    remedy:
      'Run the same command again when gas is cheaper, or raise `fees.ceilingGwei` of this network in the stack file.',
    exit: 3,
  },
  'CUT-2213': {
    what: '{purpose}: the transaction {hash} on {network} was cancelled.',
    why: 'Its nonce was used by a transaction that does nothing, as somebody asked for.',
    remedy: 'Run the same command again to send it anew.',
    exit: 3,
  },
  'CUT-2214': {
    what: '{purpose}: {account} found no free nonce on {network} in {attempts} attempts.',
    why: 'Somebody else sends from the same account at the same time.',
    remedy: 'See who uses its key, then run the same command again.',
  },
  'CUT-2215': {
    what: '{purpose}: {count} transactions of {account} are on their way on {network} and did not make room within {seconds} s.',
    why: 'Nodes keep only some for one account; this network is set to {inFlight}.',
    remedy: 'Look at ./cutover tx; bump or cancel the first one there, then run the same command again.',
  },
  'CUT-2216': {
    what: '{purpose}: the call on {network} {reason}.',
    why: 'Tried with everything that was on its way mined; nothing was sent.',
    remedy: 'Set right what the contract refuses, then run the same command again.',
  },
  // 2230 to 2234: the command.
  'CUT-2230': {
    what: 'No journal in {folder} knows the transaction {hash}.',
    remedy: './cutover tx lists those that are known; journals elsewhere are named by CUTOVER_JOURNAL.',
    exit: 2,
  },
  'CUT-2231': {
    what: 'The transaction {hash} is not on its way any more: it is {state}.',
    remedy: 'There is nothing left to bump or cancel.',
    exit: 2,
  },
  'CUT-2232': {
    what: 'The signer of {hash} cannot sign here: {reason}.',
    why: 'It was sent by {account}.',
    remedy: 'Run the command where the key of that account can be read.',
    exit: 2,
  },
  'CUT-2233': {
    what: 'The stack {stack} has no EVM network with the chain id {chainId}.',
    remedy: 'Name the stack that sent it: ./cutover tx STACK …',
    exit: 2,
  },
  'CUT-2234': {
    what: 'The transaction {hash} was not replaced: {reason}.',
    remedy: 'Look at ./cutover tx; try again in a moment.',
  },
  // 2235 to 2239: several endpoints.
  'CUT-2235': {
    what: 'The endpoints of {network} do not agree about {what} for {seconds} s now:\n{list}',
    why: 'What is final, or costs money, must not hang on one endpoint: it may lag, be on a fork of its own, or lie. Nothing was taken as done.',
    remedy:
      'Compare with an explorer, take the endpoint that is wrong out of this network in the stack file, and run the same command again. `quorum` there says how many must agree.',
  },
  'CUT-2236': {
    what: 'No endpoint of {network} can be read:\n{list}',
    remedy: 'Provide one of these URLs where it is named, and run the same command again.',
    exit: 2,
  },
  'CUT-2237': {
    what: 'The stack {stack} sends no transactions to a network {network}.',
    why: 'Its networks are: {known}.',
    remedy: 'Name one of these.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
