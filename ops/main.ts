import { Command, CommanderError } from 'commander';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { registerApprove } from './approve.ts';
import { registerBootstrap } from './bootstrap.ts';
import { registerCompletion } from './completion.ts';
import { registerConfig } from './config.ts';
import { registerDoctor } from './doctor.ts';
import { registerDown } from './down.ts';
import { whenNobodyReads } from './interrupts.ts';
import { registerLaunch } from './launch.ts';
import { registerLock, registerUnlock } from './lock.ts';
import { registerOrphans } from './orphans.ts';
import { registerPause, registerResume } from './pause.ts';
import { registerPulumi } from './pulumi.ts';
import { registerRehearse } from './rehearse.ts';
import { registerRollback } from './rollback.ts';
import { registerStatus } from './status.ts';
import { registerTest } from './test.ts';
import { registerTwin } from './twin-command.ts';
import { registerTx } from './tx.ts';
import { registerUp } from './up.ts';
import { registerVerify } from './verify.ts';
import { version } from './version.ts';

// Every command is one file that registers itself; what it needs is imported when it runs, so that help is quick.
const program = new Command('cutover')
  .description('Ship a Web3 platform, contracts and cloud together: one `pulumi up` per environment.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print help')
  .helpCommand('help [command]', 'print help for a command')
  .showHelpAfterError('(./cutover help lists the commands)')
  .showSuggestionAfterError()
  .exitOverride()
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
Examples:
  ./cutover up                 bring the dev stack up on this machine
  ./cutover status             what runs, where, since when, and is it healthy
  ./cutover config staging     what the program will see on staging
  ./cutover down               stop everything that up started

Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused by a gate or guard.`,
  );

for (const register of [
  registerUp,
  registerDown,
  registerStatus,
  registerVerify,
  registerRollback,
  registerPause,
  registerResume,
  registerLaunch,
  registerConfig,
  registerApprove,
  registerTx,
  registerRehearse,
  registerTwin,
  registerBootstrap,
  registerLock,
  registerUnlock,
  registerOrphans,
  registerDoctor,
  registerTest,
  registerPulumi,
  registerCompletion,
]) {
  register(program);
}

whenNobodyReads(process.stdout);
whenNobodyReads(process.stderr);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its own message; 0 is help or version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CutoverError) {
    process.stderr.write(`${error.message}\n`);
    return error.exit;
  }
  process.stderr.write(`CUT-5100 ${messageOf(error)}\n`);
  if (error instanceof Error && error.stack !== undefined && process.env['CUTOVER_DEBUG'] === '1') {
    process.stderr.write(`${error.stack}\n`);
  } else {
    process.stderr.write('  fix: this was not foreseen; CUTOVER_DEBUG=1 shows where it happened\n');
  }
  return 1;
}
