import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HDNodeWallet, Interface, getCreate2Address, id, keccak256 } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { localMnemonic } from '@cutover/chain/plan/signer.ts';
import type { SystemReport } from '../../infra/report.ts';
import { FakeParameterStore } from '../base/fake-parameter-store.ts';
import { safeFactory } from '../chain/evm/authority/kit.ts';
import { startFakeServer, type FakeServer } from '../chain/evm/verification-fakes/fake-server.ts';
import { recompile } from '../chain/evm/verification-fakes/recompile.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { done, makeClone, type Clone, type Result } from './clone.ts';
import { filesBelow, processesOf } from './inspect.ts';

// The contracts of staging with its own stack file. Its chains are local nodes with the chain ids of the real ones, whose
// URLs and one key are kept by FakeParameterStore; keys of KMS are given by the environment instead. The tests build on
// each other, as the updates of one change do.
const chains = { 'base-sepolia': 84532, sepolia: 11155111, 'polygon-amoy': 80002, ethereum: 1 } as const;
type Chain = keyof typeof chains;

const store = new FakeParameterStore();
const urlKey = 'k3y-0f-the-endp0int';
const explorerKey = 'k3y-0f-the-expl0rer';
const nodes = {} as Record<Chain, LocalNode>;
const seenArguments = new Set<string>();
const printed: string[] = [];
/** What was handed to the explorer, by the address that it is for. */
const submitted = new Map<string, URLSearchParams>();
let explorer: FakeServer;
let clone: Clone;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  explorer = await startExplorer();
  const started = Object.entries(chains).map(async ([name, chainId]) => {
    nodes[name as Chain] = await startLocalNode({
      chainId,
      // As many confirmations as on the real chains, in less time.
      blockSeconds: name === 'base-sepolia' ? 0.1 : 0.25,
      flags: ['--accounts', '20'],
    });
  });
  [clone] = await Promise.all([makeClone('staging'), store.start(), ...started]);
  env = {
    PULUMI_BACKEND_URL: `${pathToFileURL(join(clone.folder, '.cutover', 'kept')).href}?create_dir=true`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    AWS_ENDPOINT_URL: store.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  await describeStack('staging');
  await describeStack('prod');
});
afterAll(async () => {
  store.stop();
  await Promise.all([explorer.stop(), ...Object.values(nodes).map((node) => node.stop())]);
  await clone.remove();
});

/** The private key of an account that the nodes fund. */
function keyOf(account: number): string {
  return HDNodeWallet.fromPhrase(localMnemonic, '', `m/44'/60'/0'/0/${account}`).privateKey;
}

const owners = [7, 8, 9];

/** A fake of Etherscan's API that takes whatever it is given, and writes it down. */
function startExplorer(): Promise<FakeServer> {
  return startFakeServer(({ query, body }) => {
    const form = new URLSearchParams(body);
    const answers: Readonly<Record<string, unknown>> = {
      verifysourcecode: form.get('contractaddress'),
      checkverifystatus: 'Pass - Verified',
      getsourcecode: [{ SourceCode: '' }],
    };
    const right = query.get('apikey') === explorerKey;
    const address = form.get('contractaddress');
    if (right && address !== null) submitted.set(address, form);
    const result = right ? answers[query.get('action') ?? ''] : 'Invalid API Key';
    return Promise.resolve({ status: 200, json: { status: right ? '1' : '0', message: '', result } });
  });
}

