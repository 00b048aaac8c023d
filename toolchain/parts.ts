import { findBundled } from './bundled.ts';
import { partKey } from './keys.ts';
import type { Part, PartName } from './manifest.ts';
import { bringMongo } from './mongo.ts';
import { bringPackages } from './packages.ts';
import { bringPulumi } from './pulumi.ts';
import type { Step } from './steps.ts';
import { titles } from './titles.ts';
import { bringValkey } from './valkey.ts';

/** How a part gets here. */
export interface PartWork {
  readonly title: string;
  /** Parts that must be there first. */
  readonly after: readonly PartName[];
  /** Without it: nothing runs at all, or only what stands on it does not. */
  readonly without: 'nothing runs' | 'the rest runs';
  bring(step: Step): Promise<Part>;
}

export const partWork: Readonly<Record<PartName, PartWork>> = {
  packages: {
    title: titles.packages,
    after: [],
    without: 'nothing runs',
    bring: (step) => bringPackages(partKey('packages'), step),
  },
  pulumi: {
    title: titles.pulumi,
    after: [],
    without: 'nothing runs',
    bring: (step) => bringPulumi(partKey('pulumi'), step),
  },
  // The helper that downloads a mongod is an npm package.
  mongo: {
    title: titles.mongo,
    after: ['packages'],
    without: 'the rest runs',
    bring: (step) => bringMongo(partKey('mongo'), step),
  },
  valkey: {
    title: titles.valkey,
    after: [],
    without: 'the rest runs',
    bring: (step) => bringValkey(partKey('valkey'), step),
  },
  postgres: bundled('postgres'),
  anvil: bundled('anvil'),
  surfpool: bundled('surfpool'),
};

function bundled(name: 'postgres' | 'anvil' | 'surfpool'): PartWork {
  return {
    title: titles[name],
    after: ['packages'],
    without: 'the rest runs',
    bring: (step) => findBundled(name, step),
  };
}
