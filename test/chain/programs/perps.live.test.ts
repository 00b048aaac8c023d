import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountAddress } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { newSigner, startProgramBench, type ProgramBench } from './program-kit.ts';
import { betaLimits, makeExchange, sol, startPrice, type ExchangeBench } from './perps-kit.ts';

let bench: ProgramBench;
let venue: ExchangeBench;

const long = perpsInterface.sides.get('long')!;
const short = perpsInterface.sides.get('short')!;
const withdrawalsOnly = perpsInterface.modes.get('withdrawalsOnly')!;
const stopped = perpsInterface.modes.get('stopped')!;

beforeAll(async () => {
  bench = await startProgramBench();
});
afterAll(() => bench.node.stop());

async function lamportsOf(address: string): Promise<bigint> {
  return (await bench.account(address))?.lamports ?? 0n;
}

describe('a new exchange', () => {
  beforeAll(async () => {
    venue = await makeExchange(bench);
  });

  it('has the limits of the beta, its roles and its pool', async () => {
    expect(await venue.read(venue.exchange)).toMatchObject({
      ...betaLimits,
      limited: 1,
      mode: 0,
      admin: venue.admin.address,
      relayer: venue.relayer.address,
      guardian: venue.guardian.address,
      pool: 200n * sol,
      users: 0n,
      tvl: 0n,
    });
    expect(await venue.read(venue.market)).toMatchObject({ symbol: 'SOL-PERP', price: startPrice });
  });

  it('is not initialised twice, nor by anybody but the upgrade authority', async () => {
    const values = { relayer: venue.relayer.address, guardian: venue.guardian.address, ...betaLimits };
    expect(await venue.refusal('initialise', undefined, values)).toBe('alreadyExists');
    const stranger = await bench.person();
    const change = { accounts: { admin: stranger.address }, signers: [stranger] };
    expect(await venue.refusal('initialise', undefined, values, change)).toBe('notAuthority');
  });

  it('takes markets from its admin only, where their symbol leads, with a price', async () => {
    const values = { symbol: 'BTC-PERP', price: 5n };
    const market = accountAddress(perpsInterface, venue.program, 'market', { symbol: 'BTC-PERP' });
    const stranger = await bench.person();
    const byStranger = { accounts: { admin: stranger.address, market }, signers: [stranger] };
    expect(await venue.refusal('createMarket', undefined, values, byStranger)).toBe('notAdmin');
    expect(await venue.refusal('createMarket', undefined, values)).toBe('wrongAddress');
    const noPrice = { ...values, price: 0n };
    expect(await venue.refusal('createMarket', undefined, noPrice, { accounts: { market } })).toBe('noPrice');
    expect(await venue.refusal('createMarket', undefined, { symbol: 'SOL-PERP', price: 5n })).toBe(
      'alreadyExists',
    );
  });
});

describe('the limits of the beta, each at its edge:', () => {
  beforeAll(async () => {
    venue = await makeExchange(bench);
  });

  it('users, deposits of one, deposits of all', async () => {
    const first = await venue.user(betaLimits.maxDeposit);
    expect(await venue.refusal('deposit', first, { amount: 1n })).toBe('tooMuchDeposit');
    const second = await venue.user(betaLimits.maxTvl - betaLimits.maxDeposit - 1n);
    const third = await venue.user(1n);
    expect(await venue.refusal('deposit', third, { amount: 1n })).toBe('tooMuchTvl');
    const fourth = await bench.person();
    expect(await venue.refusal('openAccount', fourth)).toBe('tooManyUsers');
    // What was taken out makes room again.
    await venue.act('withdraw', second, { amount: sol });
    await venue.act('deposit', third, { amount: sol });
  });

  it('size and leverage of a position', async () => {
    const owner = await bench.person();
    await venue.act('setLimits', undefined, { limited: 1, ...betaLimits, maxUsers: 4n, maxTvl: 40n * sol });
    await venue.act('openAccount', owner);
    await venue.act('deposit', owner, { amount: 10n * sol });
    const most = { side: long, leverage: 20, size: betaLimits.maxPosition };
    expect(await venue.refusal('openPosition', owner, { ...most, size: most.size + 1n })).toBe(
      'tooLargePosition',
    );
    expect(await venue.refusal('openPosition', owner, { ...most, leverage: 21 })).toBe('tooMuchLeverage');
    expect(await venue.refusal('openPosition', owner, { ...most, leverage: 0 })).toBe('tooMuchLeverage');
    await venue.act('openPosition', owner, most);
    expect(await venue.read(venue.positionOf(owner))).toMatchObject({ margin: betaLimits.maxPosition / 20n });
    await venue.act('closePosition', owner);
  });

  it('are lifted by the admin alone', async () => {
    const lifted = { limited: 0, ...betaLimits };
    const stranger = await bench.person();
    const change = { accounts: { admin: stranger.address }, signers: [stranger] };
    expect(await venue.refusal('setLimits', undefined, lifted, change)).toBe('notAdmin');
    await venue.act('setLimits', undefined, lifted);
    const owner = await venue.user(15n * sol);
    await venue.act('openPosition', owner, { side: short, leverage: 50, size: 60n * sol });
    expect(await venue.refusal('openPosition', owner, { side: short, leverage: 101, size: sol })).toBe(
      'tooMuchLeverage',
    );
  });
});

