import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { findSecret } from '@cutover/base/secret-looking.ts';
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
  const document = parseDocument(text, {
    ...{ lineCounter: lines, merge: true, prettyErrors: false },
    // What it would only warn of on standard error is refused as a key that is not known.
    logLevel: 'error',
  });
  const refuseFor = (complaints: readonly Complaint[]): void => {
    if (complaints.length === 0) return;
    const list = complaints.map((each) => placed(each, file, text, lines)).join('\n');
    throw new CutoverError('CUT-1003', { file, list });
  };
  refuseFor(
    document.errors.map(({ pos, message, code }) => ({ at: pos[0], message: ownWords[code] ?? message })),
  );
  refuseFor([...outerProblems(document), ...aliasProblems(document)]);
  const { contents } = document;
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
  const bytes = await readFile(join(folder, file)).catch((cause: unknown) => {
    throw new CutoverError('CUT-1002', { file, reason: messageOf(cause) }, { cause });
  });
  const text = utf8(bytes);
  if (text === undefined) {
    throw new CutoverError('CUT-1002', { file, reason: 'it is not text in UTF-8; save it as that' });
  }
  return text;
}

/** The text; undefined for UTF-16 and whatever else an editor or a mishap may have left, which is not searched for YAML. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** What is wrong at one place of the text. */
interface Complaint {
  readonly at: number;
  readonly message: string;
}

// Where the library speaks to whoever calls it.
const ownWords: Readonly<Partial<Record<string, string>>> = {
  MULTIPLE_DOCS: 'a second document begins here; a stack file is one',
};

/** A complaint with its place in front, and its line below. */
function placed({ at, message }: Complaint, file: string, text: string, lines: LineCounter): string {
  const { line, col } = lines.linePos(at);
  const source = (text.split('\n')[line - 1] ?? '').trim();
  const shown = source.length > 100 ? `${source.slice(0, 99)}…` : source;
  const [told, below] = holdsSecret(source)
    ? ['cannot be read', '(not shown: it seems to hold a secret)']
    : [message, shown.replaceAll(/\p{Cc}/gu, '�')];
  return `  ${file}:${line}:${col}  ${told}\n      ${below}`;
}

/** Whether a line that could not be taken apart seems to hold a secret: as a word of it, or as all behind its key. */
function holdsSecret(line: string): boolean {
  const words = line.split(/[\s'",[\]{}]+/).map((word) => word.replace(/^\W+/, ''));
  const value = line.slice(line.indexOf(': ') + 1).replaceAll(/['"]/g, '');
  return [...words, value].some((each) => findSecret(each) !== undefined);
}

/** What is wrong around the blocks: the part of the file that is Pulumi's. */
function outerProblems(document: Document.Parsed): Complaint[] {
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

/** Aliases (`*name`) that cannot be followed to an end. */
function aliasProblems(document: Document.Parsed): Complaint[] {
  const problems: Complaint[] = [];
  visit(document, {
    Alias(_, alias, ancestors) {
      const meant = alias.resolve(document);
      const at = startOf(alias) ?? 0;
      const name = alias.source;
      if (meant === undefined)
        problems.push({ at, message: `*${name} stands for nothing: no &${name} comes before it` });
      else if (ancestors.includes(meant))
        problems.push({ at, message: `*${name} is part of what it stands for` });
    },
  });
  return problems.length > 0 || canBeWrittenOut(document)
    ? problems
    : [{ at: 0, message: 'its aliases (*name) stand for far more than it holds itself' }];
}

/** Whether what aliases stand for is not multiplied by aliases in it, over and over. */
function canBeWrittenOut(document: Document.Parsed): boolean {
  try {
    document.toJS();
    return true;
  } catch {
    return false;
  }
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
