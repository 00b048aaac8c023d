import { z } from 'zod';
import type { Path } from './show.ts';

type Schema = z.core.$ZodType;
type Shape = Readonly<Record<string, Schema>>;

/** The schema that a value at this path must satisfy; undefined where nothing is known. `value` decides unions. */
export function schemaAt(schema: Schema, path: Path, value: unknown): Schema | undefined {
  const here = branchFor(schema, value);
  const [step, ...rest] = path;
  if (step === undefined) return here;
  const inside = own(value, step);
  if (here instanceof z.ZodObject) {
    const next = own(here.shape, step) as Schema | undefined;
    return next && schemaAt(next, rest, inside);
  }
  if (here instanceof z.ZodArray) return schemaAt(here.element, rest, inside);
  if (here instanceof z.ZodRecord) return schemaAt(here.valueType, rest, inside);
  return undefined;
}

/** The keys that a block of this schema may have; undefined when it is not a block, or takes any name. */
export function keysOf(schema: Schema | undefined): readonly string[] | undefined {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined;
}

/** What a schema says about itself. */
export function aboutOf(schema: Schema | undefined): { description?: string; example?: unknown } {
  for (let each = schema; each !== undefined; each = inner(each)) {
    const meta = z.globalRegistry.get(each) as z.GlobalMeta & { examples?: readonly unknown[] };
    if (meta?.description !== undefined || meta?.examples !== undefined) {
      return {
        ...(meta.description === undefined ? {} : { description: meta.description }),
        ...(meta.examples?.[0] === undefined ? {} : { example: meta.examples[0] }),
      };
    }
  }
  return {};
}

/** A value that the schema would take: its own example, or one built of the examples of its parts. */
export function exampleOf(schema: Schema | undefined): unknown {
  if (schema === undefined) return undefined;
  const { example } = aboutOf(schema);
  if (example !== undefined) return example;
  const bare = bareOf(schema);
  if (bare instanceof z.ZodObject) {
    return Object.fromEntries(
      Object.entries(bare.shape as Shape).map(([key, part]) => [key, exampleOf(part)] as const),
    );
  }
  if (bare instanceof z.ZodArray) return [exampleOf(bare.element)];
  if (bare instanceof z.ZodRecord) return { name: exampleOf(bare.valueType) };
  if (bare instanceof z.ZodUnion) return exampleOf(bare.options[0]);
  if (bare instanceof z.ZodLiteral) return bare.value;
  return undefined;
}

/** The value below a key, if it is there: what an object inherits does not count. */
export function own(value: unknown, step: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? (value as Record<string | number, unknown>)[step]
    : undefined;
}

/** The value at a path. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(own, value);
}

/** Looks through optional and default, and chooses the branch of a union that the value is nearest to. */
export function branchFor(schema: Schema, value: unknown): Schema {
  const bare = bareOf(schema);
  if (!(bare instanceof z.ZodUnion)) return bare;
  const options = (bare.options as readonly Schema[]).map(bareOf);
  const kind = own(value, 'kind');
  const chosen =
    options.find((option) => option instanceof z.ZodObject && takes(option.shape['kind'] as Schema, kind)) ??
    (typeof value === 'object' && value !== null
      ? options.find((option) => option instanceof z.ZodUnion)
      : undefined);
  if (chosen === undefined) return bare;
  return chosen instanceof z.ZodUnion ? branchFor(chosen, value) : chosen;
}

function takes(schema: Schema | undefined, value: unknown): boolean {
  return schema instanceof z.ZodLiteral && schema.values.has(value as string);
}

function bareOf(schema: Schema): Schema {
  const next = inner(schema);
  return next === undefined ? schema : bareOf(next);
}

function inner(schema: Schema): Schema | undefined {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? schema.unwrap()
    : undefined;
}
