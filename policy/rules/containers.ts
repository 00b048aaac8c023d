import { containersOf, podOf, taskDefinition, type Container } from '../containers.ts';
import type { Fact } from '../facts.ts';
import { notKnown, wrong, type Example, type Finding, type ResourceRule, type StackRule } from '../rule.ts';
import { at, isThere, listOf, shown, textOf, unknown, type Value } from '../values.ts';

type OfDialect = Readonly<Record<Container['dialect'], string>>;

/** A judge of every container of a resource, wherever it runs. */
function judgeEach(judge: (container: Container) => readonly Finding[]): ResourceRule['judge'] {
  return ({ type, props }) => {
    const containers = containersOf(type, props);
    if (containers === unknown) return [notKnown(type === taskDefinition ? 'containerDefinitions' : 'spec')];
    return containers.flatMap(judge);
  };
}

/** A judge of one fact about every container. */
function judgeFact(
  factOf: (container: Container) => Fact,
  wanted: boolean,
  what: string,
  remedies: OfDialect,
): ResourceRule['judge'] {
  return judgeEach((container) => {
    const fact = factOf(container);
    const title = `the container ${container.name}`;
    if (fact === unknown) return [notKnown(`${title}: whether it ${what}`)];
    return fact === wanted ? [] : [wrong(`${title} ${what}`, remedies[container.dialect])];
  });
}

function example(container: object): {
  readonly type: string;
  readonly props: { containerDefinitions: string };
} {
  return {
    type: taskDefinition,
    props: { containerDefinitions: JSON.stringify([{ name: 'api', ...container }]) },
  };
}

export const noPrivilegedContainer: ResourceRule = {
  id: 'no-privileged-container',
  looksAt: 'resource',
  wants: 'No container is privileged, or can become so.',
  judge: judgeFact(({ privileged }) => privileged, false, 'is privileged, or can become so', {
    ecs: 'set privileged: false, or leave it out',
    kubernetes: 'set securityContext: { privileged: false, allowPrivilegeEscalation: false }',
  }),
  passes: example({ privileged: false }),
  fails: example({ privileged: true }),
};

export const nonRootContainer: ResourceRule = {
  id: 'non-root-container',
  looksAt: 'resource',
  wants: 'No container runs as root.',
  judge: judgeFact(({ nonRoot }) => nonRoot, true, 'may run as root', {
    ecs: "set user: '10001:10001', or another that is not root",
    kubernetes: 'set securityContext: { runAsNonRoot: true, runAsUser: 10001 }',
  }),
  passes: example({ user: '10001:10001' }),
  fails: example({ user: '0:0' }),
};

export const readOnlyRoot: ResourceRule = {
  id: 'read-only-root',
  looksAt: 'resource',
  wants: 'No container can write its root file system.',
  judge: judgeFact(({ readOnlyRoot: readOnly }) => readOnly, true, 'can write its root file system', {
    ecs: 'set readonlyRootFilesystem: true, and mount volumes where it must write',
    kubernetes: 'set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where it must write',
  }),
  passes: example({ readonlyRootFilesystem: true }),
  fails: example({}),
};

export const droppedCapabilities: ResourceRule = {
  id: 'dropped-capabilities',
  looksAt: 'resource',
  wants: 'Every container drops all capabilities of Linux and adds none.',
  judge: judgeFact(({ withoutCapabilities }) => withoutCapabilities, true, 'keeps or adds capabilities', {
    ecs: "set linuxParameters: { capabilities: { drop: ['ALL'] } }, and add none",
    kubernetes: "set securityContext: { capabilities: { drop: ['ALL'] } }, and add none",
  }),
  passes: example({ linuxParameters: { capabilities: { drop: ['ALL'] } } }),
  fails: example({ linuxParameters: { capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } } }),
};

export const containerLimits: ResourceRule = {
  id: 'container-limits',
  looksAt: 'resource',
  wants: 'Every container, or its task, has limits of CPU and memory.',
  judge: (resource, place) =>
    (['cpu', 'memory'] as const).flatMap((limit) =>
      judgeFact(({ limits }) => limits[limit], true, `has no limit of ${limit}`, {
        ecs: `set ${limit} of the container or of its task`,
        kubernetes: `set resources.limits.${limit}`,
      })(resource, place),
    ),
  passes: example({ cpu: 256, memory: 512 }),
  fails: example({ cpu: 256 }),
};

const service = 'aws:ecs/service:Service';
// SO-01 asks for one every 30 seconds.
const slowestHealth = 30;

