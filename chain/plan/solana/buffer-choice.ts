import type { ObservedAccount } from './program-facts.ts';

/** A place where a build's buffer could be, and what is there. */
export interface BufferPlace {
  readonly address: string;
  readonly account: ObservedAccount | undefined;
}

/**
 * Chooses among the places of a build, in their order: one that was handed over to whoever will use it and holds the
 * build, else the first that is free or still ours. Undefined when each is somebody else's.
 */
export function chooseBuffer(
  places: readonly BufferPlace[],
  build: Uint8Array,
  writer: string,
  user: string | undefined,
): BufferPlace | undefined {
  const belongsTo = ({ account }: BufferPlace, authority: string): boolean =>
    account?.content.kind === 'buffer' && account.content.authority === authority;
  // What was handed over cannot be written any more, so a buffer with other bytes is of no use.
  const holdsBuild = ({ account }: BufferPlace): boolean =>
    account?.content.kind === 'buffer' && Buffer.compare(account.content.bytes, build) === 0;
  return (
    places.find(
      (place) => user !== undefined && user !== writer && belongsTo(place, user) && holdsBuild(place),
    ) ?? places.find((place) => place.account === undefined || belongsTo(place, writer))
  );
}
