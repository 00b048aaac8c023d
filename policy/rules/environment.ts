import { findSecret } from '@cutover/base/secret-looking.ts';
import { containersOf, taskDefinition } from '../containers.ts';
import { notKnown, wrong, type Finding, type ResourceRule } from '../rule.ts';
import { at, textOf, unknown, type Value } from '../values.ts';

interface Variable {
  readonly of: string;
  readonly name: string;
  readonly value: Value;
}

const secretName =
  /(^|_)(SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_?KEY|MNEMONIC|SEED_?PHRASE|TOKEN|API_?KEY|ACCESS_?KEY|CREDENTIALS?)$/i;

// What a name like TOKEN stands for as well: an address of a contract, a number, a switch, where a secret is kept.
const harmless = /^(0x[0-9a-f]{40}|-?\d+(\.\d+)?|true|false|arn:aws:(ssm|secretsmanager):.*|)$/i;
const withUser = /^(postgres(ql)?|mysql|mongodb(\+srv)?|rediss?):/;

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
      return Object.entries(variables ?? {}).map(([name, value]) => ({
        of: 'the function',
        name,
        value: value as Value,
      }));
    }
    case 'aws:ssm/parameter:Parameter': {
      if (at(props, 'type') === 'SecureString') return [];
      const name = at(props, 'name');
      if (name === unknown) return unknown;
      const last = textOf(name).split('/').at(-1) ?? '';
      const value = at(props, 'value') ?? at(props, 'insecureValue');
      return [{ of: 'the parameter', name: last.replaceAll('-', '_'), value }];
    }
    default: {
      const containers = containersOf(type, props);
      if (containers === unknown) return unknown;
      return containers.flatMap(({ name: of, environment }) =>
        environment.map((each) => ({ of: `the container ${of}`, ...each })),
      );
    }
  }
}

function judgeVariable({ of, name, value }: Variable): readonly Finding[] {
  // A secret of Kubernetes or a field of the pod, by reference.
  if (value === undefined || value === null) return [];
  if (value === unknown) return secretName.test(name) ? [notKnown(`${of}: ${name}`)] : [];
  const text = textOf(value);
  const secret =
    findSecret(withoutUser(text)) ?? (isSecretByName(name, text) ? 'a secret, by its name' : undefined);
  if (secret === undefined) return [];
  return [
    wrong(
      `${of} carries ${secret}, in ${name} (not shown)`,
      'keep it in the parameter store or in Secrets Manager and name it there: secrets: [{ name, valueFrom }]; and have it changed',
    ),
  ];
}

function isSecretByName(name: string, text: string): boolean {
  return secretName.test(name) && !harmless.test(text);
}

/** A URL of a database with a user and no password gives nothing away. */
function withoutUser(text: string): string {
  if (!withUser.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password !== '') return text;
  url.username = '';
  return url.href;
}
