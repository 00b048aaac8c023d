import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import type { PauseKey } from '../infra/pauses.ts';
import type { ChainResource } from './chain-resources.ts';
import type { EngineRun } from './engine.ts';
import type { PauseOutputs, PauseReport } from './pause-report.ts';
import { keyOf } from './system-name.ts';
import { terminalOn, type Terminal } from './terminal.ts';

interface PauseOptions {
  readonly reason: string;
  readonly json: boolean;
}

type Wanted = PauseReport['wanted'];

/** `./cutover pause STACK SYSTEM`: stops a system's contract, or its exchange, in an emergency. */
export function registerPause(program: Command): void {
  register(program, 'pause', 'paused')
    .description("pause a system's contract, at once")
    .addHelpText(
      'after',
      `
Systems: gemforce (its diamond), meta-aggregator (Escrow), sop-138 (SecuredOperations), coinestate (PropertyToken),
godark (its exchange).

It writes \`paused: true\` into the stack's file and runs an update of that one resource, with the key or the authority
that may pause. Everything else is left alone, and later updates keep the pause until it is resumed. Who did it, when
and why is kept in .cutover/STACK/operations.jsonl. It may be run again at any time.

An exchange is paused by one transaction of its guardian and nothing else: the file says nothing of it, no update is
waited for, and none ends it.

Examples:
  ./cutover pause dev gemforce --reason "listings are drained"
  ./cutover pause dev godark --reason "a wrong price"`,
    );
}

/** `./cutover resume STACK SYSTEM`: lets a paused contract run again. */
export function registerResume(program: Command): void {
  register(program, 'resume', 'running')
    .description("let a system's paused contract run again")
    .addHelpText(
      'after',
      `
It ends the pause of ./cutover pause, and one that somebody made on the chain by hand. Where a Safe or a time lock has to
agree it says what is missing, and goes on when it is run again.

Examples:
  ./cutover resume dev gemforce --reason "the fix is live"`,
    );
}

function register(program: Command, name: string, wanted: Wanted): Command {
  return program
    .command(name)
    .addArgument(new Argument('<stack>', 'the stack').choices(['dev']))
    .argument('<system>', 'the system, gemforce say')
    .option('--reason <text>', 'why; it is written down', '')
    .option('--json', 'print the result as JSON on standard output', false)
    .action(async (stack: string, system: string, options: PauseOptions) => {
      process.exitCode = await setPause(stack, system, wanted, options);
    });
}

async function setPause(
  stack: string,
  system: string,
  wanted: Wanted,
  { reason, json }: PauseOptions,
): Promise<number> {
  const [{ loadStackConfig }, { exchangeKeys }, { pauseKeys }, { withUpdateLock }, { recorded }] =
    await Promise.all([
      import('./config.ts'),
      import('../infra/exchanges.ts'),
      import('../infra/pauses.ts'),
      import('./update-lock.ts'),
      import('./operations-log.ts'),
    ]);
  const config = await loadStackConfig(stack);
  const key = keyOf({ ...pauseKeys(config), ...exchangeKeys(config) }, system, 'CUT-5114');
  if ('guardian' in key) {
    const { setExchangePause } = await import('./exchange/pause.ts');
    return setExchangePause(stack, system, wanted, key, { reason, json });
  }
  const command = wanted === 'paused' ? 'pause' : 'resume';
  const from = key.paused ? 'paused' : 'running';
  const terminal = terminalOn(json ? process.stderr : process.stdout);
  return recorded(stack, { command, system, reason, from, to: wanted }, () =>
    withUpdateLock(stack, `./cutover ${command}`, async () => {
      const { report, exit } = await carryOut({ stack, system, wanted, key, terminal });
      if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else await print(report, terminal);
      const { before, transaction } = report;
      return { exit, transaction, ...(before === 'unknown' ? {} : { from: before }) };
    }),
  );
}

interface Deed {
  readonly stack: string;
  readonly system: string;
  readonly wanted: Wanted;
  readonly key: PauseKey;
  readonly terminal: Terminal;
}

