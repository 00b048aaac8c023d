import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';

/** `./cutover pulumi …`: the pinned CLI with the right environment; everything behind `pulumi` is the CLI's. */
export function registerPulumi(program: Command): void {
  program
    .command('pulumi')
    .description('run the pinned Pulumi CLI with the right environment')
    .argument('[args...]', 'arguments of the Pulumi CLI')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      process.exitCode = await runPulumi(args);
    });
}

async function runPulumi(args: readonly string[]): Promise<number> {
  const [{ cliArguments, pulumiEnvironment }, { policiesFor }, { guardCommandLine }] = await Promise.all([
    import('./pulumi-environment.ts'),
    import('./policy.ts'),
    import('./protection/guard.ts'),
  ]);
  await guardCommandLine(args);
  const policies = await policiesFor(args);
  const given = withPolicies(await cliArguments(args), policies.args);
  const env = { ...pulumiEnvironment(args), ...policies.env };
  const code = await new Promise<number>((resolve, reject) => {
    // The terminal's signals reach the CLI by themselves; we only wait for it.
    process.on('SIGINT', () => undefined);
    const cli = spawn('pulumi', given, { cwd: projectRoot, stdio: 'inherit', env });
    cli.once('error', (cause) => reject(new CutoverError('CUT-5101', {}, { cause })));
    cli.once('close', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  return policies.exitOf(code);
}

/** Before `--`, behind which everything is the program's. */
function withPolicies(args: readonly string[], policies: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? [...args, ...policies] : [...args.slice(0, end), ...policies, ...args.slice(end)];
}
