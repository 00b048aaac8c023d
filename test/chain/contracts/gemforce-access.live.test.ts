import { id as keccak, ZeroAddress } from 'ethers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { messageOf } from '@cutover/base/errors.ts';
import { changingFunctions, outcome } from './access-matrix.ts';
import type { Deployed } from './chain-kit.ts';
import { face, selectorOf, type Person } from './diamond-kit.ts';
import { metadata, openStage, type Stage } from './gemforce-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base, diamond, gems, facets } = stage;
const tokenId = await stage.listed(100n);
const unlisted = await stage.mintTo(who.seller);
const role = { admin: `0x${'00'.repeat(32)}`, cutter: keccak('CUTTER_ROLE'), pauser: keccak('PAUSER_ROLE') };
const grant = (id: string, person: Person) =>
  stage.act('admin', face(diamond, base.roles), 'grantRole', [id, who[person]]);
// The owner is the admin of the tests; roles are with others, one each. That of the pauser is from the initialiser.
await grant(role.admin, 'creator');
await grant(role.cutter, 'cutter');
await stage.act('buyer', stage.market, 'purchaseItem', [diamond.address, await stage.listed(100n)], 100n);
await stage.act('admin', face(diamond, base.ownership), 'transferOwnership', [who.other]);
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

interface Decision {
  readonly by: readonly Person[] | 'everyone';
  readonly args: readonly unknown[];
  readonly after?: () => Promise<unknown>;
}

const everybody = Object.keys(who) as Person[];
const admins: readonly Person[] = ['admin', 'creator'];
const cutters: readonly Person[] = ['admin', 'cutter'];
const paused = () => stage.act('admin', face(diamond, base.pause), 'pause');
const payload = '(string,uint8,string)[]';

/** Every function that changes something in a Gemforce diamond, and who may call it. */
const decisions: Readonly<Record<string, Decision>> = {
  'diamondCut((address,uint8,bytes4[])[],address,bytes)': { by: cutters, args: [[], ZeroAddress, '0x'] },
  'transferOwnership(address)': { by: ['admin'], args: [who.stranger] },
  'renounceOwnership()': { by: ['admin'], args: [] },
  'acceptOwnership()': { by: ['other'], args: [] },
  'grantRole(bytes32,address)': { by: admins, args: [role.cutter, who.stranger] },
  'revokeRole(bytes32,address)': { by: admins, args: [role.cutter, who.cutter] },
  'renounceRole(bytes32,address)': { by: ['cutter'], args: [role.cutter, who.cutter] },
  'pause()': { by: ['admin', 'pauser'], args: [] },
  'unpause()': { by: admins, args: [], after: paused },
  'setWorksWhilePaused(bytes4[],bool)': {
    by: cutters,
    args: [[selectorOf(facets.market, 'withdraw')], true],
  },
  [`gemforceMint(${payload})`]: { by: ['admin', 'minter'], args: [metadata] },
  [`gemforceMintTo(address,${payload})`]: { by: ['admin', 'minter'], args: [who.stranger, metadata] },
  'setBaseURI(string)': { by: admins, args: ['x'] },
  'setRoyalty(address,uint96)': { by: admins, args: [who.stranger, 1] },
  'approve(address,uint256)': { by: ['seller'], args: [who.stranger, tokenId] },
  'setApprovalForAll(address,bool)': { by: 'everyone', args: [who.stranger, true] },
  'transferFrom(address,address,uint256)': { by: ['seller'], args: [who.seller, who.stranger, tokenId] },
  'safeTransferFrom(address,address,uint256)': { by: ['seller'], args: [who.seller, who.stranger, tokenId] },
  'safeTransferFrom(address,address,uint256,bytes)': {
    by: ['seller'],
    args: [who.seller, who.stranger, tokenId, '0x'],
  },
  'listItem(uint256,uint256)': { by: ['seller'], args: [unlisted, 100n] },
  'cancelListing(uint256)': { by: ['seller'], args: [tokenId] },
  'purchaseItem(address,uint256)': { by: 'everyone', args: [diamond.address, tokenId] },
  'withdraw(address)': { by: ['seller', 'creator'], args: [who.stranger] },
  'withdrawFor(address)': { by: 'everyone', args: [who.seller] },
  'setFee(uint16)': { by: admins, args: [1] },
  'setTreasury(address)': { by: admins, args: [who.stranger] },
};

/** How a contract says that it is not for this caller. */
const refusals =
  /^(AccessControlUnauthorizedAccount|AccessControlBadConfirmation|OwnableUnauthorizedAccount|ERC721InsufficientApproval|ERC721InvalidApprover|NotTheOwner|NotTheSeller|ZeroAmount)\(/;

const parts: readonly Deployed[] = [...Object.values(base), facets.minter, facets.market];

describe('who may call what in a Gemforce diamond', () => {
  it('is decided for every function', () => {
    expect(parts.flatMap((facet) => changingFunctions(facet)).sort()).toEqual(Object.keys(decisions).sort());
  });

  it.each(Object.entries(decisions))('%s', async (fn, { by, args, after }) => {
    await after?.();
    const facet = parts.find((each) => changingFunctions(each).includes(fn)) ?? gems;
    const value = fn.startsWith('purchaseItem') ? 100n : 0n;
    const wrong: string[] = [];
    for (const person of everybody) {
      const refusal = await chain
        .refusal(who[person], face(diamond, facet), fn, args, { value })
        .catch((error: unknown) => {
          if (messageOf(error) !== `${fn} was not refused`) throw error;
          return undefined;
        });
      const may = by === 'everyone' || by.includes(person);
      if (may ? refusal !== undefined : !refusals.test(refusal ?? '')) {
        wrong.push(`${person}: ${refusal ?? 'went through'}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is nobody outside the diamond: the facets by themselves are nobody’s', async () => {
    const guarded = Object.entries(decisions).filter(([, { by }]) => by !== 'everyone');
    for (const [fn, { args }] of guarded) {
      const facet = parts.find((each) => changingFunctions(each).includes(fn)) ?? gems;
      if (fn.startsWith('renounceRole') || fn.startsWith('acceptOwnership')) continue;
      for (const person of everybody) {
        expect(await outcome(chain, who[person], facet, fn, args), `${person} ${fn}`).toBeDefined();
      }
    }
  });
});
