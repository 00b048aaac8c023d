import { readFile } from 'node:fs/promises';
import { CutoverError, messageOf } from './errors.ts';
import { fromRoot } from './project.ts';

/**
 * Where a key or secret is kept. The value itself never travels: it is read in the process that uses it.
 * - `env`: an environment variable of that name.
 * - `file`: a file; a relative name is taken from the project's folder. Its trailing line end is dropped.
 */
export type SecretRef =
  { readonly kind: 'env'; readonly name: string } | { readonly kind: 'file'; readonly name: string };

/** Reads the secret. SIDE EFFECTS: reads a file. */
export async function readSecret(ref: SecretRef): Promise<string> {
  const value = ref.kind === 'env' ? process.env[ref.name] : await readSecretFile(ref.name);
  if (value === undefined || value === '') {
    throw new CutoverError('CUT-1100', {
      reference: describeSecret(ref),
      why: ref.kind === 'env' ? `the environment variable ${ref.name} is not set` : `the file is empty`,
      fix:
        ref.kind === 'env'
          ? `export ${ref.name}=… and run the command again`
          : `write the secret to ${ref.name}`,
    });
  }
  return value;
}

/** The reference in words; safe to print. */
export function describeSecret(ref: SecretRef): string {
  return `${ref.kind}:${ref.name}`;
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
