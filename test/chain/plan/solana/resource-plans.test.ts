import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { fieldsIn, keptFields } from '@cutover/chain/plan/solana/account-form.ts';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import type { TimelockProgramAuthority } from '@cutover/chain/plan/solana/authority.ts';
import { planHandOver } from '@cutover/chain/plan/solana/hand-over.ts';
import { checkInitialization, type Initialization } from '@cutover/chain/plan/solana/initialization.ts';
import { readable, writable, type Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { instructionOfKept, keptInstruction } from '@cutover/chain/plan/solana/kept-instruction.ts';
import { readInterface } from '@cutover/chain/plan/solana/perps/interface.ts';
import { checkImmutable } from '@cutover/chain/plan/solana/prepared-program.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import {
  programDrift,
  seenProgram,
  vaultOf,
  type LeftProgram,
} from '@cutover/chain/plan/solana/program-seen.ts';

const address = (fill: number): string => base58(new Uint8Array(32).fill(fill));
const [mine, theirs, program] = [address(1), address(2), address(3)];
const refusalOf = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe('who is to have a program', () => {
  const wish = {
    title: 'perps',
    program,
    network: 'devnet',
    signer: mine,
    to: { kind: 'key', address: theirs },
  } as const;
  it('has it already, or is handed it by who has it', () => {
    expect(planHandOver(wish, theirs)).toEqual({ kind: 'nothing' });
    expect(planHandOver(wish, mine)).toEqual({ kind: 'hand over', from: mine });
    expect(planHandOver({ ...wish, to: { kind: 'none' } }, mine)).toEqual({ kind: 'hand over', from: mine });
    expect(planHandOver({ ...wish, to: { kind: 'none' } }, undefined)).toEqual({ kind: 'nothing' });
  });

  it('cannot be given what another has, or what nobody has', () => {
    expect(planHandOver(wish, address(9))).toMatchObject({ kind: 'refuse', error: { code: 'CUT-2540' } });
    expect(planHandOver(wish, undefined)).toMatchObject({ kind: 'refuse', error: { code: 'CUT-2541' } });
  });

  it('may be nobody only where that is said', () => {
    expect(refusalOf(() => checkImmutable('perps', { kind: 'none' }, undefined))).toContain(
      "immutable: 'for ever'",
    );
    expect(refusalOf(() => checkImmutable('perps', { kind: 'none' }, 'for ever'))).toBe('');
  });
});

describe('what is otherwise than a program was left', () => {
  const bytes = Uint8Array.of(1, 2, 3, 0);
  const signer = { kind: 'local', account: 0 } as const;
  const seen = { runs: 'old', heldBy: mine, slot: 7, space: 4 };
  const left: LeftProgram = { ...seen, hash: 'old', authority: { kind: 'key', signer } };

  it('is read from its two accounts', () => {
    const account = { kind: 'program', programData: program } as const;
    expect(seenProgram(account, { kind: 'programData', slot: 7n, authority: mine, bytes })).toEqual({
      ...{ runs: programHash(bytes), heldBy: mine, slot: 7, space: 4 },
    });
    expect(seenProgram(account, { kind: 'programData', slot: 7n, bytes })).not.toHaveProperty('heldBy');
    expect(seenProgram(account, { kind: 'uninitialized' })).toBeUndefined();
    expect(seenProgram(undefined, undefined)).toBeUndefined();
  });

  it('is nothing where it is as it was, or runs the build that is wanted', () => {
    expect(programDrift(left, seen)).toEqual([]);
    expect(programDrift({ ...left, hash: 'new' }, { ...seen, runs: 'new', slot: 9, space: 10 })).toEqual([]);
  });

  it('is another build, another authority, or less room', () => {
    expect(programDrift(left, { runs: 'other', slot: 9, space: 3 })).toEqual([
      'it runs other since slot 9; it was left with old',
      `its authority is nobody, for ever; it was left with ${mine}`,
      'it has room for 3 bytes; it had room for 4',
    ]);
  });

  it('is no authority that somebody else hands over, and none that is meant to have it', () => {
    expect(programDrift({ ...left, handOver: 'later' }, { ...seen, heldBy: theirs })).toEqual([]);
    const authority: TimelockProgramAuthority = {
      ...{ kind: 'timelock', program, account: address(5), proposer: signer, delaySeconds: 1 },
    };
    expect(programDrift({ ...left, authority }, { ...seen, heldBy: vaultOf(authority) })).toEqual([]);
    expect(programDrift({ ...left, authority }, { ...seen, heldBy: theirs })).toHaveLength(1);
  });
});

describe('an account that is initialised once', () => {
  const instruction: Instruction = {
    ...{ program, accounts: [writable(mine), readable(theirs)], data: Uint8Array.of(0, 255, 7) },
  };
  const fits: Initialization = {
    ...{ title: 'a market', address: mine, owner: program, form: { kind: 'time lock' } },
    ...{ fields: { symbol: 'SOL' }, initialize: [instruction] },
  };

  it('is described with an address, an owner, what must hold, and an instruction that writes it', () => {
    expect(refusalOf(() => checkInitialization(fits))).toBe('');
    const wrong = refusalOf(() =>
      checkInitialization({ ...fits, address: 'here', owner: '0x12', fields: {}, initialize: [] }),
    );
    for (const part of ['CUT-2527', 'address is here', 'owner is 0x12', 'fields is empty', 'writes here']) {
      expect(wrong).toContain(part);
    }
    expect(refusalOf(() => checkInitialization({ ...fits, address: theirs }))).toContain(
      'none of its instructions',
    );
  });

  it('keeps its instructions as they are, through JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const kept = JSON.parse(JSON.stringify(keptInstruction({ ...instruction, data }))) as never;
        expect(instructionOfKept(kept)).toEqual({ ...instruction, data });
      }),
    );
  });

  it('keeps numbers as decimal text, in whatever depth', () => {
    expect(keptFields({ a: 1, b: 2n ** 63n, c: [3, { d: 4n }], e: 'x', f: true, g: null })).toEqual({
      ...{ a: '1', b: '9223372036854775808', c: ['3', { d: '4' }], e: 'x', f: true, g: null },
    });
  });

  it('is read as its form says, and is none where its bytes are another’s', () => {
    const file = 'chain/programs/perps/interface.json';
    const description = readInterface(file, JSON.parse(readFileSync(fromRoot(file), 'utf8')));
    const market = new Uint8Array(128);
    market.set(new TextEncoder().encode('perpmark'));
    market[8] = 1;
    const form = (account: string) => ({ kind: 'interface', file, account }) as const;
    expect(fieldsIn(form('market'), description, market)).toMatchObject({ price: '0', symbol: '' });
    expect(fieldsIn(form('exchange'), description, market)).toBeUndefined();
    expect(fieldsIn({ kind: 'time lock' }, undefined, market)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        fieldsIn(form('market'), description, bytes);
        fieldsIn({ kind: 'time lock' }, undefined, bytes);
      }),
    );
  });
});
