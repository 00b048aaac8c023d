import { randomUUID } from 'node:crypto';
import type { BodyRecord, Ground } from './body.ts';
import type { ReadSecret } from './ecs/secrets.ts';
import { openTasks, type Tasks } from './ecs/tasks.ts';
import { balancerOfGroup, placeOfServer, placeOfTask } from './network/places.ts';
import { obstacle } from './network/ways.ts';
import type { Proxy } from './load-balancer/proxy.ts';
import { openTargets, type Targets } from './load-balancer/targets.ts';
import type { HealthAsker } from './route53/health.ts';
import type { NameServer } from './route53/server.ts';
import { secretOf } from './secrets.ts';

/** What the kinds of bodies share that the ground itself serves: it is gone with the ground, and made anew. */
export interface Compute {
  /** Names this run of the ground. */
  readonly run: string;
  readonly tasks: Tasks;
  readonly targets: Targets;
  /** What listens, by the ARN of its listener. */
  readonly proxies: Map<string, Proxy>;
  /** Health checks of Route 53 by their ids. */
  readonly askers: Map<string, HealthAsker>;
  /** One for all zones; none before the first zone. */
  nameServer?: Promise<NameServer>;
}

/** Runs of grounds in this process that go on. What another run has served does not stand any more. */
const runs = new Set<string>();
const ofGrounds = new WeakMap<Ground, Compute>();

/** The compute of a ground, taken up where it was left. */
export function computeOf(ground: Ground): Compute {
  const there = ofGrounds.get(ground);
  if (there !== undefined) return there;
  const run = randomUUID();
  const targets = openTargets(ground.cloud, (group, { id, cloudPort }) => {
    const view = ground.cloud.view();
    const task = compute.tasks.find(id);
    const balancer = task === undefined ? undefined : balancerOfGroup(view, group, task);
    const from = balancer === undefined ? undefined : placeOfServer(view, balancer);
    const to = task === undefined ? undefined : placeOfTask(view, task);
    return from === undefined || to === undefined ? undefined : obstacle(view, from, to, cloudPort);
  });
  const readSecret: ReadSecret = (id, place) => secretOf(ground.folder, ground.cloud, id, place);
  const compute: Compute = {
    run,
    tasks: openTasks(ground, readSecret, ({ id, targetGroups }) => {
      for (const group of targetGroups) void targets.deregister(group, id);
    }),
    targets,
    proxies: new Map(),
    askers: new Map(),
  };
  runs.add(run);
  ofGrounds.set(ground, compute);
  return compute;
}

/** Whether a body was brought by a ground that goes on. */
export function isServed({ notes }: Pick<BodyRecord, 'notes'>): boolean {
  const { run } = notes;
  return typeof run === 'string' && runs.has(run);
}

/** Ends what a ground itself serves, and its watching; processes go on. SIDE EFFECTS: closes what listens. */
export async function closeCompute(ground: Ground): Promise<void> {
  const { run, tasks, targets, proxies, askers, nameServer } = computeOf(ground);
  runs.delete(run);
  tasks.close();
  targets.close();
  for (const asker of askers.values()) asker.end();
  await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
  await nameServer?.then((server) => server.close());
  ofGrounds.delete(ground);
}
