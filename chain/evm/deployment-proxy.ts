import { CutoverError } from '@cutover/base/errors.ts';
import { deploymentProxy } from '../plan/address.ts';
import { describeNetwork, isLocal } from '../plan/network.ts';
import type { Account } from './account.ts';
import { poll } from './poll.ts';
import type { Rpc } from './rpc.ts';
import { chainIdentity, submit, waitForReceipt, type Log } from './sender.ts';

const running = new Map<string, Promise<void>>();
/** Chains that were seen to have it; another chain behind the same endpoints is another chain. */
const present = new Set<string>();

/**
 * Makes sure that the chain has the deterministic deployment proxy. A local chain that lacks it gets it; elsewhere it
 * is refused. SIDE EFFECTS: may send transactions on a local chain.
 */
export async function ensureDeploymentProxy(rpc: Rpc, account: Account, log: Log): Promise<void> {
  const key = await chainIdentity(rpc);
  if (present.has(key)) return;
  // Several contracts are created at once; one of them looks, and brings the proxy.
  const shared = running.get(key) ?? bringProxy(rpc, account, log).finally(() => running.delete(key));
  running.set(key, shared);
  await shared;
  present.add(key);
}

async function bringProxy(rpc: Rpc, account: Account, log: Log): Promise<void> {
  if (await hasProxy(rpc)) return;
  if (!isLocal(rpc.network)) throw missing(rpc);
  log(`deploying the deterministic deployment proxy on ${describeNetwork(rpc.network)}`);
  if (await sendPresigned(rpc, account, log)) return;
  // The presigned transaction pays 100 gwei and has no chain id; a local node that takes neither lets us write code.
  const { address, runtimeCode } = deploymentProxy;
  for (const method of ['anvil_setCode', 'hardhat_setCode']) {
    const answer = await rpc.ask(method, [address, runtimeCode]);
    if (answer.kind === 'value' && (await hasProxy(rpc))) return;
  }
  throw missing(rpc);
}

async function sendPresigned(rpc: Rpc, account: Account, log: Log): Promise<boolean> {
  const { presignedSender, presignedCost, presignedTransaction } = deploymentProxy;
  const balance = BigInt(await rpc.send<string>('eth_getBalance', [presignedSender, 'latest']));
  if (balance < presignedCost) {
    const hash = await submit(rpc, account, {
      to: presignedSender,
      data: '0x',
      value: presignedCost - balance,
      gasLimit: 21_000n,
      purpose: 'the deployment proxy',
      key: `fund:${presignedSender}`,
    });
    await waitForReceipt(rpc, account, hash, log);
  }
  const sent = await rpc.ask('eth_sendRawTransaction', [presignedTransaction]);
  // Refused may also mean that another process has sent it.
  const wait = sent.kind === 'value' ? 30_000 : 1_000;
  return (
    (await poll(async () => (await hasProxy(rpc)) || undefined, { timeoutMs: wait, pauseMs: 100 })) === true
  );
}

async function hasProxy(rpc: Rpc): Promise<boolean> {
  const code = await rpc.send<string>('eth_getCode', [deploymentProxy.address, 'latest']);
  return code === deploymentProxy.runtimeCode;
}

function missing(rpc: Rpc): CutoverError {
  return new CutoverError('CUT-2050', {
    network: describeNetwork(rpc.network),
    address: deploymentProxy.address,
  });
}
