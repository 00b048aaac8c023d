import { Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import { actionDigest, checkAction } from '@cutover/chain/plan/authority/action.ts';
import { checkAuthority, type AuthorityRef } from '@cutover/chain/plan/authority/authority.ts';
import { holdersFrom, permissionIn, roleName } from '@cutover/chain/plan/authority/permission.ts';
import { describeProgress, isSettled, type Progress } from '@cutover/chain/plan/authority/progress.ts';
import { action, mint, target } from './mint.ts';

describe('authorities and actions that are described wrongly', () => {
  it('are refused with everything that is wrong', () => {
    const authority: AuthorityRef = {
      kind: 'timelock',
      address: '0x1',
      proposer: {
        kind: 'safe',
        address: `${target.slice(0, -1)}9`,
        gas: { kind: 'local', account: 0 },
        service: 'x',
      },
      executor: { kind: 'local', account: 0 },
      delaySeconds: -1,
      predecessor: '0x1',
    };
    expect(() => checkAuthority(authority)).toThrow(
      /CUT-2250[\s\S]*- address is[\s\S]*proposer\.address[\s\S]*proposer\.service[\s\S]*delaySeconds[\s\S]*predecessor/,
    );
    expect(() => checkAction({ ...action, to: 'vitalik.eth', data: '0x1', value: -1n })).toThrow(
      /CUT-2251[\s\S]*to is[\s\S]*data is[\s\S]*value is/,
    );
    expect(() => checkAction({ key: '', purpose: 'p', calls: [] })).toThrow(
      /calls is empty[\s\S]*key is empty/,
    );
    expect(() => checkAction(action)).not.toThrow();
  });
});

describe('the digest of an action', () => {
  it('is about what it does, not about what it is called', () => {
    const digest = actionDigest(action);
    expect(actionDigest({ ...action, key: 'l', purpose: 'q' })).toBe(digest);
    expect(actionDigest({ key: 'k', purpose: 'p', calls: [{ to: target, data: mint }] })).toBe(digest);
    expect(actionDigest({ ...action, value: 1n })).not.toBe(digest);
  });
});

describe('refusals about permission', () => {
  it('tell the role that is lacking, in the words of old and new contracts', () => {
    const role = '0x65d7a28e3265b37a6474929f336521b332c1681b933f6cb9f3376673440d862a';
    const errors = new Interface([
      'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
      'error Error(string reason)',
    ]);
    const current = errors.encodeErrorResult('AccessControlUnauthorizedAccount', [target, role]);
    const old = errors.encodeErrorResult('Error', [
      `AccessControl: account ${target.toLowerCase()} is missing role ${role}`,
    ]);
    for (const data of [current, old]) expect(permissionIn(data)).toEqual({ kind: 'role', role });
    expect(roleName(role)).toBe('PAUSER_ROLE');
    for (const data of [undefined, '0x', '0x12345678', old.slice(0, 80)]) {
      expect(permissionIn(data)).toEqual({ kind: 'other' });
    }
  });

  it('count a role that was taken away as not held', () => {
    const events = [
      { granted: true, account: 'a' },
      { granted: true, account: 'b' },
      { granted: false, account: 'a' },
      { granted: true, account: 'c' },
      { granted: false, account: 'c' },
      { granted: true, account: 'c' },
    ];
    expect(holdersFrom(events)).toEqual(['b', 'c']);
  });
});

describe('progress', () => {
  const trail = { ids: {}, transactions: [] };

  it('is plain JSON and reads in one line', () => {
    const all: Progress[] = [
      { kind: 'done', transactionHash: '0x1', blockNumber: 2, ...trail },
      {
        kind: 'proposed',
        stage: 'approvals',
        missing: [{ what: '1 of 2 approvals', who: [target] }],
        ...trail,
      },
      {
        kind: 'proposed',
        stage: 'delay',
        missing: [{ what: '60 s of its delay', seconds: 60, readyAt: 'noon' }],
        ...trail,
      },
      { kind: 'cancelled', reason: 'somebody did', ...trail },
    ];
    expect(all.map(describeProgress)).toEqual([
      'done in 0x1 (block 2)',
      `proposed, not yet approved: waits for 1 of 2 approvals from any of ${target}`,
      'proposed, scheduled: waits for 60 s of its delay, until noon',
      'cancelled: somebody did',
    ]);
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    expect(all.map(isSettled)).toEqual([true, false, false, false]);
  });
});
