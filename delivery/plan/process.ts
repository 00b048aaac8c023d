import type { ProcessDefinition, PortUse } from './process-definition.ts';

/** What is written down of a process when it was started: `process.json` in its folder. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When the system says that the pid started; a pid alone may belong to a stranger by now. */
  readonly started: string;
  readonly startedAt: string;
  readonly launchHash: string;
  /** What was done on the running process (databases made); undefined until it was. */
  readonly settleHash?: string;
  /** Hash of the secrets that it read when it started. */
  readonly secretsHash: string;
  /** Names the data folder, so that one that was deleted and made anew is noticed. */
  readonly dataId: string;
  /** What runs: `anvil`, `mongod`, `ferretdb`. */
  readonly engine: string;
  readonly version: string;
  readonly ports: readonly PortUse[];
  readonly definition: ProcessDefinition;
}

/** What was seen of a process just now. */
export interface Observation {
  readonly record: ProcessRecord | undefined;
  readonly life: 'running' | 'suspended' | 'dead' | 'never started';
  /** Whether it answered its own protocol; what it said, or what went wrong. */
  readonly answer: Answer;
  readonly data: 'there' | 'missing' | 'replaced';
  readonly missingSecrets: readonly MissingSecret[];
  /** Hash of what the secrets that it read hold now. */
  readonly secretsHash: string;
}

/** The file of a secret that should exist and does not. */
export interface MissingSecret {
  readonly file: string;
  /** Whether a new one is taken up by a start, or by a statement to the running process. */
  readonly takenUp: 'at start' | 'while it runs';
}

/** The answer of a process to a question in its own protocol. */
export type Answer =
  /** `well: false`: it answers that it is not well (HTTP 503). That is for gates to judge, not a reason to restart. */
  | { readonly kind: 'answers'; readonly well: boolean; readonly detail: string }
  | { readonly kind: 'silent'; readonly detail: string };

/** What must be done to have what is wanted. */
export interface Decision {
  /** `settle` works on the running process; `restart` stops it first; `start` begins with none. */
  readonly step: 'keep' | 'settle' | 'start' | 'restart';
  /** Why, one sentence each, as an operator reads it. */
  readonly why: readonly string[];
}

/** What is wanted of a process, as far as the decision needs it. */
export interface Wanted {
  readonly name: string;
  readonly launchHash: string;
  readonly settleHash: string;
}

/** Compares what is wanted with what is seen. */
export function decide(wanted: Wanted, seen: Observation): Decision {
  const { record, life, answer, data } = seen;
  const who = record === undefined ? wanted.name : `${wanted.name} (pid ${record.pid})`;
  const keeping = {
    there: 'with its data',
    missing: 'empty, since its data folder was deleted',
    replaced: 'with what its data folder holds now',
  }[data];
  if (record === undefined || life === 'never started') {
    return { step: 'start', why: [`${wanted.name} is not running; it will be started`] };
  }
  if (life === 'dead') return { step: 'start', why: [`${who} is dead; it will be started again ${keeping}`] };
  if (life === 'suspended') {
    return {
      step: 'restart',
      why: [`${who} hangs: it is suspended by a signal; it will be stopped and started again ${keeping}`],
    };
  }
  if (answer.kind === 'silent') {
    return {
      step: 'restart',
      why: [`${who} hangs: ${answer.detail}; it will be stopped and started again ${keeping}`],
    };
  }
  if (data !== 'there') {
    const what = data === 'missing' ? 'is gone' : 'was deleted and made anew';
    const then = data === 'missing' ? 'empty' : keeping;
    return {
      step: 'restart',
      why: [`the data folder of ${who} ${what} while it ran; it will be stopped and started again, ${then}`],
    };
  }
  if (record.launchHash !== wanted.launchHash) {
    return { step: 'restart', why: [`${who} is described anew; it will be restarted with its data`] };
  }
  if (seen.missingSecrets.length === 0 && record.secretsHash !== seen.secretsHash) {
    return {
      step: 'restart',
      why: [`a secret of ${who} is another than it read; it will be restarted with its data`],
    };
  }
  const settle: string[] = [];
  for (const { file } of seen.missingSecrets) {
    settle.push(`the secret of ${wanted.name} in ${file} is gone; a new one will be made`);
  }
  if (seen.missingSecrets.some(({ takenUp }) => takenUp === 'at start'))
    return { step: 'restart', why: settle };
  if (record.settleHash !== wanted.settleHash) settle.push(`${who} will be adjusted while it runs`);
  return settle.length === 0 ? { step: 'keep', why: [] } : { step: 'settle', why: settle };
}

/** Whether the decision mends something that went wrong, as against carrying out a change of the program. */
export function isDrift(seen: Observation, decision: Decision): boolean {
  if (decision.step === 'keep') return false;
  return (
    seen.life !== 'running' ||
    seen.answer.kind === 'silent' ||
    seen.data !== 'there' ||
    seen.missingSecrets.length > 0 ||
    seen.record?.secretsHash !== seen.secretsHash
  );
}
