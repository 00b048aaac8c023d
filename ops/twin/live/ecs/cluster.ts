import { clusterType } from '../../services/aws/ecs-service-checks.ts';
import type { BodyKind } from '../body.ts';
import { computeOf, isServed } from '../compute.ts';

/** Clusters of ECS: what runs in them once. They stand by themselves, and what runs goes with them. */
export const clusterBody: BodyKind = {
  type: clusterType,
  seconds: 60,
  digest: () => 'cluster',
  // What ran before is taken up with it.
  bring: (_thing, ground) =>
    Promise.resolve({ processes: [], addresses: [], notes: { run: computeOf(ground).run } }),
  remove: async ({ id }, ground) => {
    const { tasks } = computeOf(ground);
    const left = tasks.all().filter(({ cluster, status }) => cluster === id && status !== 'STOPPED');
    const why = { code: 'UserInitiated', reason: 'The cluster was deleted.' } as const;
    await Promise.all(left.map((task) => tasks.stop(task.id, why)));
  },
  alive: (record) => Promise.resolve(isServed(record)),
};
