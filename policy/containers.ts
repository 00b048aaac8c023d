import { allOf, anyOf, is, isNot, type Fact } from './facts.ts';
import { at, isThere, jsonOf, listOf, or, textOf, unknown, type Value, type Values } from './values.ts';

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
  readonly environment: readonly { readonly name: string; readonly value: Value }[] | typeof unknown;
  /** What it is started with, program and arguments. */
  readonly command: readonly Value[];
  /** How to write what it must have. */
  readonly dialect: 'ecs' | 'kubernetes';
}

// By kind, in whichever group and version: what others define, as a Rollout, has its template where a Deployment has it.
const podAt: Readonly<Record<string, string>> = {
  Pod: 'spec',
  PodTemplate: 'template.spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
};
const templateAt = 'spec.template.spec';
const withTemplate = /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|ReplicationController|Job|Rollout)$/;

export const taskDefinition = 'aws:ecs/taskDefinition:TaskDefinition';

/** The specification of the pod that a resource of Kubernetes runs; undefined when it runs none. */
export function podOf(type: string, props: Values): Value {
  const kind = type.split(':').at(-1) ?? '';
  // A patch says a part only; what it patches is somebody else's.
  if (!type.startsWith('kubernetes:') || kind.endsWith('Patch')) return undefined;
  const pod = at(props, Object.hasOwn(podAt, kind) ? (podAt[kind] ?? '') : templateAt);
  const runsOne = Object.hasOwn(podAt, kind) || withTemplate.test(kind);
  return runsOne || (pod !== unknown && Array.isArray(at(pod, 'containers'))) ? pod : undefined;
}

/** The containers that a resource runs: none for most, unknown while they are not known. */
export function containersOf(type: string, props: Values): readonly Container[] | typeof unknown {
  if (type === taskDefinition) {
    const read = jsonOf(at(props, 'containerDefinitions'));
    return read === unknown ? unknown : listOf(read).map((each) => ofTask(inSmallLetters(each), props));
  }
  const pod = podOf(type, props);
  if (pod === unknown) return unknown;
  const main = at(pod, 'containers');
  const first = at(pod, 'initContainers');
  const looking = at(pod, 'ephemeralContainers');
  if ([main, first, looking].includes(unknown)) return unknown;
  const ends = type.startsWith('kubernetes:batch/');
  return [
    ...listOf(main).map((each) => ofPod(each, pod, ends)),
    ...listOf(first).map((each) => ofPod(each, pod, at(each, 'restartPolicy') !== 'Always')),
    ...listOf(looking).map((each) => ofPod(each, pod, true)),
  ];
}

// The provider takes names in whichever letters they come, as Go reads JSON: Privileged is privileged.
function inSmallLetters(value: Value): Value {
  if (Array.isArray(value)) return value.map(inSmallLetters);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.toLowerCase(), inSmallLetters(each)]),
  );
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
function ofTask(container: Value, task: Values): Container {
  const user = at(container, 'user');
  const health = at(container, 'healthcheck');
  return {
    name: nameOf(container),
    image: at(container, 'image'),
    privileged: is(at(container, 'privileged'), true),
    nonRoot: user === unknown ? unknown : typeof user === 'string' && !/^(|root|0+)(:.*)?$/.test(user),
    readOnlyRoot: is(at(container, 'readonlyrootfilesystem'), true),
    withoutCapabilities: dropsAll(at(container, 'linuxparameters.capabilities')),
    limits: {
      cpu: anyOf(isPositive(at(container, 'cpu')), isPositive(at(task, 'cpu'))),
      memory: anyOf(isPositive(at(container, 'memory')), isPositive(at(task, 'memory'))),
    },
    // ECS looks every 30 seconds unless it is told otherwise.
    healthSeconds: health === undefined || health === null ? undefined : or(at(health, 'interval'), 30),
    environment: environmentOf(at(container, 'environment')),
    command: [...listOf(at(container, 'entrypoint')), ...listOf(at(container, 'command'))],
    dialect: 'ecs',
  };
}

// https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#container-v1-core
function ofPod(container: Value, pod: Value, ends: boolean): Container {
  const own = (name: string): Value => at(container, `securityContext.${name}`);
  const inherited = (name: string): Value => or(own(name), at(pod, `securityContext.${name}`));
  const limit = (name: string): Fact => {
    const path = `resources.limits.${name}`;
    return isKnownToBeThere(or(at(container, path), at(pod, path)));
  };
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
      cpu: limit('cpu'),
      memory: limit('memory'),
    },
    // Kubernetes looks every 10 seconds unless it is told otherwise.
    healthSeconds: ends ? 'not needed' : probe === undefined ? undefined : or(at(probe, 'periodSeconds'), 10),
    environment: environmentOf(at(container, 'env')),
    command: [...listOf(at(container, 'command')), ...listOf(at(container, 'args'))],
    dialect: 'kubernetes',
  };
}

function nameOf(container: Value): string {
  return textOf(or(at(container, 'name'), 'without a name'));
}

function environmentOf(list: Value): Container['environment'] {
  if (listOf(list).includes(unknown)) return unknown;
  return listOf(list).map((each) => ({ name: textOf(at(each, 'name')), value: at(each, 'value') }));
}

function dropsAll(capabilities: Value): Fact {
  const drop = at(capabilities, 'drop');
  const add = at(capabilities, 'add');
  if (add === unknown) return unknown;
  return allOf(anyOf(...listOf(drop).map((each) => is(each, 'ALL'))), listOf(add).length === 0);
}

function isKnownToBeThere(value: Value): Fact {
  return value === unknown ? unknown : isThere(value);
}

function isPositive(value: Value): Fact {
  return value === unknown ? unknown : Number(value ?? 0) > 0;
}
