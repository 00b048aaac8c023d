import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptThing } from '../../cloud.ts';
import type { Thing, Values } from '../../kind.ts';
import { findTaskDefinition } from '../../services/aws/ecs-task-definition.ts';
import { findCluster } from '../../services/aws/ecs-service-checks.ts';
import { ruleType } from '../../services/aws/elbv2-targets.ts';
import { objectsAt, textAt, textOf } from '../../services/values.ts';
import { BodyFailed, type BodyKind, type BodyOf, type Ground, type Standing } from '../body.ts';
import { computeOf, isServed, type Compute } from '../compute.ts';
import { endOfStream } from '../logs.ts';
import { floored } from '../pace.ts';
import {
  activeGroup,
  backOffSeconds,
  failuresAllowed,
  groupBeside,
  planOf,
  repairsOf,
  serviceDigest,
  withAllWeightOn,
  type ServiceGroup,
  type ServicePlan,
} from './deployment.ts';
import type { Task } from './task.ts';

/** How long a process may take until it is well, in milliseconds: on a slow machine, and with others that start. */
const longestStart = 90_000;
const lookMs = 100;

interface Failures {
  count: number;
  lastMs: number;
}
/** How often tasks of a service have died lately, for the pace of new ones. */
const failuresOf = new Map<string, Failures>();
/** Tells whether something is to be made good, for each service of this run. */
const wantsRepair = new Map<string, () => boolean>();

/** Services of ECS: real processes, watched, replaced when they die, rolled over when their definition changes. */
export const serviceBody: BodyKind = {
  type: 'aws:ecs/service:Service',
  seconds: 600,
  digest: serviceDigest,
  bring: async (thing, ground, before) => {
    const question = { cloud: ground.cloud.view(), place: thing };
    const definition = findTaskDefinition(question, textOf(thing, 'taskDefinition') ?? '');
    const cluster = findCluster(question, textAt(thing.inputs, 'cluster') ?? 'default');
    if (definition === undefined || cluster === undefined) throw new Error('TaskDefinition not found.');
    const work: ServiceWork = {
      thing,
      ground,
      definition,
      cluster,
      plan: planOf(thing),
      ...computeOf(ground),
    };
    for (const task of own(work)) registerIn(work, task);
    const isSteady = before?.notes['definition'] === definition.id;
    if (!isSteady) await deploy(work);
    else await repair(work);
    // More of them were asked for, say: who waits for that waits until they are well.
    if (isSteady && before.digest !== serviceDigest(thing)) await untilWell(work, ofDefinition(work));
    return standing(work, definition.id);
  },
  remove: async (record, ground) => {
    const compute = computeOf(ground);
    const reason = 'Scaling activity initiated by service deletion';
    const tasks = compute.tasks
      .all()
      .filter(({ service, status }) => service === record.id && status !== 'STOPPED');
    await Promise.all(tasks.map((task) => retire(compute, task, reason)));
    wantsRepair.delete(record.id);
  },
  alive: (record) => Promise.resolve(isServed(record) && wantsRepair.get(record.id)?.() === false),
};

interface ServiceWork extends Compute {
  readonly thing: Thing;
  readonly ground: Ground;
  readonly definition: Thing;
  readonly cluster: Thing;
  readonly plan: ServicePlan;
}

/** The tasks of the service that run. */
function own({ thing, tasks }: ServiceWork): readonly Task[] {
  return tasks.all().filter(({ service, status }) => service === thing.id && status !== 'STOPPED');
}

function ofDefinition(work: ServiceWork): readonly Task[] {
  return own(work).filter(({ definition }) => definition === work.definition.id);
}

/** Brings a new definition: its tasks come up beside the old ones, take the traffic, and the old ones go. */
async function deploy(work: ServiceWork): Promise<void> {
  const { thing, ground, plan } = work;
  const old = own(work).filter(({ definition }) => definition !== work.definition.id);
  const groups = plan.groups.map((each, index) => {
    const busy = old[0]?.targetGroups[index];
    const active = activeGroup(each, actionsOf(ground, each.turns?.rules[0]));
    // A ground that died while it turned may have left the rule where nobody is: the old ones take over again.
    if (busy !== undefined && busy !== active) turnAll(ground, each, busy);
    return { ...each, next: groupBeside(each, busy) ?? active };
  });
  const failed: Task[] = [];
  for (;;) {
    const running = ofDefinition(work);
    if (failed.length > 0 && running.length < plan.desired) await sleep(backOffSeconds(failed.length) * 1000);
    const started = await Promise.all(
      Array.from({ length: Math.max(0, plan.desired - running.length) }, () =>
        startTask(
          work,
          groups.map(({ next }) => next),
        ),
      ),
    );
    const lost = await untilWell(work, [...running, ...started]);
    if (lost.length === 0) break;
    failed.push(...lost.map(({ task }) => task));
    const why = lost.map(({ task, reason }) => `task ${task.id.slice(0, 8)}: ${reason}`).join('; ');
    ground.log(`service ${thing.id}: ${why}`);
    if (failed.length < failuresAllowed(plan.desired)) continue;
    await giveUp(work, old, why);
  }
  for (const group of groups) turnAll(ground, group, group.next);
  if (plan.bakeSeconds > 0 && old.length > 0) await sleep(floored(ground.cloud, plan.bakeSeconds, 0));
  const reason = 'Scaling activity initiated by a new deployment';
  await Promise.all(old.map((task) => retire(work, task, reason)));
  failuresOf.delete(thing.id);
}

