import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admit,
  type AccountFacts,
  type Admission,
  type Held,
  type Terms,
} from '@cutover/chain/plan/transaction/admit.ts';
import { isLive } from '@cutover/chain/plan/transaction/state.ts';

const held = (nonce: number, other: Partial<Held> = {}): Held => ({
  ...{ id: nonce + 100, key: `k${nonce}`, content: `c${nonce}`, nonce, state: 'pending', settled: false },
  ...{ signed: true, owner: 'us', missing: false, yielded: false, mined: false, told: false },
  ...{ cost: 10n, createdMs: 0 },
  ...other,
});
const facts = (count: number, pendingCount = count): AccountFacts => ({
  ...{ minedCount: count, pendingCount, balance: 1_000n },
});
const terms: Terms = { inFlight: 16, grace: false, nowMs: 1_000 };
const wish = { key: 'new', content: 'new', cost: 10n };
const given = (admission: Admission): number => (admission.kind === 'send' ? admission.nonce : -1);

describe('the nonce of a transaction', () => {
  it("is the node's next one where nothing is on its way", () => {
    expect(given(admit(wish, [], facts(7), terms))).toBe(7);
  });

  it('is behind those that are on their way, whether or not the node has heard of them', () => {
    expect(given(admit(wish, [held(7), held(8)], facts(7), terms))).toBe(9);
    expect(given(admit(wish, [held(7), held(8)], facts(7, 9), terms))).toBe(9);
  });

  it("is behind a stranger's transactions in the node's pool", () => {
    expect(given(admit(wish, [held(7)], facts(7, 10), terms))).toBe(10);
  });

  it('is behind what the journal saw mined, where a node lags', () => {
    const mined = held(9, { state: 'confirmed', mined: true, told: true });
    expect(given(admit(wish, [mined], facts(7), terms))).toBe(10);
  });

  it('fills a gap that a refused transaction left', () => {
    const refused = held(8, { state: 'failed', settled: true });
    expect(given(admit(wish, [held(7), refused, held(9)], facts(7, 8), terms))).toBe(8);
  });

  it('is that of one that was never signed and whose process has ended', () => {
    const abandoned = held(8, { owner: 'dead', signed: false });
    const admission = admit(wish, [held(7), abandoned, held(9)], facts(7, 8), terms);
    expect(admission).toEqual({ kind: 'send', nonce: 8, instead: [abandoned] });
  });

  it('is that of one that no node has and nobody claims, after a time', () => {
    const abandoned = held(7, { owner: 'dead', missing: true });
    expect(admit(wish, [abandoned], facts(7), { ...terms, grace: true })).toEqual({
      kind: 'wait',
      why: 'gap',
    });
    expect(given(admit(wish, [abandoned], facts(7), terms))).toBe(7);
  });

  it('is never that of one which a node may have', () => {
    expect(given(admit(wish, [held(7, { owner: 'dead' })], facts(7), terms))).toBe(8);
  });
});

describe('a wish', () => {
  it('that is on its way under the same key is joined', () => {
    const same = held(7, { key: 'new', content: 'new' });
    expect(admit(wish, [same], facts(7), terms)).toEqual({ kind: 'join', id: same.id });
  });

  it('whose outcome nobody has fetched gets that; fetched, it is sent anew', () => {
    const done = held(7, { key: 'new', content: 'new', state: 'confirmed', mined: true });
    expect(admit(wish, [done], facts(8), terms)).toEqual({ kind: 'join', id: done.id });
    expect(given(admit(wish, [{ ...done, told: true }], facts(8), terms))).toBe(8);
  });

  it('with the key of something else on its way is refused', () => {
    const other = held(7, { key: 'new', content: 'other' });
    expect(admit(wish, [other], facts(7), terms)).toEqual({ kind: 'conflict', id: other.id });
  });

  it('without a key joins what an ended process wanted, and nothing of a living one', () => {
    const keyless = { ...wish, key: undefined };
    const same = held(7, { key: 'content:new', content: 'new' });
    expect(given(admit(keyless, [same], facts(7), terms))).toBe(8);
    expect(given(admit(keyless, [{ ...same, owner: 'alive' }], facts(7), terms))).toBe(8);
    expect(admit(keyless, [{ ...same, owner: 'dead' }], facts(7), terms).kind).toBe('join');
    const later = { ...terms, nowMs: 3_600_000 };
    expect(given(admit(keyless, [{ ...same, owner: 'dead' }], facts(7), later))).toBe(8);
  });

  it('waits while its former self may still get into a block', () => {
    const outbid = held(7, { key: 'new', content: 'new', yielded: true });
    expect(admit(wish, [outbid], facts(7), terms)).toEqual({ kind: 'wait', why: 'outbid' });
  });

  it('waits for its turn where enough are on their way', () => {
    const full = Array.from({ length: 16 }, (_, index) => held(index));
    expect(admit(wish, full, facts(0), terms)).toEqual({ kind: 'wait', why: 'turn' });
  });

  it('is refused where everything in flight and it cost more than there is', () => {
    const dear = [held(7, { cost: 600n }), held(8, { cost: 391n })];
    expect(admit(wish, dear, facts(7), terms)).toEqual({ kind: 'poor', needed: 1_001n, inFlight: 2 });
    expect(given(admit({ ...wish, cost: 9n }, dear, facts(7), terms))).toBe(9);
  });
});

describe('whatever is in the journal', () => {
  const anyHeld = fc.record({
    ...{ nonce: fc.nat(12), settled: fc.boolean(), signed: fc.boolean(), missing: fc.boolean() },
    ...{ mined: fc.boolean(), told: fc.boolean(), owner: fc.constantFrom('us', 'alive', 'dead') },
    state: fc.constantFrom('pending', 'stalled', 'confirmed', 'failed', 'replaced', 'orphaned'),
  });
  const journals = fc
    .array(anyHeld, { maxLength: 14 })
    .map((all) => all.map((each, index) => held(each.nonce, { ...each, id: index, key: `k${index}` })))
    // One live transaction holds a nonce.
    .map((all) => all.filter((each, i) => !all.slice(0, i).some((one) => one.nonce === each.nonce)));

  it('no nonce is given that is held by who may still use it, and none below what the chain has used', () => {
    fc.assert(
      fc.property(journals, fc.nat(12), fc.nat(4), fc.boolean(), (all, mined, pending, grace) => {
        const admission = admit(wish, all, facts(mined, mined + pending), { ...terms, grace });
        if (admission.kind !== 'send') return;
        const { nonce, instead } = admission;
        expect(nonce).toBeGreaterThanOrEqual(mined + pending);
        for (const each of all.filter(isLive).filter((one) => one.nonce === nonce)) {
          expect(each.owner).toBe('dead');
          expect(!each.signed || each.missing).toBe(true);
          expect(instead).toContain(each);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('many wishes one after the other get as many nonces, without a gap', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 30 }), (start, count) => {
        const all: Held[] = [];
        for (let index = 0; index < count; index++) {
          const each = { key: `w${index}`, content: `w${index}`, cost: 1n };
          const nonce = given(admit(each, all, facts(start), { ...terms, inFlight: 99 }));
          all.push(held(nonce, { key: each.key, content: each.content }));
        }
        expect(all.map(({ nonce }) => nonce)).toEqual(
          Array.from({ length: count }, (_, index) => start + index),
        );
      }),
    );
  });
});
