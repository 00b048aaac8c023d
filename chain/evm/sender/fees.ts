import { formatUnits } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  bumpedFees,
  defaultFallbackGwei,
  feesForLevel,
  highestPrice,
  type FeeDecision,
  type FeeLevel,
  type Fees,
} from '../../plan/fees.ts';
import { describeNetwork } from '../../plan/network.ts';
import type { Lane } from './lane.ts';
import type { Log } from './submission.ts';

/** Fees at the price of this moment, and above earlier ones where they take their place. SIDE EFFECTS: may ask the node. */
export async function feesAbove(lane: Lane, level: FeeLevel, earlier: readonly Fees[]): Promise<FeeDecision> {
  const { network } = lane.watch;
  const { baseFee, rules } = await lane.watch.head();
  const gasPrice = baseFee === undefined ? await gasPriceOf(lane) : undefined;
  const policy = {
    level,
    fallbackGwei: network.fees?.fallbackGwei ?? defaultFallbackGwei(network.chainId),
    ceilingGwei: network.fees?.ceilingGwei,
    forks: rules,
  };
  const highest = earlier.toSorted((a, b) => Number(highestPrice(b) - highestPrice(a)))[0];
  return highest === undefined
    ? feesForLevel({ ...policy, baseFee, gasPrice })
    : bumpedFees(highest, { baseFee, gasPrice }, policy);
}

/** Fees within the ceiling, waiting for them if need be. SIDE EFFECTS: asks the node, waits. */
export async function affordableFees(
  lane: Lane,
  wanted: { readonly level: FeeLevel; readonly purpose: string; readonly earlier?: readonly Fees[] },
  log: Log,
): Promise<Fees> {
  const began = performance.now();
  let told = Number.NEGATIVE_INFINITY;
  for (;;) {
    const decision = await feesAbove(lane, wanted.level, wanted.earlier ?? []);
    if (decision.kind === 'fees') return decision.fees;
    const waitedMs = performance.now() - began;
    const [have, limit] = [formatUnits(decision.have, 'gwei'), formatUnits(decision.limit, 'gwei')];
    const { purpose } = wanted;
    const network = describeNetwork(lane.watch.network);
    if (waitedMs > lane.terms.patienceMs) {
      throw new CutoverError('CUT-2212', {
        purpose,
        network,
        have,
        limit,
        seconds: Math.round(waitedMs / 1000),
      });
    }
    if (waitedMs - told >= 10_000) {
      told = waitedMs;
      log(`${purpose}: gas on ${network} costs ${have} gwei, above the ceiling of ${limit} gwei; waiting`);
    }
    await lane.watch.look();
  }
}

async function gasPriceOf({ watch }: Lane): Promise<bigint | undefined> {
  const answer = await watch.rpc().ask('eth_gasPrice', []);
  return answer.kind === 'value' ? BigInt(answer.value as string) : undefined;
}
