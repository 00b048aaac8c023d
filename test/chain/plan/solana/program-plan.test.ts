import { describe, expect, it } from 'vitest';
import { loaders, programDataAddress, systemProgram } from '@cutover/chain/plan/solana/address.ts';
import { joined } from '@cutover/chain/plan/solana/instruction.ts';
import type { LoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { loaderInstructionOf } from '@cutover/chain/plan/solana/loader-instructions.ts';
import type {
  ObservedAccount,
  ObservedProgram,
  ProgramWish,
} from '@cutover/chain/plan/solana/program-facts.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { planProgram, type PlanOptions, type ProgramPlan } from '@cutover/chain/plan/solana/program-plan.ts';
import { describeProgramPlan } from '@cutover/chain/plan/solana/program-words.ts';
import { transactionsOf } from '@cutover/chain/plan/solana/program-steps.ts';
import { rentExempt, usualRent } from '@cutover/chain/plan/solana/rent.ts';
import { longestProgram } from '@cutover/chain/plan/solana/room.ts';
import { exit, sectionElf, strictElf } from './elf-kit.ts';
import { addressOf } from './kit.ts';

const writer = addressOf('writer');
const vault = addressOf('vault');
const stranger = addressOf('stranger');
const old = strictElf(Buffer.from('one, one'), exit);
const wanted = strictElf(Buffer.alloc(2_000, 'two'), exit);
const wish: ProgramWish = {
  title: 'godark-perps',
  program: addressOf('program'),
  bytes: wanted,
  holder: { kind: 'key', address: writer },
  writer,
  payer: writer,
  buffer: addressOf('buffer'),
};
const council: ProgramWish = {
  ...wish,
  holder: { kind: 'council', address: vault, terms: '2 of 3 members approve, then 48 h' },
};
const nothingThere: ObservedProgram = {
  account: undefined,
  programData: undefined,
  buffer: undefined,
  balance: 10n ** 11n,
  slot: 100n,
  rent: usualRent,
  microLamports: 0n,
};

function account(content: LoaderAccount, space: number): ObservedAccount {
  return { content, lamports: rentExempt(space) };
}

const programAccount = account({ kind: 'program', programData: programDataAddress(wish.program) }, 36);

/** A chain that runs these bytes. */
function running(
  bytes: Uint8Array,
  authority: string | undefined,
  more: Partial<ObservedProgram> = {},
): ObservedProgram {
  const code = {
    kind: 'programData',
    slot: 50n,
    bytes,
    ...(authority === undefined ? {} : { authority }),
  } as const;
  return { ...nothingThere, account: programAccount, programData: account(code, 45 + bytes.length), ...more };
}

function bufferOf(bytes: Uint8Array, authority: string | undefined): ObservedAccount {
  return account(
    { kind: 'buffer', bytes, ...(authority === undefined ? {} : { authority }) },
    37 + bytes.length,
  );
}

function stepsOf(plan: ProgramPlan): readonly string[] {
  return 'steps' in plan ? plan.steps.map(({ kind }) => kind) : [];
}

/** The loader's instructions that a plan sends. */
function instructionsOf(plan: ProgramPlan): readonly (string | undefined)[] {
  const steps = 'steps' in plan ? plan.steps : [];
  return steps.flatMap((step) => transactionsOf(step, wish).flat().map(loaderInstructionOf));
}

function refusalOf(given: ProgramWish, observed: ObservedProgram, options?: PlanOptions): string {
  const plan = planProgram(given, observed, options);
  return plan.kind === 'refuse' ? plan.error.message : `it is ${plan.kind}`;
}

const padded = joined(wanted, new Uint8Array(20_000));
const oldPadded = joined(old, new Uint8Array(20_000));

describe('a program that is not there', () => {
  it('is deployed, and handed over where another is to hold it', () => {
    const plan = planProgram(wish, nothingThere);
    expect(plan.kind).toBe('deploy');
    expect(stepsOf(plan)).toEqual(['create buffer', 'write', 'deploy']);
    expect(stepsOf(planProgram(council, nothingThere))).toEqual([
      'create buffer',
      'write',
      'deploy',
      'hand over program',
    ]);
  });

  it('has the room that is wished for', () => {
    const room = 5_000;
    const plan = planProgram({ ...wish, room }, nothingThere);
    const rent = rentExempt(36) + rentExempt(45 + room);
    expect('steps' in plan && plan.steps.at(-1)).toMatchObject({
      kind: 'deploy',
      room,
      creates: true,
      paid: rent,
    });
    for (const wrong of [wanted.length - 1, longestProgram + 1, 5_000.5]) {
      expect(refusalOf({ ...wish, room: wrong }, nothingThere)).toContain('CUT-2422');
    }
  });

  it('goes on from a buffer that an earlier run left, with what is missing', () => {
    const held = Uint8Array.from(wanted);
    held.fill(0, 960, 1_000);
    const plan = planProgram(wish, { ...nothingThere, buffer: bufferOf(held, writer) });
    expect(plan).toMatchObject({ kind: 'resume', toward: 'deploy', missing: [{ offset: 960 }] });
    expect(stepsOf(plan)).toEqual(['write', 'deploy']);
    const whole = planProgram(wish, { ...nothingThere, buffer: bufferOf(wanted, writer) });
    expect(whole).toMatchObject({ kind: 'resume', missing: [] });
    expect(stepsOf(whole)).toEqual(['deploy']);
  });

  it('takes the lamports of a buffer of another length back first', () => {
    const plan = planProgram(wish, { ...nothingThere, buffer: bufferOf(old, writer) });
    expect(plan.kind).toBe('deploy');
    expect(stepsOf(plan)).toEqual(['close buffer', 'create buffer', 'write', 'deploy']);
  });

  it('is deployed into an account that was made for it', () => {
    const plan = planProgram(wish, { ...nothingThere, account: account({ kind: 'uninitialized' }, 36) });
    expect('steps' in plan && plan.steps.at(-1)).toMatchObject({ kind: 'deploy', creates: false, rent: 0n });
  });
});

describe('a program that is there', () => {
  it('as wanted is left alone, whatever room it has', () => {
    expect(planProgram(wish, running(padded, writer))).toEqual({ kind: 'nothing' });
    expect(planProgram(council, running(wanted, vault))).toEqual({ kind: 'nothing' });
    expect(planProgram({ ...wish, holder: { kind: 'none' } }, running(wanted, undefined))).toEqual({
      kind: 'nothing',
    });
  });

  it('as wanted gets the lamports of a left-over buffer back, its own only', () => {
    const plan = planProgram(wish, running(wanted, writer, { buffer: bufferOf(old, writer) }));
    expect(plan.kind).toBe('tidy');
    expect(stepsOf(plan)).toEqual(['close buffer']);
    expect(planProgram(wish, running(wanted, writer, { buffer: bufferOf(old, stranger) })).kind).toBe(
      'nothing',
    );
  });

  it('is upgraded by the key that holds it', () => {
    const plan = planProgram(wish, running(oldPadded, writer));
    expect(plan.kind).toBe('upgrade');
    expect(stepsOf(plan)).toEqual(['create buffer', 'write', 'upgrade']);
  });

  it('is extended first where the build is larger, and upgraded in a later slot', () => {
    const plan = planProgram(wish, running(old, writer));
    expect(stepsOf(plan)).toEqual(['extend', 'create buffer', 'write', 'wait for a slot', 'upgrade']);
    expect('steps' in plan && plan.steps[0]).toMatchObject({ kind: 'extend', bytes: 10_240 });
  });

  it('is changed only in a later slot than its last change', () => {
    expect(stepsOf(planProgram(wish, running(oldPadded, writer, { slot: 50n })))).toEqual([
      'create buffer',
      'write',
      'wait for a slot',
      'upgrade',
    ]);
    expect(stepsOf(planProgram(wish, running(old, writer, { slot: 50n })))[0]).toBe('wait for a slot');
    expect(stepsOf(planProgram(wish, running(oldPadded, writer, { slot: 51n })))).not.toContain(
      'wait for a slot',
    );
  });

  it('is handed over where only its authority differs', () => {
    const plan = planProgram(council, running(wanted, writer));
    expect(plan.kind).toBe('hand over');
    expect('steps' in plan && plan.steps).toMatchObject([
      { kind: 'hand over program', to: vault, signed: false },
    ]);
    const toKey = planProgram(
      { ...wish, holder: { kind: 'key', address: stranger } },
      running(wanted, writer),
    );
    expect('steps' in toKey && toKey.steps).toMatchObject([{ to: stranger, signed: true }]);
    const toNobody = planProgram({ ...wish, holder: { kind: 'none' } }, running(wanted, writer));
    expect('steps' in toNobody && toNobody.steps).toMatchObject([{ to: undefined, signed: false }]);
    // A key signs that it takes over; a vault and nobody cannot.
    expect([plan, toKey, toNobody].map((each) => instructionsOf(each))).toEqual([
      ['setAuthority'],
      ['setAuthorityChecked'],
      ['setAuthority'],
    ]);
    const left = { buffer: bufferOf(old, writer) };
    expect(stepsOf(planProgram(council, running(wanted, writer, left)))).toEqual([
      'close buffer',
      'hand over program',
    ]);
  });

  it('of a council is proposed, waited for, and executed', () => {
    const proposed = planProgram(council, running(oldPadded, vault));
    expect(proposed.kind).toBe('propose');
    expect(stepsOf(proposed)).toEqual(['create buffer', 'write', 'hand over buffer', 'propose']);
    const buffer = bufferOf(wanted, vault);
    const handed = planProgram(council, running(oldPadded, vault, { buffer }));
    expect(handed).toMatchObject({ kind: 'resume', toward: 'propose', missing: [] });
    expect(stepsOf(handed)).toEqual(['propose']);
    const missing = [{ what: '1 more approval', who: [stranger] }];
    const proposal = { kind: 'waiting', missing } as const;
    expect(planProgram(council, running(oldPadded, vault, { buffer, proposal }))).toEqual({
      kind: 'wait',
      missing,
    });
    const ready = planProgram(council, running(oldPadded, vault, { buffer, proposal: { kind: 'ready' } }));
    expect(ready.kind).toBe('execute');
    expect(stepsOf(ready)).toEqual(['execute']);
    // Somebody may have upgraded it to something smaller in the meantime.
    const small = planProgram(
      council,
      running(old, vault, { buffer, proposal: { kind: 'ready' }, slot: 50n }),
    );
    expect(stepsOf(small)).toEqual(['wait for a slot', 'extend', 'wait for a slot', 'execute']);
  });

  it('of a council is proposed behind an extension that clusters take', () => {
    const plan = planProgram(council, running(old, vault));
    expect(stepsOf(plan)).toEqual(['extend', 'create buffer', 'write', 'hand over buffer', 'propose']);
    expect('steps' in plan && plan.steps[0]).toMatchObject({ kind: 'extend', bytes: 10_240 });
  });

  it('of a council is never executed with a buffer that is not what was proposed', () => {
    for (const kind of ['waiting', 'ready'] as const) {
      const proposal = { kind, missing: [] };
      for (const buffer of [bufferOf(old, vault), undefined]) {
        const refusal = refusalOf(council, running(oldPadded, vault, { buffer, proposal }));
        expect(refusal).toContain('CUT-2420');
        expect(refusal).toContain(programHash(wanted));
      }
    }
    expect(refusalOf(council, running(oldPadded, vault, { buffer: bufferOf(old, vault) }))).toContain(
      'CUT-2420',
    );
  });
});

describe('a program is refused', () => {
  const at = (content: LoaderAccount): ObservedProgram => ({
    ...nothingThere,
    account: account(content, 36),
  });

  it.each<readonly [string, ObservedProgram, string]>([
    ['a wallet', at({ kind: 'foreign', owner: systemProgram }), 'CUT-2412'],
    [
      'an account of another program',
      at({ kind: 'foreign', owner: stranger }),
      `it is an account of ${stranger}`,
    ],
    ['a buffer', at({ kind: 'buffer', bytes: old }), 'it is a buffer'],
    [
      'code of another program',
      at({ kind: 'programData', slot: 1n, bytes: old }),
      'the code of another program',
    ],
    ['a program of an old loader', at({ kind: 'foreign', owner: loaders.deprecated[1] }), 'CUT-2417'],
    ['a program of loader v4', at({ kind: 'loader-v4' }), 'CUT-2418'],
    ['what nobody can read', at({ kind: 'malformed', why: 'it has 3 bytes' }), 'CUT-2421'],
    ['a program whose code is elsewhere', at({ kind: 'program', programData: stranger }), 'CUT-2421'],
    ['a closed program', { ...nothingThere, account: programAccount }, 'CUT-2413'],
    [
      'a closed program whose code was sent lamports',
      {
        ...nothingThere,
        account: programAccount,
        programData: account({ kind: 'foreign', owner: systemProgram }, 0),
      },
      'CUT-2413',
    ],
    [
      'a program with a buffer for its code',
      { ...nothingThere, account: programAccount, programData: bufferOf(old, writer) },
      'CUT-2421',
    ],
    ['a program of somebody else', running(old, stranger), 'CUT-2414'],
    ['a program of somebody else that runs the same', running(wanted, stranger), 'CUT-2414'],
    ['an immutable program', running(old, undefined), 'CUT-2416'],
    ['an immutable program that runs the same', running(wanted, undefined), 'It runs the wanted build.'],
  ])('where its address has %s', (_, observed, problem) => {
    expect(refusalOf(wish, observed)).toContain(problem);
  });

  it('where its authority was handed away since we deployed it', () => {
    expect(refusalOf(wish, running(old, stranger), { recorded: true })).toContain(
      `CUT-2415 godark-perps: the authority over ${wish.program} was handed away, to ${stranger}`,
    );
  });

  it('for ever only where nothing can bring it back', () => {
    const forever = (observed: ObservedProgram): unknown => {
      const plan = planProgram(wish, observed);
      return plan.kind === 'refuse' && plan.forever;
    };
    expect(forever(running(old, undefined))).toBe(true);
    expect(forever({ ...nothingThere, account: programAccount })).toBe(true);
    expect(forever(running(old, stranger))).toBe(false);
    expect(forever({ ...nothingThere, balance: 0n })).toBe(false);
  });

  it.each<readonly [string, ObservedAccount, string]>([
    ['of somebody else', bufferOf(wanted, stranger), `${stranger} may write it`],
    ['of nobody', bufferOf(wanted, undefined), 'nobody may write or use it'],
    ['that is a wallet', account({ kind: 'foreign', owner: systemProgram }, 0), 'was sent lamports'],
    ['that is a program', programAccount, 'it is a program'],
  ])('with a buffer %s', (_, buffer, problem) => {
    const refusal = refusalOf(wish, { ...nothingThere, buffer });
    expect(refusal).toContain('CUT-2419');
    expect(refusal).toContain(problem);
  });

  it('where its build is none, with everything that is wrong', () => {
    const refusal = refusalOf({ ...wish, bytes: sectionElf(['malloc'], {}) }, nothingThere);
    expect(refusal).toContain('CUT-2410');
    expect(refusal).toContain('It calls what no cluster has: malloc.');
    expect(refusalOf({ ...wish, bytes: sectionElf(['malloc']), syscalls: ['malloc'] }, nothingThere)).toBe(
      'it is deploy',
    );
    expect(refusalOf(wish, { ...nothingThere, versions: [0] })).toContain('sBPF v3; the cluster takes v0');
    expect(refusalOf({ ...wish, bytes: wanted.subarray(0, 500) }, running(old, writer))).toContain(
      'truncated',
    );
  });

  it('where SOL is missing: how much, and where to send it', () => {
    const refusal = refusalOf(wish, { ...nothingThere, balance: 1_000_000n });
    expect(refusal).toContain('CUT-2411');
    expect(refusal).toContain(`Send 0.0`);
    expect(refusal).toContain(`to ${writer}`);
  });
});

describe('a plan in words', () => {
  it('tells what runs and what would, sizes, slots, who approves, the steps and the SOL', () => {
    const observed = running(old, vault, { microLamports: 1_000_000n });
    const lines = describeProgramPlan(planProgram(council, observed), council, observed);
    expect(lines).toEqual([
      `~ godark-perps: ${wish.program} from ${programHash(old)} to ${programHash(wanted)}`,
      `room for 192 bytes, 2,184 needed; last changed in slot 50, now slot 100`,
      `authority ${vault}: 2 of 3 members approve, then 48 h`,
      `  1: extend ${wish.program} by 10,240 bytes for 0.0712704 SOL`,
      `  2: create the buffer ${wish.buffer} with 0.01634904 SOL`,
      '  3: write 3 pieces into it',
      `  4: hand the buffer over to ${vault}: from then on nobody can write it`,
      '  5: propose the upgrade; its proposal’s own rent and fees come on top',
      expect.stringMatching(
        /^0\.\d+ SOL are needed on the way: 0\.0712704 stay in the program's accounts, 0 come back from the buffer, 0\.\d+ are fees$/,
      ) as string,
    ]);
  });

  it('tells of a new program, of one that goes on, and of one that nobody will be able to change', () => {
    const words = (given: ProgramWish, observed: ObservedProgram): string =>
      describeProgramPlan(planProgram(given, observed), given, observed).join('\n');
    expect(words(wish, nothingThere)).toContain(
      `+ godark-perps: ${wish.program} with ${programHash(wanted)}`,
    );
    expect(
      words(wish, { ...nothingThere, buffer: bufferOf(new Uint8Array(wanted.length), writer) }),
    ).toContain(`goes on with the buffer ${wish.buffer}: 3 pieces missing`);
    expect(words({ ...wish, holder: { kind: 'none' } }, nothingThere)).toContain('FOR EVER');
    expect(words(wish, running(wanted, writer))).toContain('nothing to do');
    expect(words(wish, running(old, stranger))).toContain('CUT-2414');
    const missing = [{ what: '1 more approval', who: [stranger], readyAt: '2026-11-23T20:00:00.000Z' }];
    const waiting = { buffer: bufferOf(wanted, vault), proposal: { kind: 'waiting', missing } as const };
    expect(words(council, running(oldPadded, vault, waiting))).toContain(
      `waits for 1 more approval from any of ${stranger}, until 2026-11-23T20:00:00.000Z`,
    );
  });
});
