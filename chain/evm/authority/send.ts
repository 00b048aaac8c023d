import { Interface } from 'ethers/abi';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Abi } from '../../plan/artifact.ts';
import { standardErrors } from '../../plan/authority/permission.ts';
import { timelockInterface } from '../../plan/authority/timelock-operation.ts';
import { gasLimitFor } from '../../plan/fees.ts';
import { describeNetwork } from '../../plan/network.ts';
import { describeRevert } from '../../plan/revert.ts';
import type { Account } from '../account.ts';
import type { Rpc } from '../rpc.ts';
import { estimateGas, gasCaps, submit, waitForReceipt, type Log } from '../sender.ts';
import { whoMay } from './who-may.ts';

/** A transaction of an authority. */
export interface Sending {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  readonly purpose: string;
  /** The same for the same transaction, in every process that wants it. */
  readonly key: string;
  /** Of the contracts that are called: for errors in words. */
  readonly abi: Abi;
}

/** A transaction that is in a block. */
export interface Sent {
  readonly transactionHash: string;
  readonly blockNumber: number;
}

/**
 * Tries a transaction as a call, sends it, and waits until it is in a block. What would fail is refused with the
 * contract's reason and who may, and costs nothing. SIDE EFFECTS: sends a transaction.
 */
export async function sendAndWait(rpc: Rpc, account: Account, sending: Sending, log: Log): Promise<Sent> {
  const { to, data, value = 0n, purpose, key } = sending;
  const network = describeNetwork(rpc.network);
  // Asked only when it is not on its way already.
  const gasLimit = (): Promise<bigint> => rehearse(rpc, account, sending, log);
  const hash = await submit(rpc, account, { to, data, value, gasLimit, purpose, key }, log);
  log(`${purpose}: sent ${hash} to ${network}`);
  const receipt = await waitForReceipt(rpc, account, hash, log);
  if (receipt.succeeded) {
    return { transactionHash: receipt.transactionHash, blockNumber: receipt.blockNumber };
  }
  const reason = (await refusalOf(rpc, account.address, sending, receipt.blockNumber))?.reason;
  throw new CutoverError('CUT-2254', {
    purpose,
    hash,
    network,
    reason: reason ?? 'reverted, and does not as a call now',
  });
}

/** The gas limit to send it with, once all that the account has on its way is mined. */
async function rehearse(rpc: Rpc, account: Account, sending: Sending, log: Log): Promise<bigint> {
  const { to, data, value = 0n, purpose, abi } = sending;
  const network = describeNetwork(rpc.network);
  const [estimate, caps] = await Promise.all([
    estimateGas(rpc, account.address, { to, data, value }, log),
    gasCaps(rpc, account.address),
  ]);
  if (estimate.kind === 'refused') {
    // Endpoints differ in what they tell of a failed estimate; a call is told in full.
    const refusal = await refusalOf(rpc, account.address, sending);
    const reason = refusal?.reason ?? `was refused by the node: ${estimate.message}`;
    const who = await whoMay(rpc, to, account.address, refusal?.data ?? estimate.data, abi);
    throw new CutoverError('CUT-2252', {
      ...{ purpose, network, target: to, reason, sender: account.address, who },
    });
  }
  const limit = gasLimitFor(estimate.gas, caps.block, caps.transaction);
  if (limit !== undefined) return limit;
  throw new CutoverError('CUT-2253', {
    ...{ purpose, gas: estimate.gas, network },
    limit: caps.block < caps.transaction ? caps.block : caps.transaction,
  });
}

/** What a contract answers when it refuses. */
export interface CallRefusal {
  /** For example: reverted with OwnableUnauthorizedAccount(0x…). */
  readonly reason: string;
  readonly data: string | undefined;
}

/** Why a call is refused; undefined when it is not. SIDE EFFECTS: asks the node. */
export async function refusalOf(
  rpc: Rpc,
  from: string,
  call: Pick<Sending, 'to' | 'data' | 'value' | 'abi'>,
  block: number | 'latest' = 'latest',
): Promise<CallRefusal | undefined> {
  const { to, data, value = 0n, abi } = call;
  const at = block === 'latest' ? block : hex(BigInt(block));
  const answer = await rpc.ask('eth_call', [{ from, to, data, value: hex(value) }, at]);
  if (answer.kind === 'value') return undefined;
  const reason =
    answer.data === undefined
      ? `was refused by the node: ${answer.message}`
      : describeRevert([...abi, ...commonErrors], answer.data);
  return { reason, data: answer.data };
}

const commonErrors = [new Interface(standardErrors), timelockInterface].flatMap(
  (contract) => JSON.parse(contract.formatJson()) as Abi,
);

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
