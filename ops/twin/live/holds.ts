import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SigningKey } from 'ethers/crypto';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { liveFolder } from './bodies.ts';

/** What the endpoint holds beside the cloud: values that are no things of it. */
export interface EndpointHolds {
  /** Secrets of Secrets Manager by their names. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Keys of KMS that sign, by their aliases. */
  readonly keys: ReadonlyMap<string, SigningKey>;
}

interface Kept {
  readonly secrets: readonly (readonly [name: string, value: string])[];
  readonly keys: readonly (readonly [alias: string, privateKey: string])[];
}

function fileOf(folder: string): string {
  return join(liveFolder(folder), 'holds.json');
}

/**
 * Leaves to the ground what a rehearsal has made: keys and secrets that are worth nothing anywhere else.
 * SIDE EFFECTS: writes a file that only its user can read.
 */
export async function writeHolds(folder: string, { secrets, keys }: EndpointHolds): Promise<void> {
  const kept: Kept = {
    secrets: [...secrets],
    keys: [...keys].map(([alias, key]) => [alias, key.privateKey] as const),
  };
  await writeFileAtomic(fileOf(folder), JSON.stringify(kept), 0o600);
}

/** What a rehearsal has left; nothing where there was none. SIDE EFFECTS: reads the file. */
export async function readHolds(folder: string): Promise<EndpointHolds> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => undefined);
  const kept: Kept = text === undefined ? { secrets: [], keys: [] } : (JSON.parse(text) as Kept);
  return {
    secrets: new Map(kept.secrets),
    keys: new Map(kept.keys.map(([alias, privateKey]) => [alias, new SigningKey(privateKey)] as const)),
  };
}
