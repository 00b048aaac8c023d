import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Values } from '@cutover/chain/plan/solana/perps/values.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { rentOf, startProgramBench, type ProgramBench } from './program-kit.ts';
import { makeExchange, sol, type ExchangeBench } from './perps-kit.ts';

const runs = process.env['CUTOVER_LONG'] === '1' ? 40 : 2;
let bench: ProgramBench;

beforeAll(async () => {
  bench = await startProgramBench();
});
afterAll(() => bench.node.stop());

interface Step {
  readonly name: string;
  readonly who: number;
  readonly values: Values;
}

const amount = fc.bigInt({ min: 0n, max: 12n * sol });
const price = fc.oneof(
  fc.bigInt({ min: 50_000_000n, max: 200_000_000n }),
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
);
const step = (name: string, values: fc.Arbitrary<Values> = fc.constant({})): fc.Arbitrary<Step> =>
  fc.record({ name: fc.constant(name), who: fc.nat(2), values });
const steps = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: step('openAccount') },
    { weight: 4, arbitrary: step('deposit', fc.record({ amount })) },
    { weight: 3, arbitrary: step('withdraw', fc.record({ amount })) },
    {
      weight: 5,
      arbitrary: step(
        'openPosition',
        fc.record({ side: fc.nat(1), leverage: fc.integer({ min: 1, max: 21 }), size: amount }),
      ),
    },
    { weight: 3, arbitrary: step('closePosition') },
    { weight: 4, arbitrary: step('settle') },
    { weight: 4, arbitrary: step('setMark', fc.record({ price })) },
    { weight: 1, arbitrary: step('pause', fc.record({ mode: fc.integer({ min: 1, max: 2 }) })) },
    { weight: 2, arbitrary: step('resume') },
    { weight: 1, arbitrary: step('closeAtMark') },
    { weight: 1, arbitrary: step('returnFunds') },
    { weight: 1, arbitrary: step('withdrawPool', fc.record({ amount })) },
  ),
  { minLength: 20, maxLength: 45 },
);

interface Books {
  readonly exchange: Values;
  readonly users: readonly (Values | undefined)[];
  readonly positions: readonly (Values | undefined)[];
  /** Of the owners, of the exchange, and of all accounts that owners pay for. */
  readonly lamports: bigint;
}

async function booksOf(venue: ExchangeBench, owners: readonly SolanaSigner[]): Promise<Books> {
  const read = (address: string): Promise<Values | undefined> => venue.read(address).catch(() => undefined);
  const places = owners.flatMap((owner) => [owner.address, venue.userOf(owner), venue.positionOf(owner)]);
  const [exchange, users, positions, lamports] = await Promise.all([
    venue.read(venue.exchange),
    Promise.all(owners.map((owner) => read(venue.userOf(owner)))),
    Promise.all(owners.map((owner) => read(venue.positionOf(owner)))),
    Promise.all(
      [venue.exchange, ...places].map(async (place) => (await bench.account(place))?.lamports ?? 0n),
    ),
  ]);
  return { exchange, users, positions, lamports: sum(lamports) };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function each(list: readonly (Values | undefined)[], name: string): bigint[] {
  return list.flatMap((values) => (values === undefined ? [] : [BigInt(values[name] ?? 0n)]));
}

/** What a position has won or lost at a price, as the documentation says it. */
function profitOf(position: Values, mark: bigint): bigint {
  const [size, entry] = [BigInt(position['size']!), BigInt(position['entry']!)];
  const initial = BigInt(position['margin']!) - BigInt(position['settled']!);
  const moved = mark > entry ? mark - entry : entry - mark;
  const change = (size * moved) / entry;
  const wins = mark > entry === (position['side'] === 0);
  return wins ? (change < size ? change : size) : -(change < initial ? change : initial);
}

function check({ exchange, users, positions }: Books, free: bigint): void {
  const collateral = each(users, 'collateral');
  const margins = each(positions, 'margin');
  expect(exchange['tvl']).toBe(sum([...collateral, ...margins]));
  expect(free).toBe(BigInt(exchange['tvl']!) + BigInt(exchange['pool']!));
  const sizes = each(positions, 'size');
  expect(exchange['reserved']).toBe(sum(sizes) - sum(each(positions, 'settled')));
  expect(BigInt(exchange['reserved']!)).toBeLessThanOrEqual(BigInt(exchange['pool']!));
  expect(exchange['positions']).toBe(BigInt(sizes.length));
  expect(exchange['users']).toBe(BigInt(collateral.length));
}

describe('whatever is done in whatever order', () => {
  it(
    'the books add up to the lamport, and winding up returns to everybody what is theirs',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const venue = await makeExchange(bench, 2, 3);
          const owners = [await bench.person(), await bench.person(), await bench.person()];
          const rent = await rentOf(bench.node, 192);
          const free = async (): Promise<bigint> =>
            ((await bench.account(venue.exchange))?.lamports ?? 0n) - rent;
          for (const owner of owners) {
            await venue.act('openAccount', owner);
            await venue.act('deposit', owner, { amount: 6n * sol });
          }
          let before = await booksOf(venue, owners);
          check(before, await free());
          const total = before.lamports;
          let taken = 0n;
          for (const { name, who, values } of sequence) {
            const owner = owners[who]!;
            const mark = BigInt((await venue.read(venue.market))['price']!);
            const done = await venue.act(name, owner, values).then(
              () => true,
              (error: Error) => {
                expect(error.message).toMatch(/custom program error: 0x(17|18)/);
                return false;
              },
            );
            const after = await booksOf(venue, owners);
            check(after, await free());
            if (!done) expect(after).toEqual(before);
            if (done && name === 'withdrawPool') taken += BigInt(values['amount']!);
            expect(after.lamports).toBe(total - taken);
            const position = before.positions[who];
            if (done && (name === 'closePosition' || name === 'closeAtMark') && position !== undefined) {
              const initial = BigInt(position['margin']!) - BigInt(position['settled']!);
              const had = BigInt(before.users[who]?.['collateral'] ?? 0n);
              expect(after.users[who]?.['collateral']).toBe(had + initial + profitOf(position, mark));
            }
            before = after;
          }
          await venue.act('pause', undefined, { mode: 2 });
          for (const [at, owner] of owners.entries()) {
            if (before.positions[at] !== undefined) await venue.act('closeAtMark', owner);
            if (before.users[at] !== undefined) await venue.act('returnFunds', owner);
          }
          const end = await booksOf(venue, owners);
          expect(end.exchange).toMatchObject({ users: 0n, positions: 0n, tvl: 0n, reserved: 0n });
          expect(await free()).toBe(end.exchange['pool']);
          expect(end.lamports).toBe(total - taken);
        }),
        // A shorter failing sequence is not worth the minutes: what failed is said in the assertion.
        { numRuns: runs, endOnFailure: true },
      );
    },
  );
});
