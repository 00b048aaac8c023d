import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfAddress, loaders, programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { joined, u32, u64, u8 } from '@cutover/chain/plan/solana/instruction.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { balanceChange } from '@cutover/chain/plan/solana/program-cost.ts';
import type { ProgramHolder, ProgramWish } from '@cutover/chain/plan/solana/program-facts.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { planProgram, type ProgramPlan } from '@cutover/chain/plan/solana/program-plan.ts';
import type { ProgramWork } from '@cutover/chain/plan/solana/program-work.ts';
import { describeProgramPlan } from '@cutover/chain/plan/solana/program-words.ts';
import { rentExempt } from '@cutover/chain/plan/solana/rent.ts';
import { exit, strictElf } from './elf-kit.ts';
import { addressOf } from './kit.ts';
import { actsOf, modelChain, observe, type ModelChain } from './program-model.ts';

const payer = addressOf('payer');
const program = addressOf('program');
const buffer = addressOf('buffer');
const holder = addressOf('holder');
const funds = 10n ** 12n;

/** Programs of some hundred to some thousand bytes, with stretches of zeros. */
const build = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 5 }))
  .map(([words, seed, gap]) =>
    strictElf(
      Uint8Array.from({ length: words * 8 }, (_, index) =>
        Math.floor(index / 500) % gap === 0 ? seed ^ index : 0,
      ),
      joined(exit, exit),
    ),
  );

const holders = fc.constantFrom<ProgramHolder>(
  { kind: 'key', address: payer },
  { kind: 'key', address: holder },
  { kind: 'council', address: holder, terms: '2 of 3, then 48 h' },
  { kind: 'none' },
);

/** What stands at the program’s address before, and in its buffer. */
const before = fc.record({
  runs: fc.option(
    fc.record({
      bytes: build,
      more: fc.nat(1_000),
      slot: fc.constantFrom(9n, 10n),
      isHanded: fc.boolean(),
      surplus: fc.constantFrom(0n, 5n, 10n ** 8n),
    }),
    { nil: undefined },
  ),
  buffer: fc.constantFrom('none', 'zeros', 'whole', 'wrong', 'longer'),
  separate: fc.boolean(),
});

type Before = typeof before extends fc.Arbitrary<infer T> ? T : never;

function key(address: string): Uint8Array {
  return bytesOfAddress(address) ?? new Uint8Array();
}

function wishFor(bytes: Uint8Array, wanted: ProgramHolder, { separate }: Before): ProgramWish {
  const writer = separate ? addressOf('writer') : payer;
  return { title: 'perps', program, bytes, holder: wanted, writer, payer, buffer };
}

/** A chain on which all of that is there. */
function chainWith(
  { runs, buffer: content }: Before,
  { bytes, writer, holder: wanted }: ProgramWish,
): ModelChain {
  const chain = modelChain(funds);
  const owner = loaders.upgradeable;
  if (runs !== undefined) {
    const place = programDataAddress(program);
    const authority = runs.isHanded && wanted.kind !== 'none' ? wanted.address : writer;
    const head = joined(u32(3), u64(runs.slot), u8(1), key(authority));
    const data = joined(head, runs.bytes, new Uint8Array(runs.more));
    chain.accounts.set(program, { owner, lamports: rentExempt(36), data: joined(u32(2), key(place)) });
    chain.accounts.set(place, { owner, lamports: rentExempt(data.length) + runs.surplus, data });
  }
  if (content !== 'none') {
    const held = {
      zeros: new Uint8Array(bytes.length),
      whole: bytes,
      wrong: bytes.map((byte) => byte ^ 1),
      longer: joined(bytes, new Uint8Array(8)),
    }[content];
    const data = joined(u32(1), u8(1), key(writer), held);
    chain.accounts.set(buffer, { owner, lamports: rentExempt(data.length), data });
  }
  return chain;
}

function isWork(plan: ProgramPlan): plan is ProgramPlan & ProgramWork {
  return 'steps' in plan;
}

