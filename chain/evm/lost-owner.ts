import { CutoverError } from '@cutover/base/errors.ts';
import { deploymentProxy } from '../plan/address.ts';
import type { Abi } from '../plan/artifact.ts';
import { describeNetwork } from '../plan/network.ts';
import type { Rpc } from './rpc.ts';
import { askView } from './view.ts';

/** A contract that may give itself to whoever deploys it. */
interface Ownable {
  readonly contract: string;
  readonly abi: Abi;
  readonly address: string;
}

/**
 * `Ownable(msg.sender)` gives a contract to the proxy that deploys it, for ever. It is tried as a call before anything
 * is paid for; what the trial cannot tell, `requireOwner` finds afterwards. SIDE EFFECTS: asks the node.
 */
export async function requireOwnerToBe(rpc: Rpc, from: string, initCode: string, it: Ownable): Promise<void> {
  if (!hasOwner(it.abi)) return;
  const answer = await rpc.ask('eth_call', [{ from, data: trial(initCode) }, 'latest']);
  if (answer.kind === 'value' && Number(answer.value) === 1) throw lost(rpc, it, 'would belong');
}

/** The same for a contract that is there. SIDE EFFECTS: asks the node. */
export async function requireOwner(rpc: Rpc, it: Ownable): Promise<void> {
  if (!hasOwner(it.abi)) return;
  const [owner] = (await askView(rpc, it.address, 'function owner() view returns (address)')) ?? [];
  if (owner === deploymentProxy.address) throw lost(rpc, it, 'belongs');
}

function hasOwner(abi: Abi): boolean {
  return abi.some(
    ({ type, name, inputs, outputs }) =>
      type === 'function' && name === 'owner' && inputs?.length === 0 && outputs?.[0]?.type === 'address',
  );
}

/**
 * Creation code that makes the contract itself, as the proxy would, and answers with 1 where `owner()` is then its
 * maker. A node runs it as a call without a recipient; state that the constructor wrote can be asked in no other way.
 */
function trial(initCode: string): string {
  // What stands behind this code is copied to memory and created: n = codesize - length of this code.
  const create = '60% 80 38 03 80 91 6000 39 6000 6000 f0';
  // staticcall(gas, created, 0, 4, 0, 32) with the selector of owner() at 0.
  const ask = '638da5cb5b 60e0 1b 6000 52 6020 6000 6004 6000 84 5a fa';
  // It went through, and 32 bytes came back, and they are this address.
  const judge = '3d 601f 10 16 6000 51 30 14 16 6000 52 6020 6000 f3';
  const code = `${create}${ask}${judge}`.replaceAll(' ', '');
  const length = (code.length + 1) / 2;
  return `0x${code.replace('%', length.toString(16).padStart(2, '0'))}${initCode.slice(2)}`;
}

function lost(rpc: Rpc, { contract, address }: Ownable, belongs: string): CutoverError {
  return new CutoverError('CUT-2060', {
    ...{ contract, address, belongs },
    network: describeNetwork(rpc.network),
    proxy: deploymentProxy.address,
  });
}
