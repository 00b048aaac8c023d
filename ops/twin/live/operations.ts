import type { Place } from '../kind.ts';

/** What is answered: a status, and what is sent as JSON. */
export type Answer = readonly [status: number, body: object];

/** A call of AWS's JSON protocol. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly place: Place;
}

/** Calls by their targets: `AmazonSSM.GetParameter`. */
export type Operations = Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>>;

/** A no in the form of AWS's JSON protocol. */
export function refused(type: string, message: string): Answer {
  return [400, { __type: type, message }];
}