describe('money', () => {
  let owner: Awaited<ReturnType<ExchangeBench['user']>>;
  beforeAll(async () => {
    venue = await makeExchange(bench);
    owner = await venue.user(10n * sol);
  });

  it('is the user’s again after a position, with profit and loss to the lamport', async () => {
    const before = await venue.read(venue.exchange);
    await venue.act('openPosition', owner, { side: long, leverage: 10, size: 20n * sol });
    expect(await venue.read(venue.userOf(owner))).toMatchObject({ collateral: 8n * sol, positions: 1n });
    expect(await venue.read(venue.exchange)).toMatchObject({
      reserved: 20n * sol,
      positions: 1n,
      tvl: 10n * sol,
    });
    await venue.mark((startPrice * 105n) / 100n);
    await venue.act('closePosition', owner);
    expect(await venue.read(venue.userOf(owner))).toMatchObject({ collateral: 11n * sol, positions: 0n });
    expect(await venue.read(venue.exchange)).toMatchObject({
      reserved: 0n,
      pool: 199n * sol,
      tvl: 11n * sol,
    });
    expect(await bench.account(venue.positionOf(owner))).toBeUndefined();

    await venue.act('openPosition', owner, { side: short, leverage: 10, size: 20n * sol });
    await venue.mark((startPrice * 105n * 102n) / 10_000n);
    await venue.act('closePosition', owner);
    const loss = (20n * sol * 2n) / 100n;
    expect(await venue.read(venue.userOf(owner))).toMatchObject({ collateral: 11n * sol - loss });
    const after = await venue.read(venue.exchange);
    expect(BigInt(after['tvl']!) + BigInt(after['pool']!)).toBe(
      BigInt(before['tvl']!) + BigInt(before['pool']!),
    );
  });

  it('is settled by the relayer alone, and a position whose margin is gone ends', async () => {
    await venue.mark(startPrice);
    await venue.act('openPosition', owner, { side: long, leverage: 20, size: 20n * sol });
    const { collateral } = await venue.read(venue.userOf(owner));
    await venue.mark((startPrice * 97n) / 100n);
    const stranger = await bench.person();
    const change = { accounts: { relayer: stranger.address }, signers: [stranger] };
    expect(await venue.refusal('settle', owner, {}, change)).toBe('notRelayer');
    await venue.act('settle', owner);
    expect(await venue.read(venue.positionOf(owner))).toMatchObject({
      margin: (4n * sol) / 10n,
      settled: (-6n * sol) / 10n,
    });
    await venue.act('settle', owner);
    await venue.mark((startPrice * 94n) / 100n);
    await venue.act('settle', owner);
    expect(await bench.account(venue.positionOf(owner))).toBeUndefined();
    expect(await venue.read(venue.userOf(owner))).toMatchObject({ collateral, positions: 0n });
    expect(await venue.read(venue.exchange)).toMatchObject({ reserved: 0n, positions: 0n });
  });

  it('is not won beyond the size of a position, however far the price goes', async () => {
    await venue.mark(startPrice);
    await venue.act('openPosition', owner, { side: long, leverage: 20, size: 20n * sol });
    const { collateral } = await venue.read(venue.userOf(owner));
    await venue.mark(2n ** 63n);
    await venue.act('closePosition', owner);
    expect(await venue.read(venue.userOf(owner))).toMatchObject({
      collateral: BigInt(collateral!) + 21n * sol,
    });
    await venue.mark(startPrice);
  });

  it('is neither paid in for nothing nor taken out beyond what there is', async () => {
    expect(await venue.refusal('deposit', owner, { amount: 0n })).toBe('nothing');
    expect(await venue.refusal('withdraw', owner, { amount: 0n })).toBe('nothing');
    const { collateral } = await venue.read(venue.userOf(owner));
    const beyond = { amount: BigInt(collateral!) + 1n };
    expect(await venue.refusal('withdraw', owner, beyond)).toBe('tooLittle');
    const before = await lamportsOf(owner.address);
    await venue.act('withdraw', owner, { amount: BigInt(collateral!) });
    expect(await lamportsOf(owner.address)).toBe(before + BigInt(collateral!));
    expect(await venue.refusal('openPosition', owner, { side: long, leverage: 1, size: sol })).toBe(
      'tooLittle',
    );
  });

  it('of the pool leaves it by the admin, and not what positions may win', async () => {
    const winner = await venue.user(5n * sol);
    await venue.act('openPosition', winner, { side: long, leverage: 10, size: 50n * sol });
    const { pool } = await venue.read(venue.exchange);
    const free = BigInt(pool!) - 50n * sol;
    expect(await venue.refusal('withdrawPool', undefined, { amount: free + 1n })).toBe('tooLittle');
    expect(await venue.refusal('withdrawPool', undefined, { amount: 0n })).toBe('nothing');
    await venue.act('withdrawPool', undefined, { amount: free });
    const other = await venue.user(5n * sol);
    expect(await venue.refusal('openPosition', other, { side: long, leverage: 10, size: 1n })).toBe(
      'poolTooSmall',
    );
    await venue.mark(startPrice * 3n);
    await venue.act('closePosition', winner);
    expect(await venue.read(venue.exchange)).toMatchObject({ pool: 0n, reserved: 0n });
    expect(await venue.read(venue.userOf(winner))).toMatchObject({ collateral: 55n * sol });
  });
});

