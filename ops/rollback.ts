import { Argument, type Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly reason: string;
}

/** `./cutover rollback STACK SYSTEM --to RELEASE`: takes facets of a system back to another release. */
export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('take a system back to another release, and bring the stack to it')
    .addArgument(new Argument('<stack>', 'the stack').choices(['dev']))
    .argument('<system>', 'the system, gemforce say')
    .option('--to <release>', 'the release to go to')
    .requiredOption('--reason <text>', 'why; it is written down')
    .addHelpText(
      'after',
      `
It writes the release into the stack's file, which is then as it would be after a change by hand, and runs the update:
for a diamond one cut, shown selector by selector. Who did it, when and why is kept in .cutover/STACK/operations.jsonl.

Examples:
  ./cutover rollback dev gemforce --to v1 --reason "purchases fail since v2"`,
    )
    .action(async (stack: string, system: string, options: RollbackOptions) => {
      process.exitCode = await rollback(stack, system, options);
    });
}

async function rollback(stack: string, system: string, { to, reason }: RollbackOptions): Promise<number> {
  const [{ loadStackConfig }, { releaseKeys }, { setStackValue }, { recordOperation }, { up }] =
    await Promise.all([
      import('./config.ts'),
      import('../infra/releases.ts'),
      import('./stack-edit.ts'),
      import('./operations-log.ts'),
      import('./up.ts'),
    ]);
  const keys = releaseKeys(await loadStackConfig(stack));
  const key = keys[system];
  if (key === undefined) throw new CutoverError('CUT-5112', { system, known: Object.keys(keys).join(', ') });
  const { what, choices, current } = key;
  if (to === undefined || !choices.includes(to)) {
    const given = to === undefined ? 'No release is named' : `There is no release ${to}`;
    throw new CutoverError('CUT-5113', { given, what, choices: choices.join(', '), current });
  }
  if (to !== current) await setStackValue(stack, key.path, to);
  process.stdout.write(`Rollback of ${what}: ${current} -> ${to}. Pulumi.${stack}.yaml says so now.\n`);
  const exit = await up(stack, { json: false, refresh: false });
  await recordOperation(stack, { command: 'rollback', system, reason, from: current, to, exit });
  return exit;
}
