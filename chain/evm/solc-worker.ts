import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { readSource } from './sources.ts';

/** What the compiler's thread is given. */
export interface CompileRequest {
  /** The standard JSON input, but for the sources that imports lead to. */
  readonly input: string;
  /** Folders whose node_modules are searched for imports, nearest first. */
  readonly searchFolders: readonly string[];
}

/** What it answers. */
export interface CompileAnswer {
  readonly compilerVersion: string;
  readonly output: string;
  /** Every imported source that was reached: its name for the compiler and its text. */
  readonly imported: Readonly<Record<string, string>>;
}

interface Solc {
  version(): string;
  compile(
    input: string,
    callbacks: { import: (name: string) => { contents: string } | { error: string } },
  ): string;
}

// solc is 9 MB of WebAssembly that needs 170 MB and answers synchronously: in a thread of its own it blocks nobody,
// and its memory goes when the thread ends.
const { input, searchFolders } = workerData as CompileRequest;
const solc = createRequire(import.meta.url)('solc') as Solc;
const imported: Record<string, string> = {};
const output = solc.compile(input, {
  import: (name) => {
    const text = readSource(name, searchFolders);
    if (text === undefined) return { error: `no such file in the project or in node_modules` };
    imported[name] = text;
    return { contents: text };
  },
});
const answer: CompileAnswer = {
  compilerVersion: solc.version().replace('.Emscripten.clang', ''),
  output,
  imported,
};
parentPort?.postMessage(answer);
