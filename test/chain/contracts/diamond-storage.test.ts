import { globSync, readFileSync } from 'node:fs';
import { AbiCoder, id as keccak, keccak256 } from 'ethers';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';

/** ERC-7201: where the storage of a namespace begins. */
function slotOf(namespace: string): string {
  const before = AbiCoder.defaultAbiCoder().encode(['uint256'], [BigInt(keccak(namespace)) - 1n]);
  return `${keccak256(before).slice(0, -2)}00`;
}

const libraries = globSync('chain/contracts/{diamond,gemforce}/*.sol', { cwd: fromRoot('.') })
  .map((path) => ({ path, text: readFileSync(fromRoot(path), 'utf8') }))
  .filter(({ text }) => text.includes('storage-location'));

describe('storage of a diamond', () => {
  it.each(libraries.map(({ path, text }) => [path, text]))('is where its namespace says: %s', (_, text) => {
    const namespace = /@custom:storage-location erc7201:(\S+)/.exec(text)?.[1] ?? '';
    expect(text).toContain(`bytes32 private constant SLOT = ${slotOf(namespace)};`);
    expect(text).toContain(`keccak256("${namespace}")`);
  });

  it('has a namespace for each library', () => {
    const namespaces = libraries.map(({ text }) => /erc7201:(\S+)/.exec(text)?.[1]);
    expect(namespaces.length).toBe(6);
    expect(new Set(namespaces).size).toBe(namespaces.length);
  });
});
