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
  const { cliArguments, pulumiEnvironment } = await import('./pulumi-environment.ts');
  const given = await cliArguments(args);
  return new Promise((resolve, reject) => {
    // The terminal's signals reach the CLI by themselves; we only wait for it.
    process.on('SIGINT', () => undefined);
    const cli = spawn('pulumi', given, { cwd: projectRoot, stdio: 'inherit', env: pulumiEnvironment(args) });
    cli.once('error', (cause) => reject(new CutoverError('CUT-5101', {}, { cause })));
    cli.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
