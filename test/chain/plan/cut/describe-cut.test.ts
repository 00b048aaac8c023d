import { describe, expect, it } from 'vitest';
import { describePlan } from '@cutover/chain/plan/cut/describe-cut.ts';
import { planCut, type CutContext } from '@cutover/chain/plan/cut/plan-cut.ts';
import { functionRecord, readFunctionRecord } from '@cutover/chain/plan/cut/record.ts';
import { selectorOf } from '@cutover/chain/plan/cut/selector.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { splitCut } from '@cutover/chain/plan/cut/split.ts';
import { address, burn, core, cutOf, diamond, facet, mint, owner, serving, transfer } from './kit.ts';

const context: CutContext = {
  diamond,
  unwanted: 'remove',
  signatures: { [owner.selector]: [owner.signature] },
  facetNames: { [address('9')]: 'MinterFacet', [address('8')]: 'OldFacet' },
};
const observed = serving(core, facet('', '9', mint), facet('', '8', owner, burn), facet('', '7', transfer));
const wanted = [
  core,
  facet('MinterFacet', '1', mint),
  facet('TokenFacet', '2', burn, transfer, { selector: '0x18160ddd', signature: 'totalSupply()' }),
];
const plan = planCut(wanted, observed, context);

describe('a cut in words', () => {
  it('has removals first, then what moves and what is new, with whole addresses', () => {
    expect(describePlan(plan)).toEqual([
      `cut of ${diamond}: 1 removed, 3 replaced, 1 added, 5 unchanged`,
      `- owner()                    OldFacet ${address('8')}`,
      `~ burn(uint256)              OldFacet ${address('8')} -> TokenFacet ${address('2')}`,
      `~ mint(address,uint256)      MinterFacet ${address('9')} -> ${address('1')}`,
      `~ transfer(address,uint256)  TokenFacet ${address('7')} -> ${address('2')}`,
      `+ totalSupply()              TokenFacet ${address('2')}`,
      '1 transaction, at most about 404,000 gas',
    ]);
  });

  it('tells the initialiser, warnings, interfaces and the transactions', () => {
    const initializer = {
      address: address('5'),
      calldata: '0xe1c7392a',
      gas: 100_000n,
      words: 'Init.init() at 0x5',
    };
    const plan = planCut([facet('MinterFacet', '1', mint)], serving(core, facet('', '1', burn)), {
      ...context,
      mayLack: ['diamondCut', 'loupe'],
    });
    const split = splitCut(cutOf(plan).cut, { initializer, cap: 400_000n, safety: 1 });
    const lines = describePlan(plan, { initializer, split });
    expect(lines.slice(7)).toEqual([
      `+ mint(address,uint256)  MinterFacet ${address('1')}`,
      'initialiser: Init.init() at 0x5',
      'supportsInterface(IDiamondCut 0x1f931c1c) will no longer be backed by functions: diamondCut((address,uint8,bytes4[])[],address,bytes) removed',
      'supportsInterface(IDiamondLoupe 0x48e2b093) will no longer be backed by functions: facetAddress(bytes4), facetAddresses(), facetFunctionSelectors(address), facets() removed',
      'warning: diamondCut is removed: the diamond becomes final; no later cut and no rollback is possible',
      'warning: the loupe loses facetAddress(bytes4), facetAddresses(), facetFunctionSelectors(address), facets(): later cuts cannot be planned from the chain',
      '2 transactions, at most about 473,200 gas; between them the diamond is part old, part new',
      '  1: 6 functions, 295,000 gas',
      '  2: 1 function, initialiser, 178,200 gas',
    ]);
  });

  it('says what is left alone, that there is nothing to do, and every reason of a refusal', () => {
    const keep = planCut([core], observed, { ...context, unwanted: 'keep' });
    expect(describePlan(keep)).toEqual([
      `cut of ${diamond}: 9 unchanged, 4 of them not wanted here and left as they are; nothing to cut`,
    ]);
    const refused = planCut([core, facet('EmptyFacet', '3')], observed, { ...context, unwanted: 'refuse' });
    expect(describePlan(refused)).toHaveLength(5);
    expect(describePlan(refused)[1]).toBe(
      `! EmptyFacet ${address('3')} has no functions for the diamond: leave it out, or correct include`,
    );
    expect(describePlan(planCut([], [], { unwanted: 'keep' }))).toEqual([
      'cut of a new diamond: no functions; nothing to cut',
    ]);
  });

  it('says when it cannot be sent', () => {
    const lines = describePlan(plan, { split: { kind: 'too large', gas: 20_000_000n, limit: 13_421_772n } });
    expect(lines.at(-1)).toBe(
      'cannot be sent: one part alone needs 20,000,000 gas, and 13,421,772 are allowed',
    );
  });
});

describe('the record for a resource’s inputs', () => {
  it('has a key for each function, so that a preview shows a line for each', () => {
    expect(functionRecord(wanted.slice(1))).toEqual({
      'burn(uint256)': `TokenFacet ${address('2')}`,
      'mint(address,uint256)': `MinterFacet ${address('1')}`,
      'totalSupply()': `TokenFacet ${address('2')}`,
      'transfer(address,uint256)': `TokenFacet ${address('2')}`,
    });
    expect(JSON.stringify(functionRecord(wanted.toReversed()))).toBe(JSON.stringify(functionRecord(wanted)));
  });

  it('hides no function from a preview, and has unknown ones by selector', () => {
    const internal = { selector: '0x12345678', signature: '__upgrade()' };
    const facets = [
      facet('OddFacet', '3', internal),
      { address: address('4'), functions: [{ selector: '0x00000001' }] },
    ];
    expect(functionRecord(facets)).toEqual({
      '0x12345678 __upgrade()': `OddFacet ${address('3')}`,
      '0x00000001': address('4'),
    });
  });

  it('can be read back', () => {
    const internal = { selector: selectorOf('__upgrade()'), signature: '__upgrade()' };
    const facets = [
      ...wanted,
      facet('Odd Facet', '3', internal),
      {
        name: undefined,
        address: address('4'),
        functions: [{ selector: '0x00000001', signature: undefined }],
      },
    ];
    const read = readFunctionRecord(functionRecord(facets));
    expect(functionRecord(read)).toEqual(functionRecord(facets));
    const bySelector = (all: readonly WantedFacet[]): unknown =>
      new Map(
        all.flatMap(({ name, address: at, functions }) =>
          functions.map((each) => [each.selector, { name, at, ...each }]),
        ),
      );
    expect(bySelector(read)).toEqual(bySelector(facets));
  });
});
