import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { processCommand, processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { hasSolanaBuild } from '@cutover/delivery/processes/kinds/solana-node.ts';
import type { SystemReport } from '../../infra/report.ts';
import { loadStackConfig } from '../../ops/config.ts';
import { orphansOf } from '../../ops/orphans/plan.ts';
import { openTwinSource } from '../../ops/orphans/twin-source.ts';
import { changesFor, withChange } from '../../ops/rehearse/changes.ts';
import { clearStage, setStage, type RehearsalStage } from '../../ops/rehearse/stage.ts';
import { standInsFor, type StandIns } from '../../ops/rehearse/stand-ins.ts';
import { readLocalState } from '../../ops/stack-state.ts';
import { byPeople } from '../../ops/twin/put-parameter.ts';
import { runEngineIn, type Run } from '../engine/run-program.ts';
import { randomOf } from './random.ts';

// All five systems of staging, contracts and cloud together, on a rehearsal's stage: the engine is killed again and again
// at any moment of an update, of each change and of the destroy. Only with CUTOVER_LONG=1: it takes a quarter of an hour.
const long = process.env['CUTOVER_LONG'] === '1';
const kills = 30;
let seed = Number(process.env['CUTOVER_SEED'] ?? 1);

let folder: string;
let stage: RehearsalStage;
let standIns: StandIns;

async function begin(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'killed-rehearsal-'));
  const config = await loadStackConfig('staging');
  standIns = standInsFor(readFileSync(join(projectRoot, 'Pulumi.staging.yaml'), 'utf8'), config, {
    seed: String(seed),
    withoutSolana: hasSolanaBuild() ? undefined : `${process.platform}-${process.arch}`,
  });
  stage = await setStage('staging', folder, standIns, { seed: String(seed), live: false });
}
afterEach(async () => {
  await stage.end();
  await clearStage(folder);
  rmSync(folder, { recursive: true, force: true });
});

const tag = (): string => `killed rehearsal in ${folder}`;

function run(args: readonly string[], onStart?: (pid: number) => void): Promise<Run> {
  const env = { ...stage.env, CUTOVER_ENGINE: tag() };
  return runEngineIn(projectRoot, [...args, ...stage.twin.args], env, onStart);
}

const up = ['up', '--yes', '--skip-preview'];
const destroy = ['destroy', '--yes', '--skip-preview'];

/** Kills the engine after some seconds; false when it ended before. */
async function killWhile(args: readonly string[], seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const { exit } = await run(args, (pid) => {
    timer = setTimeout(() => process.kill(pid, 'SIGKILL'), seconds * 1000);
  });
  clearTimeout(timer);
  // What the engine started ends by itself; until then it may still write.
  const ours = (): Promise<readonly number[]> => processesWithEnvironment('CUTOVER_ENGINE', tag());
  for (let tries = 0; tries < 100 && (await ours()).length > 0; tries++) await sleep(100);
  for (const pid of await ours()) {
    // A provider that nothing was asked of yet does not look for its parent.
    expect(await processCommand(pid)).toContain('dynamic-provider');
    process.kill(pid, 'SIGKILL');
  }
  await runEngineIn(projectRoot, ['cancel', '--yes', '--stack', 'staging'], stage.env);
  return exit === null;
}

async function waits(): Promise<readonly string[]> {
  const file = join(folder, 'state', '.pulumi', 'stacks', 'cutover', 'staging.json');
  const state = await readLocalState('staging', file);
  const systems: Readonly<Record<string, SystemReport>> = state?.systems ?? {};
  return Object.values(systems).flatMap((system) => system.waits ?? []);
}

/** What is in the cloud and in no state, deleted as `./cutover orphans --twin --delete` does. */
async function clearOrphans(): Promise<readonly string[]> {
  const source = await openTwinSource('staging', folder, 'staging');
  try {
    const ours = await source.ours();
    const found = orphansOf(ours, (await source.state()).resources);
    const { stays } = await source.delete(found);
    expect(stays).toEqual([]);
    return found.map(({ type }) => type);
  } finally {
    source.close();
  }
}

const left: string[] = [];
/** Runs until nothing fails and nothing waits; what is in the way of a name that it wants goes as an operator has it go. */
async function untilSettled(args: readonly string[]): Promise<void> {
  let failures = 0;
  for (let runs = 0; runs < 12; runs++) {
    const { exit, text } = await run(args);
    if (exit !== 0) {
      const orphans = await clearOrphans();
      left.push(...orphans);
      if (orphans.length === 0 || ++failures > 3) throw new Error(`It failed by itself:\n${text}`);
      continue;
    }
    if (args === destroy || (await waits()).length === 0) return;
    await Promise.all(stage.nodes.map((node) => node.passTime(standIns.delaySeconds)));
  }
  throw new Error('It did not come to an end in 12 runs.');
}

