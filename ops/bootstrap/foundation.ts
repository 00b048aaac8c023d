import { lifecycleRules } from '../../components/aws/bucket-lifecycle.ts';
import { bucketPolicy } from '../../components/aws/bucket-policy.ts';
import { accountRoles, workflowIssuer, type RolePlan } from '../../components/aws/account-roles.ts';
import type { AccountPlace } from '../../components/aws/account-place.ts';
import { keyPolicy } from '../../components/aws/key-policy.ts';
import { policyDocument } from '../../components/aws/policy-document.ts';
import { arnOf, ownTags } from '../../components/aws/site.ts';
import { sameForm, type Part } from './part.ts';

/** The account and the region in which a stack's state is kept, and who may do what there. */
export interface FoundationPlace extends Omit<AccountPlace, 'state'> {
  /** Where the state, its key and the audit trail are. */
  readonly region: string;
}

/** ARNs of keys, by their aliases. AWS chooses them when it makes the keys. */
export type KeyArns = Readonly<Record<string, string>>;

/** The names of what a foundation is made of. */
export interface FoundationNames {
  readonly stateKey: string;
  readonly stateBucket: string;
  readonly trailKey: string;
  readonly trailBucket: string;
  readonly trail: string;
}

/**
 * The names of a foundation. Buckets carry the environment last: the deploy role may change buckets named
 * `*-<environment>-<account>-*`, and these are not its to change.
 */
export function foundationNames({
  account,
  environment,
  region,
}: Pick<FoundationPlace, 'account' | 'environment' | 'region'>): FoundationNames {
  return {
    stateKey: `alias/cutover-${environment}-state`,
    stateBucket: `cutover-state-${account}-${region}-${environment}`,
    trailKey: `alias/cutover-${environment}-trail`,
    trailBucket: `cutover-trail-${account}-${region}-${environment}`,
    trail: `cutover-${environment}`,
  };
}

/** The tags of everything in a foundation. They keep it apart from what the program makes. */
export function foundationTags({
  environment,
}: Pick<FoundationPlace, 'environment'>): Record<string, string> {
  return {
    [ownTags.system]: foundationSystem,
    [ownTags.environment]: environment,
    [ownTags.managedBy]: 'cutover',
  };
}

/** The system that a foundation's tags name. */
export const foundationSystem = 'bootstrap';

/** What an account has to have before a stack can live in it, in the order in which it is made. */
export function foundation(place: FoundationPlace, keys: KeyArns): readonly Part[] {
  const names = foundationNames(place);
  const roles = accountRoles({ ...place, state: { bucket: names.stateBucket, key: names.stateKey } });
  const everyRole = [roles.deploy, roles.readOnly, roles.breakGlass];
  return [
    stateKey(place, names),
    stateBucket(place, names, keys),
    { kind: 'issuer', name: workflowIssuer, settings: { audience: 'sts.amazonaws.com' } },
    {
      kind: 'policy',
      name: `${roles.path}${place.environment}/${roles.boundary.name}`,
      settings: { document: sameForm(roles.boundary.document) },
    },
    ...everyRole.flatMap((role) => [...policyParts(roles.path, role), rolePart(place, roles.path, role)]),
    trailKey(place, names),
    trailBucket(place, names, keys),
    {
      kind: 'trail',
      name: names.trail,
      settings: {
        bucket: names.trailBucket,
        key: keyArn(keys, names.trailKey),
        regions: 'all',
        'global services': 'on',
        validation: 'on',
        events: 'management',
        logging: 'on',
      },
    },
  ];
}

/** The ARN of the trail that a foundation has. */
export function trailArn(place: FoundationPlace): string {
  return arnOf(place, 'cloudtrail', `trail/${foundationNames(place).trail}`);
}

// Stands where the ARN of a key will, until it is made.
function keyArn(keys: KeyArns, alias: string): string {
  return keys[alias] ?? `the key of ${alias}`;
}

function stateKey(place: FoundationPlace, { stateKey: name }: FoundationNames): Part {
  // Pulumi asks KMS itself, not through a service: whom the account's own policies allow may use it.
  const account = [`arn:aws:iam::${place.account}:root`];
  return keyPart(name, policyDocument(name, 'key', keyPolicy(place, ['s3'], account)));
}

function trailKey(place: FoundationPlace, { trailKey: name }: FoundationNames): Part {
  return keyPart(name, policyDocument(name, 'key', keyPolicy(place, ['cloudtrail', 's3'])));
}

function keyPart(name: string, policy: string): Part {
  return {
    kind: 'key',
    name,
    settings: { state: 'Enabled', alias: name, rotation: 'on', policy: sameForm(policy) },
  };
}

function stateBucket(
  place: FoundationPlace,
  { stateBucket: name, stateKey: alias }: FoundationNames,
  keys: KeyArns,
): Part {
  return bucketPart(place, name, keyArn(keys, alias), [], { oldVersions: 365 });
}

function trailBucket(
  place: FoundationPlace,
  { trailBucket: name, trailKey: alias }: FoundationNames,
  keys: KeyArns,
): Part {
  const prod = place.environment === 'prod';
  const days = prod ? 365 : 1;
  const bucket = bucketPart(place, name, keyArn(keys, alias), [{ kind: 'trail', arn: trailArn(place) }], {
    warm: 90,
    oldVersions: Math.max(90, days),
  });
  // COMPLIANCE binds the account's root too, for good.
  const lock = `${prod ? 'COMPLIANCE' : 'GOVERNANCE'} ${days}`;
  return { ...bucket, settings: { ...bucket.settings, lock } };
}

function bucketPart(
  place: FoundationPlace,
  name: string,
  key: string,
  writers: Parameters<typeof bucketPolicy>[2]['writers'],
  days: Parameters<typeof lifecycleRules>[0],
): Part {
  const policy = policyDocument(
    name,
    'bucket',
    bucketPolicy(place, `arn:aws:s3:::${name}`, { key, writers }),
  );
  return {
    kind: 'bucket',
    name,
    settings: {
      'public access': 'blocked',
      ownership: 'BucketOwnerEnforced',
      versioning: 'Enabled',
      encryption: key,
      lifecycle: sameForm(JSON.stringify(lifecycleRules(days))),
      tags: sameForm(JSON.stringify(foundationTags(place))),
      policy: sameForm(policy),
    },
  };
}

function policyParts(path: string, { name, policies }: RolePlan): readonly Part[] {
  return Object.entries(policies).map(([last, document]) => ({
    kind: 'policy',
    name: `${path}${name}-${last}`,
    settings: { document: sameForm(document) },
  }));
}

function rolePart({ account }: FoundationPlace, path: string, role: RolePlan): Part {
  const arns = Object.keys(role.policies).map(
    (last) => `arn:aws:iam::${account}:policy${path}${role.name}-${last}`,
  );
  return {
    kind: 'role',
    name: `${path}${role.name}`,
    settings: {
      trust: sameForm(role.trust),
      description: role.description,
      session: String(role.maxSessionSeconds),
      policies: arns.sort().join(' '),
    },
  };
}
