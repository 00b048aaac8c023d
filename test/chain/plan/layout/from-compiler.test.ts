import { describe, expect, it } from 'vitest';
import { layoutFromCompiler } from '@cutover/chain/plan/layout/from-compiler.ts';

const known = { source: 'src/Vault.sol', contract: 'Vault', compiled: undefined, trees: [] };
const compiled = {
  storageLayout: {
    storage: [
      { astId: 3, contract: 'src/Vault.sol:Vault', label: 'a', offset: 0, slot: '0', type: 't_bool' },
    ],
    types: { t_bool: { encoding: 'inplace', label: 'bool', numberOfBytes: '1' } },
  },
};
const contract = {
  nodeType: 'ContractDefinition',
  id: 2,
  name: 'Vault',
  linearizedBaseContracts: [2, 9],
  nodes: [],
};
const tree = {
  absolutePath: 'src/Vault.sol',
  nodes: [{ nodeType: 'ImportDirective', id: 1, absolutePath: 'src/Base.sol' }, contract],
};

describe('what a compilation tells of a layout', () => {
  it('is nothing without the compiler’s layout and without syntax trees', () => {
    expect(layoutFromCompiler(known)).toBeUndefined();
    expect(layoutFromCompiler({ ...known, trees: [{}, { nodes: 'none' }] })).toBeUndefined();
  });

  it('is nothing from a syntax tree that lacks a base, and from one with a base slot of its own', () => {
    expect(layoutFromCompiler({ ...known, trees: [tree] })).toBeUndefined();
    const moved = {
      ...contract,
      linearizedBaseContracts: [2],
      storageLayout: { nodeType: 'StorageLayoutSpecifier' },
    };
    expect(layoutFromCompiler({ ...known, trees: [{ nodes: [moved] }] })).toBeUndefined();
  });

  it('is everything but namespaces without syntax trees, which is said', () => {
    const layout = layoutFromCompiler({ ...known, compiled });
    expect(layout?.areas).toEqual([
      { kind: 'plain', id: '', slot: 0n, variables: [{ label: 'a', slot: 0n, offset: 0, type: 0 }] },
    ]);
    expect(layout?.notUnderstood).toEqual([expect.stringContaining('cannot be seen')]);
  });

  it('is said to lack namespaces of files whose syntax trees are missing', () => {
    const layout = layoutFromCompiler({ ...known, compiled, trees: [tree] });
    expect(layout?.notUnderstood).toEqual([expect.stringContaining('src/Base.sol')]);
  });

  it.each<[string, unknown]>([
    ['rows without a slot', { storage: [{ label: 'a', offset: 0, type: 't_bool' }], types: {} }],
    ['a type that is not there', { ...compiled.storageLayout, types: {} }],
    [
      'sizes in words',
      { ...compiled.storageLayout, types: { t_bool: { label: 'bool', numberOfBytes: 'one' } } },
    ],
    ['a text', 'layout'],
  ])('is nothing when the layout has %s', (_, storageLayout) => {
    expect(layoutFromCompiler({ ...known, compiled: { storageLayout } })).toBeUndefined();
  });

  it('of a contract without variables is empty, as solc writes it', () => {
    const layout = layoutFromCompiler({
      ...known,
      compiled: { storageLayout: { storage: [], types: null } },
    });
    expect(layout?.areas).toEqual([]);
  });
});
