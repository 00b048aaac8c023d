import type { CloudView, Kind, Place, Question, Refusal, Thing, Values } from '../../../../ops/twin/kind.ts';

/** Where things of the tests are, unless told otherwise. */
export const here: Place = { account: '123456789012', region: 'us-east-1' };

/** A thing as a test tells of it. */
export interface FakeThing extends Partial<Place> {
  readonly type: string;
  readonly id: string;
  readonly inputs?: Values;
  readonly outputs?: Values;
  readonly readyMs?: number;
}

/** A cloud that holds what it is given; it is up and nothing in it changes. */
export function fakeCloud(things: readonly FakeThing[] = [], now = 1_000_000): CloudView {
  const held = things.map(thing);
  return {
    now,
    get: (type, id, place) => held.find((each) => each.type === type && each.id === id && isIn(each, place)),
    byArn: (arn) => held.find((each) => each.outputs['arn'] === arn || each.id === arn),
    all: (type, place) => held.filter((each) => each.type === type && isIn(each, place)),
  };
}

/** A thing with everything that a view of the cloud shows. */
export function thing(given: FakeThing): Thing {
  return { ...here, inputs: {}, outputs: {}, createdMs: 0, readyMs: 0, ...given };
}

/** A question about arguments, in a cloud that holds some things. */
export function ask(
  inputs: Values,
  rest: {
    readonly things?: readonly FakeThing[];
    readonly unknown?: readonly string[];
    readonly before?: FakeThing;
    readonly place?: Place;
    readonly name?: string;
    /** Asked in preview, where what is there may still come or go. */
    readonly preview?: true;
  } = {},
): Question {
  const question = {
    place: rest.place ?? here,
    name: rest.name ?? 'thing',
    inputs,
    unknown: new Set(rest.unknown ?? []),
    cloud: fakeCloud(rest.things),
    ...(rest.preview !== true && { calling: true as const }),
  };
  return rest.before === undefined ? question : { ...question, before: thing(rest.before) };
}

/** The kind of a type. */
export function kindOf(kinds: readonly Kind[], type: string): Kind {
  const found = kinds.find((kind) => kind.type === type);
  if (found === undefined) throw new Error(`no kind ${type}`);
  return found;
}

/** What a kind says about arguments, its own defaults filled in first. */
export function refusals(kind: Kind, question: Question): readonly Refusal[] {
  const inputs = { ...kind.defaults?.(question.inputs), ...question.inputs };
  return kind.check?.({ ...question, inputs }) ?? [];
}

/** The same as `code: message`, one a refusal. */
export function said(kind: Kind, question: Question): readonly string[] {
  return refusals(kind, question).map(({ code, message }) => `${code}: ${message}`);
}

/** Makes the thing that a kind would make of arguments. */
export function made(kind: Kind, question: Question, random = '0123456789abcdef'): Thing {
  const inputs = { ...kind.defaults?.(question.inputs), ...question.inputs };
  const asked = { ...question, inputs };
  const id = kind.id(asked, random);
  const arn = kind.arn?.(asked, id);
  return {
    ...question.place,
    type: kind.type,
    id,
    inputs,
    outputs: { ...kind.outputs(asked, id), ...(arn === undefined ? {} : { arn }) },
    createdMs: 0,
    readyMs: 0,
  };
}

function isIn(thing: Thing, place: { readonly account: string; readonly region?: string }): boolean {
  return thing.account === place.account && (place.region === undefined || thing.region === place.region);
}
