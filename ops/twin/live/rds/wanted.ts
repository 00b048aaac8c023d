import { createHmac } from 'node:crypto';
import type { CloudView, Thing, Values } from '../../kind.ts';
import { parseArn } from '../../services/aws/arn.ts';
import { familyOf, engineOf } from '../../services/aws/rds-engines.ts';
import { parameterGroupType } from '../../services/aws/rds-groups.ts';
import { instanceType, sourceOf } from '../../services/aws/rds-instance-checks.ts';
import { flagAt, numberAt, objectsAt, textAt, textOf } from '../../services/values.ts';

/** What the data of an instance begins with. */
export type Origin =
  | { readonly kind: 'empty' }
  | { readonly kind: 'snapshot'; readonly identifier: string }
  /** As another instance was at a time; as late as can be without one. */
  | { readonly kind: 'time'; readonly source: string; readonly at?: string }
  | { readonly kind: 'replica'; readonly source: string };

/** What an instance is to be. */
export interface WantedInstance {
  readonly identifier: string;
  readonly address: string;
  readonly port: number;
  readonly version: string;
  readonly instanceClass: string;
  /** Those of its parameter group that were set, in PostgreSQL's own words. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly forcesTls: boolean;
  /** Nothing where the data brings its own, as a snapshot does. */
  readonly user?: string;
  readonly database?: string;
  readonly password:
    { readonly kind: 'managed' | 'kept' } | { readonly kind: 'given'; readonly value: string };
  readonly keepsBackups: boolean;
  /** Whether changes that restart it happen now; else they wait for a window of maintenance, which never comes here. */
  readonly atOnce: boolean;
  readonly origin: Origin;
}

/** What an instance is to be, from the thing and what is beside it. */
export function wantedInstance(thing: Thing, view: CloudView): WantedInstance {
  const { inputs, outputs } = thing;
  const version = textOf(thing, 'engineVersion') ?? '';
  const parameters = parametersOf(thing, view);
  const user = textAt(inputs, 'username') ?? nonEmpty(textAt(outputs, 'username'));
  const database = textAt(inputs, 'dbName') ?? nonEmpty(textAt(outputs, 'dbName'));
  return {
    identifier: textOf(thing, 'identifier') ?? thing.id,
    address: textAt(outputs, 'address') ?? '',
    port: numberAt(inputs, 'port') ?? numberAt(outputs, 'port') ?? 5432,
    version,
    instanceClass: textAt(inputs, 'instanceClass') ?? '',
    parameters,
    // Since 15 it is the default: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
    forcesTls: (parameters['rds.force_ssl'] ?? (Number(version.split('.')[0]) >= 15 ? '1' : '0')) === '1',
    ...(user !== undefined && { user }),
    ...(database !== undefined && { database }),
    password: passwordOf(inputs),
    keepsBackups: (numberAt(inputs, 'backupRetentionPeriod') ?? 0) > 0,
    atOnce: flagAt(inputs, 'applyImmediately') === true,
    origin: originOf(thing, view),
  };
}

/** A text of all that matters to a database, the password as a digest of its own. */
export function instanceDigest(thing: Thing, view: CloudView): string {
  const wanted = wantedInstance(thing, view);
  const { password } = wanted;
  const hidden =
    password.kind === 'given'
      ? createHmac('sha256', thing.id).update(password.value).digest('hex')
      : password.kind;
  return JSON.stringify({ ...wanted, password: hidden });
}

/** Whether an instance is one of PostgreSQL. */
export function isPostgres(thing: Thing): boolean {
  return textOf(thing, 'engine') === 'postgres';
}

function passwordOf(inputs: Values): WantedInstance['password'] {
  if (flagAt(inputs, 'manageMasterUserPassword') === true) return { kind: 'managed' };
  const value = textAt(inputs, 'password') ?? textAt(inputs, 'passwordWo');
  return value === undefined ? { kind: 'kept' } : { kind: 'given', value };
}

function parametersOf(thing: Thing, view: CloudView): Readonly<Record<string, string>> {
  const name = textOf(thing, 'parameterGroupName') ?? '';
  const group = view.get(parameterGroupType, name, thing);
  if (group === undefined) return {};
  const engine = engineOf(textOf(thing, 'engine') ?? '');
  const family = engine && familyOf(engine, textOf(thing, 'engineVersion') ?? '');
  // A group of another major version waits for the upgrade that goes with it.
  if (family !== undefined && textOf(group, 'family') !== family) return {};
  return Object.fromEntries(
    objectsAt(group.inputs, 'parameters').map((each) => [
      textAt(each, 'name') ?? '',
      textAt(each, 'value') ?? '',
    ]),
  );
}

function originOf(thing: Thing, view: CloudView): Origin {
  const { inputs } = thing;
  const replicates = textAt(inputs, 'replicateSourceDb');
  if (replicates !== undefined && replicates !== '') {
    return { kind: 'replica', source: sourceOf({ cloud: view, place: thing }, replicates)?.id ?? '' };
  }
  const snapshot = textAt(inputs, 'snapshotIdentifier');
  if (snapshot !== undefined) {
    return {
      kind: 'snapshot',
      identifier: parseArn(snapshot)?.resource.replace(/^snapshot:/, '') ?? snapshot,
    };
  }
  const restore = objectsAt(inputs, 'restoreToPointInTime')[0];
  if (restore === undefined) return { kind: 'empty' };
  const at = textAt(restore, 'restoreTime');
  return { kind: 'time', source: restoredFrom(restore, thing, view), ...(at !== undefined && { at }) };
}

function restoredFrom(restore: Values, thing: Thing, view: CloudView): string {
  const name = textAt(restore, 'sourceDbInstanceIdentifier');
  if (name !== undefined) return sourceOf({ cloud: view, place: thing }, name)?.id ?? '';
  const resource = textAt(restore, 'sourceDbiResourceId');
  return view.all(instanceType, thing).find(({ id }) => id === resource)?.id ?? '';
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
