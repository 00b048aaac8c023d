import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBeHex } from 'ethers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadArtifact, type ArtifactRef } from '@cutover/chain/evm/artifacts.ts';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import { loadLayout } from '@cutover/chain/evm/storage-layout.ts';
import { compareLayouts } from '@cutover/chain/plan/layout/compare-layouts.ts';
import { describeLayout } from '@cutover/chain/plan/layout/describe-layout.ts';
import { readLayout } from '@cutover/chain/plan/layout/compact.ts';
import { layoutFromCompiler } from '@cutover/chain/plan/layout/from-compiler.ts';
import {
  printType,
  typeAt,
  type LayoutReading,
  type StorageLayout,
} from '@cutover/chain/plan/layout/layout.ts';
import { layoutRefusal } from '@cutover/chain/plan/layout/judge-layout.ts';
import { erc7201Slot, keccakSlot } from '@cutover/chain/plan/layout/slots.ts';
import { logbook } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';

const fixtures = 'test/fixtures/solidity/layout';
const ref = (file: string, contract: string): ArtifactRef => ({
  kind: 'source',
  source: `${fixtures}/${file}.sol`,
  contract,
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-layout-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Reads a layout; sources are compiled anew, so that no layout is one of an earlier state of this project. */
async function readingOf(artifact: ArtifactRef): Promise<LayoutReading> {
  if (artifact.kind !== 'source') return loadLayout(artifact);
  const compiled = await compileSource({
    ...artifact,
    log: logbook().log,
    cacheFolder: join(folder, 'cache'),
  });
  return readLayout(compiled.storageLayout);
}

async function known(artifact: ArtifactRef): Promise<StorageLayout> {
  const reading = await readingOf(artifact);
  if (reading.kind === 'unknown') throw new Error(reading.why);
  return reading.layout;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: object }>>;
  readonly contracts: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
}

/** The compiler itself, with nothing of ours in between. */
function solc(content: string): SolcOutput {
  const { compile } = createRequire(import.meta.url)('solc') as {
    readonly compile: (input: string) => string;
  };
  const input = {
    language: 'Solidity',
    sources: { 'src/All.sol': { content } },
    settings: {
      outputSelection: {
        '*': {
          '': ['ast'],
          '*': ['abi', 'storageLayout', 'evm.bytecode.object', 'evm.deployedBytecode.object'],
        },
      },
    },
  };
  const output = JSON.parse(compile(JSON.stringify(input))) as SolcOutput;
  const errors = output.errors?.filter(({ severity }) => severity === 'error') ?? [];
  if (errors.length > 0) throw new Error(errors.map((each) => each.formattedMessage).join('\n'));
  return output;
}

/** Every variable and every member below it, with its place, type and size. */
function flat(layout: StorageLayout): readonly string[] {
  const seen = new Set<number>();
  const below = (path: string, type: number): readonly string[] => {
    const found = typeAt(layout, type);
    const bytes = 'bytes' in found ? ` ${found.bytes}` : '';
    const line = `${path}: ${printType(layout, type)}${bytes}`;
    if (found.kind === 'mapping')
      return [line, ...below(`${path}[key]`, found.key), ...below(`${path}[*]`, found.value)];
    if (found.kind === 'list' || found.kind === 'array') return [line, ...below(`${path}[*]`, found.of)];
    if (found.kind !== 'struct' || seen.has(type)) return [line];
    seen.add(type);
    return [line, ...found.members.flatMap((m) => below(`${path}.${m.label}@${m.slot}+${m.offset}`, m.type))];
  };
  return layout.areas.flatMap((area) =>
    area.variables.flatMap((v) => below(`${area.kind} ${v.label}@${v.slot}+${v.offset}`, v.type)),
  );
}

describe('the rules by which variables are laid out', () => {
  const simple = fc.oneof(
    fc.integer({ min: 1, max: 32 }).map((n) => `uint${n * 8}`),
    fc.integer({ min: 1, max: 32 }).map((n) => `int${n * 8}`),
    fc.integer({ min: 1, max: 32 }).map((n) => `bytes${n}`),
    fc.constantFrom(
      ...['bool', 'address', 'address payable', 'uint', 'Few', 'Many', 'Small', 'Wide', 'IToken'],
    ),
    fc.constantFrom('function (uint256) external returns (bool)', 'function (Few) internal pure'),
  );
  const any = fc.letrec<{ type: string }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      simple,
      fc.constantFrom('string', 'bytes', 'Tiny', 'Pair', 'Tree'),
      tie('type').map((each) => `${each}[]`),
      fc
        .tuple(tie('type'), fc.constantFrom('1', '2', '7', '33', 'COUNT', 'COUNT * 2 + 1'))
        .map(([each, n]) => `${each}[${n}]`),
      fc
        .tuple(fc.constantFrom('address', 'uint8', 'Few', 'Small', 'IToken', 'string', 'bytes4'), tie('type'))
        .map(([key, value]) => `mapping(${key} => ${value})`),
    ),
  })).type;
  const contracts = fc.tuple(
    fc.array(any, { minLength: 1, maxLength: 9 }),
    fc.array(any, { maxLength: 9 }),
    fc.array(any, { maxLength: 5 }),
  );

  it('are the compiler’s own, for 150 contracts of random variables, structs and bases', () => {
    const members = (types: readonly string[]): string => types.map((type, i) => `${type} m${i};`).join(' ');
    const samples = fc.sample(contracts, { seed: 7201, numRuns: 150 });
    const bodies = samples.map(
      ([fields, variables, inherited], i) =>
        `struct S${i} { ${members(fields)} }
         abstract contract B${i} { ${members(inherited)} uint8 constant C = 1; }
         contract T${i} is B${i} { ${members(variables).replaceAll(/ m(\d)/g, ' v$1')} uint256 immutable I = 1;
           uint8 transient t; S${i} s; S${i}[] list; uint8 last; }`,
    );
    const many = Array.from({ length: 256 }, (_, i) => `M${i}`).join(', ');
    const output = solc(`// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.28;
      uint256 constant COUNT = 5;
      enum Few { A, B } enum Many { ${many} } type Small is uint24; type Wide is bytes32;
      interface IToken {} struct Tiny { bool a; } struct Pair { uint96 a; address b; uint8 c; }
      struct Tree { Tree[] branches; mapping(uint256 => Tree) named; uint8 leaf; }
      ${bodies.join('\n')}`);
    const trees = Object.values(output.sources).map(({ ast }) => ast);
    let lines = 0;
    for (const [contract, compiled] of Object.entries(output.contracts['src/All.sol'] ?? {})) {
      if (!contract.startsWith('T')) continue;
      const args = { contract, source: 'src/All.sol' };
      const ours = layoutFromCompiler({ ...args, compiled: undefined, trees });
      const theirs = layoutFromCompiler({ ...args, compiled, trees: [] });
      expect(ours && flat(ours)).toEqual(theirs && flat(theirs));
      lines += ours === undefined ? 0 : flat(ours).length;
    }
    expect(lines).toBeGreaterThan(3000);
  });
});

