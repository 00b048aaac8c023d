import { z } from 'zod';
import type { ConfigValues } from './schema.ts';
import { branchFor, own } from './schema-walk.ts';

/** A value of which any part may be missing, because what stood there is wrong. */
export type Draft<T> = T extends readonly (infer Each)[]
  ? readonly (Draft<Each> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

export type ConfigDraft = Draft<ConfigValues>;

/**
 * What of a wrong value is right, with defaults filled in. So the rules that look at several blocks are checked even
 * when one block has a mistake, and all mistakes are told at once.
 */
export function draftOf(schema: z.core.$ZodType, value: unknown): unknown {
  const branch = branchFor(schema, value);
  if (branch instanceof z.ZodObject && isBlock(value)) {
    return mapValues(branch.shape as Record<string, z.core.$ZodType>, (part, key) =>
      draftOf(part, own(value, key)),
    );
  }
  if (branch instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((each) => draftOf(branch.element, each));
  }
  if (branch instanceof z.ZodRecord && isBlock(value)) {
    return mapValues(value, (each) => draftOf(branch.valueType, each));
  }
  const parsed = z.safeParse(schema, value);
  return parsed.success ? parsed.data : undefined;
}

function isBlock(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues<T>(
  values: Readonly<Record<string, T>>,
  map: (value: T, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}
