import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, getBytes, hexlify, id, keccak256, toBeHex } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deployContract, type Deployed } from '@cutover/chain/evm/deploy.ts';
import { prepareContract, type PrepareArgs } from '@cutover/chain/evm/prepare.ts';
import { deploymentProxy } from '@cutover/chain/plan/address.ts';
import { deploymentOf, keeper, logbook, networkOf, signedBy, vaultArgs, zeroLabel } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';

const nodes: LocalNode[] = [];
let node: LocalNode;
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
afterEach(() => Promise.all(nodes.splice(0).map((other) => other.stop())));

async function anotherNode(...args: Parameters<typeof startLocalNode>): Promise<LocalNode> {
  const other = await startLocalNode(...args);
  nodes.push(other);
  return other;
}

async function deploy(on: LocalNode, args: PrepareArgs, log = logbook().log): Promise<Deployed> {
  const { rpc, signer } = await signedBy(networkOf(on));
  return deployContract(rpc, signer, await deploymentOf(args), log);
}

const hard = (contract: string): PrepareArgs => ({
  artifact: { kind: 'source', source: 'test/fixtures/solidity/Hard.sol', contract },
  salt: 'hard',
});

describe('a contract', () => {
  it('is deployed at the address that was known before', async () => {
    const deployed = await deploy(node, vaultArgs);
    const { address } = await deploymentOf(vaultArgs);
    expect(deployed.codeHash).toBe(keccak256(await node.provider.getCode(address)));
    expect(deployed.immutables).toContainEqual({ name: 'keeper', value: toBeHex(keeper, 32) });
    const receipt = await node.provider.getTransactionReceipt(deployed.transaction?.hash ?? '');
    expect(receipt).toMatchObject({ status: 1, blockNumber: deployed.transaction?.blockNumber });
  });

  it('is found the second time, and nothing is sent', async () => {
    await deploy(node, vaultArgs);
    const before = await node.provider.getTransactionCount(deploymentProxy.address);
    const again = await deploy(node, vaultArgs);
    expect(again.transaction).toBeUndefined();
    expect(await node.provider.getTransactionCount(deploymentProxy.address)).toBe(before);
  });

  it('is deployed with fees of twice the base fee and a tip', async () => {
    const { transaction } = await deploy(node, { ...vaultArgs, salt: 'fees' });
    const sent = await node.provider.getTransaction(transaction?.hash ?? '');
    expect(sent).toMatchObject({ type: 2, maxPriorityFeePerGas: 1_500_000_000n });
    const gasUsed = (await node.provider.getTransactionReceipt(transaction?.hash ?? ''))?.gasUsed ?? 0n;
    expect(Number(sent?.gasLimit) / Number(gasUsed)).toBeGreaterThan(1.15);
  });

  it('comes from artefacts of other tools as well', async () => {
    const artifacts = 'test/fixtures/artifacts';
    for (const artifact of [
      { kind: 'hardhat', path: `${artifacts}/hardhat2/artifacts/contracts/Vault.sol/Vault.json` },
      { kind: 'hardhat', path: `${artifacts}/hardhat3/artifacts/contracts/Vault.sol/Vault.json` },
      { kind: 'foundry', path: `${artifacts}/foundry/out/Vault.sol/Vault.json` },
    ] as const) {
      const deployed = await deploy(node, { ...vaultArgs, artifact });
      expect(deployed.immutables.map(({ value }) => value)).toContain(toBeHex(keeper, 32));
      expect((await deploy(node, { ...vaultArgs, artifact })).transaction).toBeUndefined();
    }
  });

  it('comes from Vyper, with immutables behind its code', async () => {
    const artifact = { kind: 'hardhat', path: 'test/fixtures/artifacts/vyper/Capped.json' } as const;
    const args = { artifact, args: { owner: keeper, cap: 5 }, salt: 'vyper' };
    const deployed = await deploy(node, args);
    expect(deployed.immutables).toEqual([
      { name: 'immutables', value: concat([toBeHex(keeper, 32), toBeHex(5, 32)]) },
    ]);
    expect((await deploy(node, args)).transaction).toBeUndefined();
  });

  it('is linked with its libraries', async () => {
    const linked = (contract: string): PrepareArgs['artifact'] => ({
      kind: 'source',
      source: 'test/fixtures/solidity/Linked.sol',
      contract,
    });
    const rates = await deploymentOf({ artifact: linked('Rates'), salt: 's' });
    await deploy(node, { artifact: linked('Rates'), salt: 's' });
    const args = {
      artifact: linked('Linked'),
      args: { factor_: 3 },
      salt: 's',
      libraries: { Rates: rates.address },
    };
    await deploy(node, args);
    const { address } = await deploymentOf(args);
    const data = `${id('apply_(uint256)').slice(0, 10)}${toBeHex(7, 32).slice(2)}`;
    expect(BigInt(await node.provider.call({ to: address, data }))).toBe(42n);
  });

  it('is deployed beside many others from the same account at the same time', async () => {
    const salts = Array.from({ length: 16 }, (_, index) => `many-${index}`);
    const deployed = await Promise.all(salts.map((salt) => deploy(node, { ...vaultArgs, salt })));
    expect(new Set(deployed.map(({ transaction }) => transaction?.hash)).size).toBe(16);
  });

  it('is as deep in the chain as the network wants before it counts', async () => {
    const slow = await anotherNode({ blockSeconds: 1 });
    const { rpc, signer } = await signedBy({ ...networkOf(slow), confirmations: 3 });
    const deployed = await deployContract(rpc, signer, await deploymentOf(vaultArgs), logbook().log);
    const depth = (await slow.provider.getBlockNumber()) - (deployed.transaction?.blockNumber ?? 0) + 1;
    expect(depth).toBeGreaterThanOrEqual(3);
  });
});

