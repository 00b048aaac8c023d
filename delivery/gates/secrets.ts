import { readSecret, describeSecret, type SecretRef } from '@cutover/base/secrets.ts';
import { secretsOf, type Check, type HeaderValue } from '../plan/gate-check.ts';

/** The secrets of a gate's checks, read once. They stay in this process and are masked in everything it says. */
export interface Secrets {
  read(ref: SecretRef): string;
  values(): string[];
}

/** Reads every secret that the checks refer to. SIDE EFFECTS: reads files. */
export async function openSecrets(checks: readonly Check[]): Promise<Secrets> {
  const byName = new Map<string, string>();
  for (const ref of checks.flatMap(secretsOf)) {
    const name = describeSecret(ref);
    if (!byName.has(name)) byName.set(name, await readSecret(ref));
  }
  return {
    read: (ref) => byName.get(describeSecret(ref)) ?? '',
    values: () => [...byName.values()],
  };
}

/** Headers with their secrets filled in. */
export function openHeaders(
  headers: Readonly<Record<string, HeaderValue>> | undefined,
  secrets: Secrets,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `${value.prefix ?? ''}${secrets.read(value.secret)}`,
    ]),
  );
}
