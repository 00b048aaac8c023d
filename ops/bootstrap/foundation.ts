import { lifecycleRules } from '../../components/aws/bucket-lifecycle.ts';
import { bucketPolicy } from '../../components/aws/bucket-policy.ts';
import { accountRoles, roleArn, workflowIssuer, type RolePlan } from '../../components/aws/account-roles.ts';
import { boundaryArn, trailLogGroup, type AccountPlace } from '../../components/aws/account-place.ts';
import { keyPolicy } from '../../components/aws/key-policy.ts';
import { policyDocument } from '../../components/aws/policy-document.ts';
import { arnOf, logDays, ownTags } from '../../components/aws/site.ts';
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
  readonly trailLog: string;
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
    trailLog: trailLogGroup({ environment }),
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
  const logRole = trailLogRole(place, names);
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
    trailLogPart(place, names, keys),
    ...policyParts(roles.path, logRole),
    serviceRolePart(place, roles.path, logRole),
    {
      kind: 'trail',
      name: names.trail,
      settings: {
        bucket: names.trailBucket,
        key: keyArn(keys, names.trailKey),
        'log group': `${logArn(place, names)}:*`,
        'log role': roleArn(place, logRole),
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
  return keyPart(name, policyDocument(name, 'key', keyPolicy(place, ['cloudtrail', 's3', 'logs'])));
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

function logArn(place: FoundationPlace, { trailLog }: FoundationNames): string {
  return arnOf(place, 'logs', `log-group:${trailLog}`);
}

function trailLogPart(
  place: FoundationPlace,
  { trailLog: name, trailKey: alias }: FoundationNames,
  keys: KeyArns,
): Part {
  const days = logDays({ keeps: place.environment === 'prod' });
  return { kind: 'log group', name, settings: { key: keyArn(keys, alias), 'kept days': String(days) } };
}

/** What CloudTrail takes on to write into the log group, and for nothing else. */
function trailLogRole(place: FoundationPlace, names: FoundationNames): RolePlan {
  const { account, environment, region } = place;
  const name = `cutover-${environment}-trail`;
  return {
    name,
    description: `Writes the audit trail of ${environment} to its log group`,
    maxSessionSeconds: 3600,
    // Nothing on whose behalf: CloudTrail does not tell it here.
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cw_role_policy.html
    trust: policyDocument(`${name} (trust)`, 'trust', [
      {
        sid: 'TrailTakesItOn',
        principals: { Service: ['cloudtrail.amazonaws.com'] },
        actions: ['sts:AssumeRole'],
      },
    ]),
    policies: {
      write: policyDocument(`${name} (write)`, 'managed', [
        {
          sid: 'WriteTrail',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [`${logArn(place, names)}:log-stream:${account}_CloudTrail_${region}*`],
        },
      ]),
    },
  };
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

/** A role that a service takes on: limited as all of them are. */
function serviceRolePart(place: FoundationPlace, path: string, role: RolePlan): Part {
  const part = rolePart(place, path, role);
  return { ...part, settings: { ...part.settings, boundary: boundaryArn(place) } };
}
