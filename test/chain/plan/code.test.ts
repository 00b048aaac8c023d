import { concat, getBytes, hexlify } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFoundryArtifact } from '@cutover/chain/evm/foundry-artifact.ts';
import { readHardhatArtifact } from '@cutover/chain/evm/hardhat-artifact.ts';
import type { Artifact } from '@cutover/chain/plan/artifact.ts';
import { codeOnceDeployed, compareCode } from '@cutover/chain/plan/code.ts';
import { immutablesBehind, splitMetadata } from '@cutover/chain/plan/metadata.ts';

const fixtures = 'test/fixtures/artifacts';
const vault = await readHardhatArtifact(`${fixtures}/hardhat3/artifacts/contracts/Vault.sol/Vault.json`);
const linked = await readFoundryArtifact(`${fixtures}/foundry/out/Linked.sol/Linked.json`);
const capped = await readHardhatArtifact(`${fixtures}/vyper/Capped.json`);
const keeper = '0x00000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8';

/** The artefact's code as a chain would have it, with these values for its immutables. */
function deployed(artifact: Artifact, values: Readonly<Record<string, string>>): string {
  const code = getBytes(artifact.runtimeCode.replaceAll(/__.{38}/g, '0'.repeat(40)));
  for (const [id, ranges] of Object.entries(artifact.immutableReferences ?? {})) {
    const value = getBytes(values[artifact.immutableNames[id] ?? id] ?? `0x${'11'.repeat(32)}`);
    for (const { start } of ranges) code.set(value, start);
  }
  return hexlify(code);
}

function changedAt(code: string, byte: number): string {
  const bytes = getBytes(code);
  bytes[byte] = (bytes[byte] ?? 0) ^ 0xff;
  return hexlify(bytes);
}

const onChain = deployed(vault, { keeper });
const executableLength = splitMetadata(getBytes(onChain)).executable.length;
const masked = Object.values(vault.immutableReferences ?? {}).flat();
const isMasked = (byte: number): boolean =>
  masked.some(({ start, length }) => byte >= start && byte < start + length);

describe('code on a chain', () => {
  it('is none where nothing is deployed', () => {
    expect(compareCode('0x', vault)).toEqual({ verdict: 'none' });
  });

  it('is the same whatever the constructor gave the immutables, and says what it gave them', () => {
    expect(compareCode(onChain, vault)).toEqual({
      verdict: 'same',
      immutables: expect.arrayContaining([{ name: 'keeper', value: keeper }]) as unknown,
    });
  });

  it('is the same but for metadata when only a comment of the source differs', () => {
    const code = changedAt(onChain, executableLength + 20);
    expect(compareCode(code, vault).verdict).toBe('same but for metadata');
  });

  it('is the same but for metadata when it was compiled without any', () => {
    const bare = hexlify(splitMetadata(getBytes(onChain)).executable);
    expect(compareCode(bare, vault).verdict).toBe('same but for metadata');
  });

  it('is changed when it is longer, shorter or another contract', () => {
    expect(compareCode('0x6000', vault)).toMatchObject({
      verdict: 'changed',
      difference: expect.stringContaining('2 bytes of code') as unknown,
    });
    expect(compareCode(deployed(linked, {}), vault).verdict).toBe('changed');
  });

  it('is changed when an immutable has different values at its places', () => {
    const [, ranges] =
      Object.entries(vault.immutableReferences ?? {}).find(([, places]) => places.length > 1) ?? [];
    expect(compareCode(changedAt(onChain, ranges?.[1]?.start ?? 0), vault)).toEqual({
      verdict: 'changed',
      difference: 'the immutable keeper has different values at its places',
    });
  });

  it('is changed when any executable byte differs', () => {
    fc.assert(
      fc.property(fc.nat({ max: executableLength - 1 }), (byte) => {
        fc.pre(!isMasked(byte));
        expect(compareCode(changedAt(onChain, byte), vault)).toMatchObject({
          verdict: 'changed',
          difference: `other code from byte ${byte} on`,
        });
      }),
      { numRuns: 300 },
    );
  });

  it('is compared without the table of immutables by the places that solc leaves empty', () => {
    const withoutTable: Artifact = { ...vault, immutableReferences: undefined };
    expect(compareCode(onChain, withoutTable)).toEqual({ verdict: 'same', immutables: [] });
    expect(compareCode(changedAt(onChain, 10), withoutTable).verdict).toBe('changed');
  });
});

