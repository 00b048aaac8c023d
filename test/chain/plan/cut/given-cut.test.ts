import { describe, expect, it } from 'vitest';
import { decodeDiamondCut, encodeDiamondCut } from '@cutover/chain/plan/cut/diamond-call.ts';
import { planGivenCut } from '@cutover/chain/plan/cut/given-cut.ts';
import { planCut } from '@cutover/chain/plan/cut/plan-cut.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import {
  address,
  burn,
  core,
  cutOf,
  diamond,
  facet,
  mint,
  owner,
  problemsOf,
  serving,
  transfer,
} from './kit.ts';

const context = { diamond };
const observed = serving(core, facet('', '9', mint, burn), { ...facet('', '1', owner), address: diamond });

describe('a cut that was written elsewhere', () => {
  it('is what it comes to', () => {
    const wanted = [core, facet('MinterFacet', '1', mint), facet('TokenFacet', '2', transfer)];
    const { cut } = cutOf(planCut(wanted, observed, { ...context, unwanted: 'remove' }));
    const call = encodeDiamondCut({ facetCuts: cut.facetCuts, initializer: undefined });
    const given = planGivenCut(decodeDiamondCut(call)?.facetCuts ?? [], observed, context);
    expect(cutOf(given).cut.facetCuts).toEqual(cut.facetCuts);
  });

  it('counts by its end: removed and added again is replaced', () => {
    const plan = planGivenCut(
      [
        { facetAddress: zeroAddress, action: 2, functionSelectors: [mint.selector] },
        { facetAddress: address('1'), action: 0, functionSelectors: [mint.selector] },
      ],
      observed,
      {
        ...context,
        facetNames: { [address('1')]: 'MinterFacet' },
        signatures: { [mint.selector]: [mint.signature] },
      },
    );
    expect(cutOf(plan).cut.changes.filter(({ kind }) => kind !== 'unchanged')).toEqual([
      {
        kind: 'replace',
        ...mint,
        from: { name: undefined, address: address('9') },
        to: { name: 'MinterFacet', address: address('1') },
      },
    ]);
  });

  it('is refused with every reason why it would revert', () => {
    const plan = planGivenCut(
      [
        { facetAddress: address('9'), action: 1, functionSelectors: [mint.selector] },
        { facetAddress: zeroAddress, action: 2, functionSelectors: [transfer.selector, owner.selector] },
        { facetAddress: diamond, action: 0, functionSelectors: ['0x12345678'] },
      ],
      observed,
      context,
    );
    expect(problemsOf(plan).map(({ words }) => words)).toEqual([
      `${diamond} is the diamond itself and cannot be a facet`,
      `${mint.selector} cannot be replaced: ${address('9')} has it already`,
      `${owner.selector} cannot be removed: it is part of the diamond itself`,
      `${transfer.selector} cannot be removed: the diamond does not have it`,
    ]);
  });

  it('is guarded like any other', () => {
    const removal = { facetAddress: zeroAddress, action: 2, functionSelectors: ['0x1f931c1c'] } as const;
    expect(problemsOf(planGivenCut([removal], observed, context))).toMatchObject([{ kind: 'makes final' }]);
    expect(
      cutOf(planGivenCut([removal], observed, { ...context, mayLack: ['diamondCut'] })).cut.facetCuts,
    ).toEqual([removal]);
    const torn = [...observed, ...serving(facet('', '8', mint))];
    expect(problemsOf(planGivenCut([removal], torn, context))[0]?.kind).toBe('loupe malformed');
  });
});

describe('a call of diamondCut', () => {
  it('survives its encoding, with and without an initialiser', () => {
    const facetCuts = [
      { facetAddress: address('1'), action: 0, functionSelectors: [mint.selector] },
    ] as const;
    for (const initializer of [undefined, { address: address('5'), calldata: '0xe1c7392a' }]) {
      const calldata = encodeDiamondCut({ facetCuts, initializer });
      expect(calldata.slice(0, 10)).toBe('0x1f931c1c');
      expect(decodeDiamondCut(calldata)).toEqual({ facetCuts, initializer });
    }
  });

  it('is not read from anything else', () => {
    const calldata = encodeDiamondCut({ facetCuts: [], initializer: undefined });
    for (const other of [
      '0x',
      '0xa9059cbb',
      calldata.slice(0, -64),
      `0xdeadbeef${calldata.slice(10)}`,
      'cut',
    ]) {
      expect(decodeDiamondCut(other)).toBeUndefined();
    }
    const third = { facetAddress: address('1'), action: 7 as 2, functionSelectors: [mint.selector] };
    expect(
      decodeDiamondCut(encodeDiamondCut({ facetCuts: [third], initializer: undefined })),
    ).toBeUndefined();
  });
});
