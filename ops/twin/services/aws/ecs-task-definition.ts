import type { Kind, Question, Reference, Refusal, Thing, Values } from '../../kind.ts';
import { isGiven, isUnknown, numberAt, objectsAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { arn } from './arn.ts';
import { containerProblems } from './ecs-container-checks.ts';
import { readContainers, type Container } from './ecs-containers.ts';
import { cpuUnits, isFargateSize, mebibytes } from './ecs-fargate.ts';

export const taskDefinitionType = 'aws:ecs/taskDefinition:TaskDefinition';

const toRole = (property: string): Reference => ({
  property,
  to: 'aws:iam/role:Role',
  by: 'arn',
  where: 'anywhere',
  missing: { code: 'ClientException', message: 'Role is not valid' },
});

/** What tasks are made of; every change is a new revision of the family. */
export const taskDefinitionKind: Kind = {
  type: taskDefinitionType,
  api: {
    service: 'ECS',
    create: 'RegisterTaskDefinition',
    read: 'DescribeTaskDefinition',
    update: 'TagResource',
    delete: 'DeregisterTaskDefinition',
  },
  references: [toRole('executionRoleArn'), toRole('taskRoleArn')],
  takes: { create: 1, delete: 1 },
  replaces: [
    'containerDefinitions',
    'cpu',
    'enableFaultInjection',
    'ephemeralStorage',
    'executionRoleArn',
    'family',
    'ipcMode',
    'memory',
    'networkMode',
    'pidMode',
    'placementConstraints',
    'proxyConfiguration',
    'requiresCompatibilities',
    'runtimePlatform',
    'taskRoleArn',
    'volumes',
  ],
  updates: ['skipDestroy', 'trackLatest'],
  defaults: () => ({ skipDestroy: false, trackLatest: false }),
  check: taskProblems,
  id: (question) => arn('ecs', question.place, `task-definition/${revisionName(question)}`),
  // Revisions of one family live side by side while one replaces the other.
  providerId: (id) => /task-definition\/([^:]+)/.exec(id)?.[1] ?? id,
  outputs(_question, id) {
    const [, revision = '1'] = /:(\d+)$/.exec(id) ?? [];
    return {
      arnWithoutRevision: id.replace(/:\d+$/, ''),
      revision: Number(revision),
      enableFaultInjection: false,
      networkMode: 'bridge',
      requiresCompatibilities: ['EC2'],
    };
  },
  arn: (_question, id) => id,
};

function revisionName({ inputs, cloud, place }: Question): string {
  const family = textAt(inputs, 'family') ?? '';
  const there = [
    ...cloud.all(taskDefinitionType, place),
    ...(cloud.deleted?.(taskDefinitionType, place) ?? []),
  ];
  const revisions = there
    .filter((each) => textOf(each, 'family') === family)
    .map((each) => numberAt(each.outputs, 'revision') ?? 0);
  return `${family}:${Math.max(0, ...revisions) + 1}`;
}

/** A definition by its ARN, by family and revision, or by the family alone: the newest. */
export function findTaskDefinition(
  { cloud, place }: Pick<Question, 'cloud' | 'place'>,
  name: string,
): Thing | undefined {
  const plain = name.split('task-definition/').at(-1) ?? name;
  const [family = '', revision] = plain.split(':');
  return cloud
    .all(taskDefinitionType, place)
    .filter((each) => textOf(each, 'family') === family)
    .filter((each) => revision === undefined || numberAt(each.outputs, 'revision') === Number(revision))
    .toSorted((a, b) => (numberAt(b.outputs, 'revision') ?? 0) - (numberAt(a.outputs, 'revision') ?? 0))[0];
}

/** The containers of a definition in the cloud; none where they cannot be read. */
export function containersOf(definition: Thing): readonly Container[] {
  const read = readContainers(textAt(definition.inputs, 'containerDefinitions') ?? '');
  return typeof read === 'string' ? [] : read;
}

/** Whether a definition is made for Fargate. */
export function isForFargate(inputs: Values): boolean {
  return textsAt(inputs, 'requiresCompatibilities').includes('FARGATE');
}

function taskProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const family = textAt(inputs, 'family');
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('ClientException', message, property),
  ];
  if (family !== undefined && !/^[a-zA-Z0-9_-]{1,255}$/.test(family))
    return say('Family contains invalid characters or is longer than 255 characters.', 'family');
  const compatibility = textsAt(inputs, 'requiresCompatibilities').find(
    (each) => !['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'].includes(each),
  );
  if (compatibility !== undefined)
    return say(`Invalid 'requiresCompatibilities' setting: ${compatibility}.`, 'requiresCompatibilities');
  return [...sizeProblems(question), ...containerRefusals(question)];
}

function sizeProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('ClientException', message, property),
  ];
  const [cpuText, memoryText] = [textOrNumber(inputs, 'cpu'), textOrNumber(inputs, 'memory')];
  const [cpu, memory] = [cpuUnits(cpuText ?? ''), mebibytes(memoryText ?? '')];
  if (cpuText !== undefined && cpu === undefined) return say("Invalid 'cpu' setting for task.", 'cpu');
  if (memoryText !== undefined && memory === undefined)
    return say("Invalid 'memory' setting for task.", 'memory');
  if (!isForFargate(inputs)) return [];
  const mode = textAt(inputs, 'networkMode');
  const storage = numberAt(inputs, 'ephemeralStorage.sizeInGib');
  if (mode !== 'awsvpc' && !isUnknown(question, 'networkMode'))
    return say('Fargate only supports network mode ‘awsvpc’.', 'networkMode');
  if (!isGiven(question, 'cpu'))
    return say("Fargate requires that 'cpu' be defined at the task level.", 'cpu');
  if (!isGiven(question, 'memory'))
    return say("Fargate requires that 'memory' be defined at the task level.", 'memory');
  if (storage !== undefined && (storage < 21 || storage > 200))
    return say('Ephemeral storage must be between 21 and 200 GiB.', 'ephemeralStorage.sizeInGib');
  return cpu === undefined || memory === undefined || isFargateSize(cpu, memory)
    ? []
    : say(
        `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
        'cpu',
      );
}

function containerRefusals(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const text = textAt(inputs, 'containerDefinitions');
  if (text === undefined) return [];
  const containers = readContainers(text);
  const say = (message: string): Refusal => refusal('ClientException', message, 'containerDefinitions');
  if (typeof containers === 'string') return [say(containers)];
  return containerProblems(containers, {
    fargate: isForFargate(inputs),
    awsvpc: textAt(inputs, 'networkMode') === 'awsvpc',
    executionRole: isGiven(question, 'executionRoleArn'),
    cpu: cpuUnits(textOrNumber(inputs, 'cpu') ?? ''),
    memory: mebibytes(textOrNumber(inputs, 'memory') ?? ''),
    volumes: objectsAt(inputs, 'volumes').map((each) => textAt(each, 'name') ?? ''),
  }).map(say);
}

function textOrNumber(inputs: Values, name: string): string | undefined {
  const value = inputs[name];
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}
