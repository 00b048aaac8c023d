import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  isLive,
  unseen,
  type Inclusion,
  type Observation,
  type Standing,
} from '@cutover/chain/plan/transaction/state.ts';

const inclusion = (blockHash: string, succeeded = true): Inclusion => ({
  ...{ hash: '0xaa', blockNumber: 5, blockHash, succeeded, gasUsed: 21_000n },
});
const mined = (blockHash: string, succeeded = true, cancels = false): Observation => ({
  ...{ kind: 'mined', inclusion: inclusion(blockHash, succeeded), cancels },
});
const after = (...seen: readonly Observation[]): Standing => seen.reduce(advance, unseen);

describe('a transaction', () => {
  it('is pending until something is seen of it', () => {
    expect(after().state).toBe('pending');
    expect(after({ kind: 'handed-over' }).state).toBe('pending');
    expect(after({ kind: 'silent' }).state).toBe('stalled');
    expect(after({ kind: 'silent' }, { kind: 'handed-over' }).state).toBe('pending');
  });

  it('is confirmed or failed in a block, and replaced where the one that cancels it was first', () => {
    expect(after(mined('b1')).state).toBe('confirmed');
    expect(after(mined('b1', false)).state).toBe('failed');
    expect(after(mined('b1', true, true)).state).toBe('replaced');
  });

  it('is orphaned when its block is undone, and on its way again when it was handed over', () => {
    const undone = after(mined('b1'), { kind: 'undone', blockHash: 'b1' });
    expect(undone).toEqual({ state: 'orphaned', inclusion: undefined, settled: false });
    expect(isLive(undone)).toBe(true);
    expect(advance(undone, { kind: 'handed-over' }).state).toBe('pending');
    expect(advance(undone, mined('b2')).inclusion?.blockHash).toBe('b2');
  });

  it('does not care for another block that was undone', () => {
    expect(after(mined('b1'), { kind: 'undone', blockHash: 'b0' }).state).toBe('confirmed');
    expect(after(mined('b1'), { kind: 'deep', blockHash: 'b0' }).settled).toBe(false);
  });

  it('that lost its nonce or was refused everywhere is done with, unless it is in a block', () => {
    expect(after({ kind: 'nonce-taken' })).toMatchObject({ state: 'replaced', settled: true });
    expect(after({ kind: 'refused' })).toMatchObject({ state: 'failed', settled: true });
    expect(after(mined('b1'), { kind: 'nonce-taken' }).state).toBe('confirmed');
    expect(after(mined('b1'), { kind: 'refused' }).state).toBe('confirmed');
  });
});

// A chain that mines, undoes its newest block, and is started anew; what is seen of it comes from looking at it.
interface Block {
  readonly hash: string;
  readonly holds: 'ours' | 'reverts' | 'cancel' | 'stranger' | 'nothing';
}
type Happening =
  | { readonly kind: 'block'; readonly holds: Block['holds'] }
  | { readonly kind: 'undo' }
  | { readonly kind: 'look' }
  | { readonly kind: 'wait' };

const happening = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Happening>(...blocksOf('ours', 'reverts', 'cancel', 'nothing')) },
  { weight: 1, arbitrary: fc.constantFrom<Happening>(...blocksOf('stranger')) },
  { weight: 2, arbitrary: fc.constant<Happening>({ kind: 'undo' }) },
  { weight: 4, arbitrary: fc.constant<Happening>({ kind: 'look' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ kind: 'wait' }) },
);
function blocksOf(...holds: readonly Block['holds'][]): Happening[] {
  return holds.map((each) => ({ kind: 'block', holds: each }));
}

const depth = 3;

/** What a look at the chain tells, given what was known. */
function look(now: Standing, chain: readonly Block[]): Observation[] {
  const seen: Observation[] = [];
  const known = now.inclusion?.blockHash;
  if (known !== undefined && !chain.some(({ hash }) => hash === known)) {
    seen.push({ kind: 'undone', blockHash: known });
  }
  const index = chain.findIndex(({ holds }) => holds !== 'nothing');
  const block = chain[index];
  if (block?.holds === 'stranger') seen.push({ kind: 'nonce-taken' });
  else if (block !== undefined && block.hash !== known) {
    seen.push(mined(block.hash, block.holds !== 'reverts', block.holds === 'cancel'));
  }
  if (block !== undefined && chain.length - index >= depth)
    seen.push({ kind: 'deep', blockHash: block.hash });
  return seen;
}

const states = { ours: 'confirmed', reverts: 'failed', cancel: 'replaced', stranger: 'replaced' } as const;

describe('whatever happens', () => {
  it('a transaction stands as the chain has it after a look, and never moves once it is settled', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let chain: readonly Block[] = [];
        let now = unseen;
        let made = 0;
        for (const each of [...happenings, { kind: 'look' } as const]) {
          const before = now;
          switch (each.kind) {
            case 'block': {
              // One nonce is used once.
              const used = chain.some(({ holds }) => holds !== 'nothing');
              chain = [...chain, { hash: `b${made++}`, holds: used ? 'nothing' : each.holds }];
              break;
            }
            case 'undo':
              // No deeper than blocks that count as settled.
              if (!now.settled) chain = chain.slice(0, -1);
              break;
            case 'wait':
              now = advance(now, { kind: 'silent' });
              break;
            case 'look':
              now = look(now, chain).reduce(advance, now);
          }
          if (before.settled) expect(now).toEqual(before);
          if (each.kind !== 'look' || before.settled) continue;
          const holds = chain.find((block) => block.holds !== 'nothing')?.holds ?? 'nothing';
          if (holds === 'nothing') expect(isLive(now)).toBe(true);
          else expect(now.state).toBe(states[holds]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('only a block that was undone takes a transaction out of it, and one that is settled only a chain started anew', () => {
    const observation = fc.constantFrom<Observation>(
      ...[mined('b1'), mined('b2', false), mined('b3', true, true)],
      ...(['handed-over', 'silent', 'nonce-taken', 'refused'] as const).map((kind) => ({ kind })),
      ...['b1', 'b2'].map((blockHash) => ({ kind: 'undone', blockHash }) as const),
      ...['b1', 'b2'].map((blockHash) => ({ kind: 'deep', blockHash }) as const),
      { kind: 'restarted' },
    );
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 20 }), observation, (before, last) => {
        const now = after(...before);
        const next = advance(now, last);
        if (now.settled && last.kind !== 'restarted') expect(next).toEqual(now);
        if (now.inclusion === undefined || next.inclusion !== undefined) return;
        expect(['undone', 'restarted']).toContain(last.kind);
      }),
    );
  });
});
