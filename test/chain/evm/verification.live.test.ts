import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interface } from 'ethers';
import { fromRoot } from '@cutover/base/project.ts';
import { loadArtifact, type ArtifactRef } from '@cutover/chain/evm/artifacts.ts';
import type { VerifiedContract } from '@cutover/chain/evm/verification/submission.ts';
import { lookAtContracts, verifyContracts } from '@cutover/chain/evm/verification/verify.ts';
import type { Report, Reports } from '@cutover/chain/plan/verification/tasks.ts';
import { keeper, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { startFakeEtherscan, type FakeEtherscan } from './verification-fakes/fake-etherscan.ts';
import { startFakeSourcify, type FakeSourcify } from './verification-fakes/fake-sourcify.ts';
import { deployed } from './verification-kit.ts';

let node: LocalNode;
let etherscan: FakeEtherscan;
let sourcify: FakeSourcify;
let foundry: string;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  node = await startLocalNode();
  [etherscan, sourcify] = await Promise.all([startFakeEtherscan(node), startFakeSourcify(node)]);
  // A Foundry project as it lies on disk: sources beside what forge made of them.
  foundry = mkdtempSync(join(tmpdir(), 'cutover-foundry-'));
  cpSync(fromRoot('test/fixtures/artifacts/foundry/out'), join(foundry, 'out'), { recursive: true });
  mkdirSync(join(foundry, 'src'));
  for (const name of ['Vault.sol', 'Shares.sol', 'Linked.sol']) {
    cpSync(fromRoot(`test/fixtures/solidity/${name}`), join(foundry, 'src', name));
  }
});
afterAll(async () => {
  await Promise.all([etherscan.stop(), sourcify.stop(), node.stop()]);
  rmSync(foundry, { recursive: true });
});
beforeEach(() => {
  for (const fake of [etherscan, sourcify]) fake.violations.length = fake.requests.length = 0;
});

const hardhat = 'test/fixtures/artifacts';
const toolchains: Readonly<Record<string, (name: string) => ArtifactRef>> = {
  'a source of ours': (name) => ({
    kind: 'source',
    source: `test/fixtures/solidity/${name}.sol`,
    contract: name,
  }),
  'Hardhat 2': (name) => ({
    kind: 'hardhat',
    path: `${hardhat}/hardhat2/artifacts/contracts/${name}.sol/${name}.json`,
  }),
  'Hardhat 3': (name) => ({
    kind: 'hardhat',
    path: `${hardhat}/hardhat3/artifacts/contracts/${name}.sol/${name}.json`,
  }),
  Foundry: (name) => ({ kind: 'foundry', path: join(foundry, 'out', `${name}.sol`, `${name}.json`) }),
};
const rates = {
  artifact: { kind: 'source', source: 'test/fixtures/solidity/Linked.sol', contract: 'Rates' },
  salt: 'rates',
} as const;

function verify(contracts: readonly VerifiedContract[], reports: Reports = {}): Promise<Reports> {
  return verifyContracts({ ...wanted(contracts), reports });
}

function wanted(contracts: readonly VerifiedContract[]) {
  return {
    contracts,
    chainId: node.chainId,
    explorers: [
      { kind: 'etherscan', url: etherscan.api, requestsPerSecond: 100 },
      { kind: 'sourcify', url: sourcify.url, requestsPerSecond: 100 },
    ] as const,
    reports: {},
    patienceMs: 30_000,
    pauseMs: 10,
    log: () => undefined,
  };
}

const statuses = (reports: Reports): readonly unknown[] =>
  Object.values(reports).map(({ status, ...report }: Report) =>
    status === 'verified' && 'match' in report ? `${status} ${report.match}` : status,
  );

