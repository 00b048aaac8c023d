import type { StorageVariable } from './layout.ts';

/** From good to bad; `unknown` is what could not be looked at. */
export const verdicts = ['safe', 'risky', 'unknown', 'breaks'] as const;
export type LayoutVerdict = (typeof verdicts)[number];

export type FindingKind =
  | 'added'
  | 'removed'
  | 'renamed'
  | 'moved'
  | 'retyped'
  | 'replaced'
  | 'resized'
  | 'reordered'
  | 'shared'
  | 'clash'
  | 'not understood';

/** Where something lies. What mappings and lists lead to has no slot of its own: `inside` counts from its start. */
export interface Place {
  readonly slot: bigint;
  readonly offset: number;
  readonly inside?: { readonly slot: bigint; readonly offset: number };
}

/** One thing that differs between two layouts, with what it means for what is stored. */
export interface LayoutFinding extends Place {
  readonly verdict: LayoutVerdict;
  readonly kind: FindingKind;
  /** `Vault.accounts[*].balance`, or `example.main.total` in a namespace. */
  readonly path: string;
  /** `uint128 -> uint256`, `slot 3 -> 4`: what is different. */
  readonly change: string;
  /** What it means, in words. */
  readonly what: string;
  /** Where it was, if that is what differs. */
  readonly was?: Place;
}

export function worst(all: readonly LayoutVerdict[]): LayoutVerdict {
  return verdicts[Math.max(0, ...all.map((verdict) => verdicts.indexOf(verdict)))] ?? 'safe';
}

/** Where a struct's members or an area's variables are counted from. */
export type Origin =
  | { readonly kind: 'at'; readonly slot: bigint }
  | { readonly kind: 'inside'; readonly place: Place; readonly slot: bigint };

export function placeOf({ slot, offset }: Pick<StorageVariable, 'slot' | 'offset'>, origin: Origin): Place {
  if (origin.kind === 'at') return { slot: origin.slot + slot, offset };
  return {
    slot: origin.place.slot,
    offset: origin.place.offset,
    inside: { slot: origin.slot + slot, offset },
  };
}

/** `3`, or `3+16` for what does not begin its slot. */
export function printPosition({ slot, offset }: { readonly slot: bigint; readonly offset: number }): string {
  return `${slot}${offset === 0 ? '' : `+${offset}`}`;
}

/**
 * The one text that allows a finding: `moved:Vault.total:slot 3 -> 4`. It holds what changes into what, so that it
 * allows this change and no later one of the same variable.
 */
export function allowanceFor({ kind, path, change }: LayoutFinding): string {
  return `${kind}:${path}:${change}`;
}
