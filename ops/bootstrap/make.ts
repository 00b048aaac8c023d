import { setTimeout } from 'node:timers/promises';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { CutoverError } from '@cutover/base/errors.ts';
import { clientOptions, inAws } from './aws.ts';
import { bucketKind } from './buckets.ts';
import { foundation, foundationTags, type FoundationPlace } from './foundation.ts';
import { issuerKind, policyKind, roleKind } from './identities.ts';
import { keyKind } from './keys.ts';
import type { PartKind, Room } from './kind.ts';
import { logGroupKind } from './log-groups.ts';
import { stepFor, type Part, type Step } from './part.ts';
import { trailKind } from './trails.ts';

/** AWS, as far as a foundation needs it. */
export interface Foundry {
  /** What is to be done so that the foundation is as it is to be. Changes nothing. */
  readonly plan: () => Promise<readonly Step[]>;
  /**
   * Makes and mends what the plan names, one after the other. It looks at each part again before it does something, so
   * that it can be stopped at any point and run again. SIDE EFFECTS: changes the account.
   */
  readonly make: (told: (step: Step) => void) => Promise<void>;
  readonly close: () => void;
}

/** Opens the account of a foundation. SIDE EFFECTS: its methods ask AWS. */
export function openFoundry(place: FoundationPlace): Foundry {
  const options = clientOptions(place.region);
  const clients = {
    kms: new KMSClient(options),
    kmsOnce: new KMSClient({ ...options, maxAttempts: 1 }),
    s3: new S3Client(options),
    iam: new IAMClient(options),
    logs: new CloudWatchLogsClient(options),
    trail: new CloudTrailClient(options),
  };
  const room: Room = { account: place.account, region: place.region, tags: foundationTags(place) };
  const kinds: Readonly<Record<Part['kind'], PartKind>> = {
    key: keyKind(clients.kms, room, clients.kmsOnce),
    bucket: bucketKind(clients.s3, room),
    issuer: issuerKind(clients.iam, room),
    policy: policyKind(clients.iam, room),
    role: roleKind(clients.iam, room),
    'log group': logGroupKind(clients.logs, room),
    trail: trailKind(clients.trail, room),
  };
  const look = async (part: Part): Promise<Step> =>
    stepFor(part, await inAws(`look at the ${part.kind} ${part.name}`, () => kinds[part.kind].find(part)));

  /** Goes through the parts in order; what AWS names the keys on the way is part of what comes after. */
  async function inOrder(work: (part: Part) => Promise<Step>): Promise<readonly Step[]> {
    const keys: Record<string, string> = {};
    const steps: Step[] = [];
    for (let at = 0; at < foundation(place, keys).length; at++) {
      const part = foundation(place, keys)[at];
      if (part === undefined) break;
      const step = await work(part);
      if (part.kind === 'key' && step.found.kind === 'ours' && step.found.id !== undefined) {
        keys[part.name] = step.found.id;
      }
      steps.push(step);
    }
    return steps;
  }

  return {
    plan: () => inOrder(look),
    make: async (told) => {
      await inOrder((part) => bringAbout(part, kinds[part.kind], look, told));
    },
    close: () => Object.values(clients).forEach((client) => client.destroy()),
  };
}

/** Makes a part if there is none, then sets what is not as it is to be. Resolves to how it is at the end. */
async function bringAbout(
  part: Part,
  kind: PartKind,
  look: (part: Part) => Promise<Step>,
  told: (step: Step) => void,
): Promise<Step> {
  const first = await look(part);
  refuse([first]);
  if (first.deed === 'leave') return first;
  const what = `the ${part.kind} ${part.name}`;
  if (first.deed === 'create') await inAws(`create ${what}`, () => patiently(() => kind.create(part)));
  let { found, wrong } = first.deed === 'create' ? await look(part) : first;
  // One look more than is needed: some settings change others, versioning and locks of buckets say.
  for (let round = 0; round < 4 && found.kind === 'ours' && wrong.length > 0; round++) {
    // S3 may tell for a moment what was before.
    if (round > 0) await setTimeout(round * 1000);
    const { id } = found;
    for (const setting of wrong) {
      await inAws(`set ${setting} of ${what}`, () => patiently(() => kind.set(part, setting, id)));
    }
    ({ found, wrong } = await look(part));
  }
  if (found.kind !== 'ours' || wrong.length > 0) {
    const message = found.kind === 'ours' ? `it still differs in ${wrong.join(', ')}` : 'it is not there';
    throw new CutoverError('CUT-5474', { deed: `make ${what} as it is to be`, message });
  }
  told(first);
  return { part, found, deed: first.deed, wrong: first.wrong };
}

/** Refuses a plan with parts that are not ours, all of them at once. */
export function refuse(steps: readonly Step[]): void {
  const lines = steps.flatMap(({ part, found }) =>
    found.kind === 'foreign' ? [`  - ${part.kind} ${part.name}: ${found.why}`] : [],
  );
  if (lines.length > 0) throw new CutoverError('CUT-5475', { list: lines.join('\n') });
}

// What was just made is known everywhere in AWS only after seconds: a role to a policy, a policy of a bucket to a trail.
const notYet =
  /^(NoSuchEntity|MalformedPolicyDocument|InsufficientS3BucketPolicy|InsufficientEncryptionPolicy|OperationAborted|S3BucketDoesNotExist|KmsKeyNotFound|InvalidCloudWatchLogs(LogGroup|Role)Arn|CloudWatchLogsDeliveryUnavailable)/;
// CloudWatch Logs has no name of its own for a key whose policy it does not know yet.
const keyNotYet = /KMS key does not exist or is not allowed/;

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5 || !(error instanceof Error) || !isNotYet(error)) throw error;
      await setTimeout(attempt * 1000);
    }
  }
}

function isNotYet({ name, message }: Error): boolean {
  return notYet.test(name) || keyNotYet.test(message);
}