describe('a pause', () => {
  let owner: Awaited<ReturnType<ExchangeBench['user']>>;
  beforeAll(async () => {
    venue = await makeExchange(bench);
    owner = await venue.user(10n * sol);
    await venue.act('openPosition', owner, { side: long, leverage: 10, size: 20n * sol });
  });

  it('is one transaction of the guardian or of the admin, and of nobody else', async () => {
    const stranger = await bench.person();
    const change = { accounts: { guardian: stranger.address }, signers: [stranger] };
    expect(await venue.refusal('pause', undefined, { mode: stopped }, change)).toBe('notGuardian');
    expect(await venue.refusal('pause', undefined, { mode: 0 })).toBe('unknownMode');
    expect(await venue.refusal('pause', undefined, { mode: 3 })).toBe('unknownMode');
    await venue.act('pause', undefined, { mode: stopped });
    expect(await venue.read(venue.exchange)).toMatchObject({ mode: stopped });
    await venue.act('resume');
    expect(await venue.read(venue.exchange)).toMatchObject({ mode: 0 });
  });

  it('ends by the admin alone, and only where there is one', async () => {
    expect(await venue.refusal('resume')).toBe('notPaused');
    const change = { accounts: { admin: venue.guardian.address } };
    expect(await venue.refusal('resume', undefined, {}, change)).toBe('notAdmin');
  });

  it('for withdrawals only lets users close and withdraw, and begin nothing', async () => {
    await venue.act('pause', undefined, { mode: withdrawalsOnly });
    expect(await venue.refusal('deposit', owner, { amount: 1n })).toBe('paused');
    expect(await venue.refusal('openAccount', await bench.person())).toBe('paused');
    expect(await venue.refusal('settle', owner)).toBe('paused');
    await venue.act('withdraw', owner, { amount: 1n });
    await venue.act('closePosition', owner);
    expect(await venue.refusal('openPosition', owner, { side: long, leverage: 1, size: 1n })).toBe('paused');
    await venue.act('resume');
  });

  it('that stops all refuses withdrawals and closing too', async () => {
    await venue.act('openPosition', owner, { side: short, leverage: 10, size: 20n * sol });
    await venue.act('pause', undefined, { mode: stopped });
    expect(await venue.refusal('withdraw', owner, { amount: 1n })).toBe('paused');
    expect(await venue.refusal('closePosition', owner)).toBe('paused');
    await venue.act('resume');
  });

  it('is what the admin needs to close positions and to return funds', async () => {
    expect(await venue.refusal('closeAtMark', owner)).toBe('notPaused');
    expect(await venue.refusal('returnFunds', owner)).toBe('notPaused');
    await venue.act('pause', undefined, { mode: stopped });
    const change = { accounts: { admin: venue.guardian.address } };
    expect(await venue.refusal('closeAtMark', owner, {}, change)).toBe('notAdmin');
    expect(await venue.refusal('returnFunds', owner, {}, change)).toBe('notAdmin');
    expect(await venue.refusal('returnFunds', owner)).toBe('openPositions');
    const thief = newSigner();
    expect(await venue.refusal('returnFunds', owner, {}, { accounts: { owner: thief.address } })).toBe(
      'notOwner',
    );
    expect(await venue.refusal('closeAtMark', owner, {}, { accounts: { owner: thief.address } })).toBe(
      'notOwner',
    );

    // A short position of 20 SOL at a price that fell by 4 %.
    await venue.mark((startPrice * 96n) / 100n);
    const before = await lamportsOf(owner.address);
    const rents = (await lamportsOf(venue.positionOf(owner))) + (await lamportsOf(venue.userOf(owner)));
    await venue.act('closeAtMark', owner);
    await venue.act('returnFunds', owner);
    expect(await lamportsOf(owner.address)).toBe(before + rents + 10n * sol - 1n + (8n * sol) / 10n);
    expect(await bench.account(venue.userOf(owner))).toBeUndefined();
    expect(await venue.read(venue.exchange)).toMatchObject({
      users: 0n,
      tvl: 0n,
      positions: 0n,
      reserved: 0n,
    });
    await venue.act('resume');
  });
});

