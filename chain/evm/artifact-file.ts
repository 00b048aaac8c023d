import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot, toRoot } from '@cutover/base/project.ts';
import type { Abi, ByteRange, ImmutableReferences, LinkReferences } from '../plan/artifact.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Reads an artefact's JSON. SIDE EFFECTS: reads a file. */
export async function readArtifactJson(path: string): Promise<Json> {
  const absolute = fromRoot(path);
  let text: string;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (cause) {
    const beside = await readdir(dirname(absolute)).catch(() => []);
    const candidates = beside.filter((name) => name.endsWith('.json') && !name.endsWith('.dbg.json'));
    const hint =
      candidates.length > 0
        ? `Beside it: ${candidates.slice(0, 8).join(', ')}.`
        : `${toRoot(dirname(absolute))} ${beside.length > 0 ? 'has no artefacts' : 'does not exist or is empty'}.`;
    throw new CutoverError('CUT-2010', { path, reason: messageOf(cause), hint }, { cause });
  }
  const parsed = parseJson(text, path);
  if (!isJson(parsed)) throw malformed(path, 'it is JSON, but not an object');
  const stranger = formOf(parsed);
  if (stranger !== undefined) throw malformed(path, stranger);
  return parsed;
}

/** What a file is, in words, where it is known to be no artefact of Hardhat or Foundry. */
function formOf(json: Json): string | undefined {
  if (isJson(json['contracts']) || isJson(dig(json, 'output', 'contracts'))) {
    return "it is the compiler's answer about many contracts (build information, standard JSON); name the file of one";
  }
  if (json['bytecode'] !== undefined) return undefined;
  if (isJson(dig(json, 'data', 'bytecode'))) return "it is Remix's; compile its source here instead";
  if (isJson(dig(json, 'evm', 'bytecode')))
    return "it is a part of the compiler's own answer, not a tool's artefact";
  return json['abi'] === undefined ? undefined : 'it has an ABI, but no code (`bytecode`)';
}

/** The same for files that are good to have, such as build information: undefined when it cannot be read. */
export async function readOptionalJson(absolutePath: string): Promise<Json | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(absolutePath, 'utf8'));
    return isJson(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An inner object by its path of keys; undefined where the path breaks off. */
export function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isJson(inner) ? inner[key] : undefined), value);
}

export function malformed(path: string, reason: string): CutoverError {
  return new CutoverError('CUT-2012', { path, reason });
}

export function readAbi(value: unknown, path: string): Abi {
  const items: unknown = typeof value === 'string' ? parseJson(value, path) : value;
  if (
    !Array.isArray(items) ||
    !items.every((item) => isJson(item) && typeof (item['type'] ?? '') === 'string')
  ) {
    throw malformed(path, 'its `abi` is not a list of functions, events and errors');
  }
  return items as Abi;
}

/** Code as hex with 0x, whatever way the tool writes it. Placeholders of libraries may stand in it. */
export function readCode(value: unknown, field: string, path: string): string {
  if (typeof value !== 'string') throw malformed(path, `its \`${field}\` is missing or not a text`);
  const digits = value.trim().replace(/^0x/i, '');
  if (digits.length % 2 !== 0)
    throw malformed(path, `its \`${field}\` has an odd number of hexadecimal digits`);
  const rest = digits.replaceAll(/__.{38}/g, '');
  const stranger = /[^0-9a-fA-F]/.exec(rest);
  if (stranger !== null)
    throw malformed(path, `its \`${field}\` has a ${JSON.stringify(stranger[0])} among the digits`);
  // Names in placeholders keep their case.
  return `0x${digits.replaceAll(/__.{38}|[A-F]+/g, (part) => (part.startsWith('__') ? part : part.toLowerCase()))}`;
}

/** Refuses what nobody can deploy: interfaces and abstract contracts have no creation code. */
export function requireCode(creationCode: string, contract: string, path: string): void {
  if (creationCode === '0x') throw new CutoverError('CUT-2013', { contract, where: path });
}

/** Code that is on the chain afterwards. Without it nobody could tell whether the right contract is there. */
export function readRuntimeCode(value: unknown, field: string, path: string): string {
  const code = readCode(value, field, path);
  if (code === '0x') throw malformed(path, `its \`${field}\` is empty, though it has code to deploy`);
  return code;
}

export function readLinkReferences(value: unknown, field: string, path: string): LinkReferences {
  if (value === undefined || value === null) return {};
  if (!isJson(value)) throw malformed(path, `its \`${field}\` is not an object`);
  for (const names of Object.values(value)) {
    if (!isJson(names) || !Object.values(names).every(isRanges)) {
      throw malformed(path, `its \`${field}\` is not a table of source -> library -> places`);
    }
  }
  return value as LinkReferences;
}

/** Undefined where the artefact has no such table. */
export function readImmutableReferences(value: unknown, path: string): ImmutableReferences | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJson(value) || !Object.values(value).every(isRanges)) {
    throw malformed(path, 'its `immutableReferences` is not a table of number -> places');
  }
  return value as ImmutableReferences;
}

/** What the compiler's settings say the code is for; nothing where they leave it to the compiler. */
export function evmVersionIn(compilerInput: unknown): { readonly evmVersion?: string } {
  const evmVersion = dig(compilerInput, 'settings', 'evmVersion');
  return typeof evmVersion === 'string' ? { evmVersion } : {};
}

/** `Token` of `out/Token.sol/Token.0.8.20.json`. */
export function contractNameOfFile(path: string): string {
  return basename(path).replace(/(\.\d+\.\d+\.\d+|\.default)?\.json$/, '');
}

function isRanges(value: unknown): value is readonly ByteRange[] {
  return (
    Array.isArray(value) &&
    value.every(
      (range) => isJson(range) && Number.isInteger(range['start']) && Number.isInteger(range['length']),
    )
  );
}

function parseJson(text: string, path: string): unknown {
  try {
    // Tools on Windows may put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    throw new CutoverError('CUT-2011', { path, reason: messageOf(cause) }, { cause });
  }
}
