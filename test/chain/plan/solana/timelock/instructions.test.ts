import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { base58, isOnCurve, addressBytes, systemProgram } from '@cutover/chain/plan/solana/address.ts';
import type { TimelockRules } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import {
  proposalAddress,
  timelockAddress,
  timelockVault,
} from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { timelockErrors, timelockRefusal } from '@cutover/chain/plan/solana/timelock/errors.ts';
import {
  approve,
  createTimelock,
  execute,
  propose,
  ruleProblems,
} from '@cutover/chain/plan/solana/timelock/instructions.ts';
import timelockDescription from '@cutover/chain/plan/solana/timelock/interface.json' with { type: 'json' };
import perpsDescription from '@cutover/chain/programs/perps/interface.json' with { type: 'json' };
import { definesOf } from '../../../../../toolchain/sbpf/defines.ts';

const filled = (value: number): string => base58(new Uint8Array(32).fill(value));
const [program, payer, key, a, b, timelock, app, buffer] = [1, 2, 3, 4, 5, 6, 7, 8].map(filled) as [
  string,
  ...string[],
] &
  string[];
const rules: TimelockRules = { members: [a!, b!], threshold: 2, delaySeconds: 172_800, graceSeconds: 86_400 };

describe('instructions of the time lock', () => {
  it('are written byte for byte as the program reads them', () => {
    const made = createTimelock({ program, payer: payer!, createKey: key!, rules });
    const data = Buffer.from(made.data);
    expect(data.length).toBe(337);
    expect(data.subarray(0, 17).toString('hex')).toBe('00' + '0202000000000000' + '00a30200' + '80510100');
    expect(data.subarray(17, 49).equals(addressBytes(a!))).toBe(true);
    expect(data.subarray(81).every((byte) => byte === 0)).toBe(true);
    expect(approve({ program, timelock: timelock!, index: 0n, member: a! }).data).toEqual(Uint8Array.of(2));
  });

  it('say who signs and what is written', () => {
    const action = {
      kind: 'upgrade',
      program: app!,
      buffer: buffer!,
      spill: payer!,
      hash: new Uint8Array(32),
    } as const;
    const made = propose({ program, timelock: timelock!, proposer: a!, payer: payer!, index: 3n, action });
    expect(made.accounts.filter(({ signer }) => signer).map(({ address }) => address)).toEqual([a, payer]);
    expect(made.accounts.filter(({ writable }) => writable).map(({ address }) => address)).toEqual([
      payer,
      timelock,
      proposalAddress(program, timelock!, 3n),
    ]);
    const run = execute({ program, timelock: timelock!, index: 3n, member: b! }, action);
    expect(run.accounts.filter(({ signer }) => signer).map(({ address }) => address)).toEqual([b]);
    expect(run.accounts.map(({ address }) => address)).toContain(timelockVault(program, timelock!));
  });

  it('lead to addresses that no key exists for, another for each number', () => {
    const all = [
      timelockAddress(program, key!),
      timelockVault(program, timelock!),
      proposalAddress(program, timelock!, 0n),
      proposalAddress(program, timelock!, 1n),
      proposalAddress(program, timelock!, 256n),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const address of all) expect(isOnCurve(addressBytes(address))).toBe(false);
  });

  it.each<[string, Partial<TimelockRules>]>([
    ['there are 0 members', { members: [], threshold: 0 }],
    ['there are 11 members', { members: Array.from({ length: 11 }, (_, at) => filled(at + 10)) }],
    ['a member is named twice', { members: [a!, a!] }],
    ['all zeros', { members: [a!, systemProgram] }],
    ['the threshold is 0', { threshold: 0 }],
    ['the threshold is 3', { threshold: 3 }],
    ['the threshold is 1.5', { threshold: 1.5 }],
    ['the delay is 7776001 s', { delaySeconds: 7_776_001 }],
    ['the delay is -1 s', { delaySeconds: -1 }],
    ['the time to execute in is 0 s', { graceSeconds: 0 }],
    ['the time to execute in is 7776001 s', { graceSeconds: 7_776_001 }],
  ])('refuse rules before anything is sent: %s', (problem, change) => {
    const wrong = { ...rules, ...change };
    expect(ruleProblems(wrong).join('; ')).toContain(problem);
    expect(() => createTimelock({ program, payer: payer!, createKey: key!, rules: wrong })).toThrow(problem);
  });

  it('take the longest rules that there can be', () => {
    const members = Array.from({ length: 10 }, (_, at) => filled(at + 10));
    expect(
      ruleProblems({ members, threshold: 10, delaySeconds: 7_776_000, graceSeconds: 7_776_000 }),
    ).toEqual([]);
  });
});

describe('the list of errors', () => {
  it('has each number once, and a name for it', () => {
    expect(timelockErrors.size).toBe(Object.keys(timelockDescription.errors).length);
    expect(timelockRefusal(7020)).toBe('tooEarly');
    expect(timelockRefusal(1)).toBeUndefined();
  });

  it.each([
    ['timelock', timelockDescription],
    ['perps', perpsDescription],
  ])('is the one that %s refuses with: no name more, none less', (program, description) => {
    const files = ['state.h', `${program}.c`].map((file) => fromRoot(`chain/programs/${program}/${file}`));
    const text = files.map((file) => readFileSync(file, 'utf8')).join('');
    const used = new Set(text.match(/\bERROR_[A-Z_]+\b/g));
    used.delete('ERROR_'); // from the comment that tells where they come from
    const listed = Object.keys(definesOf(description)).filter((name) => name.startsWith('ERROR_'));
    expect([...used].sort()).toEqual(listed.sort());
  });
});
