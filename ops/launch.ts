import { Argument, type Command } from 'commander';
import type { OperatorEvent } from '@cutover/chain/plan/notifications.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ExchangeKey } from '../infra/exchanges.ts';
import type { LaunchCheck } from './launch/checks.ts';
import { checksBefore } from './launch/checks.ts';
import { lookAtLaunch } from './launch/look.ts';
import {
  launchStages,
  planLaunch,
  type LaunchRecord,
  type LaunchStage,
  type StageDone,
} from './launch/plan.ts';
import { keepLaunch, readLaunch } from './launch/record.ts';
import { launchLines, launchReport } from './launch/report.ts';
import { keyOf } from './system-name.ts';
import { terminalOn } from './terminal.ts';
import type { Deed } from './up.ts';

interface LaunchOptions {
  readonly at?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** `./cutover launch STACK SYSTEM`: takes a beta to its launch, stage by stage. */
export function registerLaunch(program: Command): void {
  program
    .command('launch')
    .description('take a system out of its beta: verify, lift the limits, announce, watch')
    .addArgument(new Argument('<stack>', 'the stack').choices(['dev']))
    .argument('<system>', 'the system: godark')
    .option(
      '--at <time>',
      'T-0: when the limits are lifted, 2027-01-15T14:00:00Z say, or now (default: in 2 hours)',
    )
    .option('--dry-run', 'look at everything that must hold, and change nothing', false)
    .option('--json', 'print the result as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Two hours before T-0 it verifies programs and authorities, an hour before that everything answers. At T-0 it does both
again, writes \`phase: launched\` into the stack's file, runs the update that lifts the limits, and announces it. Then it
watches for 24 hours. Each run does what is due and says what comes next; run it again then (each five minutes while it
watches, by cron say). Where it stands is kept in .cutover/STACK/SYSTEM-launch.json.

Examples:
  ./cutover launch dev godark --dry-run
  ./cutover launch dev godark --at now`,
    )
    .action(async (stack: string, system: string, options: LaunchOptions) => {
      process.exitCode = await launch(stack, system, options);
    });
}

/** A launch that is being carried out. */
interface Course {
  readonly stack: string;
  readonly system: string;
  readonly key: ExchangeKey;
  readonly json: boolean;
  record: LaunchRecord;
  checks: readonly LaunchCheck[];
}

async function launch(stack: string, system: string, options: LaunchOptions): Promise<number> {
  const [{ loadStackConfig }, { exchangeKeys }] = await Promise.all([
    import('./config.ts'),
    import('../infra/exchanges.ts'),
  ]);
  const key = keyOf(exchangeKeys(await loadStackConfig(stack)), system, 'CUT-5583');
  const record = begun(
    await readLaunch(stack, system),
    { ...options, stack, system, what: key.what },
    Date.now(),
  );
  const course: Course = { stack, system, key, json: options.json, record, checks: [] };
  if (options.dryRun) return dryRun(course);
  for (;;) {
    const plan = planLaunch(course.record, Date.now());
    switch (plan.kind) {
      case 'stage':
        if (plan.stage === 'limits') return lift(course);
        await carryOut(course, plan.stage);
        break;
      case 'look':
        await sample(course);
        return end(course);
      case 'wait':
        await keepLaunch(stack, system, course.record);
        return end(course);
      case 'done':
        return end(course);
    }
  }
}

/** The launch that is under way, or a new one. Another time for one that was begun is refused. */
export function begun(
  kept: LaunchRecord | undefined,
  given: Pick<LaunchOptions, 'at'> & {
    readonly stack: string;
    readonly system: string;
    readonly what: string;
  },
  now: number,
): LaunchRecord {
  const { at, stack, system, what } = given;
  const hours = 3_600_000;
  const asked = at === undefined ? now + 2 * hours : at === 'now' ? now : Date.parse(at);
  if (Number.isNaN(asked)) throw new CutoverError('CUT-5582', { given: at });
  if (kept === undefined) return { at: new Date(asked).toISOString(), done: {}, samples: [] };
  const done = launchStages.filter((stage) => kept.done[stage] !== undefined);
  // What was only planned so far may be planned otherwise.
  if (at === undefined || asked === Date.parse(kept.at)) return kept;
  if (done.length === 0) return { ...kept, at: new Date(asked).toISOString() };
  throw new CutoverError('CUT-5581', { what, at: kept.at, given: at, done: done.join(', '), stack, system });
}

/** Does one stage that needs no update, and keeps that it is done. */
async function carryOut(course: Course, stage: Exclude<LaunchStage, 'limits'>): Promise<void> {
  switch (stage) {
    case 'verification':
    case 'health': {
      const checks = await passed(course, stage);
      return done(course, stage, `${checks.length} checks`);
    }
    case 'announcement':
      return done(course, stage, await announce(course));
    case 'watch': {
      await sample(course);
      const { samples } = course.record;
      const bad = samples.filter(({ healthy }) => !healthy).length;
      return done(course, stage, `${samples.length} looks, ${bad} of them found something unhealthy`);
    }
  }
}

/** T-0: all checks once more, then an update that lifts the limits, and behind it the announcement and a first look. */
async function lift(course: Course): Promise<number> {
  const { stack, system, key, json } = course;
  const [{ up }, { setStackValue }, { recorded }] = await Promise.all([
    import('./up.ts'),
    import('./stack-edit.ts'),
    import('./operations-log.ts'),
  ]);
  await passed(course, 'limits');
  const deed: Deed = {
    command: './cutover launch',
    before: () => setStackValue(stack, key.phasePath, 'launched'),
    after: async () => {
      const { facts } = await lookAtLaunch(stack, system, key);
      // The chain says whether they are lifted, not the update.
      if (facts.limited) throw new CutoverError('CUT-5584', { what: key.what });
      await done(course, 'limits', 'no limit holds on the chain');
      await carryOut(course, 'announcement');
      await sample(course);
      const report = reportOf(course);
      return { json: report, lines: launchLines(report) };
    },
  };
  const operation = { command: 'launch', system, reason: '', from: 'beta', to: 'launched' };
  return recorded(stack, operation, async () => ({ exit: await up(stack, { json, refresh: false }, deed) }));
}

/** The checks of a stage; refused where one of them is not well. */
async function passed(
  course: Course,
  stage: 'verification' | 'health' | 'limits',
): Promise<readonly LaunchCheck[]> {
  const { facts } = await lookAtLaunch(course.stack, course.system, course.key);
  const checks = checksBefore(stage, facts);
  course.checks = [...course.checks, ...checks];
  const wrong = checks.filter(({ isWell }) => !isWell);
  if (wrong.length === 0) return checks;
  const list = wrong.map(({ what, found }) => `  - ${what}: ${found}`).join('\n');
  // Planned it is: the next run goes on with this time.
  await keepLaunch(course.stack, course.system, course.record);
  throw new CutoverError('CUT-5580', { what: course.key.what, stage, list });
}

/** Tells operators, on the network's webhook where it has one. A run that was killed right behind it tells again. */
async function announce({ stack, key }: Course): Promise<string> {
  const [{ exchangeTarget }, { isWanted }, { describeSolanaNetwork }, { post, posted }] = await Promise.all([
    import('./exchange/target.ts'),
    import('@cutover/chain/plan/notifications.ts'),
    import('@cutover/chain/plan/solana/network.ts'),
    import('@cutover/chain/evm/sender/webhook.ts'),
  ]);
  const { exchange, network } = await exchangeTarget(stack, key);
  const text = `${key.what} is open to everybody: the limits of the beta are lifted.`;
  const event: OperatorEvent = {
    ...{ kind: 'announced' as const, account: exchange.program, purpose: `launch ${key.what}`, text },
    network: describeSolanaNetwork(network),
  };
  const { notifications } = network;
  if (notifications === undefined || !isWanted(notifications, event)) return `${text} (no webhook wants it)`;
  post(notifications.webhook, event);
  await posted();
  return text;
}

/** One look of the watch. */
async function sample(course: Course): Promise<void> {
  const { stack, system, key, record } = course;
  const { facts, measured } = await lookAtLaunch(stack, system, key);
  const healthy = checksBefore('health', facts).every(({ isWell }) => isWell) && facts.mode === 'running';
  const look = { at: new Date().toISOString(), healthy, users: facts.users, ...measured };
  course.record = { ...record, samples: [...record.samples, look] };
  await keepLaunch(stack, system, course.record);
}

async function done(course: Course, stage: LaunchStage, note: string): Promise<void> {
  const reached: StageDone = { at: new Date().toISOString(), note };
  course.record = { ...course.record, done: { ...course.record.done, [stage]: reached } };
  await keepLaunch(course.stack, course.system, course.record);
}

async function dryRun(course: Course): Promise<number> {
  const { facts } = await lookAtLaunch(course.stack, course.system, course.key);
  course.checks = checksBefore('limits', facts);
  end(course, true);
  return course.checks.every(({ isWell }) => isWell) ? 0 : 3;
}

function end(course: Course, isDryRun = false): number {
  const report = reportOf(course, isDryRun);
  if (course.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else for (const line of launchLines(report)) terminalOn(process.stdout).line(line);
  // A watch that finds something unhealthy is heard by whoever runs it.
  return report.last?.healthy === false ? 1 : 0;
}

function reportOf({ stack, system, record, checks }: Course, isDryRun = false) {
  return launchReport({ stack, system, isDryRun }, record, checks, planLaunch(record, Date.now()));
}
