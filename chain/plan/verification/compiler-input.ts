import type { LinkReferences } from '../artifact.ts';
import type { Libraries } from '../link.ts';
import { inside } from './reply.ts';

/** What a compiler is given: https://docs.soliditylang.org/en/latest/using-the-compiler.html#input-description */
export interface StandardInput {
  readonly language: string;
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Decides about no byte of the code; some explorers read what they need from exactly these. */
const outputSelection = {
  '*': {
    '': ['ast'],
    '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers', 'metadata'],
  },
};

/** Reads an input as a tool stored it: all that decides about the code, and nothing else. */
export function readStandardInput(value: unknown): StandardInput | undefined {
  const [language, sources, settings] = ['language', 'sources', 'settings'].map((key) => inside(value, key));
  if (typeof language !== 'string' || !isRecord(sources) || !isRecord(settings)) return undefined;
  const contents = Object.entries(sources).map(
    ([name, source]) => [name, inside(source, 'content')] as const,
  );
  if (contents.length === 0 || !contents.every(([, content]) => typeof content === 'string'))
    return undefined;
  return standardInput(language, Object.fromEntries(contents) as Record<string, string>, settings);
}

/** Makes the input from the compiler's metadata and the texts of the sources that it names. */
export function inputFromMetadata(
  metadata: unknown,
  contents: Readonly<Record<string, string>>,
): StandardInput | undefined {
  const [language, settings] = [inside(metadata, 'language'), inside(metadata, 'settings')];
  if (typeof language !== 'string' || !isRecord(settings)) return undefined;
  // The target is no setting of the compiler, and libraries are written in another way.
  const { compilationTarget: _, libraries = {}, ...rest } = settings;
  const linked = isRecord(libraries) ? nested(Object.entries(libraries)) : {};
  return standardInput(language, contents, {
    ...rest,
    ...(Object.keys(linked).length === 0 ? {} : { libraries: linked }),
  });
}

/** The input with the addresses that were filled in at deployment. */
export function withLibraries(
  input: StandardInput,
  references: LinkReferences,
  libraries: Libraries,
): StandardInput {
  const used = Object.entries(references).flatMap(([source, names]) =>
    Object.keys(names).flatMap((name) => {
      const address = libraries[`${source}:${name}`] ?? libraries[name];
      return address === undefined ? [] : [[`${source}:${name}`, address] as const];
    }),
  );
  // Artefacts without the compiler's table name their libraries in full.
  const named = used.length > 0 ? used : Object.entries(libraries).filter(([name]) => name.includes(':'));
  if (named.length === 0) return input;
  const given = input.settings['libraries'];
  const merged = nested(named, isRecord(given) ? given : {});
  return { ...input, settings: { ...input.settings, libraries: merged } };
}

/** `0.8.37+commit.f401782d` of whatever a tool calls it; undefined where the commit is not known. */
export function fullCompilerVersion(text: string | undefined): string | undefined {
  return /^v?(\d+\.\d+\.\d+\+commit\.[0-9a-f]{8})(\.|$)/.exec(text ?? '')?.[1];
}

function standardInput(
  language: string,
  contents: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): StandardInput {
  const sources = Object.entries(contents).map(([name, content]) => [name, { content }] as const);
  return { language, sources: Object.fromEntries(sources), settings: { ...settings, outputSelection } };
}

/** `source.sol:Library` -> address, as source -> library -> address. A source's name may have a colon itself. */
function nested(
  libraries: readonly (readonly [string, unknown])[],
  given: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { ...given };
  for (const [fullName, address] of libraries) {
    const colon = fullName.lastIndexOf(':');
    const source = fullName.slice(0, Math.max(colon, 0));
    const beside = result[source];
    result[source] = { ...(isRecord(beside) ? beside : {}), [fullName.slice(colon + 1)]: address };
  }
  return result;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
