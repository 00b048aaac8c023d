import { randomBytes } from 'node:crypto';
import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { Audience, Rehearsal } from './rehearse/run.ts';
import { wasInterrupted, type StepReport } from './rehearse/step.ts';
import { duration, terminalOn, type Terminal } from './terminal.ts';

interface RehearseCommandOptions {
  readonly json: boolean;
  readonly keep: boolean;
  readonly live: boolean;
  readonly seed?: string;
  readonly only?: readonly string[];
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
    .option('--only <systems>', 'only these systems, with commas between', namesIn)
    .option('--seed <seed>', 'makes the same keys and secrets as an earlier rehearsal')
    .option('--keep', 'leave the stack up in the twin, to look at it with ./cutover twin', false)
    .option('--live', 'have real databases, processes and load balancers behind the cloud', false)
    .option('--folder <path>', 'keep its files elsewhere than in .cutover/twin/STACK', notEmpty)
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

function namesIn(text: string): readonly string[] {
  const names = text.split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) throw new InvalidArgumentError('Name systems, as in gemforce,coinestate.');
  return [...new Set(names)];
}

// `--folder "$UNSET"` would be the folder at hand.
function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('Name a folder.');
  return text;
}

async function rehearseCommand(stack: string, options: RehearseCommandOptions): Promise<number> {
  const [{ rehearse }, { twinFolder }] = await Promise.all([
    import('./rehearse/run.ts'),
    import('./twin/scratch.ts'),
  ]);
  const terminal = terminalOn(options.json ? process.stderr : process.stdout);
  const { only, folder, keep, live, seed = randomBytes(4).toString('hex') } = options;
  terminal.line(notice);
  const rehearsal = await rehearse(
    stack,
    {
      ...{ seed, keep, live },
      ...(only !== undefined && { only }),
      ...(folder !== undefined && { folder }),
    },
    audienceOn(terminal, stack, seed),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ notice, ...rehearsal }, null, 2)}\n`);
  close(rehearsal, terminal, twinFolder(stack));
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
      const [head, figures] = describeStep(step);
      // In a terminal that is too narrow for both; elsewhere a step stays one line.
      const between =
        terminal.interactive && `${head} ${figures}`.length + 2 > terminal.columns ? '\n    ' : ' ';
      const mark = good ? style('green', '✓') : style('red', '✗');
      line(`${mark} ${head}${figures === '' ? '' : `${between}${figures}`}`);
      for (const each of step.shown ?? []) line(`    ${each}`);
      // What an engine says that was told to stop is about the stopping.
      if (good || step.problems.includes(wasInterrupted)) return;
      for (const each of said.slice(-60)) line(`    ${each}`);
      for (const problem of step.problems) line(`  ${style('red', problem)}`);
    },
    progress: (text) => terminal.progress(text === '' ? '' : `  ${text}`),
    onInterrupt: (time) =>
      line(
        time === 1
          ? 'Stopping: the steps at hand are ended, then the engine and the nodes. Ctrl-C again stops at once.'
          : 'Stopping at once.',
      ),
  };
}

/** A step's name with its time, and its figures. */
function describeStep({
  name,
  seconds,
  runs,
  engine,
  cloud,
  transactions,
}: StepReport): readonly [head: string, figures: string] {
  const done = Object.entries(engine).flatMap(([verb, count]) => (count > 0 ? [`${count} ${verb}`] : []));
  const time = duration(seconds * 1000).padStart(7);
  // A look from outside, not a run of the engine.
  const head = `${name.padEnd(48)} ${time}`;
  if (runs === 0) return [head, ''];
  const figures = [
    ...(runs > 1 ? [`${runs} updates`] : []),
    done.length === 0 ? 'no changes' : `${name === 'preview' ? 'would be: ' : ''}${done.join(', ')}`,
    `${cloud.changes} changing calls, ${cloud.things} things in the cloud`,
    ...(transactions > 0 ? [`${transactions} transactions`] : []),
  ];
  return [head, `· ${figures.join(' · ')}`];
}

function close(
  { stack, steps, good, interrupted, seconds, folder, seed }: Rehearsal,
  terminal: Terminal,
  usual: string,
): void {
  const { line, style } = terminal;
  const time = duration(seconds * 1000);
  line();
  if (good) line(`${style('green', 'Good')}: ${steps.length} steps in ${time}.`);
  else if (interrupted) line(`Stopped by you after ${time}. Nothing of it runs any more.`);
  else line(`${style('red', 'Not good')} after ${time}. The same again: --seed ${seed}`);
  if (folder === undefined) return;
  const option = folder === usual ? '' : ` --folder '${folder}'`;
  line(`Kept in ${folder}`);
  line(`./cutover twin ls ${stack}${option} shows what there is.`);
}
