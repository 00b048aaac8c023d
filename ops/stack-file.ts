import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { nearest } from '../infra/config/nearest.ts';
import type { Problem } from '../infra/config/problems.ts';
import type { Path } from '../infra/config/show.ts';

/** A stack file as it was read: the blocks below `config:`, and where each stands. */
export interface StackFile {
  /** Its name, relative to the project. */
  readonly file: string;
  /** The blocks by their full names, `cutover:networks` say. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What readers of YAML disagree about. */
  readonly problems: readonly Problem[];
  /** The line of a value or, where there is none, of the block that lacks it. */
  readonly lineOf: (path: Path) => number | undefined;
}

const PREFIX = 'cutover:';
const outerKeys = ['config', 'encryptionsalt', 'encryptedkey', 'secretsprovider'];

/** Reads the file of a stack. Throws when there is none or when it is not YAML. SIDE EFFECTS: reads files. */
export async function readStackFile(stack: string, folder = projectRoot): Promise<StackFile> {
  const file = `Pulumi.${stack}.yaml`;
  return parseStackFile(file, await readText(stack, folder, file));
}

/** Takes the text of a stack file apart. */
export function parseStackFile(file: string, text: string): StackFile {
  const lines = new LineCounter();
  // Merge keys (<<) are read by the engine too.
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const broken = document.errors.map(({ pos, message }) => complaint(file, text, lines, pos[0], message));
  if (broken.length > 0) throw new CutoverError('CUT-1003', { file, list: broken.join('\n') });
  const contents = document.contents;
  const outer = outerProblems(document).map(({ at, message }) => complaint(file, text, lines, at, message));
  if (outer.length > 0) throw new CutoverError('CUT-1003', { file, list: outer.join('\n') });
  const blocks = isMap(contents) ? (contents.get('config', true) as Node | undefined) : undefined;
  const values = (document.toJS() as { config?: Record<string, unknown> | null }).config ?? {};
  return {
    file,
    // The engine reads a name without a colon as one of this project's.
    values: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key.includes(':') ? key : `${PREFIX}${key}`, value]),
    ),
    problems: ambiguousNumbers(document),
    lineOf: (path) => {
      const offset = offsetOf(blocks, path);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

/** The stacks of the project: every Pulumi.<stack>.yaml. SIDE EFFECTS: reads a folder. */
export async function knownStacks(folder = projectRoot): Promise<string[]> {
  const names = (await readdir(folder)).flatMap((name) => /^Pulumi\.([\w-]+)\.yaml$/.exec(name)?.[1] ?? []);
  const usual = ['dev', 'staging', 'prod'];
  const rank = (name: string) => (usual.indexOf(name) + usual.length + 1) % (usual.length + 1);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

async function readText(stack: string, folder: string, file: string): Promise<string> {
  const known = await knownStacks(folder);
  if (!/^[\w-]+$/.test(stack) || !known.includes(stack)) {
    const near = nearest(stack, known);
    const fix = near === undefined ? 'Name one of these.' : `Did you mean ${near}?`;
    throw new CutoverError('CUT-1001', { stack, known: known.join(', ') || 'none', fix });
  }
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (cause) {
    throw new CutoverError('CUT-1002', { file, reason: messageOf(cause) }, { cause });
  }
}

/** One place in the text, with its line below. */
function complaint(file: string, text: string, lines: LineCounter, at: number, message: string): string {
  const { line, col } = lines.linePos(at);
  const source = text.split('\n')[line - 1] ?? '';
  const shown = source.length > 100 ? `${source.slice(0, 99)}…` : source;
  return `  ${file}:${line}:${col}  ${message}\n      ${shown.trim()}`;
}

/** What is wrong around the blocks: the part of the file that is Pulumi's. */
function outerProblems(document: Document.Parsed): { at: number; message: string }[] {
  const { contents } = document;
  if (!isMap(contents)) return [{ at: 0, message: 'holds no block called config' }];
  const problems = contents.items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : '';
    if (outerKeys.includes(name)) return [];
    const near = nearest(name, outerKeys);
    const hint = near === undefined ? `known are ${outerKeys.join(', ')}` : `did you mean ${near}?`;
    return [{ at: startOf(key) ?? 0, message: `${name} is not a key of a stack file; ${hint}` }];
  });
  const config = contents.get('config', true);
  if (problems.length === 0 && config === undefined) {
    return [{ at: 0, message: 'holds no block called config' }];
  }
  if (config !== undefined && !isMap(config)) {
    problems.push({ at: startOf(config) ?? 0, message: 'config is not a block of keys' });
  }
  return problems;
}

/** Numbers that this reader and the engine's take differently: 0777 is 777 to one and 511 to the other. */
function ambiguousNumbers(document: Document.Parsed): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(_, node, ancestors) {
      const { source, value } = node;
      if (typeof value !== 'number' || source === undefined || !/^[-+]?0[0-9a-zA-Z_]/.test(source)) return;
      const path = ancestors.flatMap((each, depth): (string | number)[] => {
        const child = ancestors[depth + 1] ?? node;
        if (isSeq(each)) return [each.items.indexOf(child)];
        return 'key' in each && isScalar(each.key) ? [String(each.key.value)] : [];
      });
      const [, block = '', ...rest] = path;
      problems.push({
        path: [String(block).replace(PREFIX, ''), ...rest],
        wrong: `is ${source}, which readers of YAML take for different numbers; write it in plain decimal`,
      });
    },
  });
  return problems;
}

/** Where the deepest part of a path that is there begins. */
function offsetOf(blocks: unknown, path: Path): number | undefined {
  let node = blocks;
  let found: number | undefined;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const names = depth === 0 ? [`${PREFIX}${step}`, String(step)] : [String(step)];
      const pair = node.items.find(({ key }) => isScalar(key) && names.includes(String(key.value)));
      if (pair === undefined) return found;
      found = startOf(pair.key) ?? found;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      found = startOf(node) ?? found;
    } else {
      return found;
    }
  }
  return found;
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly [number, number, number] | null } | undefined)?.range?.[0];
}
