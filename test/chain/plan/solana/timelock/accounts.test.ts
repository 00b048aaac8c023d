import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, base58 } from '@cutover/chain/plan/solana/address.ts';
import { i64, joined, u32, u64 } from '@cutover/chain/plan/solana/instruction.ts';
import {
  proposalSize,
  readProposal,
  readTimelock,
  timelockSize,
  type TimelockRules,
} from '@cutover/chain/plan/solana/timelock/accounts.ts';

const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => base58(bytes));
const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const second = fc.integer({ min: 1, max: 2 ** 40 });
const anyRules = fc.record<TimelockRules>({
  members: fc.array(address, { minLength: 1, maxLength: 10 }),
  threshold: fc.integer({ min: 1, max: 10 }),
  delaySeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  graceSeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

/** Rules as the C struct has them in memory. */
function rulesOf({ members, threshold, delaySeconds, graceSeconds }: TimelockRules): Uint8Array {
  const listed = joined(...members.map((member) => addressBytes(member)));
  const bytes = joined(
    Uint8Array.of(threshold, members.length),
    new Uint8Array(6),
    u32(delaySeconds),
    u32(graceSeconds),
  );
  return joined(bytes, listed, new Uint8Array(320 - listed.length));
}

const text = (word: string): Uint8Array => new TextEncoder().encode(word);

describe('a time lock', () => {
  it('is read as the program wrote it', () => {
    fc.assert(
      fc.property(anyRules, address, number, number, (rules, createKey, proposals, firstValid) => {
        const bytes = joined(
          text('timelock'),
          Uint8Array.of(1, 254, 253, 0, 0, 0, 0, 0),
          u64(proposals),
          u64(firstValid),
          addressBytes(createKey),
          rulesOf(rules),
        );
        expect(bytes.length).toBe(timelockSize);
        expect(readTimelock(bytes)).toEqual({ rules, createKey, proposals, firstValid });
      }),
    );
  });

  it('is not read from bytes that are none: another tag, layout or size, or more members than there can be', () => {
    const good = joined(text('timelock'), Uint8Array.of(1), new Uint8Array(timelockSize - 9));
    expect(readTimelock(good)).toBeDefined();
    const changed = (at: number, value: number): Uint8Array => good.with(at, value);
    expect(readTimelock(changed(0, 0))).toBeUndefined();
    expect(readTimelock(changed(8, 2))).toBeUndefined();
    expect(readTimelock(changed(65, 11))).toBeUndefined();
    expect(readTimelock(good.subarray(1))).toBeUndefined();
    expect(readTimelock(new Uint8Array())).toBeUndefined();
  });
});

describe('a proposal', () => {
  const head = (kind: number, state: number, approvedAt: number, endedAt: number): Uint8Array =>
    joined(
      text('proposal'),
      Uint8Array.of(1, 255, kind, state, 0, 0, 0, 0),
      u64(7n),
      i64(1_000),
      i64(approvedAt),
      i64(endedAt),
      u32(5),
      u32(2),
      new Uint8Array(32).fill(3),
      new Uint8Array(32).fill(4),
    );
  const proposal = (
    kind: number,
    state: number,
    action: Uint8Array,
    approvedAt = 0,
    endedAt = 0,
  ): Uint8Array =>
    joined(head(kind, state, approvedAt, endedAt), action, new Uint8Array(336 - action.length));
  const filled = (value: number): Uint8Array => new Uint8Array(32).fill(value);
  const common = {
    timelock: base58(filled(3)),
    proposer: base58(filled(4)),
    index: 7n,
    proposedAt: 1_000,
    approvals: 5,
    cancellations: 2,
  };

  it('of an upgrade names program, buffer, spill and hash', () => {
    const bytes = proposal(1, 0, joined(filled(5), filled(6), filled(7), filled(8)));
    expect(bytes.length).toBe(proposalSize);
    const [program, buffer, spill] = [5, 6, 7].map((value) => base58(filled(value)));
    const action = { kind: 'upgrade', program, buffer, spill, hash: filled(8) };
    expect(readProposal(bytes)).toEqual({ ...common, state: 'open', action });
  });

  it('says when it was approved and when it ended, once that is so', () => {
    fc.assert(
      fc.property(second, second, (approvedAt, endedAt) => {
        const bytes = proposal(2, 2, joined(filled(5), filled(6)), approvedAt, endedAt);
        const action = { kind: 'handOver', account: base58(filled(5)), authority: base58(filled(6)) };
        expect(readProposal(bytes)).toEqual({ ...common, state: 'executed', approvedAt, endedAt, action });
      }),
    );
  });

  it('to change the rules carries the new ones', () => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        expect(readProposal(proposal(3, 3, rulesOf(rules)))?.action).toEqual({ kind: 'changeRules', rules });
      }),
    );
  });

  it('is not read from bytes that are none, and never throws', () => {
    const good = proposal(1, 0, filled(5));
    expect(readProposal(good.with(3, 0))).toBeUndefined();
    expect(readProposal(good.with(8, 9))).toBeUndefined();
    expect(readProposal(good.with(10, 4))).toBeUndefined();
    expect(readProposal(good.with(11, 4))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 500 }), (bytes) => {
        expect(readProposal(bytes)).toBeUndefined();
        expect(readTimelock(bytes)).toBeUndefined();
      }),
    );
  });
});
