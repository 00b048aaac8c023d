import { bytesOfAddress, programAddress } from '../address.ts';
import { unknownName } from './instructions.ts';
import type { AccountShape, ProgramInterface } from './interface.ts';
import { readFields, widthOfFields, type Values } from './values.ts';

/** An account of a program, or why its bytes cannot be read. */
export type ReadAccount =
  | { readonly kind: string; readonly layout: number; readonly values: Values }
  /** Its kind is known, and its layout is not: a newer release wrote it. */
  | { readonly kind: string; readonly layout: number; readonly values?: undefined }
  | { readonly kind?: undefined; readonly layout?: undefined; readonly values?: undefined };

/** Reads an account by its tag and the layout that it says it has. That the program owns it is for the caller to see. */
export function readAccount({ accounts }: ProgramInterface, data: Uint8Array): ReadAccount {
  for (const [kind, shape] of accounts) {
    if (!startsWith(data, shape.tag)) continue;
    const layout = layoutOf(shape, data);
    if (layout === undefined) return {};
    const fields = shape.layouts.get(layout);
    const start = startOfFields(shape);
    if (fields === undefined) return { kind, layout };
    if (data.length < start + widthOfFields(fields)) return {};
    return { kind, layout, values: readFields(fields, data.subarray(start)) };
  }
  return {};
}

/** The size of an account in a layout, so that accounts can be looked for by it. */
export function sizeOf(description: ProgramInterface, kind: string, layout: number): number {
  const shape = shapeOf(description, kind);
  return startOfFields(shape) + widthOfFields(shape.layouts.get(layout) ?? []);
}

/** Where an account is: `values` fill the names in braces of its seeds, addresses as their bytes and text padded. */
export function accountAddress(
  description: ProgramInterface,
  program: string,
  kind: string,
  values: Readonly<Record<string, string>> = {},
): string {
  const seeds = shapeOf(description, kind).seeds.map((seed) => {
    const name = /^\{(\w+)\}$/.exec(seed)?.[1];
    if (name === undefined) return new TextEncoder().encode(seed);
    const value = values[name];
    if (value === undefined)
      throw unknownName(description, `value for the seeds of ${kind}`, name, Object.keys(values));
    return bytesOfAddress(value) ?? padded(value);
  });
  return programAddress(seeds, program).address;
}

/** The accounts that a release cannot read, by kind and layout; empty where it can go on with what there is. */
export function unknownTo(
  { releases }: ProgramInterface,
  release: string,
  found: readonly { readonly kind: string; readonly layout: number }[],
): readonly { readonly kind: string; readonly layout: number }[] {
  const known = releases.get(release);
  return found.filter(({ kind, layout }) => known?.get(kind)?.includes(layout) !== true);
}

/** The bytes that all accounts of a kind begin with. */
export function tagOfAccount(description: ProgramInterface, kind: string): Uint8Array {
  return shapeOf(description, kind).tag;
}

function shapeOf(description: ProgramInterface, kind: string): AccountShape {
  const shape = description.accounts.get(kind);
  if (shape === undefined)
    throw unknownName(description, 'kind of account', kind, description.accounts.keys());
  return shape;
}

// The byte with the layout's number, where there is one, stands between tag and fields.
function startOfFields({ tag, versionAt }: AccountShape): number {
  return tag.length + (versionAt === undefined ? 0 : 1);
}

function layoutOf(shape: AccountShape, data: Uint8Array): number | undefined {
  if (shape.versionAt !== undefined) return data[shape.versionAt];
  const start = startOfFields(shape);
  return [...shape.layouts].find(([, fields]) => start + widthOfFields(fields) === data.length)?.[0];
}

function startsWith(data: Uint8Array, tag: Uint8Array): boolean {
  return tag.every((byte, at) => data[at] === byte);
}

// Seeds of text have the length that they have in accounts: 16 bytes.
function padded(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(text).subarray(0, 16));
  return bytes;
}