describe('the deployment proxy', () => {
  it('is brought to a local chain that lacks it, once for all who need it', async () => {
    const bare = await anotherNode({ flags: ['--disable-default-create2-deployer'] });
    expect(await bare.provider.getCode(deploymentProxy.address)).toBe('0x');
    const { lines, log } = logbook();
    await Promise.all(['a', 'b', 'c'].map((salt) => deploy(bare, { ...vaultArgs, salt }, log)));
    expect(lines.filter((line) => line.includes('deployment proxy'))).toHaveLength(1);
    expect(await bare.provider.getCode(deploymentProxy.address)).toBe(deploymentProxy.runtimeCode);
    expect(await bare.provider.getTransactionReceipt(deploymentProxy.presignedHash)).toMatchObject({
      status: 1,
    });
  });

  it('is written by the node where gas is too dear for the presigned transaction', async () => {
    const dear = await anotherNode({
      flags: ['--disable-default-create2-deployer', '--block-base-fee-per-gas', '500000000000'],
    });
    await deploy(dear, vaultArgs);
    expect(await dear.provider.getCode(deploymentProxy.address)).toBe(deploymentProxy.runtimeCode);
  });

  it('that a public chain lacks is refused', async () => {
    const bare = await anotherNode({ chainId: 84532, flags: ['--disable-default-create2-deployer'] });
    process.env['TEST_KEY'] = `0x${'11'.repeat(32)}`;
    const { rpc } = await signedBy(networkOf(bare));
    const { openAccount } = await import('@cutover/chain/evm/account.ts');
    const signer = (): ReturnType<typeof openAccount> =>
      openAccount({ kind: 'env', name: 'TEST_KEY' }, rpc.network);
    const error = await refusal(deployContract(rpc, signer, await deploymentOf(vaultArgs), logbook().log));
    expect(error).toMatchObject({ code: 'CUT-2050', exit: 3 });
    expect(await bare.provider.getBlockNumber()).toBe(0);
    delete process.env['TEST_KEY'];
  });
});

describe('a deployment that cannot be', () => {
  const blocks = (): Promise<number> => node.provider.getBlockNumber();

  it('says what the constructor says, and sends nothing', async () => {
    const before = await blocks();
    const zero = { ...vaultArgs, args: { ...vaultArgs.args, keeper_: `0x${'00'.repeat(20)}` } };
    const first = await refusal(deploy(node, zero));
    expect(first.code).toBe('CUT-2051');
    expect(first.message).toContain('reverted with KeeperIsZero()');
    const limits_ = [{ account: keeper, most: 2000n * 10n ** 18n }];
    const second = await refusal(deploy(node, { ...vaultArgs, args: { ...vaultArgs.args, limits_ } }));
    expect(second.message).toContain(`reverted with LimitTooHigh(${keeper}, 2000000000000000000000)`);
    const third = await refusal(deploy(node, { ...hard('Panics'), args: [0] }));
    expect(third.message).toContain('panicked: division by zero');
    expect(await blocks()).toBe(before);
  });

  it('says that it needs more gas than a transaction may use', async () => {
    const roomy = await anotherNode({ flags: ['--gas-limit', '60000000', '--hardfork', 'cancun'] });
    const error = await refusal(deploy(roomy, hard('TooExpensive')));
    expect(error.code).toBe('CUT-2052');
    expect(error.message).toContain('16777216');
  });

  it('says what the account lacks', async () => {
    const poor = await anotherNode({ flags: ['--balance', '0'] });
    const error = await refusal(deploy(poor, vaultArgs));
    expect(error.code).toBe('CUT-2053');
    expect(error.message).toContain('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
  });

  it('says that other code is at the address', async () => {
    const args = { ...vaultArgs, salt: 'taken' };
    const { address } = await deploymentOf(args);
    await node.provider.send('anvil_setCode', [address, '0x6001600255']);
    expect(await refusal(deploy(node, args))).toMatchObject({ code: 'CUT-2056', exit: 3 });
  });
});

describe('a contract that is too large', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-large-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function artefact(code: Uint8Array, runtime: Uint8Array): Promise<PrepareArgs> {
    const path = join(folder, 'Large.json');
    const json = {
      contractName: 'Large',
      abi: [],
      bytecode: hexlify(code),
      deployedBytecode: hexlify(runtime),
    };
    await writeFile(path, JSON.stringify(json));
    return { artifact: { kind: 'hardhat', path }, salt: 's' };
  }

  it('is refused before there is a node to ask', async () => {
    const code = await refusal(
      prepareContract(await artefact(new Uint8Array(30_000), new Uint8Array(24_577))),
    );
    expect(code.message).toContain('24577 bytes of code; chains take 24576');
    const creation = await refusal(
      prepareContract(await artefact(new Uint8Array(49_153), new Uint8Array(24_576))),
    );
    expect(creation.message).toContain('49153 bytes of creation code; chains take 49152');
    await prepareContract(await artefact(new Uint8Array(49_152), getBytes(`0x${'00'.repeat(24_576)}`)));
  });
});

describe('wrong arguments', () => {
  it('are refused before there is a node to ask, all at once', async () => {
    const args = { keeper_: '0x12', label_: zeroLabel, limits_: [{ account: keeper }], owner: 1 };
    const error = await refusal(prepareContract({ ...vaultArgs, args }));
    expect(error).toMatchObject({ code: 'CUT-2020', exit: 2 });
    expect(error.message).toContain('3 problem(s)');
  });
});
