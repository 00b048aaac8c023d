import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { projectRoot } from '@cutover/base/project.ts';
import { terminalOn } from './terminal.ts';
import { countTests, testLines, type Part, type VitestReport } from './test-run/report.ts';

const levels = ['unit', 'chain', 'engine', 'faults', 'bench'] as const;
type Level = (typeof levels)[number];
const benchFiles = {
  deployment: 'deployment/main.ts',
  refresh: 'refresh.ts',
  cuts: 'plan-cut.ts',
  indexer: 'indexer.ts',
  load: 'load/main.ts',
  cloud: 'cloud.ts',
  solana: 'solana/main.ts',
} as const;
type Bench = keyof typeof benchFiles;
const benches = Object.keys(benchFiles) as Bench[];

interface TestOptions {
  readonly long: boolean;
}

/** `./cutover test [LEVEL]`: every check of the project, closed by one line that counts them. */
export function registerTest(program: Command): void {
  program
    .command('test')
    .description('run the tests: all of them, or one level')
    .addArgument(new Argument('[level]', 'one level only').choices(levels))
    .addArgument(
      new Argument('[which]', 'for bench: other figures than those of the launcher').choices(benches),
    )
    .option(
      '--long',
      'let it take its time: more moments to kill at, more seeds, every property many more times',
      false,
    )
    .addHelpText(
      'after',
      `
Levels:
  unit     types, lint, format and everything pure; minutes
  chain    real chain nodes, databases and services
  engine   the real Pulumi engine on the dev stack
  faults   kills, hangs, taken ports, two at once
  bench    figures with their floor beside them; not part of the whole run

Examples:
  ./cutover test              unit, chain, engine and faults
  ./cutover test unit
  ./cutover test faults --long
  ./cutover test unit --long         every property twenty times as often
  ./cutover test bench deployment    contracts, beside forge and Hardhat Ignition
  ./cutover test bench load          a launch day's requests on the dev stack, four minutes`,
    )
    .action(
      async (level: Level | undefined, which: Bench | undefined, options: TestOptions, command: Command) => {
        if (which !== undefined && level !== 'bench') command.error(`error: only bench has a ${which}`);
        process.exitCode = level === 'bench' ? await bench(which) : await test(level, options);
      },
    );
}

async function test(level: Exclude<Level, 'bench'> | undefined, options: TestOptions): Promise<number> {
  const terminal = terminalOn(process.stdout, true);
  const parts: Part[] = [];
  const began = Date.now();
  for (const each of level === undefined ? (['unit', 'chain', 'engine', 'faults'] as const) : [level]) {
    if (each === 'unit') {
      terminal.line(`${checks.map(({ name }) => name).join(', ')} …`);
      parts.push(...(await Promise.all(checks.map(check))));
    }
    parts.push(await suite(each, options));
  }
  terminal.line();
  for (const line of testLines(parts, Date.now() - began)) terminal.line(line);
  return parts.every(({ failed }) => failed === 0) ? 0 : 1;
}

/** What passes or fails as a whole. */
const checks = [
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { name: 'lint', command: ['node_modules/eslint/bin/eslint.js', '.'] },
  {
    name: 'format',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
] as const;

/** Runs a check; the checks run side by side, so what one has to say comes in one piece when it ends. */
async function check({ name, command }: (typeof checks)[number]): Promise<Part> {
  const began = Date.now();
  const chunks: Buffer[] = [];
  const status = await runNode(command, {}, chunks);
  if (status !== 0) process.stdout.write(Buffer.concat(chunks));
  const said = Buffer.concat(chunks).toString().trim().split('\n').slice(0, 20);
  return {
    name,
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    failures: status === 0 ? [] : [said.join('\n')],
    milliseconds: Date.now() - began,
  };
}

/** One level of vitest, counted from its own report. */
async function suite(level: Exclude<Level, 'bench'>, options: TestOptions): Promise<Part> {
  const began = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'cutover-test-'));
  const report = join(folder, 'report.json');
  const status = await runNode(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      level,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { CUTOVER_LONG: options.long ? '1' : '' },
  );
  const text = await readFile(report, 'utf8').catch(() => '{}');
  await rm(folder, { recursive: true, force: true });
  const counted = countTests(JSON.parse(text) as VitestReport, { status, root: projectRoot });
  return { name: level, ...counted, milliseconds: Date.now() - began };
}

async function bench(which: Bench | undefined): Promise<number> {
  return runNode([`test/bench/${which === undefined ? 'main.ts' : benchFiles[which]}`], {});
}

/** Runs Node; what it prints goes to the terminal, or into `kept`. */
function runNode(args: readonly string[], env: NodeJS.ProcessEnv, kept?: Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      stdio: kept === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (chunk: Buffer) => kept?.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => kept?.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
