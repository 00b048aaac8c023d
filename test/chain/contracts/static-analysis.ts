import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { fromRoot, runtimeFolder } from '@cutover/base/project.ts';
import { hashOf, hashSource, searchFolders } from '@cutover/chain/evm/sources.ts';
import { run } from '../../../toolchain/run.ts';
import { bringSlither, type Slither } from '../../../toolchain/slither.ts';
import { compileFolder, solidityFiles, type Sources } from './static-analysis-export.ts';
import {
  compareFindings,
  readFindings,
  type Difference,
  type Explained,
  type Finding,
  type SlitherOutput,
} from './static-analysis-findings.ts';

/** Where all explanations are, relative to the project. */
export const triageFile = 'chain/contracts/slither-triage.json';

interface Cached {
  readonly sources: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** The folders below chain/contracts, each of which is analysed by itself. */
export function contractFolders(): string[] {
  const folders = solidityFiles('chain/contracts').map((file) => file.split('/').slice(0, 3).join('/'));
  return [...new Set(folders)];
}

/** Slither, brought if need be, with a word about it on standard error. */
export function findSlither(): Promise<Slither> {
  return bringSlither({ doing: (what) => process.stderr.write(`static analysis: ${what} …\n`) });
}

/**
 * What Slither finds in the contracts of a folder, with all of its detectors; from the cache when no source has
 * changed. SIDE EFFECTS: runs Slither; writes to .cutover/cache/slither.
 */
export async function analyse(folder: string, slither: Slither & { state: 'present' }): Promise<Finding[]> {
  const harness = ['static-analysis-export.ts', 'static-analysis-findings.ts'].map((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  );
  const key = hashOf(JSON.stringify([folder, slither.version, harness])).slice(0, 32);
  const cacheFile = join(runtimeFolder, 'cache', 'slither', `${key}.json`);
  const cached = await readCached(cacheFile);
  if (cached !== undefined && isCurrent(folder, cached)) return [...cached.findings];
  const { sources, exported } = await compileFolder(folder);
  const findings = readFindings(await runSlither(slither.path, exported));
  const hashes = Object.entries(sources).map(([name, text]) => [name, hashOf(text)]);
  const entry: Cached = { sources: Object.fromEntries(hashes) as Sources, findings };
  await writeFileAtomic(cacheFile, JSON.stringify(entry));
  return findings;
}

/** The reviewed explanations. */
export function readTriage(): readonly Explained[] {
  return (JSON.parse(readFileSync(fromRoot(triageFile), 'utf8')) as { explained: Explained[] }).explained;
}

async function runSlither(program: string, exported: unknown): Promise<SlitherOutput> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-slither-'));
  try {
    const [input, output] = [join(folder, 'contracts_export.json'), join(folder, 'findings.json')];
    await writeFile(input, JSON.stringify(exported));
    const options = ['--json', output, '--filter-paths', 'node_modules', '--fail-none', '--disable-color'];
    const ended = await run(program, [input, ...options], {
      env: { ...process.env, PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1' },
    });
    const text = await readFile(output, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error(`Slither ended with ${ended.status}:\n${ended.said}`);
    return JSON.parse(text) as SlitherOutput;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isCurrent(folder: string, cached: Cached): boolean {
  const files = solidityFiles(folder);
  const folders = searchFolders(files[0] ?? folder);
  return (
    files.every((file) => file in cached.sources) &&
    Object.entries(cached.sources).every(([name, hash]) => hashSource(name, folders) === hash)
  );
}

async function readCached(file: string): Promise<Cached | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Cached;
  } catch {
    return undefined;
  }
}

/** `node test/chain/contracts/static-analysis.ts [--write]`: prints what is not explained; with --write lists it. */
async function main(write: boolean): Promise<void> {
  const slither = await findSlither();
  if (slither.state === 'missing') throw new Error(slither.why);
  const found = new Map<string, Finding>();
  for (const folder of contractFolders()) {
    for (const finding of await analyse(folder, slither)) found.set(finding.fingerprint, finding);
  }
  const explained = readTriage();
  const difference = compareFindings([...found.values()], explained);
  process.stdout.write(`${describeDifference(difference)}\n`);
  process.stdout.write(
    `Slither ${slither.version}: ${found.size} findings, ${difference.unexplained.length} not explained, ${difference.gone.length} gone\n`,
  );
  process.exitCode = difference.unexplained.length + difference.gone.length === 0 ? 0 : 1;
  if (!write) return;
  const kept = explained.filter((each) => !difference.gone.includes(each));
  const known = new Set(kept.map(({ fingerprint }) => fingerprint));
  const added = difference.unexplained
    .filter(({ fingerprint }) => !known.has(fingerprint))
    .map(({ fingerprint, detector, where }) => ({ fingerprint, detector, where, reason: '' }));
  const all = [...kept, ...added].sort((a, b) =>
    `${a.where} ${a.detector}` < `${b.where} ${b.detector}` ? -1 : 1,
  );
  await writeFileAtomic(fromRoot(triageFile), `${JSON.stringify({ explained: all }, undefined, 2)}\n`);
}

/** The difference as lines for people. */
export function describeDifference({ unexplained, gone }: Difference): string {
  return [
    ...unexplained.map(
      ({ impact, detector, fingerprint, says }) =>
        `${impact} ${detector} (${fingerprint}), not explained:\n${says}\n`,
    ),
    ...gone.map(
      ({ detector, where, fingerprint }) =>
        `${detector} (${fingerprint}) in ${where}: explained, and found no more. Take the explanation out.\n`,
    ),
  ].join('\n');
}

if (import.meta.main) await main(process.argv.includes('--write'));
