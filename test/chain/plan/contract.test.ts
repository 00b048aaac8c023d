import { describe, expect, it } from 'vitest';
import { planContract, planDiff, type ContractChange } from '@cutover/chain/plan/contract.ts';

describe('the plan of a contract', () => {
  const same = { verdict: 'same', immutables: [] } as const;
  it.each([
    ['deploys what is not there', { verdict: 'none' }, false, { kind: 'deploy', reason: 'new' }],
    ['deploys again what the chain has lost', { verdict: 'none' }, true, { kind: 'deploy', reason: 'gone' }],
    ['adopts what an earlier run got done', same, false, { kind: 'adopt' }],
    ['leaves alone what is right', same, true, { kind: 'nothing' }],
    [
      'refuses other code',
      { verdict: 'changed', difference: 'd' },
      true,
      { kind: 'refuse', difference: 'd' },
    ],
  ] as const)('%s', (_, code, recorded, plan) => {
    expect(planContract({ code, recorded })).toEqual(plan);
  });
});

describe('the difference between a contract and what is wanted', () => {
  const unchanged: ContractChange = {
    old: { address: '0xA', chainId: 1, codeHash: '0x1' },
    wanted: { address: '0xA', chainId: 1 },
    onChain: { kind: 'code', hash: '0x1' },
    otherInputsDiffer: false,
    knownDrift: [],
  };
  it.each([
    ['is none when nothing changed', {}, { kind: 'same' }],
    [
      'is a new contract when the address is another',
      { wanted: { address: '0xB', chainId: 1 }, onChain: undefined },
      { kind: 'replace' },
    ],
    [
      'is a new contract when the chain is another',
      { wanted: { address: '0xA', chainId: 2 } },
      { kind: 'replace' },
    ],
    [
      'is a deployment when the chain lost it',
      { onChain: { kind: 'none' } },
      { kind: 'update', drift: 'gone' },
    ],
    [
      'is drift when the code is another',
      { onChain: { kind: 'code', hash: '0x2' } },
      { kind: 'update', drift: 'changed' },
    ],
    ['is none when no node answers', { onChain: { kind: 'unreachable' } }, { kind: 'same' }],
    ['is drift when the last refresh found some', { knownDrift: ['x'] }, { kind: 'update', drift: 'known' }],
    [
      'is an update of the state when a signer or endpoint changed',
      { otherInputsDiffer: true },
      { kind: 'update', drift: undefined },
    ],
  ] as const)('%s', (_, change, diff) => {
    expect(planDiff({ ...unchanged, ...change })).toEqual(diff);
  });
});
