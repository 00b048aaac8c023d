import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';

interface UnlockOptions {
  readonly reason: string;
  readonly for: string;
  readonly json: boolean;
}

/** `./cutover unlock STACK`: lets what holds data be deleted for some time. */
export function registerUnlock(program: Command): void {
  program
    .command('unlock')
    .description('let what prod holds be deleted or replaced, for some time')
    .addArgument(new Argument('<stack>', 'prod'))
    .requiredOption('--reason <text>', 'why; it is written down with your name')
    .option('--for <time>', 'how long: minutes or hours, up to a day', '1h')
    .option('--json', 'print it as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Until then, and not longer, ./cutover down and ./cutover pulumi do what they refuse else. docs/protection.md

Examples:
  ./cutover unlock prod --reason "INC-12: the old database goes" --for 2h
  ./cutover lock prod`,
    )
    .action(async (stack: string, options: UnlockOptions) => {
      process.exitCode = await unlock(stack, options);
    });
}

/** `./cutover lock STACK`: ends that. */
export function registerLock(program: Command): void {
  program
    .command('lock')
    .description('protect prod again before the time is over')
    .addArgument(new Argument('<stack>', 'prod'))
    .action(async (stack: string) => {
      process.exitCode = await lock(stack);
    });
}

/** Unlocks a stack and writes down who did it and why. The exit code. SIDE EFFECTS: a file or an object; the log. */
export async function unlock(stack: string, options: UnlockOptions, now = Date.now()): Promise<number> {
  const [{ lengthOf }, { recorded, refuseUnwritableLog }] = await Promise.all([
    import('./protection/plan.ts'),
    import('./operations-log.ts'),
  ]);
  const milliseconds = lengthOf(options.for);
  // Who reads the log reads it in a terminal.
  const reason = options.reason.replaceAll(/\p{Cc}+/gu, ' ').trim();
  if (reason === '') throw new CutoverError('CUT-5484', { stack });
  const unlocks = await unlocksWithLock(stack);
  await refuseUnwritableLog(stack);
  const unlocked = {
    stack,
    by: await unlocks.who(),
    reason,
    at: new Date(now).toISOString(),
    until: new Date(now + milliseconds).toISOString(),
  };
  const operation = {
    command: 'unlock',
    system: 'stack',
    reason,
    from: 'locked',
    to: `unlocked until ${unlocked.until}`,
  };
  return recorded(stack, operation, async () => {
    // Written down first: nothing is ever unlocked that the log does not know.
    await unlocks.keep({ ...operation, ...unlocked });
    await unlocks.write(unlocked);
    process.stdout.write(
      options.json
        ? `${JSON.stringify(unlocked)}\n`
        : `${stack} is unlocked until ${unlocked.until}, by ${unlocked.by}; ${unlocks.place} keeps it. ./cutover lock ${stack} ends it before.\n`,
    );
    return { exit: 0 };
  });
}

/** Locks a stack. The exit code. SIDE EFFECTS: a file or an object; the log. */
export async function lock(stack: string): Promise<number> {
  const { recorded } = await import('./operations-log.ts');
  const unlocks = await unlocksWithLock(stack);
  const operation = { command: 'lock', system: 'stack', reason: '', from: 'unlocked', to: 'locked' };
  return recorded(stack, operation, async () => {
    await unlocks.remove();
    await unlocks.keep({ ...operation, by: await unlocks.who(), at: new Date().toISOString() });
    process.stdout.write(`${stack} is locked.\n`);
    return { exit: 0 };
  });
}

async function unlocksWithLock(stack: string) {
  const [{ hasLock }, { unlocksOf }, { readStackFile }] = await Promise.all([
    import('./protection/guard.ts'),
    import('./protection/unlocks.ts'),
    import('./stack-file.ts'),
  ]);
  await readStackFile(stack);
  if (!(await hasLock(stack))) throw new CutoverError('CUT-5483', { stack });
  return unlocksOf(stack);
}
