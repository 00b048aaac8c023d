import { keccak256 } from 'ethers/crypto';
import { CutoverError } from '@cutover/base/errors.ts';
import { deploymentCall, deploymentProxy } from '../plan/address.ts';
import type { Artifact } from '../plan/artifact.ts';
import { codeOnceDeployed, compareCode, type ImmutableValue } from '../plan/code.ts';
import { planContract } from '../plan/contract.ts';
import { gasLimitFor } from '../plan/fees.ts';
import { requireEvmVersion } from '../plan/forks.ts';
import type { Libraries } from '../plan/link.ts';
import { describeNetwork } from '../plan/network.ts';
import type { Account } from './account.ts';
import { ensureDeploymentProxy } from './deployment-proxy.ts';
import { requireOwnerToBe } from './lost-owner.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import {
  knownInclusion,
  pauseFor,
  settle,
  strangersInFlight,
  submit,
  waitForReceipt,
  type Log,
  type Receipt,
} from './sender.ts';
import { agreedOn, agreedSoon } from './sender/agreement.ts';
import { estimateGas, gasCaps } from './sender/estimate.ts';
import { describeKnownRevert, knownErrors } from './sender/known-errors.ts';
import { networkKey, watchOf } from './sender/watch.ts';

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
  /** Undefined while it is on its way. */
  readonly blockNumber?: number;
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

/** How far a deployment is waited for. */
export interface DeployOptions {
  /**
   * `now`: until it is as deep in the chain as the network wants. `later`: until a node has taken it, and, where only
   * the chain can tell its code and nodes do not tell what is pending, until it is in a block; `settle` of the sender
   * waits for the rest.
   * @default now
   */
  readonly settle?: 'now' | 'later';
}

/**
 * Brings a contract to its address, whatever an earlier attempt got done: what is there is kept, what is on its way is
 * waited for, what is missing is sent. Killed at any point, the next call goes on from what the journal and the chain
 * know. SIDE EFFECTS: may send transactions.
 */
export async function deployContract(
  rpc: Rpc,
  signer: () => Promise<Account>,
  wanted: Deployment,
  log: Log,
  { settle: until = 'now' }: DeployOptions = {},
): Promise<Deployed> {
  const { contractName, abi } = wanted.artifact;
  knownErrors(abi);
  const onChain = await codeThere(rpc, wanted);
  if (onChain !== undefined) return found(rpc, wanted, onChain, until, log);
  // Only now: a key that is not needed is not read.
  const account = await signer();
  await ensureDeploymentProxy(rpc, account, log);
  if (await sentByALostRun(rpc, account, wanted, log)) {
    const code = await codeThere(rpc, wanted);
    if (code !== undefined) return found(rpc, wanted, code, until, log);
  }
  const hash = await submit(
    rpc,
    account,
    {
      to: deploymentProxy.address,
      data: deploymentCall(wanted.initCode, wanted.salt),
      gasLimit: () => rehearse(rpc, account, wanted, log),
      purpose: contractName,
      key: `deploy:${wanted.address}`,
    },
    log,
  );
  log(`${contractName}: sent ${hash} to ${describeNetwork(rpc.network)}, will be at ${wanted.address}`);
  const later = until === 'later' && (await knownInclusion(rpc, account, hash)) === undefined;
  const pending = later ? await pendingCode(rpc, wanted) : '0x';
  if (pending !== '0x') {
    unseen.set(placeOf(rpc, wanted.address), { wanted, account, hash });
    return deployed(rpc, wanted, pending, { hash, sender: account.address });
  }

  return fromBlock(rpc, wanted, account, hash, until, log);
}

/** Deployments that were taken as done when a node had them, by chain and address. */
const unseen = new Map<string, { wanted: Deployment; account: Account; hash: string }>();

function placeOf({ network }: Rpc, address: string): string {
  return `${networkKey(network)}:${address}`;
}

/**
 * Makes sure of addresses that have no code yet: what was sent for one of them and is in a block without having done
 * anything is an error. SIDE EFFECTS: asks the node.
 */
export async function requireNotFailed(rpc: Rpc, addresses: readonly string[], log: Log): Promise<void> {
  for (const address of addresses) {
    const sent = unseen.get(placeOf(rpc, address));
    if (sent === undefined) continue;
    if ((await knownInclusion(rpc, sent.account, sent.hash)) === undefined) continue;
    unseen.delete(placeOf(rpc, address));
    await fromBlock(rpc, sent.wanted, sent.account, sent.hash, 'later', log);
  }
}

/** Waits for the block of a deployment, and looks what it left there. */
async function fromBlock(
  rpc: Rpc,
  wanted: Deployment,
  account: Account,
  hash: string,
  until: 'now' | 'later',
  log: Log,
): Promise<Deployed> {
  const receipt = await waitForReceipt(rpc, account, hash, log);
  // A transaction of ours that was thought lost may have been first: then this one reverts, and all is well.
  const there = receipt.succeeded || (await codeThere(rpc, wanted)) !== undefined;
  if (!there) throw reverted(rpc, wanted, receipt);
  const [settled] = until === 'now' ? await settle(rpc, account, log, [receipt.transactionHash]) : [receipt];
  const code = await agreedCode(rpc, wanted);
  const { transactionHash, blockNumber } = settled ?? receipt;
  const transaction = { hash: transactionHash, blockNumber, sender: account.address };
  return deployed(rpc, wanted, code, receipt.succeeded ? transaction : undefined);
}

/**
 * The code that a contract will have after the block that is being made; 0x where the node does not tell. Where it can
 * be known it is not asked for: anvil makes the whole block anew for each question, 70 ms with sixteen facets in it.
 */
