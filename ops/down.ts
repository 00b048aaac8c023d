import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { runtimeFolder } from '@cutover/base/project.ts';
import { duration, terminalOn } from './terminal.ts';

interface DownOptions {
  readonly json: boolean;
  readonly wipe: boolean;
}

/** `./cutover down [dev]`: stops what this stack started, and nothing else. */
export function registerDown(program: Command): void {
  program
    .command('down')
    .description('stop what the dev stack started on this machine; data is kept')
    .addArgument(new Argument('[stack]', 'the stack').choices(['dev']).default('dev'))
    .option('--wipe', 'remove the data of databases and chains too', false)
    .option('--json', 'print the result as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Examples:
  ./cutover down            stop; the next up comes back with the same data
  ./cutover down --wipe     stop and forget: the next up starts from nothing`,
    )
    .action(async (stack: string, options: DownOptions) => {
      process.exitCode = await down(stack, options);
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
