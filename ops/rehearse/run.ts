import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { hasSolanaBuild } from '@cutover/delivery/processes/kinds/solana-node.ts';
import { alone } from '../../toolchain/lock.ts';
import { loadStackConfig } from '../config.ts';
import { runEngine, type EngineRun } from '../engine.ts';
import { onInterrupt } from '../interrupts.ts';
import { asksPolicies, preparePolicies } from '../policy.ts';
import { readLocalState } from '../stack-state.ts';
import type { Terminal } from '../terminal.ts';
import { edit } from '../twin/edit.ts';
import { byPeople } from '../twin/put-parameter.ts';
import { refuseOtherFolder, twinFolder } from '../twin/scratch.ts';
import { changesFor, plannedDrift, withChange } from './changes.ts';
import { answerProblems, askHost, keepAsking, liveLines, migrationsOf, type Traffic } from './live.ts';
import { clearStage, setStage, type RehearsalStage } from './stage.ts';
import { standInsFor, type StandIns } from './stand-ins.ts';
import { reportOf, settles, type Expected, type StepReport } from './step.ts';

/** How a stack is rehearsed. */
export interface RehearseOptions {
  /** Keys and secrets are drawn from it: the same seed makes the same ones. */
  readonly seed: string;
  /** @default the systems that the stack file enables */
  readonly only?: readonly string[];
  /** Leaves the stack up in the twin, and the folder. */
  readonly keep: boolean;
  /** Whether real things stand behind the cloud. @default false */
  readonly live?: boolean;
  /** @default .cutover/twin/STACK */
  readonly folder?: string;
}

/** A rehearsal and how it went. */
export interface Rehearsal {
  readonly stack: string;
  readonly seed: string;
  readonly systems: readonly string[];
  /** What stood in for what. */
  readonly replaced: readonly string[];
  readonly steps: readonly StepReport[];
  readonly seconds: number;
  readonly good: boolean;
  /** Whether it was told to stop. */
  readonly interrupted: boolean;
  /** Where it can be looked at, if it was kept. */
  readonly folder?: string;
}

/** Hears of a rehearsal while it goes on. */
export interface Audience {
  readonly onStart: (standIns: StandIns) => void;
  readonly onStep: (step: StepReport, said: readonly string[]) => void;
  readonly progress: (text: string) => void;
  /** It was told to stop, for the first time or again. */
  readonly onInterrupt: (time: number) => void;
}

/**
 * Rehearses a stack: preview, up, up again, changes, drift, destroy, on the twin and on local nodes, and judges each.
 * What was started is ended, whatever happens. SIDE EFFECTS: writes the scratch folder, runs the engine and nodes.
 */
