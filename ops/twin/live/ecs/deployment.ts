import type { Thing, Values } from '../../kind.ts';
import { flagAt, has, numberAt, objectsAt, textAt, textOf, textsAt } from '../../services/values.ts';
import type { Task } from './task.ts';

/** What a service is to be. */
export interface ServicePlan {
  readonly desired: number;
  readonly breaker: { readonly enabled: boolean; readonly rollsBack: boolean };
  readonly bakeSeconds: number;
  /** Seconds in which failing targets do not count. */
  readonly graceSeconds: number;
  /** Its groups of targets, each with the other that takes turns with it. */
  readonly groups: readonly ServiceGroup[];
}

export interface ServiceGroup {
  readonly container: string;
  readonly group: string;
  /** The other group and the rule that leads to one of both; undefined where tasks take over one by one. */
  readonly turns: { readonly other: string; readonly rules: readonly string[] } | undefined;
}

/** Reads a service. Pure. */
export function planOf(service: Thing): ServicePlan {
  const { inputs } = service;
  const minutes = numberAt(inputs, 'deploymentConfiguration.bakeTimeInMinutes') ?? 0;
  const turning = ['BLUE_GREEN', 'CANARY', 'LINEAR'].includes(
    textAt(inputs, 'deploymentConfiguration.strategy') ?? 'ROLLING',
  );
  return {
    desired: Number(has(service, 'desiredCount') ?? 0),
    breaker: {
      enabled: flagAt(inputs, 'deploymentCircuitBreaker.enable') ?? false,
      rollsBack: flagAt(inputs, 'deploymentCircuitBreaker.rollback') ?? false,
    },
    bakeSeconds: turning ? minutes * 60 : 0,
    graceSeconds: numberAt(inputs, 'healthCheckGracePeriodSeconds') ?? 0,
    groups: objectsAt(inputs, 'loadBalancers').map((each) => ({
      container: textAt(each, 'containerName') ?? '',
      group: textAt(each, 'targetGroupArn') ?? '',
      turns: turning ? turnsOf(each) : undefined,
    })),
  };
}

function turnsOf(balancer: Values): ServiceGroup['turns'] {
  const [advanced] = objectsAt(balancer, 'advancedConfiguration');
  const other = advanced === undefined ? undefined : textAt(advanced, 'alternateTargetGroupArn');
  if (advanced === undefined || other === undefined) return undefined;
  const rules = ['productionListenerRule', 'testListenerRule'].map((name) => textAt(advanced, name));
  return { other, rules: rules.filter((rule) => rule !== undefined) };
}

/**
 * The group that a rule leads to now, by its weights; the first of both where it leads to none.
 * `actions` are those of the rule. Pure.
 */
export function activeGroup({ group, turns }: ServiceGroup, actions: readonly Values[]): string {
  const weights = actions.flatMap((action) => objectsAt(action, 'forward.targetGroups'));
  const weighty = weights.find((each) => (numberAt(each, 'weight') ?? 1) > 0);
  const arn = weighty === undefined ? undefined : textAt(weighty, 'arn');
  return arn !== undefined && arn === turns?.other ? arn : group;
}

/** The group in which the next version comes up, given the one that the present one is in; undefined where it is free. Pure. */
export function groupBeside({ group, turns }: ServiceGroup, busy: string | undefined): string | undefined {
  if (busy === undefined) return undefined;
  return turns === undefined ? group : busy === group ? turns.other : group;
}

/** The actions of a rule with all of the weight on one of its groups. Pure. */
export function withAllWeightOn(actions: readonly Values[], group: string): readonly Values[] {
  return actions.map((action) => {
    const groups = objectsAt(action, 'forward.targetGroups');
    if (groups.length === 0) return action;
    const turned = groups.map((each) => ({ ...each, weight: textAt(each, 'arn') === group ? 100 : 0 }));
    return { ...action, forward: { ...objectsAt(action, 'forward')[0], targetGroups: turned } };
  });
}

/**
 * How many tasks of a deployment may fail before it is given up.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function failuresAllowed(desired: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desired / 2)));
}

/** Seconds before the next start, after so many failures in a row. */
export function backOffSeconds(failures: number): number {
  return failures === 0 ? 0 : Math.min(30, 0.25 * 2 ** (failures - 1));
}

/** What is done about the tasks of a service when nobody deploys: those that died are made good, one too many goes. Pure. */
export function repairsOf(
  tasks: readonly Pick<Task, 'id' | 'status' | 'createdMs'>[],
  desired: number,
  isIll: (id: string) => boolean,
): { readonly start: number; readonly stop: readonly string[] } {
  const running = tasks.filter(({ status }) => status !== 'STOPPED');
  const ill = running.filter(({ id }) => isIll(id)).map(({ id }) => id);
  const well = running
    .filter(({ id }) => !isIll(id))
    .toSorted((one, other) => other.createdMs - one.createdMs);
  const tooMany = well.slice(0, Math.max(0, well.length - desired)).map(({ id }) => id);
  return { start: Math.max(0, desired - well.length), stop: [...ill, ...tooMany] };
}

/** The text of everything about a service that its tasks depend on. Pure. */
export function serviceDigest(service: Thing): string {
  const { inputs } = service;
  const { groups, desired } = planOf(service);
  const triggers = JSON.stringify(inputs['triggers'] ?? {});
  const network = ['subnets', 'securityGroups'].map((name) =>
    textsAt(inputs, `networkConfiguration.${name}`),
  );
  return JSON.stringify([textOf(service, 'taskDefinition'), desired, groups, triggers, network]);
}