describe.each(Object.entries(toolchains))('what %s made', (tool, artifactOf) => {
  // Code of ours carries no hash of its metadata, so nobody can say that a comment is the same.
  const match = tool === 'a source of ours' ? 'partial' : 'exact';

  it('is verified with constructor arguments and immutables', async () => {
    const artifact = artifactOf('Vault');
    const args = { ...vaultArgs.args, limits_: [{ account: keeper, most: 7 }] };
    const vault = await deployed(node, { artifact, args, salt: tool });
    const reports = await verify([vault]);
    expect(statuses(reports)).toEqual(['verified', `verified ${match}`]);
    expect([...etherscan.violations, ...sourcify.violations]).toEqual([]);
    expect(etherscan.shown.get(vault.address)?.name).toMatch(/Vault\.sol:Vault$/);
  });

  it('is verified with a library that was linked at deployment', async () => {
    const library = await deployed(node, rates);
    const linked = await deployed(node, {
      artifact: artifactOf('Linked'),
      args: [3],
      libraries: { Rates: library.address },
      salt: tool,
    });
    const reports = await verify([library, linked]);
    expect(statuses(reports)).toEqual(['verified', 'verified', 'verified partial', `verified ${match}`]);
    expect([...etherscan.violations, ...sourcify.violations]).toEqual([]);
  });
});

describe('the fakes', () => {
  it('refuse other constructor arguments, and other code', async () => {
    const artifact = toolchains['a source of ours']?.('Vault') ?? rates.artifact;
    const other = await deployed(node, { ...vaultArgs, args: { ...vaultArgs.args, limits_: [] }, salt: 'a' });
    const vault = await deployed(node, {
      artifact,
      args: { ...vaultArgs.args, limits_: [{ account: keeper, most: 1 }] },
      salt: 'b',
    });
    const library = await deployed(node, rates);
    etherscan.shown.clear();
    sourcify.shown.clear();
    const swapped = await verify([
      { ...vault, address: other.address },
      { ...other, address: library.address },
    ]);
    // Arguments that leave no trace in the code at the address are Sourcify's to miss.
    expect(statuses(swapped)).toEqual(['failed', 'failed', 'verified partial', 'failed']);
    expect(JSON.stringify(swapped)).toContain('bytecode does NOT match');
  });
});

