import { describe, expect, it } from 'vitest';
import { exchangeKeys } from '../../infra/exchanges.ts';
import { chooseRollback, type RollbackChoice } from '../../ops/exchange/choose.ts';
import { balanceLines, exchangeRollbackLines, type ExchangeRollback } from '../../ops/exchange/report.ts';
import { configOf } from '../infra/config-kit.ts';

const hashes = { v1: 'a', v2: 'b', v3: 'c' };
const choice: RollbackChoice = {
  ...{ stack: 'dev', system: 'godark', what: 'the exchange', hashes },
  ...{ to: undefined, record: undefined, runs: 'b', ranBefore: 'a', current: 'v2', lastTo: undefined },
};

describe('from which release to which', () => {
  it.each<[string, Partial<RollbackChoice>, { from: string; to: string }]>([
    ['what ran before', {}, { from: 'v2', to: 'v1' }],
    ['what is named', { to: 'v3' }, { from: 'v2', to: 'v3' }],
    [
      'what runs, where an upgrade is only proposed',
      { runs: 'a', ranBefore: undefined },
      { from: 'v2', to: 'v1' },
    ],
    ['the one that is under way', { record: { from: 'v3', to: 'v2' }, runs: 'c' }, { from: 'v3', to: 'v2' }],
    [
      'the one that is under way, when the file says its end already',
      { record: { from: 'v2', to: 'v1' }, current: 'v1' },
      { from: 'v2', to: 'v1' },
    ],
    [
      'the same command behind a rollback',
      { runs: 'a', current: 'v1', ranBefore: 'b', lastTo: 'v1' },
      { from: 'v1', to: 'v1' },
    ],
    ['a rollback long ago', { lastTo: 'v1' }, { from: 'v2', to: 'v1' }],
  ])('%s', (_, given, expected) => {
    expect(chooseRollback({ ...choice, ...given })).toEqual(expected);
  });

  it.each([
    ['nothing is known', { ranBefore: undefined }, /CUT-5113 Nothing is known[^]*v1, v2, v3/],
    ['what ran before is no release of the file', { ranBefore: 'z' }, 'CUT-5113'],
    ['there is no such release', { to: 'v9' }, /CUT-5113 There is no release v9/],
    ['there is none of a name that objects have', { to: 'constructor' }, 'CUT-5113'],
    ['another is under way', { to: 'v3', record: { from: 'v2', to: 'v1' } }, /CUT-5574[^]*--to v1/],
  ])('is refused where %s', (_, given, refusal) => {
    expect(() => chooseRollback({ ...choice, ...given })).toThrow(refusal);
  });
});

describe('what is told of it', () => {
  const books = { exchange: '3302227200', tvl: '300000000', pool: '3000000000', rents: '9354240' };
  const before = { ...books, owners: [{ owner: 'Ann', wallet: '5', inExchange: '300000000', positions: 1 }] };
  const now = {
    ...{ exchange: '2997227200', tvl: '0', pool: '2995000000', rents: '0' },
    owners: [{ owner: 'Ann', wallet: '314354245', inExchange: '0', positions: 0 }],
  };
  const report: ExchangeRollback = {
    ...{ system: 'godark', what: 'the exchange', from: 'v2', to: 'v1', mode: 'running', state: 'done' },
    ...{ confirmed: [], left: [], waits: [], sent: [], before, now },
  };

  it('is every balance before and now, exact, with what changed', () => {
    const cells = balanceLines(before, now).map((line) => line.trim().split(/ {2,}/));
    expect(cells).toEqual([
      [''],
      ['BALANCES (SOL)', 'BEFORE', 'NOW', 'CHANGE'],
      ['the exchange', '3.3022272', '2.9972272', '-0.305'],
      ['of users', '0.3', '0', '-0.3'],
      ['of the pool', '3', '2.995', '-0.005'],
      ['rents of their accounts', '0.00935424', '0', '-0.00935424'],
      ['Ann', '0.000000005', '0.314354245', '+0.31435424'],
    ]);
  });

  it('says what runs, and a pause that was no part of it', () => {
    expect(exchangeRollbackLines('dev', report).join('\n')).toMatch(
      /Runs now: v1 [^]*everybody may trade[^]*release: v2/,
    );
    expect(exchangeRollbackLines('dev', { ...report, mode: 'stopped' }).join('\n')).toContain(
      './cutover resume dev godark',
    );
  });

  it('says what a council lacks, and that it stays paused', () => {
    const waiting = {
      ...report,
      state: 'waiting',
      confirmed: ['pause'],
      left: ['old program', 'resume'],
      waits: ['1 more approval'],
    } as const;
    expect(exchangeRollbackLines('dev', waiting).join('\n')).toMatch(
      /stays paused[^]*done {2}pause[^]*next {2}old program[^]*then {2}resume[^]*1 more approval/,
    );
  });
});

describe('the exchange of a stack', () => {
  it('is GoDark on dev; a stack without programs has none', () => {
    const config = configOf('dev');
    const { godark } = exchangeKeys(config);
    expect(godark).toMatchObject({
      current: 'v1',
      resources: { program: 'perps', upgrade: 'perps-upgrade' },
    });
    expect(godark?.releases['v1']?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const { programs: _, ...without } = config.systems.godark;
    expect(exchangeKeys({ ...config, systems: { ...config.systems, godark: without } })).toEqual({});
  });
});