/** Plans and acts until there is nothing to do; each run ends after as many acts as `lives` says, if it gets so far. */
function bringAbout(chain: ModelChain, wish: ProgramWish, lives: readonly number[]): number {
  for (let run = 0; run < 40; run += 1) {
    const plan = planProgram(wish, observe(chain, wish));
    if (plan.kind === 'nothing') return run;
    if (plan.kind === 'refuse') throw plan.error;
    if (plan.kind === 'wait') chain.proposal = 'ready';
    if (!isWork(plan)) continue;
    for (const act of actsOf(plan, wish).slice(0, lives[run])) act(chain);
  }
  throw new Error('it never ends');
}

function expectWanted(chain: ModelChain, { bytes, holder: wanted }: ProgramWish): void {
  const code = chain.accounts.get(programDataAddress(program));
  const content = readLoaderAccount(code?.owner ?? '', code?.data ?? new Uint8Array());
  if (content.kind !== 'programData') throw new Error(content.kind);
  expect(programHash(content.bytes)).toBe(programHash(bytes));
  expect(content.authority).toBe(wanted.kind === 'none' ? undefined : wanted.address);
  expect(chain.accounts.has(buffer)).toBe(false);
  expect(chain.accounts.size).toBe(2);
}

describe('a plan for a program', () => {
  it('brings about what is wanted, after which there is nothing to do', () => {
    fc.assert(
      fc.property(build, holders, before, (bytes, wanted, start) => {
        const wish = wishFor(bytes, wanted, start);
        const chain = chainWith(start, wish);
        const runs = bringAbout(chain, wish, []);
        // One run, but where a council has to approve in between.
        expect(runs).toBeLessThanOrEqual(wanted.kind === 'council' ? 3 : 1);
        expectWanted(chain, wish);
        expect(planProgram(wish, observe(chain, wish))).toEqual({ kind: 'nothing' });
      }),
      { numRuns: 150 },
    );
  });

  it('costs what it says, to the lamport, and needs what it says on the way', () => {
    fc.assert(
      fc.property(build, holders, before, (bytes, wanted, start) => {
        const wish = wishFor(bytes, wanted, start);
        const chain = chainWith(start, wish);
        const plan = planProgram(wish, observe(chain, wish));
        if (!isWork(plan)) return;
        for (const act of actsOf(plan, wish)) act(chain);
        expect(chain.balance - funds).toBe(balanceChange(plan.account));
        expect(funds - chain.lowest).toBe(plan.account.now);
      }),
      { numRuns: 150 },
    );
  });

  it('broken off anywhere, and made again, ends the same with the same SOL, and sends nothing twice', () => {
    const lives = fc.array(fc.nat(6), { maxLength: 25 });
    fc.assert(
      fc.property(build, holders, before, lives, (bytes, wanted, start, given) => {
        const wish = wishFor(bytes, wanted, start);
        const straight = chainWith(start, wish);
        bringAbout(straight, wish, []);
        const broken = chainWith(start, wish);
        bringAbout(broken, wish, given);
        expectWanted(broken, wish);
        expect(broken.balance).toBe(straight.balance);
        expect(broken.sent).toBe(straight.sent);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused before anything is sent where the payer has a lamport too little, and not where it has enough', () => {
    fc.assert(
      fc.property(build, holders, before, (bytes, wanted, start) => {
        const wish = wishFor(bytes, wanted, start);
        const chain = chainWith(start, wish);
        const plan = planProgram(wish, observe(chain, wish));
        if (!isWork(plan) || plan.account.now === 0n) return;
        chain.balance = plan.account.now + rentExempt(0) - 1n;
        const short = planProgram(wish, observe(chain, wish));
        expect(short).toMatchObject({ kind: 'refuse', error: { code: 'CUT-2411' } });
        chain.balance += 1n;
        expect(planProgram(wish, observe(chain, wish)).kind).toBe(plan.kind);
      }),
    );
  });

  it('is told in words whatever it is', () => {
    fc.assert(
      fc.property(build, holders, before, (bytes, wanted, start) => {
        const wish = wishFor(bytes, wanted, start);
        const chain = chainWith(start, wish);
        const observed = observe(chain, wish);
        const lines = describeProgramPlan(planProgram(wish, observed), wish, observed);
        expect(lines.length).toBeGreaterThan(0);
        expect(lines.join('\n')).toContain(program);
        expect(lines.join('\n')).not.toMatch(/undefined|NaN|\[object/);
      }),
    );
  });
});
