import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../base/project.ts';
import pins from './pins.json' with { type: 'json' };
import type { PartName } from './manifest.ts';
import { platform } from './platform.ts';

/**
 * What a part is asked to be, as a short hash: its pinned version, the machine, and the sources that it is built from.
 * A part whose key changed is looked for again. Hashing all of them takes about two milliseconds.
 */
export function partKey(name: PartName): string {
  switch (name) {
    case 'packages':
    case 'postgres':
    case 'surfpool':
      return keyOf([platform], ['package-lock.json']);
    case 'anvil':
      return keyOf([platform, JSON.stringify(pins.anvil)], ['package-lock.json']);
    case 'pulumi':
      return keyOf(
        [platform, JSON.stringify(pins.pulumi)],
        ['toolchain/pulumi-resource-pulumi-nodejs', ...goSources('toolchain/go/engine')],
      );
    case 'mongo':
      return keyOf([platform, JSON.stringify(pins.mongod)], goSources('toolchain/go/mongo-wire'));
    case 'valkey':
      return keyOf([platform, JSON.stringify(pins.valkey)], ['toolchain/valkey-requirements.txt']);
  }
}

/** A hash of words and of the content of files, sixteen characters long. */
export function keyOf(words: readonly string[], files: readonly string[], folder = projectRoot): string {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

function goSources(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(\.go|^go\.(mod|sum))$/.test(name) && !name.endsWith('_test.go'))
    .sort()
    .map((name) => join(folder, name));
}
