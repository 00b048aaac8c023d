import { describe, expect, it } from 'vitest';
import { planCut, type CutContext } from '@cutover/chain/plan/cut/plan-cut.ts';
import { cutRefusal } from '@cutover/chain/plan/cut/problem.ts';
import { diamondFunctions, zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { cutWarnings } from '@cutover/chain/plan/cut/guards.ts';
import {
  address,
  burn,
  burnTwin,
  core,
  cutOf,
  diamond,
  facet,
  kinds,
  mint,
  owner,
  problemsOf,
  serving,
  transfer,
} from './kit.ts';

const context: CutContext = { diamond, unwanted: 'remove' };
const minter = facet('MinterFacet', '1', mint);
const token = facet('TokenFacet', '2', transfer, burn);
const live = serving(core, facet('', '9', mint, burn), facet('', '8', owner));

describe('a cut', () => {
  it('adds, replaces, removes and leaves alone', () => {
    const plan = planCut([core, minter, token], live, {
      ...context,
      signatures: { [owner.selector]: [owner.signature] },
      facetNames: { [address('9').toLowerCase()]: 'MinterFacet' },
    });
    const { cut } = cutOf(plan);
    expect(cut.changes.filter(({ kind }) => kind !== 'unchanged')).toEqual([
      {
        kind: 'replace',
        ...mint,
        from: { name: 'MinterFacet', address: address('9') },
        to: { name: 'MinterFacet', address: address('1') },
      },
      {
        kind: 'replace',
        ...burn,
        from: { name: 'MinterFacet', address: address('9') },
        to: { name: 'TokenFacet', address: address('2') },
      },
      { kind: 'remove', ...owner, from: { name: undefined, address: address('8') } },
      { kind: 'add', ...transfer, to: { name: 'TokenFacet', address: address('2') } },
    ]);
    expect(cut.facetCuts).toEqual([
      { facetAddress: address('1'), action: 1, functionSelectors: [mint.selector] },
      { facetAddress: address('2'), action: 0, functionSelectors: [transfer.selector] },
      { facetAddress: address('2'), action: 1, functionSelectors: [burn.selector] },
      { facetAddress: zeroAddress, action: 2, functionSelectors: [owner.selector] },
    ]);
  });

  it('is nothing where the chain is as wanted', () => {
    const plan = planCut([minter, core], serving(core, minter), context);
    expect(plan.kind).toBe('nothing');
    expect(new Set(Object.values(kinds(plan)))).toEqual(new Set(['unchanged']));
    expect(planCut([], [], context).kind).toBe('nothing');
    const twice = { ...minter, functions: [mint, mint] };
    expect(planCut([core, twice], serving(core, minter), context).kind).toBe('nothing');
  });

  it('removes, keeps or refuses what nobody wants', () => {
    const observed = serving(core, minter, facet('', '8', owner));
    expect(kinds(planCut([core, minter], observed, context))).toMatchObject({ [owner.selector]: 'remove' });
    const kept = planCut([core, minter], observed, { ...context, unwanted: 'keep' });
    expect(kept.kind).toBe('nothing');
    expect(kinds(kept)).toMatchObject({ [owner.selector]: 'unchanged' });
    const refused = problemsOf(planCut([core, minter], observed, { ...context, unwanted: 'refuse' }));
    expect(refused).toEqual([
      {
        kind: 'unwanted',
        words: `${address('8')} serves what no facet here wants: 0x8da5cb5b. Want them, or set unwanted: 'remove' or 'keep'`,
        selectors: [owner.selector],
      },
    ]);
  });

  it('names unknown functions by selector, with all candidates where there are several', () => {
    const observed = serving(core, facet('', '8', owner, burn));
    const signatures = { [burn.selector]: [burnTwin.signature, burn.signature] };
    expect(Object.keys(kinds(planCut([core], observed, { ...context, signatures })))).toEqual(
      expect.arrayContaining([
        owner.selector,
        '0x42966c68 burn(uint256) | collate_propagate_storage(bytes16)',
      ]),
    );
  });

  it('goes back by its inverse', () => {
    const { cut, inverse } = cutOf(planCut([core, minter, token], live, context));
    expect(inverse.facetCuts).toEqual([
      { facetAddress: address('8'), action: 0, functionSelectors: [owner.selector] },
      { facetAddress: address('9'), action: 1, functionSelectors: [mint.selector, burn.selector] },
      { facetAddress: zeroAddress, action: 2, functionSelectors: [transfer.selector] },
    ]);
    expect(inverse.diamond).toBe(cut.diamond);
  });
});

describe('functions of the diamond itself', () => {
  const own = { ...facet('', '1', owner), address: diamond };

  it('stay as they are, though nobody wants them', () => {
    for (const unwanted of ['remove', 'keep', 'refuse'] as const) {
      const plan = planCut([core, minter], serving(core, own), { diamond, unwanted });
      expect(kinds(plan)).toMatchObject({ [owner.selector]: 'unchanged', [mint.signature]: 'add' });
    }
  });

  it('cannot go to a facet, whatever the case in which the loupe writes the diamond', () => {
    const ownership = facet('OwnershipFacet', '7', owner);
    const observed = serving(core, { ...own, address: diamond.toLowerCase() });
    expect(problemsOf(planCut([core, ownership], observed, context))).toEqual([
      {
        kind: 'immutable',
        words: `owner() (0x8da5cb5b) is part of the diamond itself, or named as untouched, and OwnershipFacet ${address('7')} wants to serve it: exclude it from that facet`,
        selectors: [owner.selector],
      },
    ]);
  });

  it('can be named where the loupe does not list them, or where they shall be left alone', () => {
    const ownership = facet('OwnershipFacet', '7', owner);
    const untouched = [owner.signature];
    expect(problemsOf(planCut([core, ownership], serving(core), { ...context, untouched }))[0]?.kind).toBe(
      'immutable',
    );
    const elsewhere = serving(core, facet('', '8', owner));
    expect(problemsOf(planCut([core, ownership], elsewhere, { ...context, untouched }))[0]?.kind).toBe(
      'immutable',
    );
    expect(planCut([core], elsewhere, { ...context, untouched: ['0x8DA5CB5B'] }).kind).toBe('nothing');
    expect(planCut([core, ownership], serving(core, ownership), { ...context, untouched }).kind).toBe(
      'nothing',
    );
    expect(problemsOf(planCut([core], elsewhere, { ...context, untouched: ['owner'] }))).toMatchObject([
      { kind: 'malformed', words: expect.stringContaining('untouched: owner is neither') as string },
    ]);
  });
});

describe('a cut is refused, all reasons at once,', () => {
  it.each([
    [
      'for one function from two facets',
      [minter, facet('VaultFacet', '3', mint)],
      'clash',
      `mint(address,uint256) (0x40c10f19) is wanted from MinterFacet ${address('1')} and VaultFacet ${address('3')}: exclude it from all but one`,
    ],
    [
      'for two functions with one selector',
      [token, facet('StorageFacet', '3', burnTwin)],
      'clash',
      `burn(uint256) of TokenFacet ${address('2')} and collate_propagate_storage(bytes16) of StorageFacet ${address('3')} have the same selector 0x42966c68, and a diamond can route only one of them: exclude one, or rename it`,
    ],
    [
      'for two functions with one selector in one facet',
      [facet('OddFacet', '3', burn, burnTwin)],
      'clash',
      `burn(uint256) of OddFacet ${address('3')} and collate_propagate_storage(bytes16) of OddFacet`,
    ],
    [
      'for a facet without functions',
      [facet('EmptyFacet', '3')],
      'no functions',
      'has no functions for the diamond',
    ],
    [
      'for the zero address',
      [facet('LostFacet', '0', mint)],
      'zero address',
      'no contract at the zero address',
    ],
    ['for the diamond as a facet', [facet('SelfFacet', 'd', mint)], 'facet is the diamond', 'SelfFacet 0xDD'],
    [
      'for one contract in two entries',
      [minter, facet('AgainFacet', '1', burn)],
      'facet twice',
      'are one contract: put all functions of',
    ],
    [
      'for a mistyped address',
      [{ ...minter, address: '0x52908400098527886E0F7030069857D2E4169Ee7' }],
      'malformed',
      'no address, or its checksum is wrong',
    ],
    [
      'for a broken selector',
      [facet('OddFacet', '3', { selector: '0x12', signature: 'odd()' })],
      'malformed',
      '0x12 is no selector of four bytes',
    ],
  ] as const)('%s', (_, facets, kind, words) => {
    const problems = problemsOf(planCut([core, ...facets], serving(core), context));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.kind).toBe(kind);
    expect(problems[0]?.words).toContain(words);
    const reversed = planCut([core, ...facets].toReversed(), serving(core), context);
    expect(problemsOf(reversed)).toEqual(problems);
  });

  it('for another function of the chain with the same selector', () => {
    const observed = serving(core, facet('', '9', burn));
    const signatures = { [burn.selector]: [burn.signature] };
    const storage = facet('StorageFacet', '3', burnTwin);
    expect(problemsOf(planCut([core, storage], observed, { ...context, signatures }))).toMatchObject([
      { kind: 'clash', words: expect.stringContaining('burn(uint256) on the chain and') as string },
    ]);
    expect(planCut([core, token], observed, { ...context, signatures }).kind).toBe('cut');
  });

  it('for a loupe that contradicts itself, whatever else is wrong', () => {
    const observed = [...serving(core), ...serving(minter), ...serving(facet('', '9', mint))];
    const problems = problemsOf(planCut([core, facet('EmptyFacet', '3')], observed, context));
    expect(problems.map(({ kind }) => kind)).toEqual(['loupe malformed', 'no functions']);
  });

  it('for a diamond that is no address', () => {
    expect(problemsOf(planCut([core], [], { ...context, diamond: '0x12' }))[0]?.words).toContain('0x12');
  });

  it('and the error says which kind of refusal it is', () => {
    const mistake = problemsOf(planCut([core, facet('EmptyFacet', '3')], serving(core), context));
    const guard = problemsOf(planCut([minter], serving(core), context));
    const loupe = problemsOf(planCut([core], [...serving(minter, facet('', '9', mint))], context));
    const errors = [mistake, guard, [...mistake, ...guard], loupe].map((each) => cutRefusal(each, diamond));
    expect(errors.map(({ code, exit }) => `${code} ${exit}`)).toEqual([
      'CUT-2100 2',
      'CUT-2101 3',
      'CUT-2100 2',
      'CUT-2102 1',
    ]);
    expect(errors[0]?.message).toContain(
      `The cut of ${diamond} cannot be planned: 1 problem(s).\n  - EmptyFacet`,
    );
  });
});

