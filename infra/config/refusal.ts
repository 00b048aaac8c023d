import { CutoverError } from '@cutover/base/errors.ts';
import type { Problem } from './problems.ts';
import { showPath, type Path } from './show.ts';

/** The one error that tells everything that is wrong with a stack file, in the order of its lines. */
export function refusal(
  file: string,
  problems: readonly Problem[],
  lineOf: (path: Path) => number | undefined = () => undefined,
): CutoverError {
  const placed = problems.map((problem) => ({ ...problem, line: lineOf(problem.path) }));
  placed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const list = placed.map(({ path, wrong, example, line }) =>
    [
      `  ${showPath(path)}${line === undefined ? '' : ` (line ${line})`}`,
      `      ${wrong}`,
      // A block's own name has its prefix in YAML.
      ...(example === undefined
        ? []
        : [`      for example   ${path.length === 1 ? 'cutover:' : ''}${example}`]),
    ].join('\n'),
  );
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  return new CutoverError('CUT-1000', { file, count, list: list.join('\n') });
}

/** Each problem once; and of a secret only that it is one, whatever else may be wrong with it. */
export function withoutRepetition(problems: readonly Problem[], secrets: readonly Problem[]): Problem[] {
  const hidden = secrets.map(({ path }) => path);
  const seen = new Set<string>();
  return [
    ...secrets,
    ...problems.filter(({ path }) => !hidden.some((secret) => isWithin(path, secret))),
  ].filter((problem) => {
    const key = JSON.stringify(problem);
    return seen.has(key) ? false : seen.add(key);
  });
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((step, index) => path[index] === step);
}
