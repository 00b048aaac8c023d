import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import type { FactTable } from './facts.ts';
import type { Provider } from './kind.ts';

/** A provider with its table. */
export interface Part {
  readonly provider: Provider;
  readonly table: FactTable;
  /** Whether its resources are in regions. */
  readonly regional: boolean;
}

/** The providers that the twin plays, by the names that the engine calls them. */
const played: Readonly<Record<string, { readonly package: string; readonly load: () => Promise<Part> }>> = {
  aws: {
    package: '@pulumi/aws',
    load: async () => {
      const [{ kinds }, { functions }, table] = await Promise.all([
        import('./services/aws/index.ts'),
        import('./services/aws/functions.ts'),
        readTable('aws'),
      ]);
      return { provider: { name: 'aws', kinds, functions }, table, regional: true };
    },
  },
  'docker-build': {
    package: '@pulumi/docker-build',
    load: async () => {
      const { kinds, table } = await import('./services/docker/index.ts');
      return { provider: { name: 'docker-build', kinds, functions: {} }, table, regional: false };
    },
  },
};

/** The names of the providers that the twin plays. */
export const playedNames: readonly string[] = Object.keys(played);

/** Loads the kinds and the table of a provider. SIDE EFFECTS: reads the table. */
export async function loadPart(name: string): Promise<Part> {
  const part = played[name];
  if (part === undefined) throw new CutoverError('CUT-5303', { name, known: playedNames.join(', ') });
  return part.load();
}

/** The version of a provider's npm package, which is that of the plugin it wants. SIDE EFFECTS: reads it. */
export async function packageVersion(name: string): Promise<string> {
  const packageName = played[name]?.package ?? name;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version;
  } catch (cause) {
    throw new CutoverError('CUT-5316', { package: packageName }, { cause });
  }
}

async function readTable(name: string): Promise<FactTable> {
  const file = join(import.meta.dirname, 'facts', `${name}.json`);
  return JSON.parse(await readFile(file, 'utf8')) as FactTable;
}
