import type { HeldMap } from '../../../../ops/twin/held.ts';
import type { World } from './world.ts';

/** Arguments that are put over right ones; `undefined` leaves one out. */
export type Changes = Readonly<Record<string, HeldMap[string] | undefined>>;

/** Something that AWS refuses, as it was met by somebody or is written in its documentation. */
interface Known {
  /** What was done, in words. */
  readonly what: string;
  /** The text of AWS, or of the provider that speaks for it, word for word. */
  readonly quote: string;
  /** The page or the thread that has it. */
  readonly source: string;
  /** What the twin says, word for word; what is made up by chance is `…`. */
  readonly says: string;
  /** When: before anything is sent, or by the call itself. */
  readonly at: 'preview' | 'update';
}

/** A resource that is asked for with a mistake in its arguments. */
export interface WrongArguments extends Known {
  readonly doing: 'create';
  readonly type: string;
  /** The arguments as they would be taken. */
  readonly right: (world: World) => HeldMap;
  readonly wrong: (world: World) => Changes;
  /** What has happened before, beside the world. */
  readonly before?: (world: World) => Promise<unknown>;
}

/** A resource that is deleted too early. */
export interface TooEarly extends Known {
  readonly doing: 'delete';
  /** Its name in the world. */
  readonly name: string;
  /** What makes it go. */
  readonly mend: (world: World) => Promise<unknown>;
}

export type Mistake = WrongArguments | TooEarly;

/** The mistakes about one service. */
export interface Chapter {
  readonly service: string;
  readonly mistakes: readonly Mistake[];
}
