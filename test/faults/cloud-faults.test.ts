import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { orphansOf } from '../../ops/orphans/plan.ts';
import { openTwinSource } from '../../ops/orphans/twin-source.ts';
import type { KeptThing } from '../../ops/twin/cloud.ts';
import { done } from '../engine/run-program.ts';
import { makeCloudStack, type CloudStack } from './cloud-stack.ts';
import { randomOf } from './random.ts';

// The real engine against the twin: an API on Fargate with all that it stands on, in one network. CUTOVER_LONG=1 takes
// every call and 100 kills; else it is a sample, drawn from the seed, so that a failure comes again.
const long = process.env['CUTOVER_LONG'] === '1';
const seed = Number(process.env['CUTOVER_SEED'] ?? 1);
const kills = long ? 100 : 4;

let stack: CloudStack;
let types: readonly string[];
beforeAll(async () => {
  stack = await makeCloudStack('aws-network');
  done(await stack.run('up'));
  types = [...new Set(stack.cloud.things().map(({ type }) => type))].sort();
  done(await stack.run('destroy'));
});
afterAll(() => stack.remove());

/** The types whose calls fail. */
function sample(count: number, salt: number): readonly string[] {
  const random = randomOf(seed * 1000 + salt);
  const ranked = types.map((type) => ({ type, rank: random() })).sort((a, b) => a.rank - b.rank);
  return long ? types : ranked.slice(0, count).map(({ type }) => type);
}

function fail(operation: string, how: string, which: readonly string[]): void {
  stack.cloud.setFaults(which.map((type) => `${operation} ${type} #1 ${how}`));
}

interface Left {
  /** How often it failed. */
  readonly failures: number;
  /** Things that the next run met under a name that it wanted: it was refused until they were gone. */
  readonly inTheWay: readonly KeptThing[];
}

/** Runs a command until it succeeds. What stands in its way and is in no state is deleted, as one would by hand. */
async function untilDone(command: string): Promise<Left> {
  const inTheWay: KeptThing[] = [];
  for (let failures = 0; failures < 250; failures++) {
    const before = stack.cloud.ledger().length;
    const { exit, text } = await stack.run(command);
    if (exit === 0) return { failures, inTheWay };
    if (text.includes('set by hand')) continue;
    const orphans = stack.orphans();
    const refused = refusedSince(before);
    const own = orphans.filter(({ urn }) => refused.has(urn));
    // What a delete is refused for is another thing than the one that stays.
    const found = own.length === 0 && command === 'destroy' ? orphans : own;
    if (found.length === 0) throw new Error(`It failed by itself:\n${text}`);
    for (const orphan of found) stack.cloud.take(orphan);
    inTheWay.push(...found);
  }
  throw new Error('It did not come to an end in 250 runs.');
}

/** The resources whose calls were refused. */
function refusedSince(calls: number): ReadonlySet<string> {
  const rows = stack.cloud.ledger().slice(calls);
  return new Set(rows.filter(({ outcome }) => outcome === 'refused').map(({ urn }) => urn));
}

function expectNothingDoubled(): void {
  expect(stack.things()).toEqual(stack.state());
}

describe.each(['before', 'after'] as const)('a call that fails once %s its effect', (how) => {
  it('of every create: up goes on where it was, and nothing is doubled', async () => {
    fail('create', how, sample(3, 1));
    const { failures, inTheWay } = await untilDone('up');
    expect(failures).toBeGreaterThan(0);
    expect(inTheWay).toEqual([]);
    expectNothingDoubled();
  });

  it('of every update: up goes on', async () => {
    stack.wants = { zones: 2, release: how === 'before' ? 'b' : 'c', tasks: how === 'before' ? 3 : 4 };
    fail('update', how, types);
    const { failures } = await untilDone('up');
    expect(failures).toBeGreaterThan(0);
    expectNothingDoubled();
  });

  it('of every delete: destroy goes on, and nothing is left', async () => {
    fail('delete', how, sample(3, 2));
    const { failures } = await untilDone('destroy');
    expect(failures).toBeGreaterThan(0);
    expect(stack.things()).toEqual([]);
  });
});

