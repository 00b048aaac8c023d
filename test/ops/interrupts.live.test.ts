import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';

// A real process that works for two seconds, printing all the while, as commands do around the engine.
const url = pathToFileURL(join(projectRoot, 'ops', 'interrupts.ts')).href;
const program = (work: string): string => `
  const { onInterrupt, whenNobodyReads } = await import(${JSON.stringify(url)});
  whenNobodyReads(process.stdout);
  let asked = 0;
  ${work}
  for (let i = 0; i < 40; i++) {
    process.stdout.write('line ' + i + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.stderr.write('asked ' + asked);
  process.exitCode = asked > 0 ? 1 : 0;
`;
const atWork = program('onInterrupt(() => asked++);');

let child: ChildProcess | undefined;
afterEach(() => void child?.kill('SIGKILL'));

/** Starts it, does something when it has printed its first line, and waits for its end. */
async function run(text: string, disturb: (running: ChildProcess) => void | Promise<void>): Promise<string> {
  const running = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = running;
  let said = '';
  running.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  running.stdout.once('data', () => void disturb(running));
  const exit = await new Promise((resolve) =>
    running.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return `${String(exit)} ${said}`;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

describe('a wish to stop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is heard as %s, and work ends itself',
    async (signal) => {
      expect(await run(atWork, (running) => void running.kill(signal))).toBe('1 asked 1');
    },
  );

  it('is heard again, to stop at once', async () => {
    const said = await run(atWork, async (running) => {
      running.kill('SIGINT');
      await pause();
      running.kill('SIGTERM');
    });
    expect(said).toBe('1 asked 2');
  });

  it('counts once where the terminal is closed, which several signals and lost lines tell', async () => {
    const said = await run(atWork, async (running) => {
      running.kill('SIGINT');
      await pause();
      running.kill('SIGHUP');
      running.stdout?.destroy();
      await pause();
      running.kill('SIGHUP');
    });
    expect(said).toBe('1 asked 1');
  });
});

describe('output that nobody reads any more', () => {
  it('stops work at hand once, which then ends itself and says so by its exit code', async () => {
    expect(await run(atWork, (running) => void running.stdout?.destroy())).toBe('1 asked 1');
  });

  it('keeps the exit code of what stops, behind the last line too', async () => {
    const letsGo = 'const deaf = onInterrupt(() => (asked++, setTimeout(deaf, 100)));';
    expect(await run(program(letsGo), (running) => void running.stdout?.destroy())).toBe('1 asked 1');
  });

  it('ends what only prints, and is no error', async () => {
    expect(await run(program(''), (running) => void running.stdout?.destroy())).toBe('0 ');
  });
});