/** Gives a stack of the clone chains, keys and Safes that are here. */
async function describeStack(stack: 'staging' | 'prod'): Promise<void> {
  const file = join(clone.folder, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, 'utf8'));
  const set = (path: readonly (string | number)[], value: unknown): void =>
    document.setIn(['config', ...path], value);
  // Without an account a stack has contracts alone.
  document.deleteIn(['config', 'cutover:aws']);
  // GoDark's programs come up in its rehearsal: rehearse.test.ts.
  set(['cutover:systems', 'godark', 'enabled'], false);
  const blocks = (
    document.toJS() as { config: Record<string, Record<string, { kind: string; name: string }>> }
  ).config;

  for (const name of Object.keys(blocks['cutover:networks'] ?? {})) {
    const node = nodes[name as Chain] as LocalNode | undefined;
    if (node === undefined) continue;
    const parameter = `/cutover/${stack}/rpc/${name}`;
    const variable = `RPC_${name.toUpperCase().replaceAll('-', '_')}`;
    store.values.set(parameter, `${node.url}/?key=${urlKey}`);
    env[variable] = node.url;
    set(
      ['cutover:networks', name, 'endpoints'],
      [
        { url: { kind: 'ssm', name: parameter }, weight: 10 },
        { url: { kind: 'env', name: variable }, weight: 1 },
      ],
    );
    const apiKey = { kind: 'ssm', name: `/cutover/${stack}/explorers/etherscan` };
    store.values.set(apiKey.name, explorerKey);
    set(
      ['cutover:networks', name, 'explorers'],
      [{ kind: 'etherscan', apiKey, url: `${explorer.url}/v2/api`, requestsPerSecond: 100 }],
    );
  }
  for (const [index, [name, signer]] of Object.entries(blocks['cutover:signers'] ?? {}).entries()) {
    const account = index < (owners[0] ?? 0) ? index : index + owners.length;
    if (signer.kind === 'ssm') {
      store.values.set(signer.name, keyOf(account));
      continue;
    }
    const variable = `KEY_OF_${name.toUpperCase().replaceAll('-', '_')}`;
    env[variable] = keyOf(account);
    set(['cutover:signers', name], { kind: 'env', name: variable });
  }
  if (stack === 'staging') await giveSafes(set);
  writeFileSync(file, document.toString());
}

/** Safes of two of three owners, and the owners' keys by name. */
async function giveSafes(set: (path: readonly string[], value: unknown) => void): Promise<void> {
  for (const [index, owner] of owners.entries()) {
    env[`KEY_OF_OWNER_${index + 1}`] = keyOf(owner);
    set(['cutover:signers', `owner-${index + 1}`], { kind: 'env', name: `KEY_OF_OWNER_${index + 1}` });
  }
  const safes = {
    'base-sepolia': ['gemforce-safe'],
    sepolia: ['meta-aggregator-safe', 'coinestate-safe'],
    'polygon-amoy': ['sop-138-safe'],
  } as const;
  await Promise.all(
    Object.entries(safes).map(async ([chain, names]) => {
      const node = nodes[chain as Chain];
      node.provider.pollingInterval = 100;
      const newSafe = await safeFactory(node);
      for (const name of names) {
        set(['cutover:authorities', name, 'address'], await newSafe(owners, 2));
      }
    }),
  );
}

async function run(args: readonly string[]): Promise<Result> {
  const running = clone.start(args, { env });
  const watch = setInterval(
    () => processesOf(clone).forEach(({ command }) => seenArguments.add(command)),
    200,
  );
  const result = await running.ended;
  clearInterval(watch);
  printed.push(result.stdout, result.stderr);
  return result;
}

const pulumi = (...args: string[]): Promise<Result> => run(['pulumi', ...args, '--non-interactive']);

async function up(): Promise<void> {
  done(await pulumi('up', '-s', 'staging', '--yes', '--skip-preview'));
}

async function reports(): Promise<Record<string, SystemReport>> {
  const { stdout } = done(await pulumi('stack', 'output', 'systems', '-s', 'staging', '--json'));
  return JSON.parse(stdout) as Record<string, SystemReport>;
}

const waitsOfGemforce = async (): Promise<string> => ((await reports())['gemforce']?.waits ?? []).join('\n');

async function approveAsTwo(): Promise<void> {
  for (const owner of ['owner-1', 'owner-3']) {
    const { stdout } = done(await run(['approve', 'staging', '--signer', owner, '--yes']));
    expect(stdout).toContain('Approved as');
  }
}

async function passTime(chain: Chain, seconds: number): Promise<void> {
  await nodes[chain].provider.send('evm_increaseTime', [seconds]);
  // The leap would count as the time between two blocks, if it were among the latest.
  await nodes[chain].provider.send('anvil_mine', ['0x20']);
}

