import { describe, expect, it } from 'vitest';
import {
  explorerProblems,
  pageOf,
  whySkipped,
  type ExplorerRef,
} from '@cutover/chain/plan/verification/explorer.ts';
import { changedReports, lostReports, printReports } from '@cutover/chain/plan/verification/lines.ts';
import { beginTurn, newStanding, type Standing } from '@cutover/chain/plan/verification/standing.ts';
import {
  anythingDue,
  choose,
  reportOf,
  standingOf,
  tasksOf,
  type Reports,
} from '@cutover/chain/plan/verification/tasks.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const apiKey = { kind: 'env', name: 'KEY' } as const;
const etherscan: ExplorerRef = { kind: 'etherscan', apiKey };
const vault = { contract: 'Vault', address: `0x${'11'.repeat(20)}` };
const proxy = { contract: 'Proxy', address: `0x${'22'.repeat(20)}`, implementation: vault.address };
const since = new Date(now).toISOString();
const verified: Standing = { status: 'verified', since, attempts: 0 };

describe('a list of explorers', () => {
  const problems = (...explorers: readonly object[]): readonly string[] =>
    explorerProblems(explorers as ExplorerRef[]);

  it('may be Etherscan, Sourcify and others, and servers on this machine', () => {
    expect(
      problems(
        etherscan,
        { kind: 'sourcify' },
        { kind: 'etherscan', url: 'https://eth.blockscout.com/api' },
        { kind: 'etherscan', url: 'https://x.org/api', apiKey: { kind: 'ssm', name: '/a/prod/b/c' } },
        { kind: 'etherscan', url: 'http://127.0.0.1:4000/api', requestsPerSecond: 0.5 },
        { kind: 'sourcify', url: 'http://[::1]:5555' },
        { kind: 'sourcify', url: 'http://localhost:5555/server/' },
      ),
    ).toEqual([]);
  });

  it.each([
    [{ kind: 'blockscout' }, /kind: "blockscout" is neither/],
    [{ kind: 'etherscan' }, /apiKey: missing/],
    [{ kind: 'etherscan', apiKey: 'ABCDEF' }, /apiKey: not a reference/],
    [{ kind: 'etherscan', apiKey: { kind: 'plain', name: 'ABCDEF' } }, /apiKey: not a reference/],
    [{ kind: 'sourcify', url: 'sourcify.dev' }, /url: not a URL/],
    [{ kind: 'sourcify', url: 'http://sourcify.dev' }, /url: not https/],
    [{ kind: 'sourcify', url: 'http://127.0.0.1.evil.org' }, /url: not https/],
    [{ kind: 'sourcify', url: 'ftp://127.0.0.1' }, /url: not https/],
    [{ kind: 'etherscan', url: 'https://x.org/api?apikey=ABCDEF' }, /url: it has a user, a query/],
    [{ kind: 'etherscan', url: 'https://ABCDEF@x.org/api' }, /url: it has a user/],
    [{ kind: 'sourcify', requestsPerSecond: 0 }, /requestsPerSecond: not a number above 0/],
  ])('is refused with %j', (explorer, problem) => {
    const [first] = problems(explorer);
    expect(first).toMatch(problem);
    expect(first).not.toContain('ABCDEF');
  });

  it('has each one once', () => {
    const secret = { kind: 'etherscan', url: 'https://x.org/api?k=ABCDEF' };
    expect(problems({ kind: 'sourcify' }, { kind: 'sourcify' })).toEqual([
      'explorers[1]: the same as explorers[0]',
    ]);
    expect(problems(secret, secret).join()).not.toContain('ABCDEF');
  });
});

describe('an explorer', () => {
  it('has a page for people', () => {
    expect(pageOf(etherscan, 84532, '0xa')).toBe('https://sepolia.basescan.org/address/0xa#code');
    expect(pageOf(etherscan, 424242, '0xa')).toBe('https://blockscan.com/address/0xa');
    expect(pageOf({ kind: 'etherscan', url: 'https://eth.blockscout.com/api/' }, 1, '0xa')).toBe(
      'https://eth.blockscout.com/address/0xa#code',
    );
    expect(pageOf({ kind: 'sourcify' }, 1, '0xa')).toBe('https://repo.sourcify.dev/1/0xa');
  });

  it('is left out on the local chain, unless it is local itself', () => {
    expect(whySkipped(etherscan, 31337)).toContain('local chain');
    expect(whySkipped(etherscan, 1)).toBeUndefined();
    expect(whySkipped({ kind: 'sourcify', url: 'http://127.0.0.1:1' }, 31337)).toBeUndefined();
  });
});