describe('a create whose answer is lost', () => {
  it('leaves what the state does not know: in the way, or beside', async () => {
    const which = sample(4, 3);
    fail('create', 'lost', which);
    const { failures, inTheWay } = await untilDone('up');
    const beside = stack.orphans();
    report(`${which.length} kinds lost an answer, ${failures} runs failed`, inTheWay, beside);
    expect(inTheWay.length + beside.length).toBeGreaterThan(0);
    // Everything that the state knows is there, once; what is beside it is what was lost.
    const lost = new Set(beside.map(({ id }) => id));
    expect(stack.state()).toEqual(
      stack.things().filter((each) => ![...lost].some((id) => each.includes(id))),
    );
    await clear();
  });
});

describe('kill -9 of the engine', () => {
  it(
    `${kills} times at any moment: the next run goes on, and what the state does not know is counted`,
    async () => {
      const random = randomOf(seed);
      const inTheWay: KeptThing[] = [];
      const beside: KeptThing[] = [];
      let fell = 0;
      for (let kill = 0; kill < kills; kill++) {
        const command = kill % 2 === 0 ? 'up' : 'destroy';
        if (await killWhile(command, Math.floor(random() * 60))) fell++;
        const left = await untilDone(command);
        inTheWay.push(...left.inTheWay);
        if (command === 'up') beside.push(...(await clearOrphans()));
        expectNothingDoubled();
      }
      report(`${kills} kills, ${fell} of them in the middle`, inTheWay, beside);
      expect(fell).toBeGreaterThan(0);
      // A kill and what mends it takes eleven seconds where nothing else runs.
    },
    Math.max(900_000, kills * 60_000),
  );
});

/** Kills the engine when so many calls were made; false when it ended before. */
async function killWhile(command: string, calls: number): Promise<boolean> {
  const from = stack.cloud.ledger().length;
  let ended = false;
  const running = stack.run(command, (pid) => {
    void (async () => {
      for (let tries = 0; tries < 3000 && !ended; tries++) {
        if (stack.cloud.ledger().length - from > calls) return process.kill(pid, 'SIGKILL');
        await sleep(10);
      }
    })();
  });
  const { exit } = await running;
  ended = true;
  // What the engine started ends by itself; until then it may still write.
  for (let tries = 0; tries < 100; tries++) {
    if ((await processesWithEnvironment('CUTOVER_TWIN', stack.folder)).length === 0) break;
    await sleep(100);
  }
  await stack.run('cancel');
  return exit !== 0;
}

/** Deletes what is in no state as `./cutover orphans --delete` does, and says what it was. */
async function clearOrphans(): Promise<readonly KeptThing[]> {
  const orphans = stack.orphans();
  const source = await openTwinSource('trial', stack.folder, 'staging', 'aws-network');
  try {
    const found = orphansOf(await source.ours(), (await source.state()).resources);
    expect((await source.delete(found)).stays).toEqual([]);
  } finally {
    source.close();
  }
  expect(stack.orphans()).toEqual([]);
  return orphans;
}

async function clear(): Promise<void> {
  stack.cloud.setFaults([]);
  await clearOrphans();
  done(await stack.run('destroy'));
  expect(stack.things()).toEqual([]);
}

function report(what: string, inTheWay: readonly KeptThing[], beside: readonly KeptThing[]): void {
  const kinds = (things: readonly KeptThing[]): string =>
    things.map(({ type }) => type.split(':').at(-1)).join(', ');
  process.stdout.write(
    `${what}; in the way: ${inTheWay.length} (${kinds(inTheWay)}); beside: ${beside.length} (${kinds(beside)})\n`,
  );
}
