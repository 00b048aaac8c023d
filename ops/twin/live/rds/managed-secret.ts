import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import type { Thing } from '../../kind.ts';
import { objectsAt, textAt } from '../../services/values.ts';
import { liveFolder } from '../bodies.ts';

interface ManagedSecret {
  readonly arn: string;
  readonly username: string;
  readonly password: string;
}

const fileName = 'managed-secret.json';

/** What Secrets Manager gives under the ARN of a secret that RDS keeps: its user and password, as JSON. */
export async function managedSecret(folder: string, arn: string): Promise<string | undefined> {
  const bodies = join(liveFolder(folder), 'bodies');
  for (const name of await readdir(bodies).catch(() => [])) {
    const secret = await read(join(bodies, name));
    if (secret?.arn === arn) return JSON.stringify({ username: secret.username, password: secret.password });
  }
  return undefined;
}

/** The password that RDS keeps for an instance, made where there is none yet. SIDE EFFECTS: writes a file, 0600. */
export async function managedPassword(own: string, thing: Thing, username: string): Promise<string> {
  const arn = textAt(objectsAt(thing.outputs, 'masterUserSecrets')[0] ?? {}, 'secretArn') ?? '';
  const known = await read(own);
  // 28 characters, as RDS makes them, here without any that a URL would change.
  const password = known?.password ?? randomBytes(21).toString('base64url');
  const secret: ManagedSecret = { arn, username, password };
  await writeFileAtomic(join(own, fileName), `${JSON.stringify(secret)}\n`, 0o600);
  return password;
}

async function read(own: string): Promise<ManagedSecret | undefined> {
  const text = await readFile(join(own, fileName), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ManagedSecret);
}
