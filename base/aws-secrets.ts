import { CutoverError, messageOf } from './errors.ts';
import type { AwsSecretRef } from './secrets.ts';

/** How long a value is used before it is asked for again: an update asks once, and a changed value is noticed soon. */
const keptMs = 60_000;
/** Finding credentials and three attempts take less, or will not end. */
const patienceMs = 15_000;

const kept = new Map<string, { readonly value: Promise<string | undefined>; readonly until: number }>();

/**
 * Reads a secret that AWS keeps, once a minute for all who want it. Undefined where it holds no text. `reference` is its
 * name in errors. SIDE EFFECTS: asks AWS.
 */
export function readAwsSecret(
  ref: AwsSecretRef,
  reference: string,
  timeoutMs = patienceMs,
): Promise<string | undefined> {
  // The SDK reads the first of these variables and the AWS profile by itself, the other tools of AWS also the second.
  const region = [ref.region, process.env['AWS_REGION'], process.env['AWS_DEFAULT_REGION']].find(Boolean);
  const key = JSON.stringify([ref.kind, ref.name, region]);
  const known = kept.get(key);
  if (known !== undefined && performance.now() < known.until) return known.value;
  const asked = { value: ask(ref, region, reference, timeoutMs), until: performance.now() + keptMs };
  kept.set(key, asked);
  // What could not be read is asked for anew.
  asked.value.catch(() => kept.get(key) === asked && kept.delete(key));
  return asked.value;
}

async function ask(
  ref: AwsSecretRef,
  region: string | undefined,
  reference: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const options = { maxAttempts: 3, ...(region === undefined ? {} : { region }) };
  const seconds = timeoutMs / 1000;
  const service = services[ref.kind];
  const place = {
    ...{ reference, service: service.title, seconds },
    region: region ?? 'the region of the AWS profile',
  };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new CutoverError('CUT-1105', place)), timeoutMs);
  try {
    // The SDK has no limit for the time in which it looks for credentials.
    return await Promise.race([service.read(ref.name, options, timeoutMs), late.promise]);
  } catch (error) {
    throw error instanceof CutoverError ? error : refusalOf(error, ref, place);
  } finally {
    clearTimeout(timer);
  }
}

interface ClientOptions {
  readonly maxAttempts: number;
  readonly region?: string;
}

interface Service {
  readonly title: string;
  /** What whoever reads must be allowed. */
  readonly action: string;
  readonly write: string;
  read(name: string, options: ClientOptions, timeoutMs: number): Promise<string | undefined>;
}

const services: Readonly<Record<AwsSecretRef['kind'], Service>> = {
  ssm: {
    title: 'the AWS parameter store',
    action: 'ssm:GetParameter',
    write: 'aws ssm put-parameter --type SecureString --name',
    async read(Name, options, timeoutMs) {
      const { SSMClient, GetParameterCommand } = await import('@aws-sdk/client-ssm');
      const client = new SSMClient(options);
      const command = new GetParameterCommand({ Name, WithDecryption: true });
      try {
        return (await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })).Parameter?.Value;
      } finally {
        client.destroy();
      }
    },
  },
  secretsManager: {
    title: 'AWS Secrets Manager',
    action: 'secretsmanager:GetSecretValue',
    write: 'aws secretsmanager create-secret --name',
    async read(SecretId, options, timeoutMs) {
      const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const client = new SecretsManagerClient(options);
      const command = new GetSecretValueCommand({ SecretId });
      try {
        return (await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) })).SecretString;
      } finally {
        client.destroy();
      }
    },
  },
};

/** Errors without their cause: the SDK hangs the whole answer on them, and that may hold the value. */
function refusalOf(
  error: unknown,
  { kind, name }: AwsSecretRef,
  place: Readonly<Record<'reference' | 'service' | 'region', string>> & { readonly seconds: number },
): CutoverError {
  const { action, write } = services[kind];
  const details = { ...place, name, action, write, message: safeMessage(error) };
  const thrown = error instanceof Error ? error.name : '';
  switch (thrown) {
    case 'ParameterNotFound':
    case 'ParameterVersionNotFound':
    case 'ResourceNotFoundException':
      return new CutoverError('CUT-1101', details);
    case 'AccessDeniedException':
    case 'DecryptionFailure':
      return new CutoverError('CUT-1102', details);
    case 'AbortError':
    case 'TimeoutError':
      return new CutoverError('CUT-1105', details);
  }
  if (signInErrors.test(thrown)) return new CutoverError('CUT-1103', details);
  if (/region is missing/i.test(messageOf(error))) return new CutoverError('CUT-1104', details);
  return new CutoverError('CUT-1106', details);
}

/** CredentialsProviderError, ExpiredTokenException, InvalidSignatureException … of the SDK and of AWS. */
const signInErrors = /Credentials|Token|Signature|UnrecognizedClient/;

/** What AWS itself says, or the system of a connection. Readers of JSON quote what they could not read. */
function safeMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  const { $fault, code } = error as { readonly $fault?: unknown; readonly code?: unknown };
  if ($fault !== undefined || signInErrors.test(error.name)) return error.message;
  return typeof code === 'string' ? code : `${error.name}; more is not shown`;
}
