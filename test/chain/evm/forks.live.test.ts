import { afterEach, describe, expect, it, vi } from 'vitest';
import { handler, type ContractInputs } from '@cutover/chain/evm/contract-handler.ts';
import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { prepareContract } from '@cutover/chain/evm/prepare.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import { watchOf } from '@cutover/chain/evm/sender/watch.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { asOnTheWire, created } from '../handler-kit.ts';
import { deploymentOf, logbook, networkOf, signedBy, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

const nodes: LocalNode[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function startNode(...args: Parameters<typeof startLocalNode>): Promise<LocalNode> {
  const node = await startLocalNode(...args);
  nodes.push(node);
  return node;
}

const oldChain = (): Promise<LocalNode> => startNode({ flags: ['--hardfork', 'london'] });
const parisArgs = {
  ...vaultArgs,
  artifact: { ...vaultArgs.artifact, settings: { evmVersion: 'paris' } },
} as const;

async function inputsOn(node: Pick<LocalNode, 'url' | 'chainId'>, args = vaultArgs): Promise<ContractInputs> {
  return {
    ...(await prepareContract(args)),
    network: networkOf(node),
    signer: { kind: 'local', account: 0 },
  };
}

describe('code that a chain cannot run yet', () => {
  it('is refused in the preview', async () => {
    const node = await oldChain();
    const error = await refusal(handler.check?.({}, asOnTheWire(await inputsOn(node))) ?? Promise.resolve());
    expect(error.code).toBe('CUT-2034');
    expect(error.message).toMatch(
      /Vault cannot run on test \(chain 31337\).*cancun.*(london|paris).*PUSH0, MCOPY/,
    );
  });

  it('is refused by the update before anything is sent', async () => {
    const node = await oldChain();
    const { rpc, signer } = await signedBy(networkOf(node));
    const error = await refusal(deployContract(rpc, signer, await deploymentOf(vaultArgs), logbook().log));
    expect(error.code).toBe('CUT-2034');
    // The proxy that deploys is older than all forks.
    expect(await node.provider.getCode((await prepareContract(vaultArgs)).address)).toBe('0x');
  });

  it('is taken when it is compiled for what the chain has', async () => {
    const node = await startNode({ flags: ['--hardfork', 'paris'] });
    const { rpc, signer } = await signedBy(networkOf(node));
    const wanted = await deploymentOf({ ...parisArgs });
    await deployContract(rpc, signer, wanted, logbook().log);
    expect(await node.provider.getCode(wanted.address)).not.toBe('0x');
  });

  it('is no matter for a preview where the chain is not there yet', async () => {
    const inputs = await inputsOn({ url: 'http://127.0.0.1:1', chainId: 31337 });
    expect(await handler.check?.({}, asOnTheWire(inputs))).toEqual({});
  });

  it('asks nothing for what is there already', async () => {
    const node = await startNode();
    const counted = await startFaultyNode(node);
    const inputs = await inputsOn(counted);
    const { state } = await created(handler, inputs);
    const before = counted.total();
    await handler.check?.(state, asOnTheWire(inputs));
    expect(counted.total()).toBe(before);
    await counted.stop();
  });
});

describe('a fork that is near', () => {
  it('is told once, whoever asks the chain first', async () => {
    // An hour and a half before Denim of Base Sepolia.
    const node = await startNode({ chainId: 84532, flags: ['--timestamp', '1792600000'] });
    const lines: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line));
    const network = { ...networkOf(node), name: 'base-sepolia' };
    await watchOf(await connect(network)).head();
    await watchOf(await connect({ ...network, endpoints: [{ url: node.url, weight: 2 }] })).head();
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: base-sepolia \(chain 84532\) has its fork Denim in \d+ min, at 2026-10-21/,
      ),
    ]);
  });
});
