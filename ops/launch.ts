import { Argument, type Command } from 'commander';

/** What `./cutover launch` is told besides stack and system. */
export interface LaunchOptions {
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
      const { launch } = await import('./launch/run.ts');
      process.exitCode = await launch(stack, system, options);
    });
}