interface Sent {
  readonly chain: string;
  readonly from: string;
  readonly to: string | null;
  readonly input: string;
  readonly hash: string;
}

/** Every transaction on a chain that a key of the stack has sent. */
async function sentOn({
  name,
  url,
}: {
  readonly name: string;
  readonly url: string;
}): Promise<readonly Sent[]> {
  const ask = async <T>(method: string, params: readonly unknown[]): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return ((await answer.json()) as { result: T }).result;
  };
  const height = Number(await ask<string>('eth_blockNumber', []));
  const sent: Sent[] = [];
  for (let from = 0; from <= height; from += 100) {
    const numbers = Array.from({ length: Math.min(100, height - from + 1) }, (_, i) => from + i);
    const blocks = await Promise.all(
      numbers.map((number) =>
        ask<{ transactions: Sent[] }>('eth_getBlockByNumber', [`0x${number.toString(16)}`, true]),
      ),
    );
    sent.push(
      ...blocks.flatMap(({ transactions }) => transactions.map((each) => ({ ...each, chain: name }))),
    );
  }
  return sent;
}

/** What was sent more than once, from the same key, to the same address, with the same data. */
async function sentTwice(): Promise<readonly string[]> {
  const chains = stage.nodes.filter(({ name }) => standIns.chains.some((each) => each.name === name));
  const all = (await Promise.all(chains.map(sentOn))).flat();
  const counts = new Map<string, number>();
  for (const { chain, from, to, input } of all) {
    const key = `${chain} ${from} -> ${to} ${input.slice(0, 74)} (${input.length})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([key, count]) => `${count} x ${key}`);
}

/** Things of the cloud that the program made and the state knows, once each; and nothing else. */
async function expectNothingDoubled(): Promise<void> {
  left.push(...(await clearOrphans()));
  const file = join(folder, 'state', '.pulumi', 'stacks', 'cutover', 'staging.json');
  const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly checkpoint: {
      readonly latest?: { readonly resources?: readonly { id?: string; type: string }[] };
    };
  };
  const inState = (checkpoint.latest?.resources ?? [])
    .filter(({ type, id }) => /^(aws|cloudflare|random|tls):/.test(type) && id !== undefined)
    .map(({ type }) => type)
    .sort();
  const things = stage.cloud
    .things()
    .filter(({ urn }) => urn !== byPeople)
    .map(({ type }) => type)
    .sort();
  expect(things).toEqual(inState);
  expect(await sentTwice()).toEqual([]);
}

describe.runIf(long)('kill -9 of the engine, with contracts and cloud on its hands', () => {
  it(
    `${kills} times: the next run goes on by itself, nothing is doubled, nothing is left`,
    async () => {
      const random = randomOf(seed);
      let [fell, tried] = [0, 0];
      const disturb = async (args: readonly string[], most: number, longest: number): Promise<void> => {
        for (let kill = 0; kill < most && tried < kills; kill++, tried++) {
          const seconds = 2 + random() * longest;
          if (await killWhile(args, seconds)) fell++;
          // Every other time somebody looks and clears before the next run.
          if (random() < 0.5) left.push(...(await clearOrphans()));
        }
        await untilSettled(args);
      };
      while (tried < kills) {
        await begin();
        await disturb(up, 7, 20);
        await expectNothingDoubled();
        let text = standIns.text;
        const config = await loadStackConfig('staging');
        for (const change of changesFor(config, standIns.systems)) {
          text = withChange(text, change);
          await stage.describe(text);
          await disturb(up, change.isOnChain === true ? 4 : 1, change.isOnChain === true ? 20 : 10);
        }
        await expectNothingDoubled();
        const again = await run([...up, '--expect-no-changes']);
        expect([again.exit, again.exit === 0 ? '' : again.text]).toEqual([0, '']);
        await disturb(destroy, 2, 8);
        await clearOrphans();
        expect(stage.cloud.things().filter(({ urn }) => urn !== byPeople)).toEqual([]);
        await stage.end();
        await clearStage(folder);
        seed++;
      }
      process.stdout.write(
        `${kills} kills, ${fell} in the middle; left behind: ${left.join(', ') || 'nothing'}\n`,
      );
      expect(fell).toBeGreaterThan(kills / 2);
    },
    kills * 120_000,
  );
});