describe('namespaces', () => {
  it('are found by what is documented and by what code points at', async () => {
    const { areas, notUnderstood } = await known(ref('Namespaces', 'Namespaces'));
    const slots = new Map(areas.filter(({ kind }) => kind === 'namespace').map(({ id, slot }) => [id, slot]));
    expect(notUnderstood).toEqual([]);
    expect([...slots.keys()].toSorted()).toEqual([
      'LibOthers.Number@0xaabbccdd…8800',
      'eip1967.proxy.admin',
      'eip1967.proxy.implementation',
      'example.builtin',
      'example.derived',
      'example.formula',
      'example.less',
      'example.main',
      'gemforce.market',
      'openzeppelin.storage.Initializable',
      'openzeppelin.storage.Ownable',
    ]);
    expect(slots.get('gemforce.market')).toBe(keccakSlot('gemforce.market'));
    expect(slots.get('example.less')).toBe(keccakSlot('example.less') - 1n);
    for (const id of ['example.builtin', 'example.formula', 'openzeppelin.storage.Initializable']) {
      expect(slots.get(id)).toBe(erc7201Slot(id));
    }
  });

  it('that nobody can read from the sources are listed, each with its function', async () => {
    const { areas, notUnderstood } = await known(ref('Namespaces', 'Riddles'));
    expect(areas.map(({ id }) => id)).toEqual(['Riddles.Claimed@99']);
    expect(notUnderstood).toEqual([
      expect.stringMatching(
        /^Riddles\.Claimed is documented as erc7201:example\.claimed, .* keeps it at 99$/,
      ),
      'Riddles.again points data at a slot that is worked out as it runs',
      'Riddles.computed calls StorageSlot.getUint256Slot with a slot that is worked out as it runs',
      'Riddles.computed points data at a slot that is worked out as it runs',
      'Riddles.raw writes with sstore to a slot that is worked out as it runs',
      'Riddles.raw writes with sstore to slot 7',
    ]);
  });
});

