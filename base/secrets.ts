import { readFile } from 'node:fs/promises';
import { CutoverError, messageOf } from './errors.ts';
import { fromRoot } from './project.ts';

/**
 * Where a key or secret is kept. The value itself never travels: it is read in the process that uses it.
 * - `env`: an environment variable of that name.
 * - `file`: a file; a relative name is taken from the project's folder. Its trailing line end is dropped.
 * - `ssm`: a parameter of the AWS parameter store, decrypted.
 * - `secretsManager`: a secret of AWS Secrets Manager.
 */
export type SecretRef =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string }
  | AwsSecretRef;

/** A secret that AWS keeps. Credentials come as for every AWS tool. */
export interface AwsSecretRef {
  readonly kind: 'ssm' | 'secretsManager';
  readonly name: string;
  /** @default AWS_REGION, else AWS_DEFAULT_REGION, else the region of the AWS profile */
  readonly region?: string | undefined;
}

/** Reads the secret. SIDE EFFECTS: reads a file, or asks AWS. */
export async function readSecret(ref: SecretRef): Promise<string> {
  const value = await valueOf(ref);
  if (value !== undefined && value !== '') return value;
  throw new CutoverError('CUT-1100', { reference: describeSecret(ref), ...emptiness(ref) });
}

/** The reference in words; safe to print. */
export function describeSecret(ref: SecretRef): string {
  const region = 'region' in ref && ref.region !== undefined ? ` in ${ref.region}` : '';
  return `${ref.kind}:${ref.name}${region}`;
}

async function valueOf(ref: SecretRef): Promise<string | undefined> {
  switch (ref.kind) {
    case 'env':
      return process.env[ref.name];
    case 'file':
      return readSecretFile(ref.name);
    case 'ssm':
    case 'secretsManager': {
      // Loaded only here: the AWS SDK takes 60 ms to load.
      const { readAwsSecret } = await import('./aws-secrets.ts');
      return readAwsSecret(ref, describeSecret(ref));
    }
  }
}

function emptiness({ kind, name }: SecretRef): { readonly why: string; readonly fix: string } {
  switch (kind) {
    case 'env':
      return {
        why: `the environment variable ${name} is not set`,
        fix: `export ${name}=… and run the command again`,
      };
    case 'file':
      return { why: 'the file is empty', fix: `write the secret to ${name}` };
    case 'ssm':
    case 'secretsManager':
      return { why: 'it is there and holds no text', fix: `write the secret to ${name} as text` };
  }
}

async function readSecretFile(name: string): Promise<string> {
  try {
    return (await readFile(fromRoot(name), 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new CutoverError(
      'CUT-1100',
      {
        reference: `file:${name}`,
        why: messageOf(cause),
        fix: `write the secret to ${name}, readable by you only`,
      },
      { cause },
    );
  }
}
