import type { Chain, Deployed } from './chain-kit.ts';

/** Gas of everything that a scenario did with one contract of ours. */
export interface Readings {
  /** What each deployment took. */
  readonly deployments: bigint[];
  /** What each call took, by function. */
  readonly calls: Map<string, bigint[]>;
}

/** A chain that notes the gas of what is done with contracts of chain/contracts. */
export interface Meter {
  readonly chain: Chain;
  /** By source and name of the contract. */
  readonly readings: ReadonlyMap<string, Readings>;
}

// The clock is the report's own: times are arguments and stored, and a zero byte in them is cheaper.
const start = 2_000_000_000;

/** How readings and the report name a contract. */
export function contractKey(source: string, contract: string): string {
  return `${source}:${contract}`;
}

/** Puts a meter between a scenario and a fresh chain, whose clock it sets. SIDE EFFECTS: changes the chain's clock. */
export async function meterOn(chain: Chain): Promise<Meter> {
  await chain.rpc('evm_setNextBlockTimestamp', [start]);
  await chain.rpc('evm_mine');
  await chain.rpc('anvil_setBlockTimestampInterval', [1]);
  const readings = new Map<string, Readings>();
  const ours = new Map<string, Readings>();

  function readingsOf(source: string, contract: string): Readings {
    const key = contractKey(source, contract);
    const found = readings.get(key) ?? { deployments: [], calls: new Map<string, bigint[]>() };
    readings.set(key, found);
    return found;
  }

  const metered: Chain = {
    ...chain,
    async deploy(source, contract, args, value, libraries) {
      const deployed: Deployed = await chain.deploy(source, contract, args, value, libraries);
      if (!source.startsWith('chain/contracts/')) return deployed;
      const { gasUsed } = await chain.rpc<{ gasUsed: string }>('eth_getBlockByNumber', ['latest', false]);
      const noted = readingsOf(source, contract);
      noted.deployments.push(BigInt(gasUsed));
      ours.set(deployed.address, noted);
      return deployed;
    },
    async send(from, contract, fn, args, options) {
      const mined = await chain.send(from, contract, fn, args, options);
      const noted = ours.get(contract.address);
      noted?.calls.set(fn, [...(noted.calls.get(fn) ?? []), mined.gasUsed]);
      return mined;
    },
  };
  return { chain: metered, readings };
}
