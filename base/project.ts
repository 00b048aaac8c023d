import { dirname, isAbsolute, join, relative } from 'node:path';

/** The folder that holds Pulumi.yaml. Programs, providers and commands run in different folders; this is the same in all. */
export const projectRoot = dirname(import.meta.dirname);

/** Everything that is made at run time and git ignores: tools, state, processes, secrets. */
export const runtimeFolder = join(projectRoot, '.cutover');

/** A path of the project, made absolute. An absolute path stays as it is. */
export function fromRoot(path: string): string {
  return isAbsolute(path) ? path : join(projectRoot, path);
}

/** A path as it is kept in state and printed: relative to the project where it lies inside, so that clones agree. */
export function toRoot(path: string): string {
  const inside = relative(projectRoot, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}
