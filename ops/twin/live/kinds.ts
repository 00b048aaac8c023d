import type { BodyKind } from './body.ts';
import { clusterBody } from './ecs/cluster.ts';
import { serviceBody } from './ecs/service.ts';
import { elasticacheBodies } from './elasticache/replication-group.ts';
import { balancerBody } from './load-balancer/balancer.ts';
import { rdsBodies } from './rds/instance.ts';
import { healthCheckBody } from './route53/health.ts';
import { zoneBody } from './route53/zone.ts';

/** All kinds of things that real ones stand behind. */
export const bodyKinds: readonly BodyKind[] = [
  ...rdsBodies,
  ...elasticacheBodies,
  clusterBody,
  serviceBody,
  balancerBody,
  healthCheckBody,
  zoneBody,
];