describe('code of Vyper', () => {
  const cap = `0x${'00'.repeat(31)}05`;
  const onVyper = concat([capped.runtimeCode, keeper, cap]);

  it('has its immutables behind it, all in one', () => {
    expect(compareCode(onVyper, capped)).toEqual({
      verdict: 'same',
      immutables: [{ name: 'immutables', value: concat([keeper, cap]) }],
    });
    expect(compareCode(changedAt(onVyper, 20), capped).verdict).toBe('changed');
    expect(compareCode(capped.runtimeCode, capped).verdict).toBe('changed');
    expect(compareCode('0x6000', capped).verdict).toBe('changed');
  });

  it('cannot be known before it is deployed', () => {
    expect(codeOnceDeployed(keeper, { ...capped, immutableReferences: {} })).toBeUndefined();
  });

  it.each([
    ['0.3.10', '8418bd81061840a16576797065728300030a0014', 64],
    ['0.4.0', '8418b981061840a1657679706572830004000014', 64],
    ['0.4.3', `855820${'ab'.repeat(31)}1b18b981061840a1657679706572830004030036`, 64],
    ['with none', '841901808000a1657679706572830004000013', 0],
    ['with a length that looks like a head', '841900198000a1657679706572830004000013', 0],
    ['with many', '8419b92381061a00010020a1657679706572830004000018', 65_568],
    ['that says nothing of them', 'a165767970657283000309000b', 0],
    ['a length that leads out of it', 'a1657679706572830004009999', 0],
  ])('%s says at the end how long they are', (_, trailer, length) => {
    expect(immutablesBehind(getBytes(`0x6001${trailer}`))).toBe(length);
  });
});

describe('linked code', () => {
  const library = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
  const linkedCode = (address: string): string => {
    const [range] = linked.runtimeLinkReferences['src/Linked.sol']?.['Rates'] ?? [];
    const code = getBytes(deployed(linked, {}));
    code.set(getBytes(address), range?.start);
    return hexlify(code);
  };

  it('must have the libraries that were given', () => {
    expect(compareCode(linkedCode(library), linked, { Rates: library }).verdict).toBe('same');
    const other = linkedCode('0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
    expect(compareCode(other, linked, { Rates: library }).verdict).toBe('changed');
  });

  it('may have any library where none is given', () => {
    expect(compareCode(linkedCode(library), linked).verdict).toBe('same');
  });

  it('of a library starts with its own address', () => {
    const own = `0x73${'00'.repeat(20)}3014608060`;
    const artifact: Artifact = { ...vault, runtimeCode: own, immutableReferences: {} };
    expect(compareCode(`0x73${library.slice(2)}3014608060`, artifact).verdict).toBe('same');
  });
});

describe('metadata', () => {
  it('is found as solc and vyper write it', () => {
    const trailers = [
      `a264697066735822${'1220'}${'ab'.repeat(32)}64736f6c63430008190033`,
      'a164736f6c6343000825000a',
      `a165627a7a72305820${'cd'.repeat(32)}0029`,
      `a264697066735822${'1220'}${'ef'.repeat(32)}6c6578706572696d656e74616cf50038`,
      'a165767970657283000309000b',
    ];
    for (const trailer of trailers) {
      const length = Number.parseInt(trailer.slice(-4), 16);
      expect([trailer, trailer.length / 2 - 2]).toEqual([trailer, length]);
      expect(hexlify(splitMetadata(getBytes(`0x6001${trailer}`)).executable)).toBe('0x6001');
    }
  });

  it('is not seen where the last bytes only look like a length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { executable, metadata } = splitMetadata(bytes);
        expect(executable.length + metadata.length).toBe(bytes.length);
      }),
    );
    expect(splitMetadata(getBytes('0x60016002600360040003')).metadata.length).toBe(0);
  });

  it('of contracts that this one creates may differ too', () => {
    const child = (hash: string): string =>
      `6001a264697066735822${'1220'}${hash.repeat(32)}64736f6c63430008250033`;
    const artifact: Artifact = { ...vault, runtimeCode: `0x6000${child('ab')}6002`, immutableReferences: {} };
    expect(compareCode(`0x6000${child('ab')}6002`, artifact).verdict).toBe('same');
    expect(compareCode(`0x6000${child('cd')}6002`, artifact).verdict).toBe('same but for metadata');
    expect(compareCode(`0x6000${child('ab')}6003`, artifact).verdict).toBe('changed');
  });
});

describe('code that is known before it is deployed', () => {
  const library: Artifact = {
    ...linked,
    runtimeCode: `0x73${'00'.repeat(20)}3014600a57`,
    runtimeLinkReferences: {},
    immutableReferences: {},
  };
  const user: Artifact = { ...linked, immutableReferences: {} };
  const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

  it('has the addresses of its libraries in it, and is the same as what a chain has', () => {
    const names = Object.values(linked.runtimeLinkReferences).flatMap((each) => Object.keys(each));
    const libraries = Object.fromEntries(names.map((name) => [name, address]));
    const code = codeOnceDeployed(address, user, libraries) ?? '';
    expect(code).toContain(address.slice(2).toLowerCase());
    expect(compareCode(code, user, libraries)).toMatchObject({ verdict: 'same' });
  });

  it('has the own address of a library at its beginning', () => {
    const code = codeOnceDeployed(address, library) ?? '';
    expect(code).toBe(`0x73${address.slice(2).toLowerCase()}3014600a57`);
    expect(compareCode(code, library)).toMatchObject({ verdict: 'same' });
  });

  it('is not known where the constructor decides, or a library is missing', () => {
    expect(codeOnceDeployed(address, vault)).toBeUndefined();
    expect(codeOnceDeployed(address, { ...library, immutableReferences: undefined })).toBeUndefined();
    expect(codeOnceDeployed(address, user)).toBeUndefined();
  });
});
