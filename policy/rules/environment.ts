import { findSecretVariable, isSecretName } from '@cutover/base/secret-variable.ts';
import { containersOf, taskDefinition } from '../containers.ts';
import { notKnown, wrong, type Finding, type ResourceRule } from '../rule.ts';
import { at, textOf, unknown, type Value } from '../values.ts';

interface Variable {
  readonly of: string;
  readonly name: string;
  readonly value: Value;
}

/** In the plain text of a task definition everybody who may look at the cluster reads it. */
export const noSecretInEnvironment: ResourceRule = {
  id: 'no-secret-in-environment',
  looksAt: 'resource',
  wants: 'No secret stands in an environment variable, or in a parameter that is not encrypted.',
  judge: ({ type, props }) => {
    const variables = variablesOf(type, props);
    return variables === unknown ? [notKnown('the environment')] : variables.flatMap(judgeVariable);
  },
  passes: {
    type: taskDefinition,
    props: {
      containerDefinitions: JSON.stringify([
        { name: 'api', secrets: [{ name: 'JWT_SECRET', valueFrom: 'arn:aws:ssm:…' }] },
      ]),
    },
  },
  fails: {
    type: taskDefinition,
    props: {
      containerDefinitions: JSON.stringify([
        { name: 'api', environment: [{ name: 'JWT_SECRET', value: 'in plain text' }] },
      ]),
    },
  },
};

function variablesOf(
  type: string,
  props: Parameters<typeof containersOf>[1],
): readonly Variable[] | typeof unknown {
  switch (type) {
    case 'aws:lambda/function:Function': {
      const variables = at(props, 'environment.variables');
      if (variables === unknown) return unknown;
      return entriesOf(variables).map(([name, value]) => ({ of: 'the function', name, value }));
    }
    case 'kubernetes:core/v1:ConfigMap': {
      const data = at(props, 'data');
      if (data === unknown) return unknown;
      return entriesOf(data).map(([name, value]) => ({ of: 'the map', name, value }));
    }
    case 'aws:ssm/parameter:Parameter': {
      if (at(props, 'type') === 'SecureString') return [];
      const name = at(props, 'name');
      if (name === unknown) return unknown;
      const last = textOf(name).split('/').at(-1) ?? '';
      const value = at(props, 'value') ?? at(props, 'insecureValue');
      return [{ of: 'the parameter', name: last, value }];
    }
    default: {
      const containers = containersOf(type, props);
      if (containers === unknown) return unknown;
      if (containers.some(({ environment }) => environment === unknown)) return unknown;
      return containers.flatMap(({ name, environment, command }) =>
        [...(environment === unknown ? [] : environment), ...command.flatMap(argumentsOf)].map((each) => ({
          of: `the container ${name}`,
          ...each,
        })),
      );
    }
  }
}

/** What a program is started with, word by word: `--db-password=…` under its name, another under `its command`. */
function argumentsOf(argument: Value): readonly Omit<Variable, 'of'>[] {
  if (typeof argument !== 'string') return [];
  return argument.split(/\s+/).map((word) => {
    const [, name = 'its command', value = word] = /^-{0,2}([\w.-]+)=(.*)$/.exec(word) ?? [];
    // Filled in by a shell or by Kubernetes when it starts.
    return { name, value: value.replace(/^["']?\$.*$/, '') };
  });
}

function entriesOf(map: Value): readonly [string, Value][] {
  return typeof map === 'object' && map !== null ? Object.entries(map) : [];
}

function judgeVariable({ of, name, value }: Variable): readonly Finding[] {
  // A secret of Kubernetes or a field of the pod, by reference.
  if (value === undefined || value === null) return [];
  if (value === unknown) return isSecretName(name) ? [notKnown(`${of}: ${name}`)] : [];
  const secret = findSecretVariable(name, textOf(value));
  if (secret === undefined) return [];
  return [
    wrong(
      `${of} carries ${secret}, in ${name} (not shown)`,
      'keep it in the parameter store or in Secrets Manager and name it there: secrets: [{ name, valueFrom }]; and have it changed',
    ),
  ];
}