describe('accounts and signatures', () => {
  it('of somebody else, of another kind and of another program are refused', async () => {
    venue = await makeExchange(bench);
    const [owner, other] = [await venue.user(5n * sol), await venue.user(5n * sol)];
    const theirs = { accounts: { user: venue.userOf(other) } };
    expect(await venue.refusal('withdraw', owner, { amount: 1n }, theirs)).toBe('notOwner');
    expect(
      await venue.refusal('withdraw', owner, { amount: 1n }, { accounts: { user: venue.exchange } }),
    ).toBe('foreignAccount');
    const forged = newSigner().address;
    const real = await bench.account(venue.userOf(owner));
    await bench.node.setAccount(forged, { lamports: sol, owner: owner.address, data: real!.data });
    expect(await venue.refusal('withdraw', owner, { amount: 1n }, { accounts: { user: forged } })).toBe(
      'foreignAccount',
    );
    await venue.act('openPosition', owner, { side: long, leverage: 5, size: sol });
    await venue.act('openPosition', other, { side: long, leverage: 5, size: sol });
    const position = { accounts: { position: venue.positionOf(other) } };
    expect(await venue.refusal('closePosition', owner, {}, position)).toBe('foreignAccount');
    expect(await venue.refusal('openPosition', owner, { side: long, leverage: 5, size: sol })).toBe(
      'alreadyExists',
    );
    expect(await venue.refusal('openPosition', owner, { side: 2, leverage: 5, size: sol })).toBe(
      'unknownSide',
    );
    expect(await venue.refusal('openPosition', owner, { side: long, leverage: 5, size: 0n })).toBe('nothing');
    const wrong = { accounts: { position: newSigner().address } };
    expect(await venue.refusal('openPosition', owner, { side: long, leverage: 5, size: sol }, wrong)).toBe(
      'wrongAddress',
    );
  });

  it('of the relayer and of the owner are both needed to open and to close', async () => {
    venue = await makeExchange(bench);
    const owner = await venue.user(5n * sol);
    const stranger = await bench.person();
    const change = { accounts: { relayer: stranger.address }, signers: [stranger] };
    const values = { side: long, leverage: 5, size: sol };
    expect(await venue.refusal('openPosition', owner, values, change)).toBe('notRelayer');
    expect(await venue.refusal('setMark', undefined, { price: 1n }, change)).toBe('notRelayer');
    expect(await venue.refusal('setMark', undefined, { price: 0n })).toBe('noPrice');
    await venue.act('openPosition', owner, values);
    expect(await venue.refusal('closePosition', owner, {}, change)).toBe('notRelayer');
    const close = venue.call('closePosition', owner);
    const unsigned = {
      ...close,
      accounts: close.accounts.map((use, at) => (at === 0 ? { ...use, signer: false } : use)),
    };
    expect(await venue.refusalOf(unsigned, venue.relayer)).toBe('notSigned');
  });

  it('of roles pass on by the admin', async () => {
    venue = await makeExchange(bench);
    const next = await bench.person();
    const roles = { admin: next.address, relayer: venue.relayer.address, guardian: venue.guardian.address };
    await venue.act('setRoles', undefined, roles);
    expect(await venue.refusal('setRoles', undefined, roles)).toBe('notAdmin');
    expect(await venue.read(venue.exchange)).toMatchObject({ admin: next.address });
  });

  it('of the wrong number and instructions that are none are refused', async () => {
    venue = await makeExchange(bench);
    const mark = venue.call('setMark', undefined, { price: 1n });
    const few = { ...mark, accounts: mark.accounts.slice(0, 2) };
    expect(await venue.refusalOf(few, venue.relayer)).toBe('missingAccounts');
    const longer = { ...mark, data: Uint8Array.of(...mark.data, 0) };
    expect(await venue.refusalOf(longer, venue.relayer)).toBe('malformedInstruction');
    for (const tag of [18, 255]) {
      const none = { ...mark, data: Uint8Array.of(tag) };
      expect(await venue.refusalOf(none, venue.relayer)).toBe('malformedInstruction');
    }
    expect(await venue.refusal('setLimits', undefined, { limited: 2, ...betaLimits })).toBe(
      'malformedInstruction',
    );
  });
});
