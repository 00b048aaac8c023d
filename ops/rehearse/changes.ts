import { parseDocument } from 'yaml';
import type { CutoverConfig } from '../../infra/config.ts';

/** A change of the stack's file that every stack goes through some day, and what it may touch in the cloud. */
export interface PlannedChange {
  readonly name: string;
  readonly path: readonly string[];
  readonly value: unknown;
  readonly calls: readonly string[];
  /** Whether it gives a service another task definition. */
  readonly isRelease?: true;
  /** Whether it is made on a chain, by transactions. */
  readonly isOnChain?: true;
}

/** A property that somebody changes by hand, and what mends it. */
export interface PlannedDrift {
  readonly type: string;
  readonly property: string;
  readonly value: string;
}

const coinestate = ['cutover:systems', 'coinestate'];

/** One change of each kind: of a size, of a setting, one that replaces; and an upgrade of a program. Each where it can be. */
export function changesFor(config: CutoverConfig, systems: readonly string[]): readonly PlannedChange[] {
  return [...changesInCloud(config, systems), ...upgradesOfPrograms(config, systems)];
}

function upgradesOfPrograms({ systems }: CutoverConfig, wanted: readonly string[]): readonly PlannedChange[] {
  const { perps } = systems.godark.programs ?? {};
  const [next] = Object.keys(perps?.releases ?? {}).filter((release) => release !== perps?.release);
  if (!wanted.includes('godark') || next === undefined) return [];
  return [
    {
      name: `upgrade of a program: perps ${next}`,
      path: ['cutover:systems', 'godark', 'programs', 'perps', 'release'],
      value: next,
      calls: [],
      isOnChain: true,
    },
  ];
}

function changesInCloud(config: CutoverConfig, systems: readonly string[]): readonly PlannedChange[] {
  if (config.aws === undefined || !systems.includes('coinestate')) return [];
  const { task, hosts, database } = config.systems.coinestate;
  const [host = '', ...domain] = hosts.api.split('.');
  return [
    {
      name: `change of a size: task of ${task.memoryGb * 2} GB`,
      path: [...coinestate, 'task', 'memoryGb'],
      value: task.memoryGb * 2,
      // A task definition is never changed: the old one goes when the service has taken the new one.
      calls: [...madeAnew('aws:ecs/taskDefinition:TaskDefinition'), 'update aws:ecs/service:Service'],
      isRelease: true,
    },
    {
      name: `change of a setting: backups of ${database.backupDays + 1} days`,
      path: [...coinestate, 'database', 'backupDays'],
      value: database.backupDays + 1,
      calls: ['update aws:rds/instance:Instance'],
    },
    {
      name: 'change that replaces: another name of the API',
      path: [...coinestate, 'hosts', 'api'],
      value: [`${host}-2`, ...domain].join('.'),
      calls: [
        ...madeAnew('aws:acm/certificate:Certificate'),
        ...madeAnew('aws:acm/certificateValidation:CertificateValidation'),
        ...madeAnew('aws:route53/record:Record'),
        'update aws:lb/listener:Listener',
        'update aws:lb/listenerRule:ListenerRule',
      ],
    },
  ];
}

function madeAnew(type: string): readonly string[] {
  return [`create ${type}`, `delete ${type}`];
}

/** What somebody does in the console at night. */
export const plannedDrift: PlannedDrift = {
  type: 'aws:rds/instance:Instance',
  property: 'backupRetentionPeriod',
  value: '1',
};

/** The text of a stack file with a value changed. */
export function withChange(text: string, { path, value }: Pick<PlannedChange, 'path' | 'value'>): string {
  const document = parseDocument(text, { merge: true });
  document.setIn(['config', ...path], value);
  return document.toString();
}
