import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { describeArtifact, loadArtifact, type ArtifactRef } from '@cutover/chain/evm/artifacts.ts';
import { prepareContract } from '@cutover/chain/evm/prepare.ts';
import { constructorParameters, printParameters } from '@cutover/chain/plan/arguments.ts';
import { refusal } from '../refusal.ts';

const fixtures = 'test/fixtures/artifacts';
const tools = {
  'Hardhat 2': (name: string): ArtifactRef => ({
    kind: 'hardhat',
    path: `${fixtures}/hardhat2/artifacts/contracts/${name}.json`,
  }),
  'Hardhat 3': (name: string): ArtifactRef => ({
    kind: 'hardhat',
    path: `${fixtures}/hardhat3/artifacts/contracts/${name}.json`,
  }),
  Foundry: (name: string): ArtifactRef => ({ kind: 'foundry', path: `${fixtures}/foundry/out/${name}.json` }),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-artifacts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A fixture with changes, written to a folder of its own. */
async function altered(ref: ArtifactRef, change: Readonly<Record<string, unknown>>): Promise<ArtifactRef> {
  if (ref.kind === 'source') throw new Error('no file');
  const json = JSON.parse(await readFile(fromRoot(ref.path), 'utf8')) as Record<string, unknown>;
  const path = join(folder, `Vault-${Math.random().toString(36).slice(2)}.json`);
  // undefined takes a key away.
  await writeFile(path, JSON.stringify({ ...json, ...change }));
  return { ...ref, path };
}

describe.each(Object.entries(tools))('artefacts of %s', (_, at) => {
  it('are read as they are', async () => {
    const artifact = await loadArtifact(at('Vault.sol/Vault'));
    expect(artifact.contractName).toBe('Vault');
    expect(artifact.sourceName).toMatch(/^(contracts|src)\/Vault\.sol$/);
    expect(artifact.creationCode).toMatch(/^0x60[0-9a-f]+$/);
    expect(artifact.runtimeCode).toMatch(/^0x60[0-9a-f]+$/);
    expect(Object.keys(artifact.immutableReferences ?? {})).toHaveLength(2);
    expect(printParameters(constructorParameters(artifact.abi))).toBe(
      'address keeper_, bytes32 label_, (address account, uint96 most)[] limits_',
    );
    expect(artifact.compilerInput?.compilerVersion).toBe('0.8.37+commit.f401782d');
  });

  it('say which libraries are missing, and take them', async () => {
    const ref = at('Linked.sol/Linked');
    const error = await refusal(prepareContract({ artifact: ref, args: [2], salt: 's' }));
    expect(error.code).toBe('CUT-2014');
    expect(error.message).toMatch(/(contracts|src)\/Linked\.sol:Rates/);
    const libraries = { Rates: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
    const prepared = await prepareContract({ artifact: ref, args: [2], salt: 's', libraries });
    expect(prepared.address).toMatch(/^0x[0-9a-fA-F]{40}$/);
  });

  it('of interfaces are refused', async () => {
    const error = await refusal(loadArtifact(at('Linked.sol/Nothing')));
    expect(error.code).toBe('CUT-2013');
    expect(error.message).toContain('Nothing');
  });

  it('are refused under the name of the other tool, which is named', async () => {
    const ref = at('Vault.sol/Vault');
    if (ref.kind === 'source') throw new Error('no file');
    const kind = ref.kind === 'hardhat' ? 'foundry' : 'hardhat';
    const error = await refusal(loadArtifact({ ...ref, kind }));
    expect(error.code).toBe('CUT-2012');
    expect(error.message).toContain(`kind: '${ref.kind}'`);
  });

  it('that are not there are refused, with those that are', async () => {
    const error = await refusal(loadArtifact(at('Linked.sol/Linkd')));
    expect(error.code).toBe('CUT-2010');
    expect(error.message).toContain('Linked.json, Nothing.json');
  });
});

describe('variants of artefacts', () => {
  const hardhat2 = tools['Hardhat 2']('Vault.sol/Vault');
  const foundry = tools.Foundry('Vault.sol/Vault');

  it('names of immutables come from the syntax tree where there is one', async () => {
    for (const at of [tools['Hardhat 2'], tools['Hardhat 3']]) {
      const artifact = await loadArtifact(at('Vault.sol/Vault'));
      expect(Object.values(artifact.immutableNames).sort()).toEqual(['keeper', 'openedAt']);
    }
  });

  it('Hardhat 2 without its build information has no table of immutables', async () => {
    const artifact = await loadArtifact(await altered(hardhat2, {}));
    expect(artifact.immutableReferences).toBeUndefined();
    expect(artifact.compilerInput).toBeUndefined();
  });

  it('Foundry’s metadata may be an object, a text, raw or missing', async () => {
    if (foundry.kind === 'source') throw new Error('no file');
    const { metadata, rawMetadata } = JSON.parse(await readFile(fromRoot(foundry.path), 'utf8')) as Record<
      string,
      unknown
    >;
    for (const change of [
      { rawMetadata: undefined },
      { metadata: rawMetadata, rawMetadata: undefined },
      { metadata: undefined },
      { metadata, rawMetadata: 'not JSON' },
    ]) {
      expect(await loadArtifact(await altered(foundry, change))).toMatchObject({
        contractName: 'Vault',
        sourceName: 'src/Vault.sol',
      });
    }
    const bare = await loadArtifact(await altered(foundry, { metadata: undefined, rawMetadata: undefined }));
    expect(bare.contractName).toMatch(/^Vault-/);
    expect(bare.compilerInput).toBeUndefined();
  });

  it('Waffle’s have the compiler’s answer under `evm`', async () => {
    if (hardhat2.kind === 'source') throw new Error('no file');
    const linked: ArtifactRef = { ...hardhat2, path: hardhat2.path.replaceAll('Vault', 'Linked') };
    const plain = await loadArtifact(linked);
    const { creationCode, runtimeCode, linkReferences, runtimeLinkReferences } = plain;
    const evm = {
      bytecode: { object: creationCode.slice(2), linkReferences },
      deployedBytecode: { object: runtimeCode.slice(2), linkReferences: runtimeLinkReferences },
    };
    const without = {
      deployedBytecode: undefined,
      linkReferences: undefined,
      deployedLinkReferences: undefined,
    };
    const other = await loadArtifact(await altered(linked, { ...without, evm }));
    expect(other).toMatchObject({ creationCode, runtimeCode, linkReferences, runtimeLinkReferences });
    expect(Object.keys(linkReferences)).toHaveLength(1);
  });

  it('code may lack 0x, have capitals, and lack tables', async () => {
    if (foundry.kind === 'source') throw new Error('no file');
    const json = JSON.parse(await readFile(fromRoot(foundry.path), 'utf8')) as {
      bytecode: { object: string };
      deployedBytecode: { object: string };
    };
    const plain = await loadArtifact(foundry);
    const other = await loadArtifact(
      await altered(foundry, {
        bytecode: { object: json.bytecode.object.slice(2).toUpperCase() },
        deployedBytecode: { object: json.deployedBytecode.object.slice(2) },
      }),
    );
    expect(other).toMatchObject({
      creationCode: plain.creationCode,
      runtimeCode: plain.runtimeCode,
      immutableReferences: {},
      linkReferences: {},
    });
  });

  it('that tells its libraries by placeholders alone says which of those given it does not use', async () => {
    const linked = tools['Hardhat 2']('Linked.sol/Linked');
    const ref = await altered(linked, { linkReferences: undefined, deployedLinkReferences: undefined });
    const address = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
    const prepared = (libraries: Record<string, string>) =>
      prepareContract({ artifact: ref, args: [2], salt: 's', libraries });
    const mistyped = await refusal(prepared({ Rats: address }));
    expect(mistyped).toMatchObject({ code: 'CUT-2015', exit: 2 });
    const [hash = ''] = /\$[0-9a-f]{34}\$/.exec(mistyped.message) ?? [];
    const table = await prepareContract({
      artifact: linked,
      args: [2],
      salt: 's',
      libraries: { Rates: address },
    });
    for (const name of [hash, 'contracts/Linked.sol:Rates']) {
      expect((await prepared({ [name]: address })).address).toBe(table.address);
    }
    const none = await refusal(
      prepareContract({
        artifact: hardhat2,
        args: [address, `0x${'00'.repeat(32)}`, []],
        salt: 's',
        libraries: { Rates: address },
      }),
    );
    expect(none.message).toContain('Rates: the contract uses no such library; it uses none');
  });

  it('is read behind a byte order mark and with the line ends of Windows', async () => {
    const text = await readFile(fromRoot(describeArtifact(hardhat2)), 'utf8');
    const path = join(folder, 'FromWindows.json');
    await writeFile(path, `\uFEFF${text.replaceAll('\n', '\r\n')}`);
    expect(await loadArtifact({ kind: 'hardhat', path })).toMatchObject({ contractName: 'Vault' });
  });

  it('goes by the name of its file where it has none', async () => {
    const artifact = await loadArtifact(await altered(hardhat2, { contractName: '' }));
    expect(artifact.contractName).toMatch(/^Vault-/);
  });

  it.each([
    ['no code', { bytecode: undefined }, 'it has an ABI, but no code'],
    ['no text for code', { bytecode: 7 }, 'its `bytecode` is missing or not a text'],
    ['no runtime code', { deployedBytecode: undefined }, 'its `deployedBytecode` is missing'],
    ['empty runtime code', { deployedBytecode: '0x' }, 'its `deployedBytecode` is empty'],
    ['an answer of the compiler', { contracts: { 'a.sol': {} } }, "it is the compiler's answer about many"],
    ['build information', { output: { contracts: {} } }, "it is the compiler's answer about many"],
    ['a part of that answer', { bytecode: undefined, evm: { bytecode: {} } }, "the compiler's own answer"],
    ['one of Remix', { bytecode: undefined, data: { bytecode: {} } }, "it is Remix's"],
    ['half a byte', { bytecode: '0x608' }, 'odd number'],
    ['strange digits', { bytecode: '0x60zz' }, 'has a "z" among the digits'],
    ['no interface', { abi: undefined }, 'its `abi` is not a list'],
    ['an interface of texts', { abi: ['function f()'] }, 'its `abi` is not a list'],
    ['a strange table', { linkReferences: { a: 1 } }, 'its `linkReferences` is not a table'],
    [
      'a strange table of immutables',
      { immutableReferences: { 1: [{ start: 'x' }] } },
      'its `immutableReferences`',
    ],
  ])('%s is refused', async (_, change, reason) => {
    const error = await refusal(loadArtifact(await altered(hardhat2, change)));
    expect(error.code).toBe('CUT-2012');
    expect(error.message).toContain(reason);
  });

  it.each(['', '{"abi":', '[]', 'null'])('a file that holds %j is refused', async (text) => {
    const path = join(folder, 'cut.json');
    await writeFile(path, text);
    expect((await refusal(loadArtifact({ kind: 'hardhat', path }))).code).toMatch(/^CUT-201[12]$/);
  });

  it('a folder is refused', async () => {
    expect((await refusal(loadArtifact({ kind: 'foundry', path: folder }))).code).toBe('CUT-2010');
  });

  it('every artefact that OpenZeppelin ships is read, or refused as nothing to deploy', async () => {
    const shipped = fromRoot('node_modules/@openzeppelin/contracts/build/contracts');
    const names = await readdir(shipped);
    const results = await Promise.all(
      names.map((name) =>
        loadArtifact({ kind: 'hardhat', path: join(shipped, name) }).then(
          () => 'read',
          (error: unknown) => (error instanceof CutoverError ? error.code : String(error)),
        ),
      ),
    );
    expect(new Set(results)).toEqual(new Set(['read', 'CUT-2013']));
    expect(results.filter((result) => result === 'read').length).toBeGreaterThan(50);
  });
});
