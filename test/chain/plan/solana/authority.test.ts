import { describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  checkProgramAuthority,
  describeProgramAuthority,
  requiredDelay,
  signersOfProgramAuthority,
  type ProgramAuthorityRef,
} from '@cutover/chain/plan/solana/authority.ts';
import { addressOf } from './kit.ts';

const signer = { kind: 'env', name: 'PROPOSER' } as const;
const other = { kind: 'env', name: 'APPROVER' } as const;
const squads: ProgramAuthorityRef = {
  ...{ kind: 'squads', multisig: addressOf('multisig'), proposer: signer, delaySeconds: 172_800 },
};
const timelock: ProgramAuthorityRef = {
  ...{ kind: 'timelock', program: addressOf('lock'), account: addressOf('account') },
  ...{ proposer: signer, approvers: [other], delaySeconds: 172_800 },
};

function problems(authority: ProgramAuthorityRef): string {
  try {
    checkProgramAuthority(authority);
    return '';
  } catch (error) {
    return error instanceof CutoverError && error.code === 'CUT-2470' ? error.message : String(error);
  }
}

describe('the authority of a program', () => {
  it('is taken when it is described rightly', () => {
    const all: readonly ProgramAuthorityRef[] = [squads, timelock, { kind: 'key', signer }, { kind: 'none' }];
    for (const each of all) expect(problems(each)).toBe('');
  });

  it('is refused with all that is wrong', () => {
    const wrong = problems({ ...squads, multisig: 'nobody', vaultIndex: 256, delaySeconds: -1 });
    expect(wrong).toContain('multisig is nobody; it must be an address');
    expect(wrong).toContain('vaultIndex is 256');
    expect(wrong).toContain('delaySeconds is -1');
    expect(
      problems({ ...timelock, program: '0', account: 'l', delaySeconds: 1.5 }).split('\n  - '),
    ).toHaveLength(4);
  });

  it('says how long it must delay, whose keys it names, and what it is, without a secret', () => {
    expect([squads, timelock, { kind: 'none' } as const].map(requiredDelay)).toEqual([172_800, 172_800, 0]);
    expect(signersOfProgramAuthority(timelock)).toEqual([signer, other]);
    expect(signersOfProgramAuthority({ kind: 'key', signer })).toEqual([signer]);
    expect(signersOfProgramAuthority({ kind: 'none' })).toEqual([]);
    expect(describeProgramAuthority(squads)).toBe(`vault 0 of the Squads multisig ${addressOf('multisig')}`);
    expect(describeProgramAuthority({ kind: 'none' })).toContain('immutable');
  });
});
