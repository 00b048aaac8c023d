import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseBuffer, type BufferPlace } from '@cutover/chain/plan/solana/buffer-choice.ts';
import { chunksOf } from '@cutover/chain/plan/solana/chunks.ts';
import {
  holds,
  patienceMs,
  progressOf,
  spansOf,
  stepOf,
  type Flight,
} from '@cutover/chain/plan/solana/upload.ts';

const program = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 31 + (index >> 8)) % 251);
const chunks = chunksOf(program, 97);

describe('the spans of a buffer that are read', () => {
  it('cover every chunk that is on its way, are at most eight, and hold what has landed', () => {
    fc.assert(
      fc.property(fc.subarray([...chunks], { minLength: 1 }), fc.func(fc.boolean()), (flying, landed) => {
        const there = flying.filter(({ offset }) => landed(offset));
        const buffer = new Uint8Array(program.length);
        for (const { offset, bytes } of there) buffer.set(bytes, offset);
        const spans = spansOf(flying);
        const read = spans.map((span) => ({
          ...span,
          bytes: buffer.subarray(span.offset, span.offset + span.length),
        }));
        expect(spans.length).toBeLessThanOrEqual(8);
        expect(flying.filter((chunk) => holds(read, chunk))).toEqual(there);
      }),
    );
  });

  it('are one for neighbours, in whatever order they were sent', () => {
    expect(spansOf(chunks.slice(3, 9).toReversed())).toEqual([{ offset: 291, length: 582 }]);
  });

  it('are none when nothing is on its way', () => {
    expect(spansOf([])).toEqual([]);
  });

  it('leave out what lies between two distant chunks', () => {
    const [first, last] = [chunks[0], chunks.at(-1)];
    const spans = first === undefined || last === undefined ? [] : spansOf([first, last]);
    expect(spans.map(({ length }) => length)).toEqual([97, 10_000 % 97]);
  });

  it('that an endpoint cuts short do not make a chunk landed', () => {
    const [chunk] = chunks;
    if (chunk === undefined) throw new Error('no chunk');
    expect(holds([{ offset: 0, length: 97, bytes: program.subarray(0, 96) }], chunk)).toBe(false);
    expect(holds([{ offset: 1, length: 97, bytes: program.subarray(1, 98) }], chunk)).toBe(false);
  });
});

describe('a write that has not landed', () => {
  const [chunk] = chunks;
  if (chunk === undefined) throw new Error('no chunk');
  const flight: Flight = {
    ...{ chunk, signature: 's', raw: new Uint8Array(), lastValidBlockHeight: 9 },
    ...{ sentAt: 1_000, passed: false },
  };

  it.each([
    [{}, 1_599, 'wait'],
    [{}, 1_600, 'send again'],
    [{ sentAt: undefined }, 0, 'send again'],
    [{ passed: true }, 1_000, 'expired'],
    [{ passed: true, sentAt: undefined }, 0, 'expired'],
  ] as const)('%j at %i is to %s', (given, now, step) => {
    expect(stepOf({ ...flight, ...given }, now, 600)).toBe(step);
  });
});

describe('patience', () => {
  it('is some slots before anything has landed, and follows what the cluster does', () => {
    expect(patienceMs([])).toBe(2_500);
    expect(patienceMs([10, 20, 30])).toBe(600);
    expect(patienceMs(Array.from({ length: 50 }, () => 1_000))).toBe(2_500);
    expect(patienceMs([60_000])).toBe(8_000);
  });

  it('forgets how it was long ago, and is not led by one that was slow', () => {
    const fast = Array.from({ length: 99 }, () => 400);
    expect(patienceMs([...Array.from({ length: 500 }, () => 9_000), ...fast, 9_000])).toBe(1_000);
  });
});

describe('progress', () => {
  it('tells how long still at the pace so far, once there is one', () => {
    expect(progressOf(0, 100, 5_000)).toEqual({ written: 0, of: 100, secondsLeft: undefined });
    expect(progressOf(25, 100, 5_000)).toEqual({ written: 25, of: 100, secondsLeft: 15 });
    expect(progressOf(100, 100, 5_000)).toEqual({ written: 100, of: 100, secondsLeft: 0 });
  });
});

describe('the buffer of a build', () => {
  const place = (address: string, authority?: string): BufferPlace => ({
    address,
    account: {
      lamports: 1n,
      content: { kind: 'buffer', bytes: program, ...(authority === undefined ? {} : { authority }) },
    },
  });
  const free: BufferPlace = { address: 'free', account: undefined };

  it('is the first place that is free or still its writer’s', () => {
    expect(chooseBuffer([free, place('ours', 'writer')], program, 'writer', 'vault')?.address).toBe('free');
    expect(chooseBuffer([place('ours', 'writer'), free], program, 'writer', 'vault')?.address).toBe('ours');
    expect(
      chooseBuffer([place('theirs', 'other'), place('nobody’s'), free], program, 'writer', 'vault')?.address,
    ).toBe('free');
  });

  it('is the one that its user has already, wherever it is', () => {
    expect(chooseBuffer([free, place('handed over', 'vault')], program, 'writer', 'vault')?.address).toBe(
      'handed over',
    );
  });

  it('is another one where its user has it with other bytes: nobody can write into that any more', () => {
    const places = [place('handed over', 'vault'), free, place('ours', 'writer')];
    const other = program.with(5, (program[5] ?? 0) + 1);
    expect(chooseBuffer(places, other, 'writer', 'vault')?.address).toBe('free');
    expect(chooseBuffer(places.slice(0, 1), other, 'writer', 'vault')).toBe(undefined);
    const longer = new Uint8Array([...program, 0]);
    expect(chooseBuffer(places, longer, 'writer', 'vault')?.address).toBe('free');
  });

  it('is none where all are somebody else’s', () => {
    expect(chooseBuffer([place('theirs', 'other')], program, 'writer', undefined)).toBe(undefined);
  });
});
