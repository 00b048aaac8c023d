import type { CatalogueEntry } from '../errors.ts';

/** CUT-5470 to 5499: what operators do to an account: its foundation, its protection, what is left over in it. */
export const cloudOpsErrors = {
  'CUT-5470': {
    what: 'The stack {stack} names no AWS account.',
    why: 'What is done in an account is done only in the one that the stack file names.',
    remedy:
      'Name it in Pulumi.{stack}.yaml: cutover:aws: { account: "123456789012", … }; docs/configuration.md.',
    exit: 2,
  },
  'CUT-5471': {
    what: 'These are credentials of account {found}; {stack} is in account {wanted}.',
    why: 'Nothing was read or changed there but who is asking.',
    remedy: 'Sign in to {wanted}, with AWS_PROFILE say. If {found} is right, name it in Pulumi.{stack}.yaml.',
    exit: 3,
  },
  'CUT-5472': {
    what: 'AWS lets nobody in with {credentials}: {message}',
    why: 'There are none, they are wrong, or their time is over.',
    remedy: 'Sign in anew (aws sso login, or set AWS_PROFILE), then run the same command again.',
  },
  'CUT-5473': {
    what: '{who} may not do what is needed: {message}',
    remedy:
      'Run it as an administrator of the account, then run the same command again: it goes on where it stood.',
  },
  'CUT-5474': {
    what: 'AWS did not {deed}: {message}',
    remedy: 'What is done stays. Mend the cause, then run the same command again: it goes on where it stood.',
  },
  'CUT-5475': {
    what: 'Not all of this is ours to make or change:\n{list}',
    why: 'Something else may depend on it. Nothing was changed.',
    remedy: 'Do what the lines say, then run the same command again.',
    exit: 3,
  },
  'CUT-5476': {
    what: 'It is not known {list}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5477': {
    what: 'Nobody can be asked here whether to go on.',
    why: '{command} changes an account, and there is no terminal to answer at.',
    remedy: 'Look at the plan above, then run it again with --yes.',
    exit: 2,
  },
  'CUT-5478': {
    what: 'The Pulumi CLI did not {deed}:\n{lines}',
    remedy: 'The account is ready. Mend the cause, then run the same command again.',
  },
  'CUT-5479': {
    what: 'moto, which plays the API of AWS in tests, could not be brought: {why}',
    remedy:
      'Debian and Ubuntu: apt install python3-pip · macOS: brew install python. Then run the same command again.',
  },
  'CUT-5480': {
    what: '{stack} is locked: {deed} is refused.',
    why: 'What it holds cannot be made again: {losses}',
    remedy:
      'If it is meant: ./cutover unlock {stack} --reason "…" --for 2h, then the same command again. Both are written down.',
    exit: 3,
  },
  'CUT-5481': {
    what: 'It could not be told what this update of {stack} would delete, so it is not run:\n{lines}',
    why: '{stack} is locked, and its update is looked at first.',
    remedy: 'Mend the cause: ./cutover pulumi preview -s {stack} shows the same.',
    exit: 3,
  },
  'CUT-5482': {
    what: '{what} is not how long a stack stays unlocked.',
    remedy: 'Write minutes or hours, from 5m to 24h: --for 2h.',
    exit: 2,
  },
  'CUT-5483': {
    what: '{stack} has no lock.',
    why: 'Only what is in prod cannot be made again.',
    remedy: 'Nothing has to be unlocked: ./cutover down {stack} takes it down.',
    exit: 2,
  },
  'CUT-5484': {
    what: 'Why {stack} is unlocked is not said.',
    remedy: 'Say it for who reads the log later: --reason "INC-12: the old database goes".',
    exit: 2,
  },
  'CUT-5485': {
    what: '--wipe is for dev: what {stack} holds is in the cloud and goes with it.',
    remedy: 'Run it without --wipe.',
    exit: 2,
  },
  'CUT-5486': {
    what: 'The state of {stack} could not be read:\n{lines}',
    why: 'What is in no state can only be told where the state is known.',
    remedy:
      'Sign in to where it is kept (PULUMI_BACKEND_URL, docs/bootstrap.md), then run the same command again.',
  },
  'CUT-5488': {
    what: 'An update of {stack} is at work on the twin (process {pid}): nothing is changed.',
    why: 'What it is making now is not in the state yet.',
    remedy: 'Wait until it is over, then run the same command again.',
    exit: 3,
  },
  'CUT-5489': {
    what: 'The state of {stack} knows none of the {count} things that are there: nothing is changed.',
    why: 'With another backend in PULUMI_BACKEND_URL all that the stack has made would be taken for orphans.',
    remedy:
      'Look where PULUMI_BACKEND_URL leads. If all of it is left over, run the lines that ./cutover orphans {stack} prints.',
    exit: 3,
  },
  'CUT-5490': {
    what: 'The program of {stack} does not say what it would make:\n{lines}',
    why: 'Only a preview tells which resource of the program something is.',
    remedy: 'Mend what ./cutover pulumi preview -s {stack} says, then run the same command again.',
  },
  'CUT-5491': {
    what: 'The state of {stack} could not be written:\n{lines}',
    why: 'What was imported is in it, but the next update would replace what carries a drawn name.',
    remedy: 'Run ./cutover orphans {stack} --import again; it does what is left.',
  },
  'CUT-5492': {
    what: 'An update holds the state of {stack}: nothing is imported.\n{lines}',
    why: 'Two that write one state lose what the other wrote.',
    remedy:
      'Wait until it is over. If it was killed, run ./cutover pulumi cancel -s {stack}; then run the same command again.',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
