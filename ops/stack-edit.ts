import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument, type Node } from 'yaml';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';

/**
 * Replaces one plain value in the text of a stack file. Everything else stays as it is, comments and layout too.
 * `path` begins with the block's name without `cutover:`.
 */
export function withValue(
  file: string,
  text: string,
  path: readonly string[],
  value: string | boolean,
): string {
  const [block = '', ...rest] = path;
  const document = parseDocument(text);
  // The engine reads a name without a colon as one of this project's.
  const names = [`cutover:${block}`, block];
  const node = names
    .map((name) => document.getIn(['config', name, ...rest], true) as Node | undefined)
    .find((each) => each !== undefined);
  const range = isScalar(node) ? node.range : undefined;
  if (range === undefined || range === null || !isMap(document.contents)) {
    throw new CutoverError('CUT-5111', { file, key: `cutover:${path.join('.')}` });
  }
  return text.slice(0, range[0]) + String(value) + text.slice(range[1]);
}

/**
 * Sets one value of a stack's file, if it has another. The file is checked with the new value first, and is written whole.
 * SIDE EFFECTS: writes Pulumi.<stack>.yaml.
 */
export async function setStackValue(
  stack: string,
  path: readonly string[],
  value: string | boolean,
  folder = projectRoot,
): Promise<void> {
  const file = `Pulumi.${stack}.yaml`;
  const before = await readFile(join(folder, file), 'utf8');
  const text = withValue(file, before, path, value);
  if (text === before) return;
  const [{ parseStackFile }, { readConfig }] = await Promise.all([
    import('./stack-file.ts'),
    import('../infra/config.ts'),
  ]);
  const { values, problems, lineOf } = parseStackFile(file, text);
  readConfig(values, { stack, file, problems, lineOf });
  await writeFileAtomic(join(folder, file), text).catch((cause: unknown) => {
    const what = { file, key: `cutover:${path.join('.')}`, value: String(value) };
    throw new CutoverError('CUT-5118', { ...what, message: messageOf(cause) }, { cause });
  });
}
