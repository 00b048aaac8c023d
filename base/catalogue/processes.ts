import type { CatalogueEntry } from '../errors.ts';

/** CUT-4300 to 4399: local processes. */
export const processErrors = {
  'CUT-4300': {
    what: 'Port {port}, wanted by {name} for {use}, is taken by {holder}.',
    why: 'Cutover stops nothing that it did not start.',
    remedy: 'Stop that process, or set {key} to a free port in Pulumi.{stack}.yaml.',
  },
  'CUT-4301': {
    what: '{name} ended while it was starting ({how}).\n{lastLines}',
    remedy: 'Read {log}, mend what it complains of, and run the same command again.',
  },
  'CUT-4302': {
    what: '{name} (pid {pid}) runs, but did not answer within {seconds} s: {answer}.\n{lastLines}',
    why: 'It was stopped again, so that nothing half-started is left.',
    remedy: 'Read {log}; on a slow machine run the same command again.',
  },
  'CUT-4303': {
    what: '{program}, which {name} needs, is not there.',
    why: '{why}',
    remedy: '{fix}',
  },
  'CUT-4304': {
    what: '{name} (pid {pid}) could not be stopped: {why}.',
    remedy: 'Stop pid {pid} as the user who started it, and run the same command again.',
  },
  'CUT-4305': {
    what: 'The local process {name} is being changed by another command ({holder}).',
    why: 'Waited {seconds} s for it to end.',
    remedy: 'Wait until that command ends, or stop it; then run this again.',
    exit: 3,
  },
  'CUT-4306': {
    what: 'The data of {name} was written by PostgreSQL {found}; this is PostgreSQL {wanted}.',
    why: 'A server of one major version cannot read the data of another.',
    remedy:
      'Dump it with the old version and load it into the new one, or, if it may go, delete {data} and run the same command again.',
  },
  'CUT-4307': {
    what: '{name} cannot run: PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as.',
    remedy: 'Create one (useradd --system postgres), or run Cutover as a normal user.',
  },
  'CUT-4308': {
    what: '{folder} is not safe to keep the data of {name} in: {why}.',
    remedy: 'Look at what it holds, remove it, and run the same command again.',
  },
  'CUT-4309': {
    what: '{name} has no file for its secret {variable}: {file} is not there.',
    why: 'The process reads the secret from that file, and would fail later and less clearly.',
    remedy: 'Write the secret to {file}, readable by you only.',
  },
  'CUT-4310': {
    what: 'The local process {name} is described wrongly.\n{list}',
    remedy: 'Correct the values above and run the same command again.',
    exit: 2,
  },
  'CUT-4311': {
    what: '{name} could not make its data ready: {program} ended with {how}.\n{lastLines}',
    remedy: 'Read {log}, mend what it complains of, and run the same command again.',
  },
  'CUT-4312': {
    what: 'The local PostgreSQL server has no database {database}; it has {known}.',
    remedy: 'Add it to `databases` of the server, or correct the name.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