const judgeHealth = judgeEach(({ name, healthSeconds, dialect }) => {
  if (healthSeconds === unknown)
    return [notKnown(`the container ${name}: how often its health is looked at`)];
  if (healthSeconds === 'not needed') return [];
  if (typeof healthSeconds === 'number' && healthSeconds <= slowestHealth) return [];
  const what =
    healthSeconds === undefined
      ? 'has no health check'
      : `has a health check every ${shown(healthSeconds)} seconds`;
  return [
    wrong(
      `the container ${name} ${what}`,
      dialect === 'ecs'
        ? 'set healthCheck: { command, interval: 30 }'
        : 'set livenessProbe: { httpGet, periodSeconds: 30 }',
    ),
  ];
});

/** A task that runs once and ends, as a migration does, is watched by whoever started it. */
export const containerHealth: StackRule = {
  id: 'container-health',
  looksAt: 'stack',
  wants: 'The health of every container that stays is looked at every 30 seconds or more often.',
  judge: (resources, place) => {
    const staying = new Set(
      resources.filter(({ type }) => type === service).flatMap(({ from }) => from['taskDefinition'] ?? []),
    );
    return resources
      .filter(({ type, urn }) => type !== taskDefinition || staying.has(urn))
      .flatMap((resource) => judgeHealth(resource, place).map((found) => ({ ...found, urn: resource.urn })));
  },
  passes: staying({ healthCheck: { command: ['CMD', 'true'], interval: 30 } }),
  fails: staying({ healthCheck: { command: ['CMD', 'true'], interval: 300 } }),
};

function staying(container: object): readonly Example[] {
  return [
    { ...example(container), name: 'task' },
    { type: service, props: {}, from: { taskDefinition: ['task'] } },
  ];
}

export const pinnedImages: ResourceRule = {
  id: 'pinned-images',
  looksAt: 'resource',
  wants: 'Images are named by their digests; tags in our repositories cannot be moved.',
  judge: (resource, place) => {
    if (resource.type === 'aws:ecr/repository:Repository')
      return judgeTags(at(resource.props, 'imageTagMutability'));
    return judgeEach(({ name, image }) => {
      if (image === unknown) return [notKnown(`the container ${name}: its image`)];
      if (typeof image === 'string' && /@sha256:[0-9a-f]{64}$/.test(image)) return [];
      return [
        wrong(
          `the container ${name} names its image by a tag, which can be moved`,
          'end the image with its digest: @sha256: and 64 hexadecimal digits',
        ),
      ];
    })(resource, place);
  },
  passes: example({ image: `registry.example/api@sha256:${'0'.repeat(64)}` }),
  fails: example({ image: 'registry.example/api:latest' }),
};

function judgeTags(mutability: Value): readonly Finding[] {
  if (mutability === unknown) return [notKnown('imageTagMutability')];
  return mutability === 'IMMUTABLE'
    ? []
    : [wrong('its tags can be moved to other images', "set imageTagMutability: 'IMMUTABLE'")];
}

const sharedByTask = { networkMode: 'host', pidMode: 'host', ipcMode: 'host' };
const sharedByPod = { hostNetwork: true, hostPID: true, hostIPC: true };

/** A container that shares what belongs to its machine is kept apart from nothing. */
export const noHostAccess: ResourceRule = {
  id: 'no-host-access',
  looksAt: 'resource',
  wants: 'No task or pod shares the network, the processes or the files of its machine.',
  judge: ({ type, props }) => {
    const outer = type === taskDefinition ? props : podOf(type, props);
    const shares = type === taskDefinition ? sharedByTask : sharedByPod;
    if (outer === unknown) return [notKnown('spec')];
    return [
      ...Object.entries<Value>(shares).flatMap(([name, shared]) => {
        const value = at(outer, name);
        if (value === unknown) return [notKnown(name)];
        return value === shared
          ? [
              wrong(
                `${name} shares what belongs to the machine`,
                `leave ${name} out, or set it to awsvpc or task`,
              ),
            ]
          : [];
      }),
      ...listOf(at(outer, 'volumes')).flatMap((volume) => {
        const path = at(volume, 'hostPath');
        if (path === unknown) return [notKnown('volumes')];
        return isThere(path)
          ? [
              wrong(
                `the volume ${textOf(at(volume, 'name'))} is a folder of the machine`,
                'use a volume of the task, or a shared disk',
              ),
            ]
          : [];
      }),
      ...(type === taskDefinition ? [] : listOf(at(outer, 'containers')))
        .flatMap((container) => listOf(at(container, 'ports')))
        .filter((port) => typeof at(port, 'hostPort') === 'number' && at(port, 'hostPort') !== 0)
        .map(() => wrong('hostPort opens a port of the machine', 'leave hostPort out, and add a Service')),
    ];
  },
  passes: { type: taskDefinition, props: { networkMode: 'awsvpc' } },
  fails: { type: taskDefinition, props: { networkMode: 'host' } },
};
