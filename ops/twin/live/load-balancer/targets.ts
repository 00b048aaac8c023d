import type { Cloud } from '../../cloud.ts';
import { has, numberAt, textAt } from '../../services/values.ts';
import { askHttp } from '../ask-http.ts';
import { floored } from '../pace.ts';
import type { Values } from '../../kind.ts';

/** Where something that answers requests stands. */
export interface Target {
  /** Whose it is: the id of a task. */
  readonly id: string;
  readonly port: number;
  /** Its port in the cloud. */
  readonly cloudPort: number;
}

/** Why a group's load balancer cannot connect to a target; undefined where it can. */
export type ObstacleTo = (group: string, target: Target) => string | undefined;

/** As ELB calls it. `initial`: asked too seldom to say. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining';

/** How a group asks its targets. */
export interface TargetCheck {
  readonly path: string;
  readonly matcher: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** How long a request may go on after its target was taken out. */
  readonly drainMs: number;
}

interface Registered {
  readonly target: Target;
  state: TargetState;
  /** Answers in a row: above 0 good ones, below bad ones. */
  row: number;
  underway: number;
  lastAnswer: string;
  /** Why its load balancer cannot connect to it, as it was when it was asked last. */
  obstacle: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The targets of all groups, and how each is. */
export interface Targets {
  /** Takes a target in and asks it from now on; one that is in stays as it is. */
  register(group: string, target: Target): void;
  /** Gives it no new requests; resolves when those underway have ended, or may take no longer. */
  deregister(group: string, id: string): Promise<void>;
  state(group: string, id: string): TargetState | undefined;
  /** What its last answer to a check was, for people. */
  lastAnswer(group: string, id: string): string;
  of(group: string): readonly (Target & { readonly state: TargetState })[];
  /** The target for the next request of a group, and what to call when it has ended. */
  take(group: string): Taken | undefined;
  close(): void;
}

/** A target that a request goes to. */
export interface Taken {
  readonly target: Target;
  /** Whether a connection to it comes about. */
  readonly isReachable: boolean;
  readonly done: () => void;
}

/** Keeps targets in memory: the ground that begins anew registers them anew. SIDE EFFECTS: asks targets. */
export function openTargets(cloud: Cloud, obstacleTo: ObstacleTo): Targets {
  const groups = new Map<string, Map<string, Registered>>();
  const known = (group: string, id: string): Registered | undefined => groups.get(group)?.get(id);
  let closed = false;

  const ask = async (group: string, each: Registered): Promise<void> => {
    const check = checkOf(cloud, group);
    if (check === undefined || closed || known(group, each.target.id) !== each) return;
    each.obstacle = obstacleTo(group, each.target);
    const { good, answer } =
      each.obstacle === undefined
        ? await askHttp({ ...check, port: each.target.port }, (status) => isMatch(check.matcher, status), {
            'user-agent': 'ELB-HealthChecker/2.0',
            connection: 'close',
          })
        : { good: false, answer: `Request timed out: ${each.obstacle}` };
    each.lastAnswer = answer;
    each.row = good ? Math.max(each.row, 0) + 1 : Math.min(each.row, 0) - 1;
    if (each.state !== 'draining') each.state = stateAfter(each.state, each.row, check);
    if (closed || known(group, each.target.id) !== each) return;
    each.timer = setTimeout(() => void ask(group, each), check.intervalMs);
  };

  return {
    register: (group, target) => {
      const there = known(group, target.id);
      if (there?.target.port === target.port && there.state !== 'draining') return;
      clearTimeout(there?.timer);
      const each: Registered = {
        ...{ target, state: 'initial', row: 0, underway: 0 },
        ...{ lastAnswer: 'not asked yet', obstacle: undefined, timer: undefined },
      };
      groups.set(group, (groups.get(group) ?? new Map<string, Registered>()).set(target.id, each));
      void ask(group, each);
    },
    deregister: async (group, id) => {
      const each = known(group, id);
      if (each === undefined) return;
      each.state = 'draining';
      const until = performance.now() + (checkOf(cloud, group)?.drainMs ?? 0);
      while (each.underway > 0 && performance.now() < until)
        await new Promise((next) => setTimeout(next, 20));
      clearTimeout(each.timer);
      if (known(group, id) === each) groups.get(group)?.delete(id);
    },
    state: (group, id) => known(group, id)?.state,
    lastAnswer: (group, id) => known(group, id)?.lastAnswer ?? 'not registered',
    of: (group) =>
      [...(groups.get(group)?.values() ?? [])].map(({ target, state }) => ({ ...target, state })),
    take: (group) => {
      const each = chosen([...(groups.get(group)?.values() ?? [])]);
      if (each === undefined) return undefined;
      each.underway++;
      let ended = false;
      const done = (): void => {
        if (!ended) each.underway--;
        ended = true;
      };
      return { target: each.target, isReachable: each.obstacle === undefined, done };
    },
    close: () => {
      closed = true;
      for (const group of groups.values()) for (const { timer } of group.values()) clearTimeout(timer);
    },
  };
}

/** How a target is after so many answers in a row. The first good one is enough for one that has just come in. Pure. */
export function stateAfter(
  state: TargetState,
  row: number,
  { healthyThreshold, unhealthyThreshold }: Pick<TargetCheck, 'healthyThreshold' | 'unhealthyThreshold'>,
): TargetState {
  if (state === 'initial' && row > 0) return 'healthy';
  if (row >= healthyThreshold) return 'healthy';
  return -row >= unhealthyThreshold ? 'unhealthy' : state;
}

/** Whether a status is one of a matcher's: `200`, `200,302`, `200-299`. Pure. */
export function isMatch(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [least = '', most = least] = part.trim().split('-');
    return status >= Number(least) && status <= Number(most);
  });
}

/**
 * The one with the fewest requests underway. Where none is well all are asked, as ELB does it: it fails open.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
function chosen(registered: readonly Registered[]): Registered | undefined {
  const well = registered.filter(({ state }) => state === 'healthy');
  const ill = registered.filter(({ state }) => state === 'unhealthy');
  return (well.length > 0 ? well : ill).toSorted((one, other) => one.underway - other.underway)[0];
}

function checkOf(cloud: Cloud, group: string): TargetCheck | undefined {
  const thing = cloud.view().byArn(group);
  if (thing === undefined) return undefined;
  const made = thing.outputs['healthCheck'] as Values;
  const wanted = (thing.inputs['healthCheck'] ?? {}) as Values;
  const number = (name: string, otherwise: number): number =>
    numberAt(wanted, name) ?? numberAt(made, name) ?? otherwise;
  return {
    path: textAt(wanted, 'path') ?? textAt(made, 'path') ?? '/',
    matcher: textAt(wanted, 'matcher') ?? textAt(made, 'matcher') ?? '200',
    intervalMs: floored(cloud, number('interval', 30), 250),
    timeoutMs: number('timeout', 5) * 1000,
    healthyThreshold: number('healthyThreshold', 3),
    unhealthyThreshold: number('unhealthyThreshold', 3),
    drainMs: Number(has(thing, 'deregistrationDelay') ?? 300) * 1000,
  };
}
