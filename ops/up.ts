import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, InvalidArgumentError, type Command } from 'commander';
import { runtimeFolder } from '@cutover/base/project.ts';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import type { SystemReport } from '../infra/report.ts';
import type { EngineRun } from './engine.ts';
import { duration, terminalOn, type Terminal } from './terminal.ts';

interface UpOptions {
  readonly json: boolean;
  readonly refresh: boolean;
}

/** What another command adds to an update that it makes. */
export interface Deed {
  /** Whose update it is: `./cutover rollback`. */
  readonly command: string;
  /** Done when the stack is held, before the engine starts. */
  readonly before: () => Promise<void>;
  /** What there is to tell behind the result: lines for people, and what --json has besides. */
  readonly after: (run: EngineRun) => Promise<{ readonly lines: readonly string[]; readonly json: object }>;
}

/** `./cutover up [dev]`: brings the local stack to what the program says, and tells where to look. */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description('bring the dev stack up on this machine, or to what the program says now')
    .addArgument(new Argument('[stack]', 'the stack').choices(['dev']).default('dev').argParser(onlyDev))
    .option('--json', 'print the result as JSON on standard output', false)
    .option('--refresh', 'ask every chain, database and process what is there before comparing', false)
    .addHelpText(
      'after',
      `
It may be run again at any time: what is right is left alone, what died is brought back with its data, and an update
that was cut off is taken up where it stood. Other stacks are updated with ./cutover pulumi up -s staging, which shows
what it would do and asks; docs/staging.md tells what of them is described.

Examples:
  ./cutover up              everything that Pulumi.dev.yaml enables
  ./cutover up --json       the addresses and URLs for a script`,
    )
    .action(async (stack: string, options: UpOptions) => {
      process.exitCode = await up(stack, options);
    });
}

function onlyDev(stack: string): string {
  if (stack === 'dev') return stack;
  throw new InvalidArgumentError(
    'Allowed choices are dev; staging and prod are updated with ./cutover pulumi up -s staging|prod.',
  );
}

/** Brings a stack to what the program says. Returns the exit code. SIDE EFFECTS: runs the engine. */
export async function up(stack: string, options: UpOptions, deed?: Deed): Promise<number> {
  const { loadStackConfig } = await import('./config.ts');
  await loadStackConfig(stack);
  const [{ withUpdateLock }, { prepareStack }, { recoverStack }, { runEngine }, { exitFor }] =
    await Promise.all([
      import('./update-lock.ts'),
      import('./pulumi-environment.ts'),
      import('./recover.ts'),
      import('./engine.ts'),
      import('./exit-code.ts'),
    ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  return withUpdateLock(stack, deed?.command ?? './cutover up', async () => {
    await deed?.before();
    const { env, args } = await prepareStack(stack);
    await recoverStack(stack, env, terminal);
    terminal.line(terminal.style('bold', `Bringing up ${stack} on this machine`));
    const command = ['up', '--yes', '--skip-preview', ...(options.refresh ? ['--refresh'] : [])];
    const run = await runEngine(stack, [...command, ...args], env, terminal, await lastCount(stack));
    await rememberCount(stack);
    const systems = await systemsOf(stack);
    const told = await deed?.after(run);
    if (options.json) printJson(stack, run, systems, told?.json);
    else printResult(stack, run, systems, terminal);
    if (!options.json) for (const line of told?.lines ?? []) terminal.line(line);
    return exitFor(run);
  });
}

function printResult(
  stack: string,
  run: EngineRun,
  systems: Readonly<Record<string, SystemReport>>,
  terminal: Terminal,
): void {
  const { style, line } = terminal;
  const time = duration(run.milliseconds);
  switch (run.outcome) {
    case 'interrupted':
      line(`Stopped by you after ${time}. What is done stays; ./cutover up goes on from here.`);
      return;
    case 'failed':
      line(style('red', `Not finished, after ${time}.`) + ' What was live stays live.');
      line('When the cause is mended, ./cutover up goes on from here. ./cutover status shows what runs.');
      return;
    case 'done':
      line();
      line(
        style(
          'green',
          run.changed === 0 ? `Nothing to change (${time}).` : `Up: ${run.changed} changes in ${time}.`,
        ),
      );
      printSystems(systems, terminal);
      printNext(stack, systems, terminal);
  }
}

/** Each system with where to look; shared with `status`. */
export function printSystems(
  systems: Readonly<Record<string, SystemReport>>,
  { line, style }: Terminal,
): void {
  for (const system of Object.values(systems)) {
    line();
    line(`${style('bold', system.title)}  ${style('dim', system.summary)}`);
    for (const { name, url } of system.urls) line(`  ${name.padEnd(18)} ${style('cyan', url)}`);
    for (const { name, address, chainId } of system.contracts) {
      line(`  ${name.padEnd(18)} ${address} ${style('dim', `on chain ${chainId}`)}`);
    }
    for (const { name, program, cluster } of system.programs ?? []) {
      line(`  ${name.padEnd(18)} ${program} ${style('dim', `on ${cluster}`)}`);
    }
    for (const each of system.waits ?? []) line(`  ${style('yellow', each)}`);
  }
}

function printNext(
  stack: string,
  systems: Readonly<Record<string, SystemReport>>,
  { line, style }: Terminal,
): void {
  line();
  line(style('bold', 'Try next'));
  for (const command of Object.values(systems).flatMap((system) => system.try)) line(`  ${command}`);
  line('  ./cutover status                  what runs, where, since when, and is it healthy');
  line(`  ./cutover pulumi preview -s ${stack}   what an update would change: nothing, now`);
  line('  ./cutover down                    stop all of it');
}

function printJson(
  stack: string,
  run: EngineRun,
  systems: Readonly<Record<string, SystemReport>>,
  more: object = {},
): void {
  const { outcome, changed, milliseconds, codes } = run;
  const report = { stack, ...more, outcome, changed, milliseconds, errors: codes, systems };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

async function systemsOf(stack: string): Promise<Readonly<Record<string, SystemReport>>> {
  const { readLocalState } = await import('./stack-state.ts');
  return (await readLocalState(stack))?.systems ?? {};
}

// How far an update is, is told by how many resources there were at the end of the last one.
async function lastCount(stack: string): Promise<number | undefined> {
  const text = await readFile(join(runtimeFolder, stack, 'resources'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

async function rememberCount(stack: string): Promise<void> {
  const { readLocalState } = await import('./stack-state.ts');
  const count = (await readLocalState(stack))?.resources.length ?? 0;
  await writeFileAtomic(join(runtimeFolder, stack, 'resources'), String(count));
}
