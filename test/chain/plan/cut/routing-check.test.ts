import { describe, expect, it } from 'vitest';
import { verifyRouting, type ObservedDiamond } from '@cutover/chain/plan/cut/routing-check.ts';
import type { CutContext } from '@cutover/chain/plan/cut/plan-cut.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { address, burn, core, diamond, facet, mint, owner, serving, transfer } from './kit.ts';

const context: CutContext = { diamond, unwanted: 'remove' };
const minter = facet('MinterFacet', '1', mint, burn);
const own = { ...facet('', '1', owner), address: diamond };
const codeSizes = Object.fromEntries(
  ['1', '2', 'c', '9'].map((digit) => [address(digit).toLowerCase(), 100]),
);

function verify(
  observed: Partial<ObservedDiamond>,
  changed: Partial<CutContext> = {},
  wanted: readonly WantedFacet[] = [core, minter],
): readonly string[] {
  const all = { facets: serving(core, minter, own), codeSizes, ...observed };
  return verifyRouting(wanted, all, { ...context, ...changed }).map(({ kind, words }) => `${kind}: ${words}`);
}

describe('the routing of a diamond', () => {
  it('is well when everything is as wanted', () => {
    expect(verify({})).toEqual([]);
    const routes = { [mint.selector.toUpperCase()]: address('1').toLowerCase(), [owner.selector]: diamond };
    expect(verify({ routes })).toEqual([]);
  });

  it('is wrong where functions go elsewhere, are missing, or are there unasked', () => {
    const facets = serving(core, own, facet('', '9', mint, transfer));
    const signatures = { [transfer.selector]: [transfer.signature] };
    expect(verify({ facets }, { signatures, facetNames: { [address('9')]: 'OldFacet' } })).toEqual([
      `elsewhere: MinterFacet ${address('1')}: the diamond sends mint(address,uint256) to OldFacet ${address('9')} instead`,
      `missing: MinterFacet ${address('1')}: the diamond does not serve burn(uint256)`,
      `unexpected: OldFacet ${address('9')} serves what no facet here wants: transfer(address,uint256)`,
    ]);
    expect(verify({ facets: serving(core, minter, facet('', '9', transfer)) }, { unwanted: 'keep' })).toEqual(
      [],
    );
    const untouched = [transfer.signature];
    expect(verify({ facets: serving(core, minter, facet('', '9', transfer)) }, { untouched })).toEqual([]);
  });

  it('tells functions of one facet in one sentence', () => {
    expect(verify({ facets: serving(core) })).toEqual([
      `missing: MinterFacet ${address('1')}: the diamond does not serve burn(uint256), mint(address,uint256)`,
    ]);
    const [fault] = verifyRouting([core, minter], { facets: serving(core), codeSizes }, context);
    expect(fault?.selectors).toEqual([mint.selector, burn.selector]);
  });

  it('is wrong where a facet has no code, or nobody looked', () => {
    expect(verify({ codeSizes: { ...codeSizes, [address('1').toLowerCase()]: 0 } })).toEqual([
      `no code: MinterFacet ${address('1')} has no code: calls of its functions do nothing or fail`,
    ]);
    expect(verify({ codeSizes: { [address('c')]: 5 } })).toEqual([
      `not looked at: MinterFacet ${address('1')}: whether there is code was not looked at`,
    ]);
  });

  it('is judged without code where no sizes are given', () => {
    expect(verifyRouting([core, minter], { facets: serving(core, minter) }, context)).toEqual([]);
  });

  it('is wrong where the loupe contradicts itself', () => {
    const routes = { [mint.selector]: address('9'), [burn.selector]: '0x' };
    const asked = verify({ routes: { ...routes, [transfer.selector]: address('2') } });
    expect(asked).toEqual([
      `loupe disagrees: the loupe contradicts itself: facets() puts 0xa9059cbb at ${`0x${'0'.repeat(40)}`}, facetAddress() at ${address('2')}`,
      `loupe disagrees: the loupe contradicts itself: facets() puts burn(uint256) at MinterFacet ${address('1')}, facetAddress() at no address`,
      `loupe disagrees: the loupe contradicts itself: facets() puts mint(address,uint256) at MinterFacet ${address('1')}, facetAddress() at ${address('9')}`,
    ]);
  });

  it('cannot be judged where the answer or the wish cannot be read', () => {
    const torn = serving(core, minter, facet('', '9', mint));
    expect(verify({ facets: torn })).toEqual([
      expect.stringContaining('unreadable: the loupe lists 0x40c10f19 twice'),
    ]);
    const clashing = [core, minter, facet('OtherFacet', '2', mint)];
    expect(verify({}, {}, clashing)).toEqual([expect.stringContaining('unreadable: mint(address,uint256)')]);
  });
});
