import { at, jsonOf, listOf, or, textOf, unknown, type Value, type Values } from './values.ts';

/** Whether something is so; unknown while a value is not known. */
export type Fact = boolean | typeof unknown;

/** A container, wherever it runs. */
export interface Container {
  readonly name: string;
  readonly image: Value;
  readonly privileged: Fact;
  readonly nonRoot: Fact;
  readonly readOnlyRoot: Fact;
  /** All capabilities dropped, none added. */
  readonly withoutCapabilities: Fact;
  readonly limits: { readonly cpu: Fact; readonly memory: Fact };
  /** Seconds between two looks at its health; undefined when nobody looks. `not needed` for what ends by itself. */
  readonly healthSeconds: Value;
  readonly environment: readonly { readonly name: string; readonly value: Value }[];
  /** How to write what it must have. */
  readonly dialect: 'ecs' | 'kubernetes';
}

const podAt: Readonly<Record<string, string>> = {
  'kubernetes:core/v1:Pod': 'spec',
  'kubernetes:apps/v1:Deployment': 'spec.template.spec',
  'kubernetes:apps/v1:StatefulSet': 'spec.template.spec',
  'kubernetes:apps/v1:DaemonSet': 'spec.template.spec',
  'kubernetes:apps/v1:ReplicaSet': 'spec.template.spec',
  'kubernetes:batch/v1:Job': 'spec.template.spec',
  'kubernetes:batch/v1:CronJob': 'spec.jobTemplate.spec.template.spec',
};

export const taskDefinition = 'aws:ecs/taskDefinition:TaskDefinition';

/** The specification of the pod that a resource of Kubernetes runs; undefined when it runs none. */
export function podOf(type: string, props: Values): Value {
  const path = Object.hasOwn(podAt, type) ? podAt[type] : undefined;
  return path === undefined ? undefined : at(props, path);
}

/** The containers that a resource runs: none for most, unknown while they are not known. */
export function containersOf(type: string, props: Values): readonly Container[] | typeof unknown {
  if (type === taskDefinition) {
    const read = jsonOf(at(props, 'containerDefinitions'));
    return read === unknown ? unknown : listOf(read).map((each) => ofTask(each, props));
  }
  const pod = podOf(type, props);
  if (pod === unknown) return unknown;
  const main = at(pod, 'containers');
  const first = at(pod, 'initContainers');
  if (main === unknown || first === unknown) return unknown;
  const ends = type.startsWith('kubernetes:batch/');
  return [
    ...listOf(main).map((each) => ofPod(each, pod, ends)),
    ...listOf(first).map((each) => ofPod(each, pod, at(each, 'restartPolicy') !== 'Always')),
  ];
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
function ofTask(container: Value, task: Values): Container {
  const user = at(container, 'user');
  const health = at(container, 'healthCheck');
  return {
    name: nameOf(container),
    image: at(container, 'image'),
    privileged: is(at(container, 'privileged'), true),
    nonRoot: user === unknown ? unknown : typeof user === 'string' && !/^(|root|0+)(:.*)?$/.test(user),
    readOnlyRoot: is(at(container, 'readonlyRootFilesystem'), true),
    withoutCapabilities: dropsAll(at(container, 'linuxParameters.capabilities')),
    limits: {
      cpu: anyOf(isPositive(at(container, 'cpu')), isPositive(at(task, 'cpu'))),
      memory: anyOf(isPositive(at(container, 'memory')), isPositive(at(task, 'memory'))),
    },
    // ECS looks every 30 seconds unless it is told otherwise.
    healthSeconds: health === undefined || health === null ? undefined : or(at(health, 'interval'), 30),
    environment: environmentOf(at(container, 'environment')),
    dialect: 'ecs',
  };
}

// https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#container-v1-core
function ofPod(container: Value, pod: Value, ends: boolean): Container {
  const own = (name: string): Value => at(container, `securityContext.${name}`);
  const inherited = (name: string): Value => or(own(name), at(pod, `securityContext.${name}`));
  const probe = at(container, 'livenessProbe');
  const user = inherited('runAsUser');
  return {
    name: nameOf(container),
    image: at(container, 'image'),
    privileged: anyOf(is(own('privileged'), true), isNot(own('allowPrivilegeEscalation'), false)),
    nonRoot: allOf(is(inherited('runAsNonRoot'), true), isNot(user, 0)),
    readOnlyRoot: is(own('readOnlyRootFilesystem'), true),
    withoutCapabilities: dropsAll(own('capabilities')),
    limits: {
      cpu: isThere(at(container, 'resources.limits.cpu')),
      memory: isThere(at(container, 'resources.limits.memory')),
    },
    // Kubernetes looks every 10 seconds unless it is told otherwise.
    healthSeconds: ends ? 'not needed' : probe === undefined ? undefined : or(at(probe, 'periodSeconds'), 10),
    environment: environmentOf(at(container, 'env')),
    dialect: 'kubernetes',
  };
}

function nameOf(container: Value): string {
  return textOf(or(at(container, 'name'), 'without a name'));
}

function environmentOf(list: Value): Container['environment'] {
  return listOf(list).map((each) => ({ name: textOf(at(each, 'name')), value: at(each, 'value') }));
}

function dropsAll(capabilities: Value): Fact {
  const drop = at(capabilities, 'drop');
  const add = at(capabilities, 'add');
  if (drop === unknown || add === unknown) return unknown;
  return listOf(drop).includes('ALL') && listOf(add).length === 0;
}

function is(value: Value, wanted: Value): Fact {
  return value === unknown ? unknown : value === wanted;
}

function isNot(value: Value, wanted: Value): Fact {
  return value === unknown ? unknown : value !== wanted;
}

function isThere(value: Value): Fact {
  return value === unknown ? unknown : value !== undefined && value !== null;
}

function isPositive(value: Value): Fact {
  return value === unknown ? unknown : Number(value ?? 0) > 0;
}

function anyOf(...facts: readonly Fact[]): Fact {
  return facts.includes(true) ? true : facts.includes(unknown) ? unknown : false;
}

function allOf(...facts: readonly Fact[]): Fact {
  return facts.includes(false) ? false : facts.includes(unknown) ? unknown : true;
}
