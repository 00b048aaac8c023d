import { ownTags } from '../../components/aws/site.ts';
import { foundationSystem } from '../bootstrap/foundation.ts';
import type { Inputs } from '../prices/monthly.ts';
import type { StackState } from '../stack-state.ts';

/** Something in a cloud. */
export interface Found {
  /** Pulumi's type where it is known, else service and kind of the ARN: `ec2/natgateway`. */
  readonly type: string;
  readonly id: string;
  readonly arn?: string;
  /** `global` for services without regions. */
  readonly region: string;
  readonly createdMs?: number;
  /** Its tag `Name`. */
  readonly name?: string;
  /** What it was made with, where that is told; without what is secret. */
  readonly inputs?: Inputs;
}

/** What is known of a resource of a state. */
export type Known = StackState['resources'][number];

/** Whether tags are those of a stack's environment. The account's foundation is in no state, and no orphan. */
export function areOurs(tags: Readonly<Record<string, unknown>>, environment: string): boolean {
  return (
    tags[ownTags.managedBy] === 'cutover' &&
    tags[ownTags.environment] === environment &&
    tags[ownTags.system] !== foundationSystem
  );
}

/** What is there, and what the state does not know; in the order in which it was found. */
export function orphansOf(found: readonly Found[], resources: readonly Known[]): readonly Found[] {
  const names = new Set(resources.flatMap(namesOf));
  return found.filter((thing) => !namesIn(thing).some((name) => names.has(name)));
}

/** All names by which a resource of a state may be met. */
function namesOf({ type, id, outputs = {} }: Known): readonly string[] {
  const { arn, region } = outputs;
  const service = /^aws:([^/]+)\//.exec(type)?.[1];
  if (service === undefined || id === undefined) return [];
  // Where a resource tells no region it is met in any.
  const where = typeof region === 'string' ? region : '';
  return [
    `${type} ${id} ${where}`,
    // An id is a name for a whole service only where there is no ARN: a role and a profile may be called the same.
    ...(typeof arn === 'string' ? [`${type} ${arn}`, plain(arn)] : [`${service} ${id} ${where}`]),
  ];
}

/** The names of which one is in the state where it knows the thing. */
function namesIn({ type, id, arn, region }: Found): readonly string[] {
  if (type.startsWith('aws:')) {
    // An id may stand for two things: a task definition's family for all its revisions.
    return arn === undefined ? [`${type} ${id} ${region}`, `${type} ${id} `] : [`${type} ${arn}`];
  }
  const [service] = type.split('/');
  const byId = [`${service} ${id} ${region}`, `${service} ${id} `];
  return arn === undefined ? byId : [plain(arn), ...byId];
}

// Revisions that are no longer used stay in AWS, inactive; log groups are told with `:*` and without.
function plain(arn: string): string {
  return arn.replace(/(:task-definition\/[^:]+):\d+$/, '$1').replace(/(:log-group:.+):\*$/, '$1');
}
