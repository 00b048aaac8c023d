import { describe, expect, it } from 'vitest';
import {
  describeInterfaceChange,
  interfaceChanges,
  interfaceId,
  interfaceOf,
} from '@cutover/chain/plan/cut/interface-id.ts';
import { knownInterfaces } from '@cutover/chain/plan/cut/known-interfaces.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import { diamondFunctions, selectorOf } from '@cutover/chain/plan/cut/selector.ts';
import { core, cutOf, diamond, facet, owner, serving } from './kit.ts';

// As the EIPs and OpenZeppelin publish them.
const published = {
  'ERC-165': '0x01ffc9a7',
  IDiamondCut: '0x1f931c1c',
  IDiamondLoupe: '0x48e2b093',
  'ERC-173': '0x7f5828d0',
  IAccessControl: '0x7965db0b',
  'ERC-20': '0x36372b07',
  'ERC-721': '0x80ac58cd',
  'ERC-721 Metadata': '0x5b5e139f',
  'ERC-721 Enumerable': '0x780e9d63',
  'ERC-721 Receiver': '0x150b7a02',
  'ERC-1155': '0xd9b67a26',
  'ERC-1155 Metadata': '0x0e89341c',
  'ERC-1155 Receiver': '0x4e2312e0',
  'ERC-1271': '0x1626ba7e',
  'ERC-2981': '0x2a55205a',
};

describe('interface ids', () => {
  it('are the published ones, and follow from the signatures', () => {
    expect(Object.fromEntries(knownInterfaces.map(({ name, id }) => [name, id]))).toEqual(published);
    for (const { name, id, functions } of knownInterfaces) {
      for (const { selector, signature } of functions) expect(selectorOf(signature)).toBe(selector);
      expect(
        interfaceOf(
          name,
          functions.map(({ signature }) => signature),
        ).id,
      ).toBe(id);
    }
    for (const { selector, signature } of Object.values(diamondFunctions)) {
      expect(selectorOf(signature)).toBe(selector);
    }
  });

  it('are four bytes even where the exclusive or is small or negative', () => {
    expect(interfaceId([])).toBe('0x00000000');
    expect(interfaceId(['0xffffffff'])).toBe('0xffffffff');
    expect(interfaceId(['0xffffffff', '0xfffffffe'])).toBe('0x00000001');
  });

  it('are gained and lost by a cut', () => {
    const erc721 = knownInterfaces.find(({ name }) => name === 'ERC-721')?.functions ?? [];
    const token = facet('TokenFacet', '1', ...erc721);
    const ownership = facet(
      'OwnershipFacet',
      '2',
      owner,
      interfaceOf('', ['transferOwnership(address)']).functions[0] ?? owner,
    );
    const partial = {
      ...token,
      functions: erc721.filter(({ signature }) => signature !== 'ownerOf(uint256)'),
    };
    const plan = planCut([core, partial, ownership], serving(core, token), { diamond, unwanted: 'remove' });
    expect(interfaceChanges(cutOf(plan).cut).map(describeInterfaceChange)).toEqual([
      'all functions of ERC-173 0x7f5828d0 are there after this cut; supportsInterface must be told so by the initialiser',
      'supportsInterface(ERC-721 0x80ac58cd) will no longer be backed by functions: ownerOf(uint256) removed',
    ]);
    expect(interfaceChanges(cutOf(plan).inverse).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'lost ERC-173',
      'gained ERC-721',
    ]);
  });

  it('do not change when their functions only move', () => {
    const plan = planCut(
      [{ ...core, address: diamond.replace(/^0xDd/, '0xEe').toLowerCase() }],
      serving(core),
      {
        unwanted: 'remove',
      },
    );
    expect(interfaceChanges(cutOf(plan).cut)).toEqual([]);
  });
});
