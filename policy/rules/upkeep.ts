import { isNotTrue, isOneOf, isTrue, where } from '../demands.ts';
import { judgeTypes, notKnown, wrong, type ResourceRule } from '../rule.ts';
import { at, isThere, listOf, unknown } from '../values.ts';

const symmetric = ['SYMMETRIC_DEFAULT', undefined, null, unknown];

/** Keys that sign, as those of a chain, cannot be rotated by AWS. */
export const rotatedKeys: ResourceRule = {
  id: 'rotated-keys',
  looksAt: 'resource',
  wants: 'Keys that encrypt are changed by AWS every year.',
  judge: judgeTypes({
    'aws:kms/key:Key': where(
      (props) => symmetric.includes(at(props, 'customerMasterKeySpec') as null),
      isTrue('enableKeyRotation'),
    ),
  }),
  passes: { type: 'aws:kms/key:Key', props: { enableKeyRotation: true } },
  fails: { type: 'aws:kms/key:Key', props: {} },
};

/** What a trail leaves out, or lets be changed, is no proof of anything. */
export const soundTrail: ResourceRule = {
  id: 'sound-trail',
  looksAt: 'resource',
  wants: 'A trail writes down every region, is never switched off, and shows when somebody has changed it.',
  judge: judgeTypes({
    'aws:cloudtrail/trail:Trail': [
      isTrue('isMultiRegionTrail'),
      isTrue('enableLogFileValidation'),
      isOneOf('enableLogging', [true], true),
      isOneOf('includeGlobalServiceEvents', [true], true),
    ],
  }),
  passes: {
    type: 'aws:cloudtrail/trail:Trail',
    props: { isMultiRegionTrail: true, enableLogFileValidation: true },
  },
  fails: { type: 'aws:cloudtrail/trail:Trail', props: { isMultiRegionTrail: true } },
};

export const scannedImages: ResourceRule = {
  id: 'scanned-images',
  looksAt: 'resource',
  wants: 'Images are searched for known weaknesses when they come in.',
  judge: judgeTypes({
    'aws:ecr/repository:Repository': isTrue('imageScanningConfiguration.scanOnPush'),
  }),
  passes: {
    type: 'aws:ecr/repository:Repository',
    props: { imageScanningConfiguration: { scanOnPush: true } },
  },
  fails: { type: 'aws:ecr/repository:Repository', props: {} },
};

const asksWho = 'set userGroupIds: [a group without the user default], or authToken';

/** TLS shows a cache to whoever asks, and asks nobody who they are. */
export const cachesAskWho: ResourceRule = {
  id: 'caches-ask-who',
  looksAt: 'resource',
  wants: 'A cache answers those only who show a password or a role.',
  judge: judgeTypes({
    'aws:elasticache/replicationGroup:ReplicationGroup': (props) => {
      // A copy takes them over from the group that it copies.
      const ways = ['authToken', 'globalReplicationGroupId', 'userGroupIds'].map((name) => at(props, name));
      if (ways.includes(unknown)) return [notKnown('userGroupIds')];
      return ways.flatMap(listOf).some(isThere) ? [] : [wrong('it asks nobody who they are', asksWho)];
    },
    'aws:memorydb/cluster:Cluster': (props) =>
      at(props, 'aclName') === 'open-access'
        ? [wrong('its aclName is open-access', 'name an Acl with users that have passwords')]
        : [],
    'aws:elasticache/user:User': isNotTrue('noPasswordRequired'),
  }),
  passes: { type: 'aws:elasticache/replicationGroup:ReplicationGroup', props: { userGroupIds: ['api'] } },
  fails: { type: 'aws:elasticache/replicationGroup:ReplicationGroup', props: {} },
};
