import { randomBytes } from 'node:crypto';
import { Argument, type Command } from 'commander';
import { duration, terminalOn, type Terminal } from './terminal.ts';
import type { Audience, Rehearsal } from './rehearse/run.ts';
import type { StepReport } from './rehearse/step.ts';

interface RehearseCommandOptions {
  readonly json: boolean;
  readonly keep: boolean;
  readonly live: boolean;
  readonly seed?: string;
  readonly only?: string;
  readonly folder?: string;
}

const notice = 'The twin: no cloud and no public chain is touched, and nothing costs money.';

/** `./cutover rehearse STACK`: the whole life of a stack on this machine, before anything costs money. */
export function registerRehearse(program: Command): void {
  program
    .command('rehearse')
    .description(
      'rehearse a stack on this machine: the real program and engine against a strict twin of the cloud',
    )
    .addArgument(new Argument('<stack>', 'staging or prod'))
    .option('--only <systems>', 'only these systems, with commas between')
    .option('--seed <seed>', 'makes the same keys and secrets as an earlier rehearsal')
    .option('--keep', 'leave the stack up in the twin, to look at it with ./cutover twin', false)
    .option('--live', 'have real databases, processes and load balancers behind the cloud', false)
    .option('--folder <path>', 'keep its files elsewhere than in .cutover/twin/STACK')
    .option('--json', 'print the report as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Preview, up, up again, a change of each kind, a drift that is mended, destroy; each is judged. Public chains are played
by local nodes with their chain ids, Safes and keys by ones made for the rehearsal: all that was replaced is listed.
Exit code 1 where a step is not what it must be; its folder is kept then.

Examples:
  ./cutover rehearse staging
  ./cutover rehearse prod --only coinestate
  ./cutover rehearse staging --only coinestate --live
  ./cutover rehearse staging --keep && ./cutover twin ls staging`,
    )
    .action(async (stack: string, options: RehearseCommandOptions) => {
      process.exitCode = await rehearseCommand(stack, options);
    });
}

async function rehearseCommand(stack: string, options: RehearseCommandOptions): Promise<number> {
  const { rehearse } = await import('./rehearse/run.ts');
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  const { only, folder, keep, live, seed = randomBytes(4).toString('hex') } = options;
  terminal.line(notice);
  const rehearsal = await rehearse(
    stack,
    {
      ...{ seed, keep, live },
      ...(only !== undefined && { only: only.split(',') }),
      ...(folder !== undefined && { folder }),
    },
    audienceOn(terminal, stack, seed),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ notice, ...rehearsal }, null, 2)}\n`);
  close(rehearsal, terminal);
  return rehearsal.good ? 0 : 1;
}

function audienceOn(terminal: Terminal, stack: string, seed: string): Audience {
  const { line, style } = terminal;
  return {
    onStart: ({ lines }) => {
      line(`\n${style('bold', `Rehearsing ${stack}`)}, seed ${seed}. What stands in for what:`);
      for (const each of lines) line(`  ${each}`);
      line();
    },
    onStep: (step, said) => {
      terminal.progress('');
      const good = step.problems.length === 0;
      line(`${good ? style('green', '✓') : style('red', '✗')} ${describeStep(step)}`);
      for (const each of step.shown ?? []) line(`    ${each}`);
      if (good) return;
      for (const each of said.slice(-60)) line(`    ${each}`);
      for (const problem of step.problems) line(`  ${style('red', problem)}`);
    },
    progress: (text) => terminal.progress(text === '' ? '' : `  ${text}`),
  };
}

function describeStep({ name, seconds, runs, engine, cloud, transactions }: StepReport): string {
  const done = Object.entries(engine).flatMap(([verb, count]) => (count > 0 ? [`${count} ${verb}`] : []));
  const time = duration(seconds * 1000).padStart(7);
  // A look from outside, not a run of the engine.
  if (runs === 0) return `${name.padEnd(48)} ${time}`;
  const figures = [
    time,
    ...(runs > 1 ? [`${runs} updates`] : []),
    done.length === 0 ? 'no changes' : `${name === 'preview' ? 'would be: ' : ''}${done.join(', ')}`,
    `${cloud.changes} changing calls, ${cloud.things} things in the cloud`,
    ...(transactions > 0 ? [`${transactions} transactions`] : []),
  ];
  return `${name.padEnd(48)} ${figures.join(' · ')}`;
}

function close({ stack, steps, good, seconds, folder, seed }: Rehearsal, terminal: Terminal): void {
  const { line, style } = terminal;
  const time = duration(seconds * 1000);
  line();
  if (good) line(`${style('green', 'Good')}: ${steps.length} steps in ${time}.`);
  else line(`${style('red', 'Not good')} after ${time}. The same again: --seed ${seed}`);
  if (folder !== undefined) {
    line(`Kept in ${folder}; ./cutover twin ls ${stack} --folder ${folder} shows what there is.`);
  }
}
