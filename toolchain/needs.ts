import { partNames, type PartName } from './manifest.ts';

/** What a command needs: the npm packages alone, those and the engine, or every local part too. */
export type Need = 'packages' | 'engine' | 'everything';

const needs: Readonly<Record<string, Need>> = {
  up: 'everything',
  test: 'everything',
  plan: 'engine',
  down: 'engine',
  pulumi: 'engine',
  verify: 'packages',
  approve: 'packages',
  bootstrap: 'engine',
  rollback: 'everything',
  pause: 'engine',
  resume: 'engine',
  failover: 'engine',
  drill: 'everything',
  rehearse: 'everything',
  tx: 'packages',
};

/** Reads from the command line what has to be there before the command runs. A command that is not known needs little. */
export function needOf(argv: readonly string[]): Need {
  const [command = '', ...rest] = argv.filter((word) => !word.startsWith('-'));
  if (argv.some((word) => word === '--help' || word === '-h')) return 'packages';
  if (command === 'doctor') return argv.includes('--bring') ? 'everything' : 'packages';
  // The stacks in the cloud have no local parts.
  const onlyCloud = rest.some((word) => word === 'staging' || word === 'prod');
  if (command === 'up' && onlyCloud) return 'engine';
  if (command === 'pulumi' && rest.some((word) => word === 'up' || word === 'update') && !onlyCloud) {
    return 'everything';
  }
  return needs[command] ?? 'packages';
}

/** The parts behind a need. */
export function partsOf(need: Need): readonly PartName[] {
  switch (need) {
    case 'packages':
      return ['packages'];
    case 'engine':
      return ['packages', 'pulumi'];
    case 'everything':
      return partNames;
  }
}