async function carryOut(deed: Deed): Promise<{ readonly report: PauseReport; readonly exit: number }> {
  const { stack, system, wanted, key, terminal } = deed;
  const [
    { lookAtAll },
    { chainSays, outcomeOf, wishes },
    { setStackValue },
    { prepareStack },
    { recoverStack },
    { exitFor },
  ] = await Promise.all([
    import('./chain-resources.ts'),
    import('./pause-report.ts'),
    import('./stack-edit.ts'),
    import('./pulumi-environment.ts'),
    import('./recover.ts'),
    import('./exit-code.ts'),
  ]);
  const began = Date.now();
  const look = async () => (await lookAtAll([await resourceOf(deed)]))[0];
  const before = await look();
  await recoverStack(stack, (await prepareStack(stack)).env, terminal);
  terminal.line(terminal.style('bold', `${wanted === 'paused' ? 'Pausing' : 'Resuming'} ${key.what}`));
  const through = async (values: readonly boolean[], from: boolean) => {
    const { run, held } = await updateThrough(values, from, deed);
    const now = chainSays((await look())?.found);
    const kept = await outputsOf(deed);
    return { run, held, now, contract: kept.contract, ...outcomeOf(wanted, run, kept, now) };
  };
  let end = await through(wishes(wanted, before?.found), key.paused);
  // It was resumed and paused anew by others since the program's own pause: that is found only on the way.
  if (wanted === 'running' && end.outcome === 'not ended') end = await through([true, false], end.held);

  // A contract that could not be resumed must not fail every update that comes. A pause stays wanted.
  const { run, held, ...result } = end;
  const isGivenUp = result.outcome === 'failed' && wanted === 'running' && result.now !== 'running';
  if (isGivenUp) await setStackValue(stack, key.path, held);
  const report: PauseReport = {
    ...{ stack, system, what: key.what, network: before?.network ?? '', wanted },
    ...{ before: chainSays(before?.found), ...result },
    file: isGivenUp ? (held ? 'paused' : 'running') : wanted,
    milliseconds: Date.now() - began,
    errors: run.codes,
  };
  const isWell = result.outcome !== 'failed' && result.outcome !== 'not ended';
  return { report, exit: isWell ? 0 : Math.max(1, exitFor(run)) };
}

/**
 * Updates the one resource for each value in turn, as long as it goes well. `held` is the last value that went through,
 * or the one from before. SIDE EFFECTS: writes the stack's file, runs the engine.
 */
async function updateThrough(
  values: readonly boolean[],
  before: boolean,
  deed: Deed,
): Promise<{ readonly run: EngineRun; readonly held: boolean }> {
  const [{ setStackValue }, { prepareStack }, { runEngine }] = await Promise.all([
    import('./stack-edit.ts'),
    import('./pulumi-environment.ts'),
    import('./engine.ts'),
  ]);
  const { stack, key, terminal } = deed;
  const { urn } = await resourceOf(deed);
  let run: EngineRun = { outcome: 'done', changed: 0, done: {}, milliseconds: 0, codes: [] };
  let held = before;
  for (const value of values) {
    await setStackValue(stack, key.path, value);
    const { env, args } = await prepareStack(stack);
    const command = ['up', '--yes', '--skip-preview', '--target', urn];
    run = await runEngine(stack, [...command, ...args], env, terminal, undefined);
    if (run.outcome !== 'done') break;
    held = value;
  }
  return { run, held };
}

/** The Pause in the state; refused where there is none. */
async function resourceOf({
  stack,
  system,
  key,
}: Pick<Deed, 'stack' | 'system' | 'key'>): Promise<ChainResource> {
  const [{ readLocalState }, { chainResources }] = await Promise.all([
    import('./stack-state.ts'),
    import('./chain-resources.ts'),
  ]);
  const state = await readLocalState(stack);
  if (state === undefined || state.resources.length === 0) throw new CutoverError('CUT-5110', { stack });
  const resource = chainResources(state).find(({ type, name }) => type === 'Pause' && name === key.resource);
  if (resource === undefined) {
    throw new CutoverError('CUT-5115', {
      what: key.what,
      key: `cutover:${key.path.join('.')}`,
      stack,
      system,
    });
  }
  return resource;
}

async function outputsOf(deed: Deed): Promise<PauseOutputs> {
  return (await resourceOf(deed)).outputs as unknown as PauseOutputs;
}

async function print(report: PauseReport, { line, style }: Terminal): Promise<void> {
  const { pauseLines } = await import('./pause-report.ts');
  const colour = {
    paused: 'green',
    running: 'green',
    proposed: 'yellow',
    'not ended': 'red',
    failed: 'red',
  } as const;
  const [first = '', ...rest] = pauseLines(report);
  line();
  line(style(colour[report.outcome], first));
  for (const each of rest) line(each);
}
