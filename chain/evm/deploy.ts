import { keccak256 } from 'ethers/crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { deploymentCall, deploymentProxy } from '../plan/address.ts';
import type { Artifact } from '../plan/artifact.ts';
import { compareCode, type ImmutableValue } from '../plan/code.ts';
import { planContract } from '../plan/contract.ts';
import { gasLimitFor, transactionGasCap } from '../plan/fees.ts';
import type { Libraries } from '../plan/link.ts';
import { describeNetwork, isLocal } from '../plan/network.ts';
import { describeRevert } from '../plan/revert.ts';
import type { Account } from './account.ts';
import { ensureDeploymentProxy } from './deployment-proxy.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import { pauseFor, strangersInFlight, submit, waitForReceipt, type Log } from './sender.ts';

/** A contract that is wanted on a chain. */
export interface Deployment {
  readonly artifact: Artifact;
  readonly libraries: Libraries;
  /** Creation code, linked, with the encoded arguments behind it. */
  readonly initCode: string;
  readonly salt: string;
  readonly address: string;
  /** The constructor arguments in words, for errors. */
  readonly args: string;
}

/** The transaction that deployed a contract. */
export interface DeploymentTransaction {
  readonly hash: string;
  readonly blockNumber: number;
  readonly sender: string;
}

/** A contract that is on a chain. */
export interface Deployed {
  /** Keccak hash of the code on the chain, immutables and all. */
  readonly codeHash: string;
  readonly immutables: readonly ImmutableValue[];
  /** The transaction; undefined where the contract was found deployed. */
  readonly transaction: DeploymentTransaction | undefined;
}

/**
 * Brings a contract to its address, whatever an earlier attempt got done: what is there is kept, what is on its way is
 * waited for, what is missing is sent. Killed at any point, the next call goes on from what the chain knows.
 * SIDE EFFECTS: may send transactions.
 */
export async function deployContract(
  rpc: Rpc,
  signer: () => Promise<Account>,
  wanted: Deployment,
  log: Log,
): Promise<Deployed> {
  if (await alreadyThere(rpc, wanted)) return settled(rpc, wanted, undefined, log);
  // Only now: a key that is not needed is not read.
  const account = await signer();
  await ensureDeploymentProxy(rpc, account, log);
  if (await onItsWay(rpc, account, wanted, log)) return settled(rpc, wanted, undefined, log);

  const gasLimit = await rehearse(rpc, account, wanted);
  const { contractName } = wanted.artifact;
  const hash = await submit(rpc, account, {
    to: deploymentProxy.address,
    data: deploymentCall(wanted.initCode, wanted.salt),
    gasLimit,
    purpose: contractName,
  });
  log(`${contractName}: sent ${hash} to ${describeNetwork(rpc.network)}, will be at ${wanted.address}`);
  const receipt = await waitForReceipt(rpc, account, hash, log);
  // A transaction of ours that was thought lost may have been first: then this one reverts, and all is well.
  if (!receipt.succeeded && !(await alreadyThere(rpc, wanted))) {
    throw new CutoverError('CUT-2055', {
      hash,
      network: describeNetwork(rpc.network),
      reason: `the deployment of ${contractName} reverted, though it was possible a moment before`,
    });
  }
  const transaction = receipt.succeeded
    ? { hash, blockNumber: receipt.blockNumber, sender: account.address }
    : undefined;
  return settled(rpc, wanted, transaction, log);
}

/** Whether the contract is in the latest block. Other code at its address is refused. */
async function alreadyThere(rpc: Rpc, wanted: Deployment): Promise<boolean> {
  const onChain = await codeAt(rpc, wanted.address);
  const code = compareCode(onChain, wanted.artifact, wanted.libraries);
  const plan = planContract({ code, recorded: false });
  if (plan.kind === 'refuse') throw otherCode(rpc, wanted, plan.difference);
  return plan.kind !== 'deploy';
}

/**
 * After a crash our transaction may still wait for a block. It is found in the pending block, where the node shows
 * that; else the account's unknown transactions get a little time to settle. A second one would do no harm, it would
 * only pay for nothing.
 */
async function onItsWay(rpc: Rpc, account: Account, wanted: Deployment, log: Log): Promise<boolean> {
  if ((await strangersInFlight(rpc, account.address)) === 0) return false;
  const hash = await pendingDeployment(rpc, wanted);
  if (hash !== undefined) {
    log(`${wanted.artifact.contractName}: found ${hash}, sent earlier and not mined yet`);
    await waitForReceipt(rpc, account, hash, log);
    return alreadyThere(rpc, wanted);
  }
  log(
    `${wanted.artifact.contractName}: ${account.address} has transactions of an earlier run on their way, waiting`,
  );
  const settledDown = async (): Promise<boolean | undefined> => {
    if (await alreadyThere(rpc, wanted)) return true;
    return (await strangersInFlight(rpc, account.address)) === 0 ? false : undefined;
  };
  const timeoutMs = isLocal(rpc.network) ? 5_000 : 60_000;
  return (await poll(settledDown, { timeoutMs, pauseMs: pauseFor(rpc) })) ?? false;
}

