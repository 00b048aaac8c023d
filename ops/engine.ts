import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CutoverError } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { atStart, parseEvent, step, type Line, type Progress } from './engine-events.ts';
import { onInterrupt } from './interrupts.ts';
import { duration, type Terminal } from './terminal.ts';

/** How a run of the engine ended. */
export interface EngineRun {
  readonly outcome: 'done' | 'failed' | 'interrupted';
  /** Steps that changed something. */
  readonly changed: number;
  /** How often each was done: created, updated, removed. */
  readonly done: Readonly<Record<string, number>>;
  readonly milliseconds: number;
  /** Numbers of the project's own errors that were met. */
  readonly codes: readonly string[];
}

/** Marks the engine and its plugins in their environment, so that the next run finds what a killed one left. */
export function engineTag(stack: string): { readonly name: string; readonly value: string } {
  return { name: 'CUTOVER_ENGINE', value: `${stack}@${projectRoot}` };
}

/**
 * Runs one command of the engine and tells what it does, line by line.
 * Ctrl-C stops it after the step at hand; a second one at once. SIDE EFFECTS: runs the Pulumi CLI.
 */
export async function runEngine(
  stack: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  expectedSteps: number | undefined,
): Promise<EngineRun> {
  const began = Date.now();
  // A process group of its own: the terminal's Ctrl-C reaches us alone, and we pass it on once.
  const tag = engineTag(stack);
  const engine = spawn('pulumi', [...args, '--json', '--non-interactive'], {
    cwd: projectRoot,
    env: { ...env, [tag.name]: tag.value },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let interrupts = 0;
  const interrupt = (): void => {
    interrupts++;
    terminal.line(
      interrupts === 1
        ? 'Stopping after the steps at hand; nothing will be left half-done. Ctrl-C again stops at once.'
        : 'Stopping at once; the next `./cutover up` mends what is left.',
    );
    engine.kill('SIGINT');
  };
  const deaf = onInterrupt(interrupt);
  let progress: Progress = atStart;
  const codes: string[] = [];
  const done: Record<string, number> = {};
  const showProgress = (): void => terminal.progress(progressLine(progress, began, expectedSteps));
  const ticker = setInterval(showProgress, 250);
  try {
    const take = (line: string): void => {
      const event = parseEvent(line);
      const { after, lines } =
        event === undefined ? { after: progress, lines: plainLine(line) } : step(progress, event);
      progress = after;
      for (const each of lines) {
        if (each.kind === 'done') done[each.verb] = (done[each.verb] ?? 0) + 1;
        if (each.kind === 'error') codes.push(...(each.text.match(/\bCUT-\d{4}\b/g) ?? []));
        printLine(each, terminal);
      }
      showProgress();
    };
    const read = [engine.stdout, engine.stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) take(line);
    });
    const status = await new Promise<number>((resolve, reject) => {
      engine.once('error', (cause) => reject(new CutoverError('CUT-5101', {}, { cause })));
      engine.once('close', (code) => resolve(code ?? 1));
    });
    await Promise.all(read);
    const outcome = interrupts > 0 && status !== 0 ? 'interrupted' : status === 0 ? 'done' : 'failed';
    return { outcome, changed: progress.changed, done, milliseconds: Date.now() - began, codes };
  } finally {
    clearInterval(ticker);
    terminal.progress('');
    deaf();
  }
}

function progressLine(progress: Progress, began: number, expected: number | undefined): string {
  const running = [...progress.running.values()].map(({ verb, name }) => `${verb} ${name}`);
  const of = expected === undefined || expected < progress.seen ? '' : ` of ${expected}`;
  const doing = running.length === 0 ? 'working out what to do' : running.join(', ');
  return `  ${progress.seen}${of} · ${duration(Date.now() - began)} · ${doing}`;
}

function printLine(line: Line, terminal: Terminal): void {
  const { style } = terminal;
  switch (line.kind) {
    case 'done': {
      const time = line.seconds < 1 ? '' : style('dim', `  ${line.seconds} s`);
      terminal.line(
        `  ${style('green', line.verb.padEnd(8))} ${line.name.padEnd(44)} ${style('dim', line.type)}${time}`,
      );
      return;
    }
    case 'failed':
      terminal.line(`  ${style('red', 'failed')}   ${line.verb} ${line.name}`);
      return;
    case 'note':
      terminal.line(`  ${style('dim', indent(line.text))}`);
      return;
    case 'warning':
      terminal.line(`  ${style('yellow', indent(line.text))}`);
      return;
    case 'error':
      terminal.line(`\n${style('red', line.text)}${line.name === undefined ? '' : `\n  in: ${line.name}`}\n`);
      return;
  }
}

// Lines of the CLI itself, outside the stream of events: complaints, mostly.
function plainLine(line: string): readonly Line[] {
  const text = line.replace(/^error: /, '').trim();
  if (text === '' || text === '{' || text === '}') return [];
  return [line.startsWith('error: ') ? { kind: 'error', name: undefined, text } : { kind: 'note', text }];
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
