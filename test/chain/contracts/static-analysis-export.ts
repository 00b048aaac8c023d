import { existsSync, globSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import { readSource, searchFolders } from '@cutover/chain/evm/sources.ts';
import type { CompileAnswer, CompileRequest } from '@cutover/chain/evm/solc-worker.ts';

/** All sources of a folder and of what they import, by the names that the compiler knows them by. */
export type Sources = Readonly<Record<string, string>>;

/** A compilation in the form that Slither reads without a compiler of its own (crytic-compile's export). */
export interface Compilation {
  readonly sources: Sources;
  readonly exported: unknown;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: unknown }>>;
  readonly contracts: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly abi: unknown;
  readonly userdoc: unknown;
  readonly devdoc: unknown;
  readonly evm: Readonly<Record<'bytecode' | 'deployedBytecode', { object: string; sourceMap: string }>>;
}

/** The Solidity files below a folder of the project. */
export function solidityFiles(folder: string): string[] {
  return globSync(`${folder}/**/*.sol`, { cwd: projectRoot }).sort();
}

/** Compiles all contracts below a folder with the project's own solc. SIDE EFFECTS: reads files, runs a thread. */
export async function compileFolder(folder: string): Promise<Compilation> {
  const files = solidityFiles(folder);
  const folders = searchFolders(files[0] ?? folder);
  const own = Object.fromEntries(files.map((file) => [file, readSource(file, folders) ?? '']));
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(own).map(([file, content]) => [file, { content }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      outputSelection: { '*': { '': ['ast'], '*': ['abi', 'userdoc', 'devdoc', ...code] } },
    },
  };
  const answer = await runCompiler({ input: JSON.stringify(input), searchFolders: folders });
  const output = JSON.parse(answer.output) as Output;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
  return { sources: { ...answer.imported, ...own }, exported: exportOf(output, answer.compilerVersion) };
}

const code = ['bytecode', 'deployedBytecode'].flatMap((kind) => [
  `evm.${kind}.object`,
  `evm.${kind}.sourceMap`,
]);

function runCompiler(request: CompileRequest): Promise<CompileAnswer> {
  const file = fileURLToPath(import.meta.resolve('@cutover/chain/evm/solc-worker.ts'));
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: request });
    worker.once('message', (answer: CompileAnswer) => {
      resolve(answer);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}

function exportOf(output: Output, compilerVersion: string): unknown {
  const units = Object.entries(output.sources).map(([name, { ast }]) => [
    name,
    { ast, contracts: contractsOf(output.contracts[name] ?? {}, isOwn(name)) },
  ]);
  return {
    crytic_version: '0.0.2',
    package: null,
    working_dir: projectRoot,
    type: 100, // crytic-compile's own format, in its list of platforms
    unit_tests: [],
    compilation_units: {
      cutover: {
        compiler: { compiler: 'solc', version: compilerVersion.split('+')[0], optimized: true },
        filenames: Object.keys(output.sources).map(nameOf),
        source_units: Object.fromEntries(units) as unknown,
      },
    },
  };
}

function contractsOf(contracts: Readonly<Record<string, CompiledContract>>, own: boolean): unknown {
  return Object.fromEntries(
    Object.entries(contracts).map(([name, { abi, userdoc, devdoc, evm }]) => [
      name,
      {
        abi,
        userdoc,
        devdoc,
        bin: evm.bytecode.object,
        'bin-runtime': evm.deployedBytecode.object,
        srcmap: evm.bytecode.sourceMap,
        'srcmap-runtime': evm.deployedBytecode.sourceMap,
        libraries: {},
        is_dependency: !own,
      },
    ]),
  );
}

function nameOf(name: string): unknown {
  const path = isOwn(name) ? name : `node_modules/${name}`;
  return { absolute: fromRoot(path), used: name, short: path, relative: path };
}

function isOwn(name: string): boolean {
  return existsSync(fromRoot(name));
}
