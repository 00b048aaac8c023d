import { CutoverError } from '@cutover/base/errors.ts';

/** Refuses a component whose arguments are wrong, all problems at once, before anything is registered. */
export function refuseProblems(
  component: string,
  name: string,
  problems: readonly (string | undefined)[],
): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length === 0) return;
  const list = found.map((problem) => `  - ${problem}`).join('\n');
  throw new CutoverError('CUT-5400', { component, name, list });
}

/**
 * Names of components become parts of names in the cloud, the shortest of which may have 64 letters; what components
 * add needs half of them.
 */
export function nameProblem(name: string, most = 32): string | undefined {
  return /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= most
    ? undefined
    : `name: "${name}" must be small letters, digits and single hyphens, at most ${most} of them`;
}
