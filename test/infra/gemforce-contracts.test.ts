import { describe, expect, it } from 'vitest';
import { basisPoints, diamondRoles } from '../../infra/contracts/gemforce.ts';
import { configOf, stacks } from './config-kit.ts';

const [owner, pauser, treasurer] = ['0xA1', '0xB2', '0xC3'];

describe("the roles of Gemforce's diamond", () => {
  it('are all with its owner, and the pause with the pauser as well', () => {
    expect(diamondRoles({ owner, pauser, treasurer })).toEqual({
      DEFAULT_ADMIN_ROLE: [owner],
      CUTTER_ROLE: [owner],
      PAUSER_ROLE: [owner, pauser],
    });
  });

  it('name nobody twice where one account is both', () => {
    expect(diamondRoles({ owner, pauser: owner, treasurer })['PAUSER_ROLE']).toEqual([owner]);
  });

  it.each(stacks)('that pause are with a key on %s: a time lock would be too slow', (stack) => {
    const { signers, systems } = configOf(stack);
    expect(Object.keys(signers)).toContain(systems.gemforce.diamond.accounts.pauser);
  });
});

describe('a fee in basis points', () => {
  it.each([
    [2.5, 250],
    [1.15, 115],
    [0, 0],
  ])('of %d %% is %d', (percent, points) => {
    expect(basisPoints(percent)).toBe(points);
  });
});
