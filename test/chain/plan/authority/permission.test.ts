import { id } from 'ethers';
import { describe, expect, it } from 'vitest';
import { roleName } from '@cutover/chain/plan/authority/permission.ts';

describe('a role', () => {
  it.each(['PAUSER_ROLE', 'CUTTER_ROLE', 'PROPOSER_ROLE', 'WITHDRAWER_ROLE'])('is known as %s', (name) => {
    expect(roleName(id(name))).toBe(name);
    expect(roleName(id(name).toUpperCase().replace('0X', '0x'))).toBe(name);
  });

  it('is the admin where it is zero', () => {
    expect(roleName(`0x${'00'.repeat(32)}`)).toBe('DEFAULT_ADMIN_ROLE');
  });

  it('is named by the contract that publishes it', () => {
    const abi = [
      { type: 'function', name: 'KEEPER_ROLE', inputs: [{ type: 'uint256' }] },
      { type: 'event', name: 'OTHER_ROLE', inputs: [] },
      { type: 'function', name: 'HARVESTER_ROLE', inputs: [] },
    ];
    expect(roleName(id('HARVESTER_ROLE'), abi)).toBe('HARVESTER_ROLE');
    expect(roleName(id('KEEPER_ROLE'), abi)).toBe(id('KEEPER_ROLE'));
    expect(roleName(id('OTHER_ROLE'), abi)).toBe(id('OTHER_ROLE'));
  });
});
