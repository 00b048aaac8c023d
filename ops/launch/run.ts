import type { OperatorEvent } from '@cutover/chain/plan/notifications.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { exchangeKeys, type ExchangeKey } from '../../infra/exchanges.ts';
import { loadStackConfig } from '../config.ts';
import type { LaunchOptions } from '../launch.ts';
import { keyOf } from '../system-name.ts';
import { terminalOn } from '../terminal.ts';
import type { Deed } from '../up.ts';
import { checksBefore, type LaunchCheck } from './checks.ts';
import { lookAtLaunch } from './look.ts';
import { begun, planLaunch, type LaunchRecord, type LaunchStage, type StageDone } from './plan.ts';
import { keepLaunch, readLaunch } from './record.ts';
import { launchLines, launchReport } from './report.ts';

/** A launch that is being carried out. */
interface Course {
  readonly stack: string;
  readonly system: string;
  readonly key: ExchangeKey;
  readonly json: boolean;
  record: LaunchRecord;
  checks: readonly LaunchCheck[];
}

/**
 * Does what is due of a launch and tells what comes next. The exit code. SIDE EFFECTS: asks nodes and processes, writes
 * the record and the stack's file, runs the engine, tells operators.
 */
export async function launch(stack: string, system: string, options: LaunchOptions): Promise<number> {
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
    import('../up.ts'),
    import('../stack-edit.ts'),
    import('../operations-log.ts'),
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
    import('../exchange/target.ts'),
    import('@cutover/chain/plan/notifications.ts'),
    import('@cutover/chain/plan/solana/network.ts'),
    import('@cutover/chain/notify/webhook.ts'),
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
