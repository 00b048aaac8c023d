import { describe, expect, it } from 'vitest';
import { base58, bytesOfAddress } from '@cutover/chain/plan/solana/address.ts';
import { joined, u64, u8 } from '@cutover/chain/plan/solana/instruction.ts';
import { compileMessage, largestTransaction, transactionSize } from '@cutover/chain/plan/solana/message.ts';
import { accountAddress } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { emergencyInstructions } from '@cutover/chain/plan/solana/perps/emergency.ts';
import {
  readExchange,
  rollbackBuild,
  rollbackFacts,
  type ExchangeSeen,
  type OwnedAccount,
} from '@cutover/chain/plan/solana/perps/exchange.ts';
import { planRollback } from '@cutover/chain/plan/solana/rollback.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';

const key = (number: number): string => base58(new Uint8Array(32).fill(number, 1).fill(number >> 8, 0, 1));
const program = key(7);
const exchange = accountAddress(perpsInterface, program, 'exchange');
const bytes = (address: string): Uint8Array => bytesOfAddress(address) ?? new Uint8Array();
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const numbers = (...values: readonly number[]): Uint8Array => joined(...values.map((each) => u64(each)));

const exchangeAccount = (mode: number, layout = 1): OwnedAccount => ({
  address: exchange,
  lamports: 900n,
  data: joined(
    ...[text('perpexch'), Uint8Array.of(layout, 255, mode, 1, 0, 0, 0, 0), bytes(key(0)), bytes(key(3))],
    ...[bytes(key(4)), numbers(1, 2, 3, 4, 5), numbers(1, 500, 300, 0, 1)],
  ),
});
const user = (owner: number, layout = 1): OwnedAccount => ({
  address: accountAddress(perpsInterface, program, 'user', { owner: key(owner) }),
  lamports: 20n,
  data: joined(
    ...[
      text('perpuser'),
      Uint8Array.of(layout, 255, 0, 0, 0, 0, 0, 0),
      bytes(key(owner)),
      numbers(70, 50, 1),
    ],
    layout === 1 ? new Uint8Array() : u64(9),
  ),
});
const position = (owner: number, at: number, market = 90): OwnedAccount => ({
  address: key(at),
  lamports: 30n,
  data: joined(
    ...[
      text('perpposn'),
      Uint8Array.of(1, 255, 0, 5, 0, 0, 0, 0),
      bytes(user(owner).address),
      bytes(key(market)),
    ],
    numbers(100, 20, 7, 0),
  ),
});

describe('an exchange', () => {
  it('is read with its users, positions and books', () => {
    const seen = readExchange(perpsInterface, program, [
      position(5, 60),
      user(5),
      exchangeAccount(1),
      user(6, 2),
    ]);
    expect(seen).toMatchObject({
      address: exchange,
      mode: 'withdrawalsOnly',
      lamports: 900n,
      tvl: 500n,
      pool: 300n,
    });
    expect([seen.admin, seen.guardian]).toEqual([key(0), key(4)]);
    expect(seen.users).toEqual([
      { address: user(5).address, owner: key(5), collateral: 50n, lamports: 20n },
      { address: user(6).address, owner: key(6), collateral: 50n, lamports: 20n },
    ]);
    expect(seen.positions).toMatchObject([{ user: user(5).address, market: key(90), margin: 20n }]);
  });

  it('is read in its mode also where that takes eight bytes', () => {
    const account = perpsInterface.accounts.get('exchange');
    const wide = account?.layouts
      .get(1)
      ?.map((field) =>
        field.name === 'mode' || field.name === 'limited' ? { ...field, type: 'u64' as const } : field,
      );
    const shape = {
      ...(account ?? { tag: new Uint8Array(), seeds: [], versionAt: 8 }),
      layouts: new Map([[1, wide ?? []]]),
    };
    const description = {
      ...perpsInterface,
      accounts: new Map([...perpsInterface.accounts, ['exchange', shape]]),
    };
    const { data, ...rest } = exchangeAccount(2);
    const bytesOfModes = joined(data.subarray(0, 10), numbers(2, 0), data.subarray(12));
    const seen = readExchange(description, program, [{ ...rest, data: bytesOfModes }]);
    expect(seen).toMatchObject({ mode: 'stopped', limited: false, tvl: 500n });
  });

  it('is not found where there is none, or only one that nobody can read', () => {
    expect(() => readExchange(perpsInterface, program, [user(5)])).toThrow('CUT-5571');
    expect(() => readExchange(perpsInterface, program, [exchangeAccount(0, 2)])).toThrow('CUT-5571');
    expect(() => readExchange(perpsInterface, program, [{ ...exchangeAccount(0), address: key(1) }])).toThrow(
      'CUT-5571',
    );
  });
});

const hash = { old: 'a'.repeat(64), new: 'b'.repeat(64) };
const wish = {
  title: 'perps',
  from: rollbackBuild(perpsInterface, { version: 'v2', hash: hash.new, reads: '2' }),
  to: rollbackBuild(perpsInterface, { version: 'v1', hash: hash.old, reads: '1' }),
};
const planOf = (accounts: readonly OwnedAccount[], runs = hash.new) =>
  planRollback(wish, rollbackFacts(readExchange(perpsInterface, program, accounts), runs, wish.to));

