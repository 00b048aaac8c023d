import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, ContractFactory, Interface, type InterfaceAbi } from 'ethers';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { connect, type Rpc } from '@cutover/chain/evm/rpc.ts';
import type { Action } from '@cutover/chain/plan/authority/action.ts';
import type { SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import { multiSends } from '@cutover/chain/plan/authority/safe-transaction.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import { networkOf } from '../../kit.ts';
import type { LocalNode } from '../../local-node.ts';

const require = createRequire(import.meta.url);

interface Built {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

/** An artefact of Safe's own release. */
export function safeArtifact(path: string): Built {
  return require(`@safe-global/safe-smart-account/build/artifacts/contracts/${path}`) as Built;
}

const timelockArtifact = require('@openzeppelin/contracts/build/contracts/TimelockController.json') as Built;

/** An account of the local node, as the chain knows it. */
export function address(account: number): string {
  return localAddresses[account] ?? '';
}

/** Deploys with account 9, which owns nothing. */
async function deployed(node: LocalNode, built: Built, args: readonly unknown[] = []): Promise<Contract> {
  const factory = new ContractFactory(built.abi, built.bytecode, await node.provider.getSigner(9));
  const contract = await factory.deploy(...args);
  await contract.waitForDeployment();
  return new Contract(await contract.getAddress(), built.abi, await node.provider.getSigner(9));
}

/** Makes Safes with the given owners, as the Safe app does: proxies of one singleton. */
export async function safeFactory(
  node: LocalNode,
): Promise<(owners: readonly number[], threshold: number) => Promise<string>> {
  const singleton = await deployed(node, safeArtifact('Safe.sol/Safe.json'));
  const factory = await deployed(node, safeArtifact('proxies/SafeProxyFactory.sol/SafeProxyFactory.json'));
  const zero = `0x${'00'.repeat(20)}`;
  let salt = 0;
  return async (owners, threshold) => {
    const setup = singleton.interface.encodeFunctionData('setup', [
      ...[owners.map(address), threshold, zero, '0x', zero, zero, 0, zero],
    ]);
    const create = factory.getFunction('createProxyWithNonce');
    const args = [await singleton.getAddress(), setup, salt++] as const;
    const safe = (await create.staticCall(...args)) as string;
    await ((await create(...args)) as { wait(): Promise<unknown> }).wait();
    return safe;
  };
}

/** Puts MultiSendCallOnly where Safe's release 1.5.0 has it on public chains. */
export async function placeMultiSend(node: LocalNode): Promise<void> {
  const { deployedBytecode } = safeArtifact('libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json');
  await node.provider.send('anvil_setCode', [multiSends[1]?.address, deployedBytecode]);
}

/** A TimelockController whose proposers may also cancel; no executors means that everybody may execute. */
export async function newTimelock(
  node: LocalNode,
  minDelay: number,
  proposers: readonly string[],
  executors: readonly string[] = [`0x${'00'.repeat(20)}`],
): Promise<string> {
  const admin = address(8);
  const contract = await deployed(node, timelockArtifact, [minDelay, proposers, executors, admin]);
  return contract.getAddress();
}

/** A contract of test/fixtures/solidity/Setting.sol. */
export async function newSetting(
  node: LocalNode,
  contract: 'Setting' | 'RoleSetting',
  args: readonly string[],
): Promise<string> {
  const source = 'test/fixtures/solidity/Setting.sol';
  const { abi, creationCode } = await loadArtifact({ kind: 'source', source, contract });
  const built = { abi: abi as InterfaceAbi, bytecode: creationCode, deployedBytecode: '' };
  return (await deployed(node, built, args)).getAddress();
}

const setting = new Interface([
  'function set(uint256 value_)',
  'function setMost(uint256 most_)',
  'function value() view returns (uint256)',
  'function times() view returns (uint256)',
  'error TooHigh(uint256 given, uint256 most)',
]);
export const settingAbi = JSON.parse(setting.formatJson()) as Abi;

/** Sets the figure of a Setting. */
export function setTo(contract: string, value: number, key = `setting ${contract}`): Action {
  const data = setting.encodeFunctionData('set', [value]);
  return { key, purpose: `set the figure to ${value}`, abi: settingAbi, to: contract, data };
}

/** Raises the limit of a Setting and sets it, both or none. */
export function raiseTo(contract: string, value: number): Action {
  const calls = ['setMost', 'set'].map((name) => ({
    to: contract,
    data: setting.encodeFunctionData(name, [value]),
  }));
  return { key: `raise ${contract}`, purpose: `raise the figure to ${value}`, abi: settingAbi, calls };
}

/** A view of a Setting without arguments. */
export async function read(node: LocalNode, contract: string, view: 'value' | 'times'): Promise<number> {
  const data = setting.encodeFunctionData(view);
  return Number(setting.decodeFunctionResult(view, await node.provider.call({ to: contract, data }))[0]);
}

/** Sends a transaction from an account of the node: what others do meanwhile. */
export async function send(
  node: LocalNode,
  account: number,
  to: string,
  signature: string,
  args: readonly unknown[],
): Promise<string> {
  const contract = new Interface([`function ${signature}`]);
  const signer = await node.provider.getSigner(account);
  const data = contract.encodeFunctionData(signature.slice(0, signature.indexOf('(')), args);
  const receipt = await (await signer.sendTransaction({ to, data })).wait();
  return receipt?.hash ?? '';
}

/** A connection as a new process would make it. */
export function fresh(node: LocalNode): Promise<Rpc> {
  return connect(networkOf(node));
}

const folders: string[] = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A Safe in a folder of its own, paid for by account 0. */
export async function safeAuthority(
  safe: string,
  rest: Partial<SafeAuthority> = {},
): Promise<SafeAuthority & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-safe-'));
  folders.push(folder);
  return {
    kind: 'safe',
    address: safe,
    gas: { kind: 'local', account: 0 },
    folder,
    ...rest,
  };
}

/** The hash that owners are to sign now. */
export function hashOf(progress: Progress): string {
  return progress.ids.safeTxHash ?? '';
}

/** Sets the chain's clock ahead, as days would. */
export async function passTime(node: LocalNode, seconds: number): Promise<void> {
  await node.provider.send('evm_increaseTime', [seconds]);
}