async function transactions(chain: Chain): Promise<number> {
  const { provider } = nodes[chain];
  const counts = Array.from({ length: 20 }, async (_, account) =>
    provider.getTransactionCount((await provider.getSigner(account)).address),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function view(chain: Chain, to: string, signature: string): Promise<unknown> {
  const contract = new Interface([`function ${signature}`]);
  const name = signature.slice(0, signature.indexOf('('));
  const answer = await nodes[chain].provider.call({ to, data: contract.encodeFunctionData(name) });
  return contract.decodeFunctionResult(name, answer)[0] as unknown;
}

describe('the contracts of staging', () => {
  it('come up as far as nobody has to approve', async () => {
    done(await pulumi('stack', 'select', '--create', 'staging'));
    // An explorer that fails never fails an update.
    explorer.manner = { kind: 'text', status: 503, text: 'down for maintenance' };
    await up();
    explorer.manner = { kind: 'well' };
    expect(printed.join('\n')).toMatch(/etherscan at 127\.0\.0\.1:\d+\S*: .*Escrow/);
    expect(submitted.size).toBe(0);
    const { gemforce, ...others } = await reports();
    expect(Object.values(others).map(({ title, contracts }) => [title, contracts.length])).toEqual([
      ['CoinEstate', 1],
      ['Meta Aggregator', 1],
      ['138', 1],
    ]);
    for (const { contracts, summary, waits } of Object.values(others)) {
      expect(summary).toBe('The contracts. Not yet: database, backend, frontend.');
      expect(waits).toEqual([]);
      for (const { address, chainId } of contracts) {
        const node = Object.values(nodes).find((each) => each.chainId === chainId);
        expect(await node?.provider.getCode(address)).not.toBe('0x');
      }
    }
    expect(gemforce?.contracts.map(({ name }) => name)).toEqual(['Treasury']);
    // Ten contracts and more on three chains ask for five secrets; the program and its resources are two processes.
    expect(store.requests.length).toBeLessThan(11);
  });

  it('leave what has to be approved as a proposal, and say what is missing', async () => {
    const waits = await waitsOfGemforce();
    expect(waits).toMatch(
      /gemforce-set: proposed, not yet scheduled: waits for 2 of 2 approvals from any of 0x/,
    );
    expect(waits).toContain('gemforce-diamond: it waits for the facet set gemforce');
    expect(waits).toContain('gemforce-cut: it waits until what it changes is there');
  });

  it('wait on, when nothing was approved, and send nothing', async () => {
    const before = await transactions('base-sepolia');
    await up();
    expect(await waitsOfGemforce()).toContain('waits for 2 of 2 approvals');
    expect(await transactions('base-sepolia')).toBe(before);
  });

  it('have their facet set after two approvals, two updates and the delay', async () => {
    await approveAsTwo();
    await up();
    expect(await waitsOfGemforce()).toMatch(
      /gemforce-set: proposed, scheduled: waits for \d+ s of its delay, until 20/,
    );
    await passTime('base-sepolia', 3600);
    await up();
    const { gemforce } = await reports();
    const waits = gemforce?.waits?.join('\n');
    expect(waits).not.toContain('gemforce-set:');
    expect(gemforce?.contracts.map(({ name }) => name)).toEqual(['Treasury']);
    expect(waits).toMatch(/gemforce-diamond: proposed, not yet scheduled: waits for 2 of 2 approvals/);
  });

  it('have their diamond after the same once more', async () => {
    await approveAsTwo();
    await up();
    await passTime('base-sepolia', 3600);
    await up();
    const { gemforce } = await reports();
    expect(gemforce?.waits).toEqual([]);
    const [diamond, treasury] = ['Diamond', 'Treasury'].map(
      (wanted) => gemforce?.contracts.find(({ name }) => name === wanted)?.address ?? '',
    );
    expect(await view('base-sepolia', diamond ?? '', 'treasury() view returns (address)')).toBe(treasury);
  });

  it('are shown by the explorer, the diamond with what its factory gave its constructor', async () => {
    const { gemforce } = await reports();
    const diamond = gemforce?.contracts.find(({ name }) => name === 'Diamond')?.address ?? '';
    const form = submitted.get(diamond);
    const compiled = recompile(
      JSON.parse(form?.get('sourceCode') ?? '{}') as object,
      form?.get('contractname') ?? '',
    );
    if (typeof compiled === 'string') throw new Error(compiled);
    const code = `0x${compiled.creation.object}${form?.get('constructorArguments')}`;
    const factory = [...submitted].find(([, each]) => each.get('contractname')?.endsWith(':DiamondFactory'));
    const salt = id('cutover/cutover/staging/Gemforce');
    expect(getCreate2Address(factory?.[0] ?? '', salt, keccak256(code))).toBe(diamond);

    const names = [...submitted.values()].map((each) => each.get('contractname')?.split(':').at(-1));
    expect(names).toEqual(
      expect.arrayContaining(['AccessControlFacet', 'FeeMath', 'GemforceInit', 'TimelockController']),
    );
  });

  it('change by a cut over three updates, and then nothing is left to do', async () => {
    const file = join(clone.folder, 'Pulumi.staging.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('marketplace: v1', 'marketplace: v2'));
    await up();
    expect(await waitsOfGemforce()).toMatch(
      /^gemforce-cut: proposed, not yet scheduled: waits for 2 of 2 .*$/,
    );
    await approveAsTwo();
    await up();
    expect(await waitsOfGemforce()).toMatch(
      /^gemforce-cut: proposed, scheduled: waits for \d+ s of its delay.*$/,
    );
    await passTime('base-sepolia', 3600);
    await up();
    expect(await waitsOfGemforce()).toBe('');
    expect((await pulumi('preview', '-s', 'staging', '--expect-no-changes')).exit).toBe(0);
    const names = [...submitted.values()].map((each) => each.get('contractname')?.split(':').at(-1));
    expect(names).toEqual(expect.arrayContaining(['Escrow', 'PropertyToken', 'SecuredOperations']));
  });

  it('are paused at once by the key of the pauser, and resumed as slowly as their owner acts', async () => {
    const { gemforce } = await reports();
    const diamond = gemforce?.contracts.find(({ name }) => name === 'Diamond')?.address ?? '';
    const isPaused = (): Promise<unknown> => view('base-sepolia', diamond, 'paused() view returns (bool)');
    const file = join(clone.folder, 'Pulumi.staging.yaml');
    const set = (from: boolean, to: boolean): void =>
      // Gemforce's is the first of the file.
      writeFileSync(file, readFileSync(file, 'utf8').replace(`paused: ${from}`, `paused: ${to}`));
    set(false, true);
    await up();
    expect([await isPaused(), await waitsOfGemforce()]).toEqual([true, '']);
    set(true, false);
    await up();
    expect(await isPaused()).toBe(true);
    expect(await waitsOfGemforce()).toMatch(
      /^gemforce-pause: proposed, not yet scheduled: waits for 2 of 2 .*$/,
    );
  });
});

describe('what is kept elsewhere', () => {
  it('is read from there, signed and decrypted, and not for each resource', () => {
    const names = store.requests.map(({ name, region }) => [name, region].join(' '));
    expect(new Set(names)).toEqual(
      new Set([
        ...['base-sepolia', 'sepolia', 'polygon-amoy'].map(
          (name) => `/cutover/staging/rpc/${name} us-east-1`,
        ),
        '/coinestate/staging/blockchain/private-key us-east-1',
        '/cutover/staging/explorers/etherscan us-east-1',
      ]),
    );
  });

  it('is nowhere in state, files, output or arguments', () => {
    const secrets = [
      urlKey,
      explorerKey,
      ...Array.from({ length: 20 }, (_, account) => keyOf(account).slice(2)),
    ];
    const texts = [
      ...filesBelow(join(clone.folder, '.cutover', 'kept')),
      ...filesBelow(join(clone.folder, '.cutover', 'staging')),
      ...filesBelow(process.env['CUTOVER_JOURNAL'] ?? ''),
      { path: 'what was printed', text: printed.join('\n') },
      { path: 'arguments', text: [...seenArguments].join('\n') },
    ];
    expect(texts.filter(({ text }) => text.includes('/cutover/staging/rpc/sepolia')).length).toBeGreaterThan(
      1,
    );
    expect(seenArguments.size).toBeGreaterThan(5);
    const found = texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('stops an update that cannot read it, with what to do and without a stack trace', async () => {
    const name = '/coinestate/staging/blockchain/private-key';
    const value = store.values.get(name) ?? '';
    store.values.delete(name);
    const { exit, stdout } = await pulumi('up', '-s', 'staging', '--yes', '--skip-preview');
    store.values.set(name, value);
    expect(exit).not.toBe(0);
    expect(stdout).toContain(`error: CUT-1101 The secret ssm:${name} is not there`);
    expect(stdout).not.toContain('aws-secrets.ts');
    expect(stdout).toContain('aws ssm put-parameter');
  });
});

describe('the contracts of prod', () => {
  it('are previewed without an error', async () => {
    done(await pulumi('stack', 'select', '--create', 'prod'));
    const { stdout } = done(await pulumi('preview', '-s', 'prod'));
    for (const resource of [
      'gemforce-set',
      'escrow',
      'secured-operations',
      'property-token',
      'gemforce-timelock',
    ]) {
      expect(stdout).toContain(resource);
    }
    expect(stdout).not.toMatch(/error|CUT-/);
  });
});