/** The circuit breaker: the new tasks go, and the service is what it was. SIDE EFFECTS: stops tasks. Always throws. */
async function giveUp(work: ServiceWork, old: readonly Task[], why: string): Promise<never> {
  const { ground, plan } = work;
  const [last] = work.tasks
    .all()
    .filter(({ service, definition }) => service === work.thing.id && definition === work.definition.id)
    .toSorted((one, other) => other.createdMs - one.createdMs);
  const [log] = last?.containers.flatMap((each) => each.log ?? []) ?? [];
  const lines = log === undefined ? [] : await endOfStream(ground.folder, log);
  await Promise.all(
    ofDefinition(work).map((task) => retire(work, task, 'Deployment failed: tasks failed to start.')),
  );
  const breaker = plan.breaker.enabled
    ? 'ECS deployment circuit breaker: tasks failed to start.'
    : 'tasks failed to start.';
  const back =
    plan.breaker.rollsBack && old.length > 0 ? ' The service was rolled back to the deployment before.' : '';
  const end = lines.length === 0 ? '' : ` The end of its log: ${lines.join(' | ')}`;
  throw new BodyFailed(
    `deployment failed: ${breaker}${back} ${why}.${end}`,
    standing(work, old[0]?.definition ?? ''),
  );
}

/** Makes good what died, takes away what is too much; never waits until all is well: it is looked at again. */
async function repair(work: ServiceWork): Promise<void> {
  const { thing, tasks, plan, ground } = work;
  const { start, stop } = repairsNow(work);
  if (start > 0) {
    const { count, lastMs } = failuresOf.get(thing.id) ?? { count: 0, lastMs: 0 };
    // One that ran well for a minute counts as the first again.
    failuresOf.set(thing.id, { count: Date.now() - lastMs > 60_000 ? 1 : count + 1, lastMs: Date.now() });
    ground.log(`service ${thing.id}: ${start} tasks are made good`);
    const groups = plan.groups.map((each) => activeGroup(each, actionsOf(ground, each.turns?.rules[0])));
    await Promise.all(Array.from({ length: start }, () => startTask(work, groups)));
  }
  const gone = stop.flatMap((id) => tasks.find(id) ?? []);
  await Promise.all(
    gone.map((task) => {
      const { how, reason } = judge(work, task.id, true);
      const why = how === 'failed' ? reason : 'Scaling activity initiated by the service scheduler';
      ground.log(`service ${thing.id}: task ${task.id.slice(0, 8)} is stopped: ${why}`);
      return retire(work, task, why);
    }),
  );
}

/** What is to be made good now: after failures the next start waits. */
function repairsNow(work: ServiceWork): ReturnType<typeof repairsOf> {
  const { count, lastMs } = failuresOf.get(work.thing.id) ?? { count: 0, lastMs: 0 };
  const found = repairsOf(ofDefinition(work), work.plan.desired, (id) => isIll(work, id));
  const waits = found.start > 0 && Date.now() - lastMs < backOffSeconds(count) * 1000;
  return waits ? { start: 0, stop: [] } : found;
}

async function startTask(work: ServiceWork, targetGroups: readonly string[]): Promise<Task> {
  const { thing, tasks, cluster, definition } = work;
  const body: BodyOf = { type: thing.type, id: thing.id, account: thing.account, region: thing.region };
  const startedBy = `ecs-svc/${textOf(thing, 'name') ?? ''}`;
  const task = await tasks.start({ body, cluster, definition, service: thing.id, startedBy, targetGroups });
  registerIn(work, task);
  return task;
}

/** Takes a task into its groups of targets. */
function registerIn({ plan, targets }: ServiceWork, { id, status, containers, targetGroups }: Task): void {
  if (status === 'STOPPED') return;
  for (const [index, group] of targetGroups.entries()) {
    const name = plan.groups[index]?.container;
    const port = containers.find((each) => each.name === name)?.port;
    if (port !== undefined) targets.register(group, { id, port: port.local, cloudPort: port.cloud });
  }
}

