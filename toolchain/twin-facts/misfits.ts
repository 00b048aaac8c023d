import type { Origin } from './names.ts';
import { replacedBy } from './limits.ts';
import { follow, type Shape } from './shape.ts';
import type { Fact, Facts } from './table.ts';

/** What was found for one type. */
export interface Found {
  readonly schema: Shape | undefined;
  readonly input: Shape | undefined;
  readonly createOnly: readonly string[];
}

/** What is written by hand and fits nothing any more: it would be passed over in silence. */
export function misfits(key: string, inputs: Facts, origin: Origin, found: Found): string[] {
  const { replaces = [], updates = [], names = {}, also = {}, cloudFormation, api } = origin;
  const { schema, input, createOnly } = found;
  const alone = replacedBy(inputs, createOnly, schema, { ...origin, replaces: [], updates: [] });
  const leads = (path: string): boolean =>
    [schema, input].some((shape) => shape && follow(shape, path) !== undefined);
  return [
    ...(cloudFormation !== undefined && schema === undefined ? [`there is no ${cloudFormation}`] : []),
    ...(api !== undefined && input === undefined ? [`there is no ${api}`] : []),
    ...[...replaces, ...updates, ...Object.keys(names), ...Object.keys(also)]
      .filter((path) => argumentAt(inputs, path) === undefined)
      .map((path) => `there is no argument ${path}`),
    ...Object.entries(names)
      .filter(([, path]) => path !== false && !leads(path))
      .map(([argument, path]) => `${argument} is called ${String(path)}, which is nowhere`),
    ...replaces.filter((name) => alone.includes(name)).map((name) => `${name} is create-only by itself`),
    ...updates.filter((name) => !alone.includes(name)).map((name) => `${name} is not create-only`),
  ].map((what) => `${key}: ${what}`);
}

function argumentAt(inputs: Facts, path: string): Fact | undefined {
  return path
    .split('.')
    .reduce<Fact | undefined>((at, name) => (name === '*' ? at?.items : at?.fields?.[name]), {
      type: 'object',
      fields: inputs,
    });
}
