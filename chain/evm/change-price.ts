import { formatEther, formatUnits } from 'ethers/utils';
import { CutoverError } from '@cutover/base/errors.ts';
import { callsOf } from '../plan/authority/action.ts';
import { describeAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { ChangeStep } from '../plan/change.ts';
import { coinOf, type NetworkRef } from '../plan/network.ts';
import { signerAddress } from './account.ts';
import { connect, type Rpc } from './rpc.ts';

/**
 * What a change would cost at this moment and who has to agree, for a reviewer. Where a call cannot be tried yet, since
 * what it stands on is not there, the plan's own estimate is given. SIDE EFFECTS: asks the node.
 */
export async function priceLines(
  network: NetworkRef,
  authority: AuthorityRef,
  steps: readonly ChangeStep[],
): Promise<readonly string[]> {
  const rpc = await connect(network);
  const [price, from] = await Promise.all([
    rpc.send<string>('eth_gasPrice', []).then(BigInt),
    callerOf(authority),
  ]);
  const gases = await Promise.all(steps.map((step) => gasOf(rpc, from, step)));
  const gas = gases.reduce((sum, each) => sum + (each.gas ?? 0n), 0n);
  const tried = gases.every(({ how }) => how === 'tried');
  const unknown = gases.filter((each) => each.gas === undefined).length;
  const cost = `${trim(formatEther(gas * price))} ${coinOf(network.chainId)} at ${trim(formatUnits(price, 'gwei'))} gwei`;
  const calls = steps.length === 1 ? 'gas' : `gas in ${steps.length} transactions`;
  const figures =
    unknown === steps.length
      ? 'gas not known before what it stands on is on the chain'
      : `${tried ? '' : 'about '}${gas.toLocaleString('en')} ${calls}, ${cost} now`;
  return [figures, `by ${describeAuthority(authority)}${delayOf(authority)}`];
}

interface Gas {
  readonly gas: bigint | undefined;
  readonly how: 'tried' | 'estimated';
}

async function gasOf(rpc: Rpc, from: string | undefined, { action, gas }: ChangeStep): Promise<Gas> {
  let sum = 0n;
  for (const { to, data, value = 0n } of from === undefined ? [] : callsOf(action)) {
    const answer = await rpc.ask('eth_estimateGas', [{ from, to, data, value: `0x${value.toString(16)}` }]);
    if (answer.kind === 'refused') return { gas, how: 'estimated' };
    sum += BigInt(answer.value as string);
  }
  return from === undefined ? { gas, how: 'estimated' } : { gas: sum, how: 'tried' };
}

/** Who the contract sees; undefined where the key is not on this machine, as in a pull request's preview. */
export async function callerOf(authority: AuthorityRef): Promise<string | undefined> {
  if (authority.kind !== 'key') return authority.address;
  try {
    return await signerAddress(authority.signer);
  } catch (error) {
    if (error instanceof CutoverError) return undefined;
    throw error;
  }
}

function delayOf(authority: AuthorityRef): string {
  if (authority.kind === 'key') return ', at once';
  if (authority.kind === 'safe') return ', when enough owners have approved';
  const { delaySeconds } = authority;
  const delay = delaySeconds === undefined ? 'its delay' : `at least ${hours(delaySeconds)}`;
  return `, ${delay} after it is scheduled`;
}

function hours(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`;
}

/** Four digits that count. */
function trim(text: string): string {
  return Number(text).toLocaleString('en', { maximumSignificantDigits: 4 });
}
