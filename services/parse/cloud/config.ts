import type { SettingsReader } from '@cutover/service-kit/environment.ts';
import { defaultFlags, parseFlags, type Flags } from './flags.ts';

/** What the cloud code is told by its environment. */
export interface CloudConfig {
  readonly flags: Flags;
  readonly blockchains: readonly Blockchain[];
}

/** A network that the platform works on, and its contracts there. */
export interface Blockchain {
  readonly chainId: number;
  readonly name: string;
  readonly testnet: boolean;
  readonly contracts: Readonly<Record<string, string>>;
}

/** Reads the settings of the cloud code. */
export function readCloudConfig(from: SettingsReader): CloudConfig {
  const environment = from.choice('ENVIRONMENT', ['dev', 'staging', 'prod'], 'dev');
  return {
    flags: readJson(from, 'FEATURES', defaultFlags[environment], parseFlags),
    blockchains: readJson(from, 'BLOCKCHAINS', [], parseBlockchains),
  };
}

/** The networks in a JSON text: a list of `{chainId, name, testnet, contracts}`. Throws with what is wrong. */
export function parseBlockchains(given: unknown): Blockchain[] {
  if (!Array.isArray(given)) throw new Error('it is not a list');
  return given.map((each: unknown, index) => {
    const { chainId, name, testnet = chainId !== 1, contracts = {} } = (each ?? {}) as Partial<Blockchain>;
    if (!Number.isSafeInteger(chainId)) throw new Error(`number ${index + 1} has no chainId`);
    if (typeof name !== 'string' || name === '') throw new Error(`number ${index + 1} has no name`);
    return { chainId: chainId as number, name, testnet, contracts };
  });
}

/** Reads JSON from a variable or the file that NAME_FILE names. */
function readJson<T>(from: SettingsReader, name: string, fallback: T, parse: (given: unknown) => T): T {
  const text = from.document(name);
  if (text === undefined) return fallback;
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    from.refuse(`${name} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    return fallback;
  }
}