export async function rehearse(
  stack: string,
  options: RehearseOptions,
  audience: Audience,
): Promise<Rehearsal> {
  const folder = resolve(options.folder ?? twinFolder(stack));
  const config = await loadStackConfig(stack);
  if (config.environment === 'dev') throw new CutoverError('CUT-5520', { stack });
  await refuseOtherFolder(folder);
  await refuseUnwritable(folder);
  const inUse = (): never => {
    throw new CutoverError('CUT-5522', { stack, folder });
  };
  return alone(`${folder}.lock`, inUse, async () => {
    const text = await readFile(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8');
    const planned = standInsFor(text, config, {
      ...options,
      withoutSolana: hasSolanaBuild() ? undefined : `${process.platform}-${process.arch}`,
    });
    const standIns =
      options.live === true ? { ...planned, lines: [...planned.lines, ...liveLines] } : planned;
    await clearStage(folder);
    const interrupted = watchForInterrupts(audience.onInterrupt);
    audience.onStart(standIns);
    const began = performance.now();
    let good = false;
    try {
      const { seed, live = false } = options;
      const stage = await setStage(stack, folder, standIns, { seed, live });
      try {
        const steps = await takeSteps({ stack, config, standIns, stage, audience, interrupted, options });
        good = steps.every(({ problems }) => problems.length === 0) && !interrupted.is();
        return {
          ...{ stack, seed: options.seed, systems: standIns.systems, replaced: standIns.lines, steps, good },
          ...{ seconds: secondsSince(began), interrupted: interrupted.is() },
          ...((options.keep || !good) && { folder }),
        };
      } finally {
        if (live && options.keep && good) stage.leave();
        else await stage.end();
      }
    } finally {
      interrupted.end();
      if (good && !options.keep) await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Before anything is begun. The lock is beside the folder. SIDE EFFECTS: makes the folder above. */
async function refuseUnwritable(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    // Only writing tells: root may do what the disk, or its kind of file system, then refuses.
    await rm(await mkdtemp(`${folder}.`), { recursive: true });
  } catch (error) {
    throw new CutoverError('CUT-5526', { folder, message: messageOf(error) }, { cause: error });
  }
}

interface Work {
  readonly stack: string;
  readonly config: Awaited<ReturnType<typeof loadStackConfig>>;
  readonly standIns: StandIns;
  readonly stage: RehearsalStage;
  readonly audience: Audience;
  readonly interrupted: { readonly is: () => boolean };
  readonly options: RehearseOptions;
}

/** What the engine was told to do in a step, once or several times. */
type Runs = (pulumi: (...args: readonly string[]) => Promise<EngineRun>) => Promise<unknown>;

const up = ['up', '--yes', '--skip-preview'] as const;
// A Safe approves at once, each time lock wants two updates: one that schedules, one that executes.
const mostUpdates = 8;

async function takeSteps(work: Work): Promise<readonly StepReport[]> {
  const { config, standIns, stage, interrupted, options } = work;
  const steps: StepReport[] = [];
  // After a step that failed the next would only say so again.
  const goesOn = (): boolean => !interrupted.is() && steps.every(({ problems }) => problems.length === 0);
  const take = async (name: string, expected: Expected, runs: Runs): Promise<void> => {
    if (goesOn()) steps.push(await takeStep(work, name, expected, runs));
  };
  const untilSettled: Runs = async (pulumi) => {
    for (let update = 1; update <= mostUpdates; update++) {
      const { outcome } = await pulumi(...up);
      if (outcome !== 'done' || interrupted.is() || (await waitsOf(work)).length === 0) return;
      await Promise.all(stage.nodes.map((node) => node.passTime(standIns.delaySeconds)));
    }
  };
  await take('preview', { kind: 'nothing changes' }, (pulumi) => pulumi('preview'));
  await take('up', { kind: 'comes up' }, untilSettled);
  const host = apiHost(work);
  if (host !== undefined && goesOn()) steps.push(await takeLook(work, host));
  await take('up again', { kind: 'nothing changes' }, (pulumi) => pulumi(...up, '--expect-no-changes'));
  let text = standIns.text;
  for (const change of changesFor(config, standIns.systems)) {
    const traffic =
      change.isRelease && host !== undefined ? keepAsking(stage.twin.folder, host, '/livez') : undefined;
    const { calls, isOnChain = false } = change;
    await take(change.name, { kind: 'calls', calls, isOnChain }, async (pulumi) => {
      text = withChange(text, change);
      await stage.describe(text);
      await untilSettled(pulumi);
    });
    const seen = await traffic?.();
    if (seen !== undefined && goesOn()) steps.push(tellTraffic(work, seen));
  }
  const drifts = stage.cloud.things().find(({ type }) => type === plannedDrift.type);
  if (drifts !== undefined) {
    const { type, property, value } = plannedDrift;
    await take(
      `drift: ${property} by hand, mended`,
      { kind: 'calls', calls: [`update ${type}`] },
      async (pulumi) => {
        edit(stage.cloud, drifts.id, `${property}=${value}`);
        await pulumi(...up, '--refresh');
      },
    );
  }
  if (options.keep) return steps;
  // In preview: without it the engine would delete as it goes, until it meets what is protected.
  const keeps = config.environment === 'prod' && stage.cloud.things().some(isOfTheProgram);
  if (keeps) {
    const expected: Expected = { kind: 'is refused', because: 'protected' };
    await take('destroy is refused', expected, (pulumi) => pulumi('destroy', '--yes'));
  } else {
    const destroy = ['destroy', '--yes', '--skip-preview'];
    await take('destroy', { kind: 'nothing is left' }, (pulumi) => pulumi(...destroy));
  }
  return steps;
}

async function takeStep(work: Work, name: string, expected: Expected, runs: Runs): Promise<StepReport> {
  const { stack, stage, audience } = work;
  const { cloud, nodes, twin, env } = stage;
  const policies = await preparePolicies(work.config, twin.folder);
  const began = performance.now();
  const since = cloud.ledger().at(-1)?.seq ?? 0;
  const sent = async (): Promise<number> =>
    (await Promise.all(nodes.map((node) => node.transactions()))).reduce((a, b) => a + b, 0);
  const said: string[] = [];
  const ended: EngineRun[] = [];
  const broken: string[] = [];
  // A node that was ended, a state on a full disk: it belongs to the step, and what the engine said to it.
  const breaks = (error: unknown): void => void broken.push(messageOf(error));
  const before = await sent().catch(breaks);
  await runs(async (...args) => {
    const terminal = listener(said, (text) => audience.progress(`${name}: ${text.trim()}`));
    // It was asked for while no engine was there to hear of it.
    if (work.interrupted.is()) {
      ended.push(notBegun);
      return notBegun;
    }
    // Not the tag of the stack itself: what ends left-overs of that must not end these.
    const run = await runEngine(
      `rehearsal of ${stack}`,
      [...args, ...twin.args, ...(asksPolicies(args[0] ?? '') ? policies.args : [])],
      env,
      terminal,
      undefined,
    );
    ended.push(run);
    return run;
  }).catch(breaks);
  const sum = (verb: string): number => ended.reduce((count, { done }) => count + (done[verb] ?? 0), 0);
  const waits = settles(expected) && broken.length === 0 ? await waitsOf(work).catch(breaks) : [];
  const after = broken.length === 0 ? await sent().catch(breaks) : undefined;
  const judged = reportOf(
    name,
    expected,
    {
      outcome: ended.at(-1)?.outcome ?? 'failed',
      said,
      waits: waits ?? [],
      engine: { created: sum('created'), updated: sum('updated'), removed: sum('removed') },
      ledger: cloud.ledger().filter(({ seq }) => seq > since),
      things: cloud.things().filter(isOfTheProgram).length,
      transactions: before === undefined || after === undefined ? 0 : after - before,
    },
    { seconds: secondsSince(began), runs: ended.length },
  );
  const step = { ...judged, problems: [...broken, ...judged.problems] };
  audience.onStep(step, said);
  return step;
}

const notBegun: EngineRun = { outcome: 'interrupted', changed: 0, done: {}, milliseconds: 0, codes: [] };

function isOfTheProgram({ urn }: { readonly urn: string }): boolean {
  return urn !== byPeople;
}

/** The name of the API that stands in a rehearsal with real things behind it. */
function apiHost({ config, standIns, options }: Work): string | undefined {
  const isThere = config.aws !== undefined && standIns.systems.includes('coinestate');
  return options.live === true && isThere ? config.systems.coinestate.hosts.api : undefined;
}

/** Does what a newcomer would do: asks the API by its name what is in its database. */
async function takeLook({ stage, audience }: Work, host: string): Promise<StepReport> {
  const began = performance.now();
  const asked = await askHost(stage.twin.folder, host, '/api/database');
  const problems = answerProblems(asked, await migrationsOf('migrations/coinestate'));
  const step: StepReport = {
    ...plainStep(stage, 'live: the API answers by its name'),
    ...{ seconds: secondsSince(began), problems, shown: [asked.curl, asked.body] },
  };
  audience.onStep(step, []);
  return step;
}

/** What a release did to requests. */
function tellTraffic({ stage, audience }: Work, { sent, lost }: Traffic): StepReport {
  const step: StepReport = {
    ...plainStep(stage, 'live: requests during the release'),
    shown: [`${sent} requests, ${lost.length} lost`],
    problems: [
      ...(sent === 0 ? ['nothing was asked'] : []),
      ...(lost.length > 0 ? [`${lost.length} of ${sent} requests were lost, the first: ${lost[0]}`] : []),
    ],
  };
  audience.onStep(step, []);
  return step;
}

/** A step that changes nothing. */
function plainStep({ cloud }: RehearsalStage, name: string): StepReport {
  const things = cloud.things().filter(isOfTheProgram).length;
  return {
    ...{ name, seconds: 0, runs: 0, transactions: 0, problems: [] },
    engine: { created: 0, updated: 0, removed: 0 },
    cloud: { changes: 0, refused: 0, things },
  };
}

/** What systems still wait for, each in a line. */
async function waitsOf({ stack, stage }: Work): Promise<readonly string[]> {
  const file = join(stage.twin.folder, 'state', '.pulumi', 'stacks', 'cutover', `${stack}.json`);
  const state = await readLocalState(stack, file);
  return Object.values(state?.systems ?? {}).flatMap(({ waits = [] }) => waits);
}

/** A terminal that keeps what the engine says, and shows only what it is doing. */
function listener(said: string[], progress: (text: string) => void): Terminal {
  return {
    interactive: false,
    columns: 100,
    style: (_, text) => text,
    line: (text = '') => void said.push(text),
    progress,
  };
}

/** Ctrl-C, in a step or between two: the rehearsal ends after what it is at. */
function watchForInterrupts(heard: Audience['onInterrupt']): {
  readonly is: () => boolean;
  readonly end: () => void;
} {
  let interrupts = 0;
  const end = onInterrupt(() => heard(++interrupts));
  return { is: () => interrupts > 0, end };
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}
