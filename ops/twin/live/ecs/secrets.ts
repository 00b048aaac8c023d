import type { Place } from '../../kind.ts';
import type { Cloud } from '../../cloud.ts';
import { parameterType } from '../../services/aws/ssm.ts';

/** Reads a secret of Secrets Manager by its name or ARN in a place; undefined where there is none. */
export type ReadSecret = (id: string, place: Place) => Promise<string | undefined>;

/** A `valueFrom` of a container: a parameter by name or ARN, or a secret, whole or one key of its JSON. */
export type SecretSource =
  | { readonly kind: 'parameter'; readonly name: string; readonly region: string | undefined }
  | { readonly kind: 'secret'; readonly arn: string; readonly key: string; readonly region: string };

/** Reads a `valueFrom`: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-6LETTERS:KEY:STAGE:VERSION`. Pure. */
export function readSource(valueFrom: string): SecretSource {
  const parts = valueFrom.split(':');
  const [, , service, region = ''] = parts;
  if (service === 'secretsmanager') {
    return { kind: 'secret', arn: parts.slice(0, 7).join(':'), key: parts[7] ?? '', region };
  }
  if (service !== 'ssm') return { kind: 'parameter', name: valueFrom, region: undefined };
  const name = parts
    .slice(5)
    .join(':')
    .replace(/^parameter\//, '');
  return { kind: 'parameter', name: `/${name}`, region };
}

/** Why ECS could not start a task, in its own words. */
export class StartError extends Error {}

/** Fetches what a container is given as a secret, as ECS does when it starts a task. SIDE EFFECTS: reads the cloud. */
export async function fetchSecret(
  cloud: Cloud,
  read: ReadSecret,
  valueFrom: string,
  place: Place,
): Promise<string> {
  const source = readSource(valueFrom);
  const where = { account: place.account, region: source.region ?? place.region };
  if (source.kind === 'parameter') {
    const found =
      cloud.find(parameterType, source.name, where) ??
      // A name without a path is one without a slash in front.
      cloud.find(parameterType, source.name.replace(/^\//, ''), where);
    const value = found?.inputs['value'] ?? found?.inputs['insecureValue'];
    if (typeof value === 'string') return value;
    throw pullError(`unable to retrieve secrets from ssm: invalid parameters: ${source.name}`);
  }
  const value = await read(source.arn, where);
  if (value === undefined) {
    throw pullError(
      `unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${source.arn} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    );
  }
  if (source.key === '') return value;
  const held = keyOf(value, source.key);
  if (held !== undefined) return held;
  throw pullError(
    `unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key ${source.key}`,
  );
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
function pullError(why: string): StartError {
  return new StartError(
    `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ${why}`,
  );
}

/** One key of a secret that is JSON. What cannot be read is never repeated. */
function keyOf(secret: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(secret) as Readonly<Record<string, unknown>>)[key];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
