import type { CatalogueEntry } from '../errors.ts';

/** CUT-5300 to 5349: the twin, which plays cloud providers on this machine. */
export const twinErrors = {
  // 5300 to 5309: what the program asks for.
  'CUT-5300': {
    what: 'The twin does not play {type}.{hint}',
    why: 'What it does not know it refuses: a yes would say nothing about the real cloud.',
    remedy:
      'See that the type is spelt as in the SDK. If it is right, it has to be told to the twin first: a kind in ops/twin/services and its row in ops/twin/facts.',
    exit: 2,
  },
  'CUT-5301': {
    what: 'The twin does not play the function {token}.{hint}',
    why: 'What it does not know it refuses: a yes would say nothing about the real cloud.',
    remedy: 'See that it is spelt as in the SDK, or tell it to the twin in ops/twin/services.',
    exit: 2,
  },
  'CUT-5302': {
    what: 'The kind {type} is told to the twin, but its arguments are not: ops/twin/facts has no row for it.',
    remedy: 'Make the table anew: node toolchain/twin-facts/main.ts',
  },
  'CUT-5303': {
    what: 'The twin plays no provider {name}; it plays {known}.',
    remedy:
      'Leave resources of {name} out of what is rehearsed, or add the provider to ops/twin/providers.ts.',
    exit: 2,
  },
  // 5310 to 5319: the stack.
  'CUT-5310': {
    what: 'The state of {stack} was made by the real provider {provider}; the twin does not touch it.',
    why: 'The twin would look for its resources, find none, and say that they are gone.',
    remedy:
      'Rehearse in a scratch folder, which ./cutover rehearse makes, and leave PULUMI_BACKEND_URL and PULUMI_HOME alone.',
    exit: 3,
  },
  'CUT-5311': {
    what: 'The state of {stack} was made by the twin of {provider}, which is no cloud.',
    why: 'The real provider would look for its resources, find none, and say that they are gone.',
    remedy: 'Set PULUMI_BACKEND_URL to where the real state of {stack} is kept.',
    exit: 3,
  },
  'CUT-5312': {
    what: 'The plugin of {package} was started without a scratch folder.',
    why: 'CUTOVER_TWIN names the folder that holds its cloud; it is {folder}.',
    remedy: 'Start it through ./cutover, which prepares the folder.',
    exit: 2,
  },
  'CUT-5313': {
    what: 'There is no twin in {folder}.',
    remedy: 'Run ./cutover rehearse STACK first, or name another folder with --folder.',
    exit: 2,
  },
  'CUT-5314': {
    what: 'The twin in {folder} was made by another version of Cutover.',
    remedy: 'Remove that folder: the next rehearsal makes it anew.',
    exit: 2,
  },
  'CUT-5315': {
    what: 'The folder {folder} is no scratch folder of a twin, and it is not empty.',
    why: 'The twin writes a Pulumi home, a state and its cloud there.',
    remedy: 'Name a folder that is empty or is not there yet.',
    exit: 2,
  },
  'CUT-5316': {
    what: 'The npm package {package}, whose plugin the twin plays, is not in node_modules.',
    remedy: 'Run npm ci in the project.',
  },
  'CUT-5317': {
    what: 'The stack {stack} could not be made in the scratch folder {folder}.\n{lines}',
    remedy: 'Mend what it complains of, or remove the folder, and run the same command again.',
  },
  // 5320 to 5329: its provider's configuration, as the real one refuses it.
  'CUT-5320': {
    what: 'No region is configured for the provider {name}.',
    remedy: 'Give the provider its `region`.',
    exit: 2,
  },
  'CUT-5321': {
    what: 'Invalid AWS Region: {region}',
    remedy: 'Give the provider a region as AWS spells it, us-east-1 say.',
    exit: 2,
  },
  'CUT-5322': {
    what: 'AWS account ID not allowed: {account}',
    why: 'The provider allows {allowed} and forbids {forbidden}.',
    remedy: 'Use the credentials of the right account, or set `allowedAccountIds` right.',
    exit: 3,
  },
  // 5330 to 5339: commands and faults.
  'CUT-5330': {
    what: 'The rule `{rule}` of a fault is not understood: {reason}.',
    remedy:
      'A rule reads: OPERATION TYPE [#CALL | PERCENT%] HOW, `create aws:rds/instance:Instance #1 after` say. ./cutover twin fault --help lists the words.',
    exit: 2,
  },
  'CUT-5331': {
    what: 'The twin has no thing {id}.{hint}',
    remedy: './cutover twin ls lists what it has, with the ids.',
    exit: 2,
  },
  'CUT-5332': {
    what: 'The change `{text}` is not understood: {reason}.',
    remedy:
      'Write PROPERTY=VALUE, the value as JSON or as plain text: `instanceClass=db.t4g.large`, `tags.Owner="me"`.',
    exit: 2,
  },
  'CUT-5333': {
    what: 'Nothing says which twin is meant.',
    remedy: 'Name a stack, or a scratch folder with --folder.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
