import { Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import { facetFunctions, type FunctionChoice } from '@cutover/chain/plan/cut/facet-interface.ts';
import { diamondFunctions } from '@cutover/chain/plan/cut/selector.ts';

function abiOf(...lines: readonly string[]): Abi {
  return JSON.parse(new Interface(lines).formatJson()) as Abi;
}

const abi = abiOf(
  'constructor(address owner)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'error Denied()',
  'fallback() payable',
  'receive() payable',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function settle(tuple(address party, tuple(uint64 due, bytes32[2] proof)[] legs) order, bytes data)',
  'function mint(address to)',
  'function mint(address to, uint256 amount)',
  'function supportsInterface(bytes4 id) view returns (bool)',
);

function signaturesOf(choice?: FunctionChoice, of: Abi = abi): readonly string[] {
  const read = facetFunctions(of, choice);
  return read.kind === 'fits' ? read.functions.map(({ signature }) => signature) : read.problems;
}

describe('the functions of a facet', () => {
  it('are those of the ABI with tuples expanded, without constructor, fallback and receive', () => {
    expect(signaturesOf()).toEqual([
      'mint(address)',
      'mint(address,uint256)',
      'settle((address,(uint64,bytes32[2])[]),bytes)',
      'supportsInterface(bytes4)',
      'transfer(address,uint256)',
    ]);
  });

  it('have the selectors that are published', () => {
    const read = facetFunctions(
      abiOf(
        'function diamondCut(tuple(address facetAddress, uint8 action, bytes4[] functionSelectors)[] c, address init, bytes data)',
        'function facets() view returns (tuple(address facetAddress, bytes4[] functionSelectors)[])',
        'function facetFunctionSelectors(address facet) view returns (bytes4[])',
        'function facetAddresses() view returns (address[])',
        'function facetAddress(bytes4 selector) view returns (address)',
        'function supportsInterface(bytes4 id) view returns (bool)',
      ),
    );
    const functions = [
      ...Object.values(diamondFunctions),
      { selector: '0x01ffc9a7', signature: 'supportsInterface(bytes4)' },
    ];
    expect(read).toEqual({
      kind: 'fits',
      functions: functions.toSorted((a, b) => (a.signature < b.signature ? -1 : 1)),
    });
    expect(functions.map(({ selector }) => selector)).toEqual([
      '0x1f931c1c',
      '0x7a0ed627',
      '0xadfca15e',
      '0x52ef6b2c',
      '0xcdffacc6',
      '0x01ffc9a7',
    ]);
  });

  it('are chosen by name, by signature however it is written, or by selector', () => {
    expect(signaturesOf({ include: ['transfer', 'mint(address to, uint amount)', '0x01FFC9A7'] })).toEqual([
      'mint(address,uint256)',
      'supportsInterface(bytes4)',
      'transfer(address,uint256)',
    ]);
    expect(signaturesOf({ exclude: ['supportsInterface', 'settle', 'mint(address)'] })).toEqual([
      'mint(address,uint256)',
      'transfer(address,uint256)',
    ]);
    expect(signaturesOf({ include: [] })).toEqual([]);
  });

  it('cannot be chosen by a name that is unknown, ambiguous, or on both lists: all told at once', () => {
    expect(
      signaturesOf({ include: ['tranfser', 'mint', 'settle'], exclude: ['mint(adress)', 'settle'] }),
    ).toEqual([
      'include: there is no function tranfser; is transfer meant?',
      'include: there are several mint: name one of mint(address), mint(address,uint256)',
      'exclude: there is no function mint(adress); is mint(address) meant?',
      'settle((address,(uint64,bytes32[2])[]),bytes) is both in include and in exclude',
    ]);
    expect(signaturesOf({ exclude: ['somethingElse'] })).toEqual([
      'exclude: there is no function somethingElse',
    ]);
  });

  it('may be listed twice in a merged ABI, but not share a selector', () => {
    expect(signaturesOf({}, [...abi, ...abi])).toHaveLength(5);
    const clash = [
      ...abiOf('function burn(uint256 id)'),
      ...abiOf('function collate_propagate_storage(bytes16)'),
    ];
    const words =
      'burn(uint256) and collate_propagate_storage(bytes16) have the same selector 0x42966c68: rename one of them';
    expect(signaturesOf({}, clash)).toEqual([words]);
    expect(signaturesOf({}, clash.toReversed())).toEqual([words]);
  });

  it('are refused with words where the ABI is broken', () => {
    const broken = [{ type: 'function', name: 'pay', inputs: [{ name: 'to', type: 'adress[' }] }];
    expect(signaturesOf({}, broken)).toEqual([
      "the ABI's function pay cannot be read: a type in it is not one of the ABI",
    ]);
    expect(signaturesOf({}, [])).toEqual([]);
  });
});
