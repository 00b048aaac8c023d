import { existsSync } from 'node:fs';
import { fromRoot } from '@cutover/base/project.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Abi, Artifact, ImmutableReferences, LinkReferences } from '../plan/artifact.ts';
import { layoutOfArtifact } from '../plan/layout/from-compiler.ts';
import { immutableNames, type SyntaxTree } from './syntax-tree.ts';

/** Texts of sources by the name that the compiler knows them by. */
export type SourceTexts = Readonly<Record<string, string>>;

interface Message {
  readonly severity: 'error' | 'warning' | 'info';
  readonly type: string;
  readonly message: string;
  readonly sourceLocation?: { readonly file: string; readonly start: number; readonly end: number };
}

interface Output {
  readonly errors?: readonly Message[];
  readonly sources?: Readonly<Record<string, { readonly ast?: SyntaxTree }>>;
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly abi: Abi;
  readonly storageLayout?: unknown;
  readonly transientStorageLayout?: unknown;
  readonly evm: {
    readonly bytecode: { readonly object: string; readonly linkReferences: LinkReferences };
    readonly deployedBytecode: {
      readonly object: string;
      readonly linkReferences: LinkReferences;
      readonly immutableReferences?: ImmutableReferences;
    };
  };
}

/** Takes one contract out of what the compiler wrote, or says what is wrong with the sources. */
export function readCompilerOutput(
  json: string,
  wanted: { readonly source: string; readonly contract: string; readonly sources: SourceTexts },
): { readonly compiled: Omit<Artifact, 'compilerInput'>; readonly warnings: readonly string[] } {
  const output = JSON.parse(json) as Output;
  const messages = output.errors ?? [];
  const print = (message: Message): string => printMessage(message, wanted.sources);
  const errors = messages.filter((message) => message.severity === 'error').map(print);
  if (errors.length > 0) {
    throw new CutoverError('CUT-2001', {
      count: errors.length,
      source: wanted.source,
      list: errors.join('\n'),
    });
  }

  const contract = output.contracts?.[wanted.source]?.[wanted.contract];
  if (contract === undefined) {
    const found = contractsOf(output.sources?.[wanted.source]?.ast);
    throw new CutoverError('CUT-2002', {
      source: wanted.source,
      contract: wanted.contract,
      found: found.length === 0 ? 'none' : found.join(', '),
    });
  }
  const { bytecode, deployedBytecode } = contract.evm;
  if (bytecode.object === '') {
    throw new CutoverError('CUT-2013', { contract: wanted.contract, where: wanted.source });
  }
  const immutableReferences = deployedBytecode.immutableReferences ?? {};
  const trees = Object.values(output.sources ?? {}).flatMap(({ ast }) => (ast === undefined ? [] : [ast]));
  return {
    compiled: {
      contractName: wanted.contract,
      sourceName: wanted.source,
      abi: contract.abi,
      creationCode: `0x${bytecode.object}`,
      runtimeCode: `0x${deployedBytecode.object}`,
      immutableReferences,
      immutableNames: immutableNames(trees, Object.keys(immutableReferences)),
      linkReferences: bytecode.linkReferences,
      runtimeLinkReferences: deployedBytecode.linkReferences,
      ...layoutOfArtifact({ ...wanted, compiled: contract, trees }),
    },
    // What the compiler says of packages is for their authors to read.
    warnings: messages
      .filter(({ severity, sourceLocation }) => severity === 'warning' && isOwn(sourceLocation?.file))
      .map(print),
  };
}

function isOwn(file: string | undefined): boolean {
  return file === undefined || existsSync(fromRoot(file));
}

/** `file:line:column: error: what the compiler says`, as editors and terminals make it clickable. */
function printMessage(message: Message, sources: SourceTexts): string {
  const at = message.sourceLocation;
  const kind = message.severity === 'error' ? message.type : message.severity;
  const text = at === undefined ? undefined : sources[at.file];
  if (at === undefined || text === undefined || at.start < 0)
    return `${at?.file ?? 'solc'}: ${kind}: ${message.message}`;
  // The compiler counts bytes.
  const before = Buffer.from(text, 'utf8').subarray(0, at.start).toString('utf8').split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return `${at.file}:${before.length}:${column}: ${kind}: ${message.message}`;
}

function contractsOf(tree: SyntaxTree | undefined): string[] {
  return (tree?.nodes ?? [])
    .filter((node) => node.nodeType === 'ContractDefinition')
    .map((node) => String(node.name));
}