describe('a contract on a real node', () => {
  let node: LocalNode;
  beforeAll(async () => {
    node = await startLocalNode();
  });
  afterAll(() => node.stop());

  it('has written each value where its layout says', async () => {
    const artifact = ref('Namespaces', 'Namespaces');
    const { creationCode: data } = await loadArtifact(artifact);
    const [from] = (await node.provider.send('eth_accounts', [])) as string[];
    const hash = (await node.provider.send('eth_sendTransaction', [{ from, data }])) as string;
    const address = (await node.provider.waitForTransaction(hash))?.contractAddress ?? '';
    const layout = await known(artifact);

    /** The bytes of a member, as the node keeps them. */
    const read = async (area: string, label: string, inside = 0n): Promise<string> => {
      const found = layout.areas.find(({ id }) => id === area);
      const variable = found?.variables.find((each) => each.label === label);
      if (found === undefined || variable === undefined) throw new Error(`no ${area}.${label}`);
      const word = await node.provider.getStorage(address, found.slot + variable.slot + inside);
      const type = typeAt(layout, variable.type);
      const bytes = 'bytes' in type && Number(type.bytes) < 32 ? Number(type.bytes) : 32;
      const end = 66 - variable.offset * 2;
      return `0x${word.slice(end - bytes * 2, end)}`;
    };
    expect(await read('', 'first')).toBe('0x03');
    expect(await read('', 'second')).toBe(toBeHex(0x66, 20));
    expect(await read('gemforce.market', 'keeper')).toBe(toBeHex(0xabcd, 20));
    expect(await read('gemforce.market', 'fee')).toBe(toBeHex(77, 8));
    // The third of three structs of two slots each: its seller begins its second slot.
    expect(await read('gemforce.market', 'newest', 5n)).toBe(toBeHex(0x1234, 32));
    expect(await read('example.formula', 'a')).toBe('0x0b');
    expect(await read('LibOthers.Number@0xaabbccdd…8800', 'n')).toBe('0x01020304');
    expect(await read('example.less', 'l')).toBe('0x01');
    expect(await read('example.builtin', 'b')).toMatch(/^0x74657874.*08$/);
    expect(await read('eip1967.proxy.implementation', 'value')).toBe(toBeHex(0x99, 20));
    expect(await read('eip1967.proxy.admin', 'value')).toBe(toBeHex(0x98, 20));
    expect(await read('example.derived', 'm')).toBe('0x0c');
    expect(await read('', 'third')).toBe(toBeHex(13, 32));
    expect(await read('openzeppelin.storage.Ownable', '_owner')).toBe(toBeHex(0x55, 20));
    expect(await read('openzeppelin.storage.Initializable', '_initialized')).toBe(toBeHex(7, 8));
    expect(await read('example.main', 'shares')).toBe(toBeHex(88, 12));
    expect(await read('example.main', 'state')).toBe('0x02');
  });
});