describe('what a diamond may be left without', () => {
  const withoutCut = { ...core, functions: core.functions.slice(1) };
  const withoutLoupe = { ...core, functions: core.functions.slice(0, 1) };

  it('is not diamondCut, unless it is said: then it is final, and the plan says so', () => {
    const problems = problemsOf(planCut([withoutCut], serving(core), context));
    expect(problems).toMatchObject([{ kind: 'makes final', selectors: ['0x1f931c1c'] }]);
    const { cut } = cutOf(planCut([withoutCut], serving(core), { ...context, mayLack: ['diamondCut'] }));
    expect(cutWarnings(cut)).toEqual([expect.stringContaining('the diamond becomes final')]);
  });

  it('is not the loupe, unless it is said', () => {
    const problems = problemsOf(planCut([withoutLoupe], serving(core), context));
    expect(problems).toMatchObject([
      {
        kind: 'loses loupe',
        words: expect.stringContaining(
          'without facetAddress(bytes4), facetAddresses(), facetFunctionSelectors(',
        ) as string,
      },
    ]);
    const { cut } = cutOf(planCut([withoutLoupe], serving(core), { ...context, mayLack: ['loupe'] }));
    expect(cutWarnings(cut)).toEqual([expect.stringContaining('the loupe loses')]);
  });

  it('is asked of a new diamond as well, except for what it has itself', () => {
    expect(problemsOf(planCut([minter], [], context)).map(({ kind }) => kind)).toEqual([
      'loses loupe',
      'makes final',
    ]);
    const untouched = Object.values(diamondFunctions).map(({ signature }) => signature);
    const { cut } = cutOf(planCut([minter], [], { ...context, untouched }));
    expect(cutWarnings(cut)).toEqual([expect.stringContaining('unless the diamond has it itself')]);
    expect(planCut([core, minter], [], { unwanted: 'remove' }).kind).toBe('cut');
  });

  it('does not matter once it is gone: a final diamond cannot be cut at all', () => {
    const final = serving(withoutCut);
    expect(problemsOf(planCut([withoutCut, minter], final, context))).toMatchObject([{ kind: 'final' }]);
    expect(planCut([withoutCut], final, context).kind).toBe('nothing');
    const untouched = [diamondFunctions.diamondCut.signature];
    expect(planCut([withoutCut, minter], final, { ...context, untouched }).kind).toBe('cut');
  });

  it('is told of a diamond whose diamondCut moves', () => {
    const { cut } = cutOf(planCut([{ ...core, address: address('e') }], serving(core), context));
    expect(cutWarnings(cut)).toEqual([
      `diamondCut itself moves to DiamondFacet ${address('e')}: if that facet is faulty, no later cut can mend it`,
    ]);
  });
});
