import type { Found, Part } from './part.ts';

/** What parts of all kinds are made with. */
export interface Room {
  readonly account: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** How parts of one kind are found, made and mended. Each does one thing, and again does no harm. */
export interface PartKind {
  readonly find: (part: Part) => Promise<Found>;
  /** Makes it as far as AWS can in one call; settings come after. Returns what AWS named it. */
  readonly create: (part: Part) => Promise<string | undefined>;
  /** Sets one setting. `id` is what AWS named the part. */
  readonly set: (part: Part, setting: string, id: string | undefined) => Promise<void>;
}

/** Whether tags say that something is of the foundation of this environment. */
export function isOurs(tags: Readonly<Record<string, string>>, room: Room): boolean {
  return Object.entries(room.tags).every(([key, value]) => tags[key] === value);
}

/** Tags as AWS lists them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags as AWS lists them, as a map. */
export function tagMap(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