describe('artefacts', () => {
  it('of one source give one layout, whatever else is compiled with it and from the cache', async () => {
    const own = await loadLayout(ref('VaultV1', 'Vault'));
    const { storageLayout } = await loadArtifact(ref('VaultV1', 'Vault'));
    expect(own).toEqual(readLayout(storageLayout));
    const path = join(folder, 'Vault.sol');
    const text = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.24;
      import "@openzeppelin/contracts/token/ERC20/ERC20.sol";
      import {Vault as Original} from "${fixtures}/VaultV1.sol";
      contract Vault is Original {}`;
    await writeFile(path, text);
    const compile = () =>
      compileSource({
        source: path,
        contract: 'Vault',
        log: logbook().log,
        cacheFolder: join(folder, 'cache'),
      });
    const other = await compile();
    expect({ ...other.storageLayout, contract: '' }).toEqual({ ...storageLayout, contract: '' });
    expect((await compile()).storageLayout).toEqual(other.storageLayout);
  });

  it('of Hardhat without storageLayout are read by their syntax trees', async () => {
    const own = await known({
      kind: 'source',
      source: 'test/fixtures/solidity/Vault.sol',
      contract: 'Vault',
    });
    for (const tool of ['hardhat2', 'hardhat3']) {
      const path = `test/fixtures/artifacts/${tool}/artifacts/contracts/Vault.sol/Vault.json`;
      const layout = await known({ kind: 'hardhat', path });
      expect({ ...layout, contract: '' }).toEqual({ ...own, contract: '' });
    }
  });

  it('of Foundry without storageLayout are unknown, and it is said how to get one', async () => {
    const path = 'test/fixtures/artifacts/foundry/out/Vault.sol/Vault.json';
    const reading = await loadLayout({ kind: 'foundry', path });
    expect(reading).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('foundry.toml') as unknown,
    });
  });

  it('of Foundry with storageLayout are read, with ast in full and without it but for namespaces', async () => {
    const text = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.24;
      contract All {
        enum State { Open, Closed }
        /// @custom:storage-location erc7201:example.main
        struct Main { uint256 x; }
        State state;
      }`;
    const { sources, contracts } = solc(text);
    const { abi, storageLayout, evm } = contracts['src/All.sol']?.['All'] as Record<string, object>;
    const metadata = { settings: { compilationTarget: { 'src/All.sol': 'All' } } };
    const write = async (name: string, more: object): Promise<ArtifactRef> => {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify({ abi, ...evm, storageLayout, metadata, ...more }));
      return { kind: 'foundry', path };
    };
    const whole = await known(await write('whole.json', { ast: sources['src/All.sol']?.ast }));
    expect(whole.areas.map(({ id }) => id)).toEqual(['', 'example.main']);
    expect(whole.types[0]).toMatchObject({ kind: 'enum', members: ['Open', 'Closed'] });
    expect(whole.notUnderstood).toEqual([]);

    const bare = await known(await write('bare.json', {}));
    expect(bare.areas.map(({ id }) => id)).toEqual(['']);
    expect(bare.notUnderstood).toEqual([expect.stringContaining('ast = true')]);

    const broken = await loadLayout(
      await write('broken.json', { storageLayout: { storage: [{ label: 3 }] } }),
    );
    expect(broken.kind).toBe('unknown');
  });
});

describe('an upgrade of real sources', () => {
  const upgrade = async (contract: string) =>
    compareLayouts(
      'Vault',
      await loadLayout(ref('VaultV1', 'Vault')),
      await loadLayout(ref('VaultV2', contract)),
    );

  it('that keeps to the rules is safe', async () => {
    const comparison = await upgrade('Vault');
    expect(describeLayout(comparison)).toEqual([
      'storage of Vault: 6 safe, 3 unchanged',
      '+ Guarded.guardedSince uint64 at slot 0+20: safe: in bytes that nothing used',
      '+ Guarded.limit uint256 at slot 1: safe: in the gap',
      '~ Guarded.__gap uint256[49] -> uint256[48] at slot 2: safe: it ends where it did',
      '~ Vault.state Open, Closed -> Open, Closed, Paused at slot 50: safe: members are added at the end',
      '+ Vault.accounts[*].referrer address at slot 51, place 1 in it: safe: at the end',
      '+ Vault.fee uint256 at slot 53: safe: at the end',
    ]);
    expect(layoutRefusal(comparison)).toBeUndefined();
  });

  it('that does not is refused, with all that breaks', async () => {
    const comparison = await upgrade('BrokenVault');
    expect(layoutRefusal(comparison)?.message).toContain(
      'BrokenVault.state Open, Closed -> Closed, Open at slot 50',
    );
    expect(comparison.findings.filter(({ verdict }) => verdict === 'breaks').map(({ path }) => path)).toEqual(
      ['BrokenVault.state', 'BrokenVault.total', 'BrokenVault.accounts', 'BrokenVault.holders'],
    );
  });
});