async function pendingDeployment(rpc: Rpc, wanted: Deployment): Promise<string | undefined> {
  interface Pending {
    readonly transactions?: readonly {
      readonly hash: string;
      readonly to: string | null;
      readonly input: string;
    }[];
  }
  const answer = await rpc.ask('eth_getBlockByNumber', ['pending', true]);
  const transactions = answer.kind === 'value' ? ((answer.value as Pending | null)?.transactions ?? []) : [];
  const data = deploymentCall(wanted.initCode, wanted.salt);
  const proxy = deploymentProxy.address.toLowerCase();
  return transactions.find(({ to, input }) => to?.toLowerCase() === proxy && input === data)?.hash;
}

/** Tries the deployment as a call, so that what fails costs nothing. Answers with the gas limit to send it with. */
async function rehearse(rpc: Rpc, account: Account, wanted: Deployment): Promise<bigint> {
  const { contractName, abi } = wanted.artifact;
  const network = describeNetwork(rpc.network);
  const data = deploymentCall(wanted.initCode, wanted.salt);
  const [estimate, block] = await Promise.all([
    rpc.ask('eth_estimateGas', [{ from: account.address, to: deploymentProxy.address, data }]),
    rpc.send<{ gasLimit: string }>('eth_getBlockByNumber', ['latest', false]),
  ]);
  if (estimate.kind === 'refused') {
    // The proxy swallows what the constructor says; without the proxy in between it can be heard.
    const direct = await rpc.ask('eth_call', [
      { from: deploymentProxy.address, data: wanted.initCode },
      'latest',
    ]);
    const reason =
      direct.kind === 'refused'
        ? direct.data === undefined
          ? `says: ${direct.message}`
          : describeRevert(abi, direct.data)
        : `fails in the deployment proxy: ${estimate.message}`;
    throw new CutoverError('CUT-2051', { contract: contractName, network, reason, args: wanted.args });
  }
  const gas = BigInt(estimate.value as string);
  const blockLimit = BigInt(block.gasLimit);
  const gasLimit = gasLimitFor(gas, blockLimit);
  if (gasLimit !== undefined) return gasLimit;
  const byBlock = blockLimit < transactionGasCap;
  throw new CutoverError('CUT-2052', {
    contract: contractName,
    gas,
    limiter: byBlock ? `a block of ${network}` : 'EIP-7825, the ceiling for one transaction,',
    limit: byBlock ? blockLimit : transactionGasCap,
  });
}

/**
 * Waits until the contract is as deep as the network wants it. The chain is asked, not the receipt: a receipt's block
 * may be undone.
 */
async function settled(
  rpc: Rpc,
  wanted: Deployment,
  transaction: Deployed['transaction'],
  log: Log,
): Promise<Deployed> {
  const confirmations = rpc.network.confirmations ?? 1;
  const deepEnough = async (): Promise<string | undefined> => {
    const latest = Number(await rpc.send<string>('eth_blockNumber', []));
    const block = latest - (confirmations - 1);
    const code = block < 0 ? '0x' : await codeAt(rpc, wanted.address, `0x${block.toString(16)}`);
    return code === '0x' ? undefined : code;
  };
  const code = await poll(deepEnough, {
    timeoutMs: 600_000,
    pauseMs: pauseFor(rpc),
    progress: (seconds) =>
      log(`${wanted.artifact.contractName}: waiting for ${confirmations} confirmations, ${seconds} s`),
  });
  const comparison = compareCode(code ?? '0x', wanted.artifact, wanted.libraries);
  if (code === undefined || comparison.verdict === 'none') {
    throw new CutoverError('CUT-2054', {
      hash: transaction?.hash ?? `that deploys ${wanted.artifact.contractName}`,
      network: describeNetwork(rpc.network),
      seconds: 600,
    });
  }
  if (comparison.verdict === 'changed') throw otherCode(rpc, wanted, comparison.difference);
  return { codeHash: keccak256(code), immutables: comparison.immutables, transaction };
}

/** The code at an address. SIDE EFFECTS: asks the node. */
export function codeAt(rpc: Rpc, address: string, block = 'latest'): Promise<string> {
  return rpc.send<string>('eth_getCode', [address, block]);
}

function otherCode(rpc: Rpc, wanted: Deployment, difference: string): CutoverError {
  return new CutoverError('CUT-2056', {
    address: wanted.address,
    network: describeNetwork(rpc.network),
    contract: wanted.artifact.contractName,
    difference,
  });
}
