import { Interface } from 'ethers/abi';
import type { Abi } from '../../plan/artifact.ts';
import { describeRevert } from '../../plan/revert.ts';

const errors = new Map<string, Abi[number]>();

/** Makes the errors of a contract readable wherever a transaction reverts with one: facets revert with each other's. */
export function knownErrors(abi: Abi): void {
  for (const item of abi) {
    if (item.type !== 'error') continue;
    const signature = Interface.from([item]).fragments[0]?.format('sighash');
    if (signature !== undefined) errors.set(signature, item);
  }
}

/** What a contract said when it reverted, as the source would write it. */
export function describeKnownRevert(data: string | undefined): string {
  return describeRevert([...errors.values()], data);
}
