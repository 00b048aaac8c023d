import type { PasswordConfig } from '../config.ts';

/** A password that may change while the service runs. */
export interface Password {
  /** The password as it is now. SIDE EFFECTS: may ask who keeps it. */
  readonly read: () => Promise<string>;
  /** Whoever was shown it refused it: the next `read` asks anew. */
  readonly refused: () => void;
}

/** How long a password serves before it is asked for again. */
const KEEP_MS = 5 * 60_000;

/** The password of the database, from wherever the configuration says. */
export function passwordOf(config: PasswordConfig, timeoutMs: number): Password {
  if (config.kind === 'given') return { read: () => Promise.resolve(config.value), refused: () => undefined };
  return keptPassword(() => fetchPassword(config.arn, timeoutMs));
}

/**
 * A password that somebody else keeps and changes. Many who ask at once are one question, and while the keeper does not
 * answer the last password serves on.
 */
export function keptPassword(ask: () => Promise<string>, keepMs = KEEP_MS, now = Date.now): Password {
  let known: { readonly value: string; readonly at: number } | undefined;
  let asking: Promise<string> | undefined;

  const askAnew = async (): Promise<string> => {
    const at = now();
    try {
      const value = await ask();
      known = { value, at };
      return value;
    } catch (error) {
      if (known === undefined) throw error;
      return known.value;
    } finally {
      asking = undefined;
    }
  };

  return {
    read: () => {
      if (known !== undefined && now() - known.at < keepMs) return Promise.resolve(known.value);
      return (asking ??= askAnew());
    },
    refused: () => (known = undefined),
  };
}

/** The password in a secret as RDS keeps it: `{"username": …, "password": …}`. SIDE EFFECTS: asks Secrets Manager. */
async function fetchPassword(arn: string, timeoutMs: number): Promise<string> {
  // Loaded only here: it takes 60 ms, and most services have no such password.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ ...regionOf(arn), maxAttempts: 2 });
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }), {
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
    return passwordIn(SecretString);
  } finally {
    client.destroy();
  }
}

/** The secret is asked for where it is, wherever the service runs. */
function regionOf(arn: string): { readonly region?: string } {
  const region = arn.split(':')[3];
  return region === undefined ? {} : { region };
}

/** The password in the text of a secret. The text is repeated in no error. */
export function passwordIn(text: string): string {
  const password = propertyOf(text, 'password');
  if (typeof password === 'string' && password !== '') return password;
  throw new Error('the secret of the database is no JSON with a password');
}

function propertyOf(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Readonly<Record<string, unknown>> | null)?.[name];
  } catch {
    return undefined;
  }
}
