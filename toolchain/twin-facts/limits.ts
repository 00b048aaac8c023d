import type { Origin } from './names.ts';
import { fieldOf, follow, limitsFor, unknownShape, type Limits, type Shape } from './shape.ts';
import type { Fact, Facts } from './table.ts';

/** Arguments with the limits that the sources know of; the first source is believed where both tell of a pattern. */
export function limitInputs(inputs: Facts, roots: readonly (Shape | undefined)[], origin: Origin): Facts {
  const limitFields = (fields: Facts, shapes: readonly (Shape | undefined)[], path: string): Facts =>
    Object.fromEntries(
      Object.entries(fields).map(([name, fact]) => {
        const at = path === '' ? name : `${path}.${name}`;
        return [
          name,
          limitFact(
            fact,
            shapes.map((shape, i) => shapeAt(shape, roots[i], name, at, origin)),
            at,
          ),
        ];
      }),
    );
  const limitFact = (fact: Fact, shapes: readonly (Shape | undefined)[], path: string): Fact => {
    const alike = shapes.map((shape) => alikeOf(fact, shape));
    return {
      ...fact,
      ...limitsOf(fact, alike, origin.also?.[path] ?? []),
      ...(fact.items === undefined
        ? {}
        : {
            items: limitFact(
              fact.items,
              alike.map((shape) => shape?.items?.()),
              `${path}.*`,
            ),
          }),
      ...(fact.fields === undefined ? {} : { fields: limitFields(fact.fields, alike, path) }),
    };
  };
  return limitFields(inputs, roots, '');
}

/** Arguments whose change replaces the resource. A region is one: nothing moves between regions. */
export function replacedBy(
  inputs: Facts,
  createOnly: readonly string[],
  root: Shape | undefined,
  origin: Origin,
): string[] {
  const fixed = createOnly.map((path) => root && follow(root, path)).filter((shape) => shape !== undefined);
  return Object.keys(inputs).filter((name) => {
    if (name === 'region' || origin.replaces?.includes(name) === true) return true;
    if (origin.updates?.includes(name) === true) return false;
    const shape = root && shapeAt(root, root, name, name, origin);
    return shape !== undefined && fixed.includes(shape);
  });
}

/**
 * A shape as far as it tells of the argument. Terraform has lists of one where the API has an object, and Pulumi has
 * objects where Terraform allows a list of one.
 */
function alikeOf(fact: Fact, shape: Shape | undefined): Shape | undefined {
  if (shape?.type === fact.type) return shape;
  if (fact.type === 'list' && shape?.type === 'object') return { ...unknownShape(), items: () => shape };
  const one = fact.type === 'object' && shape?.type === 'list' ? shape.items?.() : undefined;
  return one?.type === 'object' ? one : undefined;
}

function shapeAt(
  around: Shape | undefined,
  root: Shape | undefined,
  name: string,
  path: string,
  origin: Origin,
): Shape | undefined {
  const renamed = origin.names?.[path];
  if (renamed === false) return undefined;
  const found = renamed === undefined || root === undefined ? undefined : follow(root, renamed);
  return found ?? fieldOf(around, name);
}

function limitsOf(
  fact: Fact,
  shapes: readonly (Shape | undefined)[],
  also: readonly (string | number)[],
): Limits {
  const told = shapes.flatMap((shape) => (shape === undefined ? [] : [shape.limits]));
  const enums = told.flatMap((limits) => (limits.enum === undefined ? [] : [limits.enum]));
  const least = (key: 'minLength' | 'min' | 'minItems'): number | undefined => loosest(told, key, Math.min);
  const most = (key: 'maxLength' | 'max' | 'maxItems'): number | undefined => loosest(told, key, Math.max);
  // An optional text that is empty, like an optional list, counts as not given.
  const atLeast = fact.required === true ? 1 : 2;
  const above = (bound = 0): number | undefined => (bound < atLeast ? undefined : bound);
  return limitsFor(fact.type, {
    enum: enums.length === 0 ? undefined : [...new Set([...enums.flat(), ...also])].sort(ascending),
    pattern: told.find(({ pattern }) => pattern !== undefined)?.pattern,
    minLength: above(least('minLength')),
    maxLength: most('maxLength'),
    min: least('min'),
    max: most('max'),
    minItems: above(least('minItems')),
    maxItems: most('maxItems'),
  });
}

/** The looser of two bounds: one source may lag behind the other. */
function loosest(
  told: readonly Limits[],
  key: 'minLength' | 'maxLength' | 'min' | 'max' | 'minItems' | 'maxItems',
  choose: (...bounds: number[]) => number,
): number | undefined {
  const bounds = told.flatMap((limits) => limits[key] ?? []);
  return bounds.length === 0 ? undefined : choose(...bounds);
}

function ascending(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one) < String(other) ? -1 : 1;
}
