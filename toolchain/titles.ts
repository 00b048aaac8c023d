import type { PartName } from './manifest.ts';

/** The parts as people are told of them. */
export const titles: Readonly<Record<PartName, string>> = {
  packages: 'npm packages',
  pulumi: 'Pulumi CLI',
  mongo: 'MongoDB-protocol server',
  valkey: 'Valkey',
  postgres: 'PostgreSQL',
  anvil: 'EVM node (anvil)',
  surfpool: 'Solana node (surfpool)',
};

/** What each part is needed for. */
export const purposes: Readonly<Record<PartName, string>> = {
  packages: 'every command',
  pulumi: 'up, down, plan, pulumi',
  mongo: "Gemforce's database on dev",
  valkey: "GoDark's cache on dev",
  postgres: 'databases on dev',
  anvil: 'contracts on dev',
  surfpool: 'Solana programs on dev',
};