/** Waits until tasks are well; those that are not going to be, with why. They are stopped. */
async function untilWell(
  work: ServiceWork,
  starting: readonly Task[],
): Promise<readonly { readonly task: Task; readonly reason: string }[]> {
  const { tasks } = work;
  const until = performance.now() + longestStart;
  const grace = performance.now() + graceMs(work);
  for (;;) {
    const judged = starting.map(({ id }) => ({ id, ...judge(work, id, performance.now() > grace) }));
    const bad = judged.filter(({ how }) => how === 'failed');
    const late = performance.now() > until;
    if (bad.length > 0 || late) {
      const gone = late ? judged.filter(({ how }) => how !== 'well') : bad;
      const found = gone.flatMap(({ id, reason }) => {
        const task = tasks.find(id);
        return task === undefined ? [] : [{ task, reason }];
      });
      await Promise.all(found.map(({ task }) => retire(work, task, 'Task failed health checks')));
      return found;
    }
    if (judged.every(({ how }) => how === 'well')) return [];
    await sleep(lookMs);
  }
}

/** How a task is: as its process, its health check and its targets tell. */
function judge(
  { tasks, targets }: ServiceWork,
  id: string,
  afterGrace: boolean,
): { readonly how: 'well' | 'waits' | 'failed'; readonly reason: string } {
  const task = tasks.find(id);
  if (task === undefined || task.status === 'STOPPED') {
    const exits = task?.containers.flatMap(({ exitCode }) =>
      exitCode === undefined ? [] : [`exit code ${exitCode}`],
    );
    const reason = [task?.stoppedReason ?? 'it is gone', ...(exits ?? [])].join(', ');
    return { how: 'failed', reason };
  }
  const health = tasks.health(id);
  if (health === 'UNHEALTHY') {
    return { how: 'failed', reason: `Task failed container health checks (${tasks.lastAnswer(id)})` };
  }
  const states = task.targetGroups.map((group) => targets.state(group, id));
  const ill = task.targetGroups.find((group) => targets.state(group, id) === 'unhealthy');
  if (ill !== undefined && afterGrace) {
    return { how: 'failed', reason: `Task failed ELB health checks (${targets.lastAnswer(ill, id)})` };
  }
  const asked = tasks.lastAnswer(id) !== '';
  const well = (health === 'HEALTHY' || !asked) && states.every((state) => state === 'healthy');
  const reason = `it was not healthy within ${longestStart / 1000} s (${tasks.lastAnswer(id)})`;
  return { how: well ? 'well' : 'waits', reason };
}

function isIll(work: ServiceWork, id: string): boolean {
  const { tasks, targets } = work;
  if (tasks.health(id) === 'UNHEALTHY') return true;
  const task = tasks.find(id);
  // One that was made good a moment ago does not listen yet.
  if (task === undefined || Date.now() - task.createdMs < graceMs(work)) return false;
  return task.targetGroups.some((group) => targets.state(group, id) === 'unhealthy');
}

/** How long what targets answer does not count against a task: as long as a process really needs, at least. */
function graceMs({ plan, ground }: ServiceWork): number {
  return floored(ground.cloud, plan.graceSeconds, 10_000);
}

/** Takes a task out of its groups, waits for its requests, and ends it. */
async function retire(
  { tasks, targets }: Compute,
  { id, targetGroups }: Task,
  reason: string,
): Promise<void> {
  await Promise.all(targetGroups.map((group) => targets.deregister(group, id)));
  await tasks.stop(id, { code: 'ServiceSchedulerInitiated', reason });
}

/** What stands behind the service; `definition` is what it has come to. */
function standing(work: ServiceWork, definition: string): Standing {
  const tasks = own(work);
  wantsRepair.set(work.thing.id, () => {
    const { start, stop } = repairsNow(work);
    return start > 0 || stop.length > 0;
  });
  return {
    processes: tasks.flatMap(({ containers }) => containers.flatMap((each) => each.process ?? [])),
    addresses: [],
    notes: { run: work.run, definition, tasks: tasks.map(({ id }) => id) },
  };
}

function actionsOf(ground: Ground, rule: string | undefined): readonly Values[] {
  const thing = rule === undefined ? undefined : ground.cloud.view().byArn(rule);
  return thing === undefined ? [] : objectsAt(thing.inputs, 'actions');
}

/** Moves all traffic to a group of targets. SIDE EFFECTS: writes rules of the cloud. */
function turnAll(ground: Ground, { turns }: ServiceGroup, group: string): void {
  for (const rule of turns?.rules ?? []) turnTo(ground, rule, group);
}

/** Moves all traffic of a rule to a group, as ECS does it: the rule in the cloud is another then. SIDE EFFECTS: writes it. */
function turnTo({ cloud }: Ground, arn: string, group: string): void {
  cloud.atomically(() => {
    const rule = cloud.things().find((each): each is KeptThing => each.type === ruleType && each.id === arn);
    if (rule === undefined) return;
    const actions = withAllWeightOn(objectsAt(rule.inputs, 'actions'), group);
    cloud.put({ ...rule, inputs: { ...rule.inputs, actions } });
  });
}