describe('the tasks', () => {
  const tasks = tasksOf([vault, proxy], [etherscan]);
  const turns = (standings: readonly Standing[]) =>
    new Map(tasks.map(({ key }, index) => [key, beginTurn(standings[index] ?? verified, now, 'due')]));

  it('are the sources of each contract, and implementations where the explorer does not find them', () => {
    expect(tasks.map(({ what }) => what)).toEqual(['source', 'source', 'proxy']);
    expect(new Set(tasks.map(({ key }) => key)).size).toBe(3);
    expect(tasksOf([proxy], [{ kind: 'sourcify' }]).map(({ what }) => what)).toEqual(['source']);
  });

  it('begin with the sources: a proxy waits for its own', () => {
    const fresh = newStanding(now);
    expect(choose(tasks, turns([verified, fresh, fresh]), now)).toMatchObject({ task: { what: 'source' } });
    expect(choose(tasks, turns([verified, verified, fresh]), now)).toMatchObject({ task: { what: 'proxy' } });
    const failed: Standing = { status: 'failed', reason: 'x', since, attempts: 3 };
    expect(choose(tasks, turns([verified, failed, fresh]), now)).toEqual({ kind: 'done' });
    expect(choose(tasks, turns([verified, verified, verified]), now)).toEqual({ kind: 'done' });
  });

  it('hand over what is begun before anything else is looked at, and ask for results last', () => {
    const all = turns([newStanding(now), newStanding(now), verified]);
    const [first, second] = tasks;
    const of = (key = ''): NonNullable<ReturnType<typeof all.get>> =>
      all.get(key) ?? beginTurn(verified, now, 'due');
    all.set(second?.key ?? '', { ...of(second?.key), next: 'submit' });
    expect(choose(tasks, all, now)).toMatchObject({ step: 'submit', task: { key: second?.key } });
    all.set(second?.key ?? '', { ...of(second?.key), next: 'check' });
    expect(choose(tasks, all, now)).toMatchObject({ step: 'look', task: { key: first?.key } });
    all.set(first?.key ?? '', { ...of(first?.key), next: 'check', readyAt: now + 9 });
    all.set(second?.key ?? '', { ...of(second?.key), next: 'check', readyAt: now + 5 });
    expect(choose(tasks, all, now)).toEqual({ kind: 'wait', until: now + 5 });
  });

  it('are due when one of them is that can be begun', () => {
    const reports = (standings: readonly Standing[]): Reports =>
      Object.fromEntries(
        tasks.map((task, index) => [task.key, reportOf(task, 1, standings[index] ?? verified)]),
      );
    const failed: Standing = { status: 'failed', reason: 'x', since, attempts: 3 };
    expect(anythingDue(tasks, 1, {}, now)).toBe(true);
    expect(anythingDue(tasks, 1, reports([verified, verified, verified]), now)).toBe(false);
    expect(anythingDue(tasks, 1, reports([verified, verified, newStanding(now)]), now)).toBe(true);
    expect(anythingDue(tasks, 1, reports([verified, failed, newStanding(now)]), now)).toBe(false);
    expect(anythingDue(tasks, 31337, {}, now)).toBe(false);
  });

  it('begin anew where they were skipped before and are not any more', () => {
    const [task] = tasks;
    if (task === undefined) throw new Error('no task');
    const skipped = standingOf(task, 31337, {}, now);
    expect(skipped.status).toBe('skipped');
    const reports = { [task.key]: reportOf(task, 31337, skipped) };
    expect(standingOf(task, 31337, reports, now + 5)).toEqual(skipped);
    expect(standingOf(task, 1, reports, now)).toEqual(newStanding(now));
  });
});

describe('what is told', () => {
  const task = (index: number, explorer: ExplorerRef = etherscan) => {
    const subject = { contract: `C${index}`, address: `0x${String(index).repeat(40)}` };
    return tasksOf([subject], [explorer])[0] ?? tasksOf([vault], [etherscan])[0];
  };
  const report = (index: number, standing: Standing) => {
    const one = task(index);
    if (one === undefined) throw new Error('no task');
    return reportOf(one, 1, standing);
  };
  const retryAt = '2026-01-01T00:01:00.000Z';

  it('is one line for contracts with one fate', () => {
    const silent: Standing = { status: 'unreachable', reason: 'no answer', since, attempts: 1, retryAt };
    expect(printReports([1, 2, 3, 4, 5, 6].map((index) => report(index, silent)))).toEqual([
      `warning: not verified by etherscan: the sources of C1 at 0x${'1'.repeat(40)}, C2 at 0x${'2'.repeat(40)}, ` +
        `C3 at 0x${'3'.repeat(40)}, C4 at 0x${'4'.repeat(40)} and 2 more: no answer; an update after ${retryAt} tries again`,
    ]);
  });

  it('is a line of its own for what is shown or refused', () => {
    const lines = printReports([
      report(1, { ...verified, match: 'exact' }),
      report(2, verified),
      report(3, { status: 'failed', reason: 'it says: no', since, attempts: 3 }),
      report(4, { status: 'pending', since, attempts: 1, retryAt }),
      report(5, { status: 'unknown', since, attempts: 0 }),
    ]);
    const at = (index: number): string => `C${index} at 0x${String(index).repeat(40)}`;
    const page = (index: number): string => `https://etherscan.io/address/0x${String(index).repeat(40)}#code`;
    expect(lines).toEqual([
      `verified by etherscan (exact match): the sources of ${at(1)}: ${page(1)}`,
      `verified by etherscan: the sources of ${at(2)}: ${page(2)}`,
      `warning: not verified by etherscan: the sources of ${at(3)}: it says: no; it is not tried again by itself`,
      `pending with etherscan: the sources of ${at(4)}; an update after ${retryAt} tries again`,
      `not yet asked of etherscan: the sources of ${at(5)}; the next update does it`,
    ]);
  });

  it('is what an update changed, and each attempt that failed', () => {
    const silent = (attempts: number): Standing => ({ status: 'unreachable', reason: 'x', since, attempts });
    const before = { a: report(1, verified), b: report(2, silent(1)), c: report(3, silent(1)) };
    const after = {
      a: report(1, verified),
      b: report(2, silent(2)),
      c: report(3, silent(1)),
      d: report(4, verified),
    };
    expect(changedReports(before, after)).toEqual([after.b, after.d]);
    expect(lostReports({ a: report(1, verified) }, { a: report(1, newStanding(now)) })).toHaveLength(1);
    expect(lostReports({ a: report(1, silent(1)) }, { a: report(1, newStanding(now)) })).toEqual([]);
  });
});
