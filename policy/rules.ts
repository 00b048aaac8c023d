import type { ResourceRule, Rule, StackRule } from './rule.ts';
import { alarmsAreHeard } from './rules/alarms.ts';
import { backupsOn, closedBuckets, deletionProtection, nothingWithoutBackup } from './rules/backups.ts';
import {
  containerHealth,
  containerLimits,
  droppedCapabilities,
  noHostAccess,
  noPrivilegedContainer,
  nonRootContainer,
  pinnedImages,
  readOnlyRoot,
} from './rules/containers.ts';
import { encryptedAtRest, encryptedInTransit, httpOnlyRedirects, strongTls } from './rules/encryption.ts';
import { noSecretInEnvironment } from './rules/environment.ts';
import { httpRulesRedirect, strictHeaders } from './rules/balancers.ts';
import { noAdministrator } from './rules/identity.ts';
import { emptyDefaultGroup, noOpenPorts, openOnlyOnLoadBalancers } from './rules/ingress.ts';
import { explicitRegion, tagged } from './rules/ownership.ts';
import { protectedInProd } from './rules/protection.ts';
import {
  bucketsWithTls,
  noOpenResourcePolicy,
  noPublicAddress,
  noPublicBucket,
  noPublicDatabase,
} from './rules/public-access.ts';
import { cachesAskWho, rotatedKeys, scannedImages, soundTrail } from './rules/upkeep.ts';

/** Rules that look at one resource. */
export const resourceRules: readonly ResourceRule[] = [
  encryptedAtRest,
  encryptedInTransit,
  strongTls,
  httpOnlyRedirects,
  bucketsWithTls,
  noPublicDatabase,
  noPublicBucket,
  noPublicAddress,
  noOpenResourcePolicy,
  noOpenPorts,
  emptyDefaultGroup,
  noPrivilegedContainer,
  nonRootContainer,
  readOnlyRoot,
  droppedCapabilities,
  containerLimits,
  pinnedImages,
  noHostAccess,
  noSecretInEnvironment,
  backupsOn,
  deletionProtection,
  protectedInProd,
  noAdministrator,
  cachesAskWho,
  rotatedKeys,
  soundTrail,
  scannedImages,
  strictHeaders,
  tagged,
  explicitRegion,
];

/** Rules that look at a whole stack. */
export const stackRules: readonly StackRule[] = [
  containerHealth,
  httpRulesRedirect,
  openOnlyOnLoadBalancers,
  closedBuckets,
  nothingWithoutBackup,
  alarmsAreHeard,
];

/** Every rule, in the order in which people read them. */
export const rules: readonly Rule[] = [...resourceRules, ...stackRules];
