import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot, toRoot } from '@cutover/base/project.ts';
import type { Artifact } from '../plan/artifact.ts';
import { layoutReaderVersion } from '../plan/layout/layout.ts';
import {
  type RequestKey,
  cachedCompilation,
  defaultCacheFolder,
  inputFile,
  sharedCacheFolder,
  storeCompilation,
  takeCompilation,
} from './compile-cache.ts';
import type { SourceTexts } from './compiler-output.ts';
import type { CompileAnswer, CompileRequest } from './solc-worker.ts';
import { hashSource, readSource, searchFolders, sourceName } from './sources.ts';

/** How a contract of ours is compiled. What is left out is as the defaults say, never as the compiler happens to. */
export interface CompilerSettings {
  /** How often the optimizer should expect each line to run. @default 200 */
  readonly optimizerRuns?: number;
  /**
   * The oldest network rules that the code must run under.
   * @default 'cancun': the newest that every chain of the five systems has had for long.
   */
  readonly evmVersion?: 'paris' | 'shanghai' | 'cancun' | 'prague' | 'osaka';
  /** Compile through Yul. Slower, smaller code. @default false */
  readonly viaIR?: boolean;
  /**
   * What the code carries of its metadata. With `ipfs` the edit of a comment changes the code, and with it the
   * address of a CREATE2 deployment; with `none` only the compiler's version is kept. @default 'none'
   */
  readonly bytecodeHash?: 'none' | 'ipfs';
}

export interface CompileArgs {
  /** The file, relative to the project or absolute. */
  readonly source: string;
  /** The contract in that file. */
  readonly contract: string;
  readonly settings?: CompilerSettings;
  /** Where progress and the compiler's warnings go. @default the console */
  readonly log?: (line: string) => void;
  /** Where results are kept. @default .cutover/cache/solc */
  readonly cacheFolder?: string;
}

const running = new Map<string, Promise<Artifact>>();

/**
 * Compiles a contract with the solc of package.json, or takes it from the cache when neither the settings nor any
 * source that it reaches have changed. SIDE EFFECTS: writes to .cutover/cache/solc.
 */
export async function compileSource(args: CompileArgs): Promise<Artifact> {
  const name = sourceName(args.source);
  const request: RequestKey = {
    compiler: compilerPackageVersion(),
    source: name,
    contract: args.contract,
    settings: standardSettings(name, args.contract, args.settings ?? {}),
    layoutReader: layoutReaderVersion,
  };
  const key = JSON.stringify(request);
  // Two resources that ask for the same contract at once share one compilation.
  const shared = running.get(key);
  if (shared !== undefined) return shared;
  const evmVersion = compiledFor(args.settings);
  const compilation = compileOrLoad(request, args)
    .then((artifact) => ({ ...artifact, evmVersion }))
    .finally(() => running.delete(key));
  running.set(key, compilation);
  return compilation;
}

/** The EVM that sources are compiled for. */
export function compiledFor(settings: CompilerSettings = {}): NonNullable<CompilerSettings['evmVersion']> {
  return settings.evmVersion ?? 'cancun';
}

async function compileOrLoad(request: RequestKey, args: CompileArgs): Promise<Artifact> {
  const folders = searchFolders(args.source);
  const cacheFolder = args.cacheFolder ?? defaultCacheFolder;
  const path = fromRoot(args.source);
  const text = readSource(path, folders);
  if (text === undefined) throw new CutoverError('CUT-2000', { source: args.source, path });

  const hash = (unit: string): string => hashSource(unit === request.source ? path : unit, folders);
  const cached = await cachedCompilation(cacheFolder, request, hash);
  if (cached !== undefined) return cached;
  // A test that names a folder wants to see the compiler at work.
  const shared = args.cacheFolder === undefined ? sharedCacheFolder() : undefined;
  const taken = shared === undefined ? undefined : await takeCompilation(shared, cacheFolder, request, hash);
  if (taken !== undefined) return taken;

  const log = args.log ?? console.log;
  const started = performance.now();
  const input = {
    language: 'Solidity',
    sources: { [request.source]: { content: text } },
    settings: request.settings,
  };
  const answer = await runCompiler({ input: JSON.stringify(input), searchFolders: folders });
  const sources: SourceTexts = { ...answer.imported, [request.source]: text };
  // Loaded only here: most runs find what was compiled before.
  const { readCompilerOutput } = await import('./compiler-output.ts');
  const { compiled, warnings } = readCompilerOutput(answer.output, {
    source: request.source,
    contract: args.contract,
    sources,
  });
  for (const warning of warnings) log(warning);

  const contentHash = hashOfContent(request, sources);
  const artifact: Artifact = {
    ...compiled,
    compilerInput: {
      kind: 'standard-json',
      path: toRoot(inputFile(cacheFolder, contentHash)),
      compilerVersion: answer.compilerVersion,
    },
  };
  await storeCompilation(cacheFolder, request, contentHash, sources, artifact);
  if (shared !== undefined) await storeCompilation(shared, request, contentHash, sources, artifact);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const count = Object.keys(sources).length;
  const files = count === 1 ? '1 file' : `${count} files`;
  log(
    `compiled ${request.source}:${args.contract} with solc ${answer.compilerVersion}, ${files}, ${seconds} s`,
  );
  return artifact;
}

/** The settings part of the standard JSON input: all that decides about the code is spelt out. */
function standardSettings(
  source: string,
  contract: string,
  settings: CompilerSettings,
): Record<string, unknown> {
  const code = ['object', 'linkReferences'];
  return {
    optimizer: { enabled: true, runs: settings.optimizerRuns ?? 200 },
    evmVersion: compiledFor(settings),
    viaIR: settings.viaIR ?? false,
    metadata: { bytecodeHash: settings.bytecodeHash ?? 'none', appendCBOR: true, useLiteralContent: false },
    outputSelection: {
      '*': { '': ['ast'] },
      [source]: {
        '': ['ast'],
        [contract]: [
          'abi',
          'storageLayout',
          'transientStorageLayout',
          ...code.map((part) => `evm.bytecode.${part}`),
          ...[...code, 'immutableReferences'].map((part) => `evm.deployedBytecode.${part}`),
        ],
      },
    },
  };
}

function runCompiler(request: CompileRequest): Promise<CompileAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./solc-worker.ts', import.meta.url), { workerData: request });
    worker.once('message', (answer: CompileAnswer) => {
      resolve(answer);
      void worker.terminate();
    });
    const fail = (reason: string, cause?: unknown): void =>
      reject(new CutoverError('CUT-2003', { reason }, { cause }));
    worker.once('error', (error) => fail(messageOf(error), error));
    worker.once('exit', (code) => fail(`its thread ended with code ${code}`));
  });
}

/** The version in solc's package.json: known without loading its 9 MB. */
function compilerPackageVersion(): string {
  return (createRequire(import.meta.url)('solc/package.json') as { version: string }).version;
}

function hashOfContent(request: RequestKey, sources: SourceTexts): string {
  const sorted = Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([request, sorted]))
    .digest('hex');
}