describe('a verification', () => {
  it('takes explorers that know the old spelling of the arguments only', async () => {
    etherscan.spelling = 'constructorArguements';
    const vault = await deployed(node, { ...vaultArgs, salt: 'spelling' });
    expect(statuses(await verify([vault]))).toEqual(['verified', 'verified partial']);
    etherscan.spelling = 'constructorArguments';
  });

  it('shows what a proxy delegates to, after its sources', async () => {
    const vault = await deployed(node, { ...vaultArgs, salt: 'behind' });
    const data = new Interface(['function half(uint256)']).encodeFunctionData('half', [2]);
    const proxy = await deployed(node, {
      artifact: {
        kind: 'source',
        source: 'node_modules/@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
        contract: 'ERC1967Proxy',
      },
      args: [vault.address, data],
      salt: 'proxy',
    });
    const wrong = await verify([{ ...proxy, implementation: keeper }]);
    expect(statuses(wrong)).toEqual(['verified', 'failed', 'verified partial']);
    expect(JSON.stringify(wrong)).toContain('implementation contract was unfortunately not detected');

    const contracts = [vault, { ...proxy, implementation: vault.address }];
    const reports = await verify(contracts, wrong);
    expect(statuses(reports)).toEqual([
      ...['verified', 'verified', 'verified'],
      ...['verified partial', 'verified partial'],
    ]);
    expect(etherscan.shown.get(proxy.address)?.implementation).toBe(vault.address);
    expect(etherscan.violations).toEqual([]);

    etherscan.requests.length = 0;
    expect(await lookAtContracts({ ...wanted(contracts), reports })).toEqual(reports);
    expect(etherscan.requests.map(({ query }) => query.get('action'))).toEqual(
      Array(3).fill('getsourcecode'),
    );
  });

  it('finds what is verified already and submits nothing', async () => {
    const vault = await deployed(node, { ...vaultArgs, salt: 'already' });
    await verify([vault]);
    etherscan.requests.length = sourcify.requests.length = 0;
    expect(statuses(await verify([vault]))).toEqual(['verified', 'verified partial']);
    expect([...etherscan.requests, ...sourcify.requests].map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('asks nobody when all is verified', async () => {
    const vault = await deployed(node, { ...vaultArgs, salt: 'asks-nobody' });
    const reports = await verify([vault]);
    etherscan.requests.length = sourcify.requests.length = 0;
    expect(await verify([vault], reports)).toEqual(reports);
    expect([...etherscan.requests, ...sourcify.requests]).toEqual([]);
  });

  it('gives Sourcify the transaction, and never an unused library', async () => {
    const vault = await deployed(node, { ...vaultArgs, salt: 'transaction' });
    await verify([vault]);
    const body = JSON.parse(sourcify.requests.find(({ method }) => method === 'POST')?.body ?? '{}') as {
      readonly creationTransactionHash: string;
      readonly stdJsonInput: { readonly settings: object };
    };
    expect(body.creationTransactionHash).toBe(vault.creationTransaction);
    expect(body.stdJsonInput.settings).not.toHaveProperty('libraries');
  });

  it("keeps to an explorer's limit with many contracts", async () => {
    const strict = await startFakeEtherscan(node);
    strict.perSecond = 20;
    const contracts = await Promise.all(
      Array.from({ length: 8 }, (_, index) => deployed(node, { ...vaultArgs, salt: `many-${index}` })),
    );
    const reports = await verifyContracts({
      ...wanted(contracts),
      explorers: [{ kind: 'etherscan', url: strict.api, requestsPerSecond: 20 }],
    });
    await strict.stop();
    expect(new Set(statuses(reports))).toEqual(new Set(['verified']));
    expect(strict.requests.length).toBeGreaterThan(24);
    expect(strict.refused).toBe(0);
  });
});

describe('a wiped cache', () => {
  it('is filled again from the sources', async () => {
    const source = join(foundry, 'Own.sol');
    writeFileSync(source, 'pragma solidity ^0.8.24; contract Own { uint256 public immutable n = 7; }');
    const artifact = { kind: 'source', source, contract: 'Own' } as const;
    const own = await deployed(node, { artifact, salt: 'own' });
    const cached = (await loadArtifact(artifact)).compilerInput?.path ?? '';
    rmSync(fromRoot(cached));
    expect(statuses(await verify([own]))).toEqual(['verified', 'verified partial']);
    expect(existsSync(fromRoot(cached))).toBe(true);
    rmSync(fromRoot(cached));
  });
});

describe('sources that are not to be had', () => {
  const failed = async (artifact: ArtifactRef): Promise<string> => {
    const vault = await deployed(node, { ...vaultArgs, artifact, salt: 'gone' });
    const reports = Object.values(await verify([vault]));
    expect(reports.map(({ status }) => status)).toEqual(['failed', 'failed']);
    const [first] = reports;
    return first !== undefined && 'reason' in first ? (first.reason ?? '') : '';
  };
  const elsewhere = (change: (folder: string) => void): ArtifactRef => {
    const copy = mkdtempSync(join(foundry, 'copy-'));
    cpSync(join(foundry, 'out'), join(copy, 'out'), { recursive: true });
    cpSync(join(foundry, 'src'), join(copy, 'project', 'src'), { recursive: true });
    change(copy);
    return { kind: 'foundry', path: join(copy, 'out/Vault.sol/Vault.json') };
  };

  it('are named when one is missing', async () => {
    rmSync(join(foundry, 'src', 'Shares.sol'));
    expect(await failed(elsewhere(() => undefined))).toMatch(/CUT-2301.*src\/Shares\.sol is missing/);
    cpSync(fromRoot('test/fixtures/solidity/Shares.sol'), join(foundry, 'src', 'Shares.sol'));
  });

  it('are named when one was changed', async () => {
    writeFileSync(join(foundry, 'src', 'Shares.sol'), '// another');
    expect(await failed(elsewhere(() => undefined))).toMatch(/Shares\.sol was changed after it was compiled/);
    cpSync(fromRoot('test/fixtures/solidity/Shares.sol'), join(foundry, 'src', 'Shares.sol'));
  });

  it('are told when an artefact names none', async () => {
    const copy = mkdtempSync(join(foundry, 'bare-'));
    cpSync(
      fromRoot(`${hardhat}/hardhat2/artifacts/contracts/Vault.sol/Vault.json`),
      join(copy, 'Vault.json'),
    );
    const artifact = { kind: 'hardhat', path: join(copy, 'Vault.json') } as const;
    expect(await failed(artifact)).toContain('does not say what it was compiled from');
  });

  it('are told when they are no longer what was deployed', async () => {
    const vault = await deployed(node, { ...vaultArgs, salt: 'changed-since' });
    const reports = await verify([{ ...vault, initCodeHash: `0x${'11'.repeat(32)}` }]);
    expect(JSON.stringify(reports)).toContain('CUT-2302');
  });
});
