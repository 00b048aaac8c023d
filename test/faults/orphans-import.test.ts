import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { orphans } from '../../ops/orphans.ts';
import { partsOfArn } from '../../ops/orphans/arn.ts';
import { askProgram } from '../../ops/orphans/cli.ts';
import { importOrphans } from '../../ops/orphans/import.ts';
import type { Found, Known } from '../../ops/orphans/plan.ts';
import { openTwinSource } from '../../ops/orphans/twin-source.ts';
import { readEngineLocks } from '../../ops/stack-state.ts';
import type { KeptThing } from '../../ops/twin/cloud.ts';
import { changesSince, done, lastCall } from '../engine/run-program.ts';
import { makeOrphansStack, type OrphansStack } from './orphans-stack.ts';

// The real engine against the twin, killed in the middle of making an API on Fargate with all that it stands on.
// CUTOVER_LONG=1 takes every moment.
const moments = [10, 25, 40, 60, 75, 90, 110];
const chosen = process.env['CUTOVER_LONG'] === '1' ? moments : [60];

let stack: OrphansStack;
beforeEach(async () => {
  stack = await makeOrphansStack('aws-network');
  vi.stubEnv('CUTOVER_TWIN', stack.folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stack?.settled();
  stack.remove();
});

const up = ['up', '--yes', '--skip-preview'];

interface Report {
  readonly orphans: readonly {
    readonly type: string;
    readonly id: string;
    readonly resource?: string;
    readonly cost: string;
  }[];
  readonly imported?: readonly { readonly id: string; readonly urn: string }[];
  readonly stays?: readonly { readonly id: string; readonly why: string }[];
  readonly replaced?: readonly string[];
}

async function run(more: object = {}): Promise<{ exit: number; report: Report }> {
  let said = '';
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((said += String(text)), true));
  const quiet = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const options = { twin: true, delete: false, import: false, yes: false, json: true };
    const exit = await orphans('staging', { ...options, ...more }, stack.program);
    return { exit, report: JSON.parse(said) as Report };
  } finally {
    write.mockRestore();
    quiet.mockRestore();
  }
}

const adopt = { import: true, yes: true };

interface State {
  resources: {
    urn: string;
    type: string;
    id?: string;
    outputs?: { arn?: string };
    inputs?: Record<string, unknown>;
  }[];
  pending_operations?: unknown[];
}
interface Checkpoint {
  checkpoint: { latest: State };
}
const stateFile = (): string => join(stack.folder, 'state/.pulumi/stacks/cutover/staging.json');
const checkpoint = (): Checkpoint => JSON.parse(readFileSync(stateFile(), 'utf8')) as Checkpoint;

const nameOf = ({ type, id, outputs }: { type: string; id?: string; outputs?: { arn?: unknown } }): string =>
  `${type} ${typeof outputs?.arn === 'string' ? outputs.arn : id}`;
const inState = (): readonly string[] =>
  checkpoint()
    .checkpoint.latest.resources.filter(({ type, id }) => type.startsWith('aws:') && id !== undefined)
    .map(nameOf)
    .sort();
const inCloud = (): readonly string[] => stack.cloud.things().map(nameOf).sort();
const idsOf = (things: readonly { readonly id: string }[] = []): readonly string[] =>
  things.map(({ id }) => id).sort();

/** The next update only makes what is missing: it changes, deletes, replaces nothing, and is refused nothing. */
async function expectUpGoesOn(): Promise<void> {
  const since = lastCall(stack.cloud);
  const said = done(await stack.run(up));
  expect(said).not.toContain('interrupted while creating');
  expect(changesSince(stack.cloud, since).filter((each) => !each.startsWith('create'))).toEqual([]);
  expect(stack.cloud.ledger().filter(({ seq, outcome }) => seq > since && outcome === 'refused')).toEqual([]);
  expect(inState()).toEqual(inCloud());
  const again = lastCall(stack.cloud);
  done(await stack.run([...up, '--expect-no-changes']));
  expect(changesSince(stack.cloud, again)).toEqual([]);
}

describe('an engine that was killed', () => {
  it.each(chosen)('after %i calls: what it left is imported, and the next update goes on', async (calls) => {
    await stack.killAfter(calls);
    const before: readonly KeptThing[] = stack.cloud.things();
    const { report: listed } = await run();
    expect(listed.orphans.length).toBeGreaterThan(0);
    await expect(run({ import: true })).rejects.toMatchObject({ code: 'CUT-5477', exit: 2 });
    expect((await run()).report).toEqual(listed);
    const { exit, report } = await run(adopt);
    expect(report.stays).toEqual([]);
    expect(exit).toBe(0);
    expect(report.replaced).toEqual([]);
    expect(idsOf(report.imported)).toEqual(idsOf(listed.orphans));
    expectToBeWhatWasMade(report.imported ?? []);
    expect(stack.cloud.things()).toEqual(before);
    expect((await run(adopt)).report).toMatchObject({ orphans: [], imported: [] });
    await expectUpGoesOn();
  });
});

