import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { duration, terminalOn } from './terminal.ts';

interface DownOptions {
  readonly json: boolean;
  readonly wipe: boolean;
}

/** `./cutover down [STACK]`: stops what dev started on this machine, or takes a stack in the cloud down. */
export function registerDown(program: Command): void {
  program
    .command('down')
    .description('stop what the dev stack started on this machine, or take staging down')
    .addArgument(new Argument('[stack]', 'dev, staging or prod').default('dev'))
    .option('--wipe', 'remove the data of databases and chains on this machine too', false)
    .option('--json', 'print the result as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Examples:
  ./cutover down            stop; the next up comes back with the same data
  ./cutover down --wipe     stop and forget: the next up starts from nothing
  ./cutover down staging    destroy what is in the cloud; prod is refused until ./cutover unlock prod`,
    )
    .action(async (stack: string, options: DownOptions) => {
      process.exitCode = await (stack === 'dev' ? down(stack, options) : downInCloud(stack, options));
    });
}

/** Destroys a stack in the cloud, without asking: its lock is what asks. The exit code. */
async function downInCloud(stack: string, options: DownOptions): Promise<number> {
  if (options.wipe) throw new CutoverError('CUT-5485', { stack });
  const { loadStackConfig } = await import('./config.ts');
  await loadStackConfig(stack);
  const [{ guardDestroy }, { withUpdateLock }, { prepareStack }, { runEngine }, { exitFor }] =
    await Promise.all([
      import('./protection/guard.ts'),
      import('./update-lock.ts'),
      import('./pulumi-environment.ts'),
      import('./engine.ts'),
      import('./exit-code.ts'),
    ]);
  await guardDestroy(stack, `./cutover down ${stack}`);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  return withUpdateLock(stack, `./cutover down ${stack}`, async () => {
    const { env, args } = await prepareStack(stack);
    terminal.line(terminal.style('bold', `Taking ${stack} down in the cloud`));
    const run = await runEngine(
      stack,
      ['destroy', '--yes', '--skip-preview', ...args],
      env,
      terminal,
      undefined,
    );
    const exit = exitFor(run);
    if (options.json) process.stdout.write(`${JSON.stringify({ stack, exit, changed: run.changed })}\n`);
    else if (exit === 0) {
      terminal.line(
        `Down in ${duration(run.milliseconds)}. ./cutover pulumi up -s ${stack} makes all of it again.`,
      );
    } else terminal.line(`Not all of it is down. Mend the cause and run it again: it goes on from here.`);
    return exit;
  });
}

async function down(stack: string, options: DownOptions): Promise<number> {
  const [{ withUpdateLock }, { readLocalState }, { stopAll }] = await Promise.all([
    import('./update-lock.ts'),
    import('./stack-state.ts'),
    import('@cutover/delivery/processes/list.ts'),
  ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  return withUpdateLock(stack, './cutover down', async () => {
    const began = Date.now();
    const state = await readLocalState(stack);
    const exit = (state?.resources.length ?? 0) === 0 ? 0 : await destroy(stack, terminal);
    // Whatever the engine did not know of, after a crash say, is stopped by its own record.
    const stopped = await stopAll(stack);
    if (options.wipe && exit === 0) await wipe(stack);
    const nothing = state === undefined || state.resources.length === 0;
    if (options.json) {
      process.stdout.write(
        `${JSON.stringify({ stack, exit, stoppedByRecord: stopped.length, wiped: options.wipe })}\n`,
      );
    } else if (exit === 0) {
      terminal.line(
        nothing && stopped.length === 0
          ? `Nothing of ${stack} runs here.`
          : `Down in ${duration(Date.now() - began)}. ${options.wipe ? 'The data is gone.' : 'The data is kept: ./cutover up brings it back, ./cutover down --wipe removes it.'}`,
      );
    } else {
      terminal.line('Not everything could be stopped; ./cutover status shows what runs.');
    }
    return exit;
  });
}

/** Removes what the stack's processes wrote. Secrets and the state stay: the next up needs both. */
async function wipe(stack: string): Promise<void> {
  const { wipeStack } = await import('@cutover/delivery/processes/wipe.ts');
  await wipeStack(stack);
  await rm(join(runtimeFolder, stack, 'data'), { recursive: true, force: true });
}

async function destroy(stack: string, terminal: ReturnType<typeof terminalOn>): Promise<number> {
  const [{ prepareStack }, { recoverStack }, { runEngine }, { exitFor }, { readLocalState }] =
    await Promise.all([
      import('./pulumi-environment.ts'),
      import('./recover.ts'),
      import('./engine.ts'),
      import('./exit-code.ts'),
      import('./stack-state.ts'),
    ]);
  const { env, args } = await prepareStack(stack);
  await recoverStack(stack, env, terminal);
  const count = (await readLocalState(stack))?.resources.length;
  terminal.line(terminal.style('bold', `Taking ${stack} down`));
  return exitFor(
    await runEngine(stack, ['destroy', '--yes', '--skip-preview', ...args], env, terminal, count),
  );
}