async function pendingCode(rpc: Rpc, { address, artifact, libraries }: Deployment): Promise<string> {
  const known = codeOnceDeployed(address, artifact, libraries);
  if (known !== undefined) return known;
  const answer = await rpc.ask('eth_getCode', [address, 'pending']);
  return answer.kind === 'value' ? (answer.value as string) : '0x';
}

/** The contract's code in the latest block; undefined when it is not there. Other code at its address is refused. */
async function codeThere(rpc: Rpc, wanted: Deployment): Promise<string | undefined> {
  const onChain = await agreedCode(rpc, wanted);
  const code = compareCode(onChain, wanted.artifact, wanted.libraries);
  const plan = planContract({ code, recorded: false });
  if (plan.kind === 'refuse') throw otherCode(rpc, wanted, plan.difference);
  return plan.kind === 'deploy' ? undefined : onChain;
}

/**
 * Where the journal was lost, a transaction of ours may still wait for a block. It is found in the pending block, where
 * the node shows that. A second one would do no harm, it would only pay for nothing.
 */
async function sentByALostRun(rpc: Rpc, account: Account, wanted: Deployment, log: Log): Promise<boolean> {
  if ((await strangersInFlight(rpc, account.address)) === 0) return false;
  const hash = await pendingDeployment(rpc, wanted);
  if (hash === undefined) return false;
  log(`${wanted.artifact.contractName}: found ${hash}, sent earlier and not mined yet`);
  await waitForReceipt(rpc, account, hash, log);
  return true;
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
async function rehearse(rpc: Rpc, account: Account, wanted: Deployment, log: Log): Promise<bigint> {
  const { contractName, evmVersion, abi } = wanted.artifact;
  const network = describeNetwork(rpc.network);
  // First: code that the chain does not know fails in ways that say nothing.
  requireEvmVersion(rpc.network, contractName, evmVersion, (await watchOf(rpc).head()).rules);
  const data = deploymentCall(wanted.initCode, wanted.salt);
  const question = { to: deploymentProxy.address, data, independent: true };
  const estimate = await estimateGas(rpc, account.address, question, log);
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
          : describeKnownRevert(direct.data)
        : `fails in the deployment proxy: ${estimate.message}`;
    throw new CutoverError('CUT-2051', { contract: contractName, network, reason, args: wanted.args });
  }
  const { address, initCode } = wanted;
  await requireOwnerToBe(rpc, account.address, initCode, { contract: contractName, abi, address });
  const caps = await gasCaps(rpc, account.address);
  const gasLimit = gasLimitFor(estimate.gas, caps.block, caps.transaction);
  if (gasLimit !== undefined) return gasLimit;
  const byBlock = caps.block < caps.transaction;
  throw new CutoverError('CUT-2052', {
    contract: contractName,
    gas: estimate.gas,
    limiter: byBlock ? `a block of ${network}` : 'EIP-7825, the ceiling for one transaction,',
    limit: byBlock ? caps.block : caps.transaction,
  });
}

/** A contract that somebody else sent, or an earlier run: the chain tells how deep it is. */
async function found(
  rpc: Rpc,
  wanted: Deployment,
  onChain: string,
  until: 'now' | 'later',
  log: Log,
): Promise<Deployed> {
  const confirmations = rpc.network.confirmations ?? 1;
  if (confirmations === 1 || until === 'later') return deployed(rpc, wanted, onChain, undefined);
  const deepEnough = async (): Promise<string | undefined> => {
    const latest = Number(await rpc.send<string>('eth_blockNumber', []));
    const block = latest - (confirmations - 1);
    if (block < 0) return undefined;
    const code = await agreedOn(rpc, 'eth_getCode', [wanted.address, `0x${block.toString(16)}`]);
    return code.kind === 'open' || code.value === '0x' ? undefined : (code.value as string);
  };
  const { contractName } = wanted.artifact;
  const code = await poll(deepEnough, {
    timeoutMs: 600_000,
    pauseMs: pauseFor(rpc),
    progress: (seconds) => log(`${contractName}: waiting for ${confirmations} confirmations, ${seconds} s`),
  });
  return deployed(rpc, wanted, code ?? '0x', undefined);
}

function deployed(
  rpc: Rpc,
  wanted: Deployment,
  code: string,
  transaction: DeploymentTransaction | undefined,
): Deployed {
  const comparison = compareCode(code, wanted.artifact, wanted.libraries);
  if (comparison.verdict === 'none') {
    throw new CutoverError('CUT-2054', {
      hash: transaction?.hash ?? `that deploys ${wanted.artifact.contractName}`,
      network: describeNetwork(rpc.network),
      seconds: 600,
    });
  }
  if (comparison.verdict === 'changed') throw otherCode(rpc, wanted, comparison.difference);
  return { codeHash: keccak256(code), immutables: comparison.immutables, transaction };
}

function reverted(rpc: Rpc, wanted: Deployment, { transactionHash }: Receipt): CutoverError {
  return new CutoverError('CUT-2055', {
    hash: transactionHash,
    network: describeNetwork(rpc.network),
    reason: `the deployment of ${wanted.artifact.contractName} reverted, though it was possible a moment before`,
  });
}

/** The code at a contract's address in the latest block, as the endpoints agree on it: it decides what is sent. */
function agreedCode(rpc: Rpc, { address, artifact }: Deployment): Promise<string> {
  const what = `the code of ${artifact.contractName} at ${address}`;
  return agreedSoon(rpc, 'eth_getCode', [address, 'latest'], what);
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