describe('a rollback of an exchange', () => {
  it('goes although users have the newer layout: they are paid out and end before the old program comes', () => {
    expect(planOf([exchangeAccount(0), user(5, 2), position(5, 60)])).toMatchObject({ step: 'pause' });
    expect(planOf([exchangeAccount(2), user(5, 2), position(5, 60)])).toMatchObject({
      step: 'close positions',
    });
    expect(planOf([exchangeAccount(2), user(5, 2)])).toMatchObject({ step: 'return funds' });
    expect(planOf([exchangeAccount(2)])).toMatchObject({ step: 'old program' });
  });

  it('is refused before its first step where an account stays that the old release does not know', () => {
    const market = {
      address: key(61),
      lamports: 1n,
      data: joined(text('perpmark'), u8(2), new Uint8Array(39)),
    };
    const plan = planOf([exchangeAccount(0), market]);
    expect(plan.kind === 'refuse' && plan.error.message).toMatch(
      /CUT-2430[^]*v1 reads accounts of layout exchange 1, market 1, user 1, position 1, and there are 1 of layout market 2/,
    );
    const unknown = { address: key(62), lamports: 1n, data: text('something else') };
    expect(planOf([exchangeAccount(0), unknown])).toMatchObject({ kind: 'refuse' });
    // A user of a layout that nobody described can be neither read nor paid out.
    expect(planOf([exchangeAccount(0), user(5, 3)])).toMatchObject({ kind: 'refuse' });
  });

  it('is not held up by an account of zeros, which anybody can give to a program', () => {
    const empty = { address: key(63), lamports: 1n, data: new Uint8Array(48) };
    expect(planOf([exchangeAccount(0), empty])).toMatchObject({ step: 'pause' });
  });

  it('lets nobody withdraw meanwhile, and ends any pause behind the old program', () => {
    expect(planOf([exchangeAccount(1), user(5)])).toMatchObject({ step: 'pause' });
    expect(planOf([exchangeAccount(1)], hash.old)).toMatchObject({ step: 'resume' });
    expect(planOf([exchangeAccount(0)], hash.old)).toEqual({ kind: 'done' });
  });
});

describe('what is sent in an emergency', () => {
  const many = (count: number): ExchangeSeen => {
    const owners = Array.from({ length: count }, (_, at) => at + 100);
    const positions = owners.map((owner) => position(owner, owner + 256, owner + 512));
    return readExchange(perpsInterface, program, [
      exchangeAccount(2),
      ...owners.map((each) => user(each)),
      ...positions,
    ]);
  };

  it.each(['close positions', 'return funds'] as const)(
    'is for "%s" every account once, in transactions that a packet can carry',
    (step) => {
      const seen = many(25);
      const groups = emergencyInstructions(perpsInterface, seen, step);
      const sizes = groups.map((each) => transactionSize(compileMessage(key(0), each, key(1))));
      // Two instructions with the price and the limit of compute units come before them.
      expect(Math.max(...sizes) + 60).toBeLessThanOrEqual(largestTransaction);
      const ended = groups
        .flat()
        .map(({ accounts }) => accounts[step === 'close positions' ? 4 : 2]?.address);
      const wanted = step === 'close positions' ? seen.positions : seen.users;
      expect(ended).toEqual(wanted.map(({ address }) => address));
    },
  );

  it('fits into transactions where a program of others wants more accounts for each', () => {
    const shape = perpsInterface.instructions.get('closeAtMark');
    // As a program with tokens has them: nine more that are the same for all, and two that are not.
    const more = ['market', 'user', 'position', 'owner', ...Array.from({ length: 3 }, () => 'program')];
    const roles = more.map((name) => ({ name, signer: false, writable: true }));
    const closeAtMark = {
      tag: new Uint8Array(90),
      accounts: [...(shape?.accounts ?? []), ...roles],
      arguments: [],
    };
    const wide = {
      ...perpsInterface,
      instructions: new Map([...perpsInterface.instructions, ['closeAtMark', closeAtMark]]),
    };
    const seen = many(25);
    const groups = emergencyInstructions(wide, seen, 'close positions');
    const sizes = groups.map((each) => transactionSize(compileMessage(key(0), each, key(1))));
    expect(Math.max(...sizes) + 60).toBeLessThanOrEqual(largestTransaction);
    expect(groups.flat()).toHaveLength(25);
    expect(groups.length).toBeLessThan(25);
  });

  it('is no pause in another mode where the interface does not say which one stops', () => {
    const modes = new Map([['running', 0]]);
    expect(() => emergencyInstructions({ ...perpsInterface, modes }, many(1), 'pause')).toThrow('CUT-2502');
  });

  it('is one instruction of the guardian for a pause, and one of the admin for the end of it', () => {
    const signers = (step: 'pause' | 'resume') =>
      emergencyInstructions(perpsInterface, many(3), step)
        .flat()
        .map(({ accounts }) => accounts.filter(({ signer }) => signer).map(({ address }) => address));
    expect(signers('pause')).toEqual([[key(4)]]);
    expect(signers('resume')).toEqual([[key(0)]]);
  });
});
