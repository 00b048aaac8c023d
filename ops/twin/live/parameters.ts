import type { Cloud } from '../cloud.ts';
import type { Place } from '../kind.ts';
import { parameterType } from '../services/aws/ssm.ts';
import type { ReadSecret } from './ecs/secrets.ts';
import { refused, type Answer, type Operations } from './operations.ts';

/** What the parameter store answers to those who read: GetParameter, GetParameters, GetParametersByPath. */
export function parameterOperations(cloud: Cloud): Operations {
  return {
    'AmazonSSM.GetParameter': ({ body, place }): Answer => {
      const found = parameter(cloud, String(body['Name']), place, body['WithDecryption'] === true);
      return found === undefined ? refused('ParameterNotFound', '') : [200, { Parameter: found }];
    },
    'AmazonSSM.GetParameters': ({ body, place }): Answer => {
      const found = ((body['Names'] ?? []) as readonly string[]).map((name) => ({
        name,
        held: parameter(cloud, name, place, body['WithDecryption'] === true),
      }));
      return [
        200,
        {
          Parameters: found.flatMap(({ held }) => held ?? []),
          InvalidParameters: found.flatMap(({ name, held }) => (held === undefined ? [name] : [])),
        },
      ];
    },
    'AmazonSSM.GetParametersByPath': ({ body, place }): Answer => {
      const path = String(body['Path']).replace(/\/?$/, '/');
      const names = cloud
        .view()
        .all(parameterType, place)
        .map(({ id }) => id)
        .filter((id) => id.startsWith(path))
        .filter((id) => body['Recursive'] === true || !id.slice(path.length).includes('/'));
      const Parameters = names.flatMap(
        (name) => parameter(cloud, name, place, body['WithDecryption'] === true) ?? [],
      );
      return [200, { Parameters }];
    },
  };
}

/** What Secrets Manager answers: GetSecretValue. */
export function secretOperations(read: ReadSecret): Operations {
  return {
    'secretsmanager.GetSecretValue': async ({ body, place }) => {
      const name = String(body['SecretId']);
      const value = await read(name, place);
      return value === undefined
        ? refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
        : [200, { Name: name, SecretString: value }];
    },
  };
}

function parameter(cloud: Cloud, name: string, place: Place, open: boolean): object | undefined {
  const found = cloud.find(parameterType, name, place);
  if (found === undefined) return undefined;
  const { type, value, insecureValue } = found.inputs;
  // Without decryption one gets what is kept.
  const Value = open || type !== 'SecureString' ? (value ?? insecureValue) : 'AQICAHhx';
  const { arn, version = 1 } = found.outputs;
  return { ARN: arn, Name: name, Type: type, Value, Version: version };
}