describe('an import that was killed', () => {
  it('goes on when it is run again', async () => {
    await stack.killAfter(70);
    const { report: listed } = await run();
    expect(await killImport()).toBe('killed');
    const { exit } = await run(adopt);
    expect(exit).toBe(0);
    expect((await run()).report.orphans).toEqual([]);
    expect(listed.orphans.length).toBeGreaterThan(0);
    await expectUpGoesOn();
  });
});

describe('a state that was lost, all but its components and providers', () => {
  it('comes back from what AWS lists, in two regions, and the rest from the twin', async () => {
    vi.stubEnv('WANTS', JSON.stringify({ regions: ['us-east-1', 'us-west-2'] }));
    done(await stack.run(up));
    const whole = inState();
    rewrite((resources) =>
      resources
        .filter(({ type, id }) => !type.startsWith('aws:') || id === undefined)
        .map((each) => ({ ...each, dependencies: [] })),
    );
    const source = await openTwinSource('staging', stack.folder, 'staging', 'cutover', stack.program);
    try {
      const listed = stack.cloud.things().flatMap(asListed);
      expect(new Set(listed.map(({ type }) => type)).size).toBeGreaterThan(20);
      const place = await source.program();
      const known = async (): Promise<readonly Known[]> => (await source.state()).resources;
      const asked = await askProgram(place);
      expect(asked.problem).toBeUndefined();
      const { into, stays, replaced } = await importOrphans(listed, { place, known }, asked);
      expect(stays).toEqual([]);
      expect(into).toHaveLength(listed.length);
      expect(replaced).toEqual([]);
      expect(into.filter(({ id }) => id.endsWith('@us-west-2')).length).toBeGreaterThan(10);
    } finally {
      source.close();
    }
    const { report } = await run(adopt);
    expect(report.stays).toEqual([]);
    expect(inState()).toEqual(whole);
    // What an import that was killed before its end leaves: a drawn name that reads as if it had been given.
    rewrite((resources) =>
      resources.map((each) =>
        each.type === 'aws:ecs/cluster:Cluster'
          ? { ...each, inputs: { ...each.inputs, __defaults: [] } }
          : each,
      ),
    );
    expect((await run(adopt)).exit).toBe(0);
    await expectUpGoesOn();
  });
});

/** Each is the one that the engine was making. */
function expectToBeWhatWasMade(imported: NonNullable<Report['imported']>): void {
  for (const { id, urn } of imported)
    expect(stack.cloud.things().filter((thing) => thing.urn === urn && thing.id === id)).toHaveLength(1);
}

/** A thing as AWS lists it; nothing where it carries no tags. */
function asListed({ inputs, outputs, region }: KeptThing): readonly Found[] {
  const { arn } = outputs;
  const { Name } = (inputs['tags'] ?? {}) as { readonly Name?: string };
  if (typeof arn !== 'string' || Name === undefined) return [];
  const { service, kind, id } = partsOfArn(arn);
  return [{ type: `${service}/${kind}`, id, arn, region, name: Name }];
}

/** Imports in another process, and kills that and its engine while it writes the state. */
async function killImport(): Promise<'killed' | 'was done already'> {
  const file = fromRoot('test/faults/orphans-process.ts');
  const words = ['--disable-warning=ExperimentalWarning', file, stack.program];
  // What it leaves behind goes with the stack.
  const env = { ...process.env, TMPDIR: stack.folder };
  const child = spawn(process.execPath, words, { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  for (let tries = 0; tries < 20_000 && child.exitCode === null; tries++) {
    const { locks } = await readEngineLocks('staging', join(stack.folder, 'state'));
    const engine = locks.find(({ pid }) => existsSync(`/proc/${pid}`));
    if (engine !== undefined) {
      await sleep(150);
      child.kill('SIGKILL');
      process.kill(engine.pid, 'SIGKILL');
      break;
    }
    await sleep(5);
  }
  const [exit] = (await ended) as [number | null];
  await stack.settled();
  return exit === null ? 'killed' : 'was done already';
}

function rewrite(change: (resources: State['resources']) => State['resources']): void {
  const { checkpoint: kept, ...rest } = checkpoint();
  const latest = { ...kept.latest, resources: change(kept.latest.resources) };
  writeFileSync(stateFile(), JSON.stringify({ ...rest, checkpoint: { ...kept, latest } }));
}
