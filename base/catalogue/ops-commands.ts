import type { CatalogueEntry } from '../errors.ts';

/** CUT-5100 to 5999: commands. */
export const commandErrors = {
  'CUT-5100': {
    what: 'Something went wrong that was not foreseen: {message}',
    remedy: 'Run it again with CUTOVER_DEBUG=1 to see where.',
  },
  'CUT-5101': {
    what: 'The Pulumi CLI could not be started.',
    remedy: 'Run ./cutover doctor: it tells what is missing and how to get it.',
  },
  'CUT-5102': {
    what: 'The {stack} stack is being changed by another command: {command} (pid {pid}, since {since}).',
    why: 'Two updates of one stack at once would each work on half of the truth.',
    remedy: 'Wait until it ends, or stop it with Ctrl-C in its shell; then run this again.',
    exit: 3,
  },
  'CUT-5103': {
    what: 'The {stack} stack is locked by Pulumi on {hostname}: {username}, pid {pid}, since {since}.',
    why: 'That update still runs, or runs on another machine.',
    remedy: 'Wait until it ends. If you know that it is dead: ./cutover pulumi cancel -s {stack}',
    exit: 3,
  },
  'CUT-5104': {
    what: 'The command line is wrong: {problem}',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5105': {
    what: 'The engine could not mend the state of the {stack} stack: {message}',
    remedy:
      'Look at ./cutover pulumi stack export -s {stack}; the state before each update is kept in .cutover/state/.pulumi/backups.',
  },
  'CUT-5106': {
    what: 'Nothing of the {stack} stack can be brought up by this version; nothing was changed.',
    why: 'Beside dev, contracts and programs are described, and no enabled system has any.',
    remedy:
      'Enable one in cutover:systems; ./cutover config {stack} shows and checks what the whole will be.',
    exit: 3,
  },
  'CUT-5107': {
    what: 'The network {name} is not an {kind} chain.',
    remedy: 'Name a network of that kind in the stack file.',
    exit: 2,
  },
  'CUT-5108': {
    what: 'The signer {name} is of kind {kind}, which this machine cannot sign with.',
    remedy: 'On dev use a local account, an environment variable or a file.',
    exit: 2,
  },
  'CUT-5109': {
    what: 'The secret {what} is of kind {kind}, which a process on this machine cannot read.',
    remedy: 'On dev keep it in a file: { kind: file, name: .cutover/dev/secrets/NAME }.',
    exit: 2,
  },
  'CUT-5110': {
    what: 'Nothing is known of {stack} here: it was never brought up.',
    remedy: './cutover up brings it up.',
    exit: 2,
  },
  'CUT-5111': {
    what: '{file} has no plain value {key}.',
    remedy: 'Write the key into the file by hand; ./cutover config shows where it belongs.',
    exit: 2,
  },
  'CUT-5112': {
    what: 'There is nothing of {system} that could be taken back.',
    why: 'Systems with releases of their own: {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5113': {
    what: '{given} of {what}.',
    why: 'There are {choices}; {current} is what the stack says now.',
    remedy: 'Name one: --to RELEASE.',
    exit: 2,
  },
  'CUT-5114': {
    what: 'There is nothing of {system} that could be paused.',
    why: 'Systems with contracts that can be paused: {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5115': {
    what: 'The stack {stack} does not know whether {what} is paused; nothing was changed.',
    why: 'The last update did not come that far, or {system} is not enabled.',
    remedy:
      './cutover up brings it. To have it paused from the start, write {key}: true into the file first.',
    exit: 3,
  },
  'CUT-5116': {
    what: 'The state of {stack} cannot be read: {file} is cut off or no JSON.',
    why: 'The disk was full when it was written, or something else wrote there.',
    remedy:
      'Make room on the disk. {file}.bak is the state of one step before: put it in its place, and run the same command again.',
  },
  'CUT-5117': {
    what: '{stack} stays locked: nothing can be written down in {file}: {message}',
    why: 'Nothing is unlocked that the log does not know.',
    remedy: 'See that the file can be written, then run the same command again.',
    exit: 3,
  },
  'CUT-5118': {
    what: '{file} cannot be written: {message}',
    why: '`{value}` belongs there at {key}; without it the next update would undo what the command does.',
    remedy:
      'Make the file and its folder writable, or go to a copy of the project where they are; then run it again.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
